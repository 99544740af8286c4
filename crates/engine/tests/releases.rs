//! Holds what becomes of results in a new release to its readable specification in `spec/releases`.
#![allow(clippy::unwrap_used)]

#[path = "specification/compact.rs"]
mod compact;
#[path = "releases/page.rs"]
mod page;

use std::collections::BTreeMap;
use std::sync::Arc;

use catalogue::Catalogue;
use dossier::{Dossier, SourceText};
use engine::{Assessment, Earlier, Evidence, InstanceResult, Next, Recorded, View};
use model::{Confirmation, Digest, Statement, Timestamp};
use serde_json::{Value, json};

use page::{Case, pages};

/// The moment of the assessment of the release under assessment.
const NOW: &str = "2026-05-15T00:00:00Z";

#[test]
fn every_case_of_the_pages_comes_out_as_written() {
    let mut wrong = Vec::new();
    for (name, cases) in pages() {
        for case in &cases {
            let found = assessed(case);
            for (instance, outcome, stands, texts) in &case.stands {
                let result = found.instances.iter().find(|i| i.id.to_string() == *instance);
                let Some(result) = result else {
                    wrong.push(format!("{name}: {}: there is no {instance}", case.heading));
                    continue;
                };
                let told = told(result);
                let is = (result.judgement.outcome.as_str(), result.currency.as_str());
                let lacks: Vec<&String> =
                    texts.iter().filter(|t| !told.iter().any(|line| line.contains(*t))).collect();
                if is != (outcome.as_str(), stands.as_str()) || !lacks.is_empty() {
                    wrong
                        .push(format!("{name}: {}: {instance}: {is:?}, lacks {lacks:?}: {told:#?}", case.heading));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Everything that is said of an instance, one text each.
fn told(result: &InstanceResult) -> Vec<String> {
    let mut told =
        vec![result.judgement.because.clone(), serde_json::to_string(&result.judgement.grounds).unwrap()];
    match &result.currency {
        engine::Currency::Carried(carried) => {
            told.extend([format!("from {}", carried.from), carried.policy.clone()]);
        }
        engine::Currency::Stale { because } => told.push(because.clone()),
        _ => {}
    }
    told.push(match result.renewed_by() {
        Some(Next::State { what }) => format!("next state {what}"),
        Some(Next::Observe { probe, .. }) => format!("next observe {probe}"),
        other => format!("next {other:?}"),
    });
    told
}

fn assessed(case: &Case) -> Assessment {
    let statements: Vec<Recorded<Statement>> = numbered(10, case.stated.iter().map(statement));
    let observations = numbered(200, case.observed.iter().map(|o| compact::observation(o).unwrap()));
    let releases = numbered(2, case.released.iter().map(|r| Arc::new(release(r))));
    let confirmations = numbered(100, case.confirmed.iter().map(|said| confirmation(said, &statements)));
    let mut evidence = Evidence { observations, statements, releases, confirmations, ..Evidence::default() };
    let before = dossier(&case.before);
    if !case.stated.is_empty() || !case.observed.is_empty() {
        let mut between = case.before.clone();
        between.extend(case.between.clone());
        let first = (!case.between.is_empty()).then(|| dossier(&between));
        let then = first.iter().chain([&before]).map(|d| judged(d, &evidence, "2026-05-04T00:00:00Z"));
        let then: Vec<Arc<Earlier>> = then.map(|assessment| Arc::new(Earlier::of(&assessment))).collect();
        evidence.assessments = numbered(300, then);
    }
    evidence.observations.extend(numbered(500, case.measured.iter().map(|o| compact::observation(o).unwrap())));
    evidence.statements.extend(numbered(400, case.later.iter().map(statement)));
    let later = case.confirmed_later.iter().map(|said| confirmation(said, &evidence.statements));
    let later = numbered(450, later.collect::<Vec<_>>());
    evidence.confirmations.extend(later);
    let mut now = case.before.clone();
    now.extend(case.now.clone());
    judged(&dossier(&now), &evidence, NOW)
}

fn judged(dossier: &Dossier, evidence: &Evidence, at: &str) -> Assessment {
    let at = Timestamp::parse(at).unwrap();
    engine::judge(&View { catalogue: Catalogue::of(dossier.edition()), dossier, evidence, at })
}

fn dossier(files: &BTreeMap<String, String>) -> Dossier {
    let source = |(path, text): (&String, &String)| SourceText { path: path.clone(), text: text.clone() };
    let (dossier, notes) = dossier::read(files.iter().map(source).collect());
    assert!(notes.is_empty(), "{notes:?}");
    dossier
}

fn numbered<T>(from: u64, bodies: impl IntoIterator<Item = T>) -> Vec<Recorded<T>> {
    let one = |(at, body): (usize, T)| {
        let seq = from + at as u64;
        Recorded { seq, id: Digest::of(&seq.to_be_bytes()), body }
    };
    bodies.into_iter().enumerate().map(one).collect()
}

/// `{"release", "unit", "entry", "verdict", "day"}`; without a verdict it passes, without a day it is of the first.
fn statement(compact: &Value) -> Statement {
    let day = compact["day"].as_u64().unwrap_or(1);
    let verdict = compact["verdict"].as_str().unwrap_or("pass");
    serde_json::from_value(json!({
        "edition": "3.1.3", "unit": compact["unit"], "entry": compact["entry"], "release": compact["release"],
        "person": "A. Laborant", "role": "test laboratory", "stated": format!("2026-05-{day:02}T00:00:00Z"),
        "criteria": [{"criterion": "c", "verdict": verdict}], "reasoning": "Read.",
    }))
    .unwrap()
}

/// `{"entry", "person", "decision"}`: what somebody says of the first statement on an entry; without a decision they
/// approve.
fn confirmation(compact: &Value, statements: &[Recorded<Statement>]) -> Confirmation {
    let on = statements.iter().find(|s| s.body.entry.as_deref() == compact["entry"].as_str()).unwrap();
    serde_json::from_value(json!({
        "statement": on.seq, "digest": on.id, "unit": on.body.unit, "entry": on.body.entry,
        "release": on.body.release, "decision": compact["decision"].as_str().unwrap_or("approve"),
        "reasons": "Read it, too.", "person": compact["person"], "role": "test laboratory",
        "confirmed": "2026-05-03T00:00:00Z",
    }))
    .unwrap()
}

/// `{"version", "image", "components"}`: the image by a word that stands for its bytes.
fn release(compact: &Value) -> model::Release {
    let mut whole = json!({"version": compact["version"], "dossier": 0});
    if let Some(image) = compact["image"].as_str() {
        whole["firmware"] = json!({"digest": Digest::of(image.as_bytes()), "size": 3, "name": "image.bin"});
    }
    if compact["components"].is_array() {
        whole["components"] = compact["components"].clone();
        whole["sbom"] = json!({"digest": Digest::of(b"sbom"), "size": 4, "kind": "sbom", "name": "bom.json"});
    }
    serde_json::from_value(whole).unwrap()
}
