//! How often something that is open to everybody may be done, counted by what it is done to and by where it comes from.
//!
//! It is kept in memory; a program that starts again has forgotten it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use model::{Digest, Timestamp};

/// Counters that are kept at once.
const KEPT: usize = 20_000;

/// So many times within so many milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowed {
    /// How many times.
    pub times: u32,
    /// Within how many milliseconds from the first.
    pub within: i64,
}

/// The counters.
#[derive(Debug, Default)]
pub struct Rate {
    counts: Mutex<BTreeMap<[u8; 32], Count>>,
}

#[derive(Debug, Clone, Copy)]
struct Count {
    times: u32,
    /// When it is forgotten.
    until: i64,
}

impl Rate {
    /// Counts what is done, by each name.
    ///
    /// # Errors
    /// The milliseconds to wait where it was done too often by one of the names; then it is not counted.
    pub fn take(&self, by: &[(&str, Allowed)], at: Timestamp) -> Result<(), i64> {
        let at = at.millis();
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that went back makes nobody wait longer than once.
        let running = |count: &&Count, allowed: &Allowed| at < count.until && count.until - at <= allowed.within;
        let by: Vec<([u8; 32], Allowed)> =
            by.iter().map(|(name, allowed)| (*Digest::of(name.as_bytes()).as_bytes(), *allowed)).collect();
        let waits = by.iter().filter_map(|(name, allowed)| {
            let count = counts.get(name).filter(|count| running(count, allowed))?;
            (count.times >= allowed.times).then_some(count.until - at)
        });
        if let Some(wait) = waits.max() {
            return Err(wait);
        }
        for (name, allowed) in by {
            let known = counts.get(&name).filter(|count| running(count, &allowed));
            let known = known.copied().unwrap_or(Count { times: 0, until: at.saturating_add(allowed.within) });
            counts.insert(name, Count { times: known.times.saturating_add(1), ..known });
        }
        forget(&mut counts, at);
        Ok(())
    }
}

/// Keeps the number of counters bounded: what is over goes first, then what was done least.
fn forget(counts: &mut BTreeMap<[u8; 32], Count>, at: i64) {
    if counts.len() <= KEPT {
        return;
    }
    counts.retain(|_, count| at < count.until);
    let mut all: Vec<(u32, i64, [u8; 32])> = counts.iter().map(|(name, c)| (c.times, c.until, *name)).collect();
    all.sort_unstable();
    let over = all.len().saturating_sub(KEPT / 2);
    for (_, _, name) in all.into_iter().take(over) {
        counts.remove(&name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: Allowed = Allowed { times: 2, within: 1_000 };
    const SOURCE: Allowed = Allowed { times: 3, within: 5_000 };

    fn take(rate: &Rate, link: &str, millis: i64) -> Result<(), i64> {
        rate.take(&[(link, LINK), ("source", SOURCE)], Timestamp::from_millis(millis))
    }

    #[test]
    fn each_name_has_its_own_count_and_what_is_refused_counts_by_none() {
        let rate = Rate::default();
        assert_eq!((take(&rate, "one", 0), take(&rate, "one", 10)), (Ok(()), Ok(())));
        assert_eq!(take(&rate, "one", 20), Err(980));
        assert_eq!(take(&rate, "two", 30), Ok(()), "the refused one did not count for the source");
        assert_eq!(take(&rate, "three", 40), Err(4_960));
        assert_eq!(take(&rate, "one", 5_000), Ok(()), "it begins anew");
    }

    #[test]
    fn a_clock_that_went_back_keeps_nobody_out() {
        let rate = Rate::default();
        for _ in 0..2 {
            take(&rate, "one", 1_000_000).unwrap();
        }
        assert_eq!(take(&rate, "one", 10), Ok(()));
    }

    #[test]
    fn a_flood_of_names_frees_nobody_and_takes_no_more_room() {
        let rate = Rate::default();
        for _ in 0..2 {
            take(&rate, "one", 0).unwrap();
        }
        for n in 0..KEPT + 10 {
            rate.take(&[(&n.to_string(), LINK)], Timestamp::from_millis(1)).unwrap();
        }
        assert!(rate.counts.lock().unwrap().len() <= KEPT + 1);
        assert!(take(&rate, "one", 2).is_err());
    }
}
