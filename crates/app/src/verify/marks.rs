//! What records withhold: each mark is opened by the openings that its record names, where they are there.

use ledger::bundle::{Bundle, Part};
use ledger::{Openings, marks};
use model::{Digest, for_each_text};
use serde_json::Value;

use super::failed::chain;
use super::log::Read;
use super::{Check, Stop};
use crate::privacy::check_marks;

const STEP: &str = "marks";

impl Check {
    pub(super) fn marks(&mut self, bundle: &Bundle<'_>, log: &Read) -> Result<(), Stop> {
        let (mut opened, mut closed) = (Count::default(), Count::default());
        for (seq, openings, record) in log.history.withholding() {
            let record = record.map_err(|error| Stop::at(STEP, format!("record {seq}"), chain(&error)))?;
            record_of(bundle, seq, &record, openings, &mut opened, &mut closed)?;
        }
        match (opened.records, closed.records) {
            (0, 0) => self.done(STEP, "no record withholds anything"),
            (0, _) => {}
            (records, _) => self.done(
                STEP,
                format!("{} values that {records} records withhold are those they commit to", opened.values),
            ),
        }
        if closed.records > 0 {
            self.not_done(
                "marks not opened",
                format!("{} records withhold values whose openings were left out", closed.records),
            );
        }
        Ok(())
    }
}

#[derive(Default)]
struct Count {
    records: u64,
    values: usize,
}

fn record_of(
    bundle: &Bundle<'_>,
    seq: u64,
    record: &Value,
    openings: Option<Digest>,
    opened: &mut Count,
    closed: &mut Count,
) -> Result<(), Stop> {
    let at = |why: String| Stop::at(STEP, format!("record {seq}"), why);
    let mut marked = false;
    for_each_text(&mut record.clone(), &mut |text| marked |= !marks(text).is_empty());
    match (openings, self::openings(bundle, openings)?) {
        (None, _) if marked => return Err(at("it withholds something and names no openings".to_owned())),
        (None, _) => {}
        (Some(_), None) => closed.records += 1,
        (Some(_), Some(openings)) => {
            opened.values += check_marks(record, &openings).map_err(|error| at(chain(&error)))?;
            opened.records += 1;
        }
    }
    Ok(())
}

/// The openings that a record names: empty where it names none, none where they were left out.
pub(super) fn openings(bundle: &Bundle<'_>, digest: Option<Digest>) -> Result<Option<Openings>, Stop> {
    let Some(digest) = digest else { return Ok(Some(Openings::default())) };
    let part = Part::Blob(digest);
    if !bundle.has(&part) {
        return Ok(None);
    }
    let bytes = bundle.read(&part).map_err(|error| Stop::of(STEP, error))?;
    Openings::from_bytes(&bytes).map(Some).map_err(|error| Stop::at(STEP, part.path(), chain(&error)))
}
