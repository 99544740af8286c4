//! A whole handshake of TLS 1.2 as a client, and another inside it (RFC 5246, RFC 5746).
//!
//! For what only shows behind encryption. Keys are agreed over x25519 or P-256 for AES-GCM. It carries nothing: whom it
//! speaks with is not verified, its keys are as good as the random bytes that it is given, and what the peer says as
//! application data is dropped.

use super::flight::{MOST_HANDSHAKE, RecordReader};
use super::{Alert, ClientHello, ServerHello, Version, content_type, extension, handshake, records};
use crate::Malformed;
use crate::reader::{Reader, put_vec};

mod agreement;
mod protection;

use protection::{OneWay, Suite};

/// The suites that it speaks.
pub const SUITES: [u16; 4] = [0xc02b, 0xc02f, 0xc02c, 0xc030];
/// no_renegotiation (RFC 5246 section 7.2.2).
pub const NO_RENEGOTIATION: u8 = 100;

/// The groups that it speaks, in order.
const GROUPS: [u16; 2] = [agreement::X25519, agreement::P256];
const VERSION: Version = Version::TLS12;
/// Length of the proof in a Finished message.
const PROOF: usize = 12;
/// Messages of handshakes that one connection may bring.
const MOST_MESSAGES: usize = 64;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The server answered a hello with its own: the first, or one inside the encrypted connection.
    Chose {
        /// Whether it knows secure renegotiation (RFC 5746).
        secure: bool,
    },
    /// A handshake is over, and both sides proved that they hold its keys.
    Finished,
    /// An alert.
    Alert(Alert),
}

/// Random bytes for one handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Random {
    /// Those of the hello.
    pub hello: [u8; 32],
    /// Those from which the ephemeral key is made.
    pub key: [u8; 32],
}

/// The handshake that is under way.
#[derive(Debug)]
struct Handshake {
    random: Random,
    /// All messages of it so far.
    transcript: Vec<u8>,
    chosen: Option<(Suite, [u8; 32], bool)>,
    /// Group and public key of the server.
    share: Option<(u16, Vec<u8>)>,
    is_asked_for_certificate: bool,
    master: Option<[u8; 48]>,
    incoming: Option<OneWay>,
}

/// A client; see the module.
#[derive(Debug)]
pub struct Client {
    host: Option<String>,
    records: RecordReader,
    /// Handshake bytes that are not a whole message yet.
    partial: Vec<u8>,
    /// Alert bytes likewise.
    alert: Vec<u8>,
    out: Vec<u8>,
    incoming: Option<OneWay>,
    outgoing: Option<OneWay>,
    current: Option<Handshake>,
    /// Whether the server knows secure renegotiation.
    secure: bool,
    /// What the client proved in the last handshake.
    proven: Vec<u8>,
    messages: usize,
}

impl Client {
    /// A client that has its first hello to send.
    #[must_use]
    pub fn new(host: Option<&str>, random: Random) -> Self {
        let mut client = Self {
            host: host.map(str::to_owned),
            records: RecordReader::default(),
            partial: Vec::new(),
            alert: Vec::new(),
            out: Vec::new(),
            incoming: None,
            outgoing: None,
            current: None,
            secure: true,
            proven: Vec::new(),
            messages: 0,
        };
        client.say_hello(random);
        client
    }

    /// Starts another handshake inside this one, once it is over; with the indication of RFC 5746 where the server knows it.
    pub fn renegotiate(&mut self, random: Random) {
        if self.current.is_none() {
            self.say_hello(random);
        }
    }

    /// Says that nothing more comes (`close_notify`).
    pub fn close(&mut self) {
        self.say(content_type::ALERT, &[1, 0]);
    }

    /// The bytes to send.
    pub fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// Takes the next bytes received; `next_event` reads them.
    pub fn feed(&mut self, received: &[u8]) {
        self.records.feed(received);
    }

    /// What happened next; none while more bytes are needed.
    ///
    /// # Errors
    /// When the bytes are no such handshake: of another version or suite, out of order, or wrongly encrypted or proven.
    pub fn next_event(&mut self) -> Result<Option<Event>, Malformed> {
        loop {
            if let Some(message) = self.whole_message()? {
                match self.take(&message)? {
                    Some(event) => return Ok(Some(event)),
                    None => continue,
                }
            }
            if let Some([level, description]) = self.alert.first_chunk::<2>().copied() {
                self.alert.drain(..2);
                return Ok(Some(Event::Alert(Alert { is_fatal: level == 2, description })));
            }
            let Some(record) = self.records.next_record()? else { return Ok(None) };
            let payload = match &mut self.incoming {
                Some(way) => way.open(record.content_type, &record.payload)?,
                None => record.payload,
            };
            match record.content_type {
                content_type::HANDSHAKE => self.partial.extend_from_slice(&payload),
                content_type::ALERT => self.alert.extend_from_slice(&payload),
                content_type::CHANGE_CIPHER_SPEC => {
                    let next = self.current.as_mut().and_then(|current| current.incoming.take());
                    self.incoming = Some(next.ok_or(Malformed::Invalid("tls change cipher spec"))?);
                }
                // A server may greet, or have something to say that was under way.
                content_type::APPLICATION_DATA if self.incoming.is_some() => {}
                _ => return Err(Malformed::Invalid("tls record type")),
            }
        }
    }

    fn whole_message(&mut self) -> Result<Option<Vec<u8>>, Malformed> {
        let Some([_, high, middle, low]) = self.partial.first_chunk::<4>().copied() else { return Ok(None) };
        let length = u32::from_be_bytes([0, high, middle, low]) as usize;
        if length > MOST_HANDSHAKE || self.messages == MOST_MESSAGES {
            return Err(Malformed::TooLarge("tls handshake"));
        }
        if self.partial.len() < 4 + length {
            return Ok(None);
        }
        self.messages += 1;
        Ok(Some(self.partial.drain(..4 + length).collect()))
    }

    /// Takes a message of the server.
    fn take(&mut self, message: &[u8]) -> Result<Option<Event>, Malformed> {
        let body = message.get(4..).unwrap_or_default();
        let kind = message.first().copied().unwrap_or_default();
        // A wish for a handshake is part of none.
        if kind == HELLO_REQUEST {
            return Ok(None);
        }
        let Some(current) = &mut self.current else { return Err(Malformed::Invalid("tls handshake order")) };
        if current.transcript.len() > 2 * MOST_HANDSHAKE {
            return Err(Malformed::TooLarge("tls handshake"));
        }
        let before = current.transcript.len();
        current.transcript.extend_from_slice(message);
        match kind {
            SERVER_HELLO if current.chosen.is_none() => {
                let hello = ServerHello::read(body, VERSION)?;
                let suite = Suite::of(hello.suite).filter(|_| hello.version == VERSION && hello.compression == 0);
                let suite = suite.ok_or(Malformed::Invalid("tls choice"))?;
                current.chosen = Some((suite, hello.random, hello.has(extension::EXTENDED_MASTER_SECRET)));
                let secure = hello.has(extension::RENEGOTIATION_INFO);
                // In a later handshake the word of the first stands.
                if self.outgoing.is_none() {
                    self.secure = secure;
                }
                return Ok(Some(Event::Chose { secure }));
            }
            SERVER_KEY_EXCHANGE => {
                let mut reader = Reader::new(body, "tls server key exchange");
                if reader.u8()? != NAMED_CURVE {
                    return Err(Malformed::Invalid("tls curve type"));
                }
                current.share = Some((reader.u16()?, reader.vec8()?.to_vec()));
            }
            CERTIFICATE_REQUEST => current.is_asked_for_certificate = true,
            SERVER_HELLO_DONE if current.master.is_none() => self.answer()?,
            FINISHED => return self.finish(before, body).map(Some),
            CERTIFICATE | NEW_TICKET | CERTIFICATE_STATUS => {}
            _ => return Err(Malformed::Invalid("tls handshake order")),
        }
        Ok(None)
    }

    fn say_hello(&mut self, random: Random) {
        let mut hello = ClientHello::offering(VERSION, &SUITES, random.hello, None);
        hello.server_name.clone_from(&self.host);
        hello.groups = GROUPS.to_vec();
        hello.further_extensions.retain(|(number, _)| *number != extension::RENEGOTIATION_INFO);
        if self.secure {
            let mut proven = Vec::new();
            put_vec(&mut proven, 1, &self.proven);
            hello.further_extensions.push((extension::RENEGOTIATION_INFO, proven));
        }
        let message = handshake(CLIENT_HELLO, &hello.body());
        self.current = Some(Handshake {
            random,
            transcript: message.clone(),
            chosen: None,
            share: None,
            is_asked_for_certificate: false,
            master: None,
            incoming: None,
        });
        self.say(content_type::HANDSHAKE, &message);
    }

    /// The client's part after the server's flight: its key, and the proof that it holds what follows from it.
    fn answer(&mut self) -> Result<(), Malformed> {
        let Some(current) = &mut self.current else { return Ok(()) };
        let order = Malformed::Invalid("tls handshake order");
        let (suite, server_random, is_extended) = current.chosen.ok_or(order)?;
        let (group, theirs) = current.share.take().ok_or(order)?;
        let (ours, shared) = agreement::agree(group, current.random.key, &theirs)?;
        let mut flight = Vec::new();
        if current.is_asked_for_certificate {
            flight.extend(handshake(CERTIFICATE, &[0, 0, 0]));
        }
        let mut key = Vec::new();
        put_vec(&mut key, 1, &ours);
        flight.extend(handshake(CLIENT_KEY_EXCHANGE, &key));
        current.transcript.extend_from_slice(&flight);
        let client_random = current.random.hello;
        let master = if is_extended {
            suite.expand::<48>(&shared, b"extended master secret", &[&suite.digest(&current.transcript)])
        } else {
            suite.expand::<48>(&shared, b"master secret", &[&client_random, &server_random])
        };
        let (out, incoming) = suite.keys(&master, &client_random, &server_random)?;
        let proof: [u8; PROOF] = suite.expand(&master, b"client finished", &[&suite.digest(&current.transcript)]);
        let finished = handshake(FINISHED, &proof);
        current.transcript.extend_from_slice(&finished);
        (current.master, current.incoming) = (Some(master), Some(incoming));
        self.say(content_type::HANDSHAKE, &flight);
        self.say(content_type::CHANGE_CIPHER_SPEC, &[1]);
        self.outgoing = Some(out);
        self.say(content_type::HANDSHAKE, &finished);
        self.proven = proof.to_vec();
        Ok(())
    }

    /// Takes the server's proof over what came `before` it.
    fn finish(&mut self, before: usize, body: &[u8]) -> Result<Event, Malformed> {
        let order = Malformed::Invalid("tls handshake order");
        let current = self.current.take().ok_or(order)?;
        let ((suite, ..), master) = current.chosen.zip(current.master).ok_or(order)?;
        // It has to come under the new keys.
        if current.incoming.is_some() {
            return Err(order);
        }
        let said = current.transcript.get(..before).unwrap_or_default();
        let proof: [u8; PROOF] = suite.expand(&master, b"server finished", &[&suite.digest(said)]);
        if body != proof {
            return Err(Malformed::Invalid("tls finished"));
        }
        Ok(Event::Finished)
    }

    fn say(&mut self, content_type: u8, payload: &[u8]) {
        let bytes = match &mut self.outgoing {
            Some(way) => way.seal(content_type, payload),
            None => records(content_type, VERSION, payload),
        };
        self.out.extend(bytes);
    }
}

const HELLO_REQUEST: u8 = 0;
const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;
const NEW_TICKET: u8 = 4;
const CERTIFICATE: u8 = 11;
const SERVER_KEY_EXCHANGE: u8 = 12;
const CERTIFICATE_REQUEST: u8 = 13;
const SERVER_HELLO_DONE: u8 = 14;
const CLIENT_KEY_EXCHANGE: u8 = 16;
const FINISHED: u8 = 20;
const CERTIFICATE_STATUS: u8 = 22;
/// An ECCurveType.
const NAMED_CURVE: u8 = 3;

#[cfg(test)]
mod tests;
