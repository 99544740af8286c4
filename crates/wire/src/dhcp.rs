//! DHCP for IPv4 (RFC 2131, RFC 2132): a DISCOVER to send, any message to read.
//!
//! A device's own requests tell its vendor class and host name; a server's offers tell that it is one.

use std::net::Ipv4Addr;

use crate::Malformed;
use crate::reader::{Reader, put_vec};

/// Option numbers.
pub mod option {
    /// The host's name.
    pub const HOST_NAME: u8 = 12;
    /// Overloading of the fixed fields.
    pub const OVERLOAD: u8 = 52;
    /// The message type.
    pub const MESSAGE_TYPE: u8 = 53;
    /// The server's address.
    pub const SERVER_ID: u8 = 54;
    /// The options asked for, in an order that tells clients apart.
    pub const PARAMETER_LIST: u8 = 55;
    /// The vendor class.
    pub const VENDOR_CLASS: u8 = 60;
}

/// A DISCOVER, asking for a broadcast answer.
#[must_use]
pub fn discover(transaction: u32, hardware_address: [u8; 6]) -> Vec<u8> {
    let mut out = vec![1, 1, 6, 0];
    out.extend(transaction.to_be_bytes());
    out.extend([0, 0, 0x80, 0]);
    out.extend([0; 16]);
    out.extend(hardware_address);
    out.extend([0; 10 + 64 + 128]);
    out.extend([99, 130, 83, 99]);
    out.extend([option::MESSAGE_TYPE, 1, 1]);
    out.push(option::PARAMETER_LIST);
    put_vec(&mut out, 1, &[1, 3, 6, 12, 15, 28, 42, 43, 66, 67]);
    out.push(255);
    out
}

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A client looks for servers.
    Discover,
    /// A server offers an address.
    Offer,
    /// A client asks for an address.
    Request,
    /// A client refuses an address.
    Decline,
    /// A server grants.
    Acknowledgement,
    /// A server refuses.
    Refusal,
    /// A client gives its address back.
    Release,
    /// A client asks for settings only.
    Inform,
    /// Another type, by its number; 0 for plain BOOTP.
    Other(u8),
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What it is.
    pub kind: Kind,
    /// Whether a server sent it.
    pub from_server: bool,
    /// Joins question and answer.
    pub transaction: u32,
    /// The client's hardware address.
    pub hardware_address: [u8; 6],
    /// The address given to the client.
    pub your_address: Ipv4Addr,
    /// Options in order.
    pub options: Vec<(u8, Vec<u8>)>,
}

impl Message {
    /// The bytes of an option.
    #[must_use]
    pub fn option(&self, number: u8) -> Option<&[u8]> {
        self.options.iter().find(|(found, _)| *found == number).map(|(_, value)| value.as_slice())
    }

    /// The server that sent it, as it names itself.
    #[must_use]
    pub fn server(&self) -> Option<Ipv4Addr> {
        <[u8; 4]>::try_from(self.option(option::SERVER_ID)?).ok().map(Ipv4Addr::from)
    }

    /// Reads a message.
    ///
    /// # Errors
    /// When the fixed part or an option is cut, or the magic cookie is missing.
    pub fn read(datagram: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(datagram, "dhcp message");
        let operation = reader.u8()?;
        if !matches!(operation, 1 | 2) {
            return Err(Malformed::Invalid("dhcp operation"));
        }
        reader.take(3)?;
        let transaction = reader.u32()?;
        reader.take(8)?;
        let your_address = Ipv4Addr::from(reader.array::<4>()?);
        reader.take(8)?;
        let hardware_address = reader.array()?;
        reader.take(10 + 64 + 128)?;
        if reader.array::<4>()? != [99, 130, 83, 99] {
            return Err(Malformed::Invalid("dhcp magic cookie"));
        }
        let mut options = Vec::new();
        while !reader.is_empty() {
            match reader.u8()? {
                0 => {}
                255 => break,
                number => options.push((number, reader.vec8()?.to_vec())),
            }
        }
        let number = options.iter().find(|(number, _)| *number == option::MESSAGE_TYPE);
        let kind = match number.and_then(|(_, value)| value.first()).copied().unwrap_or(0) {
            1 => Kind::Discover,
            2 => Kind::Offer,
            3 => Kind::Request,
            4 => Kind::Decline,
            5 => Kind::Acknowledgement,
            6 => Kind::Refusal,
            7 => Kind::Release,
            8 => Kind::Inform,
            other => Kind::Other(other),
        };
        Ok(Self { kind, from_server: operation == 2, transaction, hardware_address, your_address, options })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_discover_is_read_back() {
        let read = Message::read(&discover(7, [2, 0, 0, 0, 0, 1])).unwrap();
        assert_eq!((read.kind, read.from_server, read.transaction), (Kind::Discover, false, 7));
        assert_eq!(read.hardware_address, [2, 0, 0, 0, 0, 1]);
        assert_eq!(read.option(option::PARAMETER_LIST).unwrap().len(), 10);
    }

    #[test]
    fn an_offer_names_its_server() {
        let mut bytes = discover(7, [0; 6]);
        bytes.pop();
        bytes[0] = 2;
        bytes[242] = 2;
        bytes.extend([option::SERVER_ID, 4, 192, 0, 2, 1, 255]);
        let read = Message::read(&bytes).unwrap();
        assert_eq!((read.kind, read.server()), (Kind::Offer, Some(Ipv4Addr::new(192, 0, 2, 1))));
    }

    #[test]
    fn no_bytes_make_the_reader_panic() {
        crate::hostile::survives(&discover(7, [0; 6]), Message::read);
    }
}
