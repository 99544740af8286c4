//! Checksums and digests of an identifier, and the texts that a generator makes of them.

use md5::{Digest as _, Md5};
use sha1::Sha1;
use sha2::Sha256;

/// A function with its name.
type Function = (&'static str, fn(&[u8]) -> Vec<u8>);

/// The functions that are tried, by name.
pub(super) const FUNCTIONS: [Function; 6] = [
    ("CRC-16/CCITT", |bytes| crc16(bytes, 0x1021, 0xffff).to_be_bytes().to_vec()),
    ("CRC-16/XMODEM", |bytes| crc16(bytes, 0x1021, 0).to_be_bytes().to_vec()),
    ("CRC-32", |bytes| crc32(bytes).to_be_bytes().to_vec()),
    ("MD5", |bytes| Md5::digest(bytes).to_vec()),
    ("SHA-1", |bytes| Sha1::digest(bytes).to_vec()),
    ("SHA-256", |bytes| Sha256::digest(bytes).to_vec()),
];

fn crc16(bytes: &[u8], polynomial: u16, start: u16) -> u16 {
    bytes.iter().fold(start, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| {
            if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ polynomial }
        })
    })
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8)
            .fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 0 { crc >> 1 } else { (crc >> 1) ^ 0xedb8_8320 })
    })
}

/// The texts of a digest in which a value is looked for, each with its name.
pub(super) fn texts(digest: &[u8], length: usize) -> [(&'static str, String); 5] {
    let wide = |bytes: &[u8]| bytes.iter().take(16).fold(0_u128, |sum, byte| sum << 8 | u128::from(*byte));
    let decimal = |number: u128| {
        let modulus = 10_u128.pow(u32::try_from(length.min(30)).unwrap_or(30));
        format!("{:0length$}", number % modulus)
    };
    [
        ("hexadecimal", hex::encode(digest)),
        ("base 32", base32(digest)),
        ("base 64", wire::base64::encode_unpadded(digest)),
        ("decimal", wide(digest).to_string()),
        ("decimal of the first four bytes", decimal(wide(&digest[..digest.len().min(4)]))),
    ]
}

fn base32(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut text, mut word, mut bits) = (String::new(), 0_u32, 0);
    for byte in bytes {
        word = (word << 8 | u32::from(*byte)) & 0xfff;
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(DIGITS[(word >> bits & 31) as usize]));
        }
    }
    if bits > 0 {
        text.push(char::from(DIGITS[(word << (5 - bits) & 31) as usize]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_values_of_the_functions_hold() {
        let of = |name: &str| {
            let function = FUNCTIONS.iter().find(|(known, _)| *known == name).unwrap().1;
            hex::encode(function(b"123456789"))
        };
        assert_eq!(
            (of("CRC-16/CCITT"), of("CRC-16/XMODEM"), of("CRC-32")),
            ("29b1".into(), "31c3".into(), "cbf43926".into())
        );
        assert!(
            of("MD5").starts_with("25f9e794")
                && of("SHA-1").starts_with("f7c3bc1d")
                && of("SHA-256").starts_with("15e2b0d3")
        );
        assert_eq!((base32(b"foobar"), base32(b"f")), ("MZXW6YTBOI".to_owned(), "MY".to_owned()));
    }
}
