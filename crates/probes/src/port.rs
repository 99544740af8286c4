//! The bench: the only way a probe reaches the world.
//!
//! Synchronous and bulk-capable. Real ([`crate::LiveBench`]), replaying ([`crate::ReplayBench`]) and, in tests,
//! scripted benches exist. Scope, limits and the record are the bench's business, so no probe can forget them.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use model::{Digest, Endpoint, ShortfallKind, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Bytes;
use crate::stand_in::{Arrival, Face, Relayed, ServeError, Served, StandIn, StandInError, StoodDown};

/// What every bench can do.
pub trait Bench {
    /// Opens a TCP connection, or takes a UDP socket that speaks with this endpoint alone: then each [`Bench::send`] is a
    /// datagram, each [`Bench::receive`] takes one, and a reset says that nobody is there. Single questions over UDP go
    /// through [`Bench::datagrams`].
    ///
    /// # Errors
    /// See [`ConnectError`].
    fn connect(&mut self, to: Endpoint, within: Duration) -> Result<LinkId, ConnectError>;

    /// Lets TCP connections, and the sockets that speak with one endpoint, come from another of this machine's addresses
    /// until this is asked again; `None` leaves the choice to the machine, as at first. False where the operator did not
    /// set that address apart or this machine does not have it: then they come from where they came from before.
    fn come_from(&mut self, source: Option<IpAddr>) -> bool;

    /// Sends all of these bytes, inside TLS once [`Bench::secure`] has succeeded.
    ///
    /// # Errors
    /// See [`SendError`].
    fn send(&mut self, link: LinkId, bytes: &[u8]) -> Result<(), SendError>;

    /// Sends bytes that hold a secret; the record keeps `shown` in their place.
    ///
    /// # Errors
    /// See [`SendError`].
    fn send_secret(&mut self, link: LinkId, bytes: &[u8], shown: &[u8]) -> Result<(), SendError>;

    /// Waits for bytes and takes what is there, at most `max`.
    fn receive(&mut self, link: LinkId, max: usize, within: Duration) -> Received;

    /// Performs a TLS handshake on the link of a TCP connection and keeps what the peer showed. Any certificate is taken:
    /// trust is judged elsewhere.
    ///
    /// # Errors
    /// See [`SecureError`]; the link is of no further use then.
    fn secure(&mut self, link: LinkId, wish: &TlsWish) -> Result<TlsSession, SecureError>;

    /// Closes a link. Closing twice is no error.
    fn close(&mut self, link: LinkId);

    /// One round each on a connection of its own, side by side within the limits. Answers in the order asked.
    fn ask(&mut self, asks: &[Ask]) -> Vec<Asked>;

    /// One datagram each from a socket of its own, side by side within the limits, each answer awaited for
    /// `within`. Answers in the order asked; only the first datagram that comes back counts.
    fn datagrams(&mut self, batch: &[Datagram], within: Duration) -> Vec<DatagramAnswer>;

    /// Calls everybody on the link that leads to an authorised address, once, and looks which link-local addresses of IPv6
    /// this machine's table of neighbours then has for the same hardware address. Those are the product's, and are
    /// authorised from then on; no other address is asked anything more.
    ///
    /// # Errors
    /// See [`NeighbourhoodError`]; then no more is authorised than before.
    fn neighbours(&mut self, product: IpAddr, within: Duration) -> Result<Neighbourhood, NeighbourhoodError>;

    /// Tries to connect to every port in these inclusive ranges. A silent port is tried three times, unless no port
    /// of the host answers at all.
    fn sweep(&mut self, at: IpAddr, ports: &[(u16, u16)], within: Duration) -> SweepResult;

    /// Begins to stand in for a service: listens, and answers names. What stood before ends.
    ///
    /// # Errors
    /// See [`StandInError`]; then nothing listens.
    fn stand_in(&mut self, wish: &StandIn) -> Result<(), StandInError>;

    /// Waits for the next connection to where the bench stands in. Silence when none came, or the run is over.
    fn arrival(&mut self, within: Duration) -> Option<Arrival>;

    /// Performs a TLS handshake as the server of a link that came, with what it received so far as its beginning.
    ///
    /// # Errors
    /// See [`ServeError`]; the link is of no further use then.
    fn serve(&mut self, link: LinkId, face: &Face, within: Duration) -> Result<Served, ServeError>;

    /// Passes a link that came on to an authorised endpoint, with what it received so far, until one side closes or the
    /// time is over. The link is closed then.
    fn relay(&mut self, link: LinkId, to: Endpoint, within: Duration) -> Relayed;

    /// Stops standing in: every port is closed and no name answered any more.
    fn stand_down(&mut self) -> StoodDown;

    /// Takes one wrong credential from the allowance of a mechanism, named by where and how it is tried. False
    /// when the operator's allowance is used up: then nothing may be sent.
    fn attempt(&mut self, mechanism: &str) -> bool;

    /// How many wrong credentials are left of a mechanism's allowance.
    fn allowance(&mut self, mechanism: &str) -> u32;

    /// Waits without sending, less long if the run ends before. True when the whole time has passed.
    fn pause(&mut self, time: Duration) -> bool;

    /// Keeps this value out of the record from now on, wherever it occurs. Values under 4 bytes are not searched
    /// for; send those with [`Bench::send_secret`].
    fn conceal(&mut self, secret: &[u8]);

    /// How long the operator lets a probe wait for one answer.
    fn wait(&self) -> Duration;

    /// The time of day.
    fn now(&self) -> Timestamp;

    /// Milliseconds since the bench was set up; never goes back.
    fn elapsed_millis(&self) -> u64;

    /// Fills a buffer with random bytes.
    fn random(&mut self, buffer: &mut [u8]);

    /// Fills a buffer with random bytes that become a secret: the record keeps none of them.
    fn random_secret(&mut self, buffer: &mut [u8]);

    /// Keeps a credential, by what it is for, where the operator finds it if the run breaks off before
    /// [`Bench::release_escrow`]. False where there is no such place: then nothing may be changed to it.
    fn escrow(&mut self, what: &str, secret: &str) -> bool;

    /// The credential holds no more.
    fn release_escrow(&mut self, what: &str);

    /// Says how far the probe is.
    fn progress(&mut self, done: u64, of: u64);
}

/// A connection of a bench.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LinkId(pub u32);

/// Why there is no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum ConnectError {
    /// The peer reset the attempt.
    #[error("refused")]
    Refused,
    /// Nothing came back in time.
    #[error("silent")]
    Silent,
    /// The network says there is no way there, or forbids it.
    #[error("unreachable")]
    Unreachable,
    /// This machine lacks a privilege or a free local port for it; nothing was sent.
    #[error("this machine lacks the privilege or the local port")]
    Unequipped,
    /// The address is not authorised; nothing was sent.
    #[error("not authorised")]
    NotAuthorised,
    /// A limit of the operator; nothing was sent.
    #[error("stopped by a limit")]
    Limit,
}

impl ConnectError {
    /// The kind of shortfall it leaves where an answer was needed.
    pub fn shortfall(self) -> ShortfallKind {
        match self {
            ConnectError::Refused => ShortfallKind::Refused,
            ConnectError::Silent | ConnectError::Unreachable => ShortfallKind::Silence,
            ConnectError::NotAuthorised | ConnectError::Unequipped => ShortfallKind::Missing,
            ConnectError::Limit => ShortfallKind::Limit,
        }
    }
}

/// Why bytes were not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum SendError {
    /// The peer has gone.
    #[error("the connection is gone")]
    Gone,
    /// The run's time is over.
    #[error("stopped by a limit")]
    Limit,
}

/// What a wait for bytes led to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Received {
    /// Bytes, at least one.
    Data(Bytes),
    /// The peer closed in good order.
    Closed,
    /// Nothing in time.
    Silence,
    /// The connection broke, or was not there.
    Reset,
}

/// What to offer in a TLS handshake.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsWish {
    /// The server name to send; none sends no name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sni: Option<String>,
    /// Application protocols, preferred first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alpn: Vec<String>,
    /// Leave TLS 1.3 out, to see the certificate request and the suites of 1.2.
    #[serde(default)]
    pub only_tls12: bool,
    /// Leave TLS 1.2 out.
    #[serde(default)]
    pub only_tls13: bool,
    /// Go on with the session of an earlier handshake of this wish, where the bench has one, and keep this one. Early
    /// data is asked for where the session allows it, and none is sent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub resumes: bool,
}

impl TlsWish {
    /// TLS 1.2 or 1.3 with this server name, where it is a name.
    pub fn named(host: Option<&str>) -> Self {
        let name = host.filter(|host| !host.is_empty() && host.parse::<IpAddr>().is_err());
        Self { sni: name.map(str::to_owned), ..Self::default() }
    }
}

/// What a TLS handshake showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsSession {
    /// The version agreed.
    pub version: model::TlsVersion,
    /// IANA number of the cipher suite agreed.
    pub suite: u16,
    /// The application protocol agreed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alpn: Option<String>,
    /// The certificates shown, leaf first, in DER.
    pub chain: Vec<Bytes>,
    /// Whether the peer asked for a client certificate.
    #[serde(default)]
    pub asks_client_certificate: bool,
    /// Whether the peer went on with an earlier session.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub resumed: bool,
    /// What became of early data, where the earlier session of TLS 1.3 allowed it: whether the peer accepted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub early_data: Option<bool>,
}

impl TlsSession {
    /// SHA-256 of the leaf certificate; none where the peer showed none.
    pub fn fingerprint(&self) -> Option<Digest> {
        self.chain.first().map(|leaf| Digest::of(&leaf.0))
    }
}

/// Why a TLS handshake failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum SecureError {
    /// What came back is not TLS.
    #[error("the peer does not speak TLS")]
    NotTls,
    /// The peer refused with an alert, or offered nothing this client speaks.
    #[error("the peer ended the handshake: {0}")]
    Refused(String),
    /// Nothing came back in time.
    #[error("silent")]
    Silence,
    /// The connection closed or broke.
    #[error("the connection is gone")]
    Gone,
}

/// One round on a connection of its own: connect, secure if wished, send, listen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// Where.
    pub to: Endpoint,
    /// TLS, if wished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsWish>,
    /// What to send; nothing listens for a banner.
    pub send: Bytes,
    /// Most bytes to keep of the answer.
    pub max: usize,
    /// How long to wait for the first byte.
    pub within: Duration,
    /// How long to go on listening after the last byte; the answer ends with that silence.
    pub quiet: Duration,
}

/// What came of an [`Ask`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Why there was no connection, if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_connected: Option<ConnectError>,
    /// What TLS showed, where it was wished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<Result<TlsSession, SecureError>>,
    /// What the peer said.
    #[serde(default)]
    pub said: Bytes,
    /// How it ended.
    pub ended: Ended,
}

/// How listening ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    /// There was nothing to listen to.
    Never,
    /// The peer closed.
    Closed,
    /// The peer fell silent, or never spoke.
    Silence,
    /// The connection broke.
    Reset,
    /// As much came as was wanted.
    Full,
}

/// One datagram to send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Datagram {
    /// Where.
    pub to: Endpoint,
    /// What.
    pub payload: Bytes,
    /// Take an answer from any port of the address, as TFTP and some SSDP devices give it. A refusal cannot be
    /// seen then.
    #[serde(default)]
    pub from_any_port: bool,
    /// The local port to send from; none for any. A port below 1024 takes a privilege.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_port: Option<u16>,
}

/// What came of a datagram.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DatagramAnswer {
    /// A datagram.
    Data(Bytes),
    /// The host says that nobody is there (ICMP port unreachable).
    Refused,
    /// Nothing in time, which is usual for UDP.
    Silence,
    /// Nothing was sent: not authorised, a limit, or no such route or privilege.
    NotSent(ConnectError),
}

/// Whom a call to everybody on a link brought up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Neighbourhood {
    /// How everybody was called, and why a call was not sent.
    pub calls: Vec<(Call, Option<ConnectError>)>,
    /// Link-local addresses that have the product's hardware address, and whether each answered a call.
    pub found: Vec<(Ipv6Addr, bool)>,
    /// How many others answered whose hardware address this machine does not know.
    pub unknown: u32,
}

/// A way to call everybody on a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Call {
    /// An ICMPv6 echo request to all nodes (RFC 4443, 4.1). It takes a privilege, or a group that may ping.
    #[error("an ICMPv6 echo request to ff02::1")]
    Echo,
    /// A question for services to whoever speaks mDNS (RFC 6762).
    #[error("an mDNS question to ff02::fb")]
    Mdns,
}

/// Why nothing is known of the product's neighbourhood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum NeighbourhoodError {
    /// The address is not authorised; nothing was sent.
    #[error("not authorised")]
    NotAuthorised,
    /// The table does not have the product: no link of this machine leads to it, or it has not answered.
    #[error("this machine's table of neighbours does not have the product")]
    NotOnLink,
    /// Another address that is not the product's has its hardware address: something passes both on.
    #[error("another address has the hardware address of the product, so it tells nothing about who answers")]
    Shared,
    /// The kernel does not tell its table.
    #[error("this machine does not tell its table of neighbours")]
    Untold,
}

/// What came of a sweep.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SweepResult {
    /// Ports that accepted.
    pub open: Vec<u16>,
    /// How many refused.
    pub refused: u32,
    /// Ranges of ports that stayed silent in every try.
    pub silent: Vec<(u16, u16)>,
    /// Ranges of ports that the network said it cannot or must not reach.
    pub unreachable: Vec<(u16, u16)>,
    /// Ranges of ports that were not tried to the end, and why.
    pub not_tried: Vec<(u16, u16)>,
    /// Why ports were not tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_by: Option<ConnectError>,
    /// How long it took.
    pub millis: u64,
}

/// Inclusive ranges of sorted or unsorted ports.
pub fn port_ranges(ports: &[u16]) -> Vec<(u16, u16)> {
    let mut sorted = ports.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let mut ranges: Vec<(u16, u16)> = Vec::new();
    for port in sorted {
        match ranges.last_mut() {
            Some((_, high)) if *high + 1 == port => *high = port,
            _ => ranges.push((port, port)),
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_fold_into_ranges() {
        assert_eq!(port_ranges(&[3, 1, 2, 9, 65535, 65534]), [(1, 3), (9, 9), (65534, 65535)]);
        assert!(port_ranges(&[]).is_empty());
    }

    #[test]
    fn an_address_is_no_server_name() {
        assert_eq!(TlsWish::named(Some("192.0.2.7")).sni, None);
        assert_eq!(TlsWish::named(Some("plug.example")).sni.as_deref(), Some("plug.example"));
    }
}
