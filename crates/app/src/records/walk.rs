//! Walking over the whole ledger: every leaf verified, few of them in memory at once.

use ledger::{Role, SignedCheckpoint, Summary, Verified, Verifier};
use store::StoredCheckpoint;

use super::{NotOurs, Records, RecordsError};
use crate::history::HistoryError;
use crate::inventory::{Inventory, Named, Selection};

/// Leaves that are read from the store at once.
const AT_ONCE: u64 = 512;

impl Records {
    /// Verifies everything and hands each leaf on. None when the ledger is empty.
    ///
    /// What was handed on counts when this returns `Ok`, not before.
    pub(crate) fn walk(&self, each: &mut dyn FnMut(Verified)) -> Result<Option<Summary>, RecordsError> {
        self.walk_since(&[], None, each)
    }

    /// As [`Records::walk`], held against checkpoints that were kept elsewhere, and against another checkpoint than the
    /// stored one where one is given.
    pub(crate) fn walk_since(
        &self,
        since: &[SignedCheckpoint],
        checkpoint: Option<StoredCheckpoint>,
        each: &mut dyn FnMut(Verified),
    ) -> Result<Option<Summary>, RecordsError> {
        // The size first: a sound ledger that grows meanwhile then has a checkpoint over at least so many leaves.
        let size = self.store.size().map_err(|e| self.store_error(e))?;
        let note = match checkpoint {
            Some(given) => Some(given),
            None => self.store.latest_checkpoint().map_err(|e| self.store_error(e))?,
        };
        let note = match note {
            Some(note) => note,
            None if size == 0 && since.is_empty() => return Ok(None),
            // Leaves that nobody vouches for.
            None => StoredCheckpoint { size: 0, note: String::new() },
        };
        let trust = self.trust()?;
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let mut verifier = Verifier::new(trust).threads(threads).each(each);
        for earlier in since {
            verifier = verifier.since(earlier.clone());
        }
        let (mut from, end) = (0, note.size.max(size));
        'all: while from < end {
            let to = end.min(from + AT_ONCE);
            for leaf in self.store.leaves(from..to).map_err(|e| self.store_error(e))? {
                if !verifier.push(leaf.body) {
                    break 'all;
                }
            }
            from = to;
        }
        let broken = |source| RecordsError::Broken { at: self.folder.clone(), source: Box::new(source) };
        let summary = verifier.finish(&note.note).map_err(broken)?;
        // Another ledger in the place of ours may be sound in itself.
        if let Some(key) = self.own_key()?.map(|key| key.id()) {
            let known = summary.keyring.get(key).is_some_and(|known| known.role == Role::Log);
            if !known {
                let source = NotOurs { key, root: summary.root_key.id };
                return Err(RecordsError::NotOurs { at: self.folder.clone(), source });
            }
        }
        Ok(Some(summary))
    }

    /// As [`Records::walk`], and every piece of evidence that a record names is there, with its digest; so are the
    /// texts of the dossier, unless they are about to be kept again.
    pub(crate) fn walk_whole(
        &self,
        with_dossier: bool,
        each: &mut dyn FnMut(Verified),
    ) -> Result<Option<Summary>, RecordsError> {
        let mut inventory = Inventory::new(Selection::EVERYTHING);
        let mut unreadable: Option<HistoryError> = None;
        let summary = self.walk(&mut |leaf| {
            if unreadable.is_none() {
                let seq = leaf.index;
                let taken = inventory.take(seq, &leaf.entry);
                unreadable = taken.err().map(|source| HistoryError::Record { seq, source });
            }
            each(leaf);
        })?;
        if let Some(error) = unreadable {
            return Err(error.into());
        }
        let wanted = |named: &Named| named.surely && (with_dossier || named.material.kind != "dossier");
        for (digest, _) in inventory.iter().filter(|(_, named)| wanted(named)) {
            self.check_blob(digest).map_err(|e| self.store_error(e))?;
        }
        Ok(summary)
    }
}
