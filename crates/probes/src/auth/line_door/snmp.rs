//! SNMP: a community and a question in one datagram. There is no session, and every question stands alone.

use model::ShortfallKind;
use wire::snmp::{Operation, Version, read, request};

use super::none;
use crate::auth::door::{Door, Guess, Knock};
use crate::{Bench, Bytes, Datagram, DatagramAnswer};

/// sysDescr.0 (RFC 3418).
const SYS_DESCR: [u32; 9] = [1, 3, 6, 1, 2, 1, 1, 1, 0];

/// Asks with each of these communities at the same time. An agent does not answer a wrong one at all (RFC 3584), so
/// silence refuses nothing.
pub(in crate::auth) fn knock(door: &Door, guesses: &[Guess<'_>], bench: &mut dyn Bench) -> Vec<Knock> {
    let datagrams: Vec<Datagram> = guesses
        .iter()
        .map(|guess| {
            let community = guess.secret.reveal().as_bytes();
            if guess.hidden {
                bench.conceal(community);
            }
            let payload = request(Version::V2c, community, Operation::Get, 1, &[&SYS_DESCR]);
            Datagram { to: door.endpoint, payload: Bytes(payload), from_any_port: false, own_port: None }
        })
        .collect();
    let wait = bench.wait();
    bench.datagrams(&datagrams, wait).iter().map(verdict).collect()
}

fn verdict(answer: &DatagramAnswer) -> Knock {
    match answer {
        DatagramAnswer::Data(bytes) => match read(&bytes.0) {
            Ok(answer) if answer.is_response => Knock::Accepted("answered".to_owned()),
            _ => Knock::Unclear("not an SNMP answer".to_owned()),
        },
        DatagramAnswer::Refused => none(ShortfallKind::Refused, "port unreachable"),
        DatagramAnswer::NotSent(error) => none(error.shortfall(), error.to_string()),
        DatagramAnswer::Silence => none(ShortfallKind::Silence, "no answer in time"),
    }
}
