//! A case as the rules see it: a dossier, evidence, and the judgement of one unit for one entry.

use catalogue::Catalogue;
use dossier::{Dossier, Entry, Severity, SourceText};
use engine::{Evidence, Judgement, Next, Recorded, View, rules};
use model::{Digest, Edition, Timestamp};
use serde_json::Value;

use crate::compact::observation;
use crate::document::{Case, Page, Verdict};
use crate::promises;

/// The moment every case is judged for.
const AT: &str = "2026-06-01T00:00:00Z";

/// What a case declares and what was observed.
#[derive(Debug)]
pub(crate) struct Situation {
    dossier: Dossier,
    evidence: Evidence,
}

impl Situation {
    pub(crate) fn of(page: &Page, case: &Case) -> Result<Self, String> {
        let (dossier, notes) = dossier::read(sources(page, case));
        if let Some(note) = notes.iter().find(|n| n.severity == Severity::Error) {
            return Err(format!("the dossier has the error {}: {:?}", note.code, note.labels));
        }
        let mut observations = Vec::new();
        for text in page.shared.observed.iter().chain(&case.blocks.observed) {
            let compact: Vec<Value> = serde_json::from_str(text).map_err(|e| format!("observed: {e}"))?;
            for one in compact.iter().flat_map(in_each_state) {
                let body = observation(&one).map_err(|e| format!("observed {one}: {e}"))?;
                let seq = observations.len() as u64 + 1;
                observations.push(Recorded { seq, id: Digest::of(&seq.to_be_bytes()), body });
            }
        }
        Ok(Self { dossier, evidence: Evidence { observations, ..Evidence::default() } })
    }

    /// Every verdict of the case that comes out otherwise, and every broken promise.
    pub(crate) fn mismatches(&self, case: &Case) -> Vec<String> {
        case.verdicts.iter().flat_map(|v| self.judge(v).unwrap_or_else(|error| vec![error])).collect()
    }

    fn judge(&self, verdict: &Verdict) -> Result<Vec<String>, String> {
        let edition = self.dossier.edition();
        let catalogue = Catalogue::of(edition);
        let view = View {
            catalogue,
            dossier: &self.dossier,
            evidence: &self.evidence,
            at: Timestamp::parse(AT).map_err(|e| e.to_string())?,
        };
        let unit = &verdict.unit;
        let rule = rules().iter().find(|r| r.unit == unit && r.editions.contains(&edition));
        let rule = rule.ok_or_else(|| format!("no rule settles {unit} in {edition}"))?;
        let entry = verdict.entry.as_deref().map(|id| self.entry(catalogue, unit, id)).transpose()?;
        let judgement = engine::ruled(&view, rule, entry);
        let said = format!("{unit} {}", verdict.entry.as_deref().unwrap_or_default());
        let mut wrong: Vec<String> = promises::broken(rule, &judgement, &self.evidence)
            .into_iter()
            .map(|p| format!("{said}: {p}"))
            .collect();
        if judgement.outcome != verdict.outcome {
            wrong.push(format!("{said}: {}, {} is written: {judgement:#?}", judgement.outcome, verdict.outcome));
        }
        wrong.extend(verdict.because.iter().filter(|text| !says(&judgement, text)).map(|text| {
            let next: Vec<String> = judgement.gaps.iter().map(|g| next_text(&g.next)).collect();
            format!("{said}: `{text}` is written, it says `{}`, next {next:?}", judgement.because)
        }));
        Ok(wrong)
    }

    fn entry(&self, catalogue: &Catalogue, unit: &str, id: &str) -> Result<&Entry, String> {
        let row = catalogue.unit_named(unit).ok_or_else(|| format!("the catalogue has no unit {unit}"))?;
        let tables = row.for_each.iter().chain(&row.for_each_also);
        let mut found = tables.filter_map(|table| self.dossier.entry(table.name(), id));
        found.next().ok_or_else(|| format!("{unit} ranges over no table with an entry {id}"))
    }
}

/// `"states": "both"` stands for the same observation before the product was set up and after.
fn in_each_state(compact: &Value) -> Vec<Value> {
    if compact.get("states").and_then(Value::as_str) != Some("both") {
        return vec![compact.clone()];
    }
    let in_state = |state: &str| {
        let mut one = compact.clone();
        one["state"] = state.into();
        one
    };
    ["factory-default", "initialized"].into_iter().map(in_state).collect()
}

/// The edition that a case is written for.
pub(crate) fn edition(page: &Page, case: &Case) -> Edition {
    dossier::read(sources(page, case)).0.edition()
}

fn sources(page: &Page, case: &Case) -> Vec<SourceText> {
    let mut files = page.shared.files.clone();
    files.retain(|(path, _)| !case.blocks.files.iter().any(|(own, _)| own == path));
    files.extend(case.blocks.files.iter().cloned());
    if !files.iter().any(|(path, _)| path == "assay.toml") {
        files.insert(0, ("assay.toml".to_owned(), String::new()));
    }
    let release = "\n[[release]]\nversion = \"1.0\"\n";
    let with_release = |path: &str, text: String| match path {
        "assay.toml" if !text.contains("[[release]]") => text + release,
        _ => text,
    };
    files.into_iter().map(|(path, text)| SourceText { text: with_release(&path, text), path }).collect()
}

fn says(judgement: &Judgement, text: &str) -> bool {
    match text.strip_prefix("next ") {
        Some(step) => judgement.gaps.iter().any(|gap| next_text(&gap.next).starts_with(step)),
        None => judgement.because.contains(text),
    }
}

fn next_text(next: &Next) -> String {
    match next {
        Next::Declare { place, entry: Some(entry), what } => format!("declare {what} of {entry} in {place}"),
        Next::Declare { place, entry: None, what } => format!("declare {what} in {place}"),
        Next::Observe { probe, target } => format!("observe {probe} at {target}"),
        Next::State { what } => format!("state {what}"),
        Next::Prepare { what } => format!("prepare {what}"),
        Next::Mend { what } => format!("mend {what}"),
    }
}
