//! An ephemeral key and the secret that both sides reach: x25519 (RFC 7748), and P-256 (SEC 1).
//!
//! Made from bytes that are given, so that a record can be played again; the arithmetic of P-256 takes a time that tells
//! of the key. Neither matters where nothing is kept secret.

use curve25519_dalek::montgomery::MontgomeryPoint;
use x509_parser::num_bigint::BigUint;

use crate::Malformed;

/// The number of x25519 as a group.
pub(super) const X25519: u16 = 29;
/// The number of P-256 as a group.
pub(super) const P256: u16 = 23;

const PRIME: &[u8] = b"ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
const BASE: [&[u8]; 2] = [
    b"6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
    b"4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
];

/// Our public key in this group, and the secret shared with the owner of `theirs`.
pub(super) fn agree(group: u16, key: [u8; 32], theirs: &[u8]) -> Result<(Vec<u8>, Vec<u8>), Malformed> {
    let wrong = Malformed::Invalid("tls key share");
    match group {
        X25519 => {
            let theirs: [u8; 32] = theirs.try_into().map_err(|_| wrong)?;
            let ours = MontgomeryPoint::mul_base_clamped(key).to_bytes();
            Ok((ours.to_vec(), MontgomeryPoint(theirs).mul_clamped(key).to_bytes().to_vec()))
        }
        P256 => {
            let (Some((4, point)), 65) = (theirs.split_first(), theirs.len()) else { return Err(wrong) };
            let field = Field::new().ok_or(wrong)?;
            let [x, y] = BASE.map(|digits| BigUint::parse_bytes(digits, 16).unwrap_or_default());
            let (x, y) = field.times((x, y), key);
            let ours = [vec![4], padded(&x), padded(&y)].concat();
            let (x, y) = point.split_at(32);
            let theirs = (BigUint::from_bytes_be(x) % &field.prime, BigUint::from_bytes_be(y) % &field.prime);
            Ok((ours, padded(&field.times(theirs, key).0)))
        }
        _ => Err(Malformed::Invalid("tls group")),
    }
}

/// 32 bytes.
fn padded(number: &BigUint) -> Vec<u8> {
    let bytes = number.to_bytes_be();
    let mut out = vec![0; 32_usize.saturating_sub(bytes.len())];
    out.extend(bytes);
    out
}

struct Field {
    prime: BigUint,
}

impl Field {
    fn new() -> Option<Self> {
        Some(Self { prime: BigUint::parse_bytes(PRIME, 16)? })
    }

    fn mul(&self, a: &BigUint, b: &BigUint) -> BigUint {
        a * b % &self.prime
    }

    /// Both are below the prime.
    fn sub(&self, a: &BigUint, b: &BigUint) -> BigUint {
        (a + &self.prime - b) % &self.prime
    }

    /// A point so many times, in Jacobian coordinates on the way. The highest bit counts as set, so that it starts there.
    fn times(&self, (px, py): (BigUint, BigUint), times: [u8; 32]) -> (BigUint, BigUint) {
        let (mut x, mut y, mut z) = (px.clone(), py.clone(), BigUint::from(1_u8));
        for bit in 1..256 {
            (x, y, z) = self.doubled(&x, &y, &z);
            if times[bit / 8] & (0x80 >> (bit % 8)) != 0 {
                (x, y, z) = self.plus(&x, &y, &z, &px, &py);
            }
        }
        let inverse = z.modpow(&(&self.prime - 2_u8), &self.prime);
        let square = self.mul(&inverse, &inverse);
        (self.mul(&x, &square), self.mul(&y, &self.mul(&square, &inverse)))
    }

    fn doubled(&self, x: &BigUint, y: &BigUint, z: &BigUint) -> (BigUint, BigUint, BigUint) {
        let (delta, gamma) = (self.mul(z, z), self.mul(y, y));
        let beta = self.mul(x, &gamma);
        let alpha = self.mul(&self.sub(x, &delta), &((x + &delta) * 3_u8));
        let new_x = self.sub(&self.mul(&alpha, &alpha), &(&beta * 8_u8 % &self.prime));
        let new_z = self.mul(y, z) * 2_u8 % &self.prime;
        let inner = self.sub(&(&beta * 4_u8 % &self.prime), &new_x);
        let new_y = self.sub(&self.mul(&alpha, &inner), &(&gamma * &gamma * 8_u8 % &self.prime));
        (new_x, new_y, new_z)
    }

    /// Adds a point whose third coordinate is 1.
    fn plus(
        &self,
        x: &BigUint,
        y: &BigUint,
        z: &BigUint,
        px: &BigUint,
        py: &BigUint,
    ) -> (BigUint, BigUint, BigUint) {
        let square = self.mul(z, z);
        let h = self.sub(&self.mul(px, &square), x);
        let r = self.sub(&self.mul(py, &self.mul(&square, z)), y);
        let h_square = self.mul(&h, &h);
        let h_cube = self.mul(&h_square, &h);
        let v = self.mul(x, &h_square);
        let new_x = self.sub(&self.sub(&self.mul(&r, &r), &h_cube), &(&v * 2_u8 % &self.prime));
        let new_y = self.sub(&self.mul(&r, &self.sub(&v, &new_x)), &self.mul(y, &h_cube));
        (new_x, new_y, self.mul(&h, z))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(digits: &str) -> BigUint {
        BigUint::from_bytes_be(&hex::decode(digits).unwrap())
    }

    #[test]
    fn both_sides_reach_the_same_secret() {
        // The first vector of NIST's for ECDH over P-256, with the opposite key: the same on the curve but for the sign.
        let order = number("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
        let key = order - number("7d7dc5f71eb29ddaf80d6214632eeae03d9058af1fb6d22ed80badb62bc1a534");
        let theirs = "04700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287\
                      db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf640dfe0441782cab85fa4ac";
        let key = padded(&key).try_into().unwrap();
        let (ours, shared) = agree(P256, key, &hex::decode(theirs).unwrap()).unwrap();
        let expected = "ead218590119e8876b29146ff89ca61770c4edbbf97d38ce385ed281d8a6b230";
        assert_eq!(hex::encode(&ours[1..33]), expected);
        assert_eq!(hex::encode(shared), "46fc62106420ff012e54a434fbdd2d25ccc5852060561e68040dd7778997bd7b");
        for group in [X25519, P256] {
            let generator = if group == X25519 { vec![9; 32] } else { hex::decode(theirs).unwrap() };
            let (one, _) = agree(group, [0xc1; 32], &generator).unwrap();
            let (two, shared) = agree(group, [0xf2; 32], &one).unwrap();
            assert_eq!(agree(group, [0xc1; 32], &two).unwrap().1, shared);
        }
    }

    #[test]
    fn no_bytes_make_it_panic() {
        for point in [[4; 65], [0; 65], [0xff; 65]] {
            let _ = agree(P256, [0; 32], &point);
        }
        let (zero, most) = ([[4].as_slice(), &[0; 64]].concat(), [[4].as_slice(), &[0xff; 64]].concat());
        assert!(agree(P256, [0; 32], &zero).is_ok() && agree(P256, [0xff; 32], &most).is_ok());
        assert!(agree(P256, [0; 32], &[4; 64]).is_err() && agree(24, [0; 32], &[4; 97]).is_err());
    }
}
