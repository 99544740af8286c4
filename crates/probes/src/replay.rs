//! A bench that answers from a transcript, in the order in which things happened.
//!
//! Gathering again from a whole transcript gives the log of the first time. A call that the transcript does not hold
//! next is a divergence: it is answered as silence and said, never made up.

use std::net::IpAddr;
use std::time::Duration;

use model::{Endpoint, Timestamp};

use crate::port::*;
use crate::stand_in::{Arrival, Face, Relayed, ServeError, Served, StandIn, StandInError, StoodDown};
use crate::transcript::{CONCEALED, Happening, Transcript};

/// Replays a transcript.
#[derive(Debug)]
pub struct ReplayBench {
    transcript: Transcript,
    next: usize,
    diverged: Option<String>,
}

impl ReplayBench {
    /// From the first event on.
    pub fn new(transcript: Transcript) -> Self {
        Self { transcript, next: 0, diverged: None }
    }

    /// The first call that the transcript did not hold; none while everything was answered from it.
    pub fn diverged(&self) -> Option<&str> {
        self.diverged.as_deref()
    }

    /// Whether every event of the transcript has been asked for.
    pub fn is_finished(&self) -> bool {
        self.next == self.transcript.events.len()
    }

    fn take<T>(&mut self, call: &str, read: impl FnOnce(&Happening) -> Option<T>) -> Option<T> {
        if self.diverged.is_some() {
            return None;
        }
        let found = self.transcript.events.get(self.next).and_then(|event| read(&event.what));
        match found {
            Some(found) => {
                self.next += 1;
                Some(found)
            }
            None => {
                self.diverged = Some(format!("event {}: {call} was asked", self.next));
                None
            }
        }
    }
}

/// Whether these bytes are the recorded ones, as far as the record may show them.
fn same(sent: &[u8], recorded: &[u8]) -> bool {
    sent == recorded || recorded.windows(CONCEALED.len()).any(|window| window == CONCEALED)
}

impl Bench for ReplayBench {
    fn connect(&mut self, to: Endpoint, _: Duration) -> Result<LinkId, ConnectError> {
        self.take("connect", |what| match what {
            Happening::Connect { to: kept, result } if *kept == to => Some(*result),
            _ => None,
        })
        .unwrap_or(Err(ConnectError::Silent))
    }

    fn come_from(&mut self, source: Option<IpAddr>) -> bool {
        self.take("come-from", |what| match what {
            Happening::ComeFrom { source: kept, possible } if *kept == source => Some(*possible),
            _ => None,
        })
        .unwrap_or(false)
    }

    fn send(&mut self, link: LinkId, bytes: &[u8]) -> Result<(), SendError> {
        self.take("send", |what| match what {
            Happening::Send { link: kept, bytes: sent, result } if *kept == link && same(bytes, &sent.0) => {
                Some(*result)
            }
            _ => None,
        })
        .unwrap_or(Err(SendError::Gone))
    }

    fn send_secret(&mut self, link: LinkId, _: &[u8], shown: &[u8]) -> Result<(), SendError> {
        self.send(link, shown)
    }

    fn receive(&mut self, link: LinkId, _: usize, _: Duration) -> Received {
        self.take("receive", |what| match what {
            Happening::Receive { link: kept, received } if *kept == link => Some(received.clone()),
            _ => None,
        })
        .unwrap_or(Received::Silence)
    }

    fn secure(&mut self, link: LinkId, wish: &TlsWish) -> Result<TlsSession, SecureError> {
        self.take("secure", |what| match what {
            Happening::Secure { link: kept, wish: wished, result } if *kept == link && wished == wish => {
                Some(result.clone())
            }
            _ => None,
        })
        .unwrap_or(Err(SecureError::Silence))
    }

    fn close(&mut self, link: LinkId) {
        self.take("close", |what| matches!(what, Happening::Close { link: kept } if *kept == link).then_some(()));
    }

    fn ask(&mut self, asks: &[Ask]) -> Vec<Asked> {
        asks.iter()
            .map(|ask| {
                self.take("ask", |what| match what {
                    Happening::Ask { ask: kept, asked }
                        if kept.to == ask.to && same(&ask.send.0, &kept.send.0) =>
                    {
                        Some(asked.clone())
                    }
                    _ => None,
                })
                .unwrap_or(Asked {
                    not_connected: Some(ConnectError::Silent),
                    tls: None,
                    said: Default::default(),
                    ended: Ended::Never,
                })
            })
            .collect()
    }

    fn datagrams(&mut self, batch: &[Datagram], _: Duration) -> Vec<DatagramAnswer> {
        batch
            .iter()
            .map(|one| {
                self.take("datagram", |what| match what {
                    Happening::Datagram { datagram, answer }
                        if datagram.to == one.to && same(&one.payload.0, &datagram.payload.0) =>
                    {
                        Some(answer.clone())
                    }
                    _ => None,
                })
                .unwrap_or(DatagramAnswer::Silence)
            })
            .collect()
    }

    fn neighbours(&mut self, product: IpAddr, _: Duration) -> Result<Neighbourhood, NeighbourhoodError> {
        self.take("neighbours", |what| match what {
            Happening::Neighbours { product: kept, result } if *kept == product => Some(result.clone()),
            _ => None,
        })
        .unwrap_or(Err(NeighbourhoodError::NotOnLink))
    }

    fn sweep(&mut self, at: IpAddr, ports: &[(u16, u16)], _: Duration) -> SweepResult {
        self.take("sweep", |what| match what {
            Happening::Sweep { at: kept, ports: asked, result } if *kept == at && asked == ports => {
                Some(result.clone())
            }
            _ => None,
        })
        .unwrap_or_else(|| SweepResult {
            not_tried: ports.to_vec(),
            stopped_by: Some(ConnectError::Silent),
            ..SweepResult::default()
        })
    }

    fn stand_in(&mut self, wish: &StandIn) -> Result<(), StandInError> {
        self.take("stand_in", |what| match what {
            Happening::StandIn { wish: kept, result } if kept == wish => Some(result.clone()),
            _ => None,
        })
        .unwrap_or_else(|| Err(StandInError::Unequipped("the transcript does not hold it".to_owned())))
    }

    fn arrival(&mut self, _: Duration) -> Option<Arrival> {
        self.take("arrival", |what| match what {
            Happening::Arrival { arrival } => Some(*arrival),
            _ => None,
        })
        .flatten()
    }

    fn serve(&mut self, link: LinkId, face: &Face, _: Duration) -> Result<Served, ServeError> {
        self.take("serve", |what| match what {
            Happening::Serve { link: kept, shown, result } if *kept == link && *shown == face.shown => {
                Some(result.clone())
            }
            _ => None,
        })
        .unwrap_or(Err(ServeError::Silence))
    }

    fn relay(&mut self, link: LinkId, to: Endpoint, _: Duration) -> Relayed {
        self.take("relay", |what| match what {
            Happening::Relay { link: kept, to: meant, relayed } if *kept == link && *meant == to => {
                Some(relayed.clone())
            }
            _ => None,
        })
        .unwrap_or_default()
    }

    fn stand_down(&mut self) -> StoodDown {
        self.take("stand_down", |what| match what {
            Happening::StandDown { stood } => Some(stood.clone()),
            _ => None,
        })
        .unwrap_or_default()
    }

    fn attempt(&mut self, mechanism: &str) -> bool {
        self.take("attempt", |what| match what {
            Happening::Attempt { mechanism: kept, allowed } if kept == mechanism => Some(*allowed),
            _ => None,
        })
        .unwrap_or(false)
    }

    fn allowance(&mut self, mechanism: &str) -> u32 {
        self.take("allowance", |what| match what {
            Happening::Allowance { mechanism: kept, left } if kept == mechanism => Some(*left),
            _ => None,
        })
        .unwrap_or(0)
    }

    fn pause(&mut self, _: Duration) -> bool {
        self.take("pause", |what| match what {
            Happening::Pause { whole } => Some(*whole),
            _ => None,
        })
        .unwrap_or(false)
    }

    fn conceal(&mut self, _: &[u8]) {}

    fn wait(&self) -> Duration {
        Duration::ZERO
    }

    fn now(&self) -> Timestamp {
        let began = self.transcript.began.unwrap_or(Timestamp::from_seconds(0));
        Timestamp::from_millis(began.millis().saturating_add_unsigned(self.elapsed_millis()))
    }

    fn elapsed_millis(&self) -> u64 {
        let last = self.next.checked_sub(1).and_then(|at| self.transcript.events.get(at));
        last.map_or(0, |event| event.at)
    }

    fn random(&mut self, buffer: &mut [u8]) {
        let wanted = buffer.len();
        let kept = self.take("random", |what| match what {
            Happening::Random { bytes } if bytes.0.len() == wanted => Some(bytes.0.clone()),
            _ => None,
        });
        buffer.copy_from_slice(&kept.unwrap_or_else(|| vec![0; wanted]));
    }

    fn random_secret(&mut self, buffer: &mut [u8]) {
        // The record keeps none, and conceals what was made from them.
        buffer.fill(0);
    }

    fn escrow(&mut self, _: &str, _: &str) -> bool {
        // Where nothing was kept, nothing follows in the transcript.
        self.next < self.transcript.events.len()
    }

    fn release_escrow(&mut self, _: &str) {}

    fn progress(&mut self, _: u64, _: u64) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::{Event, Recorder};

    fn transcript() -> Transcript {
        let mut recorder = Recorder::new(Timestamp::from_seconds(100), 10_000);
        let to = Endpoint::tcp("192.0.2.7".parse().unwrap(), 23);
        recorder.keep(5, Happening::Connect { to, result: Ok(LinkId(0)) });
        recorder.conceal(b"secret");
        recorder.keep(6, Happening::Send { link: LinkId(0), bytes: b"my secret"[..].into(), result: Ok(()) });
        let received = Received::Data(b"login: "[..].into());
        recorder.keep(9, Happening::Receive { link: LinkId(0), received });
        recorder.transcript().clone()
    }

    #[test]
    fn the_same_calls_get_the_same_answers() {
        let mut bench = ReplayBench::new(transcript());
        let link = bench.connect(Endpoint::tcp("192.0.2.7".parse().unwrap(), 23), Duration::ZERO).unwrap();
        bench.send(link, b"my secret").unwrap();
        assert_eq!(bench.receive(link, 99, Duration::ZERO), Received::Data(b"login: "[..].into()));
        assert_eq!((bench.elapsed_millis(), bench.now()), (9, Timestamp::from_millis(100_009)));
        assert!(bench.is_finished());
        assert_eq!(bench.diverged(), None);
    }

    #[test]
    fn another_call_is_a_divergence_and_answered_as_silence() {
        let mut bench = ReplayBench::new(transcript());
        let other = Endpoint::tcp("192.0.2.7".parse().unwrap(), 24);
        assert_eq!(bench.connect(other, Duration::ZERO), Err(ConnectError::Silent));
        assert!(bench.diverged().is_some_and(|text| text.contains("connect")));
        assert_eq!(bench.receive(LinkId(0), 9, Duration::ZERO), Received::Silence);
    }

    #[test]
    fn an_empty_transcript_answers_nothing() {
        let mut bench = ReplayBench::new(Transcript { events: Vec::<Event>::new(), ..Transcript::default() });
        let swept = bench.sweep("192.0.2.7".parse().unwrap(), &[(1, 9)], Duration::ZERO);
        assert_eq!(swept.not_tried, [(1, 9)]);
    }
}
