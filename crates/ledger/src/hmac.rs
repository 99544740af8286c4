//! HMAC-SHA256 (RFC 2104), the keyed hash that salts are derived with.
//!
//! It knows no key of its own, and compares nothing.

use crate::Digest;

/// Block length of SHA-256 in bytes.
const BLOCK: usize = 64;

/// The code over these byte strings, one after the other.
pub(crate) fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // A key of 32 bytes is shorter than a block: it is filled up with zeros and never hashed itself.
    let padded = |pad: u8| {
        let mut block = [pad; BLOCK];
        for (byte, key) in block.iter_mut().zip(key) {
            *byte ^= key;
        }
        block
    };
    let (inner, outer) = (padded(0x36), padded(0x5c));
    let mut message: Vec<&[u8]> = vec![&inner];
    message.extend_from_slice(parts);
    *Digest::of_parts(&[&outer, Digest::of_parts(&message).as_bytes()]).as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231 test cases 1 and 2, whose keys of 20 and 4 bytes a zero-filled key of 32 bytes equals.
    #[test]
    fn the_reference_codes_come_out() {
        let mut key = [0; 32];
        key[..20].fill(0x0b);
        let code = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7";
        assert_eq!(hex::encode(hmac(&key, &[b"Hi There"])), code);
        let mut key = [0; 32];
        key[..4].copy_from_slice(b"Jefe");
        let code = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hex::encode(hmac(&key, &[b"what do ya want ", b"for nothing?"])), code);
    }
}
