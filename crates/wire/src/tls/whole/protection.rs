//! What follows from a suite: the function that expands secrets (RFC 5246 section 5), and AES-GCM records (RFC 5288).

use ring::aead::{AES_128_GCM, AES_256_GCM, Aad, Algorithm, LessSafeKey, Nonce, UnboundKey};
use ring::{digest, hmac};

use super::VERSION;
use crate::Malformed;
use crate::tls::records;

/// Bytes of a nonce that follow from the keys, and those that each record brings.
const IMPLICIT: usize = 4;
const EXPLICIT: usize = 8;
const TAG: usize = 16;
/// What a record carries at most.
const MOST: usize = (1 << 14) - EXPLICIT - TAG;

/// Hash and cipher of a suite.
#[derive(Debug, Clone, Copy)]
pub(super) struct Suite {
    is_larger: bool,
}

impl Suite {
    /// That of a number of [`super::SUITES`].
    pub(super) fn of(id: u16) -> Option<Self> {
        match id {
            0xc02b | 0xc02f => Some(Self { is_larger: false }),
            0xc02c | 0xc030 => Some(Self { is_larger: true }),
            _ => None,
        }
    }

    pub(super) fn digest(self, of: &[u8]) -> Vec<u8> {
        let hash = if self.is_larger { &digest::SHA384 } else { &digest::SHA256 };
        digest::digest(hash, of).as_ref().to_vec()
    }

    /// The pseudorandom function: so many bytes of a secret, a label and a seed.
    pub(super) fn expand<const N: usize>(self, secret: &[u8], label: &[u8], seed: &[&[u8]]) -> [u8; N] {
        let hash = if self.is_larger { hmac::HMAC_SHA384 } else { hmac::HMAC_SHA256 };
        let key = hmac::Key::new(hash, secret);
        let seed = [label, &seed.concat()].concat();
        let (mut a, mut out) = (hmac::sign(&key, &seed), Vec::new());
        while out.len() < N {
            out.extend_from_slice(hmac::sign(&key, &[a.as_ref(), &seed].concat()).as_ref());
            a = hmac::sign(&key, a.as_ref());
        }
        let mut found = [0; N];
        for (to, from) in found.iter_mut().zip(out) {
            *to = from;
        }
        found
    }

    /// The client's way and the server's.
    pub(super) fn keys(
        self,
        master: &[u8],
        client: &[u8; 32],
        server: &[u8; 32],
    ) -> Result<(OneWay, OneWay), Malformed> {
        let (cipher, length) = if self.is_larger { (&AES_256_GCM, 32) } else { (&AES_128_GCM, 16) };
        let block: [u8; 2 * (32 + IMPLICIT)] = self.expand(master, b"key expansion", &[server, client]);
        let (keys, ivs) = block.split_at(2 * length);
        let (ours, theirs) = keys.split_at(length);
        Ok((
            OneWay::new(cipher, ours, ivs)?,
            OneWay::new(cipher, theirs, ivs.get(IMPLICIT..).unwrap_or_default())?,
        ))
    }
}

/// Records in one direction.
pub(super) struct OneWay {
    key: LessSafeKey,
    implicit: [u8; IMPLICIT],
    count: u64,
}

impl std::fmt::Debug for OneWay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OneWay")
    }
}

impl OneWay {
    fn new(cipher: &'static Algorithm, key: &[u8], iv: &[u8]) -> Result<Self, Malformed> {
        let wrong = Malformed::Invalid("tls keys");
        let key = UnboundKey::new(cipher, key).map_err(|_| wrong)?;
        Ok(Self { key: LessSafeKey::new(key), implicit: *iv.first_chunk().ok_or(wrong)?, count: 0 })
    }

    fn nonce(&self, explicit: [u8; EXPLICIT]) -> Nonce {
        let mut nonce = [0; IMPLICIT + EXPLICIT];
        nonce[..IMPLICIT].copy_from_slice(&self.implicit);
        nonce[IMPLICIT..].copy_from_slice(&explicit);
        Nonce::assume_unique_for_key(nonce)
    }

    /// Number, type, version and length, which are protected beside what a record carries.
    fn beside(&mut self, content_type: u8, length: usize) -> Vec<u8> {
        let mut beside = self.count.to_be_bytes().to_vec();
        self.count += 1;
        beside.push(content_type);
        beside.extend(VERSION.0.to_be_bytes());
        beside.extend(u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes());
        beside
    }

    /// Records that carry a payload.
    pub(super) fn seal(&mut self, content_type: u8, payload: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        for part in payload.chunks(MOST) {
            let explicit = self.count.to_be_bytes();
            let beside = self.beside(content_type, part.len());
            let mut sealed = part.to_vec();
            // It fails only beyond what the cipher takes, which a record never is.
            if self.key.seal_in_place_append_tag(self.nonce(explicit), Aad::from(beside), &mut sealed).is_err() {
                return out;
            }
            out.extend(records(content_type, VERSION, &[explicit.as_slice(), &sealed].concat()));
        }
        out
    }

    /// What a record carries.
    pub(super) fn open(&mut self, content_type: u8, payload: &[u8]) -> Result<Vec<u8>, Malformed> {
        let wrong = Malformed::Invalid("tls encrypted record");
        let (explicit, sealed) = payload.split_first_chunk::<EXPLICIT>().ok_or(wrong)?;
        let length = sealed.len().checked_sub(TAG).ok_or(wrong)?;
        let beside = self.beside(content_type, length);
        let mut opened = sealed.to_vec();
        let found = self.key.open_in_place(self.nonce(*explicit), Aad::from(beside), &mut opened);
        found.map(|opened| opened.to_vec()).map_err(|_| wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_side_seals_the_other_opens_once_and_in_order() {
        for id in [0xc02f, 0xc030] {
            let keys = || Suite::of(id).unwrap().keys(&[7; 48], &[1; 32], &[2; 32]).unwrap();
            let ((mut ours, _), (mut same, mut other)) = (keys(), keys());
            let record = ours.seal(22, b"hello");
            assert_eq!(same.open(22, &record[5..]).unwrap(), b"hello");
            assert!(same.open(22, &record[5..]).is_err() && other.open(22, &record[5..]).is_err());
        }
    }

    #[test]
    fn secrets_are_expanded_as_others_do() {
        // The vector for SHA-256 of the working group's list, 2009.
        let secret = hex::decode("9bbe436ba940f017b17652849a71db35").unwrap();
        let seed = hex::decode("a0ba9f936cda311827a6f796ffd5198c").unwrap();
        let out: [u8; 32] = Suite::of(0xc02f).unwrap().expand(&secret, b"test label", &[&seed]);
        assert_eq!(hex::encode(out), "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a");
    }
}
