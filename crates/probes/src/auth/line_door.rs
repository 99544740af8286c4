//! Doors that speak a protocol of their own: SSH, Telnet, FTP, MQTT, RTSP, SNMP.

mod ftp;
mod mqtt;
mod rtsp;
pub(super) mod snmp;
mod ssh;
mod telnet;

use std::time::Duration;

use model::ShortfallKind;

use super::door::{Door, Guess, Knock};
use super::session::Hearing;
use crate::{Bench, LinkId, Received, TlsWish};

pub(super) use ftp::Ftp;
pub(super) use mqtt::Mqtt;
pub(super) use rtsp::Rtsp;
pub(super) use ssh::Ssh;
pub(super) use telnet::Telnet;

/// What is read of one conversation at most, in bytes.
const MOST: usize = 64 * 1024;
/// How many times the usual wait a door may take to answer a credential. Many hold a refusal back for some seconds,
/// on purpose.
const PATIENCE: u32 = 4;

fn none(kind: ShortfallKind, told_by: impl Into<String>) -> Knock {
    Knock::NoAnswer { kind, told_by: told_by.into() }
}

/// Opens the door's connection, inside TLS where it is so, and says what goes before the credential.
fn opened(
    door: &Door,
    bench: &mut dyn Bench,
    before: impl FnOnce(LinkId, &mut dyn Bench) -> Result<(), Knock>,
) -> Result<LinkId, Knock> {
    let wait = bench.wait();
    let link = bench
        .connect(door.endpoint, wait)
        .map_err(|error| none(error.shortfall(), format!("no connection: {error}")))?;
    let secured = match door.tls {
        true => bench.secure(link, &TlsWish::named(door.host.as_deref())).map(drop),
        false => Ok(()),
    };
    let done = match secured {
        Ok(()) => before(link, bench),
        Err(error) => Err(none(ShortfallKind::Unreadable, format!("no TLS: {error}"))),
    };
    match done {
        Ok(()) => Ok(link),
        Err(knock) => {
            bench.close(link);
            Err(knock)
        }
    }
}

/// Hears the verdict with a function and closes.
fn closing(
    link: LinkId,
    bench: &mut dyn Bench,
    hear: impl FnOnce(&mut dyn Bench) -> Result<Knock, Knock>,
) -> Knock {
    let knock = hear(bench).unwrap_or_else(|knock| knock);
    bench.close(link);
    knock
}

/// How long to wait for what is said to a credential.
fn verdict_wait(heard: Hearing<'_>, bench: &dyn Bench) -> Duration {
    heard.wait.unwrap_or(bench.wait() * PATIENCE)
}

fn hear(link: LinkId, wait: Duration, bench: &mut dyn Bench) -> Result<Vec<u8>, Knock> {
    match bench.receive(link, MOST, wait) {
        Received::Data(bytes) => Ok(bytes.0),
        Received::Silence => Err(none(ShortfallKind::Silence, "no answer in time")),
        Received::Closed | Received::Reset => Err(none(ShortfallKind::Refused, "the connection ended")),
    }
}

/// Sends what holds the secret; in its place the record keeps `shown`, where the secret belongs to somebody.
fn say_secret(
    link: LinkId,
    bytes: &[u8],
    shown: &[u8],
    guess: Guess<'_>,
    bench: &mut dyn Bench,
) -> Result<(), Knock> {
    let sent = match guess.hidden {
        true => bench.send_secret(link, bytes, shown),
        false => bench.send(link, bytes),
    };
    sent.map_err(|error| none(ShortfallKind::Refused, error.to_string()))
}

fn say(link: LinkId, bytes: &[u8], bench: &mut dyn Bench) -> Result<(), Knock> {
    bench.send(link, bytes).map_err(|error| none(ShortfallKind::Refused, error.to_string()))
}
