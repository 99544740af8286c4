//! NTP: the client's question and its answer (RFC 5905), control mode 6 (RFC 9327) and the old mode 7.
//!
//! No clock is set or compared; timestamps are passed through.

use crate::Malformed;
use crate::reader::Reader;

/// A client request; `transmit` is any 64-bit timestamp and comes back as `origin`.
#[must_use]
pub fn client_request(version: u8, transmit: u64) -> [u8; 48] {
    let mut out = [0; 48];
    out[0] = (version & 7) << 3 | 3;
    out[40..].copy_from_slice(&transmit.to_be_bytes());
    out
}

/// An answer of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// 3 means that the server's clock is not set.
    pub leap: u8,
    /// The version.
    pub version: u8,
    /// 4 for a server.
    pub mode: u8,
    /// 0 for a kiss of death, 1 for a primary server.
    pub stratum: u8,
    /// Four letters or the address of the server's own source.
    pub reference_id: [u8; 4],
    /// The timestamp of the request.
    pub origin: u64,
    /// When the request came, in units of 2^-32 s since 1900.
    pub receive: u64,
    /// When the answer left.
    pub transmit: u64,
}

/// Reads an answer to [`client_request`].
///
/// # Errors
/// When it is shorter than 48 bytes or no answer of a server.
pub fn read_answer(datagram: &[u8]) -> Result<Answer, Malformed> {
    let mut reader = Reader::new(datagram, "ntp packet");
    let head = reader.u8()?;
    let stratum = reader.u8()?;
    reader.take(10)?;
    let reference_id = reader.array()?;
    reader.take(8)?;
    let (origin, receive, transmit) = (reader.u64()?, reader.u64()?, reader.u64()?);
    if head & 7 != 4 {
        return Err(Malformed::Invalid("ntp mode"));
    }
    Ok(Answer {
        leap: head >> 6,
        version: head >> 3 & 7,
        mode: head & 7,
        stratum,
        reference_id,
        origin,
        receive,
        transmit,
    })
}

/// A mode 6 request for the server's variables, which often name its software and system.
#[must_use]
pub fn read_variables_request(sequence: u16) -> [u8; 12] {
    let [high, low] = sequence.to_be_bytes();
    [0x16, 2, high, low, 0, 0, 0, 0, 0, 0, 0, 0]
}

/// A fragment of a mode 6 answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlAnswer {
    /// The request's sequence number.
    pub sequence: u16,
    /// Whether the server reports an error.
    pub is_error: bool,
    /// Whether further fragments follow.
    pub more: bool,
    /// Where this fragment belongs.
    pub offset: u16,
    /// The text, such as `version="ntpd 4.2.6", system="Linux"`.
    pub data: Vec<u8>,
}

/// Reads a mode 6 answer.
///
/// # Errors
/// When it is no answer of mode 6, or shorter than it says.
pub fn read_control(datagram: &[u8]) -> Result<ControlAnswer, Malformed> {
    let mut reader = Reader::new(datagram, "ntp control packet");
    let (head, operation) = (reader.u8()?, reader.u8()?);
    if head & 7 != 6 || operation & 0x80 == 0 {
        return Err(Malformed::Invalid("ntp mode"));
    }
    let sequence = reader.u16()?;
    reader.take(4)?;
    let (offset, count) = (reader.u16()?, reader.u16()?);
    Ok(ControlAnswer {
        sequence,
        is_error: operation & 0x40 != 0,
        more: operation & 0x20 != 0,
        offset,
        data: reader.take(usize::from(count))?.to_vec(),
    })
}

/// The variables in the text of a mode 6 answer.
#[must_use]
pub fn variables(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((name, behind)) = rest.split_once('=').filter(|_| found.len() < 128) {
        let (value, after) = match behind.strip_prefix('"') {
            Some(quoted) => {
                let (value, after) = quoted.split_once('"').unwrap_or((quoted, ""));
                (value, after.split_once(',').map_or("", |(_, after)| after))
            }
            None => behind.split_once(',').unwrap_or((behind, "")),
        };
        found.push((name.trim().to_owned(), value.trim().to_owned()));
        rest = after;
    }
    found
}

/// A mode 7 request for the list of recent clients (`monlist`), which old servers answer many times over.
#[must_use]
pub fn monitor_list_request() -> [u8; 8] {
    [0x17, 0, 3, 0x2a, 0, 0, 0, 0]
}

/// Reads a mode 7 answer: how many items it lists and of which size; both 0 for a refusal.
///
/// # Errors
/// When it is no answer of mode 7.
pub fn read_private(datagram: &[u8]) -> Result<(u16, u16), Malformed> {
    let mut reader = Reader::new(datagram, "ntp private packet");
    let head = reader.u8()?;
    if head & 7 != 7 || head & 0x80 == 0 {
        return Err(Malformed::Invalid("ntp mode"));
    }
    reader.take(3)?;
    let (count, size) = (reader.u16()?, reader.u16()?);
    let is_error = count >> 12 != 0;
    Ok(if is_error { (0, 0) } else { (count & 0x0fff, size & 0x0fff) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn control() -> Vec<u8> {
        let text = b"version=\"ntpd 4.2, x\", processor=\"mips\", stratum=3\r\n";
        let mut bytes = vec![0x16, 0x82, 0, 1, 0, 0, 0, 0, 0, 0, 0, text.len() as u8];
        bytes.extend_from_slice(text);
        bytes
    }

    #[test]
    fn an_answer_gives_back_the_origin() {
        let mut bytes = client_request(4, 0x0102_0304_0506_0708);
        assert_eq!(bytes[0], 0x23);
        bytes[0] = 0x24;
        bytes[1] = 2;
        bytes.copy_within(40..48, 24);
        let answer = read_answer(&bytes).unwrap();
        assert_eq!((answer.stratum, answer.version, answer.origin), (2, 4, 0x0102_0304_0506_0708));
        assert!(read_answer(&client_request(4, 1)).is_err(), "a request is no answer");
    }

    #[test]
    fn variables_are_read() {
        let answer = read_control(&control()).unwrap();
        let found = variables(&String::from_utf8_lossy(&answer.data));
        assert_eq!(found[0], ("version".into(), "ntpd 4.2, x".into()));
        assert_eq!(found[2], ("stratum".into(), "3".into()));
    }

    #[test]
    fn a_refused_monitor_list_counts_nothing() {
        assert_eq!(read_private(&[0x97, 0, 3, 0x2a, 0x40, 0, 0, 0]), Ok((0, 0)));
        assert_eq!(read_private(&[0x97, 0, 3, 0x2a, 0, 6, 0, 72]), Ok((6, 72)));
    }

    #[test]
    fn no_bytes_make_the_readers_panic() {
        crate::hostile::survives(&client_request(4, 7), read_answer);
        crate::hostile::survives(&[0x97, 0, 3, 0x2a, 0, 6, 0, 72], read_private);
        crate::hostile::survives(&control(), |bytes| {
            read_control(bytes).map(|answer| variables(&String::from_utf8_lossy(&answer.data)))
        });
    }
}
