//! A client that goes as far as trying a password: key exchange, host key, user authentication (RFC 4253, RFC 4252,
//! RFC 4256), for servers of today and for those of old devices.
//!
//! It opens no channel and runs no command: after an accepted login the caller ends the connection. The host key is
//! recorded and its signature checked where that can be done; whether the key is the expected one is not its question.

mod host_key;
mod key_exchange;
mod transport;

pub use host_key::{HostKey, Signature};

use super::{Algorithms, Identification};
use crate::Malformed;
use crate::reader::{Reader, put_vec};
use key_exchange::{Chosen, Exchange};
use transport::{Keys, Receiver, Sender};

pub(super) const OUR_LINE: &str = "SSH-2.0-assay";

mod message {
    pub(super) const DISCONNECT: u8 = 1;
    pub(super) const SERVICE_REQUEST: u8 = 5;
    pub(super) const SERVICE_ACCEPT: u8 = 6;
    pub(super) const KEXINIT: u8 = 20;
    pub(super) const NEWKEYS: u8 = 21;
    pub(super) const KEX_REPLY: u8 = 31;
    pub(super) const USERAUTH_REQUEST: u8 = 50;
    pub(super) const USERAUTH_FAILURE: u8 = 51;
    pub(super) const USERAUTH_SUCCESS: u8 = 52;
    pub(super) const USERAUTH_BANNER: u8 = 53;
    /// Its meaning depends on the method in use.
    pub(super) const USERAUTH_60: u8 = 60;
    pub(super) const INFO_RESPONSE: u8 = 61;
}

/// Random bytes for one connection, from a good source.
#[derive(Debug, Clone, Copy)]
pub struct Randomness {
    /// The cookie of our KEXINIT.
    pub cookie: [u8; 16],
    /// Our secret of the key exchange.
    pub secret: [u8; 32],
}

/// Something the server told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Its identification line.
    Identified(Identification),
    /// What it offers.
    Offered(Algorithms),
    /// It and this client have no algorithm in common; names the kind. Nothing more will come.
    NothingInCommon(&'static str),
    /// Its host key. With [`Signature::Wrong`] the login ends here.
    HostKey(HostKey),
    /// The connection is encrypted with these algorithms.
    Encrypted {
        /// The key exchange.
        key_exchange: String,
        /// The cipher in both directions.
        cipher: String,
        /// The MAC; none with a cipher that authenticates by itself.
        mac: Option<String>,
    },
    /// Text shown before login, hostile.
    Banner(String),
    /// The methods it accepts, in answer to the method `none`. Now [`Login::password`] can be used.
    Methods(Vec<String>),
    /// The method was refused, or more is wanted after it; another password can be tried.
    Refused {
        /// `password` or `keyboard-interactive`.
        method: &'static str,
        /// Whether it was right but not enough (RFC 4252 section 5.1).
        partial_success: bool,
        /// The methods that can continue.
        methods: Vec<String>,
    },
    /// The password is right but must be changed first (RFC 4252 section 8).
    PasswordExpired,
    /// The user is let in by this method; `none` means without any credential.
    Accepted {
        /// The method.
        method: &'static str,
    },
    /// The server ended the connection, with code and text.
    Disconnected(u32, String),
}

/// What a feed led to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Step {
    /// Bytes to send.
    pub send: Vec<u8>,
    /// What the server told, in order.
    pub events: Vec<Event>,
}

#[derive(Debug)]
enum State {
    Identification(Vec<u8>),
    Offer,
    Exchange(Box<Exchange>),
    NewKeys { chosen: Box<Chosen>, keys: Box<Keys> },
    Service,
    Authentication { method: &'static str, prompted: bool },
    Idle,
    Over,
}

/// One connection's login.
#[derive(Debug)]
pub struct Login {
    username: String,
    randomness: Randomness,
    state: State,
    server_line: Vec<u8>,
    our_offer: Vec<u8>,
    host_keys: &'static [&'static str],
    receiver: Receiver,
    sender: Sender,
    methods: Vec<String>,
    password: String,
    skip_guess: bool,
}

impl Login {
    /// A login of this user, and the bytes to send first.
    #[must_use]
    pub fn new(username: &str, randomness: Randomness) -> (Self, Vec<u8>) {
        Self::asking_for(username, randomness, key_exchange::HOST_KEYS)
    }

    /// A login that accepts a host key of these algorithms alone, so that the server shows one of them.
    #[must_use]
    pub fn asking_for(
        username: &str,
        randomness: Randomness,
        host_keys: &'static [&'static str],
    ) -> (Self, Vec<u8>) {
        let our_offer = key_exchange::our_offer(randomness.cookie, host_keys);
        let mut sender = Sender::default();
        let mut first = format!("{OUR_LINE}\r\n").into_bytes();
        first.extend(sender.seal(&our_offer));
        let login = Self {
            username: username.to_owned(),
            randomness,
            state: State::Identification(Vec::new()),
            server_line: Vec::new(),
            our_offer,
            host_keys,
            receiver: Receiver::default(),
            sender,
            methods: Vec::new(),
            password: String::new(),
            skip_guess: false,
        };
        (login, first)
    }

    /// Whether nothing more will come: let in, ended, or nothing in common.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.state, State::Over)
    }

    /// The bytes that try a password, by `password` or else `keyboard-interactive`; none while the server is not
    /// waiting for a method, or takes neither.
    pub fn password(&mut self, password: &str) -> Option<Vec<u8>> {
        let takes = |method: &str| self.methods.iter().any(|found| found == method);
        if !matches!(self.state, State::Idle) {
            return None;
        }
        let (method, tail) = if takes("password") {
            let mut tail = vec![0];
            put_vec(&mut tail, 4, password.as_bytes());
            ("password", tail)
        } else if takes("keyboard-interactive") {
            ("keyboard-interactive", vec![0; 8])
        } else {
            return None;
        };
        password.clone_into(&mut self.password);
        Some(self.request(method, &tail))
    }

    /// Takes the next bytes received.
    ///
    /// # Errors
    /// When the server breaks the protocol; the connection is then of no further use.
    pub fn feed(&mut self, received: &[u8]) -> Result<Step, Malformed> {
        let mut step = Step::default();
        if let State::Identification(buffer) = &mut self.state {
            buffer.extend_from_slice(received);
            let Some((identification, used)) = Identification::read(buffer)? else { return Ok(step) };
            let rest = buffer.split_off(used);
            self.server_line.clone_from(&identification.line);
            self.receiver.feed(&rest);
            let speaks_2 = matches!(identification.protocol.as_str(), "2.0" | "1.99");
            step.events.push(Event::Identified(identification));
            self.state = if speaks_2 { State::Offer } else { State::Over };
        } else {
            self.receiver.feed(received);
        }
        while !self.is_over() {
            let Some(payload) = self.receiver.next_payload()? else { break };
            if let Err(error) = self.message(&payload, &mut step) {
                self.state = State::Over;
                return Err(error);
            }
        }
        Ok(step)
    }

    fn message(&mut self, payload: &[u8], step: &mut Step) -> Result<(), Malformed> {
        let mut reader = Reader::new(payload, "ssh message");
        let kind = reader.u8()?;
        match kind {
            message::DISCONNECT => {
                let code = reader.u32()?;
                step.events.push(Event::Disconnected(code, text(reader.vec32()?)));
                self.state = State::Over;
                return Ok(());
            }
            // IGNORE, UNIMPLEMENTED, DEBUG, EXT_INFO, and requests that concern no login.
            2..=4 | 7 | 80 => return Ok(()),
            _ if self.skip_guess => {
                self.skip_guess = false;
                return Ok(());
            }
            _ => {}
        }
        match (std::mem::replace(&mut self.state, State::Over), kind) {
            (State::Offer, message::KEXINIT) => self.offer(payload, step),
            (State::Exchange(exchange), message::KEX_REPLY) => self.exchange(*exchange, payload, step),
            (State::NewKeys { chosen, keys }, message::NEWKEYS) => {
                self.receiver.use_keys(&chosen.protection, &keys.to_client)?;
                self.sender.use_keys(&chosen.protection, &keys.to_server)?;
                step.events.push(chosen.event());
                let mut request = vec![message::SERVICE_REQUEST];
                put_vec(&mut request, 4, b"ssh-userauth");
                step.send.extend(self.sender.seal(&request));
                self.state = State::Service;
                Ok(())
            }
            (State::Service, message::SERVICE_ACCEPT) => {
                let request = self.request("none", &[]);
                step.send.extend(request);
                Ok(())
            }
            (state @ (State::Authentication { .. } | State::Service | State::Idle), message::USERAUTH_BANNER) => {
                step.events.push(Event::Banner(text(reader.vec32()?)));
                self.state = state;
                Ok(())
            }
            (State::Authentication { method, prompted }, _) => self.answer(method, prompted, kind, reader, step),
            _ => Err(Malformed::Invalid("ssh message order")),
        }
    }

    fn offer(&mut self, payload: &[u8], step: &mut Step) -> Result<(), Malformed> {
        let offered = Algorithms::read(payload)?;
        step.events.push(Event::Offered(offered.clone()));
        match Chosen::from(&offered, self.host_keys) {
            Err(kind) => step.events.push(Event::NothingInCommon(kind)),
            Ok(chosen) => {
                self.skip_guess = offered.first_follows && !chosen.is_first_of(&offered);
                let exchange = Exchange::start(chosen, self.randomness.secret, payload);
                step.send.extend(self.sender.seal(&exchange.first_message()));
                self.state = State::Exchange(Box::new(exchange));
            }
        }
        Ok(())
    }

    fn exchange(&mut self, exchange: Exchange, payload: &[u8], step: &mut Step) -> Result<(), Malformed> {
        let lines = [OUR_LINE.as_bytes(), &self.server_line, &self.our_offer];
        let done = exchange.finish(payload, lines)?;
        let is_wrong = done.host_key.signature == Signature::Wrong;
        step.events.push(Event::HostKey(done.host_key));
        if !is_wrong {
            step.send.extend(self.sender.seal(&[message::NEWKEYS]));
            self.state = State::NewKeys { chosen: Box::new(done.chosen), keys: Box::new(done.keys) };
        }
        Ok(())
    }

    fn answer(
        &mut self,
        method: &'static str,
        prompted: bool,
        kind: u8,
        mut reader: Reader<'_>,
        step: &mut Step,
    ) -> Result<(), Malformed> {
        match kind {
            message::USERAUTH_SUCCESS => step.events.push(Event::Accepted { method }),
            message::USERAUTH_FAILURE => {
                let methods = super::names(reader.vec32()?);
                let partial_success = reader.u8()? != 0;
                self.methods.clone_from(&methods);
                self.state = State::Idle;
                step.events.push(match method {
                    "none" => Event::Methods(methods),
                    _ => Event::Refused { method, partial_success, methods },
                });
            }
            message::USERAUTH_60 if method == "password" => {
                step.events.push(Event::PasswordExpired);
            }
            message::USERAUTH_60 if method == "keyboard-interactive" => {
                let prompts = prompts(&mut reader)?;
                // One hidden prompt is a password; what else is asked for is left unanswered.
                let answered = !prompted && prompts == 1;
                let mut response = vec![message::INFO_RESPONSE];
                response.extend(prompts.to_be_bytes());
                for _ in 0..prompts {
                    let answer = if answered { self.password.as_bytes() } else { b"" };
                    put_vec(&mut response, 4, answer);
                }
                step.send.extend(self.sender.seal(&response));
                self.state = State::Authentication { method, prompted: prompted || prompts > 0 };
            }
            _ => return Err(Malformed::Invalid("ssh authentication message")),
        }
        Ok(())
    }

    fn request(&mut self, method: &'static str, tail: &[u8]) -> Vec<u8> {
        let mut request = vec![message::USERAUTH_REQUEST];
        for part in [self.username.as_str(), "ssh-connection", method] {
            put_vec(&mut request, 4, part.as_bytes());
        }
        request.extend_from_slice(tail);
        self.state = State::Authentication { method, prompted: false };
        self.sender.seal(&request)
    }
}

/// How many prompts an INFO_REQUEST holds (RFC 4256 section 3.2).
fn prompts(reader: &mut Reader<'_>) -> Result<u32, Malformed> {
    for _ in 0..3 {
        reader.vec32()?;
    }
    let count = reader.u32()?;
    if count > 16 {
        return Err(Malformed::TooLarge("ssh prompts"));
    }
    Ok(count)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(8 * 1024)]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RANDOMNESS: Randomness = Randomness { cookie: [1; 16], secret: [2; 32] };

    fn greeting(key_exchanges: &str) -> Vec<u8> {
        let mut offer = vec![message::KEXINIT];
        offer.extend([9; 16]);
        let lists =
            [key_exchanges, "ssh-ed25519", "aes128-ctr", "aes128-ctr", "hmac-sha1", "hmac-sha1", "none", "none"];
        for list in lists.into_iter().chain(["", ""]) {
            put_vec(&mut offer, 4, list.as_bytes());
        }
        offer.extend([0; 5]);
        let mut bytes = b"SSH-2.0-dropbear_2015.67\r\n".to_vec();
        bytes.extend(Sender::default().seal(&offer));
        bytes
    }

    #[test]
    fn the_offer_of_a_server_is_told_before_anything_is_agreed() {
        let (mut login, first) = Login::new("root", RANDOMNESS);
        assert!(first.starts_with(b"SSH-2.0-assay\r\n"));
        let step = login.feed(&greeting("curve25519-sha256")).unwrap();
        assert!(matches!(&step.events[..], [Event::Identified(_), Event::Offered(_)]), "{step:?}");
        assert!(!step.send.is_empty());
        assert_eq!(login.password("x"), None);
    }

    #[test]
    fn a_server_with_no_known_key_exchange_is_told() {
        let (mut login, _) = Login::new("root", RANDOMNESS);
        let step = login.feed(&greeting("gss-x")).unwrap();
        assert_eq!(step.events.last(), Some(&Event::NothingInCommon("key exchange")));
        assert!(login.is_over() && step.send.is_empty());
    }

    #[test]
    fn no_bytes_make_the_login_panic() {
        for exchange in ["curve25519-sha256", "diffie-hellman-group1-sha1"] {
            let mut good = greeting(exchange);
            let mut reply = vec![message::KEX_REPLY];
            let mut key = Vec::new();
            put_vec(&mut key, 4, b"ssh-ed25519");
            put_vec(&mut key, 4, &[3; 32]);
            put_vec(&mut reply, 4, &key);
            put_vec(&mut reply, 4, &[9; 32]);
            put_vec(&mut reply, 4, &key);
            good.extend(Sender::default().seal(&reply));
            let (mut login, _) = Login::new("root", RANDOMNESS);
            let step = login.feed(&good).unwrap();
            assert!(
                matches!(step.events.last(), Some(Event::HostKey(key)) if key.signature == Signature::Wrong),
                "{step:?}"
            );
            crate::hostile::survives(&good, |bytes| Login::new("root", RANDOMNESS).0.feed(bytes));
        }
    }
}
