//! Whether the product answers over IPv6 on its own link, at the address that follows from its hardware address.
//!
//! One datagram to a port where nothing is expected: the refusal is the answer. It takes no privilege. Silence decides
//! nothing, because most systems choose their link-local address otherwise.

use std::net::Ipv6Addr;

use model::{Coverage, Endpoint, Fact, PortState, Reading, Shortfall, ShortfallKind, Touches};
use serde::{Deserialize, Serialize};

use crate::{Bench, Bytes, Card, Datagram, DatagramAnswer, Need};

/// The card.
pub const CARD: Card = Card {
    id: "net.neighbours",
    revision: 1,
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
}

/// What came back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Log {
    /// What was to be looked at.
    pub parameters: Parameters,
    /// The answer of the last try.
    pub answer: DatagramAnswer,
}

/// The link-local address that follows from a hardware address (RFC 4291, appendix A).
pub fn link_local(hardware: [u8; 6]) -> Ipv6Addr {
    let [a, b, c, d, e, f] = hardware;
    let pair = |high: u8, low: u8| u16::from_be_bytes([high, low]);
    Ipv6Addr::new(0xfe80, 0, 0, 0, pair(a ^ 2, b), pair(c, 0xff), pair(0xfe, d), pair(e, f))
}

/// Sends one datagram, and once more into silence.
pub fn gather(parameters: &Parameters, bench: &mut dyn Bench) -> Log {
    let datagram = Datagram {
        to: Endpoint::udp(parameters.address.into(), PORT),
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
    Log { parameters: parameters.clone(), answer }
}

/// Reads a log.
pub fn interpret(log: &Log) -> Reading {
    let address = log.parameters.address;
    let endpoint = Endpoint::udp(address.into(), PORT);
    let mut reading = Reading::default();
    let told = match &log.answer {
        DatagramAnswer::Data(_) => Some(PortState::Open),
        DatagramAnswer::Refused => Some(PortState::Closed),
        DatagramAnswer::Silence | DatagramAnswer::NotSent(_) => None,
    };
    match told {
        Some(state) => {
            reading.facts.push(Fact::Port { endpoint, state, background: false });
            let text =
                format!("the product answers over IPv6 at {address}, which follows from its hardware address");
            reading.coverage.push(Coverage { of: OF.into(), endpoint: Some(endpoint), ports: Vec::new(), text });
        }
        None => {
            let text = format!("no answer at {address}; the product may have chosen another address");
            let (of, endpoint) = (OF.into(), Some(endpoint));
            reading.shortfalls.push(Shortfall { kind: ShortfallKind::Silence, of, endpoint, text });
        }
    }
    reading
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_follows_from_the_hardware_address() {
        let address = link_local([0x00, 0x00, 0x5e, 0x00, 0x53, 0x07]);
        assert_eq!(address.to_string(), "fe80::200:5eff:fe00:5307");
    }

    #[test]
    fn a_refusal_is_an_answer_and_silence_decides_nothing() {
        let address = "fe80::1".parse().unwrap();
        let read = |answer| interpret(&Log { parameters: Parameters { address }, answer });
        let refused = read(DatagramAnswer::Refused);
        assert!(matches!(refused.facts[..], [Fact::Port { state: PortState::Closed, .. }]));
        for answer in [DatagramAnswer::Silence, DatagramAnswer::NotSent(crate::ConnectError::Unreachable)] {
            let silent = read(answer);
            assert!(silent.facts.is_empty() && silent.coverage.is_empty() && silent.shortfalls.len() == 1);
        }
    }
}
