//! How a product came back to a partner that was away: pauses between attempts, whether they grow, whether chance is in
//! them, and whether there were too many.
//!
//! Numbers of one product: that many products do not come back in step is concluded from the chance in its pauses.

use model::Reconnection;

/// More attempts than this within [`STORM_WINDOW`] are a storm, whatever is declared.
///
/// The bound is ours: an attempt each half second over ten seconds. RFC 8085 (section 3.1.3) asks for growing pauses where
/// nothing is known of the path, TCP itself (RFC 6298) begins at one second, and CoAP (RFC 7252, section 4.2) at two.
pub(super) const STORM: usize = 20;
/// Milliseconds in which attempts are counted.
pub(super) const STORM_WINDOW: u64 = 10_000;
/// Attempts that an outage has to show before its pauses say anything.
pub(super) const ATTEMPTS: usize = 4;
/// Outages that have to be seen before anything passes.
pub(super) const OUTAGES: usize = 2;
/// Of a declared pause, what a busy product may fall short of, in percent.
const TOLERANCE: u64 = 10;
/// Pauses that differ by less than this, in percent, are taken for the same.
const SAME: u64 = 3;

/// What a mechanism is declared to do.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Declared {
    /// Shortest pause, in milliseconds.
    pub(super) shortest: Option<u32>,
    /// Whether pauses grow.
    pub(super) grow: Option<bool>,
    /// Whether chance is in them.
    pub(super) random: Option<bool>,
}

/// Milliseconds between one attempt and the next.
pub(super) fn pauses(outage: &Reconnection) -> Vec<u64> {
    outage.attempts.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect()
}

/// Whether an outage shows enough attempts to say anything of its pauses.
pub(super) fn is_telling(outage: &Reconnection) -> bool {
    outage.attempts.len() >= ATTEMPTS
}

/// The most attempts within the window, where that is a storm.
pub(super) fn storm(outage: &Reconnection) -> Option<usize> {
    let times = &outage.attempts;
    let most = times
        .iter()
        .enumerate()
        .map(|(first, from)| times[first..].iter().take_while(|at| **at - from < STORM_WINDOW).count())
        .max()
        .unwrap_or(0);
    (most > STORM).then_some(most)
}

/// A pause shorter than declared.
pub(super) fn too_short(outage: &Reconnection, declared: Declared) -> Option<(u64, u32)> {
    let shortest = declared.shortest?;
    let bound = u64::from(shortest) * (100 - TOLERANCE) / 100;
    pauses(outage).into_iter().min().filter(|pause| *pause < bound).map(|pause| (pause, shortest))
}

/// Whether pauses that are declared to grow do not: none is twice the first. Pauses that begin far above the declared
/// shortest may have grown before the capture began.
pub(super) fn does_not_grow(outage: &Reconnection, declared: Declared) -> bool {
    let pauses = pauses(outage);
    let (Some(first), Some(shortest)) = (pauses.first(), declared.shortest) else { return false };
    declared.grow == Some(true)
        && is_telling(outage)
        && *first <= u64::from(shortest) * 4
        && pauses.iter().all(|pause| *pause < first * 2)
}

/// Whether every pause comes again, outage by outage: no chance is in them.
pub(super) fn is_in_step(outages: &[&Reconnection]) -> bool {
    let telling: Vec<Vec<u64>> = outages.iter().filter(|o| is_telling(o)).map(|o| pauses(o)).collect();
    let [first, others @ ..] = telling.as_slice() else { return false };
    let same = |one: u64, other: u64| one.abs_diff(other) * 100 <= one.max(other) * SAME;
    // The last pause of an outage may end when the partner is back, and not by the clock of the product.
    let alike =
        |other: &Vec<u64>| first.iter().zip(other).take(ATTEMPTS - 1).all(|(one, other)| same(*one, *other));
    !others.is_empty() && others.iter().all(alike)
}

/// `0.4 s, 0.9 s, 1.7 s, …`
pub(super) fn told(outage: &Reconnection) -> String {
    let mut shown: Vec<String> =
        pauses(outage).iter().take(6).map(|p| format!("{}.{:01} s", p / 1000, p % 1000 / 100)).collect();
    if outage.total > 7 {
        shown.push("…".to_owned());
    }
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outage(attempts: &[u64]) -> Reconnection {
        Reconnection {
            server: model::Endpoint::tcp([192, 0, 2, 1].into(), 8883),
            since: model::Timestamp::parse("2026-05-01T00:00:00Z").unwrap(),
            attempts: attempts.to_vec(),
            total: u32::try_from(attempts.len()).unwrap(),
            back_after: None,
        }
    }

    #[test]
    fn doubling_with_chance_grows_and_is_not_in_step_and_a_clockwork_is() {
        let chance = [outage(&[0, 300, 1100, 2600, 5300]), outage(&[0, 450, 1000, 2900])];
        let declared = Declared { shortest: Some(250), grow: Some(true), random: Some(true) };
        assert!(chance.iter().all(|o| !does_not_grow(o, declared) && storm(o).is_none()));
        assert!(!is_in_step(&chance.iter().collect::<Vec<_>>()));
        let clockwork = [outage(&[0, 500, 1500, 3500]), outage(&[0, 502, 1504, 3510, 7520])];
        assert!(is_in_step(&clockwork.iter().collect::<Vec<_>>()));
        assert!(!is_in_step(&[&clockwork[0]]), "one outage shows no repetition");
        assert!(does_not_grow(&outage(&[0, 500, 1000, 1500, 2000]), declared));
        assert!(!does_not_grow(&outage(&[0, 60_000, 119_000, 180_000]), declared), "grown before it was watched");
    }

    #[test]
    fn more_than_one_attempt_each_half_second_is_a_storm() {
        let every = |millis: u64| outage(&(0..200).map(|n| n * millis).collect::<Vec<_>>());
        assert_eq!(storm(&every(10)), Some(200));
        assert_eq!(storm(&every(400)), Some(25));
        assert_eq!(storm(&every(500)), None);
        let declared = Declared { shortest: Some(250), ..Declared::default() };
        assert_eq!(too_short(&every(10), declared), Some((10, 250)));
        assert_eq!(too_short(&every(230), declared), None);
    }
}
