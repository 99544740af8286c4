//! Reading the whole ledger, verified, and doing so another time.
//!
//! What this process has found sound it keeps, of the ledgers that it read last. Nothing is taken on trust for that: every
//! leaf is read again and hashed, and what is not the same to the last byte is verified from the first leaf on. It spares
//! the signatures of what is the same, and reading it as JSON.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ledger::Sound;

use super::{Records, RecordsError};
use crate::history::{History, HistoryError};
use crate::inventory::{Inventory, Named, Selection};

/// Ledgers that are kept at once; the one that was not read for longest goes first.
const KEPT: usize = 24;

/// A ledger that was found sound, and what it says.
#[derive(Debug)]
struct Known {
    sound: Sound,
    history: History,
    inventory: Inventory,
}

/// What is known, the ledger that was read last at the end.
static KNOWN: Mutex<Vec<(PathBuf, Arc<Known>)>> = Mutex::new(Vec::new());

fn all_known() -> MutexGuard<'static, Vec<(PathBuf, Arc<Known>)>> {
    // What is known is whole at every moment.
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn known_of(folder: &Path) -> Option<Arc<Known>> {
    all_known().iter().find(|(of, _)| of == folder).map(|(_, known)| known.clone())
}

/// Keeps what is known of a ledger; of one of which nothing was known only where it is `new` that may be kept.
fn keep(folder: &Path, known: &Arc<Known>, new: bool) {
    let mut all = all_known();
    let before = all.iter().position(|(of, _)| of == folder);
    if before.is_none() && !new {
        return;
    }
    if let Some(before) = before {
        all.remove(before);
    }
    all.push((folder.to_owned(), known.clone()));
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
    pub fn history(&self) -> Result<History, RecordsError> {
        self.history_since(&History::default())
    }

    /// As [`Records::history`], but where the ledger goes on from an earlier state, the files that its records named then
    /// are not looked at again.
    ///
    /// # Errors
    /// As [`Records::history`].
    pub(crate) fn history_since(&self, before: &History) -> Result<History, RecordsError> {
        let Some(known) = self.read_whole()? else { return Ok(History::default()) };
        let from = if known.history.goes_on_from(before) { before.size() } else { 0 };
        self.check_files(&known.inventory, |named| named.leaf >= from)?;
        Ok(known.history.clone())
    }

    /// As [`Records::history`], but the files behind the records are not looked at: for what no verdict rests on.
    ///
    /// # Errors
    /// As [`Records::history`].
    pub(crate) fn history_alone(&self) -> Result<History, RecordsError> {
        Ok(self.read_whole()?.map(|known| known.history.clone()).unwrap_or_default())
    }

    /// Verifies the whole ledger, and of the evidence that it names what is wanted.
    pub(super) fn check(&self, wanted: impl Fn(&Named) -> bool) -> Result<(), RecordsError> {
        match self.read_whole()? {
            Some(known) => self.check_files(&known.inventory, wanted),
            None => Ok(()),
        }
    }

    /// The verified ledger. None when it is empty.
    fn read_whole(&self) -> Result<Option<Arc<Known>>, RecordsError> {
        let Some((size, note)) = self.attested(true, None)? else { return Ok(None) };
        let before = known_of(&self.folder);
        let (verifier, from) = self.verifier_after(before.as_ref().map(|known| &known.sound), size)?;
        let (mut history, mut inventory) = match before.filter(|_| from > 0) {
            Some(known) => (known.history.clone(), known.inventory.clone()),
            None => (History::default(), Inventory::new(Selection::EVERYTHING)),
        };
        let mut unreadable: Option<HistoryError> = None;
        let (_, sound) = self.walk_on(verifier, from..size, &note, &mut |leaf| {
            if unreadable.is_none() {
                let seq = leaf.index;
                let taken = inventory.take(seq, &leaf.entry);
                let taken = taken.map_err(|source| HistoryError::Record { seq, source });
                unreadable = taken.and_then(|()| history.take(leaf)).err();
            }
        })?;
        if let Some(error) = unreadable {
            return Err(error.into());
        }
        let known = Arc::new(Known { sound, history, inventory });
        keep(&self.folder, &known, !self.in_passing);
        Ok(Some(known))
    }
}
