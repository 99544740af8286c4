//! The Huffman code of HPACK (RFC 7541 section 5.2 and Appendix B).
//!
//! The code is canonical: the symbols of each length, in order, are all that has to be known of it.

/// Symbols by the length of their code in bits, both rising. The end of the string is the last code of 30 bits.
#[rustfmt::skip]
const LENGTHS: [(u32, &[u8]); 21] = [
    (5, &[48, 49, 50, 97, 99, 101, 105, 111, 115, 116]),
    (6, &[32, 37, 45, 46, 47, 51, 52, 53, 54, 55, 56, 57, 61, 65, 95, 98, 100, 102, 103, 104, 108, 109, 110, 112, 114, 117]),
    (7, &[58, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 89, 106, 107, 113, 118, 119, 120, 121, 122]),
    (8, &[38, 42, 44, 59, 88, 90]),
    (10, &[33, 34, 40, 41, 63]),
    (11, &[39, 43, 124]),
    (12, &[35, 62]),
    (13, &[0, 36, 64, 91, 93, 126]),
    (14, &[94, 125]),
    (15, &[60, 96, 123]),
    (19, &[92, 195, 208]),
    (20, &[128, 130, 131, 162, 184, 194, 224, 226]),
    (21, &[153, 161, 167, 172, 176, 177, 179, 209, 216, 217, 227, 229, 230]),
    (22, &[129, 132, 133, 134, 136, 146, 154, 156, 160, 163, 164, 169, 170, 173, 178, 181, 185, 186, 187, 189, 190, 196, 198, 228, 232, 233]),
    (23, &[1, 135, 137, 138, 139, 140, 141, 143, 147, 149, 150, 151, 152, 155, 157, 158, 165, 166, 168, 174, 175, 180, 182, 183, 188, 191, 197, 231, 239]),
    (24, &[9, 142, 144, 145, 148, 159, 171, 206, 215, 225, 236, 237]),
    (25, &[199, 207, 234, 235]),
    (26, &[192, 193, 200, 201, 202, 205, 210, 213, 218, 219, 238, 240, 242, 243, 255]),
    (27, &[203, 204, 211, 212, 214, 221, 222, 223, 241, 244, 245, 246, 247, 248, 250, 251, 252, 253, 254]),
    (28, &[2, 3, 4, 5, 6, 7, 8, 11, 12, 14, 15, 16, 17, 18, 19, 20, 21, 23, 24, 25, 26, 27, 28, 29, 30, 31, 127, 220, 249]),
    (30, &[10, 13, 22]),
];

/// The bytes of a string; none where a code or the padding is not allowed, or above `most` bytes.
pub(super) fn decode(bytes: &[u8], most: usize) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity((bytes.len() * 8 / 5).min(most));
    // Bits not used yet, the next one in front.
    let (mut bits, mut count) = (0_u64, 0_u32);
    let mut rest = bytes.iter();
    loop {
        while count <= 56
            && let Some(byte) = rest.next()
        {
            bits |= u64::from(*byte) << (56 - count);
            count += 8;
        }
        match symbol(bits) {
            Some((byte, length)) if length <= count => {
                if out.len() == most {
                    return None;
                }
                out.push(byte);
                bits <<= length;
                count -= length;
            }
            // Padding: fewer than 8 bits, all ones.
            _ => return (count < 8 && bits == !(u64::MAX >> count)).then_some(out),
        }
    }
}

/// The symbol in front, and how long its code is.
fn symbol(bits: u64) -> Option<(u8, u32)> {
    // The first code of a length follows the last of the length before.
    let (mut first, mut before) = (0_u64, 0);
    for (length, symbols) in LENGTHS {
        first <<= length - before;
        before = length;
        let index = (bits >> (64 - length)).wrapping_sub(first);
        if let Some(symbol) = usize::try_from(index).ok().and_then(|index| symbols.get(index)) {
            return Some((*symbol, length));
        }
        first += symbols.len() as u64;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_of_the_standard_are_read() {
        // RFC 7541 Appendix C.4 and C.6.
        for (code, text) in [
            ("f1e3c2e5f23a6ba0ab90f4ff", "www.example.com"),
            ("a8eb10649cbf", "no-cache"),
            ("25a849e95bb8e8b4bf", "custom-value"),
            ("9d29ad171863c78f0b97c8e9ae82ae43d3", "https://www.example.com"),
            (
                "94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
                "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
            ),
        ] {
            assert_eq!(decode(&hex::decode(code).unwrap(), 99).unwrap(), text.as_bytes());
        }
        // Rare symbols: the shortest and the longest codes (Appendix B): 0x0a of 30 bits, 0xff of 26.
        assert_eq!(decode(&[0xff, 0xff, 0xff, 0xf3], 9).unwrap(), b"\n");
        assert_eq!(decode(&[0xff, 0xff, 0xfb, 0xbf], 9).unwrap(), [0xff]);
    }

    #[test]
    fn wrong_padding_the_end_of_the_string_and_too_long_ones_are_refused() {
        // A whole byte of padding, zeros, the end of the string, and more than is wanted.
        for code in [&[0x1f, 0xff, 0xff][..], &[0x18], &[0xff; 4]] {
            assert_eq!(decode(code, 99), None, "{code:?}");
        }
        assert_eq!(decode(&[0x18 | 7], 99).unwrap(), b"a");
        assert_eq!(decode(&[0; 100], 20), None);
        assert_eq!(decode(&[], 0).unwrap(), b"");
    }
}
