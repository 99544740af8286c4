//! Checking many signatures on several threads: the only place with threads in this room.
//!
//! The answer does not depend on how many there are: every part is computed alone, and the first bad one counts.

use std::collections::BTreeMap;

use super::multiples::Multiples;
use crate::VerifyingKey;

/// From how many signatures of one key on it is worth while to compute multiples of its point.
const MANY: usize = 256;

/// A signature that is to be checked.
pub(super) struct Check {
    /// Position of the leaf it belongs to.
    pub(super) leaf: u64,
    pub(super) key: VerifyingKey,
    pub(super) message: Vec<u8>,
    pub(super) signature: [u8; 64],
}

/// Multiples of the points of keys that sign much, kept from one lot of signatures to the next.
#[derive(Default)]
pub(super) struct Known(BTreeMap<[u8; 32], Multiples>);

impl Known {
    /// The first signature, in the given order, that its key did not make.
    pub(super) fn first_bad<'c>(&mut self, checks: &'c [Check], threads: usize) -> Option<&'c Check> {
        // By the whole key: its short name is a hint.
        let mut by_key: BTreeMap<[u8; 32], Vec<&Check>> = BTreeMap::new();
        for check in checks {
            by_key.entry(check.key.to_bytes()).or_default().push(check);
        }
        let mut first: Option<&Check> = None;
        for (key, checks) in by_key {
            if checks.len() >= MANY
                && !self.0.contains_key(&key)
                && let Some(multiples) = Multiples::of(&checks[0].key)
            {
                self.0.insert(key, multiples);
            }
            let multiples = self.0.get(&key);
            let bad = |part: Vec<&'c Check>| match multiples {
                Some(multiples) => {
                    let signed = part.iter().map(|check| (check.message.as_slice(), &check.signature));
                    multiples.first_bad(signed).map(|at| part[at])
                }
                None => part.into_iter().find(|check| !check.key.verifies(&check.message, &check.signature)),
            };
            let found = in_parts(checks, threads, bad).into_iter().flatten().next();
            first = first.into_iter().chain(found).min_by_key(|check| check.leaf);
        }
        first
    }
}

/// Gives each thread a part of the items, as they follow each other, and the results in that order.
pub(super) fn in_parts<T: Send, R: Send>(
    items: Vec<T>,
    threads: usize,
    work: impl Fn(Vec<T>) -> R + Sync,
) -> Vec<R> {
    let size = items.len().div_ceil(threads.max(1)).max(1);
    let mut parts = Vec::new();
    let mut items = items.into_iter().peekable();
    while items.peek().is_some() {
        parts.push(items.by_ref().take(size).collect::<Vec<T>>());
    }
    if parts.len() <= 1 {
        return parts.into_iter().map(work).collect();
    }
    let work = &work;
    #[expect(
        clippy::disallowed_methods,
        reason = "pure work, whose result does not depend on the order of threads"
    )]
    std::thread::scope(|scope| {
        let running: Vec<_> = parts.into_iter().map(|part| scope.spawn(move || work(part))).collect();
        running
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}
