//! Very many signatures of one key: multiples of the key's point are computed once, and used for each.
//!
//! It gives the answer of the strict check of one signature, by the same equation (RFC 8032, 5.1.7, without the
//! cofactor): nothing is drawn by chance and no signature is mixed with another. For a few signatures it is no gain.

use std::sync::LazyLock;

use curve25519_dalek::EdwardsPoint;
use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
use curve25519_dalek::edwards::CompressedEdwardsY;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity as _;
use sha2::{Digest as _, Sha512};

use crate::VerifyingKey;

/// Points that are brought into their byte form together.
const TOGETHER: usize = 32;
/// Digits of a scalar.
const DIGITS: usize = 32;
/// Multiples per digit: digits are signed, and go from -127 to 128.
const PER_DIGIT: usize = 128;

/// The multiples of one key's point.
pub(super) struct Multiples {
    key: [u8; 32],
    point: Table,
}

/// The multiples of the base point.
static BASE: LazyLock<Table> = LazyLock::new(|| Table::of(ED25519_BASEPOINT_POINT));

impl Multiples {
    /// For this key; none when its bytes are no point, or one of small order.
    pub(super) fn of(key: &VerifyingKey) -> Option<Self> {
        let key = key.to_bytes();
        let point = CompressedEdwardsY(key).decompress().filter(|point| !point.is_small_order())?;
        Some(Self { key, point: Table::of(point) })
    }

    /// The position of the first of these messages whose signature is not by the key.
    pub(super) fn first_bad<'a>(&self, signed: impl Iterator<Item = (&'a [u8], &'a [u8; 64])>) -> Option<usize> {
        let signed: Vec<_> = signed.collect();
        for (number, part) in signed.chunks(TOGETHER).enumerate() {
            let mut points = [EdwardsPoint::identity(); TOGETHER];
            let mut sound = [false; TOGETHER];
            for (at, (message, signature)) in part.iter().enumerate() {
                if let Some(point) = self.commitment(message, signature) {
                    (points[at], sound[at]) = (point, !point.is_small_order());
                }
            }
            let bytes = EdwardsPoint::compress_batch(&points);
            let good = |at: usize| sound[at] && bytes[at].as_bytes() == &part[at].1[..32];
            if let Some(at) = (0..part.len()).find(|at| !good(*at)) {
                return Some(number * TOGETHER + at);
            }
        }
        None
    }

    /// The point `R` that a signature of the key over the message would have: `[s]B - [k]A`. None when `s` is not in
    /// its one form.
    fn commitment(&self, message: &[u8], signature: &[u8; 64]) -> Option<EdwardsPoint> {
        let (r, s) = signature.split_first_chunk::<32>()?;
        let s = Option::from(Scalar::from_canonical_bytes(s.try_into().ok()?))?;
        let hash = Sha512::new().chain_update(r).chain_update(self.key).chain_update(message).finalize();
        let k = Scalar::from_bytes_mod_order_wide(&hash.into());
        let mut sum = EdwardsPoint::identity();
        BASE.add(&s, &mut sum);
        self.point.add(&-k, &mut sum);
        Some(sum)
    }
}

/// Multiples of a point: for each digit of a scalar in base 256, the digit's place times 1 to 128.
struct Table(Vec<EdwardsPoint>);

impl Table {
    fn of(point: EdwardsPoint) -> Self {
        let mut multiples = Vec::with_capacity(DIGITS * PER_DIGIT);
        let mut place = point;
        for _ in 0..DIGITS {
            let mut multiple = place;
            for _ in 0..PER_DIGIT {
                multiples.push(multiple);
                multiple += place;
            }
            // 128 places and once more as many are the next place.
            place = multiples[multiples.len() - 1] + multiples[multiples.len() - 1];
        }
        Self(multiples)
    }

    /// Adds the multiple. Time depends on the scalar: nothing here is secret.
    fn add(&self, scalar: &Scalar, sum: &mut EdwardsPoint) {
        let mut carry = 0;
        // A scalar is below 2^253, so nothing is carried out of the last digit.
        for (place, byte) in scalar.as_bytes().iter().enumerate() {
            let digit = usize::from(*byte) + carry;
            carry = usize::from(digit > PER_DIGIT);
            let multiple = |times: usize| &self.0[place * PER_DIGIT + times - 1];
            match digit {
                0 => {}
                1..=PER_DIGIT => *sum += multiple(digit),
                256 => {}
                _ => *sum -= multiple(256 - digit),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use curve25519_dalek::constants::EIGHT_TORSION;
    use proptest::prelude::*;

    use super::*;
    use crate::SigningKey;

    fn accepts(multiples: &Multiples, message: &[u8], signature: &[u8; 64]) -> bool {
        multiples.first_bad([(message, signature)].into_iter()).is_none()
    }

    proptest! {
        #[test]
        fn it_answers_as_the_check_of_one_signature_does(
            seed: [u8; 32], message: Vec<u8>, edit in 0..64usize, value: u8, r: [u8; 32], s: [u8; 32]
        ) {
            let key = SigningKey::from_seed(&seed);
            let multiples = Multiples::of(&key.verifying_key()).unwrap();
            let good = key.sign(&message);
            let mut edited = good;
            edited[edit] = value;
            let mut other = good;
            other[..32].copy_from_slice(&r);
            other[32..].copy_from_slice(&s);
            for signature in [good, edited, other] {
                let strict = key.verifying_key().verifies(&message, &signature);
                prop_assert_eq!(accepts(&multiples, &message, &signature), strict);
            }
            prop_assert!(accepts(&multiples, &message, &good));
        }
    }

    #[test]
    fn the_first_bad_one_among_many_is_named() {
        let key = SigningKey::from_seed(&[3; 32]);
        let multiples = Multiples::of(&key.verifying_key()).unwrap();
        let messages: Vec<[u8; 4]> = (0..100_u32).map(u32::to_le_bytes).collect();
        let mut signatures: Vec<[u8; 64]> = messages.iter().map(|message| key.sign(message)).collect();
        let first_bad = |signatures: &[[u8; 64]]| {
            multiples.first_bad(messages.iter().map(|message| &message[..]).zip(signatures))
        };
        assert_eq!(first_bad(&signatures), None);
        for at in [99, 64, 31, 0] {
            signatures[at][40] ^= 1;
            assert_eq!(first_bad(&signatures), Some(at));
        }
    }

    /// Forms that only whoever has the key can make, and on which verifiers of other rules differ.
    #[test]
    fn signatures_with_points_of_small_order_are_refused_as_by_the_check_of_one() {
        let (seed, message) = ([5; 32], b"message");
        let key = SigningKey::from_seed(&seed);
        let multiples = Multiples::of(&key.verifying_key()).unwrap();
        let a = ed25519_dalek::SigningKey::from_bytes(&seed).to_scalar();
        for nonce in [Scalar::ZERO, Scalar::from(7_u64)] {
            for torsion in EIGHT_TORSION {
                let r = ED25519_BASEPOINT_POINT * nonce + torsion;
                let r = r.compress().to_bytes();
                let hash =
                    Sha512::new().chain_update(r).chain_update(multiples.key).chain_update(message).finalize();
                let s = nonce + Scalar::from_bytes_mod_order_wide(&hash.into()) * a;
                let mut signature = [0; 64];
                signature[..32].copy_from_slice(&r);
                signature[32..].copy_from_slice(s.as_bytes());
                let strict = key.verifying_key().verifies(message, &signature);
                assert_eq!(accepts(&multiples, message, &signature), strict);
                assert_eq!(strict, nonce != Scalar::ZERO && torsion == EdwardsPoint::identity());
            }
        }
    }

    #[test]
    fn a_key_of_small_order_has_no_multiples_and_a_large_s_is_no_other_spelling() {
        let key = SigningKey::from_seed(&[5; 32]);
        let multiples = Multiples::of(&key.verifying_key()).unwrap();
        let mut signature = key.sign(b"message");
        // s + l, with l the order of the base point.
        let order = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
        let mut carry = 0;
        for (byte, more) in signature[32..].iter_mut().zip(hex::decode(order).unwrap()) {
            let sum = u16::from(*byte) + u16::from(more) + carry;
            (*byte, carry) = (sum.to_le_bytes()[0], sum >> 8);
        }
        assert!(!accepts(&multiples, b"message", &signature));
    }
}
