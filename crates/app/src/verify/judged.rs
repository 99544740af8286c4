//! The verdicts: judged again from the bundle alone, and compared with everything that tells them.

use std::collections::BTreeMap;

use engine::RULESET;
use ledger::bundle::{Bundle, Manifest, Part};
use model::Digest;

use super::failed::chain;
use super::files::other_tool;
use super::log::Read;
use super::{Check, Stop};
use crate::TOOL;
use crate::bundle::contents;
use crate::history::Judged;
use crate::replay::{Replayed, replay};
use crate::verdicts::{AssessmentRecord, changes};

impl Check {
    /// The record that the bundle is of is an assessment, and was made for a moment and a state that fit its place.
    pub(super) fn assessment(&mut self, manifest: &Manifest, log: &Read) -> Result<(), Stop> {
        const STEP: &str = "assessment";
        let seq = manifest.assessment;
        let Some(judged) = log.history.judged_at(seq) else {
            return Err(Stop::at(
                STEP,
                "manifest.json",
                format!("record {seq}, which it names, is no assessment"),
            ));
        };
        for judged in log.history.judged() {
            is_in_place(judged, log)?;
        }
        let record = &judged.record;
        let told = [&manifest.product, &manifest.release, &manifest.edition];
        for (told, found) in told.into_iter().zip([&record.product, &record.release, &record.edition.to_string()])
        {
            if told != found {
                return Err(Stop::at(
                    STEP,
                    "manifest.json",
                    format!("it says `{told}` where record {seq} says `{found}`"),
                ));
            }
        }
        self.done(STEP, format!("record {seq} is it, for the moment {}", record.at));
        let after = log.history.evidence_after(seq).len();
        let later =
            log.history.judged().iter().filter(|j| j.seq > seq && j.record.release == record.release).count();
        if after + later > 0 {
            self.not_done(
                "later records",
                format!("{after} measurements and statements and {later} assessments of the release were recorded later; the verdicts know nothing of them"),
            );
        }
        Ok(())
    }

    pub(super) fn judged_again(
        &mut self,
        bundle: &Bundle<'_>,
        manifest: &Manifest,
        log: &Read,
        dossier: &BTreeMap<Digest, Part>,
    ) -> Result<(), Stop> {
        const STEP: &str = "verdicts";
        let of = |error| Stop::of(STEP, error);
        let mut bundled = None;
        let (mut same, mut others) = (0, 0);
        for judged in log.history.judged() {
            let ours = judged.seq == manifest.assessment;
            let item = format!("record {}", judged.seq);
            if ours {
                let found = bundle.digest(&Part::Verdicts);
                if found != Some(judged.record.verdicts) {
                    let why = format!("it is not the assessment that {item} is of");
                    return Err(Stop::at(STEP, "verdicts.json", why));
                }
            }
            if judged.record.ruleset != RULESET {
                others += 1;
                if !ours {
                    continue;
                }
            }
            let again = replay(&log.history, judged.seq, &mut |digest| {
                let blob = Part::Blob(*digest);
                Ok(bundle.read(dossier.get(digest).unwrap_or(&blob))?)
            });
            let again = again.map_err(|error| Stop::at(STEP, item.clone(), chain(&error)))?;
            if judged.record.ruleset == RULESET {
                let read = if ours { Some(bundle.read(&Part::Verdicts).map_err(of)?) } else { None };
                comes_out(judged, &again, read.as_deref())
                    .map_err(|(what, why)| Stop::at(STEP, what.map_or(item, str::to_owned), why))?;
                same += 1;
            }
            if ours {
                bundled = Some(again);
            }
        }
        if same > 0 {
            self.done(
                STEP,
                format!("{same} recorded assessments come out the same, judged again by rule set {RULESET}"),
            );
        }
        if others > 0 {
            self.not_done(
                "other rule sets",
                format!("{others} recorded assessments were judged by another rule set than this program's {RULESET}, and could not be judged again as they were"),
            );
        }
        let Some(again) = bundled else { return Ok(()) };
        self.reports(bundle, manifest, log, &again)
    }

    /// The reports tell the assessment.
    fn reports(
        &mut self,
        bundle: &Bundle<'_>,
        manifest: &Manifest,
        log: &Read,
        again: &Replayed,
    ) -> Result<(), Stop> {
        const STEP: &str = "reports";
        let record = log.history.judged_at(manifest.assessment).map(|judged| &judged.record);
        if let Some(record) = record.filter(|record| record.ruleset != RULESET) {
            let changed = changes(&record.outcomes, &again.assessment).len();
            self.not_done(
                "verdicts",
                format!("rule set {} judged, this program has {RULESET}, which decides {changed} unit instances otherwise; what was recorded is bound by its digest and was not derived again", record.ruleset),
            );
            self.not_done(STEP, "they tell verdicts of another rule set and were not compared");
            return Ok(());
        }
        let reports = contents::reports(again, &log.history);
        for (part, bytes) in reports.map_err(|error| Stop::at(STEP, "reports", error.to_string()))? {
            let there = bundle.read(&part).map_err(|error| Stop::of(STEP, error))?;
            if manifest.tool == TOOL && there != bytes {
                return Err(Stop::at(STEP, part.path(), "it does not tell the verdicts that were recorded"));
            }
        }
        match manifest.tool == TOOL {
            true => self.done(STEP, "each is what the recorded verdicts give, byte for byte"),
            false => self.not_done(STEP, other_tool("the report", manifest)),
        }
        Ok(())
    }
}

/// An assessment is for a moment between its neighbours, and of the state of the dossier that is in force there.
fn is_in_place(judged: &Judged, log: &Read) -> Result<(), Stop> {
    let wrong = |why: String| Err(Stop::at("assessment", format!("record {}", judged.seq), why));
    let (at, record) = (judged.record.at, &judged.record);
    if judged.recorded_before.is_some_and(|before| at < before) || at > judged.recorded_at {
        return wrong(format!("it is for the moment {at}, which is not when it was recorded"));
    }
    match log.history.revision_before(judged.seq).map(|revision| revision.seq) {
        Some(seq) if seq == record.dossier => Ok(()),
        Some(seq) => {
            wrong(format!("it is of the dossier of record {}, and in force was that of {seq}", record.dossier))
        }
        None => wrong("no state of the dossier was recorded before it".to_owned()),
    }
}

/// The file that is at fault, none for the record itself; and why.
type Otherwise = (Option<&'static str>, String);

/// The record says what judging again gives; the bundled verdicts are its very bytes.
fn comes_out(judged: &Judged, again: &Replayed, bundled: Option<&[u8]>) -> Result<(), Otherwise> {
    let record = AssessmentRecord::of(&again.assessment, judged.record.dossier);
    let record = record.map_err(|error| (None, error.to_string()))?;
    let changed = changes(&judged.record.outcomes, &again.assessment);
    if let Some(first) = changed.first() {
        let word = |outcome: Option<model::Outcome>| outcome.map_or("nothing", |o| o.as_str());
        let why = format!(
            "it says {} for {}, and judged again it is {}: {}",
            word(first.old),
            first.instance,
            word(first.new),
            first.because
        );
        return Err((None, why));
    }
    // Later releases rest on what it says of what its outcomes rest on.
    let told = AssessmentRecord { tool: judged.record.tool.clone(), ..record };
    if told != *judged.record {
        return Err((None, "it says otherwise than the verdicts it is of".to_owned()));
    }
    let Some(bytes) = bundled else { return Ok(()) };
    match bytes == again.bytes {
        true => Ok(()),
        false => Err((Some("verdicts.json"), "judged again, its reasons come out otherwise".to_owned())),
    }
}
