//! Sign-offs of checkpoints: who stood by one, over what, and whether it was taken back.
//!
//! Whether a sign-off still stands depends on what changed since; that is for those who know the ledger.

use model::Timestamp;
use serde::{Deserialize, Serialize};

/// One thing that happened at one checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum CheckpointEvent {
    /// A person signed it off: everything it asks for held.
    SignedOff {
        /// Name of the checkpoint.
        checkpoint: String,
        /// What it asked for, in the words of the dossier.
        holds: Vec<String>,
        /// Position of the state of the dossier that was signed off.
        dossier: u64,
        /// Why, in the person's words.
        reasons: String,
        /// Who.
        person: String,
        /// In which role.
        role: String,
    },
    /// A person took back what was signed off, whoever had signed it.
    TakenBack {
        /// Name of the checkpoint.
        checkpoint: String,
        /// Why.
        reasons: String,
        /// Who.
        person: String,
    },
}

/// What happened at one moment: one record of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckpointEvents {
    /// When.
    pub at: Timestamp,
    /// The release.
    pub release: String,
    /// What happened, in order.
    pub events: Vec<CheckpointEvent>,
}

/// A sign-off, and where it was taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOff {
    /// Position of its record.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// The release.
    pub release: String,
    /// Name of the checkpoint.
    pub checkpoint: String,
    /// What it asked for.
    pub holds: Vec<String>,
    /// Position of the state of the dossier that was signed off.
    pub dossier: u64,
    /// Why.
    pub reasons: String,
    /// Who.
    pub person: String,
    /// In which role.
    pub role: String,
    /// Who took it back, why, and the position of that record.
    pub taken_back: Option<(String, String, u64)>,
}

/// An event that cannot have happened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoSignOff {
    /// A text that is needed is empty.
    #[error("a sign-off names {0}")]
    Empty(&'static str),
    /// There is nothing to take back.
    #[error("checkpoint {0} is not signed off for this release")]
    NotSigned(String),
}

/// All sign-offs, in the order of the ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SignOffs {
    all: Vec<SignOff>,
}

impl SignOffs {
    /// Takes what happened, as the record at a position says: all of it, or, refused, nothing.
    ///
    /// # Errors
    /// [`NoSignOff`] for the first event that cannot have happened.
    pub fn take(&mut self, seq: u64, events: &CheckpointEvents) -> Result<(), NoSignOff> {
        let mut next = self.clone();
        for event in &events.events {
            next.one(seq, events, event)?;
        }
        *self = next;
        Ok(())
    }

    /// Those of a checkpoint of a release, the newest first; those that were taken back are among them.
    pub fn of(&self, release: &str, checkpoint: &str) -> impl Iterator<Item = &SignOff> {
        self.all.iter().rev().filter(move |one| one.release == release && one.checkpoint == checkpoint)
    }

    /// All of them, in the order of the ledger.
    pub fn iter(&self) -> impl Iterator<Item = &SignOff> {
        self.all.iter()
    }

    fn one(&mut self, seq: u64, events: &CheckpointEvents, event: &CheckpointEvent) -> Result<(), NoSignOff> {
        let filled = |said: &[(&String, &'static str)]| {
            let empty = said.iter().find(|(text, _)| text.trim().is_empty());
            empty.map_or(Ok(()), |(_, what)| Err(NoSignOff::Empty(what)))
        };
        match event {
            CheckpointEvent::SignedOff { checkpoint, holds, dossier, reasons, person, role } => {
                filled(&[(checkpoint, "its checkpoint"), (person, "a person"), (reasons, "the reasons")])?;
                self.all.push(SignOff {
                    seq,
                    at: events.at,
                    release: events.release.clone(),
                    checkpoint: checkpoint.clone(),
                    holds: holds.clone(),
                    dossier: *dossier,
                    reasons: reasons.clone(),
                    person: person.clone(),
                    role: role.clone(),
                    taken_back: None,
                });
                Ok(())
            }
            CheckpointEvent::TakenBack { checkpoint, reasons, person } => {
                filled(&[(checkpoint, "its checkpoint"), (person, "a person"), (reasons, "the reasons")])?;
                let of = |one: &&mut SignOff| {
                    one.release == events.release && one.checkpoint == *checkpoint && one.taken_back.is_none()
                };
                let mut found = false;
                for one in self.all.iter_mut().filter(of) {
                    one.taken_back = Some((person.clone(), reasons.clone(), seq));
                    found = true;
                }
                if found { Ok(()) } else { Err(NoSignOff::NotSigned(checkpoint.clone())) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(checkpoint: &str, person: &str) -> CheckpointEvent {
        CheckpointEvent::SignedOff {
            checkpoint: checkpoint.into(),
            holds: vec!["current".into()],
            dossier: 1,
            reasons: "looked at".into(),
            person: person.into(),
            role: "lab".into(),
        }
    }

    fn back(checkpoint: &str) -> CheckpointEvent {
        CheckpointEvent::TakenBack {
            checkpoint: checkpoint.into(),
            reasons: "too early".into(),
            person: "B".into(),
        }
    }

    fn at(release: &str, events: Vec<CheckpointEvent>) -> CheckpointEvents {
        CheckpointEvents { at: Timestamp::from_seconds(0), release: release.into(), events }
    }

    #[test]
    fn the_newest_comes_first_and_a_release_has_its_own() {
        let mut all = SignOffs::default();
        all.take(3, &at("1.0", vec![signed("measured", "A"), signed("judged", "A")])).unwrap();
        all.take(5, &at("1.0", vec![signed("measured", "B")])).unwrap();
        let found: Vec<(u64, &str)> = all.of("1.0", "measured").map(|s| (s.seq, s.person.as_str())).collect();
        assert_eq!(found, [(5, "B"), (3, "A")]);
        assert_eq!(all.of("1.1", "measured").count(), 0);
    }

    #[test]
    fn taking_back_ends_every_sign_off_of_the_checkpoint_and_no_other() {
        let mut all = SignOffs::default();
        all.take(3, &at("1.0", vec![signed("measured", "A"), signed("judged", "A")])).unwrap();
        all.take(4, &at("1.0", vec![signed("measured", "C")])).unwrap();
        all.take(5, &at("1.0", vec![back("measured")])).unwrap();
        let by = ("B".to_owned(), "too early".to_owned(), 5);
        assert!(all.of("1.0", "measured").all(|s| s.taken_back.as_ref() == Some(&by)));
        assert!(all.of("1.0", "judged").all(|s| s.taken_back.is_none()));
        assert_eq!(
            all.take(6, &at("1.0", vec![back("measured")])),
            Err(NoSignOff::NotSigned("measured".into())),
            "what is taken back is not signed off"
        );
        all.take(7, &at("1.0", vec![signed("measured", "A")])).unwrap();
        assert_eq!(all.of("1.0", "measured").next().unwrap().taken_back, None, "it can be signed off again");
    }

    #[test]
    fn a_record_that_names_nobody_or_no_reason_is_refused_as_a_whole() {
        let mut all = SignOffs::default();
        let nobody = at("1.0", vec![signed("measured", "A"), signed("judged", " ")]);
        assert_eq!(all.take(3, &nobody), Err(NoSignOff::Empty("a person")));
        assert_eq!(all.iter().count(), 0);
    }
}
