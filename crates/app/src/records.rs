//! The records of a workspace: signed into the ledger before anything judges them, and read back verified.

mod confirmed;
mod followed;
mod judged;
mod kept;
pub(crate) mod known;
mod listed;
pub(crate) mod piecewise;
mod rebuilt;
mod released;
mod reviewed;
mod revised;
mod signed_off;
mod signing;
mod walk;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::Evidence;
use ledger::{
    Broken, Draft, Entry, Head, KeyId, KeyRuleError, Openings, OpeningsError, Salt, Salting, SealError, Subject,
    Summary, predicate,
};
use model::{Artefact, CanonicalError, Digest, Observation, Statement, Timestamp, for_each_text};
use serde::Serialize;
use store::{Store, StoreError};

use crate::database::{self, DatabaseError};
use crate::history::HistoryError;
use crate::key::{BY_REFERENCE, IN_ENVIRONMENT, KeyEnvironment, SigningKeyError};
use crate::privacy::{ASIDE, Privacy};
pub use rebuilt::Remade;
use signing::Signing;

/// The name of the folder inside a dossier.
pub const FOLDER: &str = ".assay";
/// Kinds of record with texts that a person writes for them.
const WRITTEN: [&str; 10] = [
    predicate::STATEMENT,
    predicate::ARTEFACT,
    predicate::REVIEW,
    predicate::RELEASE,
    predicate::KEY,
    predicate::CONFIRMATION,
    predicate::TASKS,
    predicate::PEOPLE,
    predicate::CHECKPOINTS,
    predicate::REQUESTS,
];
/// The log's name in its checkpoints.
pub(crate) const ORIGIN: &str = "assay.local/workspace";

/// Why a record could not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
    /// No key to sign with.
    #[error(transparent)]
    Key(#[from] SigningKeyError),
    /// The store.
    #[error("use the ledger in {}", at.display())]
    Store {
        /// The folder.
        at: PathBuf,
        /// Why.
        #[source]
        source: StoreError,
    },
    /// Where the ledger is cannot be told.
    #[error(transparent)]
    Database(DatabaseError),
    /// The record could not be sealed.
    #[error("record {what}")]
    Seal {
        /// What was to be recorded.
        what: &'static str,
        /// Why.
        #[source]
        source: SealError,
    },
    /// A file that was read has other bytes now.
    #[error("keep the file that was read: it changed meanwhile")]
    Changed,
    /// The record cannot be written as JSON.
    #[error("record {what}")]
    Json {
        /// What was to be recorded.
        what: &'static str,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// A person set something apart where nothing can be withheld.
    #[error(
        "record {what}: `{}` stands in a text of it that everybody reads as it is\n\nhint: leave out what is not for \
         everybody", ASIDE.0
    )]
    Aside {
        /// What was to be recorded.
        what: &'static str,
    },
    /// What the record withholds cannot be kept.
    #[error("record {what}")]
    Openings {
        /// What was to be recorded.
        what: &'static str,
        /// Why.
        #[source]
        source: OpeningsError,
    },
    /// The record has no canonical form.
    #[error("record {what}")]
    Canonical {
        /// What was to be recorded.
        what: &'static str,
        /// Why.
        #[source]
        source: CanonicalError,
    },
    /// The ledger is not sound.
    #[error("verify the ledger in {}", at.display())]
    Broken {
        /// The folder.
        at: PathBuf,
        /// The first bad item.
        #[source]
        source: Box<Broken>,
    },
    /// The ledger begins with somebody else's key.
    #[error("verify the ledger in {}", at.display())]
    NotOurs {
        /// The folder.
        at: PathBuf,
        /// Whose it is.
        #[source]
        source: NotOurs,
    },
    /// A record about a key is not one the ledger takes.
    #[error("take up record {seq} of the ledger")]
    Keys {
        /// Its position.
        seq: u64,
        /// Why.
        #[source]
        source: KeyRuleError,
    },
    /// The key that is to sign may not.
    #[error("sign {what} with key {key}: {why}")]
    MayNotSign {
        /// The key.
        key: KeyId,
        /// What it was to sign.
        what: &'static str,
        /// Why it may not.
        why: String,
    },
    /// The workspace has no key of its ledger.
    #[error(
        "sign for the ledger in {}: its key is not there\n\nhint: name the key that signs for it in {IN_ENVIRONMENT} \
         or {BY_REFERENCE}",
        .0.display()
    )]
    NoKey(PathBuf),
    /// A record of a known kind does not read.
    #[error(transparent)]
    Unreadable(#[from] HistoryError),
}

impl RecordsError {
    /// Whether the ledger does not verify.
    pub fn is_broken_ledger(&self) -> bool {
        crate::is_broken_ledger(self)
    }
}

/// A ledger that may be sound in itself, and is not this workspace's.
#[derive(Debug, thiserror::Error)]
#[error(
    "this workspace's key {key} never signed for it, it begins with key {root}\n\nhint: put the ledger back that \
     belongs to the key, or name its key in {IN_ENVIRONMENT} or {BY_REFERENCE}"
)]
pub struct NotOurs {
    /// The workspace's key.
    pub key: KeyId,
    /// The key that the ledger begins with.
    pub root: KeyId,
}

/// The ledger of a dossier folder and the keys that sign for it.
pub struct Records {
    folder: PathBuf,
    pub(crate) store: Box<dyn Store>,
    signing: Signing,
    privacy: Privacy,
    clock_behind: Option<i64>,
    in_passing: bool,
}

/// One line about a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordLine {
    /// Position in the ledger.
    pub seq: u64,
    /// `observation`, `statement`, `artefact`, `assessment`, `dossier-revision`, `key`.
    pub kind: String,
    /// When it was recorded, RFC 3339.
    pub recorded_at: String,
    /// What it is about, one line.
    pub about: String,
    /// Digest of the record's signed bytes.
    pub digest: String,
}

impl Records {
    /// Opens the ledger of a dossier folder, and makes it on first use. Its key is asked for when something is to be
    /// signed: [`KeyEnvironment::of_process`] says where it is.
    ///
    /// # Errors
    /// [`RecordsError`] when the ledger cannot be used.
    pub fn open(dossier: &Path) -> Result<Self, RecordsError> {
        Self::open_with(dossier, KeyEnvironment::of_process())
    }

    /// As [`Records::open`], with keys from elsewhere.
    ///
    /// # Errors
    /// As [`Records::open`].
    pub fn open_with(dossier: &Path, keys: KeyEnvironment) -> Result<Self, RecordsError> {
        let folder = dossier.join(FOLDER);
        let store = database::store(&folder).map_err(|error| match error {
            DatabaseError::Store(source) => RecordsError::Store { at: folder.clone(), source },
            other => RecordsError::Database(other),
        })?;
        Ok(Self::over(dossier, keys, store))
    }

    /// The records of a dossier folder in a store that is open.
    pub(crate) fn over(dossier: &Path, keys: KeyEnvironment, store: Box<dyn Store>) -> Self {
        let (signing, privacy) = (Signing::new(keys, dossier), Privacy::default());
        Self { folder: dossier.join(FOLDER), store, signing, privacy, clock_behind: None, in_passing: false }
    }

    /// Withholds these secrets from the texts of every observation and statement recorded from now on, beside what
    /// probes and persons set apart.
    pub fn withhold(&mut self, privacy: Privacy) {
        self.privacy = privacy;
    }

    /// Opens the ledger of a dossier folder to build on it: none of its records may be damaged.
    ///
    /// # Errors
    /// As [`Records::open`] and [`Records::verify`].
    pub fn open_sound(dossier: &Path) -> Result<Self, RecordsError> {
        let records = Self::open(dossier)?;
        // Whoever records keeps the texts of the dossier again, which mends them.
        records.check(|named| named.material.kind != "dossier")?;
        Ok(records)
    }

    /// As [`Records::open_sound`], for what no verdict rests on: files that this process has held against their digests within
    /// the hour are not again.
    ///
    /// # Errors
    /// As [`Records::open`] and [`Records::history`].
    pub(crate) fn open_sound_lately(dossier: &Path) -> Result<Self, RecordsError> {
        let records = Self::open(dossier)?;
        records.check_lately(|named| named.material.kind != "dossier")?;
        Ok(records)
    }

    /// By how many milliseconds the clock was found to be behind the last record, at most, since the ledger was
    /// opened. Records made then carry the last record's time: times never go back along the log.
    pub fn clock_behind(&self) -> Option<i64> {
        self.clock_behind
    }

    /// The ledger's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether a dossier folder has a ledger.
    pub fn exist(dossier: &Path) -> bool {
        let folder = dossier.join(FOLDER);
        // Anything else in its place is not no ledger: opening it says what it is.
        folder.join("ledger.sqlite").exists()
            || folder.join(database::POINTER).exists()
            || folder.join("blobs").exists()
            || (folder.exists() && !folder.is_dir())
    }

    /// Records an observation with the raw material it was read from; what its texts withhold is kept beside it.
    /// Durable when it returns.
    ///
    /// # Errors
    /// [`RecordsError`]; then nothing was recorded.
    pub fn observe(&mut self, observation: Observation, raw: &[u8], at: Timestamp) -> Result<u64, RecordsError> {
        let digest = self.keep_evidence(raw)?;
        self.observe_kept(observation, digest, at)
    }

    /// Records an observation whose raw material is kept already.
    fn observe_kept(
        &mut self,
        observation: Observation,
        digest: Digest,
        at: Timestamp,
    ) -> Result<u64, RecordsError> {
        const WHAT: &str = "an observation";
        let salting = Salting::of(&self.log_key()?);
        let withheld = self.privacy.observation(&salting, observation);
        let (mut observation, openings) = withheld.map_err(|source| RecordsError::Json { what: WHAT, source })?;
        observation.openings = self.keep_openings(WHAT, &openings)?;
        observation.raw = Some(digest);
        observation.salted = true;
        let subject = format!("{}:{}", observation.run.probe, observation.run.target);
        self.append(WHAT, predicate::OBSERVATION, &[(subject, digest)], &observation, at)
    }

    /// Records a statement; what its texts withhold is kept beside it. Its artefacts have to be kept before. Durable
    /// when it returns.
    ///
    /// # Errors
    /// [`RecordsError`]; then nothing was recorded.
    pub fn state(&mut self, statement: &Statement, at: Timestamp) -> Result<u64, RecordsError> {
        const WHAT: &str = "a statement";
        let salting = Salting::of(&self.log_key()?);
        let (mut statement, openings) = self.privacy.statement(&salting, statement.clone());
        statement.openings = self.keep_openings(WHAT, &openings)?;
        let about = match &statement.entry {
            Some(entry) => format!("{}@{entry}", statement.unit),
            None => statement.unit.clone(),
        };
        let mut subjects = vec![(about.clone(), Digest::of(about.as_bytes()))];
        subjects.extend(statement.artefacts.iter().map(|a| (a.name.clone(), a.digest)));
        self.append(WHAT, predicate::STATEMENT, &subjects, &statement, at)
    }

    fn keep_openings(&mut self, what: &'static str, openings: &Openings) -> Result<Option<Digest>, RecordsError> {
        if openings.is_empty() {
            return Ok(None);
        }
        let bytes = openings.to_bytes().map_err(|source| RecordsError::Openings { what, source })?;
        self.keep_evidence(&bytes).map(Some)
    }

    /// Records the dossier as it is now, by the digests of its files; once per state.
    ///
    /// # Errors
    /// [`RecordsError`]; then nothing was recorded.
    pub fn revision(&mut self, sources: &[dossier::SourceText], at: Timestamp) -> Result<Digest, RecordsError> {
        self.revision_by(sources, None, at)
    }

    /// As [`Records::revision`], with the person who saved what is new, where it is known.
    ///
    /// # Errors
    /// As [`Records::revision`].
    pub fn revision_by(
        &mut self,
        sources: &[dossier::SourceText],
        by: Option<&str>,
        at: Timestamp,
    ) -> Result<Digest, RecordsError> {
        let known = self.store.by_kind(predicate::DOSSIER_REVISION).map_err(|e| self.store_error(e))?;
        let known = known.last().and_then(|leaf| Entry::read_unverified(&leaf.body).ok());
        let known = known.map(|entry| entry.record()["files"].clone()).unwrap_or_default();
        let mut files = serde_json::Map::new();
        let mut subjects = Vec::new();
        for source in sources {
            let digest = Digest::of(source.text.as_bytes());
            // A text that the last state names was durable before that was recorded; what is left is to mend it.
            let named = known[&source.path] == digest.to_string();
            if !named || self.check_blob(&digest).is_err() {
                self.keep(source.text.as_bytes())?;
            }
            files.insert(source.path.clone(), digest.to_string().into());
            subjects.push((source.path.clone(), digest));
        }
        let mut record = serde_json::json!({ "files": files });
        let whole = Digest::of(record.to_string().as_bytes());
        let same = known == record["files"];
        if let Some(by) = by {
            record["by"] = by.into();
        }
        if !same && !subjects.is_empty() {
            self.append("the dossier", predicate::DOSSIER_REVISION, &subjects, &record, at)?;
        }
        Ok(whole)
    }

    /// Keeps evidence behind a salt, and returns the digest over both: what may stand in a record.
    ///
    /// # Errors
    /// [`RecordsError`] when it cannot be stored durably.
    pub fn keep_evidence(&mut self, content: &[u8]) -> Result<Digest, RecordsError> {
        let salt = Salting::of(&self.log_key()?).salt(content);
        self.keep(&salt.before(content))
    }

    /// The content of kept evidence. `salted` is what the record that names the digest says.
    ///
    /// # Errors
    /// [`RecordsError`] when it is missing or its bytes were altered.
    pub fn read_evidence(&self, digest: &Digest, salted: bool) -> Result<Vec<u8>, RecordsError> {
        let mut kept = self.store.get_blob(digest).map_err(|e| self.store_error(e))?;
        if !salted {
            return Ok(kept);
        }
        match Salt::split(&kept).map(|(_, content)| kept.len() - content.len()) {
            Some(salt) => Ok(kept.split_off(salt)),
            None => Err(self.store_error(StoreError::BlobDamaged(*digest))),
        }
    }

    /// Keeps bytes that hold nothing secret, and returns their digest.
    ///
    /// # Errors
    /// [`RecordsError`] when they cannot be stored durably.
    pub fn keep(&mut self, bytes: &[u8]) -> Result<Digest, RecordsError> {
        self.store.put_blob(bytes).map_err(|e| self.store_error(e))
    }

    /// Keeps a file as an artefact of a kind, behind a salt.
    ///
    /// # Errors
    /// [`RecordsError`] when it cannot be stored durably.
    pub fn artefact(&mut self, kind: &str, name: &str, bytes: &[u8]) -> Result<Artefact, RecordsError> {
        let digest = self.keep_evidence(bytes)?;
        Ok(Artefact {
            digest,
            salted: true,
            size: bytes.len() as u64,
            kind: kind.to_owned(),
            name: name.to_owned(),
        })
    }

    /// Verifies every leaf, the chain and the checkpoint, with the keys that the ledger entered, and that the
    /// workspace's own key is one that signed for the log.
    ///
    /// # Errors
    /// [`RecordsError::Broken`] names the first item that is not sound. An empty ledger is sound: `None`.
    pub fn verify(&self) -> Result<Option<Summary>, RecordsError> {
        self.walk(&mut |_| {})
    }

    /// As [`Records::verify`], and every piece of evidence that a record names is there, with its digest.
    ///
    /// # Errors
    /// As [`Records::verify`], and [`RecordsError::Store`] for evidence that is missing or was altered.
    pub fn verify_whole(&self) -> Result<Option<Summary>, RecordsError> {
        self.walk_with(|_| true)
    }

    /// The evidence that a judgement rests on, after the whole ledger has been verified.
    ///
    /// # Errors
    /// [`RecordsError::Broken`] or [`RecordsError::Unreadable`]; evidence that does not verify judges nothing.
    pub fn evidence(&self) -> Result<Arc<Evidence>, RecordsError> {
        Ok(self.history()?.kept_evidence())
    }

    /// One line per record, in order.
    ///
    /// # Errors
    /// [`RecordsError`] when the ledger cannot be read.
    pub fn lines(&self) -> Result<Vec<RecordLine>, RecordsError> {
        Ok(self.leaves()?.iter().map(listed::line).collect())
    }

    fn leaves(&self) -> Result<Vec<store::Leaf>, RecordsError> {
        let size = self.store.size().map_err(|e| self.store_error(e))?;
        self.store.leaves(0..size).map_err(|e| self.store_error(e))
    }

    fn append<T: Serialize>(
        &mut self,
        what: &'static str,
        kind: &str,
        subjects: &[(String, Digest)],
        record: &T,
        at: Timestamp,
    ) -> Result<u64, RecordsError> {
        let record = serde_json::to_value(record).map_err(|source| RecordsError::Json { what, source })?;
        let draft = Draft {
            kind: kind.to_owned(),
            subjects: subjects.iter().map(|(name, digest)| Subject::new(name.as_str(), *digest)).collect(),
            recorded_at: at.to_string(),
            record,
        };
        loop {
            if let Some(seq) = self.append_to(what, draft.clone(), None)? {
                return Ok(seq);
            }
        }
    }

    /// Appends as the next leaf; none when the ledger no longer has the size it is meant for, or another process was
    /// faster. Then nothing was recorded.
    fn append_to(
        &mut self,
        what: &'static str,
        mut draft: Draft,
        size: Option<u64>,
    ) -> Result<Option<u64>, RecordsError> {
        let mut aside = false;
        for_each_text(&mut draft.record, &mut |text| aside |= text.contains(ASIDE.0));
        if aside && WRITTEN.contains(&draft.kind.as_str()) {
            return Err(RecordsError::Aside { what });
        }
        let head = self.store.head().map_err(|e| self.store_error(e))?;
        if size.is_some_and(|size| size != head.size()) {
            return Ok(None);
        }
        self.not_before_the_last(&head, &mut draft)?;
        if head.size() == 0 {
            self.enter_root(&draft.recorded_at)?;
            return Ok(None);
        }
        let kind = draft.kind.clone();
        let sealed = self.seal_next(what, &head, draft)?;
        match self.store.append(&kind, &sealed.body, &sealed.note) {
            Ok(seq) => {
                self.appended(seq);
                Ok(Some(seq))
            }
            Err(StoreError::Moved { .. }) => Ok(None),
            Err(error) => Err(self.store_error(error)),
        }
    }

    /// Moves a draft to the moment of the last leaf where the clock went back since.
    fn not_before_the_last(&mut self, head: &Head, draft: &mut Draft) -> Result<(), RecordsError> {
        let last = match head.size().checked_sub(1) {
            Some(last) => self.store.leaf(last).map_err(|e| self.store_error(e))?,
            None => None,
        };
        // A time that does not read is for verification to name.
        let last = last.and_then(|leaf| Timestamp::parse(&leaf.recorded_at).ok());
        if let (Some(last), Ok(at)) = (last, Timestamp::parse(&draft.recorded_at))
            && last > at
        {
            self.clock_behind = self.clock_behind.max(Some(last.millis() - at.millis()));
            draft.recorded_at = last.to_string();
        }
        Ok(())
    }

    pub(crate) fn store_error(&self, source: StoreError) -> RecordsError {
        RecordsError::Store { at: self.folder.clone(), source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attached_value_is_kept_but_cannot_be_guessed_from_its_digest() {
        let folder = tempfile::tempdir().unwrap();
        let mut records = Records::open(folder.path()).unwrap();
        let pin = records.artefact("value", "pin.txt", b"4711").unwrap();
        assert!(pin.salted && pin.size == 4);
        assert_eq!(records.read_evidence(&pin.digest, pin.salted).unwrap(), b"4711");
        assert_eq!(records.artefact("value", "again.txt", b"4711").unwrap().digest, pin.digest);
        let guessed = (0..10_000).any(|guess| Digest::of(format!("{guess:04}").as_bytes()) == pin.digest);
        assert!(!guessed);
    }

    #[test]
    fn evidence_of_early_records_reads_without_a_salt() {
        let folder = tempfile::tempdir().unwrap();
        let mut records = Records::open(folder.path()).unwrap();
        let early = records.keep(b"raw material, longer than any salt would be").unwrap();
        assert_eq!(records.read_evidence(&early, false).unwrap(), b"raw material, longer than any salt would be");
    }

    #[test]
    fn a_bracket_where_nothing_can_be_withheld_is_refused_and_one_that_a_product_writes_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let mut records = Records::open(folder.path()).unwrap();
        let at = Timestamp::from_seconds(1_790_000_000);
        let record = serde_json::json!({"reasons": "seen by [[private: Anna]]"});
        let subjects = [("x".to_owned(), Digest::of(b"x"))];
        let refused = records.append("a review", predicate::REVIEW, &subjects, &record, at).unwrap_err();
        assert!(refused.to_string().contains("everybody reads as it is"), "{refused}");
        assert_eq!(records.lines().unwrap(), []);
        records.append("an observation", predicate::OBSERVATION, &subjects, &record, at).unwrap();
    }
}
