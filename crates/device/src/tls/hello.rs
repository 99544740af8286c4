//! Reading what a ClientHello offers: versions and cipher suites (RFC 5246, 7.4.1.2; RFC 8446, 4.1.2).
//!
//! A hello split over several records is not read; rustls deals with it.

/// The offer of a client.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Offer {
    /// The highest version offered, `supported_versions` included.
    pub(super) highest: u16,
    /// The cipher suites in the order of the client.
    pub(super) suites: Vec<u16>,
    /// Whether the client would compress (RFC 3749).
    pub(super) deflate: bool,
}

/// Length of the first record with its header, once five bytes are there; `None` when it is no handshake record.
pub(super) fn record_length(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [22, 3, _, high, low, ..] => Some(5 + usize::from(u16::from_be_bytes([*high, *low]))),
        _ => None,
    }
}

/// Reads the ClientHello of a whole record.
pub(super) fn read(record: &[u8]) -> Option<Offer> {
    let mut rest = record.get(5..)?;
    let [1, _, _, _] = take(&mut rest, 4)? else {
        return None;
    };
    let mut highest = number(take(&mut rest, 2)?);
    take(&mut rest, 32)?;
    let session = usize::from(take(&mut rest, 1)?[0]);
    take(&mut rest, session)?;
    let length = usize::from(number(take(&mut rest, 2)?));
    let suites = take(&mut rest, length)?.chunks_exact(2).map(number).collect();
    let compression = usize::from(take(&mut rest, 1)?[0]);
    let deflate = take(&mut rest, compression)?.contains(&1);
    if let Some(length) = take(&mut rest, 2) {
        let mut extensions = take(&mut rest, usize::from(number(length)))?;
        while let Some(kind) = take(&mut extensions, 2) {
            let length = usize::from(number(take(&mut extensions, 2)?));
            let body = take(&mut extensions, length)?;
            if number(kind) == 43 {
                // GREASE values (RFC 8701) are above every real version and say nothing.
                let versions = body.get(1..)?.chunks_exact(2).map(number);
                highest = versions.filter(|version| *version <= 0x0304).max().unwrap_or(highest);
            }
        }
    }
    Some(Offer { highest, suites, deflate })
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (head, tail) = rest.split_at_checked(length)?;
    *rest = tail;
    Some(head)
}

fn number(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |sum, byte| (sum << 8) | u16::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hello(extensions: &[u8]) -> Vec<u8> {
        let mut body = vec![3, 3];
        body.extend([7; 32]);
        body.extend([0, 0, 4, 0x00, 0x05, 0x00, 0x2f, 1, 0]);
        if !extensions.is_empty() {
            body.extend((extensions.len() as u16).to_be_bytes());
            body.extend(extensions);
        }
        let mut record = vec![22, 3, 1, 0, body.len() as u8 + 4, 1, 0, 0, body.len() as u8];
        record.extend(body);
        record
    }

    #[test]
    fn versions_come_from_the_extension_when_there_is_one() {
        assert_eq!(read(&hello(&[])).unwrap(), Offer { highest: 0x0303, suites: vec![5, 0x2f], deflate: false });
        let offer = read(&hello(&[0, 43, 0, 5, 4, 0x7a, 0x7a, 3, 4])).unwrap();
        assert_eq!(offer.highest, 0x0304);
    }

    #[test]
    fn a_cut_hello_is_not_read_and_does_not_panic() {
        let whole = hello(&[0, 43, 0, 3, 2, 3, 4]);
        for length in 0..whole.len() - 12 {
            assert_eq!(read(&whole[..length]), None, "{length} bytes");
        }
        assert_eq!(record_length(&whole), Some(whole.len()));
        assert_eq!(record_length(b"GET / HTTP/1.1"), None);
    }
}
