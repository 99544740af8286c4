//! The gate in its three forms: lines for a terminal, JSON that keeps to its schema, JUnit XML that hides nothing.
#![allow(clippy::unwrap_used)]

mod markup;

use boon::{Compiler, Schemas};
use markup::{Piece, inner, pieces};
use model::{Edition, Outcome, Timestamp};
use report::gate::{Against, Clause, Condition, Gate, Met, Provision, json, json_schema, junit, terminal};
use report::presentation::{Exit, Step, Verb};

const PUBLISHED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/gate.schema.json");

fn provision(id: &str, outcome: Outcome, against: &[&str]) -> Provision {
    Provision {
        id: id.into(),
        mandatory: id != "5.1-3",
        summary: format!("what {id} asks"),
        outcome,
        standing: "claimed".into(),
        because: format!("why {id}"),
        against: against.iter().map(|a| (*a).to_owned()).collect(),
    }
}

fn sample() -> Gate {
    let condition = |id: &str, met, because: &str, against| Condition {
        id: id.into(),
        asks: format!("{id} holds"),
        met,
        because: because.into(),
        against,
    };
    let open = Against {
        about: "5.1-2".into(),
        provision: Some("5.1-2".into()),
        because: "open: 3 of 4 unit instances are undecided".into(),
        next: Some(Step {
            verb: Verb::Observe,
            text: "run auth.guessing".into(),
            command: Some("assay observe".into()),
        }),
    };
    Gate {
        product: "Plug".into(),
        model: "P-1".into(),
        release: "1.4.2".into(),
        edition: Edition::V3_1_3,
        at: Timestamp::parse("2026-11-24T02:35:54.768Z").unwrap(),
        ruleset: 3,
        tool: "assay 0.1.0".into(),
        passes: false,
        conditions: vec![
            condition("ledger", Met::Yes, "12 records", vec![]),
            condition("mandatory", Met::No, "1 mandatory provision does not pass", vec![open]),
            condition("reviewed", Met::Unknown, "not looked at", vec![]),
        ],
        clauses: vec![Clause {
            id: "5.1".into(),
            title: "No universal default passwords".into(),
            provisions: vec![
                provision("5.1-1", Outcome::Pass, &[]),
                provision("5.1-2", Outcome::Open, &["mandatory"]),
                provision("5.1-3", Outcome::NotApplicable, &[]),
                // A writer that meets a failure which no condition names does not make a pass of it.
                provision("5.1-4", Outcome::Inconclusive, &[]),
            ],
        }],
        exit: Exit { code: 11, meaning: "mandatory provisions are still open".into() },
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
    compiler.add_resource("gate.schema.json", json_schema()).unwrap();
    let index = compiler.compile("gate.schema.json", &mut schemas).unwrap();
    let mut document = json(&sample());
    assert_eq!((&document["document"], &document["version"]), (&"assay-gate".into(), &1.into()));
    schemas.validate(&document, index).unwrap();
    document["conditions"][0]["met"] = "perhaps".into();
    assert!(schemas.validate(&document, index).is_err());
}

#[test]
fn the_terminal_tells_each_condition_and_what_stands_against_it() {
    let expected = expect_test::expect![[r#"
        Plug (P-1), release 1.4.2
          EN 303 645 V3.1.3 (2024-09) with TS 103 701 V2.1.1 (2025-05)
          looked at for 2026-11-24T02:35:54.768Z by rule set 3, assay 0.1.0

        ✓ ledger       ledger holds
                       met: 12 records
        ✗ mandatory    mandatory holds
                       not met: 1 mandatory provision does not pass
            5.1-2  open: 3 of 4 unit instances are undecided
              → run auth.guessing
                $ assay observe
        ? reviewed     reviewed holds
                       not looked at: not looked at

        The gate is closed: 2 of 3 conditions are not met.
        exit       11: mandatory provisions are still open
    "#]];
    expected.assert_eq(&terminal(&sample(), false));
    assert!(terminal(&sample(), true).contains('\u{1b}'));
}

/// The outcome elements of the test cases, by the beginning of their names.
fn case<'a>(pieces: &'a [Piece], name: &str) -> &'a [Piece] {
    let at = pieces
        .iter()
        .position(|p| p.opens("testcase") && p.attribute("name").unwrap().starts_with(name))
        .unwrap_or_else(|| panic!("no test case {name}"));
    let end = pieces[at + 1..].iter().position(|p| p.opens("testcase") || p.opens("testsuite"));
    &pieces[at..end.map_or(pieces.len(), |end| at + 1 + end)]
}

#[test]
fn in_junit_only_a_pass_passes_and_what_was_not_looked_at_is_an_error() {
    let xml = junit(&sample());
    let pieces = pieces(xml.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").unwrap());
    let has = |name: &str, tag: &str| case(&pieces, name).iter().any(|p| p.opens(tag));
    for (name, result) in [
        ("ledger", None),
        ("mandatory", Some("failure")),
        ("reviewed", Some("error")),
        ("5.1-1:", None),
        ("5.1-2:", Some("failure")),
        ("5.1-3:", Some("skipped")),
        ("5.1-4:", Some("failure")),
    ] {
        for tag in ["failure", "error", "skipped"] {
            assert_eq!(has(name, tag), result == Some(tag), "{name} {tag}");
        }
    }
    let failure = case(&pieces, "5.1-2:").iter().position(|p| p.opens("failure")).unwrap();
    let text = inner(case(&pieces, "5.1-2:"), failure);
    assert_eq!(text, "mandatory: 5.1-2: open: 3 of 4 unit instances are undecided");
    let suites: Vec<&Piece> = pieces.iter().filter(|p| p.opens("testsuite")).collect();
    let counts = |suite: &Piece| {
        ["tests", "failures", "errors", "skipped"]
            .map(|name| suite.attribute(name).unwrap().parse::<u32>().unwrap())
    };
    assert_eq!(suites.iter().map(|s| counts(s)).collect::<Vec<_>>(), [[3, 1, 1, 0], [4, 2, 0, 1]]);
    let release = pieces.iter().find(|p| p.attribute("name") == Some("release")).unwrap();
    assert_eq!(release.attribute("value"), Some("1.4.2"));
}

#[test]
fn hostile_text_ends_no_attribute_and_no_element_and_xml_can_hold_it() {
    let hostile = "a\"/><testcase name='x'/>]]>&amp;\u{1b}[2J\u{0}\u{202e}\u{fffe}\nend";
    let mut gate = sample();
    gate.product = hostile.into();
    gate.clauses[0].title = hostile.into();
    for one in &mut gate.clauses[0].provisions {
        (one.summary, one.because) = (hostile.into(), hostile.into());
    }
    for one in &mut gate.conditions {
        (one.asks, one.because) = (hostile.into(), hostile.into());
        for against in &mut one.against {
            (against.about, against.because) = (hostile.into(), hostile.into());
        }
    }
    let xml = junit(&gate);
    assert!(!xml.contains(['\u{1b}', '\u{0}', '\u{202e}', '\u{fffe}']));
    let read = pieces(xml.split_once('\n').unwrap().1);
    assert_eq!(read.iter().filter(|p| p.opens("testcase")).count(), 7);
    let mut depth: Vec<&str> = Vec::new();
    for piece in &read {
        match piece {
            Piece::Open(name, _) => depth.push(name),
            Piece::Close(name) => {
                // Elements without content are not closed by name.
                while depth.pop().unwrap() != name.as_str() {}
            }
            Piece::Text(_) => {}
        }
    }
    assert!(depth.is_empty());
    let lines = terminal(&gate, false);
    assert!(!lines.contains(['\u{1b}', '\u{202e}']) && lines.lines().all(|line| line.chars().count() <= 80));
}
