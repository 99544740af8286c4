//! Walking over the whole ledger: every leaf verified, few of them in memory at once.

use std::ops::Range;

use ledger::{Role, SignedCheckpoint, Sound, Summary, Verified, Verifier};
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
        let Some((size, note)) = self.attested(since.is_empty(), checkpoint)? else { return Ok(None) };
        let mut verifier = Verifier::new(self.trust()?);
        for earlier in since {
            verifier = verifier.since(earlier.clone());
        }
        Ok(Some(self.walk_on(verifier, 0..size, &note, each)?.0))
    }

    /// A verifier and where it stands: behind what was found sound before, where those leaves are the same to the last byte,
    /// and else before the first.
    pub(super) fn verifier_after(
        &self,
        before: Option<&Sound>,
        size: u64,
    ) -> Result<(Verifier<'static>, u64), RecordsError> {
        let trust = self.trust()?;
        if let Some(sound) = before.filter(|sound| sound.trust() == trust && sound.size() <= size) {
            let mut again = sound.again();
            self.each_leaf(0..sound.size(), &mut |leaf| {
                again.push(&leaf);
                true
            })?;
            if let Some(verifier) = again.verifier() {
                return Ok((verifier, sound.size()));
            }
        }
        Ok((Verifier::new(trust), 0))
    }

    /// Up to where there are leaves, and the checkpoint that they are held against. None when there is nothing.
    pub(super) fn attested(
        &self,
        may_be_empty: bool,
        checkpoint: Option<StoredCheckpoint>,
    ) -> Result<Option<(u64, StoredCheckpoint)>, RecordsError> {
        // The size first: a sound ledger that grows meanwhile then has a checkpoint over at least so many leaves.
        let size = self.store.size().map_err(|e| self.store_error(e))?;
        let note = match checkpoint {
            Some(given) => Some(given),
            None => self.store.latest_checkpoint().map_err(|e| self.store_error(e))?,
        };
        let note = match note {
            Some(note) => note,
            None if size == 0 && may_be_empty => return Ok(None),
            // Leaves that nobody vouches for.
            None => StoredCheckpoint { size: 0, note: String::new() },
        };
        Ok(Some((note.size.max(size), note)))
    }

    /// Walks over leaves from where a verifier stands.
    pub(super) fn walk_on(
        &self,
        verifier: Verifier<'static>,
        leaves: Range<u64>,
        note: &StoredCheckpoint,
        each: &mut dyn FnMut(Verified),
    ) -> Result<(Summary, Sound), RecordsError> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let mut verifier = verifier.threads(threads).each(each);
        self.each_leaf(leaves, &mut |leaf| verifier.push(leaf))?;
        let broken = |source| RecordsError::Broken { at: self.folder.clone(), source: Box::new(source) };
        let (summary, sound) = verifier.finish_keeping(&note.note).map_err(broken)?;
        // Another ledger in the place of ours may be sound in itself.
        if let Some(key) = self.own_key()?.map(|key| key.id()) {
            let known = summary.keyring.get(key).is_some_and(|known| known.role == Role::Log);
            if !known {
                let source = NotOurs { key, root: summary.root_key.id };
                return Err(RecordsError::NotOurs { at: self.folder.clone(), source });
            }
        }
        Ok((summary, sound))
    }

    /// Hands on the bytes of leaves in their order, until it is told to stop.
    fn each_leaf(&self, leaves: Range<u64>, each: &mut dyn FnMut(Vec<u8>) -> bool) -> Result<(), RecordsError> {
        let (mut from, end) = (leaves.start, leaves.end);
        while from < end {
            let to = end.min(from + AT_ONCE);
            for leaf in self.store.leaves(from..to).map_err(|e| self.store_error(e))? {
                if !each(leaf.body) {
                    return Ok(());
                }
            }
            from = to;
        }
        Ok(())
    }

    /// As [`Records::walk`], and every file that a record names and that is wanted is there, with its digest.
    pub(super) fn walk_with(&self, wanted: impl Fn(&Named) -> bool) -> Result<Option<Summary>, RecordsError> {
        let mut inventory = Inventory::new(Selection::EVERYTHING);
        let mut unreadable: Option<HistoryError> = None;
        let summary = self.walk(&mut |leaf| {
            if unreadable.is_none() {
                let taken = inventory.take(leaf.index, &leaf.entry);
                unreadable = taken.err().map(|source| HistoryError::Record { seq: leaf.index, source });
            }
        })?;
        match unreadable {
            Some(error) => Err(error.into()),
            None => self.check_files(&inventory, wanted).map(|()| summary),
        }
    }

    /// Whether files that the records surely name are there, with their digests.
    pub(super) fn check_files(
        &self,
        inventory: &Inventory,
        wanted: impl Fn(&Named) -> bool,
    ) -> Result<(), RecordsError> {
        for (digest, _) in inventory.iter().filter(|(_, named)| named.surely && wanted(named)) {
            self.check_blob(digest).map_err(|e| self.store_error(e))?;
        }
        Ok(())
    }
}
