//! Whether the product answers over IPv6 on its own link, at whichever link-local address it chose.
//!
//! The address that follows from the hardware address is asked first. Everybody on the link is called besides, and the
//! addresses that the bench's table of neighbours has for the product's hardware address are asked too (RFC 7217, RFC
//! 8981). One datagram each to a port where nothing is expected: the refusal is the answer. Silence decides nothing.

use std::net::{IpAddr, Ipv6Addr};

use model::{Coverage, Endpoint, Fact, PortState, Reading, Shortfall, ShortfallKind, Touches};
use serde::{Deserialize, Serialize};

use crate::{Bench, Bytes, Card, Datagram, DatagramAnswer, Need, Neighbourhood, NeighbourhoodError};

/// The card.
pub const CARD: Card = Card {
    id: "net.neighbours",
    revision: 2,
    asks: "Does the product answer over IPv6 on its own link?",
    yields: &["port"],
    touches: Touches::Active,
    needs: &[Need::IpReach],
};

const OF: &str = "neighbours";
/// A port that nobody listens at: what a host says is that it is there.
const PORT: u16 = 1;
const TRIES: usize = 2;

/// Where to look.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Parameters {
    /// The link-local address that follows from the product's hardware address (RFC 4291, appendix A).
    pub address: Ipv6Addr,
    /// The address by which the product is known, on whose link everybody is called; none calls nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<IpAddr>,
}

/// What came back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Log {
    /// What was to be looked at.
    pub parameters: Parameters,
    /// The answer of the last try at the address that follows from the hardware address.
    pub answer: DatagramAnswer,
    /// Whom the call brought up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub neighbourhood: Option<Result<Neighbourhood, NeighbourhoodError>>,
    /// The answers at the other addresses of the product.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<(Ipv6Addr, DatagramAnswer)>,
}

/// The link-local address that follows from a hardware address (RFC 4291, appendix A).
pub fn link_local(hardware: [u8; 6]) -> Ipv6Addr {
    let [a, b, c, d, e, f] = hardware;
    let pair = |high: u8, low: u8| u16::from_be_bytes([high, low]);
    Ipv6Addr::new(0xfe80, 0, 0, 0, pair(a ^ 2, b), pair(c, 0xff), pair(0xfe, d), pair(e, f))
}

/// Asks the address that follows from the hardware address, calls everybody, and asks what proves to be the product's.
pub fn gather(parameters: &Parameters, bench: &mut dyn Bench) -> Log {
    let answer = ask(parameters.address, bench);
    let neighbourhood = parameters.product.map(|product| {
        let wait = bench.wait();
        bench.neighbours(product, wait)
    });
    let found = neighbourhood.iter().flatten().flat_map(|met| &met.found);
    let others = found.map(|(address, _)| *address).filter(|address| *address != parameters.address);
    let others = others.map(|address| (address, ask(address, bench))).collect();
    Log { parameters: parameters.clone(), answer, neighbourhood, others }
}

/// Sends one datagram, and once more into silence.
fn ask(address: Ipv6Addr, bench: &mut dyn Bench) -> DatagramAnswer {
    let datagram = Datagram {
        to: Endpoint::udp(address.into(), PORT),
        payload: Bytes(b"assay".to_vec()),
        from_any_port: false,
        own_port: None,
    };
    let mut answer = DatagramAnswer::Silence;
    for _ in 0..TRIES {
        let wait = bench.wait();
        let mut answers = bench.datagrams(std::slice::from_ref(&datagram), wait);
        answer = answers.pop().unwrap_or(DatagramAnswer::Silence);
        if answer != DatagramAnswer::Silence {
            break;
        }
    }
    answer
}

/// Reads a log.
pub fn interpret(log: &Log) -> Reading {
    let mut reading = Reading::default();
    let met = log.neighbourhood.as_ref().and_then(|met| met.as_ref().ok());
    let called = |address: Ipv6Addr| met.is_some_and(|met| met.found.contains(&(address, true)));
    let follows = log.parameters.address;
    let mut told = |address: Ipv6Addr, answer: &DatagramAnswer, why: &str| {
        let endpoint = Endpoint::udp(address.into(), PORT);
        let state = match answer {
            DatagramAnswer::Data(_) => PortState::Open,
            DatagramAnswer::Refused => PortState::Closed,
            // It answered the call: it is there, and keeps silent about the port.
            _ if called(address) => PortState::Silent,
            DatagramAnswer::Silence | DatagramAnswer::NotSent(_) => return false,
        };
        reading.facts.push(Fact::Port { endpoint, state, background: false });
        let text = format!("the product answers over IPv6 at {address}, which {why}");
        reading.coverage.push(Coverage { of: OF.into(), endpoint: Some(endpoint), ports: Vec::new(), text });
        true
    };
    let mut answers = told(follows, &log.answer, "follows from its hardware address");
    let mut silent = Vec::new();
    for (address, answer) in &log.others {
        match told(*address, answer, "has its hardware address in this machine's table of neighbours") {
            true => answers = true,
            false => silent.push(*address),
        }
    }
    let mut missing = |kind, address: Option<Ipv6Addr>, text| {
        let endpoint = address.map(|address| Endpoint::udp(address.into(), PORT));
        reading.shortfalls.push(Shortfall { kind, of: OF.into(), endpoint, text });
    };
    if !answers {
        let text = format!("no answer at {follows}; the product may have chosen another address");
        missing(ShortfallKind::Silence, Some(follows), text);
    }
    for address in silent {
        let text = format!(
            "no answer at {address}, which has the product's hardware address in this machine's table of neighbours"
        );
        missing(ShortfallKind::Silence, Some(address), text);
    }
    match &log.neighbourhood {
        None => {}
        Some(Err(error)) => {
            missing(ShortfallKind::Missing, None, format!("other addresses were not looked for: {error}"));
        }
        Some(Ok(met)) => {
            for (call, unsent) in &met.calls {
                if let Some(why) = unsent {
                    missing(why.shortfall(), None, format!("{call} was not sent: {why}"));
                }
            }
            if !answers && met.unknown > 0 {
                let text = format!(
                    "{} on the link answered whose hardware address this machine does not know; one may be the product",
                    met.unknown
                );
                missing(ShortfallKind::Missing, None, text);
            }
        }
    }
    reading
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Call, ConnectError};

    const CHOSEN: &str = "fe80::8d1c:30ff:7a5e:19b2";

    fn log(answer: DatagramAnswer) -> Log {
        let parameters = Parameters { address: "fe80::1".parse().unwrap(), product: None };
        Log { parameters, answer, neighbourhood: None, others: Vec::new() }
    }

    fn with_other(answered: bool, answer: DatagramAnswer) -> Log {
        let other = CHOSEN.parse().unwrap();
        let calls = vec![(Call::Echo, Some(ConnectError::Unequipped)), (Call::Mdns, None)];
        let met = Neighbourhood { calls, found: vec![(other, answered)], unknown: 0 };
        Log { neighbourhood: Some(Ok(met)), others: vec![(other, answer)], ..log(DatagramAnswer::Silence) }
    }

    #[test]
    fn the_address_follows_from_the_hardware_address() {
        let address = link_local([0x00, 0x00, 0x5e, 0x00, 0x53, 0x07]);
        assert_eq!(address.to_string(), "fe80::200:5eff:fe00:5307");
    }

    #[test]
    fn a_refusal_is_an_answer_and_silence_decides_nothing() {
        let refused = interpret(&log(DatagramAnswer::Refused));
        assert!(matches!(refused.facts[..], [Fact::Port { state: PortState::Closed, .. }]));
        for answer in [DatagramAnswer::Silence, DatagramAnswer::NotSent(ConnectError::Unreachable)] {
            let silent = interpret(&log(answer));
            assert!(silent.facts.is_empty() && silent.coverage.is_empty() && silent.shortfalls.len() == 1);
        }
    }

    #[test]
    fn a_chosen_address_with_the_hardware_address_of_the_product_is_met_and_what_could_not_be_sent_is_told() {
        for (answered, answer, state) in [
            (false, DatagramAnswer::Refused, PortState::Closed),
            (true, DatagramAnswer::Silence, PortState::Silent),
        ] {
            let reading = interpret(&with_other(answered, answer));
            let [Fact::Port { endpoint, state: seen, .. }] = &reading.facts[..] else { panic!("{reading:?}") };
            assert_eq!((endpoint.address.to_string().as_str(), *seen), (CHOSEN, state));
            let [unsent] = &reading.shortfalls[..] else { panic!("{reading:?}") };
            assert!(unsent.kind == ShortfallKind::Missing && unsent.text.contains("ICMPv6 echo"), "{unsent:?}");
        }
    }

    #[test]
    fn an_old_row_that_nobody_answers_for_is_no_answer() {
        let reading = interpret(&with_other(false, DatagramAnswer::Silence));
        assert!(reading.facts.is_empty() && reading.coverage.is_empty());
        assert_eq!(reading.shortfalls.len(), 3, "{reading:?}");
        let unknown = Neighbourhood { unknown: 2, ..Neighbourhood::default() };
        let log = |met| Log { neighbourhood: Some(met), ..log(DatagramAnswer::Silence) };
        for met in [Ok(unknown), Err(NeighbourhoodError::Shared)] {
            let reading = interpret(&log(met));
            assert!(reading.facts.is_empty() && reading.shortfalls.len() == 2, "{reading:?}");
        }
    }

    #[test]
    fn a_log_of_the_first_revision_reads() {
        let text = r#"{"parameters":{"address":"fe80::1"},"answer":"refused"}"#;
        let log: Log = serde_json::from_str(text).unwrap();
        assert_eq!(interpret(&log).facts.len(), 1);
    }
}
