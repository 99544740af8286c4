//! How small a Diffie-Hellman group an SSH server gives out where a client asks for a small one (RFC 4419).
//!
//! One connection a question, each left as soon as the group is told: no key is agreed and no user is named.

use model::{Coverage, Endpoint, Fact, Reading, Shortfall, ShortfallKind};
use serde::{Deserialize, Serialize};
use wire::ssh::group_exchange::{Asking, NAMES_BEGIN, Sizes, Told};
use wire::text::visible_str;

use super::{Dialogue, MOST_BYTES, MOST_ROUNDS};
use crate::{Bench, ConnectError, LinkId, Received, TlsWish};

const OF: &str = "ssh-groups";
/// Small ones alone, then small ones first as clients of old ask, then what a client of today takes: it shows that it
/// was the size that was refused.
const ASKS: [Sizes; 3] = [
    Sizes { least: 1024, wanted: 1024, most: 2047 },
    Sizes { least: 1024, wanted: 1024, most: 8192 },
    Sizes { least: 2048, wanted: 2048, most: 8192 },
];

/// A question for a group of a size, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupAsked {
    /// The size asked for, in bits; no smaller one is taken.
    pub asked: u32,
    /// The largest that is taken.
    pub most: u32,
    /// What came of it.
    pub answer: GroupAnswer,
}

/// The answer to a question for a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupAnswer {
    /// A group with a modulus of this many bits.
    Given(u32),
    /// The server left after the question, in its words where it had any.
    Refused(String),
    /// Nothing came.
    Silence,
    /// It left before the question, or said what cannot be read.
    Unreadable,
    /// No connection.
    NotConnected(ConnectError),
}

/// Asks a server that offers it, by the first of its names: servers keep one list of groups for all of them.
pub(super) fn ask(bench: &mut dyn Bench, endpoint: Endpoint, tls: Option<&TlsWish>, dialogue: &mut Dialogue) {
    let offered = dialogue.offers.get("key-exchange").into_iter().flatten();
    let Some(method) = offered.into_iter().find(|name| name.starts_with(NAMES_BEGIN)).cloned() else { return };
    for sizes in ASKS {
        let wait = bench.wait();
        let answer = match bench.connect(endpoint, wait) {
            Err(error) => GroupAnswer::NotConnected(error),
            Ok(link) => {
                let answer = match tls.is_none_or(|wish| bench.secure(link, wish).is_ok()) {
                    true => one(bench, link, &method, sizes),
                    false => GroupAnswer::Unreadable,
                };
                bench.close(link);
                answer
            }
        };
        let is_over = matches!(answer, GroupAnswer::NotConnected(_));
        dialogue.groups.push(GroupAsked { asked: sizes.wanted, most: sizes.most, answer });
        if is_over {
            return;
        }
    }
}

fn one(bench: &mut dyn Bench, link: LinkId, method: &str, sizes: Sizes) -> GroupAnswer {
    let mut cookie = [0; 16];
    bench.random(&mut cookie);
    let (mut asking, mut send) = Asking::new(method, sizes, cookie);
    for _ in 0..MOST_ROUNDS {
        let is_gone = !send.is_empty() && bench.send(link, &send).is_err();
        let wait = bench.wait() * 2;
        let bytes = match bench.receive(link, MOST_BYTES, wait) {
            Received::Data(bytes) if !is_gone => bytes,
            Received::Silence => return GroupAnswer::Silence,
            _ if asking.is_asked() => return GroupAnswer::Refused(String::new()),
            _ => return GroupAnswer::Unreadable,
        };
        let Ok(step) = asking.feed(&bytes.0) else { return GroupAnswer::Unreadable };
        send = step.send;
        match step.told {
            Some(Told::Given(bits)) => return GroupAnswer::Given(bits),
            Some(Told::Refused(why)) => return GroupAnswer::Refused(visible_str(&why, 200)),
            None => {}
        }
    }
    GroupAnswer::Unreadable
}

/// Reads the answers. A refusal counts only where the server gave a group for another question.
pub(in crate::net) fn read(endpoint: Endpoint, groups: &[GroupAsked], reading: &mut Reading) {
    let gives = groups.iter().any(|one| matches!(one.answer, GroupAnswer::Given(_)));
    let mut told = 0;
    for GroupAsked { asked, most, answer } in groups {
        let (asked, most) = (*asked, *most);
        let (kind, why) = match answer {
            GroupAnswer::Given(bits) => {
                reading.facts.push(Fact::SshGroup { endpoint, asked, most, bits: Some(*bits) });
                told += 1;
                continue;
            }
            GroupAnswer::Refused(_) if gives => {
                reading.facts.push(Fact::SshGroup { endpoint, asked, most, bits: None });
                told += 1;
                continue;
            }
            GroupAnswer::Refused(_) => (ShortfallKind::Refused, "refused, as is every other".to_owned()),
            GroupAnswer::Silence => (ShortfallKind::Silence, "no answer".to_owned()),
            GroupAnswer::Unreadable => (ShortfallKind::Unreadable, "no answer that can be read".to_owned()),
            GroupAnswer::NotConnected(error) => (error.shortfall(), error.to_string()),
        };
        let text = format!("{endpoint}: a group of {asked} to {most} bits, asked for: {why}");
        reading.shortfalls.push(Shortfall { kind, of: OF.into(), endpoint: Some(endpoint), text });
    }
    if told > 0 {
        let text = format!("groups of {told} sizes asked for at {endpoint}");
        reading.coverage.push(Coverage { of: OF.into(), endpoint: Some(endpoint), ports: Vec::new(), text });
    }
}
