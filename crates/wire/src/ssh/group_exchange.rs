//! Which Diffie-Hellman group a server gives a client that asks for one of a size (RFC 4419), read in clear.
//!
//! It goes no further than the group: no key is agreed. Whether the number is a prime, and a good one, is not its question.

use super::login::OUR_LINE;
use super::{Algorithms, Identification, plain_packet, read_plain_packet};
use crate::Malformed;
use crate::reader::{Reader, put_vec};

const DISCONNECT: u8 = 1;
const UNIMPLEMENTED: u8 = 3;
const KEXINIT: u8 = 20;
const GROUP: u8 = 31;
const REQUEST: u8 = 34;
/// What a server says before its group, at most.
const MOST: usize = 128 * 1024;

/// How the names of these key exchanges begin; their hash follows.
pub const NAMES_BEGIN: &str = "diffie-hellman-group-exchange-";

/// The sizes asked for, in bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// The smallest that is taken.
    pub least: u32,
    /// The one wanted.
    pub wanted: u32,
    /// The largest that is taken.
    pub most: u32,
}

/// What the server told in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// A group with a modulus of this many bits.
    Given(u32),
    /// It ended the connection, or does not know the request; in its words, hostile.
    Refused(String),
}

/// What a feed led to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Step {
    /// Bytes to send.
    pub send: Vec<u8>,
    /// The end, once there is one.
    pub told: Option<Told>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Identification,
    Offer,
    Answer { skips_guess: bool },
}

/// One connection's question.
#[derive(Debug)]
pub struct Asking {
    method: String,
    sizes: Sizes,
    cookie: [u8; 16],
    state: State,
    heard: Vec<u8>,
}

impl Asking {
    /// Asks by this key exchange, which the server is known to offer; the cookie is random. With it the bytes to send
    /// first.
    #[must_use]
    pub fn new(method: &str, sizes: Sizes, cookie: [u8; 16]) -> (Self, Vec<u8>) {
        let asking =
            Self { method: method.to_owned(), sizes, cookie, state: State::Identification, heard: Vec::new() };
        (asking, format!("{OUR_LINE}\r\n").into_bytes())
    }

    /// Whether the request is on its way: a server that leaves from then on has refused it.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        matches!(self.state, State::Answer { .. })
    }

    /// Takes the next bytes received.
    ///
    /// # Errors
    /// When the server breaks the protocol, or offers this key exchange no longer.
    pub fn feed(&mut self, received: &[u8]) -> Result<Step, Malformed> {
        self.heard.extend_from_slice(received);
        if self.heard.len() > MOST {
            return Err(Malformed::TooLarge("ssh group exchange"));
        }
        let mut step = Step::default();
        if self.state == State::Identification {
            let Some((identification, used)) = Identification::read(&self.heard)? else { return Ok(step) };
            if !matches!(identification.protocol.as_str(), "2.0" | "1.99") {
                return Err(Malformed::Invalid("ssh version"));
            }
            self.heard.drain(..used);
            self.state = State::Offer;
        }
        while step.told.is_none() {
            let Some((payload, used)) = read_plain_packet(&self.heard)? else { break };
            let payload = payload.to_vec();
            self.heard.drain(..used);
            self.message(&payload, &mut step)?;
        }
        Ok(step)
    }

    fn message(&mut self, payload: &[u8], step: &mut Step) -> Result<(), Malformed> {
        let mut reader = Reader::new(payload, "ssh group exchange");
        match (reader.u8()?, self.state) {
            (DISCONNECT, _) => {
                let code = reader.u32()?;
                let text = reader.vec32()?;
                let text = String::from_utf8_lossy(&text[..text.len().min(200)]).into_owned();
                if !self.is_asked() {
                    return Err(Malformed::Invalid("ssh offer"));
                }
                step.told = Some(Told::Refused(format!("disconnected with {code}: {text}")));
            }
            (UNIMPLEMENTED, State::Answer { .. }) => {
                step.told = Some(Told::Refused("the request is not known".to_owned()));
            }
            // IGNORE, UNIMPLEMENTED, DEBUG, EXT_INFO.
            (2..=4 | 7, _) => {}
            (KEXINIT, State::Offer) => {
                let offered = Algorithms::read(payload)?;
                if !offered.key_exchange.contains(&self.method) {
                    return Err(Malformed::Invalid("ssh offer"));
                }
                step.send.extend(plain_packet(&self.our_offer(&offered)));
                step.send.extend(plain_packet(&self.request()));
                // With its own lists the key exchange alone can differ from what it guessed (RFC 4253 section 7).
                let guessed = offered.first_follows && offered.key_exchange.first() != Some(&self.method);
                self.state = State::Answer { skips_guess: guessed };
            }
            (_, State::Answer { skips_guess: true }) => self.state = State::Answer { skips_guess: false },
            (GROUP, State::Answer { .. }) => {
                let prime = reader.vec32()?;
                reader.vec32()?;
                step.told = Some(Told::Given(bits(prime)?));
            }
            _ => return Err(Malformed::Invalid("ssh message order")),
        }
        Ok(())
    }

    /// The server's own lists, so that nothing but the group is left to be settled.
    fn our_offer(&self, theirs: &Algorithms) -> Vec<u8> {
        let mut out = vec![KEXINIT];
        out.extend(self.cookie);
        put_vec(&mut out, 4, self.method.as_bytes());
        for list in [
            &theirs.host_key,
            &theirs.ciphers_to_server,
            &theirs.ciphers_to_client,
            &theirs.macs_to_server,
            &theirs.macs_to_client,
            &theirs.compression_to_server,
            &theirs.compression_to_client,
            &Vec::new(),
            &Vec::new(),
        ] {
            put_vec(&mut out, 4, list.join(",").as_bytes());
        }
        out.extend([0; 5]);
        out
    }

    fn request(&self) -> Vec<u8> {
        let mut out = vec![REQUEST];
        for size in [self.sizes.least, self.sizes.wanted, self.sizes.most] {
            out.extend(size.to_be_bytes());
        }
        out
    }
}

/// The size of a positive number as it stands on the wire.
fn bits(number: &[u8]) -> Result<u32, Malformed> {
    const PART: &str = "ssh group";
    if number.first().is_none_or(|first| first & 0x80 != 0) {
        return Err(Malformed::Invalid(PART));
    }
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let first = number.get(zeros).ok_or(Malformed::Invalid(PART))?;
    let bytes = u32::try_from(number.len() - zeros).map_err(|_| Malformed::TooLarge(PART))?;
    Ok(bytes * 8 - first.leading_zeros())
}

#[cfg(test)]
mod tests {
    use super::*;

    const METHOD: &str = "diffie-hellman-group-exchange-sha256";
    const SIZES: Sizes = Sizes { least: 1024, wanted: 1024, most: 2047 };

    fn asking() -> Asking {
        Asking::new(METHOD, SIZES, [7; 16]).0
    }

    fn greeting(methods: &str, guesses: u8) -> Vec<u8> {
        let mut offer = vec![KEXINIT];
        offer.extend([9; 16]);
        for list in [methods, "ssh-ed25519", "a", "b", "c", "d", "none", "none", "", ""] {
            put_vec(&mut offer, 4, list.as_bytes());
        }
        offer.push(guesses);
        offer.extend([0; 4]);
        let mut bytes = b"SSH-2.0-x\r\n".to_vec();
        bytes.extend(plain_packet(&offer));
        bytes
    }

    fn group(prime: &[u8]) -> Vec<u8> {
        let mut out = vec![GROUP];
        put_vec(&mut out, 4, prime);
        put_vec(&mut out, 4, &[2]);
        plain_packet(&out)
    }

    #[test]
    fn the_request_follows_the_offer_and_the_size_of_the_group_is_read() {
        let mut asking = asking();
        let step = asking.feed(&greeting(&format!("x,{METHOD}"), 0)).unwrap();
        let (ours, used) = read_plain_packet(&step.send).unwrap().unwrap();
        let ours = Algorithms::read(ours).unwrap();
        assert_eq!((ours.key_exchange, ours.ciphers_to_client), (vec![METHOD.to_owned()], vec!["b".to_owned()]));
        let (request, _) = read_plain_packet(&step.send[used..]).unwrap().unwrap();
        assert_eq!(request, [34, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 7, 255]);
        assert!(asking.is_asked());
        let prime = [&[0, 0xff][..], &[1; 127]].concat();
        assert_eq!(asking.feed(&group(&prime)).unwrap().told, Some(Told::Given(1024)));
    }

    #[test]
    fn the_packet_of_a_wrong_guess_is_no_group() {
        let mut asking = asking();
        asking.feed(&greeting(&format!("x,{METHOD}"), 1)).unwrap();
        assert_eq!(asking.feed(&group(&[1; 4])).unwrap().told, None);
        assert_eq!(asking.feed(&group(&[1; 128])).unwrap().told, Some(Told::Given(1017)));
    }

    #[test]
    fn leaving_before_the_request_refuses_nothing() {
        let mut leaves = vec![DISCONNECT, 0, 0, 0, 3];
        put_vec(&mut leaves, 4, b"no");
        let leaves = plain_packet(&[leaves, vec![0; 4]].concat());
        assert!(asking().feed(&[b"SSH-2.0-x\r\n", &leaves[..]].concat()).is_err());
        let refused = asking().feed(&[greeting(METHOD, 0), leaves].concat()).unwrap().told;
        assert_eq!(refused, Some(Told::Refused("disconnected with 3: no".to_owned())));
        assert!(asking().feed(&greeting("x", 0)).is_err());
    }

    #[test]
    fn no_bytes_make_it_panic() {
        crate::hostile::survives(&[greeting(METHOD, 0), group(&[1; 128])].concat(), |bytes| asking().feed(bytes));
    }
}
