//! The operator's limits, and the gate that enforces them for everything that is sent.
//!
//! Connections and datagrams take a token each from one bucket; open connections take a place each. When the run's
//! time is over nothing passes any more.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// Limits for everything that is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Connections and datagrams per second; none lets the bench go as fast as it can.
    pub per_second: Option<u32>,
    /// Connections open at the same time.
    pub parallel: u32,
    /// Wrong credentials per mechanism.
    pub attempts: u32,
    /// Milliseconds to wait for an answer.
    pub wait_millis: u32,
    /// Seconds that the whole run may take; none for no end.
    pub seconds: Option<u32>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { per_second: None, parallel: 512, attempts: 20, wait_millis: 1500, seconds: None }
    }
}

/// Nothing passes any more, or not now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shut;

/// The gate through which everything passes.
#[derive(Debug)]
pub(crate) struct Gate {
    limits: Limits,
    began: Instant,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    tokens: f64,
    refilled: Instant,
    open: u32,
    attempts: BTreeMap<String, u32>,
}

/// A place among the connections open at the same time; given back on drop.
#[derive(Debug)]
pub(crate) struct Place(Arc<Gate>);

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.open = state.open.saturating_sub(1);
    }
}

impl Gate {
    pub(crate) fn new(limits: Limits) -> Arc<Self> {
        let now = Instant::now();
        let state = State { tokens: 1.0, refilled: now, open: 0, attempts: BTreeMap::new() };
        Arc::new(Self { limits, began: now, state: Mutex::new(state) })
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(crate) fn began(&self) -> Instant {
        self.began
    }

    /// Time left for the run; none when there is no end.
    pub(crate) fn left(&self) -> Option<Duration> {
        let whole = Duration::from_secs(u64::from(self.limits.seconds?));
        Some(whole.saturating_sub(self.began.elapsed()))
    }

    pub(crate) fn is_over(&self) -> bool {
        self.left().is_some_and(|left| left.is_zero())
    }

    /// This time, or what is left of the run.
    pub(crate) fn at_most(&self, time: Duration) -> Duration {
        self.left().map_or(time, |left| time.min(left))
    }

    /// Waits for at least one token and takes up to `most`.
    pub(crate) fn take(&self, most: u32) -> Result<u32, Shut> {
        loop {
            if self.is_over() {
                return Err(Shut);
            }
            let wait = {
                let mut state = self.lock();
                let granted = state.grant(most, self.limits.per_second);
                if granted > 0 {
                    return Ok(granted);
                }
                state.until_next(self.limits.per_second)
            };
            std::thread::sleep(self.at_most(wait));
        }
    }

    /// As [`Gate::take`], without waiting: none when there is no token now.
    pub(crate) fn take_now(&self, most: u32) -> Result<Result<u32, Duration>, Shut> {
        if self.is_over() {
            return Err(Shut);
        }
        let mut state = self.lock();
        match state.grant(most, self.limits.per_second) {
            0 => Ok(Err(state.until_next(self.limits.per_second))),
            granted => Ok(Ok(granted)),
        }
    }

    /// A place for one more open connection.
    pub(crate) fn place(self: &Arc<Self>) -> Result<Place, Shut> {
        let mut state = self.lock();
        if state.open >= self.limits.parallel.max(1) || self.is_over() {
            return Err(Shut);
        }
        state.open += 1;
        Ok(Place(Arc::clone(self)))
    }

    /// Takes one wrong credential from a mechanism's allowance.
    pub(crate) fn attempt(&self, mechanism: &str) -> bool {
        let mut state = self.lock();
        let used = state.attempts.entry(mechanism.to_owned()).or_default();
        let allowed = *used < self.limits.attempts;
        *used += u32::from(allowed);
        allowed
    }

    /// Wrong credentials taken so far, by mechanism.
    pub(crate) fn attempts(&self) -> BTreeMap<String, u32> {
        self.lock().attempts.clone()
    }

    /// Takes away what an earlier part of the same run used up.
    pub(crate) fn spend(&self, attempts: &BTreeMap<String, u32>) {
        let mut state = self.lock();
        for (mechanism, used) in attempts {
            let so_far = state.attempts.entry(mechanism.clone()).or_default();
            *so_far = (*so_far).saturating_add(*used);
        }
    }

    /// What is left of a mechanism's allowance.
    pub(crate) fn allowance(&self, mechanism: &str) -> u32 {
        let used = self.lock().attempts.get(mechanism).copied().unwrap_or(0);
        self.limits.attempts.saturating_sub(used)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn grant(&mut self, most: u32, per_second: Option<u32>) -> u32 {
        let Some(rate) = per_second.map(|rate| f64::from(rate.max(1))) else { return most };
        let now = Instant::now();
        let grown = now.duration_since(self.refilled).as_secs_f64() * rate;
        // A twentieth of a second's worth may gather, so that a slow start is not made up for in a burst.
        self.tokens = (self.tokens + grown).min((rate / 20.0).max(1.0));
        self.refilled = now;
        let whole = self.tokens.floor().min(f64::from(most));
        self.tokens -= whole;
        // The value lies between 0 and `most`.
        whole as u32
    }

    fn until_next(&self, per_second: Option<u32>) -> Duration {
        let rate = f64::from(per_second.unwrap_or(1).max(1));
        Duration::from_secs_f64(((1.0 - self.tokens).max(0.0) / rate).max(0.0005))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_passes_per_second_than_allowed() {
        let gate = Gate::new(Limits { per_second: Some(200), ..Limits::default() });
        let began = Instant::now();
        let mut passed = 0;
        while passed < 60 {
            passed += gate.take(60 - passed).unwrap();
        }
        let took = began.elapsed();
        assert!(took >= Duration::from_millis(200), "{took:?}");
        assert!(took < Duration::from_secs(3), "{took:?}");
    }

    #[test]
    fn places_are_bounded_and_come_back() {
        let gate = Gate::new(Limits { parallel: 2, ..Limits::default() });
        let first = gate.place().unwrap();
        let second = gate.place().unwrap();
        assert!(gate.place().is_err());
        drop((first, second));
        assert!(gate.place().is_ok());
    }

    #[test]
    fn what_an_earlier_part_of_the_run_used_up_is_not_there_again() {
        let gate = Gate::new(Limits { attempts: 5, ..Limits::default() });
        gate.spend(&BTreeMap::from([("door".to_owned(), 3)]));
        assert_eq!([1, 2, 3].map(|_| gate.attempt("door")), [true, true, false]);
        assert!(gate.attempt("another"));
        assert_eq!(gate.attempts(), BTreeMap::from([("another".to_owned(), 1), ("door".to_owned(), 5)]));
    }

    #[test]
    fn a_run_out_of_time_lets_nothing_pass() {
        let gate = Gate::new(Limits { seconds: Some(0), ..Limits::default() });
        assert!(gate.take(1).is_err());
        assert!(gate.place().is_err());
    }

    #[test]
    fn attempts_are_counted_per_mechanism() {
        let gate = Gate::new(Limits { attempts: 2, ..Limits::default() });
        assert!(gate.attempt("a") && gate.allowance("a") == 1 && gate.attempt("a") && !gate.attempt("a"));
        assert_eq!((gate.allowance("a"), gate.allowance("b")), (0, 2));
        assert!(gate.attempt("b"));
    }
}
