//! Signing off a checkpoint, and taking that back: a named person's record, refused while something does not hold.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use dossier::Asked;
use ledger::KeyId;
use model::{Digest, Timestamp};
use report::checkpoints::{Checkpoint, State};
use workflow::people::folded;
use workflow::{CheckpointEvent, CheckpointEvents};

use super::{CheckpointsError, by_review, kept, of, people, sign_offs, standing};
use crate::folder;
use crate::gate::Scene;
use crate::history::History;
use crate::records::Records;
use crate::replay;

/// What a person signs off, or takes back.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// Name of the checkpoint.
    pub checkpoint: String,
    /// Why.
    pub reasons: String,
    /// Who.
    pub person: String,
    /// In which role; the one that the checkpoint asks for when it is empty.
    pub role: String,
    /// The private key to sign with instead of the workspace's; the ledger has to have entered it.
    pub key: Option<PathBuf>,
}

/// What was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Its position in the ledger.
    pub seq: u64,
    /// The release.
    pub release: String,
    /// Milliseconds by which the clock was behind the record before it, if it was.
    pub clock_behind: Option<i64>,
}

/// Signs off a checkpoint of the release that a dossier folder is about.
///
/// # Errors
/// [`CheckpointsError`]; then no sign-off was recorded.
pub fn sign(folder: &Path, draft: &Draft, at: Timestamp) -> Result<Signed, CheckpointsError> {
    let (dossier, notes) = folder::load(folder)?;
    let names: Vec<Asked> = dossier.checkpoints();
    let asked = named(&names, &draft.checkpoint)?;
    filled(draft)?;
    if by_review(asked) {
        return Err(CheckpointsError::ByReview(asked.name.clone()));
    }
    let role = role(&dossier, asked, draft)?;
    let mut records = Records::open_sound(folder)?;
    let author = draft.key.as_deref().map(|file| records.author(file)).transpose()?;
    loop {
        let history = records.history()?;
        let ring = records.ring(history.size())?;
        let at = history.last_recorded().map_or(at, |last| last.max(at));
        let assessment = replay::judge(&dossier, history.evidence(), at);
        let scene = Scene {
            dossier: &dossier,
            notes: &notes,
            history: &history,
            ring: Some(&ring),
            assessment: &assessment,
            at,
        };
        let told = of(&scene, &mut kept(Some(&records)))?;
        if let Some(checkpoint) = told.named(&asked.name) {
            not_yet(checkpoint)?;
        }
        let key = match &author {
            Some(author) => author.id(),
            None => records.log_key()?.id(),
        };
        // An empty ledger has entered no key yet; nobody is an author of what it does not hold.
        let knows = ring.get(key).is_some();
        if let Some(why) = refusal(&scene, asked, &draft.person, key).filter(|_| knows) {
            return Err(CheckpointsError::Author { checkpoint: asked.name.clone(), why });
        }
        // The state of the dossier that is signed off is one that the ledger keeps.
        let Some(seq) = in_force(&history, &dossier) else {
            records.revision(&dossier.sources, at)?;
            continue;
        };
        let event = CheckpointEvent::SignedOff {
            checkpoint: asked.name.clone(),
            holds: asked.holds.iter().map(|word| word.as_str().to_owned()).collect(),
            dossier: seq,
            reasons: draft.reasons.trim().to_owned(),
            person: draft.person.trim().to_owned(),
            role: role.clone(),
        };
        let release = dossier.release_version().to_owned();
        let events = CheckpointEvents { at, release: release.clone(), events: vec![event] };
        if let Some(author) = author.clone() {
            records.sign_as(author);
        }
        // Another process may have recorded something meanwhile; then it is looked at again, with that.
        if let Some(seq) = records.checkpoints(&history, &events)? {
            return Ok(Signed { seq, release, clock_behind: records.clock_behind() });
        }
    }
}

/// Takes back the sign-offs of a checkpoint of the release, whoever made them.
///
/// # Errors
/// [`CheckpointsError`]; then nothing was recorded.
pub fn take_back(folder: &Path, draft: &Draft, at: Timestamp) -> Result<Signed, CheckpointsError> {
    let (dossier, _) = folder::load(folder)?;
    filled(draft)?;
    let mut records = Records::open_sound(folder)?;
    let author = draft.key.as_deref().map(|file| records.author(file)).transpose()?;
    if let Some(author) = author {
        records.sign_as(author);
    }
    loop {
        let history = records.history()?;
        let at = history.last_recorded().map_or(at, |last| last.max(at));
        let event = CheckpointEvent::TakenBack {
            checkpoint: draft.checkpoint.trim().to_owned(),
            reasons: draft.reasons.trim().to_owned(),
            person: draft.person.trim().to_owned(),
        };
        let release = dossier.release_version().to_owned();
        let events = CheckpointEvents { at, release: release.clone(), events: vec![event] };
        sign_offs(&history)?.take(history.size(), &events)?;
        if let Some(seq) = records.checkpoints(&history, &events)? {
            return Ok(Signed { seq, release, clock_behind: records.clock_behind() });
        }
    }
}

/// Why a person may not sign off a checkpoint, if so: whoever had a part in what it rests on may not.
pub fn refusal(scene: &Scene<'_>, asked: &Asked, person: &str, key: KeyId) -> Option<String> {
    standing::author(scene, asked, person, key, scene.history.size())
}

fn named<'a>(all: &'a [Asked], name: &str) -> Result<&'a Asked, CheckpointsError> {
    all.iter().find(|asked| asked.name == name.trim()).ok_or_else(|| CheckpointsError::Unknown {
        asked: name.trim().to_owned(),
        known: all.iter().map(|asked| asked.name.as_str()).collect::<Vec<_>>().join(", "),
    })
}

fn filled(draft: &Draft) -> Result<(), CheckpointsError> {
    let said = [(&draft.person, "it names nobody"), (&draft.reasons, "it gives no reasons")];
    match said.iter().find(|(text, _)| text.trim().is_empty()) {
        None => Ok(()),
        Some((_, why)) => Err(CheckpointsError::Person {
            checkpoint: draft.checkpoint.trim().to_owned(),
            why: (*why).to_owned(),
        }),
    }
}

/// The role in which a person signs off; refused where the checkpoint asks for one that others have.
fn role(dossier: &dossier::Dossier, asked: &Asked, draft: &Draft) -> Result<String, CheckpointsError> {
    let refused = |why: String| Err(CheckpointsError::Person { checkpoint: asked.name.clone(), why });
    let given = draft.role.trim();
    let Some(wanted) = &asked.role else { return Ok(given.to_owned()) };
    let known = people(dossier, wanted);
    let declared = dossier.people.iter().filter_map(|p| p.role.as_ref());
    if !declared.into_iter().any(|role| role.value.eq_ignore_ascii_case(wanted)) {
        return refused(format!(
            "the role `{wanted}` signs it off, and nobody has it\n\nhint: add `[[person]]` with `role = \"{wanted}\"` \
             to assay.toml"
        ));
    }
    if !known.is_empty() && !known.iter().any(|name| folded(name) == folded(&draft.person)) {
        return refused(format!(
            "the role `{wanted}` signs it off, and {} does not have it\n\nhint: it is that of {}",
            draft.person.trim(),
            known.join(", ")
        ));
    }
    if !given.is_empty() && !given.eq_ignore_ascii_case(wanted) {
        return refused(format!("the role `{wanted}` signs it off, not `{given}`"));
    }
    Ok(wanted.clone())
}

fn not_yet(checkpoint: &Checkpoint) -> Result<(), CheckpointsError> {
    if let (State::Reached, Some(one)) = (checkpoint.state, checkpoint.sign_offs.iter().find(|one| one.stands)) {
        return Err(CheckpointsError::Already {
            checkpoint: checkpoint.name.clone(),
            by: one.by.clone(),
            record: one.record,
        });
    }
    let unmet: Vec<String> = checkpoint
        .unmet()
        .map(|condition| format!("`{}` does not hold: {}", condition.id, condition.because))
        .collect();
    if unmet.is_empty() {
        return Ok(());
    }
    Err(CheckpointsError::NotYet { checkpoint: checkpoint.name.clone(), why: unmet.join("; ") })
}

/// Position of the state of the dossier in force, where it is this one.
fn in_force(history: &History, dossier: &dossier::Dossier) -> Option<u64> {
    let texts: BTreeMap<String, Digest> =
        dossier.sources.iter().map(|s| (s.path.clone(), Digest::of(s.text.as_bytes()))).collect();
    history.revisions().last().filter(|revision| revision.files == texts).map(|revision| revision.seq)
}
