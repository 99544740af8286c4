//! RFC 3161 time stamps: the query, and what a response says of itself.
//!
//! It verifies no signature of an authority: `openssl ts -verify` does. Whether the response is on the right bytes is for
//! the caller to compare.

mod der;

use der::{Der, item};

const SHA256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
const TST_INFO: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04];

/// Why a response cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimestampError {
    /// Its bytes are none that RFC 3161 allows.
    #[error("read the time stamp: {0}")]
    Form(&'static str),
    /// The authority refused.
    #[error("read the time stamp: the authority did not grant it, its status is {0}")]
    Refused(u8),
}

/// What a response says. Nobody has verified who says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The SHA-256 digest of what was stamped.
    pub imprint: [u8; 32],
    /// When, as RFC 3339 in UTC.
    pub time: String,
    /// The authority's policy, in dots.
    pub policy: String,
    /// The serial number that the authority gave it, in hexadecimal.
    pub serial: String,
    /// The nonce of the query, without leading zeros; none where the query had none.
    pub nonce: Option<Vec<u8>>,
}

/// The query for a digest (RFC 3161, 2.4.1): asks for the authority's certificate, too.
pub fn query(imprint: &[u8; 32], nonce: u64) -> Vec<u8> {
    let algorithm = item(0x30, &[item(0x06, SHA256), item(0x05, &[])].concat());
    let imprint = item(0x30, &[algorithm, item(0x04, imprint)].concat());
    let nonce = item(0x02, &[&[0], nonce_bytes(nonce).as_slice()].concat());
    item(0x30, &[item(0x02, &[1]), imprint, nonce, item(0x01, &[0xff])].concat())
}

/// A nonce as a response gives it back. It begins with a bit that is set, so that its length is always the same.
pub fn nonce_bytes(nonce: u64) -> Vec<u8> {
    (nonce | 1 << 63).to_be_bytes().to_vec()
}

/// Reads a response (RFC 3161, 2.4.2).
///
/// # Errors
/// [`TimestampError`] when it is none, was not granted, or its token is over another kind of digest than SHA-256.
pub fn read(response: &[u8]) -> Result<Stamp, TimestampError> {
    let mut whole = Der::new(response);
    let mut response = whole.inside(0x30)?;
    whole.ends()?;
    let mut status = response.inside(0x30)?;
    match status.next(0x02)? {
        [0 | 1] => {}
        [other] => return Err(TimestampError::Refused(*other)),
        _ => return Err(TimestampError::Form("its status is no small number")),
    }
    let mut content = response.inside(0x30)?;
    if content.next(0x06)? != SIGNED_DATA {
        return Err(TimestampError::Form("its token is no signed data"));
    }
    let mut signed = content.inside(0xa0)?.inside(0x30)?;
    signed.next(0x02)?;
    signed.next(0x31)?;
    let mut encapsulated = signed.inside(0x30)?;
    if encapsulated.next(0x06)? != TST_INFO {
        return Err(TimestampError::Form("its token signs no time stamp"));
    }
    let info = encapsulated.inside(0xa0)?.next(0x04)?;
    stamp(info)
}

/// TSTInfo (RFC 3161, 2.4.2).
fn stamp(info: &[u8]) -> Result<Stamp, TimestampError> {
    let mut info = Der::new(info).inside(0x30)?;
    if info.next(0x02)? != [1] {
        return Err(TimestampError::Form("its version is not 1"));
    }
    let policy = dotted(info.next(0x06)?);
    let mut imprint = info.inside(0x30)?;
    if imprint.inside(0x30)?.next(0x06)? != SHA256 {
        return Err(TimestampError::Form("it is over another kind of digest than SHA-256"));
    }
    let imprint = imprint.next(0x04)?.try_into().map_err(|_| TimestampError::Form("its digest is no SHA-256"))?;
    let serial = info.next(0x02)?.iter().map(|byte| format!("{byte:02x}")).collect();
    let time = time(info.next(0x18)?).ok_or(TimestampError::Form("its time is none"))?;
    let (_, _) = (info.optional(0x30)?, info.optional(0x01)?);
    let nonce = info.optional(0x02)?.map(|n| n.iter().copied().skip_while(|byte| *byte == 0).collect());
    Ok(Stamp { imprint, time, policy, serial, nonce })
}

/// GeneralizedTime in the form of RFC 3161: `YYYYMMDDhhmmss[.s…]Z`.
fn time(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?.strip_suffix('Z')?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.len() != 14 || !digits(whole) || !digits(fraction) || fraction.len() > 9 {
        return None;
    }
    let part = |from: usize, to: usize| &whole[from..to];
    let fraction = if fraction.is_empty() { String::new() } else { format!(".{fraction}") };
    let (date, hour) = ([part(0, 4), part(4, 6), part(6, 8)].join("-"), part(8, 10));
    Some(format!("{date}T{hour}:{}:{}{fraction}Z", part(10, 12), part(12, 14)))
}

/// An object identifier in dots; parts beyond 64 bits are cut.
fn dotted(bytes: &[u8]) -> String {
    let (mut parts, mut part) = (Vec::new(), 0_u64);
    for byte in bytes {
        part = part << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            match parts.is_empty() {
                true => {
                    let first = (part / 40).min(2);
                    parts.extend([first, part - 40 * first]);
                }
                false => parts.push(part),
            }
            part = 0;
        }
    }
    parts.iter().map(ToString::to_string).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hostile::survives;

    fn response(time: &[u8], status: u8) -> Vec<u8> {
        let algorithm = item(0x30, &item(0x06, SHA256));
        let imprint = item(0x30, &[algorithm, item(0x04, &[7; 32])].concat());
        let nonce = item(0x02, &[&[0], nonce_bytes(5).as_slice()].concat());
        let policy = item(0x06, &[0x2a, 0x03, 0x04, 0x01]);
        let info = [item(0x02, &[1]), policy, imprint, item(0x02, &[0x0b]), item(0x18, time), nonce].concat();
        let octets = item(0xa0, &item(0x04, &item(0x30, &info)));
        let encapsulated = item(0x30, &[item(0x06, TST_INFO), octets].concat());
        let signed = item(0x30, &[item(0x02, &[3]), item(0x31, &[]), encapsulated].concat());
        let content = item(0x30, &[item(0x06, SIGNED_DATA), item(0xa0, &signed)].concat());
        item(0x30, &[item(0x30, &item(0x02, &[status])), content].concat())
    }

    #[test]
    fn a_response_says_over_what_when_and_under_which_policy() {
        let stamp = read(&response(b"20261130120000.25Z", 0)).unwrap();
        assert_eq!(stamp.imprint, [7; 32]);
        assert_eq!((stamp.time.as_str(), stamp.policy.as_str()), ("2026-11-30T12:00:00.25Z", "1.2.3.4.1"));
        assert_eq!((stamp.serial.as_str(), stamp.nonce), ("0b", Some(nonce_bytes(5))));
    }

    #[test]
    fn what_was_not_granted_or_has_no_time_is_refused() {
        assert_eq!(read(&response(b"20261130120000Z", 2)), Err(TimestampError::Refused(2)));
        for time in [&b"2026113012000Z"[..], b"20261130120000", b"2026113012000xZ", b"20261130120000.1234567890Z"]
        {
            assert!(matches!(read(&response(time, 0)), Err(TimestampError::Form(_))));
        }
        let mut longer = response(b"20261130120000Z", 0);
        longer.push(0);
        assert!(matches!(read(&longer), Err(TimestampError::Form(_))));
    }

    #[test]
    fn no_bytes_make_the_reader_panic() {
        survives(&response(b"20261130120000Z", 0), read);
    }

    #[test]
    fn a_query_has_the_bytes_that_openssl_writes() {
        let query = query(&[7; 32], 1);
        assert_eq!(query.len(), 2 + 3 + 51 + 11 + 3);
        assert_eq!(&query[..8], [0x30, 68, 2, 1, 1, 0x30, 49, 0x30]);
        assert_eq!(&query[query.len() - 14..], [2, 9, 0, 0x80, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0xff]);
    }
}
