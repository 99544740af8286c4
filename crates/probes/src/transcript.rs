//! Everything a bench sent and received, in order: the raw material of a run, bounded and without secrets.
//!
//! It can be replayed ([`crate::ReplayBench`]). What did not fit is counted, so a shortened transcript says so.

use std::net::IpAddr;

use model::{Endpoint, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Bytes;
use crate::port::{
    Ask, Asked, ConnectError, Datagram, DatagramAnswer, LinkId, Neighbourhood, NeighbourhoodError, Received,
    SecureError, SendError, SweepResult, TlsSession, TlsWish,
};
use crate::stand_in::{Arrival, Relayed, ServeError, Served, StandIn, StandInError, StoodDown};

/// What stands in the record in place of a concealed value.
pub(crate) const CONCEALED: &[u8] = "‹concealed›".as_bytes();

/// A record of what happened at a bench.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Transcript {
    /// When the bench was set up.
    pub began: Option<Timestamp>,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// Events that no longer fitted; 0 means the record is whole.
    pub left_out: u64,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Milliseconds since the bench was set up.
    pub at: u64,
    /// What.
    pub what: Happening,
}

/// What a probe asked of the bench, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each field is named after the argument or the answer of the Bench method")]
pub enum Happening {
    /// [`crate::Bench::connect`].
    Connect { to: Endpoint, result: Result<LinkId, ConnectError> },
    /// [`crate::Bench::come_from`].
    ComeFrom { source: Option<IpAddr>, possible: bool },
    /// [`crate::Bench::send`] and [`crate::Bench::send_secret`].
    Send { link: LinkId, bytes: Bytes, result: Result<(), SendError> },
    /// [`crate::Bench::receive`].
    Receive { link: LinkId, received: Received },
    /// [`crate::Bench::secure`].
    Secure { link: LinkId, wish: TlsWish, result: Result<TlsSession, SecureError> },
    /// [`crate::Bench::close`].
    Close { link: LinkId },
    /// One of [`crate::Bench::ask`].
    Ask { ask: Ask, asked: Asked },
    /// One of [`crate::Bench::datagrams`].
    Datagram { datagram: Datagram, answer: DatagramAnswer },
    /// [`crate::Bench::neighbours`].
    Neighbours { product: IpAddr, result: Result<Neighbourhood, NeighbourhoodError> },
    /// [`crate::Bench::sweep`].
    Sweep { at: IpAddr, ports: Vec<(u16, u16)>, result: SweepResult },
    /// [`crate::Bench::stand_in`].
    StandIn { wish: StandIn, result: Result<(), StandInError> },
    /// [`crate::Bench::arrival`].
    Arrival { arrival: Option<Arrival> },
    /// [`crate::Bench::serve`].
    Serve { link: LinkId, shown: String, result: Result<Served, ServeError> },
    /// [`crate::Bench::relay`].
    Relay { link: LinkId, to: Endpoint, relayed: Relayed },
    /// [`crate::Bench::stand_down`].
    StandDown { stood: StoodDown },
    /// [`crate::Bench::attempt`].
    Attempt { mechanism: String, allowed: bool },
    /// [`crate::Bench::allowance`].
    Allowance { mechanism: String, left: u32 },
    /// [`crate::Bench::pause`].
    Pause { whole: bool },
    /// [`crate::Bench::random`].
    Random { bytes: Bytes },
}

/// Keeps a transcript within its bounds and free of concealed values.
#[derive(Debug)]
pub(crate) struct Recorder {
    transcript: Transcript,
    room: usize,
    concealed: Vec<Vec<u8>>,
}

impl Recorder {
    pub(crate) fn new(began: Timestamp, room: usize) -> Self {
        let transcript = Transcript { began: Some(began), ..Transcript::default() };
        Self { transcript, room, concealed: Vec::new() }
    }

    pub(crate) fn conceal(&mut self, secret: &[u8]) {
        if secret.len() >= 4 && !self.concealed.iter().any(|known| known == secret) {
            self.concealed.push(secret.to_vec());
            // The longest first, so that a secret inside another one does not leave the rest readable.
            self.concealed.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        }
    }

    pub(crate) fn keep(&mut self, at: u64, mut what: Happening) {
        let size = 64 + payload(&mut what).iter().map(|bytes| bytes.0.len()).sum::<usize>();
        if size > self.room {
            self.transcript.left_out += 1;
            // Once something is missing the rest would not replay.
            self.room = 0;
            return;
        }
        self.room -= size;
        for bytes in payload(&mut what) {
            for secret in &self.concealed {
                replace(&mut bytes.0, secret);
            }
        }
        self.transcript.events.push(Event { at, what });
    }

    pub(crate) fn transcript(&self) -> &Transcript {
        &self.transcript
    }

    pub(crate) fn renew(&mut self, began: Timestamp, room: usize) -> Transcript {
        self.room = room;
        std::mem::replace(&mut self.transcript, Transcript { began: Some(began), ..Transcript::default() })
    }
}

fn payload(what: &mut Happening) -> Vec<&mut Bytes> {
    match what {
        Happening::Send { bytes, .. } => vec![bytes],
        Happening::Receive { received: Received::Data(bytes), .. } => vec![bytes],
        Happening::Secure { result: Ok(session), .. } => session.chain.iter_mut().collect(),
        Happening::Ask { ask, asked } => vec![&mut ask.send, &mut asked.said],
        Happening::Relay { relayed, .. } => vec![&mut relayed.up, &mut relayed.down],
        Happening::Datagram { datagram, answer: DatagramAnswer::Data(bytes) } => {
            vec![&mut datagram.payload, bytes]
        }
        Happening::Datagram { datagram, .. } => vec![&mut datagram.payload],
        _ => Vec::new(),
    }
}

pub(crate) fn replace(bytes: &mut Vec<u8>, secret: &[u8]) {
    let mut from = 0;
    while let Some(at) = bytes[from..].windows(secret.len()).position(|window| window == secret) {
        bytes.splice(from + at..from + at + secret.len(), CONCEALED.iter().copied());
        from += at + CONCEALED.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(bytes: &[u8]) -> Happening {
        Happening::Send { link: LinkId(0), bytes: bytes.into(), result: Ok(()) }
    }

    #[test]
    fn a_concealed_value_never_enters_the_record() {
        let mut recorder = Recorder::new(Timestamp::from_seconds(0), 1000);
        recorder.conceal(b"hunter2");
        recorder.conceal(b"hunter2-long");
        recorder.keep(1, sent(b"a=hunter2&b=hunter2-long&c=hunter2"));
        let kept = serde_json::to_string(recorder.transcript()).unwrap();
        assert!(!kept.contains("hunter2") && !kept.contains("-long"), "{kept}");
        assert!(kept.contains("a=‹concealed›&b=‹concealed›&c=‹concealed›"), "{kept}");
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let mut recorder = Recorder::new(Timestamp::from_seconds(0), 200);
        recorder.keep(1, sent(&[b'a'; 100]));
        recorder.keep(2, sent(&[b'a'; 100]));
        recorder.keep(3, sent(b"short"));
        assert_eq!(recorder.transcript().events.len(), 1);
        assert_eq!(recorder.transcript().left_out, 2);
    }

    #[test]
    fn a_transcript_reads_back_from_json() {
        let mut recorder = Recorder::new(Timestamp::from_seconds(9), 1000);
        recorder.keep(1, sent(&[0xff, 0]));
        let to = Endpoint::tcp("2001:db8::1".parse().unwrap(), 80);
        recorder.keep(2, Happening::Connect { to, result: Err(ConnectError::Silent) });
        let text = serde_json::to_string(recorder.transcript()).unwrap();
        assert_eq!(&serde_json::from_str::<Transcript>(&text).unwrap(), recorder.transcript());
    }
}
