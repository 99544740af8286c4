//! Base64 of RFC 4648: section 4 for credentials of HTTP Basic and mail and for fingerprints of SSH keys, section 5 for
//! tokens.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Encodes with padding.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let mut text = encode_unpadded(bytes);
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

/// Encodes without padding, as OpenSSH prints fingerprints.
#[must_use]
pub fn encode_unpadded(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let word = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..=chunk.len() {
            let index = (word >> (18 - 6 * digit)) & 0x3f;
            text.push(char::from(ALPHABET[index as usize]));
        }
    }
    text
}

/// Decodes, padded or not; none where a character is of another alphabet or the length fits no bytes.
#[must_use]
pub fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let digits = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    let mut out = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    for chunk in digits.chunks(4) {
        if chunk.len() == 1 {
            return None;
        }
        let mut word = 0_u32;
        for byte in chunk {
            let digit = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return None,
            };
            word = word << 6 | u32::from(digit);
        }
        word <<= 6 * (4 - chunk.len());
        out.extend_from_slice(&word.to_be_bytes()[1..chunk.len()]);
    }
    Some(out)
}

/// Encodes without padding and with the signs for URLs (section 5).
#[must_use]
pub fn encode_url(bytes: &[u8]) -> String {
    encode_unpadded(bytes).replace('+', "-").replace('/', "_")
}

/// Decodes the signs for URLs, without padding. None where another sign stands, or one too many.
#[must_use]
pub fn decode_url(text: &str) -> Option<Vec<u8>> {
    let is_other = |sign: char| matches!(sign, '+' | '/' | '=');
    if text.contains(is_other) { None } else { decode(text.replace('-', "+").replace('_', "/").as_bytes()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_rfc_4648_hold() {
        let cases = [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")];
        for (plain, coded) in cases {
            assert_eq!(encode(plain.as_bytes()), coded);
            assert_eq!(decode(coded.as_bytes()).unwrap(), plain.as_bytes());
            assert_eq!(decode(coded.trim_end_matches('=').as_bytes()).unwrap(), plain.as_bytes());
        }
        assert_eq!(encode_unpadded(b"f"), "Zg");
        assert_eq!((decode(b"Z"), decode(b"Zm9-"), decode(b"====")), (None, None, None));
    }

    #[test]
    fn what_is_written_for_a_url_reads_back() {
        for plain in [&b""[..], b"f", b"fo", b"foo", &[0xfb, 0xff, 0xfe, 0x3e]] {
            assert_eq!(decode_url(&encode_url(plain)).unwrap(), plain);
        }
        assert_eq!(encode_url(&[0xfb, 0xff]), "-_8");
        for wrong in ["Zg==", "Z", "a+b/", "Zg\n"] {
            assert_eq!(decode_url(wrong), None, "{wrong}");
        }
    }
}
