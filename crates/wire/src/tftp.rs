//! TFTP read requests and their answers (RFC 1350, options RFC 2347 to 2349). Nothing is written to a server.

use crate::Malformed;
use crate::reader::Reader;

/// A request to read a file in octet mode; `with_size` asks for its size by the `tsize` option.
#[must_use]
pub fn read_request(file: &str, with_size: bool) -> Vec<u8> {
    let mut out = vec![0, 1];
    out.extend(file.bytes().filter(|byte| *byte != 0));
    out.extend_from_slice(b"\0octet\0");
    if with_size {
        out.extend_from_slice(b"tsize\x000\0");
    }
    out
}

/// An acknowledgement of a block; block 0 acknowledges options.
#[must_use]
pub fn acknowledgement(block: u16) -> [u8; 4] {
    let [high, low] = block.to_be_bytes();
    [0, 4, high, low]
}

/// An error that ends a transfer: we have seen enough.
#[must_use]
pub fn end_of_transfer() -> &'static [u8] {
    b"\0\x05\0\0done\0"
}

/// A packet of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Packet {
    /// A block of the file; fewer than 512 bytes are the last.
    Data {
        /// Its number, from 1.
        block: u16,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// Options the server agrees to.
    OptionAcknowledgement(Vec<(String, String)>),
    /// An error: 1 file not found, 2 access violation.
    Error {
        /// Its code.
        code: u16,
        /// Its text.
        text: String,
    },
}

/// Reads a datagram.
///
/// # Errors
/// When it is no packet a server sends to a reader.
pub fn read(datagram: &[u8]) -> Result<Packet, Malformed> {
    let mut reader = Reader::new(datagram, "tftp packet");
    Ok(match reader.u16()? {
        3 => Packet::Data { block: reader.u16()?, bytes: reader.rest().to_vec() },
        5 => {
            let code = reader.u16()?;
            let text = strings(reader.rest()).into_iter().next().unwrap_or_default();
            Packet::Error { code, text }
        }
        6 => {
            let all = strings(reader.rest());
            let pairs = all.as_chunks::<2>().0.iter();
            Packet::OptionAcknowledgement(pairs.map(|[name, value]| (name.clone(), value.clone())).collect())
        }
        _ => return Err(Malformed::Invalid("tftp operation")),
    })
}

fn strings(bytes: &[u8]) -> Vec<String> {
    let bytes = bytes.strip_suffix(&[0]).unwrap_or(bytes);
    bytes.split(|byte| *byte == 0).take(64).map(|text| String::from_utf8_lossy(text).into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_request_names_file_and_mode() {
        assert_eq!(read_request("a\0b", true), b"\0\x01ab\0octet\0tsize\x000\0");
    }

    #[test]
    fn answers_are_told_apart() {
        let data = Packet::Data { block: 1, bytes: b"hi".to_vec() };
        assert_eq!(read(b"\0\x03\0\x01hi"), Ok(data));
        let error = Packet::Error { code: 1, text: "File not found".into() };
        assert_eq!(read(b"\0\x05\0\x01File not found\0"), Ok(error));
        let options = Packet::OptionAcknowledgement(vec![("tsize".into(), "12".into())]);
        assert_eq!(read(b"\0\x06tsize\x0012\0"), Ok(options));
        assert!(read(&acknowledgement(1)).is_err());
    }

    #[test]
    fn no_bytes_make_the_reader_panic() {
        crate::hostile::survives(b"\0\x06tsize\x0012\0", read);
    }
}
