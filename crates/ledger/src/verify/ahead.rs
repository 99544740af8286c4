//! Threads: reading ahead of the walk, and checking in parts. The only place with threads in this room.
//!
//! The answer does not depend on how many there are: every part is computed alone, and taken in the order it was given.

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread::JoinHandle;

use super::leaf::{Read, read_all};
use super::signatures::Known;

/// Leaves that are on their way to the walk.
pub(super) struct Ahead {
    threads: usize,
    reading: VecDeque<JoinHandle<Vec<Read>>>,
}

impl Ahead {
    /// On so many threads beside the one of the walk; on one thread in all, nothing is read ahead.
    pub(super) fn on(threads: usize) -> Self {
        Self { threads, reading: VecDeque::new() }
    }

    /// How many there are.
    pub(super) fn threads(&self) -> usize {
        self.threads
    }

    /// Takes the leaves that follow, and gives back those whose turn it is, if enough are on their way.
    pub(super) fn give(&mut self, bodies: Vec<Vec<u8>>, known: &Arc<Known>) -> Option<Vec<Read>> {
        if self.threads <= 1 {
            return Some(read_all(bodies, known));
        }
        let known = Arc::clone(known);
        #[expect(clippy::disallowed_methods, reason = "pure work, taken in the order it was given")]
        self.reading.push_back(std::thread::spawn(move || read_all(bodies, &known)));
        // One more than there are threads, so that none of them waits while the walk goes on.
        if self.reading.len() > self.threads { self.next() } else { None }
    }

    /// The leaves whose turn it is.
    pub(super) fn next(&mut self) -> Option<Vec<Read>> {
        let thread = self.reading.pop_front()?;
        Some(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
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
