//! The comparison of two releases: JSON that keeps to its schema, and texts that stay texts.
#![allow(clippy::unwrap_used)]

use boon::{Compiler, Schemas};
use model::Timestamp;
use report::diff::{
    Component, ComponentsFrom, Declaration, Diff, Retest, Seen, Side, Verdict, json, json_schema, markdown,
    terminal,
};
use report::presentation::{Step, Verb};

const PUBLISHED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/diff.schema.json");

fn sample() -> Diff {
    let side = |release: &str, record| Side {
        release: release.into(),
        record,
        at: Timestamp::parse("2026-11-24T02:35:54Z").unwrap(),
        ruleset: 3,
    };
    Diff {
        product: "Plug".into(),
        old: side("1.4.2", Some(35)),
        new: side("1.5.0", None),
        declarations: vec![Declaration {
            file: "ixit/28-LogIntf.toml".into(),
            table: "LogIntf".into(),
            entry: "LogIntf-HTTPS".into(),
            field: "facts.port".into(),
            old: Some("443".into()),
            new: Some("8443".into()),
        }],
        surface: vec![Seen {
            target: "dut".into(),
            probe: "net.tcp-ports".into(),
            place: "lan".into(),
            of: "port 23/tcp".into(),
            old: None,
            new: Some("open".into()),
        }],
        unmeasured: vec!["web.page at dut from lan: not measured for 1.5.0".into()],
        components_from: ComponentsFrom::SoftComp,
        components: vec![Component { name: "mbedtls".into(), old: Some("3.6.1".into()), new: None }],
        verdicts: vec![Verdict {
            instance: "5.6-1-2c".into(),
            old: Some("pass".into()),
            new: Some("fail".into()),
            because: "23/tcp is open and not declared".into(),
        }],
        retest: vec![Retest {
            instance: "5.5-1-2a @ SecComMech-HTTPS".into(),
            provision: "5.5-1".into(),
            because: "the port of LogIntf-HTTPS changed".into(),
            next: Some(Step { verb: Verb::Observe, text: "run tls.server-offer".into(), command: None }),
        }],
        open: 1,
    }
}

#[test]
fn the_published_schema_is_the_one_in_the_program() {
    expect_test::expect_file![PUBLISHED].assert_eq(&format!("{:#}\n", json_schema()));
}

#[test]
fn the_document_keeps_to_the_schema() {
    let mut schemas = Schemas::new();
    let mut compiler = Compiler::new();
    compiler.add_resource("diff.schema.json", json_schema()).unwrap();
    let index = compiler.compile("diff.schema.json", &mut schemas).unwrap();
    let mut document = json(&sample());
    assert_eq!((&document["document"], &document["version"]), (&"assay-diff".into(), &1.into()));
    schemas.validate(&document, index).unwrap();
    document["open"] = "one".into();
    assert!(schemas.validate(&document, index).is_err());
}

#[test]
fn the_terminal_tells_what_was_and_what_is() {
    let expected = expect_test::expect![[r#"
        Plug: 1.4.2 → 1.5.0
          1.4.2  as recorded in 35, for 2026-11-24T02:35:54Z, by rule set 3
          1.5.0  as judged for 2026-11-24T02:35:54Z, by rule set 3

        Declarations: 1
          LogIntf / LogIntf-HTTPS / facts.port
            443 → 8443

        Surface: 1
          dut from lan: port 23/tcp: – → open
          ? web.page at dut from lan: not measured for 1.5.0

        Components (6-SoftComp): 1
          mbedtls  3.6.1 → –

        Verdicts: 1
          5.6-1-2c  pass → fail
            23/tcp is open and not declared

        To be retested: 1
          5.5-1-2a @ SecComMech-HTTPS  the port of LogIntf-HTTPS changed
            → run tls.server-offer

        Never decided for 1.5.0: 1 unit instance
    "#]];
    expected.assert_eq(&terminal(&sample(), false));
}

#[test]
fn hostile_values_break_no_line_and_no_table() {
    let mut told = sample();
    let hostile = || Some("a | b\n\u{1b}[2J<script>\u{202e}".to_owned());
    (told.declarations[0].new, told.surface[0].new, told.components[0].new) = (hostile(), hostile(), hostile());
    for text in [terminal(&told, false), markdown(&told)] {
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
    }
    let page = markdown(&told);
    assert!(!page.contains("<script>") && !page.contains("a | b"), "{page}");
}
