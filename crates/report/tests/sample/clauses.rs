//! Clauses of the sample, from the catalogue, with outcomes that the sample invents.

use catalogue::{Catalogue, Kind};
use model::{Confidence, Edition, Method, Outcome};
use report::presentation::*;

use super::{declared, observed, outcome, place, step};

pub(super) fn clauses() -> Vec<Clause> {
    let catalogue = Catalogue::of(Edition::V3_1_3);
    let of = |id: &str| catalogue.provisions.iter().filter(|p| p.clause == id).map(provision).collect();
    catalogue
        .clauses
        .iter()
        .map(|c| Clause { id: c.id.clone(), title: c.title.clone(), provisions: of(&c.id) })
        .collect()
}

fn provision(of: &catalogue::Provision) -> Provision {
    let catalogue = Catalogue::of(Edition::V3_1_3);
    let outcome = outcome(of.id.as_str());
    let applies = if outcome == Outcome::NotApplicable { Applies::No } else { Applies::Yes };
    let cases = catalogue.group_of(&of.id).map(|group| {
        catalogue
            .cases_of(&group.id)
            .enumerate()
            .map(|(at, c)| case(c, if at == 0 { outcome } else { passing(outcome) }))
            .collect()
    });
    let leg = |outcome, because: &str| Leg { outcome, because: because.into() };
    Provision {
        id: of.id.to_string(),
        mandatory: of.is_mandatory(),
        status: of.status.clone(),
        summary: of.summary.clone(),
        outcome,
        because: because(outcome).into(),
        applies,
        applies_because: match applies {
            Applies::No => vec![declared("ics.toml", 9, "e = false", "feature e is absent")],
            _ => vec![Ground::Rule(Ruled { text: "it binds every product".into() })],
        },
        answer: answer(outcome),
        control: (applies == Applies::Yes).then(|| Control {
            design: "One place in the firmware decides it; the default is the safe one.".into(),
            pattern: "Checked at boot and covered by the release tests.".into(),
            criteria: vec!["the release test `baseline` is green".into()],
            documents: vec!["docs/security-concept.pdf".into()],
            owner: "firmware".into(),
            at: Some(place("controls.toml", 21, "[[control]]")),
        }),
        exists: leg(passing(outcome), "answered, designed and documented"),
        works: leg(outcome, because(outcome)),
        proven: leg(outcome, "11 of 12 unit instances rest on this release's records"),
        grounds: vec![declared("ics.toml", 44, "support = \"Y\"", "Y")],
        next: Vec::new(),
        cases: cases.unwrap_or_default(),
    }
}

fn passing(outcome: Outcome) -> Outcome {
    if outcome == Outcome::NotApplicable { outcome } else { Outcome::Pass }
}

fn because(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "every unit instance is decided and its cases pass",
        Outcome::Fail => "1 of 4 unit instances fails",
        Outcome::Inconclusive => "looked at, and what was seen does not decide it",
        Outcome::Open => "2 of 4 unit instances are undecided",
        Outcome::NotApplicable => "feature e is absent",
    }
}

fn answer(outcome: Outcome) -> Answer {
    let (support, standing, detail) = match outcome {
        Outcome::NotApplicable => ("N/A", "not applicable", ""),
        Outcome::Open => ("", "not answered", ""),
        _ => ("Y", "claimed", "Each plug leaves the line with its own value.\nIt is printed on the label."),
    };
    Answer {
        support: support.into(),
        standing: standing.into(),
        detail: detail.into(),
        justification: "".into(),
        compensating: "".into(),
        review: String::new(),
        at: Some(place("ics.toml", 44, "support = \"Y\"")),
    }
}

fn case(of: &catalogue::Case, outcome: Outcome) -> Case {
    let catalogue = Catalogue::of(Edition::V3_1_3);
    let low = of.verdict.confidence == Confidence::Low;
    let units = catalogue.units_of(&of.id).enumerate();
    Case {
        id: of.id.to_string(),
        kind: of.kind.as_str().into(),
        purpose: of.purpose.clone(),
        outcome,
        pass_when: of.verdict.pass_when.clone(),
        or_when: of.verdict.or_when.clone(),
        confidence: of.verdict.confidence,
        reading: "each unit of each entry".into(),
        otherwise: low.then(|| Otherwise { reading: "one mechanism suffices".into(), outcome: Outcome::Pass }),
        needs_person: low && outcome != Outcome::NotApplicable,
        units: units.map(|(at, u)| unit(u, if at == 0 { outcome } else { passing(outcome) })).collect(),
    }
}

fn unit(of: &catalogue::Unit, outcome: Outcome) -> Unit {
    let catalogue = Catalogue::of(Edition::V3_1_3);
    let entries: Vec<String> = match of.for_each.as_ref().and_then(|t| catalogue.table(t)) {
        Some(table) => ["Main", "Cloud"].map(|e| format!("{}{e}", table.entry_prefix)).into(),
        None => vec![String::new()],
    };
    let instances = entries.iter().enumerate();
    Unit {
        id: of.id.to_string(),
        summary: of.summary.clone(),
        method: of.method,
        outcome,
        instances: instances
            .map(|(at, e)| instance(of, e, if at == 0 { outcome } else { passing(outcome) }))
            .collect(),
    }
}

fn instance(of: &catalogue::Unit, entry: &str, outcome: Outcome) -> Instance {
    let basis = match (outcome, of.method, of.kind) {
        (Outcome::NotApplicable, ..) => Basis::Computed,
        (Outcome::Open, ..) => Basis::Nothing,
        (_, Method::Rule, _) => Basis::Rule,
        (_, Method::Probe, _) | (_, _, Kind::Functional) => Basis::Probe,
        _ => Basis::Person,
    };
    let grounds = match basis {
        Basis::Computed | Basis::Nothing => Vec::new(),
        Basis::Probe => vec![observed(12, "net.tcp-ports", "open: 23, 80, 443, 1883")],
        _ => vec![declared(
            "ixit/1-AuthMech.toml",
            12,
            "\"Description\" = \"The start page asks for it.\"",
            "Description",
        )],
    };
    let next = match outcome {
        Outcome::Open | Outcome::Inconclusive => {
            vec![step(Verb::State, "Decide it by the guided procedure", Some("assay state"))]
        }
        _ => Vec::new(),
    };
    let id = if entry.is_empty() { of.id.to_string() } else { format!("{} @ {entry}", of.id) };
    let currency = match outcome {
        Outcome::NotApplicable => Currency::NotApplicable,
        Outcome::Open | Outcome::Inconclusive => Currency::Open,
        Outcome::Pass | Outcome::Fail => Currency::Current,
    };
    Instance {
        id,
        entry: entry.into(),
        outcome,
        because: because(outcome).into(),
        basis,
        currency,
        stale_because: String::new(),
        carried: None,
        grounds,
        next,
    }
}
