//! Signed checkpoints (C2SP tlog-checkpoint): the log's word for its size and root at one moment.
//!
//! One checkpoint cannot show that the log was cut since; comparing it with a later one can (`ConsistencyProof`).

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::note::is_name;
use crate::{Digest, KeyId, KeySet, NoteError, SignedNote, SigningKey};

/// Why a text is not a checkpoint that can be trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The note around it is not sound.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The note's text is not a checkpoint.
    #[error("read the checkpoint: {0}")]
    Form(&'static str),
}

/// What a log looks like at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name, for example `assay.example/doorbell`; also the name its key signs under.
    pub origin: String,
    /// Number of leaves.
    pub size: u64,
    /// The root over them.
    pub root: Digest,
}

impl Checkpoint {
    /// The checkpoint as a signed note.
    ///
    /// # Errors
    /// [`NoteError::Name`] when C2SP does not allow the origin as a name.
    pub fn sign(&self, key: &SigningKey) -> Result<SignedNote, NoteError> {
        if !is_name(&self.origin) {
            return Err(NoteError::Name(self.origin.escape_debug().to_string()));
        }
        let text = format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root.as_bytes()));
        SignedNote::sign(&text, &self.origin, key)
    }

    /// Reads a note's text. Extension lines are allowed, as C2SP asks, and not looked at.
    fn from_text(text: &str) -> Result<Self, CheckpointError> {
        let mut lines = text.strip_suffix('\n').unwrap_or(text).split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(CheckpointError::Form("it has fewer than three lines"));
        };
        if origin.is_empty() || lines.any(str::is_empty) {
            return Err(CheckpointError::Form("it has an empty line"));
        }
        let size = match size.parse::<u64>() {
            Ok(number) if number.to_string() == size => number,
            _ => return Err(CheckpointError::Form("its size is not a plain number")),
        };
        let root = STANDARD.decode(root).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        let root = root.ok_or(CheckpointError::Form("its root is not 32 bytes in base64"))?;
        Ok(Self { origin: origin.to_owned(), size, root: Digest::from_bytes(root) })
    }
}

/// A checkpoint as read from a note, not yet verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    claimed: Checkpoint,
    note: SignedNote,
}

impl SignedCheckpoint {
    /// Reads a checkpoint note.
    ///
    /// # Errors
    /// [`CheckpointError`] when the text is anything else.
    pub fn parse(note: &str) -> Result<Self, CheckpointError> {
        let note = SignedNote::parse(note)?;
        Ok(Self { claimed: Checkpoint::from_text(note.text())?, note })
    }

    /// What the note says, whoever signed it.
    pub fn claimed(&self) -> &Checkpoint {
        &self.claimed
    }

    /// Checks that a trusted log key signed it under the origin's name, and returns the checkpoint and that key.
    ///
    /// # Errors
    /// [`NoteError::UnknownKey`] or [`NoteError::BadSignature`].
    pub fn verify(&self, keys: &KeySet) -> Result<(&Checkpoint, KeyId), NoteError> {
        let key = self.note.verify(&self.claimed.origin, keys.log_keys())?;
        Ok((&self.claimed, key.id()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SigningKey {
        SigningKey::from_seed(&[3; 32])
    }

    fn checkpoint() -> Checkpoint {
        Checkpoint { origin: "assay.example/doorbell".to_owned(), size: 20_852_163, root: Digest::of(b"root") }
    }

    #[test]
    fn the_example_of_the_c2sp_document_reads() {
        let note = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
            — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
        let read = SignedCheckpoint::parse(note).unwrap();
        assert_eq!(read.claimed().origin, "example.com/behind-the-sofa");
        assert_eq!(read.claimed().size, 20_852_163);
        assert_eq!(read.claimed().root.hex(), "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62");
    }

    #[test]
    fn a_signed_checkpoint_verifies_with_the_log_s_key_alone() {
        let note = checkpoint().sign(&key()).unwrap().to_string();
        let read = SignedCheckpoint::parse(&note).unwrap();
        let trusted = KeySet::new().with_log(key().verifying_key());
        assert_eq!(read.verify(&trusted), Ok((&checkpoint(), key().id())));
        let as_author = KeySet::new().with_author(key().verifying_key());
        assert!(matches!(read.verify(&as_author), Err(NoteError::UnknownKey(_))));
    }

    #[test]
    fn extension_lines_are_signed_but_not_read() {
        let text = format!("{}extension 1\n", checkpoint().sign(&key()).unwrap().text());
        let note = SignedNote::sign(&text, &checkpoint().origin, &key()).unwrap().to_string();
        let trusted = KeySet::new().with_log(key().verifying_key());
        assert_eq!(SignedCheckpoint::parse(&note).unwrap().verify(&trusted).unwrap().0, &checkpoint());
        let altered = SignedCheckpoint::parse(&note.replace("extension 1", "extension 2")).unwrap();
        assert!(matches!(altered.verify(&trusted), Err(NoteError::BadSignature(_))));
    }

    #[test]
    fn texts_of_another_form_are_refused() {
        let good = checkpoint().sign(&key()).unwrap().to_string();
        for (from, to) in [("20852163", "020852163"), ("20852163", "+1"), ("20852163", ""), ("\n20852163", "")] {
            let note = good.replacen(from, to, 1);
            assert!(matches!(SignedCheckpoint::parse(&note), Err(CheckpointError::Form(_))), "{note}");
        }
        let short = SignedNote::sign("o\n1\nAAAA\n", "o", &key()).unwrap().to_string();
        assert!(matches!(SignedCheckpoint::parse(&short), Err(CheckpointError::Form(_))));
        let spaced = Checkpoint { origin: "two words".to_owned(), ..checkpoint() };
        assert!(matches!(spaced.sign(&key()), Err(NoteError::Name(_))));
    }
}
