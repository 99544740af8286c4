//! Packets: plain at first, then under chacha20-poly1305@openssh.com, or AES-CTR with an HMAC (RFC 4253 section 6,
//! RFC 4344).

use aes::cipher::{BlockCipherEncrypt, KeyInit};
use ring::aead::chacha20_poly1305_openssh as chacha;
use ring::hmac;

use super::super::payload_of;
use crate::Malformed;
use crate::reader::put_vec;

const MOST_PACKET: usize = 256 * 1024;

/// Cipher and MAC by name; no MAC with a cipher that authenticates by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Protection {
    pub(super) cipher: &'static str,
    pub(super) mac: Option<&'static str>,
}

/// Key material of one direction, each at least 64 bytes.
pub(super) struct OneWay {
    pub(super) iv: Vec<u8>,
    pub(super) key: Vec<u8>,
    pub(super) mac: Vec<u8>,
}

/// Key material of both directions.
pub(super) struct Keys {
    pub(super) to_server: OneWay,
    pub(super) to_client: OneWay,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Keys")
    }
}

enum Block {
    Aes128(Box<aes::Aes128>),
    Aes256(Box<aes::Aes256>),
}

/// AES in counter mode with the MAC of the same direction.
struct Counter {
    block: Block,
    counter: u128,
    mac: hmac::Key,
}

impl Counter {
    fn new(protection: &Protection, keys: &OneWay) -> Option<Self> {
        let block = match protection.cipher {
            "aes128-ctr" => Block::Aes128(Box::new(aes::Aes128::new_from_slice(keys.key.get(..16)?).ok()?)),
            "aes256-ctr" => Block::Aes256(Box::new(aes::Aes256::new_from_slice(keys.key.get(..32)?).ok()?)),
            _ => return None,
        };
        let (algorithm, size) = match protection.mac? {
            "hmac-sha2-256" => (hmac::HMAC_SHA256, 32),
            "hmac-sha2-512" => (hmac::HMAC_SHA512, 64),
            "hmac-sha1" => (hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, 20),
            _ => return None,
        };
        let counter = u128::from_be_bytes(*keys.iv.first_chunk::<16>()?);
        let mac = hmac::Key::new(algorithm, keys.mac.get(..size)?);
        Some(Self { block, counter, mac })
    }

    /// Encrypts or decrypts whole blocks.
    fn apply(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(16) {
            let mut block = aes::Block::from(self.counter.to_be_bytes());
            match &self.block {
                Block::Aes128(cipher) => cipher.encrypt_block(&mut block),
                Block::Aes256(cipher) => cipher.encrypt_block(&mut block),
            }
            self.counter = self.counter.wrapping_add(1);
            for (byte, mask) in chunk.iter_mut().zip(block.iter()) {
                *byte ^= mask;
            }
        }
    }

    fn mac_length(&self) -> usize {
        self.mac.algorithm().digest_algorithm().output_len()
    }

    fn authenticated(sequence: u32, packet: &[u8]) -> Vec<u8> {
        [sequence.to_be_bytes().as_slice(), packet].concat()
    }
}

#[derive(Default)]
enum Opening {
    #[default]
    Plain,
    ChaCha(Box<chacha::OpeningKey>),
    Counter(Box<Counter>),
}

/// Takes packets out of the bytes received.
#[derive(Default)]
pub(super) struct Receiver {
    buffer: Vec<u8>,
    sequence: u32,
    opening: Opening,
    /// How many bytes at the front of the buffer are decrypted already.
    decrypted: usize,
}

impl std::fmt::Debug for Receiver {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Receiver").field("sequence", &self.sequence).finish_non_exhaustive()
    }
}

impl Receiver {
    pub(super) fn feed(&mut self, received: &[u8]) {
        self.buffer.extend_from_slice(received);
    }

    pub(super) fn use_keys(&mut self, protection: &Protection, keys: &OneWay) -> Result<(), Malformed> {
        self.opening = match chacha_key(protection, keys) {
            Some(key) => Opening::ChaCha(Box::new(chacha::OpeningKey::new(key))),
            None => Opening::Counter(Box::new(Counter::new(protection, keys).ok_or(NO_CIPHER)?)),
        };
        Ok(())
    }

    /// The payload of the next whole packet, if there is one.
    pub(super) fn next_payload(&mut self) -> Result<Option<Vec<u8>>, Malformed> {
        let Some(head) = self.buffer.first_chunk::<4>().copied() else { return Ok(None) };
        let (length, tag_length) = match &mut self.opening {
            Opening::Plain => (head, 0),
            Opening::ChaCha(key) => (key.decrypt_packet_length(self.sequence, head), chacha::TAG_LEN),
            Opening::Counter(counter) => {
                if self.decrypted == 0 {
                    let Some(first) = self.buffer.first_chunk_mut::<16>() else { return Ok(None) };
                    counter.apply(first);
                    self.decrypted = 16;
                }
                (self.buffer.first_chunk::<4>().copied().unwrap_or(head), counter.mac_length())
            }
        };
        let length = u32::from_be_bytes(length) as usize;
        if !(2..=MOST_PACKET).contains(&length) {
            return Err(Malformed::TooLarge("ssh packet"));
        }
        let end = 4 + length;
        if end < self.decrypted {
            return Err(Malformed::Invalid("ssh packet length"));
        }
        if self.buffer.len() < end + tag_length {
            return Ok(None);
        }
        let mut packet: Vec<u8> = self.buffer.drain(..end + tag_length).collect();
        let tag = packet.split_off(end);
        let refused = Malformed::Invalid("ssh packet authentication");
        let sequence = self.sequence;
        self.sequence = sequence.wrapping_add(1);
        match &mut self.opening {
            Opening::Plain => {}
            Opening::ChaCha(key) => {
                let tag = tag.first_chunk().ok_or(refused)?;
                key.open_in_place(sequence, &mut packet, tag).map_err(|_| refused)?;
            }
            Opening::Counter(counter) => {
                counter.apply(&mut packet[self.decrypted..]);
                self.decrypted = 0;
                let authenticated = Counter::authenticated(sequence, &packet);
                hmac::verify(&counter.mac, &authenticated, &tag).map_err(|_| refused)?;
            }
        }
        payload_of(&packet[4..]).map(|payload| Some(payload.to_vec()))
    }
}

#[derive(Default)]
enum Sealing {
    #[default]
    Plain,
    ChaCha(Box<chacha::SealingKey>),
    Counter(Box<Counter>),
}

/// Makes packets of payloads. The padding is not random: nothing here needs its length or content hidden.
#[derive(Default)]
pub(super) struct Sender {
    sequence: u32,
    sealing: Sealing,
}

impl std::fmt::Debug for Sender {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Sender").field("sequence", &self.sequence).finish_non_exhaustive()
    }
}

impl Sender {
    pub(super) fn use_keys(&mut self, protection: &Protection, keys: &OneWay) -> Result<(), Malformed> {
        self.sealing = match chacha_key(protection, keys) {
            Some(key) => Sealing::ChaCha(Box::new(chacha::SealingKey::new(key))),
            None => Sealing::Counter(Box::new(Counter::new(protection, keys).ok_or(NO_CIPHER)?)),
        };
        Ok(())
    }

    pub(super) fn seal(&mut self, payload: &[u8]) -> Vec<u8> {
        // Invariant: with ChaCha20 the length field stands outside the blocks, otherwise inside.
        let (block, outside) = match self.sealing {
            Sealing::Plain => (8, 4),
            Sealing::ChaCha(_) => (8, 0),
            Sealing::Counter(_) => (16, 4),
        };
        let unpadded = outside + 1 + payload.len();
        let padding = block + (block - unpadded % block) % block;
        let padding = if padding - block >= 4 { padding - block } else { padding };
        let mut body = vec![padding as u8];
        body.extend_from_slice(payload);
        body.resize(body.len() + padding, 0);
        let mut packet = Vec::new();
        put_vec(&mut packet, 4, &body);
        match &mut self.sealing {
            Sealing::Plain => {}
            Sealing::ChaCha(key) => {
                let mut tag = [0; chacha::TAG_LEN];
                key.seal_in_place(self.sequence, &mut packet, &mut tag);
                packet.extend_from_slice(&tag);
            }
            Sealing::Counter(counter) => {
                let tag = hmac::sign(&counter.mac, &Counter::authenticated(self.sequence, &packet));
                counter.apply(&mut packet);
                packet.extend_from_slice(tag.as_ref());
            }
        }
        self.sequence = self.sequence.wrapping_add(1);
        packet
    }
}

const NO_CIPHER: Malformed = Malformed::Invalid("ssh cipher");

fn chacha_key<'a>(protection: &Protection, keys: &'a OneWay) -> Option<&'a [u8; chacha::KEY_LEN]> {
    keys.key.first_chunk().filter(|_| protection.cipher == "chacha20-poly1305@openssh.com")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(protection: Protection) -> (Sender, Receiver) {
        let keys = || OneWay { iv: vec![1; 64], key: (0..64).collect(), mac: vec![3; 64] };
        let (mut sender, mut receiver) = (Sender::default(), Receiver::default());
        receiver.feed(&sender.seal(b"plain first"));
        assert_eq!(receiver.next_payload().unwrap().unwrap(), b"plain first");
        sender.use_keys(&protection, &keys()).unwrap();
        receiver.use_keys(&protection, &keys()).unwrap();
        (sender, receiver)
    }

    const PROTECTIONS: [Protection; 3] = [
        Protection { cipher: "chacha20-poly1305@openssh.com", mac: None },
        Protection { cipher: "aes128-ctr", mac: Some("hmac-sha1") },
        Protection { cipher: "aes256-ctr", mac: Some("hmac-sha2-512") },
    ];

    #[test]
    fn packets_arrive_whole_however_they_are_cut() {
        for protection in PROTECTIONS {
            let (mut sender, mut receiver) = both(protection);
            for length in 1..60 {
                let payload = vec![7; length];
                for byte in sender.seal(&payload) {
                    assert_eq!(receiver.next_payload(), Ok(None));
                    receiver.feed(&[byte]);
                }
                assert_eq!(receiver.next_payload().unwrap().unwrap(), payload);
            }
        }
    }

    #[test]
    fn a_changed_packet_is_refused() {
        for protection in PROTECTIONS {
            let (mut sender, mut receiver) = both(protection);
            let mut packet = sender.seal(b"payload");
            let last = packet.len() - 1;
            packet[last] ^= 1;
            receiver.feed(&packet);
            assert_eq!(receiver.next_payload(), Err(Malformed::Invalid("ssh packet authentication")));
        }
    }

    #[test]
    fn no_bytes_make_the_receiver_panic() {
        for protection in PROTECTIONS {
            let good = both(protection).0.seal(b"some payload of some length");
            crate::hostile::survives(&good, |bytes| {
                let mut receiver = both(protection).1;
                receiver.feed(bytes);
                while let Ok(Some(_)) = receiver.next_payload() {}
            });
        }
    }
}
