//! A stapled answer (RFC 6960) that says that a certificate was revoked.

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

use super::der::{context, generalized_time, integer, object, octets, sequence, tagged};
use super::{Algorithm, Outline, bits};

/// The part that the certificate's issuer signs: this serial number was revoked.
#[must_use]
pub fn to_be_signed(issuer: &Outline, serial: &[u8], revoked: i64, now: i64) -> Vec<u8> {
    let hash = |bytes: &[u8]| octets(digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes).as_ref());
    let sha1 = sequence(&[object(&[0x2b, 0x0e, 3, 2, 0x1a]), tagged(5, &[])]);
    let certificate = sequence(&[sha1, hash(&issuer.subject), hash(&issuer.key_bits), integer(serial)]);
    let week = 7 * 86_400;
    let single = sequence(&[
        certificate,
        context(1, &generalized_time(revoked)),
        generalized_time(now - week),
        context(0, &generalized_time(now + week)),
    ]);
    sequence(&[context(1, &issuer.subject), generalized_time(now), sequence(&[single])])
}

/// The whole answer, as it is stapled.
#[must_use]
pub fn sealed(to_be_signed: &[u8], algorithm: Algorithm, signature: &[u8]) -> Vec<u8> {
    let basic = sequence(&[to_be_signed.to_vec(), algorithm.identifier(), bits(signature)]);
    let kind = object(&[0x2b, 6, 1, 5, 5, 7, 48, 1, 1]);
    // Status 0: the answer itself is sound.
    sequence(&[tagged(10, &[0]), context(0, &sequence(&[kind, octets(&basic)]))])
}
