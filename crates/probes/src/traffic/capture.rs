//! Reads a capture of the product's traffic, of any size, into a reading.
//!
//! What is not in it proves nothing: neither that a service is off nor that content is protected. Nothing is decrypted,
//! and bytes that look random are not taken for protected.

use std::io::Read;
use std::net::IpAddr;

use model::{Coverage, Endpoint, Fact, Reading, Shortfall, ShortfallKind, Timestamp};
use serde::{Deserialize, Serialize};

use super::frames::{End, each};
use super::hearing::{Counts, Hearing, protocol_name, timestamp};
use super::product::Product;
use super::search::Search;
pub use super::search::{Canary, Pattern};
use crate::tls;

const OF: &str = "traffic";
/// The addresses of the product that may be named.
const MOST_ADDRESSES: usize = 64;

/// Whose traffic, and what to look for in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameters {
    /// The product's address.
    #[serde(default)]
    pub address: Option<IpAddr>,
    /// Its further addresses.
    #[serde(default)]
    pub also: Vec<IpAddr>,
    /// Its hardware addresses, `02:00:5e:00:53:01`: all packets of the frames that have them are the product's.
    #[serde(default)]
    pub macs: Vec<String>,
    /// Patterns of personal data and the like.
    #[serde(default)]
    pub patterns: Vec<Pattern>,
    /// Values that were put into the product to be known again.
    #[serde(default)]
    pub canaries: Vec<Canary>,
}

/// What was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Heard {
    /// The reading.
    pub reading: Reading,
    /// Times of the first and the last packet; none where no packet has one.
    pub span: Option<(Timestamp, Timestamp)>,
    /// Whether a packet of the product is in the file.
    pub of_product: bool,
    /// Addresses of others that were met, a few.
    pub elsewhere: Vec<String>,
}

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// The bytes cannot be had.
    #[error("read the capture")]
    Read(#[from] std::io::Error),
    /// It is no capture.
    #[error("read the capture: {0}")]
    NoCapture(String),
    /// A parameter does not fit.
    #[error("read the parameters: {0}")]
    Parameter(String),
}

/// Whether a file that begins like this is a capture.
pub fn is_capture(begins: &[u8]) -> bool {
    !begins.is_empty() && begins.len() >= 4 && wire::capture::CaptureReader::new().step(begins).is_ok()
}

/// Reads a capture of any size from its front to its end.
///
/// # Errors
/// [`CaptureError`]; a capture that breaks off is none, its reading says so.
pub fn read(parameters: &Parameters, file: &mut dyn Read) -> Result<Heard, CaptureError> {
    let mut addresses: Vec<IpAddr> =
        parameters.address.into_iter().chain(parameters.also.iter().copied()).collect();
    addresses.sort_unstable();
    addresses.dedup();
    let macs: Vec<[u8; 6]> = parameters.macs.iter().map(|text| mac(text)).collect::<Result<_, _>>()?;
    if addresses.is_empty() && macs.is_empty() {
        return Err(CaptureError::Parameter("neither an address nor a hardware address names the product".into()));
    }
    if addresses.len() > MOST_ADDRESSES || macs.len() > MOST_ADDRESSES {
        return Err(CaptureError::Parameter(format!("more than {MOST_ADDRESSES} addresses")));
    }
    let search = Search::new(&parameters.patterns, &parameters.canaries).map_err(CaptureError::Parameter)?;
    let mut hearing = Hearing::new(Product::new(addresses.clone(), macs), search);
    let end = each(file, &mut |frame| hearing.hear(frame))?;
    if let (End::Unreadable(why), 0) = (end, hearing.counts.packets) {
        return Err(CaptureError::NoCapture(why.to_string()));
    }
    if end == End::Inside && hearing.counts.packets == 0 {
        return Err(CaptureError::NoCapture("it ends before its first packet".into()));
    }
    hearing.end();
    Ok(heard(hearing, &addresses, end))
}

fn heard(mut hearing: Hearing, addresses: &[IpAddr], end: End) -> Heard {
    let content = hearing.clear_content();
    let Hearing { product, names, conversations, attempts, certificates, counts, .. } = &mut hearing;
    let mut reading = Reading::default();
    let left_out = conversations.left_out;
    let (told, untold) = std::mem::take(conversations).told(names);
    let outages = attempts.outages(names, counts.last);
    reading.facts.extend(told.into_iter().map(Fact::Conversation));
    reading.facts.extend(content.into_iter().map(Fact::ClearContent));
    let most = super::attempts::MOST_OUTAGES;
    let more_outages = outages.len().saturating_sub(most);
    reading.facts.extend(outages.into_iter().take(most).map(Fact::Reconnection));
    let certificate = |((endpoint, _), (index, der)): (&(Endpoint, _), &(u16, Vec<u8>))| {
        tls::certificate::facts(*endpoint, *index, der).map(Fact::Certificate)
    };
    reading.facts.extend(certificates.iter().filter_map(certificate));

    let is_seen = product.is_seen();
    if is_seen {
        reading.coverage.push(Coverage {
            of: OF.into(),
            endpoint: None,
            ports: Vec::new(),
            text: covered(counts, product),
        });
    }
    let mut short = |kind, text: String| {
        reading.shortfalls.push(Shortfall { kind, of: OF.into(), endpoint: None, text });
    };
    for address in addresses.iter().filter(|address| !product.seen().contains(address)) {
        short(ShortfallKind::Missing, format!("no packet of {address} is in the capture: it shows nothing of it"));
    }
    if !is_seen && addresses.is_empty() {
        short(ShortfallKind::Missing, "no frame of the product is in the capture: it shows nothing of it".into());
    }
    match end {
        End::Whole => {}
        End::Inside => short(ShortfallKind::Unreadable, "the file breaks off inside a packet".into()),
        End::Unreadable(why) => {
            short(
                ShortfallKind::Unreadable,
                format!("behind packet {} the file cannot be read: {why}", counts.packets),
            );
        }
    }
    shortfalls(counts, &mut short);
    for (count, what) in [
        (hearing.fragments.missing, "packets of the product came in fragments of which some are missing"),
        (hearing.fragments.refused, "packets of the product came in fragments that overlap, and were not read"),
    ] {
        if count > 0 {
            short(ShortfallKind::Unreadable, format!("{count} {what}"));
        }
    }
    for (count, what) in [
        (hearing.evicted(), "connections were told before their end, for want of room"),
        (left_out + untold as u64, "conversations are not told: there are too many"),
        (more_outages as u64, "outages are not told: there are too many"),
    ] {
        if count > 0 {
            short(ShortfallKind::Limit, format!("{count} {what}"));
        }
    }
    for (cut, what) in [
        (hearing.counts.content_cut, "more was found in clear than is told"),
        (hearing.attempts.cut, "more attempts to connect were seen than are looked at"),
        (hearing.names.cut, "more addresses were given names than are kept"),
    ] {
        if cut {
            short(ShortfallKind::Limit, what.to_owned());
        }
    }
    let counts = &hearing.counts;
    Heard {
        reading,
        span: counts
            .first
            .filter(|_| counts.timeless < counts.packets)
            .map(|first| (timestamp(first), timestamp(counts.last))),
        of_product: is_seen,
        elsewhere: counts.addresses.iter().map(IpAddr::to_string).collect(),
    }
}

fn covered(counts: &Counts, product: &Product) -> String {
    let (first, last) = (timestamp(counts.first.unwrap_or_default()), timestamp(counts.last));
    let addresses: Vec<String> = product.seen().iter().take(8).map(IpAddr::to_string).collect();
    let knocks = match counts.knocks {
        0 => String::new(),
        count => format!("; {count} attempts of others that it refused or left unanswered"),
    };
    format!(
        "{} of {} packets, {} octets, of {} from {first} to {last}{knocks}",
        counts.own,
        counts.packets,
        counts.own_octets,
        if addresses.is_empty() { "the product".to_owned() } else { addresses.join(", ") },
    )
}

/// What the capture holds and nobody could read.
fn shortfalls(counts: &Counts, short: &mut dyn FnMut(ShortfallKind, String)) {
    use ShortfallKind::{Unreadable, Unsupported};
    for (count, kind, what) in [
        (counts.cut, Unreadable, "packets of the product are cut: what they said behind is not in the capture"),
        (counts.gaps, Unreadable, "connections lack bytes: they began before the capture, or packets are missing"),
        (counts.malformed, Unreadable, "packets have headers that cannot be read"),
        (counts.timeless, Unreadable, "packets have no time"),
        (counts.coded, Unsupported, "bodies of HTTP are in a content coding and were not looked into"),
        (counts.unread, Unreadable, "heads of HTTP/2 could not be read"),
    ] {
        if count > 0 {
            short(kind, format!("{count} {what}"));
        }
    }
    for (link, count) in &counts.links {
        short(Unsupported, format!("{count} packets on a link that is not read: {link}"));
    }
    for (number, count) in &counts.other {
        short(
            Unsupported,
            format!("{count} packets of the product are {}, which is not read", protocol_name(*number)),
        );
    }
}

fn mac(text: &str) -> Result<[u8; 6], CaptureError> {
    let digits: String = text.chars().filter(|c| !matches!(c, ':' | '-' | '.')).collect();
    let bytes = hex::decode(&digits).ok().and_then(|bytes| <[u8; 6]>::try_from(bytes).ok());
    bytes.ok_or_else(|| CaptureError::Parameter(format!("`{text}` is no hardware address")))
}
