//! Wrong logins are counted per source and over all sources, and make everybody wait longer and longer.
//!
//! Invariant: an attempt counts as wrong from the moment it is admitted, so attempts in parallel cannot slip through.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// Wrong logins of one source before it has to wait.
pub(crate) const LIMIT: u32 = 5;
/// Wrong logins of all sources before everybody has to wait.
const LIMIT_OF_ALL: u32 = 20;
const FIRST_WAIT: Duration = Duration::from_secs(2);
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// Wrong logins this old no longer count.
const MEMORY: Duration = Duration::from_secs(15 * 60);
const MAX_SOURCES: usize = 256;
/// Distinct account names told apart per source; further ones share the last place.
const MAX_NAMES: usize = 8;

/// The counts.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    sources: BTreeMap<IpAddr, Record>,
    all: u32,
    all_blocked: Option<Instant>,
    all_last: Option<Instant>,
}

#[derive(Debug)]
struct Record {
    wrong: Vec<(String, u32)>,
    blocked: Option<Instant>,
    last: Instant,
}

impl Gate {
    /// Counts an attempt, or says how long this source has to wait.
    pub(crate) fn admit(&mut self, source: IpAddr, user: &str, now: Instant) -> Result<(), Duration> {
        self.look(source, now)?;
        self.count(source, user, now);
        let total = self.sources.get(&source).map_or(0, Record::total);
        if let Some(record) = self.sources.get_mut(&source) {
            record.blocked = delay(total, LIMIT).map(|delay| now + delay);
        }
        self.all_blocked = delay(self.all, LIMIT_OF_ALL).map(|delay| now + delay);
        Ok(())
    }

    /// Says how long this source has to wait, if it has to, and counts nothing.
    pub(crate) fn look(&mut self, source: IpAddr, now: Instant) -> Result<(), Duration> {
        self.forget(now);
        let wait = |until: Option<Instant>| {
            until.map(|until| until.saturating_duration_since(now)).filter(|wait| !wait.is_zero())
        };
        let own = wait(self.sources.get(&source).and_then(|record| record.blocked));
        own.max(wait(self.all_blocked)).map_or(Ok(()), Err)
    }

    /// Counts an attempt that was let through by [`Gate::look`] and turned out wrong; the wait is always the first one.
    /// Counting behind the check is a weakness: what is checked meanwhile is not stopped.
    pub(crate) fn count_late(&mut self, source: IpAddr, user: &str, now: Instant) {
        self.count(source, user, now);
        if let Some(record) = self.sources.get_mut(&source) {
            record.blocked = (record.total() >= LIMIT).then(|| now + FIRST_WAIT);
        }
    }

    fn count(&mut self, source: IpAddr, user: &str, now: Instant) {
        self.make_room();
        let record =
            self.sources.entry(source).or_insert_with(|| Record { wrong: Vec::new(), blocked: None, last: now });
        record.count(user);
        record.last = now;
        self.all += 1;
        self.all_last = Some(now);
    }

    /// The admitted attempt was right: the wrong attempts of this source on this account are forgiven.
    ///
    /// With `any_account` those on all other accounts are, too; that is a weakness.
    pub(crate) fn succeeded(&mut self, source: IpAddr, user: &str, any_account: bool) {
        let Some(record) = self.sources.get_mut(&source) else {
            return;
        };
        let before = record.total();
        let name = shorten(user);
        record.wrong.retain(|(key, _)| !any_account && *key != name);
        let after = record.total();
        if after < LIMIT {
            record.blocked = None;
        }
        self.all = self.all.saturating_sub(before - after);
        if self.all < LIMIT_OF_ALL {
            self.all_blocked = None;
        }
    }

    fn forget(&mut self, now: Instant) {
        let fresh = |last: Instant| now.saturating_duration_since(last) < MEMORY;
        self.sources.retain(|_, record| fresh(record.last));
        if self.all_last.is_some_and(|last| !fresh(last)) {
            self.all = 0;
            self.all_blocked = None;
        }
    }

    /// Drops the source that was silent for longest; what it did still counts for all.
    fn make_room(&mut self) {
        if self.sources.len() < MAX_SOURCES {
            return;
        }
        let oldest = self.sources.iter().min_by_key(|(_, record)| record.last).map(|(source, _)| *source);
        if let Some(source) = oldest {
            self.sources.remove(&source);
        }
    }
}

impl Record {
    fn total(&self) -> u32 {
        self.wrong.iter().map(|(_, count)| count).sum()
    }

    fn count(&mut self, user: &str) {
        let name = shorten(user);
        let full = self.wrong.len() >= MAX_NAMES;
        let place = self.wrong.iter_mut().find(|(key, _)| *key == name);
        match place {
            Some((_, count)) => *count += 1,
            None if full => {
                if let Some((_, count)) = self.wrong.last_mut() {
                    *count += 1;
                }
            }
            None => self.wrong.push((name, 1)),
        }
    }
}

/// Names are compared by their first characters; real ones are shorter.
fn shorten(user: &str) -> String {
    user.chars().take(32).collect()
}

fn delay(count: u32, limit: u32) -> Option<Duration> {
    let above = count.checked_sub(limit)?;
    Some(FIRST_WAIT.saturating_mul(1 << above.min(8)).min(LONGEST_WAIT))
}

/// The answer of the weakness that counts per connection.
pub(crate) fn wait_of_connection(wrong: u32) -> Option<Duration> {
    delay(wrong, LIMIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn the_sixth_attempt_waits_and_the_wait_grows() {
        let mut gate = Gate::default();
        let mut now = Instant::now();
        for _ in 0..LIMIT {
            assert_eq!(gate.admit(HERE, "admin", now), Ok(()));
        }
        let first = gate.admit(HERE, "admin", now).unwrap_err();
        now += first;
        assert_eq!(gate.admit(HERE, "admin", now), Ok(()));
        assert!(gate.admit(HERE, "admin", now).unwrap_err() > first);
    }

    #[test]
    fn counting_late_holds_for_one_after_the_other_and_not_for_all_at_once() {
        let mut gate = Gate::default();
        let now = Instant::now();
        for _ in 0..LIMIT {
            assert_eq!(gate.look(HERE, now), Ok(()));
            gate.count_late(HERE, "admin", now);
        }
        assert_eq!(gate.look(HERE, now), Err(FIRST_WAIT));
        let later = now + FIRST_WAIT;
        assert!((0..10).all(|_| gate.look(HERE, later).is_ok()));
        (0..10).for_each(|_| gate.count_late(HERE, "admin", later));
        assert_eq!(gate.look(HERE, later), Err(FIRST_WAIT));
    }

    #[test]
    fn a_success_forgives_its_own_account_only() {
        let mut gate = Gate::default();
        let now = Instant::now();
        for _ in 0..4 {
            gate.admit(HERE, "admin", now).unwrap();
        }
        gate.admit(HERE, "guest", now).unwrap();
        gate.succeeded(HERE, "guest", false);
        gate.admit(HERE, "admin", now).unwrap();
        assert!(gate.admit(HERE, "admin", now).is_err());
        gate.succeeded(HERE, "guest", true);
        assert!(gate.admit(HERE, "admin", now).is_ok());
    }

    #[test]
    fn many_sources_together_make_everybody_wait() {
        let mut gate = Gate::default();
        let now = Instant::now();
        let source = |number: u32| IpAddr::V4((0x7f00_0100 + number).into());
        for number in 0..LIMIT_OF_ALL {
            assert_eq!(gate.admit(source(number), "admin", now), Ok(()));
        }
        assert!(gate.admit(source(99), "admin", now).is_err());
        assert!(gate.admit(source(99), "admin", now + MEMORY).is_ok());
    }
}
