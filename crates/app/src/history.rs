//! What the leaves of a ledger say, in their order: evidence, states of the dossier, releases, assessments.
//!
//! It reads and does not verify: whoever feeds it leaves has verified them. It judges nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use engine::{Evidence, Recorded};
use ledger::{Entry, EntryError, Envelope, EnvelopeError, Frontier, Verified, leaf_hash, predicate};
use model::{Digest, KeptArtefact, Release, Review, Timestamp, TimestampError};
use serde::Deserialize;
use serde_json::Value;
use workflow::{CheckpointEvents, Events, people, requests};

use crate::verdicts::AssessmentRecord;

/// Why a leaf does not read.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The leaf is no entry.
    #[error("read record {seq} of the ledger")]
    Entry {
        /// Its position.
        seq: u64,
        /// Why.
        #[source]
        source: EntryError,
    },
    /// The leaf's signatures do not read.
    #[error("read the signatures of record {seq} of the ledger")]
    Envelope {
        /// Its position.
        seq: u64,
        /// Why.
        #[source]
        source: EnvelopeError,
    },
    /// A record of a known kind has another form than its kind asks for.
    #[error("read record {seq} of the ledger")]
    Record {
        /// Its position.
        seq: u64,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The time of recording is no time.
    #[error("read the time of record {seq} of the ledger")]
    Time {
        /// Its position.
        seq: u64,
        /// Why.
        #[source]
        source: TimestampError,
    },
}

/// A state of the dossier that was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// Position of its record.
    pub seq: u64,
    /// Digest of each file, by its path inside the dossier folder.
    pub files: BTreeMap<String, Digest>,
}

/// An assessment that was recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// Position of its record; the leaves before it are what it was judged on.
    pub seq: u64,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// When the leaf before it was recorded.
    pub recorded_before: Option<Timestamp>,
    /// The ledger before it.
    pub ledger: LedgerState,
    /// The record.
    pub record: Arc<AssessmentRecord>,
}

/// The end of a ledger, as a report names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerState {
    /// Number of leaves.
    pub records: u64,
    /// The root over them.
    pub root: Digest,
    /// Ids of the keys that signed them.
    pub signers: BTreeSet<String>,
}

/// Everything the leaves say that judging and reports rest on.
#[derive(Debug, Clone, Default)]
pub struct History {
    frontier: Frontier,
    signers: BTreeSet<String>,
    last: Option<Timestamp>,
    evidence: Arc<Evidence>,
    revisions: Vec<Revision>,
    judged: Vec<Judged>,
    reviews: Vec<Recorded<Review>>,
    kept: Vec<Recorded<KeptArtefact>>,
    tasks: Vec<Recorded<Arc<Events>>>,
    people: Vec<Recorded<people::Events>>,
    checkpoints: Vec<Recorded<CheckpointEvents>>,
    requests: Vec<Recorded<requests::Events>>,
    signed: BTreeMap<u64, Arc<[String]>>,
    hashes: Vec<Digest>,
}

#[derive(Deserialize)]
struct RevisionRecord {
    files: BTreeMap<String, Digest>,
}

impl History {
    /// Reads leaves in their order, from the first.
    ///
    /// # Errors
    /// [`HistoryError`] for the first leaf that does not read.
    pub fn of<'a>(leaves: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, HistoryError> {
        let mut history = Self::default();
        for leaf in leaves {
            history.push(leaf)?;
        }
        Ok(history)
    }

    /// Reads the next leaf.
    ///
    /// # Errors
    /// [`HistoryError`]; then the history is as it was.
    pub fn push(&mut self, leaf: &[u8]) -> Result<(), HistoryError> {
        let seq = self.frontier.size();
        let entry = Entry::read_unverified(leaf).map_err(|source| HistoryError::Entry { seq, source })?;
        let envelope = Envelope::from_bytes(leaf).map_err(|source| HistoryError::Envelope { seq, source })?;
        let signers = envelope.signatures().iter().map(|s| s.keyid.clone()).collect();
        self.take_entry(entry, signers, Digest::of(leaf), leaf_hash(leaf))
    }

    /// Takes the next leaf from a verifier.
    ///
    /// # Errors
    /// [`HistoryError`]; then the history is as it was.
    pub fn take(&mut self, leaf: Verified) -> Result<(), HistoryError> {
        let signers = leaf.entry.signers.iter().map(ToString::to_string).collect();
        self.take_entry(leaf.entry, signers, Digest::of(&leaf.body), leaf.hash)
    }

    fn take_entry(
        &mut self,
        entry: Entry,
        signers: Vec<String>,
        id: Digest,
        hash: Digest,
    ) -> Result<(), HistoryError> {
        let seq = self.frontier.size();
        let recorded_at = Timestamp::parse(&entry.position().recorded_at)
            .map_err(|source| HistoryError::Time { seq, source })?;
        let unreadable = |source| HistoryError::Record { seq, source };
        const VOUCHED: [&str; 5] = [
            predicate::OBSERVATION,
            predicate::STATEMENT,
            predicate::CONFIRMATION,
            predicate::REVIEW,
            predicate::CHECKPOINTS,
        ];
        let vouched = VOUCHED.contains(&entry.kind());
        match entry.kind().to_owned().as_str() {
            predicate::OBSERVATION => {
                let body = serde_json::from_value(entry.into_record()).map_err(unreadable)?;
                self.evidence_mut().observations.push(Recorded { seq, id, body });
            }
            predicate::STATEMENT => {
                let body = serde_json::from_value(entry.into_record()).map_err(unreadable)?;
                self.evidence_mut().statements.push(Recorded { seq, id, body });
            }
            predicate::CONFIRMATION => {
                let body = serde_json::from_value(entry.into_record()).map_err(unreadable)?;
                self.evidence_mut().confirmations.push(Recorded { seq, id, body });
            }
            predicate::ARTEFACT => {
                let body = serde_json::from_value(entry.into_record()).map_err(unreadable)?;
                self.kept.push(Recorded { seq, id, body });
            }
            predicate::DOSSIER_REVISION => {
                let RevisionRecord { files } = serde_json::from_value(entry.into_record()).map_err(unreadable)?;
                self.revisions.push(Revision { seq, files });
            }
            predicate::RELEASE => {
                let release: Release = serde_json::from_value(entry.into_record()).map_err(unreadable)?;
                self.evidence_mut().releases.push(Recorded { seq, id, body: Arc::new(release) });
            }
            predicate::ASSESSMENT => {
                let record: AssessmentRecord = serde_json::from_value(entry.into_record()).map_err(unreadable)?;
                self.evidence_mut().assessments.push(Recorded { seq, id, body: Arc::new(record.earlier()) });
                let (ledger, recorded_before, record) = (self.state(), self.last, Arc::new(record));
                self.judged.push(Judged { seq, recorded_at, recorded_before, ledger, record });
            }
            predicate::REVIEW => {
                let body = serde_json::from_value(entry.into_record()).map_err(unreadable)?;
                self.reviews.push(Recorded { seq, id, body });
            }
            predicate::TASKS => {
                let body: Events = serde_json::from_value(entry.into_record()).map_err(unreadable)?;
                self.tasks.push(Recorded { seq, id, body: Arc::new(body) });
            }
            predicate::PEOPLE => {
                let body = serde_json::from_value(entry.into_record()).map_err(unreadable)?;
                self.people.push(Recorded { seq, id, body });
            }
            predicate::CHECKPOINTS => {
                let body = serde_json::from_value(entry.into_record()).map_err(unreadable)?;
                self.checkpoints.push(Recorded { seq, id, body });
            }
            predicate::REQUESTS => {
                let body = serde_json::from_value(entry.into_record()).map_err(unreadable)?;
                self.requests.push(Recorded { seq, id, body });
            }
            // Kinds that no verdict rests on, later ones included.
            _ => {}
        }
        self.signers.extend(signers.iter().cloned());
        if vouched {
            self.signed.insert(seq, signers.into());
        }
        self.frontier.append(hash);
        self.hashes.push(hash);
        self.last = self.last.max(Some(recorded_at));
        Ok(())
    }

    /// Number of leaves read.
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The hash of the leaf at a position.
    pub fn leaf_hash(&self, seq: u64) -> Option<Digest> {
        self.hashes.get(usize::try_from(seq).ok()?).copied()
    }

    /// The ledger after the last leaf read.
    pub fn state(&self) -> LedgerState {
        LedgerState { records: self.size(), root: self.frontier.root(), signers: self.signers.clone() }
    }

    /// When the last leaf was recorded.
    pub fn last_recorded(&self) -> Option<Timestamp> {
        self.last
    }

    /// All evidence.
    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// All evidence, for keeping.
    pub fn kept_evidence(&self) -> Arc<Evidence> {
        self.evidence.clone()
    }

    /// Whether the evidence is what another state of the same ledger has: then verdicts on it are the same.
    pub(crate) fn has_evidence_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.evidence, &other.evidence)
    }

    /// The evidence, copied first where another state of the ledger has it too.
    fn evidence_mut(&mut self) -> &mut Evidence {
        Arc::make_mut(&mut self.evidence)
    }

    /// The evidence recorded before a position.
    pub fn evidence_before(&self, seq: u64) -> Evidence {
        let observations = self.evidence.observations.iter().filter(|o| o.seq < seq).cloned().collect();
        let statements = self.evidence.statements.iter().filter(|s| s.seq < seq).cloned().collect();
        let confirmations = self.evidence.confirmations.iter().filter(|c| c.seq < seq).cloned().collect();
        let releases = self.evidence.releases.iter().filter(|r| r.seq < seq).cloned().collect();
        let assessments = self.evidence.assessments.iter().filter(|a| a.seq < seq).cloned().collect();
        Evidence { observations, statements, confirmations, releases, assessments }
    }

    /// Positions of the evidence recorded after a position.
    pub fn evidence_after(&self, seq: u64) -> Vec<u64> {
        let observed = self.evidence.observations.iter().map(|o| o.seq);
        let stated = self.evidence.statements.iter().map(|s| s.seq);
        let confirmed = self.evidence.confirmations.iter().map(|c| c.seq);
        let mut after: Vec<u64> = observed.chain(stated).chain(confirmed).filter(|at| *at > seq).collect();
        after.sort_unstable();
        after
    }

    /// Ids of the keys that signed the observation, statement, confirmation, review or sign-off at a position.
    pub fn signers_of(&self, seq: u64) -> &[String] {
        self.signed.get(&seq).map_or(&[], AsRef::as_ref)
    }

    /// The files kept as evidence by themselves, in order. No verdict rests on them.
    pub fn kept(&self) -> &[Recorded<KeptArtefact>] {
        &self.kept
    }

    /// Every record whose texts may withhold something: its position, its openings, and the record.
    pub fn withholding(&self) -> impl Iterator<Item = (u64, Option<Digest>, Result<Value, serde_json::Error>)> {
        let observed =
            self.evidence.observations.iter().map(|r| (r.seq, r.body.openings, serde_json::to_value(&r.body)));
        let stated =
            self.evidence.statements.iter().map(|r| (r.seq, r.body.openings, serde_json::to_value(&r.body)));
        let kept = self.kept.iter().map(|r| (r.seq, r.body.openings, serde_json::to_value(&r.body)));
        observed.chain(stated).chain(kept)
    }

    /// The recorded reviews, in order.
    pub fn reviews(&self) -> &[Recorded<Review>] {
        &self.reviews
    }

    /// What happened to tasks, in order. No verdict rests on it.
    pub fn tasks(&self) -> &[Recorded<Arc<Events>>] {
        &self.tasks
    }

    /// What happened to requests for evidence, in order. No verdict rests on it.
    pub fn requests(&self) -> &[Recorded<requests::Events>] {
        &self.requests
    }

    /// What happened to people and their roles, in order. No verdict rests on it.
    pub fn people(&self) -> &[Recorded<people::Events>] {
        &self.people
    }

    /// What happened at checkpoints, in order. No verdict rests on it.
    pub fn checkpoints(&self) -> &[Recorded<CheckpointEvents>] {
        &self.checkpoints
    }

    /// The newest recorded assessment of a release.
    pub fn newest_of(&self, release: &str) -> Option<&Judged> {
        self.judged.iter().rev().find(|j| j.record.release == release)
    }

    /// Positions of the evidence on a release.
    pub fn evidence_on(&self, release: &str) -> impl Iterator<Item = u64> {
        let observed = self.evidence.observations.iter().filter(move |o| o.body.dut.release == release);
        let stated = self.evidence.statements.iter().filter(move |s| s.body.release == release);
        let confirmed = self.evidence.confirmations.iter().filter(move |c| c.body.release == release);
        observed.map(|o| o.seq).chain(stated.map(|s| s.seq)).chain(confirmed.map(|c| c.seq))
    }

    /// The recorded states of the dossier, in order.
    pub fn revisions(&self) -> &[Revision] {
        &self.revisions
    }

    /// The state of the dossier in force at a position.
    pub fn revision_before(&self, seq: u64) -> Option<&Revision> {
        self.revisions.iter().rev().find(|r| r.seq < seq)
    }

    /// The recorded assessments, in order.
    pub fn judged(&self) -> &[Judged] {
        &self.judged
    }

    /// The assessment recorded at a position.
    pub fn judged_at(&self, seq: u64) -> Option<&Judged> {
        self.judged.iter().find(|j| j.seq == seq)
    }
}
