//! Controls and answers as documents: JSON that keeps to its published schema, and texts that stay texts.
#![allow(clippy::unwrap_used)]

use boon::{Compiler, Schemas};
use model::{Digest, Edition, Outcome, Timestamp};
use report::answers::{Answers, Asked, Audience, Cite, Open, Question, Said, Source, State};
use report::controls::{
    Controls, How, OfRelease, Proof, ProofStanding, Settled, Sheet, Should, ShouldState, Test,
};
use report::presentation::{Answer, Control, Currency, Place, Prose, RecordKind, Step, Verb};
use serde_json::Value;

const DOCS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference");
const HOSTILE: &str = "=1+1 | b\n# head\n\u{1b}[2J<script>alert(1)</script>\u{202e}";

fn when() -> Timestamp {
    Timestamp::parse("2026-11-24T02:35:54Z").unwrap()
}

fn place(text: &str) -> Place {
    Place { path: "ics.toml".into(), line: 3, column: 1, quote: text.into() }
}

fn controls(text: &str) -> Controls {
    let prose = || Prose(text.to_owned());
    let sheet = Sheet {
        id: "5.6-8".into(),
        mandatory: false,
        status: "R".into(),
        summary: "Memory is protected by hardware.".into(),
        look_up: vec!["EN 303 645 V3.1.3, provision 5.6-8".into()],
        outcome: Outcome::Open,
        because: text.into(),
        answer: Answer {
            support: "N".into(),
            standing: "not claimed".into(),
            detail: prose(),
            justification: prose(),
            compensating: prose(),
            review: "2026-01-31".into(),
            at: Some(place(text)),
        },
        control: Some(Control {
            design: prose(),
            pattern: prose(),
            criteria: vec![text.into()],
            documents: vec!["ics.toml".into()],
            owner: text.into(),
            at: Some(place(text)),
        }),
        should: Some(Should {
            state: ShouldState::Lacking,
            rationale: prose(),
            compensating: prose(),
            review: "2026-01-31".into(),
            overdue: true,
            lacks: vec!["a new date".into()],
        }),
        test_plan: vec![Test {
            unit: "5.6-8-1a".into(),
            entry: text.into(),
            summary: "It is there.".into(),
            settled_by: vec![Settled { how: How::Procedure, by: "a named person".into(), command: String::new() }],
            touches: "nothing".into(),
            outcome: Outcome::Open,
            because: text.into(),
            currency: Currency::Open,
            missing: vec![text.into()],
        }],
        evidence: vec![OfRelease {
            release: text.into(),
            current: true,
            records: vec![Proof {
                record: 7,
                digest: Digest::of(b"x"),
                kind: RecordKind::Statement,
                of: text.into(),
                by: text.into(),
                when: when(),
                standing: ProofStanding::Stale,
                because: text.into(),
                settles: vec!["5.6-8-1a".into()],
            }],
        }],
        lacks: vec![Step { verb: Verb::Declare, text: "declare design".into(), command: None }],
    };
    let clause = report::controls::Clause { id: "5.6".into(), title: "Surfaces".into(), provisions: vec![sheet] };
    Controls {
        product: "Plug".into(),
        model: "P-1".into(),
        release: "1.4.2".into(),
        edition: Edition::V3_1_3,
        at: when(),
        ruleset: 4,
        tool: "assay".into(),
        designed: 1,
        undesigned: 0,
        lacking: 1,
        clauses: vec![clause],
    }
}

fn answers(text: &str) -> Answers {
    let declared = Cite {
        source: Source::Declared,
        place: Some(place(text)),
        record: None,
        digest: None,
        by: String::new(),
        when: None,
        fact: String::new(),
    };
    let stated = Cite {
        source: Source::Stated,
        place: None,
        record: Some(7),
        digest: Some(Digest::of(b"x")),
        by: text.into(),
        when: Some(when()),
        fact: String::new(),
    };
    let question = Question {
        id: "5.6-8.customer.1".into(),
        audience: Audience::Customer,
        ask: "Is memory protected?".into(),
        state: State::Partly,
        said: vec![Said { what: text.into(), text: Prose(text.into()), cites: vec![declared, stated] }],
        open: vec![Open {
            missing: text.into(),
            next: Some(Step {
                verb: Verb::State,
                text: text.into(),
                command: Some("assay state 5.6-8-1a".into()),
            }),
        }],
    };
    let asked = Asked {
        id: "5.6-8".into(),
        mandatory: false,
        summary: "Memory is protected by hardware.".into(),
        outcome: Outcome::Open,
        questions: vec![question],
    };
    let clause = report::answers::Clause { id: "5.6".into(), title: "Surfaces".into(), provisions: vec![asked] };
    Answers {
        product: "Plug".into(),
        model: "P-1".into(),
        supplier: "Maker".into(),
        release: "1.4.2".into(),
        edition: Edition::V3_1_3,
        at: when(),
        ruleset: 4,
        tool: "assay".into(),
        ledger: None,
        clauses: vec![clause],
    }
}

fn keeps_to(schema: &Value, document: &Value, name: &str) {
    let mut schemas = Schemas::new();
    let mut compiler = Compiler::new();
    compiler.add_resource("it.schema.json", schema.clone()).unwrap();
    let index = compiler.compile("it.schema.json", &mut schemas).unwrap();
    assert_eq!((&document["document"], &document["version"]), (&name.into(), &1.into()));
    schemas.validate(document, index).unwrap();
    let mut other = document.clone();
    other["clauses"] = "one".into();
    assert!(schemas.validate(&other, index).is_err());
}

#[test]
fn the_published_schemas_are_those_in_the_program_and_the_documents_keep_to_them() {
    let (of_controls, of_answers) = (report::controls::json_schema(), report::answers::json_schema());
    expect_test::expect_file![format!("{DOCS}/control-sheets.schema.json")]
        .assert_eq(&format!("{of_controls:#}\n"));
    expect_test::expect_file![format!("{DOCS}/answers.schema.json")].assert_eq(&format!("{of_answers:#}\n"));
    keeps_to(&of_controls, &report::controls::json(&controls("text")), "assay-controls");
    keeps_to(&of_answers, &report::answers::json(&answers("text")), "assay-answers");
}

#[test]
fn hostile_texts_stay_texts_in_every_form() {
    let (controls, answers) = (controls(HOSTILE), answers(HOSTILE));
    let texts = [
        report::controls::markdown(&controls),
        report::controls::html(&controls),
        report::controls::json(&controls).to_string(),
        report::answers::markdown(&answers),
        report::answers::html(&answers),
        report::answers::json(&answers).to_string(),
        report::answers::csv(&answers),
    ];
    for text in &texts {
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
    }
    for text in [&texts[0], &texts[1], &texts[3], &texts[4]] {
        assert!(!text.contains("<script>"), "{text}");
    }
    for page in [&texts[0], &texts[3]] {
        assert!(!page.lines().any(|line| line.starts_with("# head")), "{page}");
    }
    assert!(!texts[6].contains("\"=1+1"), "{}", texts[6]);
    assert_eq!(texts[6].matches("\r\n").count(), 2, "a head and a row");
}

#[test]
fn an_answer_shows_what_it_rests_on_and_what_is_open_in_every_form() {
    let told = answers("words");
    let digest = Digest::of(b"x").to_string();
    for text in [report::answers::markdown(&told), report::answers::html(&told), report::answers::csv(&told)] {
        assert!(text.contains("ics.toml:3:1") && text.contains("record 7"), "{text}");
        assert!(text.contains(&digest) && text.contains("partly answered"), "{text}");
    }
    let only = told.clone().only(|_, question| question.audience == Audience::Authority);
    assert!(only.clauses.is_empty());
    assert_eq!(told.only(|asked, _| asked.id == "5.6-8").questions().count(), 1);
}

#[test]
fn a_sheet_says_what_is_missing_and_whose_day_is_over() {
    let told = controls("words");
    for text in [report::controls::markdown(&told), report::controls::html(&told)] {
        for said in [
            "2026-01-31",
            "which is over",
            "a new date",
            "declare design",
            "stale",
            "neither implemented nor justified",
        ] {
            assert!(text.contains(said), "{said}: {text}");
        }
    }
    assert!(told.only(|sheet| sheet.mandatory).clauses.is_empty());
}
