//! The choice of algorithms and the key exchange itself: curve25519 (RFC 8731), and for old devices the fixed
//! Diffie-Hellman groups 1 and 14 (RFC 4253 section 8, RFC 8268).

use curve25519_dalek::montgomery::MontgomeryPoint;
use ring::digest;
use x509_parser::num_bigint::BigUint;

use super::super::Algorithms;
use super::host_key::HostKey;
use super::transport::{Keys, OneWay, Protection};
use super::{Event, message};
use crate::Malformed;
use crate::reader::{Reader, put_vec};

const KEY_EXCHANGES: &[&str] = &[
    "curve25519-sha256",
    "curve25519-sha256@libssh.org",
    "diffie-hellman-group14-sha256",
    "diffie-hellman-group14-sha1",
    "diffie-hellman-group1-sha1",
];
/// Every host key algorithm that is asked for, the usual ones first.
pub(super) const HOST_KEYS: &[&str] = &[
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "rsa-sha2-512",
    "rsa-sha2-256",
    "ecdsa-sha2-nistp521",
    "ssh-rsa",
    "ssh-dss",
];
const CIPHERS: &[&str] = &["chacha20-poly1305@openssh.com", "aes128-ctr", "aes256-ctr"];
const MACS: &[&str] = &["hmac-sha2-256", "hmac-sha2-512", "hmac-sha1"];

/// The primes of RFC 2409 section 6.2 and RFC 3526 section 3; the generator is 2.
const GROUP_1: &[u8] = b"ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7edee386bfb5a899fa5ae9f24117c4b1fe649286651ece65381ffffffffffffffff";
const GROUP_14: &[u8] = b"ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7edee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf0598da48361c55d39a69163fa8fd24cf5f83655d23dca3ad961c62f356208552bb9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3be39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf6955817183995497cea956ae515d2261898fa051015728e5a8aacaa68ffffffffffffffff";

/// The payload of our KEXINIT.
pub(super) fn our_offer(cookie: [u8; 16], host_keys: &[&str]) -> Vec<u8> {
    let mut out = vec![message::KEXINIT];
    out.extend(cookie);
    for list in [KEY_EXCHANGES, host_keys, CIPHERS, CIPHERS, MACS, MACS, &["none"], &["none"], &[], &[]] {
        put_vec(&mut out, 4, list.join(",").as_bytes());
    }
    out.extend([0; 5]);
    out
}

/// The algorithms both sides use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chosen {
    key_exchange: &'static str,
    host_key: &'static str,
    pub(super) protection: Protection,
}

impl Chosen {
    /// The first of ours that the server offers too (RFC 4253 section 7.1); else the kind that has none.
    pub(super) fn from(offered: &Algorithms, host_keys: &[&'static str]) -> Result<Self, &'static str> {
        let both = |ours: &[&'static str], lists: [&Vec<String>; 2], kind| {
            let is_in = |list: &Vec<String>, name: &str| list.iter().any(|found| found == name);
            let common = ours.iter().find(|name| lists.iter().all(|list| is_in(list, name)));
            common.copied().ok_or(kind)
        };
        let one = |ours, list, kind| both(ours, [list, list], kind);
        let key_exchange = one(KEY_EXCHANGES, &offered.key_exchange, "key exchange")?;
        let host_key = one(host_keys, &offered.host_key, "host key")?;
        let cipher = both(CIPHERS, [&offered.ciphers_to_server, &offered.ciphers_to_client], "cipher")?;
        let mac = if cipher.starts_with("chacha20") {
            None
        } else {
            Some(both(MACS, [&offered.macs_to_server, &offered.macs_to_client], "mac")?)
        };
        both(&["none"], [&offered.compression_to_server, &offered.compression_to_client], "compression")?;
        Ok(Self { key_exchange, host_key, protection: Protection { cipher, mac } })
    }

    pub(super) fn is_first_of(&self, offered: &Algorithms) -> bool {
        let is_first = |list: &[String], name| list.first().is_some_and(|first| first == name);
        is_first(&offered.key_exchange, self.key_exchange) && is_first(&offered.host_key, self.host_key)
    }

    pub(super) fn event(&self) -> Event {
        Event::Encrypted {
            key_exchange: self.key_exchange.to_owned(),
            cipher: self.protection.cipher.to_owned(),
            mac: self.protection.mac.map(str::to_owned),
        }
    }

    fn hash(&self) -> &'static digest::Algorithm {
        if self.key_exchange.ends_with("sha1") { &digest::SHA1_FOR_LEGACY_USE_ONLY } else { &digest::SHA256 }
    }

    /// The prime of a Diffie-Hellman group; none for curve25519.
    fn prime(&self) -> Option<BigUint> {
        let digits = match self.key_exchange {
            "diffie-hellman-group1-sha1" => GROUP_1,
            "diffie-hellman-group14-sha1" | "diffie-hellman-group14-sha256" => GROUP_14,
            _ => return None,
        };
        BigUint::parse_bytes(digits, 16)
    }
}

/// A key exchange under way.
#[derive(Debug)]
pub(super) struct Exchange {
    chosen: Chosen,
    secret: [u8; 32],
    server_offer: Vec<u8>,
}

/// A key exchange that is done.
pub(super) struct Done {
    pub(super) chosen: Chosen,
    pub(super) host_key: HostKey,
    pub(super) keys: Keys,
}

impl Exchange {
    pub(super) fn start(chosen: Chosen, secret: [u8; 32], server_offer: &[u8]) -> Self {
        Self { chosen, secret, server_offer: server_offer.to_vec() }
    }

    /// Our public value as it stands on the wire, with its length.
    fn public(&self) -> Vec<u8> {
        match self.chosen.prime() {
            None => string(&MontgomeryPoint::mul_base_clamped(self.secret).to_bytes()),
            Some(prime) => mpint(&BigUint::from(2_u8).modpow(&self.exponent(), &prime).to_bytes_be()),
        }
    }

    fn exponent(&self) -> BigUint {
        BigUint::from_bytes_be(&self.secret)
    }

    pub(super) fn first_message(&self) -> Vec<u8> {
        let mut out = vec![30];
        out.extend(self.public());
        out
    }

    /// The shared secret with a server's public value.
    fn shared(&self, theirs: &[u8]) -> Result<Vec<u8>, Malformed> {
        let refused = Malformed::Invalid("ssh public value");
        match self.chosen.prime() {
            None => {
                let theirs = <[u8; 32]>::try_from(theirs).map_err(|_| refused)?;
                let shared = MontgomeryPoint(theirs).mul_clamped(self.secret).to_bytes();
                // RFC 8731 section 3: an all-zero secret comes of a public value of low order.
                if shared == [0; 32] { Err(refused) } else { Ok(mpint(&shared)) }
            }
            Some(prime) => {
                let theirs = BigUint::from_bytes_be(theirs);
                let one = BigUint::from(1_u8);
                if theirs <= one || theirs >= &prime - &one {
                    return Err(refused);
                }
                Ok(mpint(&theirs.modpow(&self.exponent(), &prime).to_bytes_be()))
            }
        }
    }

    /// Reads the server's reply and derives the keys; `lines` are both identification lines and our KEXINIT.
    pub(super) fn finish(self, reply: &[u8], lines: [&[u8]; 3]) -> Result<Done, Malformed> {
        let mut reader = Reader::new(reply, "ssh key exchange reply");
        reader.u8()?;
        let (host_key, theirs, signature) = (reader.vec32()?, reader.vec32()?, reader.vec32()?);
        let shared = self.shared(theirs)?;
        let [our_line, server_line, our_offer] = lines;
        let mut hashed = Vec::new();
        for part in [our_line, server_line, our_offer, &self.server_offer, host_key] {
            put_vec(&mut hashed, 4, part);
        }
        hashed.extend(self.public());
        put_vec(&mut hashed, 4, theirs);
        hashed.extend_from_slice(&shared);
        let hash = self.chosen.hash();
        let exchange_hash = digest::digest(hash, &hashed);
        let host_key = HostKey::read(host_key, signature, exchange_hash.as_ref())?;
        // RFC 4253 section 7.2; the session id is the hash of this first exchange.
        let derive = |letter: u8| -> Vec<u8> {
            let base = [&shared, exchange_hash.as_ref()].concat();
            let first = [&base, [letter].as_slice(), exchange_hash.as_ref()].concat();
            let mut key = digest::digest(hash, &first).as_ref().to_vec();
            while key.len() < 64 {
                key.extend_from_slice(digest::digest(hash, &[base.as_slice(), &key].concat()).as_ref());
            }
            key
        };
        let keys = Keys {
            to_server: OneWay { iv: derive(b'A'), key: derive(b'C'), mac: derive(b'E') },
            to_client: OneWay { iv: derive(b'B'), key: derive(b'D'), mac: derive(b'F') },
        };
        Ok(Done { chosen: self.chosen, host_key, keys })
    }
}

fn string(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    put_vec(&mut out, 4, bytes);
    out
}

/// A positive number as an mpint (RFC 4251 section 5).
fn mpint(number: &[u8]) -> Vec<u8> {
    let digits = &number[number.iter().take_while(|byte| **byte == 0).count()..];
    let mut bytes = Vec::new();
    if digits.first().is_some_and(|first| first & 0x80 != 0) {
        bytes.push(0);
    }
    bytes.extend_from_slice(digits);
    string(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_rfc_4251_shows() {
        assert_eq!(mpint(&[0, 0]), [0, 0, 0, 0]);
        assert_eq!(mpint(&[0, 0x80]), [0, 0, 0, 2, 0, 0x80]);
        assert_eq!(mpint(&[0x09, 0xa3]), [0, 0, 0, 2, 0x09, 0xa3]);
    }

    #[test]
    fn our_own_offer_agrees_with_itself() {
        let offered = Algorithms::read(&our_offer([0; 16], HOST_KEYS)).unwrap();
        let chosen = Chosen::from(&offered, HOST_KEYS).unwrap();
        assert_eq!(chosen.key_exchange, "curve25519-sha256");
        assert_eq!(chosen.protection.mac, None);
        assert!(chosen.is_first_of(&offered));
    }

    #[test]
    fn both_ends_of_an_exchange_find_the_same_secret() {
        for name in KEY_EXCHANGES {
            let side = |secret| {
                let protection = Protection { cipher: "aes128-ctr", mac: Some("hmac-sha1") };
                Exchange::start(Chosen { key_exchange: name, host_key: "ssh-rsa", protection }, [secret; 32], &[])
            };
            let (a, b) = (side(3), side(5));
            assert_eq!(a.shared(&b.public()[4..]).unwrap(), b.shared(&a.public()[4..]).unwrap());
        }
    }

    #[test]
    fn public_values_of_low_order_are_refused() {
        for name in KEY_EXCHANGES {
            let protection = Protection { cipher: "aes128-ctr", mac: None };
            let chosen = Chosen { key_exchange: name, host_key: "ssh-rsa", protection };
            let exchange = Exchange::start(chosen, [7; 32], &[]);
            assert!(exchange.shared(&[0; 32]).is_err());
        }
    }
}
