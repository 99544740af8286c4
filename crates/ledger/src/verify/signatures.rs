//! Checking many signatures on several threads: the only place with threads in this room.
//!
//! The answer does not depend on how many there are: every part is computed alone, and the first bad one counts.

use crate::VerifyingKey;

/// A signature that is to be checked.
pub(super) struct Check {
    /// Position of the leaf it belongs to.
    pub(super) leaf: u64,
    pub(super) key: VerifyingKey,
    pub(super) message: Vec<u8>,
    pub(super) signature: [u8; 64],
}

/// The first signature, in the given order, that its key did not make.
pub(super) fn first_bad(checks: &[Check], threads: usize) -> Option<&Check> {
    let checks: Vec<&Check> = checks.iter().collect();
    let bad = |part: Vec<&'_ Check>| {
        part.into_iter().find(|c| !c.key.verifies(&c.message, &c.signature)).map(|c| c.leaf)
    };
    let first = in_parts(checks.clone(), threads, bad).into_iter().flatten().min()?;
    checks.into_iter().find(|check| check.leaf == first)
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
