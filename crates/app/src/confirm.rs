//! Confirming: a second person stands by a recorded statement, or sends it back.
//!
//! Whether a unit asks for it is the policy's (`two-persons`), and what the word is worth the engine's. Nobody is the
//! second person of a statement of their own.

use std::path::{Path, PathBuf};

use catalogue::Catalogue;
use dossier::Dossier;
use engine::Recorded;
use ledger::{KeyId, Role};
use model::{Confirmation, Decision, Outcome, Statement, Timestamp, folded_name};

use crate::folder::{self, FolderError};
use crate::history::History;
use crate::records::{Records, RecordsError};

/// Why nothing was confirmed.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmError {
    /// The dossier.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The records.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// The person or the reasons are missing.
    #[error("confirm record {0}: {1}")]
    Incomplete(u64, &'static str),
    /// There is no such statement.
    #[error("confirm record {0}: it is no statement\n\nhint: `assay records` lists them")]
    Nothing(u64),
    /// A newer statement on the same instance has taken its place.
    #[error("confirm record {record}: record {newer} is the newer statement on {about}")]
    Outdated {
        /// The statement.
        record: u64,
        /// The newer one.
        newer: u64,
        /// The unit instance.
        about: String,
    },
    /// The person made the statement, or signs with the key of who did.
    #[error("confirm record {record}: {why}\n\nhint: somebody else confirms it, with a key of their own or none")]
    First {
        /// The statement.
        record: u64,
        /// Which part they had.
        why: String,
    },
}

/// What a second person says.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Position of the statement.
    pub statement: u64,
    /// Whether they stand by it.
    pub decision: Decision,
    /// Why.
    pub reasons: String,
    /// Their name.
    pub person: String,
    /// Their role.
    pub role: String,
    /// The private key to sign with instead of the workspace's; the ledger has to have entered it.
    pub key: Option<PathBuf>,
}

/// A confirmation that was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmed {
    /// Its position in the ledger.
    pub seq: u64,
    /// What was recorded.
    pub said: Confirmation,
    /// Milliseconds by which the clock was behind the record before it, if it was.
    pub clock_behind: Option<i64>,
}

/// Records what a second person says about a statement.
///
/// # Errors
/// [`ConfirmError`]; then nothing was recorded.
pub fn confirm(folder: &Path, draft: &Draft, at: Timestamp) -> Result<Confirmed, ConfirmError> {
    let (dossier, _) = folder::load(folder)?;
    for (text, what) in [(&draft.person, "name the second person"), (&draft.reasons, "give the reasons")] {
        if text.trim().is_empty() {
            return Err(ConfirmError::Incomplete(draft.statement, what));
        }
    }
    if !Records::exist(folder) {
        return Err(ConfirmError::Nothing(draft.statement));
    }
    let mut records = Records::open_sound(folder)?;
    let author = draft.key.as_deref().map(|file| records.author(file)).transpose()?;
    records.revision(&dossier.sources, at)?;
    loop {
        let history = records.history()?;
        let statement = find(&history, draft.statement)?;
        let ring = records.ring(history.size())?;
        let key = match &author {
            Some(author) => author.id(),
            None => records.log_key()?.id(),
        };
        let own = |id: KeyId| ring.get(id).is_some_and(|known| known.role != Role::Log);
        if let Some(why) = objection(&history, statement, &draft.person, own(key).then_some(key)) {
            return Err(ConfirmError::First { record: draft.statement, why });
        }
        let said = Confirmation {
            statement: statement.seq,
            digest: statement.id,
            unit: statement.body.unit.clone(),
            entry: statement.body.entry.clone(),
            release: statement.body.release.clone(),
            decision: draft.decision,
            reasons: draft.reasons.trim().to_owned(),
            person: draft.person.trim().to_owned(),
            role: draft.role.trim().to_owned(),
            confirmed: history.last_recorded().map_or(at, |last| last.max(at)),
        };
        if let Some(author) = author.clone() {
            records.sign_as(author);
        }
        // Another process may have recorded something meanwhile; then it is looked at again, with that.
        if let Some(seq) = records.confirmation(&history, &said)? {
            return Ok(Confirmed { seq, said, clock_behind: records.clock_behind() });
        }
    }
}

/// The statements of a dossier folder that wait for a second person, in ledger order.
///
/// # Errors
/// [`ConfirmError`] when the dossier or its ledger cannot be read.
pub fn waiting(folder: &Path) -> Result<Vec<Recorded<Statement>>, ConfirmError> {
    let (dossier, _) = folder::load(folder)?;
    if !Records::exist(folder) {
        return Ok(Vec::new());
    }
    let history = Records::open(folder)?.history()?;
    Ok(unconfirmed(&dossier, &history).into_iter().cloned().collect())
}

/// The statements of the release under assessment that wait for a second person, in ledger order.
pub fn unconfirmed<'a>(dossier: &Dossier, history: &'a History) -> Vec<&'a Recorded<Statement>> {
    let catalogue = Catalogue::of(dossier.edition());
    let evidence = history.evidence();
    let of_release = evidence
        .statements
        .iter()
        .filter(|s| s.body.release == dossier.release_version() && s.body.edition == dossier.edition());
    // What one person found broken counts at once.
    let newest = of_release.filter(|s| s.body.outcome() != Outcome::Fail && newer(history, s).is_none());
    newest
        .filter(|s| {
            let unit = catalogue.unit_named(&s.body.unit);
            unit.is_some_and(|unit| engine::wants_second(dossier, catalogue, unit))
        })
        .filter(|s| {
            let mut said = evidence.confirmations.iter().filter(|c| c.body.statement == s.seq);
            !said.any(|c| c.body.digest == s.id && folded_name(&c.body.person) != folded_name(&s.body.person))
        })
        .collect()
}

/// Whether somebody is the first person of a statement, however the name is written.
pub fn is_first(statement: &Statement, person: &str) -> bool {
    folded_name(&statement.person) == folded_name(person)
}

fn find(history: &History, seq: u64) -> Result<&Recorded<Statement>, ConfirmError> {
    let statement = history.evidence().statements.iter().find(|s| s.seq == seq);
    let statement = statement.ok_or(ConfirmError::Nothing(seq))?;
    match newer(history, statement) {
        None => Ok(statement),
        Some(newer) => {
            let about = match &statement.body.entry {
                Some(entry) => format!("{} @ {entry}", statement.body.unit),
                None => statement.body.unit.clone(),
            };
            Err(ConfirmError::Outdated { record: seq, newer, about })
        }
    }
}

/// The statement that has taken the place of this one, if one has.
fn newer(history: &History, statement: &Recorded<Statement>) -> Option<u64> {
    let same = |s: &&Recorded<Statement>| {
        let (a, b) = (&s.body, &statement.body);
        (a.edition, &a.release, &a.unit, &a.entry) == (b.edition, &b.release, &b.unit, &b.entry)
    };
    let rank = |s: &Recorded<Statement>| (s.body.last_true(), s.body.stated, s.seq);
    let all = history.evidence().statements.iter().filter(same);
    all.max_by_key(|s| rank(s)).filter(|s| rank(s) > rank(statement)).map(|s| s.seq)
}

/// Why somebody is not a second person beside who made the statement, if so. `key` is one of the person's own.
fn objection(
    history: &History,
    statement: &Recorded<Statement>,
    person: &str,
    key: Option<KeyId>,
) -> Option<String> {
    let first = statement.body.person.trim();
    if folded_name(person).is_empty() {
        return Some(format!("`{person}` is no name"));
    }
    if folded_name(person) == folded_name(first) {
        return Some(format!("{first} made it"));
    }
    let key = key?.to_string();
    history.signers_of(statement.seq).contains(&key).then(|| format!("key {key} signed it, for {first}"))
}
