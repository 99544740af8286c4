//! The log: every leaf with its signatures and its place, the keys, the checkpoint, and what was kept of it elsewhere.

use ledger::bundle::{Bundle, Part};
use ledger::{Summary, Verifier, predicate};
use serde_json::Value;

use super::failed::chain;
use super::{Against, Check, Stop, VerifyError};
use crate::history::History;
use crate::inventory::{Inventory, Selection};

/// What a sound log says.
pub(super) struct Read {
    pub(super) summary: Summary,
    pub(super) history: History,
    pub(super) inventory: Inventory,
    /// The records of time stamps, with their positions.
    pub(super) stamps: Vec<(u64, Value)>,
}

/// Bytes of leaves that are kept because verdicts rest on them, at most.
const EVIDENCE: u64 = 256 << 20;

/// Kinds of record that are kept for judging again.
const KEPT: [&str; 6] = [
    predicate::OBSERVATION,
    predicate::STATEMENT,
    predicate::DOSSIER_REVISION,
    predicate::ASSESSMENT,
    predicate::REVIEW,
    predicate::TIMESTAMP,
];

impl Check {
    pub(super) fn log(&mut self, bundle: &Bundle<'_>, against: &Against) -> Result<Read, Stop> {
        const STEP: &str = "log";
        let of = |error| Stop::of(STEP, error);
        let checkpoint = bundle.text(&Part::Checkpoint).map_err(of)?;
        let (mut history, mut inventory) = (History::default(), Inventory::new(Selection::EVERYTHING));
        let mut unreadable: Option<Stop> = None;
        let mut kept = 0;
        let mut stamps = Vec::new();
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let mut verifier = Verifier::new(against.trust()).threads(threads).each(|leaf| {
            if unreadable.is_some() {
                return;
            }
            let index = leaf.index;
            if KEPT.contains(&leaf.entry.kind()) {
                kept += leaf.body.len() as u64;
            }
            if kept > EVIDENCE {
                unreadable = Some(VerifyError::TooMuchEvidence(EVIDENCE).into());
                return;
            }
            if leaf.entry.kind() == predicate::TIMESTAMP {
                stamps.push((index, leaf.entry.record().clone()));
            }
            let wrong = |error: &dyn std::error::Error| Stop::at(STEP, format!("record {index}"), chain(error));
            let taken = inventory.take(index, &leaf.entry).map_err(|error| wrong(&error));
            unreadable = taken.and_then(|()| history.take(leaf).map_err(|error| wrong(&error))).err();
        });
        if let Some(since) = &against.since {
            verifier = verifier.since(since.clone());
        }
        bundle.leaves(&mut |leaf| verifier.push(leaf)).map_err(of)?;
        let summary = verifier.finish(&checkpoint).map_err(|broken| Stop::broken(STEP, &broken))?;
        if let Some(stop) = unreadable {
            return Err(stop);
        }
        self.done(
            STEP,
            format!(
                "{} records: bytes, signatures, keys, order, links and times; the checkpoint is over root {}",
                summary.size, summary.root
            ),
        );
        self.trust(&summary);
        self.continuation(&summary);
        self.unknown(&summary);
        Ok(Read { summary, history, inventory, stamps })
    }

    fn trust(&mut self, summary: &Summary) {
        let root = &summary.root_key;
        let holder = wire::text::visible_str(&root.holder.to_string(), 200);
        match summary.first_use {
            false => self.done("root key", format!("the log begins with the key that was given, {}", root.id)),
            true => self.not_done(
                "root key",
                format!(
                    "nobody but the bundle says that key {} is whose it says, `{holder}`: compare it with what its \
                     holder publishes, or give it as --key",
                    root.id
                ),
            ),
        }
    }

    fn continuation(&mut self, summary: &Summary) {
        match summary.extends.first() {
            Some(size) => {
                self.done("continuation", format!("the log extends the kept checkpoint over {size} records"));
            }
            None => self.not_done(
                "continuation",
                "no checkpoint kept from an earlier day was given (--since), so that the log may have been cut back or \
                 continued otherwise since",
            ),
        }
    }

    /// Kinds of record that this program does not know: carried and signed, but not understood.
    fn unknown(&mut self, summary: &Summary) {
        let unknown = summary.kinds.iter().filter(|(kind, _)| !predicate::ALL.contains(&kind.as_str()));
        let told: Vec<String> =
            unknown.map(|(kind, n)| format!("{n} of kind {}", wire::text::visible_str(kind, 100))).collect();
        if !told.is_empty() {
            self.not_done(
                "unknown kinds",
                format!("records that only a later program reads: {}", told.join(", ")),
            );
        }
    }
}
