//! The P-256 key pair that belongs to a seed: the same device keeps the same key over restarts.
//!
//! Only the public point is computed here, because ring offers no seeded key generation. Not constant time and
//! not meant for a real product; ring checks the pair when it is loaded, so a wrong point cannot go unnoticed.

use crate::digest::Derive;

type Number = [u64; 4];

/// The field prime, least significant word first (SEC 2, secp256r1).
const P: Number = [0xffff_ffff_ffff_ffff, 0x0000_0000_ffff_ffff, 0, 0xffff_ffff_0000_0001];
/// The base point.
const G: [Number; 2] = [
    [0xf4a1_3945_d898_c296, 0x7703_7d81_2deb_33a0, 0xf8bc_e6e5_63a4_40f2, 0x6b17_d1f2_e12c_4247],
    [0xcbb6_4068_37bf_51f5, 0x2bce_3357_6b31_5ece, 0x8ee7_eb4a_7c0f_9e16, 0x4fe3_42e2_fe1a_7f9b],
];

/// PKCS #8 (RFC 5958) of the key pair derived for `purpose`.
pub(crate) fn pkcs8(derive: &Derive, purpose: &str) -> Vec<u8> {
    let mut scalar = derive.bytes(purpose);
    // Below 2^255, hence below the group order; and never zero.
    scalar[0] &= 0x7f;
    scalar[31] |= 1;
    let mut der = vec![0x30, 0x81, 0x87, 0x02, 0x01, 0x00, 0x30, 0x13];
    der.extend([0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]);
    der.extend([0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]);
    der.extend([0x04, 0x6d, 0x30, 0x6b, 0x02, 0x01, 0x01, 0x04, 0x20]);
    der.extend(scalar);
    der.extend([0xa1, 0x44, 0x03, 0x42, 0x00]);
    der.extend(public_point(&scalar));
    der
}

/// The uncompressed point (0x04, x, y) of a scalar between 1 and the group order.
pub(crate) fn public_point(scalar: &[u8; 32]) -> [u8; 65] {
    let field = Field::new();
    let base = Point { x: field.enter(&G[0]), y: field.enter(&G[1]), z: field.one };
    let bits = (0..256).map(|bit| scalar[bit / 8] >> (7 - bit % 8) & 1 == 1);
    let mut sum: Option<Point> = None;
    for set in bits {
        sum = sum.map(|point| field.double(&point));
        if set {
            sum = Some(sum.map_or(base, |point| field.add(&point, &base)));
        }
    }
    field.uncompressed(&sum.unwrap_or(base))
}

#[derive(Clone, Copy)]
struct Point {
    x: Number,
    y: Number,
    z: Number,
}

/// Arithmetic modulo P in Montgomery form, R = 2^256.
struct Field {
    one: Number,
    square_of_r: Number,
}

impl Field {
    fn new() -> Self {
        // R mod P is 2^256 - P, the two's complement of P.
        let one = subtract(&[0; 4], &P).0;
        let mut square_of_r = one;
        for _ in 0..256 {
            square_of_r = plus(&square_of_r, &square_of_r);
        }
        Self { one, square_of_r }
    }

    fn enter(&self, value: &Number) -> Number {
        times(value, &self.square_of_r)
    }

    fn double(&self, point: &Point) -> Point {
        // Jacobian doubling for a = -3.
        let delta = times(&point.z, &point.z);
        let gamma = times(&point.y, &point.y);
        let beta = times(&point.x, &gamma);
        let slope = times(&minus(&point.x, &delta), &plus(&point.x, &delta));
        let alpha = plus(&plus(&slope, &slope), &slope);
        let four_beta = plus(&plus(&beta, &beta), &plus(&beta, &beta));
        let x = minus(&times(&alpha, &alpha), &plus(&four_beta, &four_beta));
        let sum = plus(&point.y, &point.z);
        let z = minus(&minus(&times(&sum, &sum), &gamma), &delta);
        let square = times(&gamma, &gamma);
        let four = plus(&plus(&square, &square), &plus(&square, &square));
        let y = minus(&times(&alpha, &minus(&four_beta, &x)), &plus(&four, &four));
        Point { x, y, z }
    }

    fn add(&self, left: &Point, right: &Point) -> Point {
        // Invariant: the points differ; in double-and-add the sum is never the base point again.
        let left_z2 = times(&left.z, &left.z);
        let right_z2 = times(&right.z, &right.z);
        let left_u = times(&left.x, &right_z2);
        let right_u = times(&right.x, &left_z2);
        let left_s = times(&left.y, &times(&right_z2, &right.z));
        let right_s = times(&right.y, &times(&left_z2, &left.z));
        let h = minus(&right_u, &left_u);
        let r = minus(&right_s, &left_s);
        let h2 = times(&h, &h);
        let h3 = times(&h2, &h);
        let v = times(&left_u, &h2);
        let x = minus(&minus(&times(&r, &r), &h3), &plus(&v, &v));
        let y = minus(&times(&r, &minus(&v, &x)), &times(&left_s, &h3));
        let z = times(&h, &times(&left.z, &right.z));
        Point { x, y, z }
    }

    fn uncompressed(&self, point: &Point) -> [u8; 65] {
        let inverse = self.inverse(&point.z);
        let square = times(&inverse, &inverse);
        let x = times(&times(&point.x, &square), &[1, 0, 0, 0]);
        let y = times(&times(&point.y, &times(&square, &inverse)), &[1, 0, 0, 0]);
        let mut out = [4; 65];
        for (slot, word) in out[1..].chunks_exact_mut(8).zip(x.iter().rev().chain(y.iter().rev())) {
            slot.copy_from_slice(&word.to_be_bytes());
        }
        out
    }

    fn inverse(&self, value: &Number) -> Number {
        // Fermat: value^(P - 2).
        let exponent = subtract(&P, &[2, 0, 0, 0]).0;
        let mut out = self.one;
        for bit in (0..256).rev() {
            out = times(&out, &out);
            if exponent[bit / 64] >> (bit % 64) & 1 == 1 {
                out = times(&out, value);
            }
        }
        out
    }
}

fn plus(left: &Number, right: &Number) -> Number {
    let mut out = [0; 4];
    let mut carry = 0_u128;
    for index in 0..4 {
        carry += u128::from(left[index]) + u128::from(right[index]);
        out[index] = carry as u64;
        carry >>= 64;
    }
    let (reduced, borrowed) = subtract(&out, &P);
    if carry == 1 || !borrowed { reduced } else { out }
}

fn minus(left: &Number, right: &Number) -> Number {
    let (out, borrowed) = subtract(left, right);
    if !borrowed {
        return out;
    }
    // Adding P modulo 2^256 undoes the borrow.
    subtract(&out, &subtract(&[0; 4], &P).0).0
}

fn subtract(left: &Number, right: &Number) -> (Number, bool) {
    let mut out = [0; 4];
    let mut borrow = false;
    for index in 0..4 {
        let (first, under) = left[index].overflowing_sub(right[index]);
        let (second, again) = first.overflowing_sub(u64::from(borrow));
        out[index] = second;
        borrow = under || again;
    }
    (out, borrow)
}

/// Montgomery product, word by word; -P^-1 modulo 2^64 is 1, so the quotient digit is the lowest word itself.
fn times(left: &Number, right: &Number) -> Number {
    let mut sum = [0_u64; 6];
    for &word in left {
        let mut carry = 0_u128;
        for index in 0..4 {
            carry += u128::from(sum[index]) + u128::from(word) * u128::from(right[index]);
            sum[index] = carry as u64;
            carry >>= 64;
        }
        carry += u128::from(sum[4]);
        sum[4] = carry as u64;
        sum[5] = (carry >> 64) as u64;
        let digit = sum[0];
        let mut carry = (u128::from(sum[0]) + u128::from(digit) * u128::from(P[0])) >> 64;
        for index in 1..4 {
            carry += u128::from(sum[index]) + u128::from(digit) * u128::from(P[index]);
            sum[index - 1] = carry as u64;
            carry >>= 64;
        }
        carry += u128::from(sum[4]);
        sum[3] = carry as u64;
        sum[4] = sum[5] + (carry >> 64) as u64;
    }
    let out = [sum[0], sum[1], sum[2], sum[3]];
    let (reduced, borrowed) = subtract(&out, &P);
    if sum[4] != 0 || !borrowed { reduced } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};

    #[test]
    fn ring_accepts_the_pair_of_many_seeds() {
        for seed in 0..8 {
            let der = pkcs8(&Derive::new(seed), "key");
            let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &der, &SystemRandom::new());
            assert!(pair.is_ok(), "seed {seed}");
        }
    }

    #[test]
    fn twice_the_base_point_is_the_published_value() {
        let mut scalar = [0; 32];
        scalar[31] = 2;
        let expected = "047cf27b188d034f7e8a52380304b51ac3c08969e277f21b35a60b48fc47669978\
                        07775510db8ed040293d9ac69f7430dbba7dade63ce982299e04b79d227873d1";
        assert_eq!(crate::digest::hex(&public_point(&scalar)), expected);
    }
}
