//! Raw logs read again by the probes of this program: the record says what the log says.

use std::collections::BTreeMap;

use engine::Recorded;
use ledger::bundle::{Bundle, Part};
use model::{Observation, Reading};

use probes::import::Importer;

use super::failed::chain;
use super::log::Read;
use super::{Check, Stop, marks};
use crate::import::recorded_parameters;
use crate::privacy::opened;

const STEP: &str = "readings";

impl Check {
    pub(super) fn readings(&mut self, bundle: &Bundle<'_>, log: &Read) -> Result<(), Stop> {
        let (mut again, mut not) = (0, BTreeMap::<String, u64>::new());
        for observation in &log.history.evidence().observations {
            match read_again(bundle, observation)? {
                None => again += 1,
                Some(why) => *not.entry(why).or_default() += 1,
            }
        }
        self.done(STEP, format!("{again} raw logs read again by their probes say what the records say"));
        if !not.is_empty() {
            let told: Vec<String> = not.into_iter().map(|(why, n)| format!("{n} {why}")).collect();
            self.not_done(
                "readings not taken",
                format!("records of measurements that stand unread: {}", told.join("; ")),
            );
        }
        Ok(())
    }
}

/// Why an observation could not be read again; none when it was, and says the same.
fn read_again(bundle: &Bundle<'_>, recorded: &Recorded<Observation>) -> Result<Option<String>, Stop> {
    let (observation, item) = (&recorded.body, format!("record {}", recorded.seq));
    let Some(raw) = observation.raw else { return Ok(Some("without a raw log".to_owned())) };
    let part = Part::Blob(raw);
    if !bundle.has(&part) {
        return Ok(Some("with a withheld raw log".to_owned()));
    }
    let run = &observation.run;
    let probe = wire::text::visible_str(&run.probe, 60);
    let importer = probes::import::importer(&run.probe);
    let listed = probes::listed(&run.probe);
    let Some(card) = importer.map(|importer| importer.card).or(listed.map(|listed| listed.card)) else {
        return Ok(Some(format!("by {probe}, which this program does not know")));
    };
    if card.revision != run.revision {
        return Ok(Some(format!(
            "by {probe} revision {}, where this program has revision {}",
            run.revision, card.revision
        )));
    }
    let Some(openings) = marks::openings(bundle, observation.openings)? else {
        return Ok(Some("with withheld openings".to_owned()));
    };
    let said = opened(observation, &openings).map_err(|error| Stop::at(STEP, item.clone(), chain(&error)))?;
    let says_nothing = observation.reading.facts.is_empty() && observation.reading.coverage.is_empty();
    if importer.is_some() && observation.source.is_none() && says_nothing {
        // A capture that could not be made has no file, and claims nothing.
        return Ok(None);
    }
    if let Some(importer) = importer {
        return match imports_the_same(bundle, importer, &part, &said)? {
            true => Ok(None),
            false => Err(Stop::at(STEP, item, format!("{probe} reads something else in the file that was kept"))),
        };
    }
    let Some(listed) = listed else { return Ok(None) };
    let bytes = bundle.read(&part).map_err(|error| Stop::of(STEP, error))?;
    let said = said.reading;
    match (listed.interpret)(&bytes) {
        Ok(reading) if reading.in_clear().is_ok_and(|reading| same(&reading, &said)) => Ok(None),
        Ok(_) => Err(Stop::at(STEP, item, format!("{probe} reads something else in its raw log"))),
        // A step that was not taken has no log, and claims nothing.
        Err(_) if observation.reading.facts.is_empty() && observation.reading.coverage.is_empty() => Ok(None),
        Err(error) => Err(Stop::at(STEP, item, format!("{error}: {}", error.source))),
    }
}

/// Whether the file that was kept, read again piece by piece, says what the record says: reading, tool and version.
fn imports_the_same(
    bundle: &Bundle<'_>,
    importer: &Importer,
    part: &Part,
    said: &Observation,
) -> Result<bool, Stop> {
    let mut file = bundle.reader(part).map_err(|error| Stop::of(STEP, error))?;
    let parameters = recorded_parameters(&said.run.parameters);
    let Ok(imported) = (importer.interpret)(&mut file, &parameters) else { return Ok(false) };
    let source = said.source.as_ref();
    let names_tool = imported.tool.as_deref().unwrap_or(importer.format);
    let same_source = source.is_some_and(|source| source.tool == names_tool && source.version == imported.version);
    let same_time = imported.measured.is_none_or(|period| (period.from, period.until) == (said.began, said.ended));
    let reads_same = imported.reading.in_clear().is_ok_and(|reading| same(&reading, &said.reading));
    Ok(file.is_as_opened() && same_source && same_time && reads_same)
}

fn same(a: &Reading, b: &Reading) -> bool {
    // As records say it: numbers have one form there.
    a == b || serde_json::to_value(a).ok().is_some_and(|a| serde_json::to_value(b).is_ok_and(|b| a == b))
}
