//! Certificates in PEM (RFC 7468), as other tools write them into their files: the DER bytes of each, unread.

use crate::base64;

const BEGINS: &str = "-----BEGIN CERTIFICATE-----";
const ENDS: &str = "-----END CERTIFICATE-----";
/// Certificates that are taken out of one text.
const MOST: usize = 20;
/// Characters of one that are taken.
const LONGEST: usize = 64 << 10;

/// The certificates in a text, in order. What stands between marks and is no base64 is left out.
#[must_use]
pub fn certificates(text: &str) -> Vec<Vec<u8>> {
    let blocks = text.split(BEGINS).skip(1).filter_map(|rest| rest.split_once(ENDS));
    let decoded = blocks.filter(|(body, _)| body.len() <= LONGEST).filter_map(|(body, _)| {
        let digits: Vec<u8> = body.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        base64::decode(&digits)
    });
    decoded.take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_block_of_a_text_is_decoded_and_the_rest_is_left_alone() {
        let text =
            format!("x {BEGINS}\nAQID\nBA==\n{ENDS} y {BEGINS}\n*\n{ENDS}{BEGINS}\nBQ==\n{ENDS}{BEGINS}\nAA");
        assert_eq!(certificates(&text), [vec![1, 2, 3, 4], vec![5]]);
        assert!(certificates("").is_empty());
    }
}
