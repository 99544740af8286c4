//! Attempts of the product to reach its peers, and what they say about coming back after an outage.

use model::{Endpoint, Reconnection};

use super::hearing::timestamp;
use super::names::Names;
use super::streams::Outcome;

const MOST_ATTEMPTS: usize = 100_000;
/// Attempts listed of one outage; all are counted.
const MOST_LISTED: usize = 512;
/// Outages told.
pub(super) const MOST_OUTAGES: usize = 512;
/// An opening without an answer has failed only if the capture went on for so long, in nanoseconds: the first
/// repetition comes after a second (RFC 6298 section 2).
const PATIENCE: u64 = 3_000_000_000;

/// An attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Attempt {
    at: u64,
    server: Endpoint,
    outcome: Outcome,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    all: Vec<Attempt>,
    /// Whether there were more than are kept.
    pub(super) cut: bool,
}

impl Attempts {
    pub(super) fn add(&mut self, server: Endpoint, at: u64, outcome: Outcome) {
        if self.all.len() >= MOST_ATTEMPTS {
            self.cut = true;
            return;
        }
        self.all.push(Attempt { at, server, outcome });
    }

    /// The outages: from the first attempt that failed to the first that succeeded, of one name or address and port.
    pub(super) fn outages(&self, names: &Names, end: u64) -> Vec<Reconnection> {
        let peer = |server: &Endpoint| match names.of(server.address).first() {
            Some(name) => name.clone(),
            None => server.address.to_string(),
        };
        let mut sorted: Vec<(String, u16, Attempt)> =
            self.all.iter().map(|attempt| (peer(&attempt.server), attempt.server.port, *attempt)).collect();
        sorted.sort_by(|a, b| (&a.0, a.1, a.2.at, a.2.server).cmp(&(&b.0, b.1, b.2.at, b.2.server)));
        let mut outages = Vec::new();
        for peer in sorted.chunk_by(|a, b| (&a.0, a.1) == (&b.0, b.1)) {
            let mut open: Vec<Attempt> = Vec::new();
            for (_, _, attempt) in peer {
                let fails = match attempt.outcome {
                    Outcome::Failed => true,
                    Outcome::Unanswered => end.saturating_sub(attempt.at) >= PATIENCE,
                    Outcome::Reached | Outcome::Undecided => false,
                };
                if !open.is_empty() || fails {
                    open.push(*attempt);
                }
                if attempt.outcome == Outcome::Reached && !open.is_empty() {
                    outages.push(outage(&std::mem::take(&mut open), true));
                }
            }
            if !open.is_empty() {
                outages.push(outage(&open, false));
            }
        }
        outages
    }
}

fn outage(attempts: &[Attempt], back: bool) -> Reconnection {
    let since = attempts.first().map_or(0, |attempt| attempt.at);
    let millis = |attempt: &Attempt| attempt.at.saturating_sub(since) / 1_000_000;
    Reconnection {
        server: attempts.first().map_or(Endpoint::tcp([0, 0, 0, 0].into(), 0), |attempt| attempt.server),
        since: timestamp(since),
        attempts: attempts.iter().take(MOST_LISTED).map(millis).collect(),
        total: u32::try_from(attempts.len()).unwrap_or(u32::MAX),
        back_after: attempts.last().filter(|_| back).map(millis),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn outages(attempts: &[(u64, Outcome)], end: u64) -> Vec<(Vec<u64>, Option<u64>)> {
        let mut all = Attempts::default();
        for (second, outcome) in attempts {
            all.add(Endpoint::tcp([192, 0, 2, 1].into(), 443), second * SECOND, *outcome);
        }
        let found = all.outages(&Names::default(), end * SECOND);
        found.into_iter().map(|one| (one.attempts, one.back_after)).collect()
    }

    #[test]
    fn an_outage_lasts_from_the_first_failure_to_the_first_success() {
        use Outcome::{Failed, Reached, Undecided};
        let attempts = [(1, Reached), (10, Failed), (12, Undecided), (16, Failed), (24, Reached), (30, Reached)];
        assert_eq!(outages(&attempts, 40), [(vec![0, 2000, 6000, 14000], Some(14000))]);
        assert_eq!(outages(&[(3, Failed), (1, Failed)], 9), [(vec![0, 2000], None)]);
        assert!(outages(&[(1, Reached), (2, Undecided)], 9).is_empty());
    }

    #[test]
    fn silence_at_the_end_of_a_capture_is_no_failure() {
        assert!(outages(&[(5, Outcome::Unanswered)], 6).is_empty());
        assert_eq!(outages(&[(5, Outcome::Unanswered)], 9).len(), 1);
    }
}
