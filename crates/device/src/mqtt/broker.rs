//! A small broker: hands every published message to the subscribers whose filter matches.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use super::packet::{self, Packet};
use crate::crew::lock;

/// How often a connection looks for messages to hand on; also its read time-out.
pub(crate) const TICK: Duration = Duration::from_millis(50);
/// Silence after which a client is dropped.
const SILENCE: Duration = Duration::from_secs(90);
const FIRST_PACKET: Duration = Duration::from_secs(5);
const MAX_FILTERS: usize = 16;
const QUEUE: usize = 32;

const ACCEPTED: u8 = 0;
const UNACCEPTABLE_VERSION: u8 = 1;
const NOT_AUTHORIZED: u8 = 5;

/// The meeting place of all clients of one broker.
#[derive(Default)]
pub(crate) struct Broker {
    shut: AtomicBool,
    next: AtomicU64,
    published: AtomicU64,
    subscribers: Mutex<BTreeMap<u64, Subscriber>>,
}

struct Subscriber {
    filters: Vec<String>,
    queue: SyncSender<Vec<u8>>,
}

impl Broker {
    /// Drops every client and takes no new one, until it is opened again.
    pub(crate) fn set_shut(&self, shut: bool) {
        self.shut.store(shut, Ordering::Relaxed);
    }

    pub(crate) fn is_shut(&self) -> bool {
        self.shut.load(Ordering::Relaxed)
    }

    /// Messages published so far.
    pub(crate) fn published(&self) -> u64 {
        self.published.load(Ordering::Relaxed)
    }

    /// Serves one client whose stream has [`TICK`] as its read time-out, until it leaves.
    pub(crate) fn serve(&self, stream: &mut (impl Read + Write), authorized: bool) {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (queue, messages) = sync_channel(QUEUE);
        // However the client leaves, what it subscribed to is forgotten.
        let _ = self.attend(stream, authorized, id, &queue, &messages);
        lock(&self.subscribers).remove(&id);
    }

    fn attend(
        &self,
        stream: &mut (impl Read + Write),
        authorized: bool,
        id: u64,
        queue: &SyncSender<Vec<u8>>,
        messages: &Receiver<Vec<u8>>,
    ) -> io::Result<()> {
        let mut pending = Vec::new();
        let Some(first) = self.next(stream, &mut pending, FIRST_PACKET, None)? else {
            return Ok(());
        };
        let code = judge(&first, authorized);
        stream.write_all(&packet::build(packet::CONNACK, 0, &[0, code]))?;
        stream.flush()?;
        if code != ACCEPTED {
            return Ok(());
        }
        while let Some(packet) = self.next(stream, &mut pending, SILENCE, Some(messages))? {
            let reply = match packet.kind {
                packet::PUBLISH => self.publish(&packet)?,
                packet::SUBSCRIBE => self.subscribe(&packet, id, queue)?,
                packet::UNSUBSCRIBE => {
                    lock(&self.subscribers).remove(&id);
                    packet::build(11, 0, packet.body.get(..2).unwrap_or_default())
                }
                packet::PINGREQ => packet::build(13, 0, &[]),
                packet::DISCONNECT => return Ok(()),
                // PUBREL and others belong to exchanges that this broker never starts.
                _ => return Err(invalid()),
            };
            stream.write_all(&reply)?;
            stream.flush()?;
        }
        Ok(())
    }

    /// Hands a message on; the answer is empty, or PUBACK for QoS 1.
    fn publish(&self, packet: &Packet) -> io::Result<Vec<u8>> {
        let quality = packet.flags >> 1 & 3;
        let mut rest = packet.body.as_slice();
        let topic = packet::take_text(&mut rest).ok_or_else(invalid)?;
        if quality > 1 || topic.contains(['#', '+']) {
            return Err(invalid());
        }
        let mut reply = Vec::new();
        if quality == 1 {
            let (id, tail) = rest.split_at_checked(2).ok_or_else(invalid)?;
            reply = packet::build(4, 0, id);
            rest = tail;
        }
        self.published.fetch_add(1, Ordering::Relaxed);
        let message = packet::publish(&topic, rest);
        for subscriber in lock(&self.subscribers).values() {
            if subscriber.filters.iter().any(|filter| matches(filter, &topic)) {
                // A client that does not keep up misses messages, as QoS 0 allows.
                let _ = subscriber.queue.try_send(message.clone());
            }
        }
        Ok(reply)
    }

    fn subscribe(&self, packet: &Packet, id: u64, queue: &SyncSender<Vec<u8>>) -> io::Result<Vec<u8>> {
        let (packet_id, mut rest) = packet.body.split_at_checked(2).ok_or_else(invalid)?;
        let mut filters = Vec::new();
        while !rest.is_empty() && filters.len() < MAX_FILTERS {
            filters.push(packet::take_text(&mut rest).ok_or_else(invalid)?);
            rest = rest.get(1..).ok_or_else(invalid)?;
        }
        let mut body = packet_id.to_vec();
        body.extend(filters.iter().map(|_| 0));
        let mut subscribers = lock(&self.subscribers);
        let subscriber =
            subscribers.entry(id).or_insert_with(|| Subscriber { filters: Vec::new(), queue: queue.clone() });
        subscriber.filters.extend(filters);
        subscriber.filters.truncate(MAX_FILTERS);
        Ok(packet::build(9, 0, &body))
    }

    /// The next packet of the client, while messages for it are handed on; `None` after too long a silence.
    fn next(
        &self,
        stream: &mut (impl Read + Write),
        pending: &mut Vec<u8>,
        silence: Duration,
        messages: Option<&Receiver<Vec<u8>>>,
    ) -> io::Result<Option<Packet>> {
        let deadline = Instant::now() + silence;
        while Instant::now() < deadline && !self.is_shut() {
            if let Some(messages) = messages {
                for message in messages.try_iter().take(QUEUE) {
                    stream.write_all(&message)?;
                }
                stream.flush()?;
            }
            match packet::read(stream, pending) {
                Ok(packet) => return Ok(Some(packet)),
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }
}

/// The return code for the first packet (MQTT 3.1.1, 3.2.2.3).
fn judge(packet: &Packet, authorized: bool) -> u8 {
    let mut rest = packet.body.as_slice();
    let name = packet::take_text(&mut rest);
    if packet.kind != packet::CONNECT || name.as_deref() != Some("MQTT") || rest.first() != Some(&4) {
        return UNACCEPTABLE_VERSION;
    }
    if authorized { ACCEPTED } else { NOT_AUTHORIZED }
}

fn invalid() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

/// Does a topic filter match (MQTT 3.1.1, 4.7)?
fn matches(filter: &str, topic: &str) -> bool {
    let mut levels = topic.split('/');
    for wanted in filter.split('/') {
        if wanted == "#" {
            return true;
        }
        match levels.next() {
            Some(level) if wanted == "+" || wanted == level => {}
            _ => return false,
        }
    }
    levels.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_match_as_the_standard_says() {
        for filter in ["a/b", "#", "a/#", "+/b", "a/+", "a/b/#"] {
            assert!(matches(filter, "a/b"), "{filter}");
        }
        for filter in ["a", "a/c", "+", "a/b/c", "a/b/+"] {
            assert!(!matches(filter, "a/b"), "{filter}");
        }
    }
}
