//! The growing end of a ledger: everything needed to seal the next entry, and nothing more.
//!
//! Sealing returns values; making them durable is the store's work, and only then does the new head count.

use serde_json::Value;

use crate::in_toto::PAYLOAD_TYPE;
use crate::{
    Checkpoint, Digest, Envelope, EnvelopeError, Frontier, InTotoStatement, NoteError, Position, Recorded,
    SigningKey, Subject, canonical, leaf_hash,
};

/// Why an entry could not be sealed. Nothing was signed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The record cannot be written in canonical JSON.
    #[error("write the record in canonical form")]
    Record(#[source] serde_json::Error),
    /// The record holds an integer beyond 2^53 - 1, which canonical JSON would round.
    #[error("write the record without rounding: {0}\n\nhint: write large integers as text")]
    Rounded(String),
    /// in-toto asks for at least one subject.
    #[error("seal the record: it has no subject")]
    NoSubject,
    /// Nobody is to sign it.
    #[error("seal the record: nobody signs it")]
    NoAuthor,
    /// The envelope cannot be written.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// The log's name is not allowed.
    #[error(transparent)]
    Note(#[from] NoteError),
}

/// A record that wants to enter the ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// One of [`crate::predicate`].
    pub kind: String,
    /// What the record is about; at least one.
    pub subjects: Vec<Subject>,
    /// When it is recorded, RFC 3339 in UTC.
    pub recorded_at: String,
    /// The record; of a kind that is not ours, the whole predicate.
    pub record: Value,
}

/// A signed entry, the checkpoint over the log that ends with it, and the head after it.
#[derive(Debug, Clone)]
pub struct Sealed {
    /// The leaf's bytes.
    pub body: Vec<u8>,
    /// The signed checkpoint over the log including this leaf.
    pub note: String,
    /// The head once the leaf is stored.
    pub head: Head,
}

/// The end of a ledger: its frontier and the hash of its last leaf.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    frontier: Frontier,
    last: Option<Digest>,
}

impl Head {
    /// The head of the empty ledger.
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The root over them.
    pub fn root(&self) -> Digest {
        self.frontier.root()
    }

    /// The hash of the last leaf; what the next one carries as `previous`.
    pub fn last(&self) -> Option<Digest> {
        self.last
    }

    /// Moves on by one leaf, given its [`leaf_hash`].
    pub fn push(&mut self, leaf: Digest) {
        self.frontier.append(leaf);
        self.last = Some(leaf);
    }

    /// Signs the draft as the next entry by its author, and the checkpoint after it by the log named `origin`.
    ///
    /// # Errors
    /// [`SealError`] when the draft or the origin has no sound form.
    pub fn seal(
        &self,
        draft: Draft,
        author: &SigningKey,
        origin: &str,
        log: &SigningKey,
    ) -> Result<Sealed, SealError> {
        self.seal_by(draft, &[author], origin, log)
    }

    /// As [`Head::seal`], with an entry that several keys sign.
    ///
    /// # Errors
    /// As [`Head::seal`]; nobody to sign is [`SealError::NoAuthor`].
    pub fn seal_by(
        &self,
        draft: Draft,
        authors: &[&SigningKey],
        origin: &str,
        log: &SigningKey,
    ) -> Result<Sealed, SealError> {
        if draft.subjects.is_empty() {
            return Err(SealError::NoSubject);
        }
        if let Some(number) = canonical::rounded_integer(&draft.record) {
            return Err(SealError::Rounded(number));
        }
        let ledger = Position { index: self.size(), previous: self.last, recorded_at: draft.recorded_at };
        let recorded = Recorded { ledger, record: draft.record };
        let predicate = recorded.into_predicate(&draft.kind).map_err(SealError::Record)?;
        let statement = InTotoStatement::new(&draft.kind, draft.subjects, predicate);
        let payload = canonical::bytes(&statement).map_err(SealError::Record)?;
        let (first, others) = authors.split_first().ok_or(SealError::NoAuthor)?;
        let mut envelope = Envelope::sign(PAYLOAD_TYPE, &payload, first);
        for other in others {
            envelope = envelope.countersign(other)?;
        }
        let body = envelope.to_bytes()?;
        let mut head = self.clone();
        head.push(leaf_hash(&body));
        let checkpoint = Checkpoint { origin: origin.to_owned(), size: head.size(), root: head.root() };
        let note = checkpoint.sign(log)?.to_string();
        Ok(Sealed { body, note, head })
    }
}

impl FromIterator<Digest> for Head {
    fn from_iter<I: IntoIterator<Item = Digest>>(leaves: I) -> Self {
        let mut head = Self::new();
        for leaf in leaves {
            head.push(leaf);
        }
        head
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Entry, KeySet, predicate};

    fn draft(record: Value) -> Draft {
        Draft {
            kind: predicate::OBSERVATION.to_owned(),
            subjects: vec![Subject::new("dut", Digest::of(b"dut"))],
            recorded_at: "2026-03-01T09:00:00Z".to_owned(),
            record,
        }
    }

    #[test]
    fn a_sealed_entry_carries_its_place_and_the_record() {
        let key = SigningKey::from_seed(&[1; 32]);
        let record = serde_json::json!({"port": 23, "ratio": 0.5, "text": "ü"});
        let first = Head::new().seal(draft(record.clone()), &key, "assay.example/x", &key).unwrap();
        let second = first.head.seal(draft(record.clone()), &key, "assay.example/x", &key).unwrap();
        let entry = Entry::verify(&second.body, &KeySet::new().with_log(key.verifying_key())).unwrap();
        assert_eq!(entry.position().index, 1);
        assert_eq!(entry.position().previous, Some(leaf_hash(&first.body)));
        assert_eq!(entry.record(), &record);
        assert_eq!(entry.signers, [key.id()]);
        let again: Head = [leaf_hash(&first.body), leaf_hash(&second.body)].into_iter().collect();
        assert_eq!(again, second.head);
    }

    #[test]
    fn a_record_that_would_change_on_the_way_is_refused() {
        let key = SigningKey::from_seed(&[1; 32]);
        let sealed = Head::new().seal(draft(serde_json::json!({"n": u64::MAX})), &key, "o", &key);
        assert!(matches!(sealed, Err(SealError::Rounded(number)) if number == u64::MAX.to_string()));
        let nameless = Draft { subjects: vec![], ..draft(Value::Null) };
        assert!(matches!(Head::new().seal(nameless, &key, "o", &key), Err(SealError::NoSubject)));
        assert!(matches!(Head::new().seal(draft(Value::Null), &key, "a b", &key), Err(SealError::Note(_))));
    }
}
