//! Making everything beside the leaves again: columns, tables, and a checkpoint where none is left.

use ledger::{Checkpoint, KeySet, Log, SignedCheckpoint, Summary};
use store::{Rebuilt, StoredCheckpoint};

use super::{ORIGIN, Records, RecordsError};

/// What making the index again came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Remade {
    /// What the store found.
    pub index: Rebuilt,
    /// Whether the checkpoints were lost or damaged, and one was signed anew over the leaves that are there.
    pub signed_anew: bool,
    /// What the whole ledger verifies as; none when it is empty.
    pub summary: Option<Summary>,
}

impl Records {
    /// Makes every table and column beside the leaves again, and verifies the whole.
    ///
    /// A checkpoint is signed anew where every leaf verifies and no sound checkpoint is left that speaks of other leaves:
    /// what was cut off or replaced stays an error.
    ///
    /// # Errors
    /// [`RecordsError::Broken`] when the leaves do not verify, or a sound checkpoint does not fit them.
    pub fn rebuild(&mut self) -> Result<Remade, RecordsError> {
        let index = self.store.rebuild_index().map_err(|e| self.store_error(e))?;
        let broken = match self.verify() {
            Ok(summary) => return Ok(Remade { index, signed_anew: false, summary }),
            Err(error @ RecordsError::Broken { .. }) => error,
            Err(error) => return Err(error),
        };
        let head = self.store.head().map_err(|e| self.store_error(e))?;
        let checkpoint = Checkpoint { origin: ORIGIN.to_owned(), size: head.size(), root: head.root() };
        let what = "a checkpoint";
        let log = self.log_key()?;
        let note = checkpoint.sign(&log).map_err(|e| RecordsError::Seal { what, source: e.into() })?.to_string();
        let mut hashes = Log::new();
        let stored = StoredCheckpoint { size: head.size(), note: note.clone() };
        // Leaves that do not verify, or a key that may not sign here, are the answer.
        let summary = self.walk_since(&[], Some(stored), &mut |leaf| {
            hashes.append(leaf.hash);
        })?;
        let Some(found) = &summary else { return Err(broken) };
        let keys = found.keyring.keys().fold(KeySet::new(), |set, known| set.with_log(known.public_key.0));
        for stored in self.store.checkpoints().map_err(|e| self.store_error(e))? {
            let Ok(signed) = SignedCheckpoint::parse(&stored.note) else { continue };
            if let Ok((sound, _)) = signed.verify(&keys)
                && hashes.root_at(sound.size) != Some(sound.root)
            {
                return Err(broken);
            }
        }
        self.store.replace_checkpoints(&note).map_err(|e| self.store_error(e))?;
        Ok(Remade { index, signed_anew: true, summary })
    }
}
