//! How long whoever guesses has to wait: longer with each wrong one, for an account and for where it comes from.
//!
//! Nobody is locked out for ever, and a guesser does not lock out the person: where somebody signed in before, only what
//! comes from there counts. It is kept in memory; a program that starts again has forgotten it.

use std::collections::{BTreeMap, BTreeSet};

use model::{Digest, Timestamp};

/// Wrong ones that cost no wait, for an account.
const FREE: u32 = 5;
/// Wrong ones that cost no wait, for a source: many people can be behind one.
const FREE_OF_SOURCE: u32 = 20;
/// The first wait, in milliseconds; it doubles with each further wrong one.
const FIRST: i64 = 10_000;
/// The longest wait, in milliseconds.
const LONGEST: i64 = 15 * 60 * 1_000;
/// Milliseconds after which a wrong one is forgotten.
const FORGOTTEN: i64 = 24 * 60 * 60 * 1_000;
/// Counters that are kept at once, and places that are remembered at once.
const KEPT: usize = 20_000;

/// Who tries, and from where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Try {
    account: Counter,
    source: Counter,
    place: Counter,
}

/// What is counted, by digest: names that people type by mistake can be passwords.
type Counter = [u8; 32];

impl Try {
    /// An attempt at an account, known or not, from a source: an address, of IPv6 its network.
    pub(super) fn new(account: &str, source: &str) -> Self {
        let of = |parts: &[&str]| *Digest::of(parts.join("\0").as_bytes()).as_bytes();
        Self {
            account: of(&["account", account]),
            source: of(&["source", source]),
            place: of(&["place", account, source]),
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Count {
    wrong: u32,
    last: i64,
}

/// The counters.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    counts: BTreeMap<Counter, Count>,
    places: BTreeSet<Counter>,
}

impl Throttle {
    /// Begins an attempt: it counts as wrong until it turns out right, so that many at once gain nothing.
    ///
    /// # Errors
    /// The milliseconds to wait; then the attempt does not count.
    pub(super) fn begin(&mut self, attempt: &Try, at: Timestamp) -> Result<(), i64> {
        let account = self.account(attempt);
        let wait = self.wait(account, FREE, at).max(self.wait(attempt.source, FREE_OF_SOURCE, at));
        if wait > 0 {
            return Err(wait);
        }
        for counter in [account, attempt.source] {
            let count = self.counts.entry(counter).or_insert(Count { wrong: 0, last: 0 });
            if at.millis().saturating_sub(count.last) > FORGOTTEN {
                count.wrong = 0;
            }
            *count = Count { wrong: count.wrong.saturating_add(1), last: at.millis() };
        }
        self.forget();
        Ok(())
    }

    /// The attempt was right.
    pub(super) fn right(&mut self, attempt: &Try) {
        self.counts.remove(&self.account(attempt));
        self.undo(attempt.source);
        if self.places.len() >= KEPT {
            self.places.clear();
        }
        self.places.insert(attempt.place);
    }

    /// The attempt was never decided: it counts for nothing.
    pub(super) fn undecided(&mut self, attempt: &Try) {
        self.undo(self.account(attempt));
        self.undo(attempt.source);
    }

    /// What the account is counted by: by itself, or, where its person signed in before, by the place.
    fn account(&self, attempt: &Try) -> Counter {
        if self.places.contains(&attempt.place) { attempt.place } else { attempt.account }
    }

    fn undo(&mut self, counter: Counter) {
        if let Some(count) = self.counts.get_mut(&counter) {
            count.wrong = count.wrong.saturating_sub(1);
        }
    }

    fn wait(&self, counter: Counter, free: u32, at: Timestamp) -> i64 {
        let Some(count) = self.counts.get(&counter) else { return 0 };
        let since = at.millis().saturating_sub(count.last);
        if count.wrong < free || since > FORGOTTEN {
            return 0;
        }
        let doubled = FIRST.saturating_mul(1 << (count.wrong - free).min(30));
        // A clock that went back makes nobody wait longer than the longest.
        (doubled.min(LONGEST) - since.max(0)).max(0)
    }

    /// Keeps the number of counters bounded: the mildest and oldest go first, so that a flood of names frees no guesser.
    fn forget(&mut self) {
        if self.counts.len() <= KEPT {
            return;
        }
        let mut all: Vec<(u32, i64, Counter)> = self.counts.iter().map(|(c, n)| (n.wrong, n.last, *c)).collect();
        all.sort_unstable();
        for (_, _, counter) in all.into_iter().take(KEPT / 2) {
            self.counts.remove(&counter);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    /// Guesses as fast as it is let, and returns how many got through in so many seconds.
    fn guessed(throttle: &mut Throttle, attempt: &Try, seconds: i64) -> usize {
        (0..seconds * 4)
            .filter(|n| throttle.begin(attempt, Timestamp::from_millis(1_000_000 + n * 250)).is_ok())
            .count()
    }

    #[test]
    fn a_guesser_gets_a_handful_then_four_an_hour_and_is_never_locked_out_for_ever() {
        let mut throttle = Throttle::default();
        let attempt = Try::new("anna", "192.0.2.1");
        let hour = guessed(&mut throttle, &attempt, 3_600);
        assert!((10..=20).contains(&hour), "{hour}");
        let day = (0..24 * 60).filter(|n| throttle.begin(&attempt, at(10_000 + n * 60)).is_ok()).count();
        assert!(day <= 97, "{day}");
        assert_eq!(throttle.begin(&attempt, at(10_000 + 24 * 3_600 + 901)), Ok(()));
    }

    #[test]
    fn many_sources_gain_nothing_at_one_account_and_many_accounts_nothing_from_one_source() {
        let mut throttle = Throttle::default();
        let from = |n: usize| Try::new("anna", &format!("192.0.2.{n}"));
        assert_eq!((0..50).filter(|n| throttle.begin(&from(*n), at(10)).is_ok()).count(), 5);
        let of = |n: usize| Try::new(&format!("name{n}"), "198.51.100.1");
        assert_eq!((0..50).filter(|n| throttle.begin(&of(*n), at(10)).is_ok()).count(), 20);
    }

    #[test]
    fn attempts_that_run_at_once_count_before_they_are_decided() {
        let mut throttle = Throttle::default();
        let attempt = Try::new("anna", "192.0.2.1");
        assert_eq!((0..100).filter(|_| throttle.begin(&attempt, at(10)).is_ok()).count(), 5);
    }

    #[test]
    fn a_guesser_elsewhere_does_not_keep_the_person_out() {
        let mut throttle = Throttle::default();
        let home = Try::new("anna", "192.0.2.1");
        throttle.begin(&home, at(10)).unwrap();
        throttle.right(&home);
        let elsewhere = Try::new("anna", "198.51.100.1");
        guessed(&mut throttle, &elsewhere, 600);
        assert!(throttle.begin(&elsewhere, at(1_601)).is_err());
        assert_eq!(throttle.begin(&home, at(1_601)), Ok(()));
        // And whoever guesses at home waits as everybody does.
        assert!(guessed(&mut throttle, &home, 3_600) < 20);
    }

    #[test]
    fn the_right_one_ends_the_count_of_the_account_alone() {
        let mut throttle = Throttle::default();
        let attempt = Try::new("anna", "192.0.2.1");
        for _ in 0..4 {
            throttle.begin(&attempt, at(10)).unwrap();
        }
        throttle.right(&attempt);
        assert_eq!((0..50).filter(|_| throttle.begin(&attempt, at(10)).is_ok()).count(), 5);
        let other = |n: usize| Try::new(&format!("name{n}"), "192.0.2.1");
        // The source's own count went on: right ones do not buy wrong ones.
        assert_eq!((0..50).filter(|n| throttle.begin(&other(*n), at(10)).is_ok()).count(), 20 - 3 - 5);
    }

    #[test]
    fn a_flood_of_names_frees_nobody() {
        let mut throttle = Throttle::default();
        let attempt = Try::new("anna", "192.0.2.1");
        guessed(&mut throttle, &attempt, 60);
        for n in 0..KEPT + 10 {
            let _ = throttle.begin(&Try::new(&format!("name{n}"), &format!("source{n}")), at(1_060));
        }
        assert!(throttle.counts.len() <= KEPT);
        assert!(throttle.begin(&attempt, at(1_060)).is_err());
    }
}
