//! Messages and their records.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::Name;
use crate::Malformed;
use crate::reader::{Reader, put_vec};

const MOST_RECORDS: usize = 512;

/// Record types and classes (IANA registry "DNS Parameters").
pub mod kind {
    /// IPv4 address.
    pub const A: u16 = 1;
    /// Name server.
    pub const NS: u16 = 2;
    /// Alias.
    pub const CNAME: u16 = 5;
    /// Pointer; in DNS-SD the instances of a service.
    pub const PTR: u16 = 12;
    /// Text; in DNS-SD the properties of a service.
    pub const TXT: u16 = 16;
    /// IPv6 address.
    pub const AAAA: u16 = 28;
    /// Host and port of a service.
    pub const SRV: u16 = 33;
    /// EDNS options.
    pub const OPT: u16 = 41;
    /// Any type.
    pub const ANY: u16 = 255;
    /// The internet.
    pub const CLASS_IN: u16 = 1;
    /// Chaos, where servers tell their version.
    pub const CLASS_CHAOS: u16 = 3;
}

/// Bits of the flags word.
pub mod flags {
    /// It is an answer.
    pub const RESPONSE: u16 = 0x8000;
    /// The server is the authority.
    pub const AUTHORITATIVE: u16 = 0x0400;
    /// The answer was cut.
    pub const TRUNCATED: u16 = 0x0200;
    /// Recursion is wanted.
    pub const RECURSION_DESIRED: u16 = 0x0100;
    /// Recursion is offered.
    pub const RECURSION_AVAILABLE: u16 = 0x0080;
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Message {
    /// The id that joins answer and question; 0 in multicast.
    pub id: u16,
    /// See [`flags`].
    pub flags: u16,
    /// Questions.
    pub questions: Vec<Question>,
    /// Answers.
    pub answers: Vec<Record>,
    /// Authority records.
    pub authorities: Vec<Record>,
    /// Additional records.
    pub additionals: Vec<Record>,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The name asked for.
    pub name: Name,
    /// See [`kind`].
    pub kind: u16,
    /// The class; in multicast its highest bit asks for a unicast answer.
    pub class: u16,
}

/// A resource record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its owner.
    pub name: Name,
    /// The class; in multicast its highest bit flushes caches.
    pub class: u16,
    /// Seconds to live.
    pub ttl: u32,
    /// The data.
    pub data: Data,
}

/// The data of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Data {
    /// IPv4 address.
    A(Ipv4Addr),
    /// IPv6 address.
    Aaaa(Ipv6Addr),
    /// Pointer.
    Ptr(Name),
    /// Alias.
    Cname(Name),
    /// Name server.
    Ns(Name),
    /// Service.
    Srv {
        /// Lower is tried first.
        priority: u16,
        /// Share among equals.
        weight: u16,
        /// The port.
        port: u16,
        /// The host.
        target: Name,
    },
    /// Strings.
    Txt(Vec<Vec<u8>>),
    /// Another type with its bytes, or a known one whose bytes do not fit it.
    Other {
        /// The type.
        kind: u16,
        /// The bytes.
        bytes: Vec<u8>,
    },
}

impl Message {
    /// Whether it is an answer.
    #[must_use]
    pub fn is_response(&self) -> bool {
        self.flags & flags::RESPONSE != 0
    }

    /// The response code: 0 no error, 3 no such name, 5 refused.
    #[must_use]
    pub fn response_code(&self) -> u8 {
        (self.flags & 0x0f) as u8
    }

    /// Answers, authorities and additionals in order.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.answers.iter().chain(&self.authorities).chain(&self.additionals)
    }

    /// The bytes to send, names compressed.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut written = Vec::new();
        let sections = [&self.answers, &self.authorities, &self.additionals];
        out.extend(self.id.to_be_bytes());
        out.extend(self.flags.to_be_bytes());
        out.extend((self.questions.len() as u16).to_be_bytes());
        for section in sections {
            out.extend((section.len() as u16).to_be_bytes());
        }
        for question in &self.questions {
            question.name.write(&mut out, &mut written);
            out.extend(question.kind.to_be_bytes());
            out.extend(question.class.to_be_bytes());
        }
        for record in sections.into_iter().flatten() {
            record.write(&mut out, &mut written);
        }
        out
    }

    /// The bytes to send over TCP, with the length in front (RFC 1035 section 4.2.2).
    #[must_use]
    pub fn to_tcp_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put_vec(&mut out, 2, &self.to_bytes());
        out
    }

    /// Reads a message.
    ///
    /// # Errors
    /// When it is cut short, a name does not end, or it has more than 512 records.
    pub fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut head = Reader::new(bytes, "dns head");
        let mut message = Self { id: head.u16()?, flags: head.u16()?, ..Self::default() };
        let counts = [head.u16()?, head.u16()?, head.u16()?, head.u16()?].map(usize::from);
        if counts.iter().sum::<usize>() > MOST_RECORDS {
            return Err(Malformed::TooLarge("dns records"));
        }
        let mut at = 12;
        for _ in 0..counts[0] {
            let (name, behind) = Name::read(bytes, at)?;
            let mut rest = Reader::new(bytes.get(behind..).unwrap_or_default(), "dns question");
            message.questions.push(Question { name, kind: rest.u16()?, class: rest.u16()? });
            at = behind + 4;
        }
        let sections = [&mut message.answers, &mut message.authorities, &mut message.additionals];
        for (section, count) in sections.into_iter().zip(&counts[1..]) {
            for _ in 0..*count {
                let (record, behind) = Record::read(bytes, at)?;
                section.push(record);
                at = behind;
            }
        }
        Ok(message)
    }
}

impl Record {
    fn read(message: &[u8], at: usize) -> Result<(Self, usize), Malformed> {
        let (name, behind) = Name::read(message, at)?;
        let mut rest = Reader::new(message.get(behind..).unwrap_or_default(), "dns record");
        let (kind, class, ttl) = (rest.u16()?, rest.u16()?, rest.u32()?);
        let bytes = rest.vec16()?;
        let start = behind + 10;
        let end = start + bytes.len();
        let data = Data::read(&message[..end], start, kind)
            .unwrap_or_else(|_| Data::Other { kind, bytes: bytes.to_vec() });
        Ok((Self { name, class, ttl, data }, end))
    }

    fn write(&self, out: &mut Vec<u8>, written: &mut Vec<(Vec<Vec<u8>>, u16)>) {
        self.name.write(out, written);
        out.extend(self.data.kind().to_be_bytes());
        out.extend(self.class.to_be_bytes());
        out.extend(self.ttl.to_be_bytes());
        let length_at = out.len();
        out.extend([0, 0]);
        match &self.data {
            Data::A(address) => out.extend(address.octets()),
            Data::Aaaa(address) => out.extend(address.octets()),
            Data::Ptr(name) | Data::Cname(name) | Data::Ns(name) => name.write(out, written),
            Data::Srv { priority, weight, port, target } => {
                for number in [priority, weight, port] {
                    out.extend(number.to_be_bytes());
                }
                // RFC 2782: the target is not compressed.
                target.write(out, &mut Vec::new());
            }
            Data::Txt(strings) => {
                for string in strings {
                    put_vec(out, 1, string);
                }
            }
            Data::Other { bytes, .. } => out.extend(bytes),
        }
        let length = ((out.len() - length_at - 2) as u16).to_be_bytes();
        out[length_at..length_at + 2].copy_from_slice(&length);
    }
}

impl Data {
    /// The record type.
    #[must_use]
    pub fn kind(&self) -> u16 {
        match self {
            Self::A(_) => kind::A,
            Self::Aaaa(_) => kind::AAAA,
            Self::Ptr(_) => kind::PTR,
            Self::Cname(_) => kind::CNAME,
            Self::Ns(_) => kind::NS,
            Self::Srv { .. } => kind::SRV,
            Self::Txt(_) => kind::TXT,
            Self::Other { kind, .. } => *kind,
        }
    }

    fn read(message: &[u8], start: usize, record_kind: u16) -> Result<Self, Malformed> {
        let mut reader = Reader::new(message.get(start..).unwrap_or_default(), "dns record data");
        Ok(match record_kind {
            kind::A => Self::A(Ipv4Addr::from(reader.array::<4>()?)),
            kind::AAAA => Self::Aaaa(Ipv6Addr::from(reader.array::<16>()?)),
            kind::PTR => Self::Ptr(Name::read(message, start)?.0),
            kind::CNAME => Self::Cname(Name::read(message, start)?.0),
            kind::NS => Self::Ns(Name::read(message, start)?.0),
            kind::SRV => Self::Srv {
                priority: reader.u16()?,
                weight: reader.u16()?,
                port: reader.u16()?,
                target: Name::read(message, start + 6)?.0,
            },
            kind::TXT => {
                let mut strings = Vec::new();
                while !reader.is_empty() {
                    strings.push(reader.vec8()?.to_vec());
                }
                Self::Txt(strings)
            }
            _ => Self::Other { kind: record_kind, bytes: reader.rest().to_vec() },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer() -> Message {
        let name = |text: &str| Name::parse(text).unwrap();
        let record = |owner: &str, data| Record { name: name(owner), class: 0x8001, ttl: 120, data };
        Message {
            id: 7,
            flags: flags::RESPONSE | flags::AUTHORITATIVE,
            questions: vec![Question { name: name("_http._tcp.local"), kind: kind::PTR, class: 1 }],
            answers: vec![record("_http._tcp.local", Data::Ptr(name("Lamp._http._tcp.local")))],
            authorities: Vec::new(),
            additionals: vec![
                record(
                    "Lamp._http._tcp.local",
                    Data::Srv { priority: 0, weight: 1, port: 80, target: name("lamp.local") },
                ),
                record("Lamp._http._tcp.local", Data::Txt(vec![b"model=L1".to_vec(), Vec::new()])),
                record("lamp.local", Data::A(Ipv4Addr::new(192, 0, 2, 7))),
                record("lamp.local", Data::Aaaa(Ipv6Addr::LOCALHOST)),
                record("lamp.local", Data::Other { kind: 47, bytes: vec![1, 2] }),
            ],
        }
    }

    #[test]
    fn what_is_built_is_read_back_and_compressed() {
        let bytes = answer().to_bytes();
        assert_eq!(Message::read(&bytes).unwrap(), answer());
        assert_eq!(bytes.windows(5).filter(|window| *window == b"_http").count(), 1);
    }

    #[test]
    fn data_that_does_not_fit_its_type_is_kept_as_bytes() {
        let mut message = answer();
        message.additionals = vec![Record {
            name: Name::default(),
            class: 1,
            ttl: 0,
            data: Data::Other { kind: kind::A, bytes: vec![1] },
        }];
        assert_eq!(Message::read(&message.to_bytes()).unwrap(), message);
    }

    #[test]
    fn an_announced_count_beyond_the_bound_is_refused() {
        let bytes = [0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0];
        assert_eq!(Message::read(&bytes), Err(Malformed::TooLarge("dns records")));
    }

    #[test]
    fn no_bytes_make_the_reader_panic() {
        crate::hostile::survives(&answer().to_bytes(), |bytes| {
            Message::read(bytes).map(|message| super::super::service_discovery::instances(&[message]))
        });
    }
}
