//! TFTP (RFC 1350): one block of one file for every read request.

const READ: u16 = 1;
const WRITE: u16 = 2;
const FILE: &str = "config.bin";

/// The answer to one datagram; `None` when it asks for nothing.
pub(crate) fn answer(datagram: &[u8]) -> Option<Vec<u8>> {
    let (code, rest) = datagram.split_at_checked(2)?;
    match u16::from_be_bytes([code[0], code[1]]) {
        READ => {
            let name = rest.split(|byte| *byte == 0).next()?;
            if name == FILE.as_bytes() {
                return Some(b"\0\x03\0\x01LPC-1 configuration\n".to_vec());
            }
            Some(b"\0\x05\0\x01File not found\0".to_vec())
        }
        WRITE => Some(b"\0\x05\0\x02Access violation\0".to_vec()),
        _ => None,
    }
}
