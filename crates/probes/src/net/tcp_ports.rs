//! Which TCP ports answer a connection attempt.
//!
//! Reachability only: it does not name the service behind a port, and a silent port is neither open nor closed.

use std::net::IpAddr;

use model::{Coverage, Endpoint, Fact, PortState, Reading, Shortfall, ShortfallKind, Touches};
use serde::{Deserialize, Serialize};

use crate::{Bench, Card, ConnectError, Need, SweepResult};

/// The card.
pub const CARD: Card = Card {
    id: "net.tcp-ports",
    revision: 1,
    asks: "Which TCP ports answer at this address?",
    yields: &["port"],
    touches: Touches::Active,
    needs: &[Need::IpReach],
};

const OF: &str = "tcp-ports";
/// Ranges named in the text of a shortfall; more are counted.
const MOST_NAMED: usize = 20;

/// Where to look.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Parameters {
    /// The address.
    pub address: IpAddr,
    /// Inclusive ranges of ports.
    #[serde(default = "all_ports")]
    pub ports: Vec<(u16, u16)>,
    /// Ports that answered in the same way while the product was off.
    #[serde(default)]
    pub background: Vec<u16>,
}

fn all_ports() -> Vec<(u16, u16)> {
    vec![(1, 65535)]
}

/// What came back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Log {
    /// What was to be looked at.
    pub parameters: Parameters,
    /// What the sweep found.
    pub result: SweepResult,
}

/// Tries every port.
pub fn gather(parameters: &Parameters, bench: &mut dyn Bench) -> Log {
    let wait = bench.wait();
    let result = bench.sweep(parameters.address, &parameters.ports, wait);
    Log { parameters: parameters.clone(), result }
}

/// Reads a log.
pub fn interpret(log: &Log) -> Reading {
    let Log { parameters: Parameters { address, ports, background }, result } = log;
    let mut reading = Reading::default();
    for &port in &result.open {
        reading.facts.push(Fact::Port {
            endpoint: Endpoint::tcp(*address, port),
            state: PortState::Open,
            background: background.contains(&port),
        });
    }
    let missed: Vec<(u16, u16)> =
        [&result.silent, &result.unreachable, &result.not_tried].into_iter().flatten().copied().collect();
    let covered = without(ports, &missed);
    if !covered.is_empty() {
        let text = format!(
            "tcp {} at {address}: {} open, {} refused",
            named(&covered),
            result.open.len(),
            result.refused
        );
        reading.coverage.push(Coverage { of: OF.into(), endpoint: None, ports: covered, text });
    }
    let stopped = result.stopped_by.unwrap_or(ConnectError::Limit);
    for (ranges, kind, why) in [
        (&result.silent, ShortfallKind::Silence, "no answer in any try".to_owned()),
        (&result.unreachable, ShortfallKind::Silence, "the network says that there is no way there".to_owned()),
        (&result.not_tried, stopped.shortfall(), format!("not tried: {stopped}")),
    ] {
        if !ranges.is_empty() {
            let text = format!("tcp {} at {address} ({} ports): {why}", named(ranges), count(ranges));
            reading.shortfalls.push(Shortfall { kind, of: OF.into(), endpoint: None, text });
        }
    }
    reading
}

fn count(ranges: &[(u16, u16)]) -> u32 {
    ranges.iter().map(|(low, high)| u32::from(*high) - u32::from(*low) + 1).sum()
}

fn named(ranges: &[(u16, u16)]) -> String {
    let name = |(low, high): &(u16, u16)| match low == high {
        true => low.to_string(),
        false => format!("{low}-{high}"),
    };
    let mut names: Vec<String> = ranges.iter().take(MOST_NAMED).map(name).collect();
    if ranges.len() > MOST_NAMED {
        names.push(format!("and {} more ranges", ranges.len() - MOST_NAMED));
    }
    names.join(",")
}

/// The ports of `ranges` that lie in none of `missed`.
fn without(ranges: &[(u16, u16)], missed: &[(u16, u16)]) -> Vec<(u16, u16)> {
    let is_missed = |port: &u16| missed.iter().any(|(low, high)| (low..=high).contains(&port));
    let kept: Vec<u16> =
        ranges.iter().flat_map(|(low, high)| *low..=*high).filter(|port| !is_missed(port)).collect();
    crate::port_ranges(&kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::ScriptedBench;

    fn read(result: SweepResult, background: Vec<u16>) -> Reading {
        let address = "192.0.2.7".parse().unwrap();
        interpret(&Log { parameters: Parameters { address, ports: vec![(1, 100)], background }, result })
    }

    #[test]
    fn open_ports_are_facts_and_refused_ones_are_covered() {
        let reading = read(SweepResult { open: vec![22, 80], refused: 98, ..SweepResult::default() }, vec![22]);
        let background: Vec<_> =
            reading.facts.iter().map(|fact| matches!(fact, Fact::Port { background: true, .. })).collect();
        assert_eq!(background, [true, false]);
        assert_eq!(reading.coverage[0].ports, [(1, 100)]);
        assert!(reading.shortfalls.is_empty());
    }

    #[test]
    fn a_silent_port_is_a_shortfall_and_not_covered() {
        let result = SweepResult { refused: 97, silent: vec![(40, 42)], ..SweepResult::default() };
        let reading = read(result, vec![]);
        assert_eq!(reading.coverage[0].ports, [(1, 39), (43, 100)]);
        assert_eq!(reading.shortfalls.len(), 1);
        assert_eq!(reading.shortfalls[0].kind, ShortfallKind::Silence);
        assert!(reading.shortfalls[0].text.contains("40-42"), "{}", reading.shortfalls[0].text);
    }

    #[test]
    fn what_a_limit_stopped_is_not_covered() {
        let result = SweepResult {
            not_tried: vec![(1, 100)],
            stopped_by: Some(ConnectError::NotAuthorised),
            ..SweepResult::default()
        };
        let reading = read(result, vec![]);
        assert!(reading.coverage.is_empty());
        assert_eq!(reading.shortfalls[0].kind, ShortfallKind::Missing);
    }

    #[test]
    fn a_scripted_device_shows_its_two_open_ports_and_the_silent_one() {
        let mut bench = ScriptedBench::play("two-open-one-silent");
        let parameters = Parameters { address: bench.device(), ports: all_ports(), background: vec![] };
        let reading = interpret(&gather(&parameters, &mut bench));
        assert_eq!(reading.facts.len(), 2);
        assert_eq!(reading.coverage[0].ports, [(1, 442), (444, 65535)]);
        assert!(reading.shortfalls[0].text.contains("tcp 443 at"));
    }
}
