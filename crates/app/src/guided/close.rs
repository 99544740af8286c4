//! Closing a working: it becomes one statement, however many people close it at once.
//!
//! Whoever closes it claims it first, at the version they looked at, so that of several one goes on. A claim that broke
//! off holds nobody up for long: whether its statement was recorded is what the ledger says.

use std::path::Path;

use model::{Artefact, CriterionVerdict, Timestamp};
use store::StoreError;

use super::desk::{COLLECTION, fits, key};
use super::{Closed, Closing, Desk, Guide, GuidedError, Signed, Working};
use crate::records::Records;
use crate::state::{self, Draft};

/// Milliseconds after which a closing that did not end has broken off.
const BROKE_OFF: i64 = 10 * 60 * 1_000;

impl Desk {
    /// Closes the working on a unit instance: records the statement that it amounts to, and takes it off the desk.
    ///
    /// # Errors
    /// [`GuidedError::Missing`] while something is missing, [`GuidedError::Moved`] when it was changed since `seen` or
    /// somebody else was faster; [`GuidedError`]. Then nothing was recorded.
    pub fn close(
        &self,
        product: &str,
        folder: &Path,
        guide: &Guide,
        seen: u64,
        signed: &Signed,
        at: Timestamp,
    ) -> Result<Closed, GuidedError> {
        let about = guide.about();
        let opened = self.get(product, guide)?.ok_or_else(|| GuidedError::Nothing(about.clone()))?;
        let mut working = opened.working;
        fits(guide, &working)?;
        if working.turn != seen {
            return Err(GuidedError::Moved(about));
        }
        if let Some(closing) = working.closing.take() {
            if let Some(record) = recorded(folder, &working, &closing)? {
                self.clear(product, guide, opened.version)?;
                return Err(GuidedError::Recorded { about, record });
            }
            if (at.millis() - closing.at.millis()).abs() < BROKE_OFF {
                return Err(GuidedError::Closing { about, by: closing.by });
            }
        }
        let missing = working.missing(guide, at);
        if !missing.is_empty() {
            return Err(GuidedError::Missing { about, missing });
        }
        let draft = draft(folder, guide, &working, signed, at)?;
        let after = match Records::exist(folder) {
            true => Records::open(folder)?.size()?,
            false => 0,
        };
        working.closing = Some(Closing { by: signed.person.clone(), at, after });
        let claimed = match self.keep(product, guide, &working, opened.version) {
            Err(GuidedError::Store(StoreError::Conflict { .. })) => return Err(GuidedError::Moved(about)),
            claimed => claimed?,
        };
        match state::state(folder, draft, at) {
            Ok(stated) => {
                self.clear(product, guide, claimed)?;
                Ok(Closed { stated })
            }
            Err(error) => {
                self.let_go(product, guide)?;
                Err(error.into())
            }
        }
    }

    /// Takes a working off the desk. What somebody added meanwhile is no part of the statement, and stays.
    fn clear(&self, product: &str, guide: &Guide, version: u64) -> Result<(), GuidedError> {
        let deleted = self.documents().delete(COLLECTION, &key(product, guide), version);
        match deleted {
            Err(StoreError::Conflict { .. }) => self.let_go(product, guide),
            done => Ok(done?),
        }
    }

    /// Ends a claim; the working stays.
    fn let_go(&self, product: &str, guide: &Guide) -> Result<(), GuidedError> {
        while let Some(mut opened) = self.get(product, guide)? {
            opened.working.closing = None;
            match self.keep(product, guide, &opened.working, opened.version) {
                Err(GuidedError::Store(StoreError::Conflict { .. })) => {}
                kept => return kept.map(|_| ()),
            }
        }
        Ok(())
    }

    fn keep(&self, product: &str, guide: &Guide, working: &Working, version: u64) -> Result<u64, GuidedError> {
        let about = guide.about();
        let bytes = serde_json::to_vec(working).map_err(|source| GuidedError::Unreadable { about, source })?;
        Ok(self.documents().put(COLLECTION, &key(product, guide), &bytes, Some(version))?)
    }
}

/// Position of the statement that a closing recorded, if it did.
fn recorded(folder: &Path, working: &Working, closing: &Closing) -> Result<Option<u64>, GuidedError> {
    if !Records::exist(folder) {
        return Ok(None);
    }
    let history = Records::open(folder)?.history()?;
    let found = history.evidence().statements.iter().find(|statement| {
        let body = &statement.body;
        statement.seq >= closing.after
            && (&body.unit, &body.entry, &body.release) == (&working.unit, &working.entry, &working.release)
            && body.person == closing.by
    });
    Ok(found.map(|statement| statement.seq))
}

/// The statement that a working amounts to.
fn draft(
    folder: &Path,
    guide: &Guide,
    working: &Working,
    signed: &Signed,
    at: Timestamp,
) -> Result<Draft, GuidedError> {
    let records = Records::open(folder)?;
    let mut kept = Vec::new();
    for file in &working.files {
        let Artefact { digest, salted, kind, name, .. } = &file.artefact;
        kept.push((kind.clone(), name.clone(), records.read_evidence(digest, *salted)?));
    }
    if let Some(values) = working.values() {
        kept.push(("value".to_owned(), "values.txt".to_owned(), values.into_bytes()));
    }
    let protocol = working.protocol(guide).into_bytes();
    kept.push((Artefact::WORKING.to_owned(), "working.txt".to_owned(), protocol));
    let criteria = working.rulings.iter().filter_map(|ruling| {
        Some(CriterionVerdict { criterion: ruling.criterion.clone(), verdict: ruling.verdict? })
    });
    Ok(Draft {
        unit: working.unit.clone(),
        entry: working.entry.clone(),
        person: signed.person.clone(),
        role: signed.role.clone(),
        verdict: None,
        criteria: criteria.collect(),
        reasoning: working.reasoning(),
        key: signed.key.clone(),
        artefacts: Vec::new(),
        kept,
        effective: Some(working.period(at)),
        place: (!working.place.is_empty()).then(|| working.place.clone()),
    })
}
