//! Both sides of an SSH connection up to the end of the key exchange (RFC 4253).

use super::{Guard, Side};
use crate::ssh::{Algorithms, Identification, read_plain_packet};

const MOST_PLAIN: usize = 128 * 1024;
const NEW_KEYS: u8 = 21;

/// A connection.
#[derive(Debug, Default)]
pub(super) struct Overheard {
    client: Half,
    server: Half,
}

#[derive(Debug, Default)]
struct Half {
    buffer: Vec<u8>,
    named: bool,
    /// The algorithms offered.
    offer: Option<Algorithms>,
    new_keys: bool,
    /// Cannot be followed any more.
    broken: bool,
}

impl Overheard {
    pub(super) fn hear(&mut self, from: Side, bytes: &[u8]) {
        let half = match from {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        };
        if half.new_keys || half.broken {
            return;
        }
        half.buffer.extend_from_slice(bytes);
        half.broken = half.buffer.len() > MOST_PLAIN || half.read().is_err();
        if half.broken || half.new_keys {
            half.buffer = Vec::new();
        }
    }

    pub(super) fn gap(&mut self, from: Side) {
        let half = match from {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        };
        half.broken |= !half.new_keys;
    }

    pub(super) fn held(&self) -> usize {
        self.client.buffer.capacity() + self.server.buffer.capacity()
    }

    pub(super) fn guard(&self) -> Guard {
        let (client, server) = (&self.client, &self.server);
        if client.broken || server.broken {
            return Guard::Unknown;
        }
        match (client.new_keys && server.new_keys, &client.offer, &server.offer) {
            (true, Some(ours), Some(theirs)) => {
                let chosen = |wanted: &[String], offered: &[String]| {
                    wanted.iter().find(|cipher| offered.contains(cipher)).cloned()
                };
                let ciphers = [
                    chosen(&ours.ciphers_to_server, &theirs.ciphers_to_server),
                    chosen(&ours.ciphers_to_client, &theirs.ciphers_to_client),
                ];
                match ciphers {
                    [Some(one), Some(other)] if one != "none" && other != "none" => Guard::Ssh,
                    [Some(_), Some(_)] => Guard::Clear,
                    _ => Guard::Unknown,
                }
            }
            (true, ..) => Guard::Unknown,
            (false, ..) => Guard::Unused,
        }
    }
}

impl Half {
    fn read(&mut self) -> Result<(), crate::Malformed> {
        if !self.named {
            let Some((_, used)) = Identification::read(&self.buffer)? else { return Ok(()) };
            self.buffer.drain(..used);
            self.named = true;
        }
        while let Some((payload, used)) = read_plain_packet(&self.buffer)? {
            match payload.first() {
                Some(20) => self.offer = Some(Algorithms::read(payload)?),
                Some(&NEW_KEYS) => {
                    self.new_keys = true;
                    return Ok(());
                }
                _ => {}
            }
            self.buffer.drain(..used);
        }
        Ok(())
    }
}
