//! One line about each record, for lists.

use std::ops::Range;

use ledger::{Entry, predicate};
use model::Digest;
use store::Leaf;

use super::{RecordLine, Records, RecordsError};

/// Leaves that are read at once when lines of one kind are sought.
const AT_ONCE: u64 = 512;

impl Records {
    /// Number of records.
    ///
    /// # Errors
    /// [`RecordsError`] when the ledger cannot be read.
    pub fn size(&self) -> Result<u64, RecordsError> {
        self.store.size().map_err(|e| self.store_error(e))
    }

    /// One line per record of a range, in order.
    ///
    /// # Errors
    /// [`RecordsError`] when the ledger cannot be read.
    pub fn lines_in(&self, range: Range<u64>) -> Result<Vec<RecordLine>, RecordsError> {
        let leaves = self.store.leaves(range).map_err(|e| self.store_error(e))?;
        Ok(leaves.iter().map(line).collect())
    }

    /// At most so many lines of one kind before a position, the newest first.
    ///
    /// # Errors
    /// [`RecordsError`] when the ledger cannot be read.
    pub fn lines_of(&self, kind: &str, before: u64, at_most: usize) -> Result<Vec<RecordLine>, RecordsError> {
        let (mut lines, mut end) = (Vec::new(), before);
        while end > 0 && lines.len() < at_most {
            let begin = end.saturating_sub(AT_ONCE);
            let leaves = self.store.leaves(begin..end).map_err(|e| self.store_error(e))?;
            let found = leaves.iter().rev().filter(|leaf| self::kind(leaf) == kind);
            lines.extend(found.take(at_most - lines.len()).map(line));
            end = begin;
        }
        Ok(lines)
    }
}

/// What a leaf is about, in a line.
pub(super) fn line(leaf: &Leaf) -> RecordLine {
    let entry = Entry::read_unverified(&leaf.body).ok();
    let saved_by = |e: &Entry| Some(format!("saved by {}", e.record()["by"].as_str()?));
    let revision = entry.as_ref().filter(|_| leaf.kind == predicate::DOSSIER_REVISION);
    let about = revision.and_then(saved_by);
    let subject = || entry.as_ref()?.subjects().first().map(|s| s.name.clone());
    let about = about.or_else(subject).unwrap_or_default();
    RecordLine {
        seq: leaf.seq,
        kind: kind(leaf),
        recorded_at: wire::text::visible_str(&leaf.recorded_at, 40),
        about: wire::text::visible_str(&about, 200),
        digest: Digest::of(&leaf.body).to_string(),
    }
}

/// The kind of a leaf, as lists have it.
fn kind(leaf: &Leaf) -> String {
    let ours = leaf.kind.trim_start_matches("urn:assay:").trim_end_matches(":v1");
    let theirs = ours.trim_start_matches("https://in-toto.io/attestation/");
    wire::text::visible_str(theirs.trim_end_matches("/v0.1"), 60)
}
