//! The checkpoints as lines for a terminal and as JSON that keeps to its schema.
#![allow(clippy::unwrap_used)]

use boon::{Compiler, Schemas};
use model::{Edition, Timestamp};
use report::checkpoints::{Checkpoint, Checkpoints, SignOff, State, json, json_schema, terminal};
use report::gate::{Condition, Met};

const PUBLISHED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/checkpoints.schema.json");

fn sample() -> Checkpoints {
    let condition = |id: &str, met| Condition {
        id: id.into(),
        asks: format!("{id} holds"),
        met,
        because: format!("why {id}"),
        against: Vec::new(),
    };
    let signed = |stands: bool| SignOff {
        record: 7,
        at: Timestamp::parse("2026-11-24T02:35:54Z").unwrap(),
        by: "R.\u{202e} Eviewer".into(),
        role: "lab".into(),
        reasons: "read\nand found in order".into(),
        stands,
        because: if stands { String::new() } else { "record 9 came".into() },
    };
    let one = |name: &str, state, conditions, sign_offs| Checkpoint {
        name: name.into(),
        state,
        because: format!("why {name}"),
        role: (name == "planned").then(|| "lab".into()),
        people: if name == "planned" { vec!["L. Ab".into()] } else { Vec::new() },
        by_review: false,
        conditions,
        sign_offs,
    };
    Checkpoints {
        product: "Plug".into(),
        model: "P-1".into(),
        release: "1.4.2".into(),
        edition: Edition::V3_1_3,
        at: Timestamp::parse("2026-11-24T02:35:54.768Z").unwrap(),
        ruleset: 4,
        tool: "assay 0.1.0".into(),
        checkpoints: vec![
            one("declared", State::Reached, vec![condition("dossier", Met::Yes)], vec![signed(true)]),
            one("planned", State::Outdated, vec![condition("planned", Met::No)], vec![signed(false)]),
            one("measured", State::Ready, Vec::new(), Vec::new()),
            one("judged", State::Waiting, vec![condition("decided", Met::Unknown)], Vec::new()),
        ],
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
    compiler.add_resource("checkpoints.schema.json", json_schema()).unwrap();
    let index = compiler.compile("checkpoints.schema.json", &mut schemas).unwrap();
    let mut document = json(&sample());
    schemas.validate(&document, index).unwrap();
    document["checkpoints"][0]["state"] = "perhaps".into();
    assert!(schemas.validate(&document, index).is_err());
}

#[test]
fn the_terminal_tells_where_each_stands_what_does_not_hold_and_which_signature_is_old() {
    let expected = expect_test::expect![[r#"
        Plug (P-1), release 1.4.2
          EN 303 645 V3.1.3 (2024-09) with TS 103 701 V2.1.1 (2025-05)
          looked at for 2026-11-24T02:35:54.768Z by rule set 4, assay 0.1.0

        ● declared  reached
          why declared
          “read and found in order”

        ◐ planned  outdated
          why planned
          signed off by the role lab: L. Ab
        ✗ planned      planned holds
                       not met: why planned
          record 7, 2026-11-24, R.\u{202e} Eviewer, lab: “read and found in order” does
          not stand: record 9 came

        ○ measured  ready
          why measured

        · judged  waiting
          why judged
        ? decided      decided holds
                       not looked at: why decided

        Release 1.4.2 stands before `planned`.
    "#]];
    expected.assert_eq(&terminal(&sample(), false));
    assert!(terminal(&sample(), true).contains('\u{1b}'));
}
