//! Reading the whole ledger, verified, and doing so another time.
//!
//! What this process has found sound it keeps, of the ledgers that it read last. Nothing of a ledger is taken on trust for
//! that: every leaf is read again and hashed, and what is not the same to the last byte is verified from the first leaf on.
//! It spares the signatures of what is the same, and reading it as JSON. Of the files behind the records it is known when
//! they were held against their digests.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ledger::Sound;
use model::Timestamp;

use super::{Records, RecordsError};
use crate::history::{History, HistoryError};
use crate::inventory::{Inventory, Named, Selection};
use crate::now;

/// Ledgers that are kept at once, that of the people beside products; the one that was not read for longest goes first.
const KEPT: usize = 25;
/// Milliseconds for which files that were held against their digests need not be again, where a look at them is enough.
const AGAIN: i64 = 60 * 60 * 1000;

/// A ledger that was found sound, and what it says.
#[derive(Debug)]
struct Known {
    sound: Sound,
    history: Arc<History>,
    inventory: Arc<Inventory>,
    files: Mutex<Option<Files>>,
}

/// The files behind the records before a position, each held against its digest.
#[derive(Debug, Clone, Copy)]
struct Files {
    at: Timestamp,
    before: u64,
}

impl Known {
    /// The files that were held against their digests within the hour.
    fn lately(&self, now: Timestamp) -> Option<Files> {
        (*held(&self.files)).filter(|files| is_recent(files.at, now))
    }
}

/// Whether what was looked at then need not be looked at again now.
pub(crate) fn is_recent(then: Timestamp, now: Timestamp) -> bool {
    (0..AGAIN).contains(&(now.millis() - then.millis()))
}

/// What is known, the ledger that was read last at the end.
static KNOWN: Mutex<Vec<(PathBuf, Arc<Known>)>> = Mutex::new(Vec::new());

fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is known is whole at every moment.
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

fn known_of(folder: &Path) -> Option<Arc<Known>> {
    held(&KNOWN).iter().find(|(of, _)| of == folder).map(|(_, known)| known.clone())
}

/// Keeps what is known of a ledger. In passing, only where something was, and that is no reason for it to stay longer.
fn keep(folder: &Path, known: &Arc<Known>, in_passing: bool) {
    let mut all = held(&KNOWN);
    match all.iter().position(|(of, _)| of == folder) {
        Some(at) if in_passing => all[at].1 = known.clone(),
        None if in_passing => {}
        before => {
            if let Some(at) = before {
                all.remove(at);
            }
            all.push((folder.to_owned(), known.clone()));
        }
    }
    if all.len() > KEPT {
        all.remove(0);
    }
}

impl Records {
    /// Of a ledger that was not read before nothing is kept: for somebody who reads very many, each one time.
    #[must_use]
    pub(crate) fn in_passing(mut self) -> Self {
        self.in_passing = true;
        self
    }

    /// Everything recorded, after the whole ledger and the evidence that it names have been verified.
    ///
    /// # Errors
    /// [`RecordsError::Broken`] or [`RecordsError::Unreadable`]; a ledger that does not verify judges nothing.
    pub fn history(&self) -> Result<Arc<History>, RecordsError> {
        match self.read_whole()? {
            Some(known) => self.with_files(&known, Files { at: now(), before: 0 }).map(|_| known.history.clone()),
            None => Ok(Arc::default()),
        }
    }

    /// As [`Records::history`], but files that this process has held against their digests within the hour are not again.
    /// Returns when the first of them was, too.
    ///
    /// # Errors
    /// As [`Records::history`].
    pub(crate) fn history_lately(&self) -> Result<(Arc<History>, Timestamp), RecordsError> {
        match self.read_whole()? {
            Some(known) => {
                let now = now();
                let at = self.with_files(&known, known.lately(now).unwrap_or(Files { at: now, before: 0 }))?;
                Ok((known.history.clone(), at))
            }
            None => Ok((Arc::default(), now())),
        }
    }

    /// Verifies the whole ledger and what is wanted of the files behind it. Records need not read as their kinds for that.
    pub(super) fn check(&self, wanted: impl Fn(&Named) -> bool) -> Result<(), RecordsError> {
        match self.read_whole() {
            Ok(Some(known)) => self.check_files(&known.inventory, wanted),
            Ok(None) => Ok(()),
            Err(RecordsError::Unreadable(_)) => self.walk_with(wanted).map(|_| ()),
            Err(error) => Err(error),
        }
    }

    /// Verifies the whole ledger, and of the files behind it those that are wanted and were not held against their digests
    /// within the hour.
    pub(super) fn check_lately(&self, wanted: impl Fn(&Named) -> bool) -> Result<(), RecordsError> {
        let Some(known) = self.read_whole()? else { return Ok(()) };
        let lately = known.lately(now()).map_or(0, |files| files.before);
        self.check_files(&known.inventory, |named| named.leaf >= lately && wanted(named))
    }

    /// Holds the files behind the records against their digests, but those that were. Returns since when all are.
    fn with_files(&self, known: &Known, held_before: Files) -> Result<Timestamp, RecordsError> {
        let Files { at, before } = held_before;
        self.check_files(&known.inventory, |named| named.leaf >= before)?;
        *held(&known.files) = Some(Files { at, before: known.history.size() });
        Ok(at)
    }

    /// The verified ledger. None when it is empty.
    fn read_whole(&self) -> Result<Option<Arc<Known>>, RecordsError> {
        let Some((size, note)) = self.attested(true, None)? else { return Ok(None) };
        let before = known_of(&self.folder);
        let (verifier, from) = self.verifier_after(before.as_ref().map(|known| &known.sound), size)?;
        let (mut history, mut inventory, files) = match before.filter(|_| from > 0) {
            Some(known) => (known.history.clone(), known.inventory.clone(), *held(&known.files)),
            None => (Arc::default(), Arc::new(Inventory::new(Selection::EVERYTHING)), None),
        };
        let mut unreadable: Option<HistoryError> = None;
        let (_, sound) = self.walk_on(verifier, from..size, &note, &mut |leaf| {
            if unreadable.is_none() {
                let seq = leaf.index;
                let taken = Arc::make_mut(&mut inventory).take(seq, &leaf.entry);
                let taken = taken.map_err(|source| HistoryError::Record { seq, source });
                unreadable = taken.and_then(|()| Arc::make_mut(&mut history).take(leaf)).err();
            }
        })?;
        if let Some(error) = unreadable {
            return Err(error.into());
        }
        let known = Arc::new(Known { sound, history, inventory, files: Mutex::new(files) });
        keep(&self.folder, &known, self.in_passing);
        Ok(Some(known))
    }
}
