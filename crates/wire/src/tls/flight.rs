//! What a server answers to a ClientHello, read across records and segments until encryption would start.

use super::client_hello::{extension, read_list16};
use super::suites::CipherSuite;
use super::{ClientHello, ServerKeyExchange, Version, content_type};
use crate::Malformed;
use crate::reader::Reader;

const MOST_RECORD: usize = (1 << 14) + 2048;
pub(super) const MOST_HANDSHAKE: usize = 256 * 1024;
const MOST_CERTIFICATES: usize = 32;

/// A record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// See [`content_type`].
    pub content_type: u8,
    /// The version in the record's head.
    pub version: Version,
    /// The fragment.
    pub payload: Vec<u8>,
}

/// Cuts a stream into records.
#[derive(Debug, Clone, Default)]
pub struct RecordReader {
    buffer: Vec<u8>,
}

impl RecordReader {
    /// Takes the next bytes received.
    pub fn feed(&mut self, received: &[u8]) {
        self.buffer.extend_from_slice(received);
    }

    /// The next whole record, if there is one.
    ///
    /// # Errors
    /// When the bytes are no TLS record, or it is larger than the protocol allows.
    pub fn next_record(&mut self) -> Result<Option<Record>, Malformed> {
        if self.buffer.first().is_some_and(|first| !(20..=24).contains(first))
            || self.buffer.get(1).is_some_and(|major| *major != 3)
        {
            return Err(Malformed::Invalid("tls record head"));
        }
        let Some([kind, major, minor, high, low]) = self.buffer.first_chunk::<5>().copied() else {
            return Ok(None);
        };
        let length = usize::from(u16::from_be_bytes([high, low]));
        if length > MOST_RECORD {
            return Err(Malformed::TooLarge("tls record"));
        }
        if self.buffer.len() < 5 + length {
            return Ok(None);
        }
        let payload = self.buffer[5..5 + length].to_vec();
        self.buffer.drain(..5 + length);
        Ok(Some(Record { content_type: kind, version: Version(u16::from_be_bytes([major, minor])), payload }))
    }
}

/// A message of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// The choice of version and suite.
    ServerHello(ServerHello),
    /// The certificates in order, each in DER; only up to TLS 1.2.
    Certificate(Vec<Vec<u8>>),
    /// The ephemeral key.
    ServerKeyExchange(ServerKeyExchange),
    /// The server asks for a client certificate.
    CertificateRequest(CertificateRequest),
    /// The flight is over; only up to TLS 1.2.
    ServerHelloDone,
    /// An alert.
    Alert(Alert),
    /// From here on everything is encrypted.
    Encrypted,
    /// Another handshake message, by its type.
    Other(u8),
}

/// A ServerHello or a HelloRetryRequest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerHello {
    /// The version chosen, from `supported_versions` where the server sent it.
    pub version: Version,
    /// The version in the record's head.
    pub record_version: Version,
    /// The server's random bytes.
    pub random: [u8; 32],
    /// The session id.
    pub session_id: Vec<u8>,
    /// The suite chosen.
    pub suite: u16,
    /// The compression method; 1 is DEFLATE.
    pub compression: u8,
    /// Whether it is a HelloRetryRequest (RFC 8446 section 4.1.4).
    pub is_retry: bool,
    /// The group of the key share, or the one asked for in a HelloRetryRequest.
    pub key_share_group: Option<u16>,
    /// The application protocol chosen.
    pub alpn: Option<Vec<u8>>,
    /// The numbers of all extensions, in order.
    pub extensions: Vec<u16>,
}

impl ServerHello {
    /// The suite chosen, where its number is known.
    #[must_use]
    pub fn cipher_suite(&self) -> Option<&'static CipherSuite> {
        CipherSuite::of(self.suite)
    }

    /// Whether the server sent this extension, such as [`extension::RENEGOTIATION_INFO`].
    #[must_use]
    pub fn has(&self, number: u16) -> bool {
        self.extensions.contains(&number)
    }

    pub(crate) fn read(body: &[u8], record_version: Version) -> Result<Self, Malformed> {
        // SHA-256 of "HelloRetryRequest", RFC 8446 section 4.1.3.
        const RETRY: [u8; 32] = [
            0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2,
            0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
        ];
        let mut reader = Reader::new(body, "tls server hello");
        let mut hello = Self {
            version: Version(reader.u16()?),
            record_version,
            random: reader.array()?,
            session_id: reader.vec8()?.to_vec(),
            suite: reader.u16()?,
            compression: reader.u8()?,
            is_retry: false,
            key_share_group: None,
            alpn: None,
            extensions: Vec::new(),
        };
        hello.is_retry = hello.random == RETRY;
        if reader.is_empty() {
            return Ok(hello);
        }
        let mut extensions = Reader::new(reader.vec16()?, "tls server hello extensions");
        while !extensions.is_empty() {
            let (number, content) = (extensions.u16()?, extensions.vec16()?);
            hello.extensions.push(number);
            let mut content = Reader::new(content, "tls server hello extension");
            match number {
                extension::SUPPORTED_VERSIONS => hello.version = Version(content.u16()?),
                extension::KEY_SHARE => hello.key_share_group = Some(content.u16()?),
                extension::ALPN => {
                    let mut names = Reader::new(content.vec16()?, "tls alpn");
                    hello.alpn = Some(names.vec8()?.to_vec());
                }
                _ => {}
            }
        }
        Ok(hello)
    }
}

/// What the server accepts as a client certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateRequest {
    /// Certificate types (RFC 5246 section 7.4.4): 1 RSA, 64 ECDSA.
    pub certificate_types: Vec<u8>,
    /// Signature algorithms; only in TLS 1.2.
    pub signature_algorithms: Vec<u16>,
    /// Accepted authorities, each a name in DER.
    pub authorities: Vec<Vec<u8>>,
}

impl CertificateRequest {
    fn read(body: &[u8], version: Version) -> Result<Self, Malformed> {
        let mut reader = Reader::new(body, "tls certificate request");
        let certificate_types = reader.vec8()?.to_vec();
        let signature_algorithms =
            if version == Version::TLS12 { read_list16(reader.vec16()?) } else { Vec::new() };
        let mut names = Reader::new(reader.vec16()?, "tls certificate authorities");
        let mut authorities = Vec::new();
        while !names.is_empty() {
            authorities.push(names.vec16()?.to_vec());
        }
        Ok(Self { certificate_types, signature_algorithms, authorities })
    }
}

/// An alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alert {
    /// Whether it ends the connection.
    pub is_fatal: bool,
    /// The number of its description; see [`alert_name`].
    pub description: u8,
}

/// The name of an alert (IANA registry "TLS Alerts").
#[must_use]
pub fn alert_name(description: u8) -> Option<&'static str> {
    Some(match description {
        0 => "close_notify",
        10 => "unexpected_message",
        20 => "bad_record_mac",
        21 => "decryption_failed",
        22 => "record_overflow",
        30 => "decompression_failure",
        40 => "handshake_failure",
        41 => "no_certificate",
        42 => "bad_certificate",
        43 => "unsupported_certificate",
        44 => "certificate_revoked",
        45 => "certificate_expired",
        46 => "certificate_unknown",
        47 => "illegal_parameter",
        48 => "unknown_ca",
        49 => "access_denied",
        50 => "decode_error",
        51 => "decrypt_error",
        60 => "export_restriction",
        70 => "protocol_version",
        71 => "insufficient_security",
        80 => "internal_error",
        86 => "inappropriate_fallback",
        90 => "user_canceled",
        100 => "no_renegotiation",
        109 => "missing_extension",
        110 => "unsupported_extension",
        112 => "unrecognized_name",
        113 => "bad_certificate_status_response",
        115 => "unknown_psk_identity",
        116 => "certificate_required",
        120 => "no_application_protocol",
        _ => return None,
    })
}

/// Reads the answer of a server message by message.
#[derive(Debug, Clone, Default)]
pub struct FlightReader {
    records: RecordReader,
    handshake: Vec<u8>,
    alert: Vec<u8>,
    chosen: Option<(Version, u16)>,
    encrypted: bool,
}

impl FlightReader {
    /// A reader at the start of a connection.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes received; `next_message` reads them.
    pub fn feed(&mut self, received: &[u8]) {
        if !self.encrypted {
            self.records.feed(received);
        }
    }

    /// The next whole message; none while more bytes are needed, and for ever after [`Message::Encrypted`].
    ///
    /// # Errors
    /// When the bytes are no TLS, cut inside a message, or above a bound.
    pub fn next_message(&mut self) -> Result<Option<Message>, Malformed> {
        while !self.encrypted {
            if let Some(message) = self.handshake_message()? {
                return Ok(Some(message));
            }
            if let Some([level, description]) = self.alert.first_chunk::<2>().copied() {
                self.alert.drain(..2);
                return Ok(Some(Message::Alert(Alert { is_fatal: level == 2, description })));
            }
            let Some(record) = self.records.next_record()? else { return Ok(None) };
            match record.content_type {
                content_type::HANDSHAKE => {
                    self.handshake.extend_from_slice(&record.payload);
                    if self.handshake.len() > MOST_HANDSHAKE + MOST_RECORD {
                        return Err(Malformed::TooLarge("tls handshake"));
                    }
                    self.chosen = self.chosen.or(Some((record.version, 0)));
                }
                content_type::ALERT => self.alert.extend_from_slice(&record.payload),
                // RFC 8446 appendix D.4 lets this record stand anywhere in a TLS 1.3 flight.
                content_type::CHANGE_CIPHER_SPEC
                    if self.chosen.is_some_and(|(version, _)| version == Version::TLS13) => {}
                _ => {
                    self.encrypted = true;
                    return Ok(Some(Message::Encrypted));
                }
            }
        }
        Ok(None)
    }

    fn handshake_message(&mut self) -> Result<Option<Message>, Malformed> {
        let Some([kind, high, middle, low]) = self.handshake.first_chunk::<4>().copied() else {
            return Ok(None);
        };
        let length = u32::from_be_bytes([0, high, middle, low]) as usize;
        if length > MOST_HANDSHAKE {
            return Err(Malformed::TooLarge("tls handshake"));
        }
        if self.handshake.len() < 4 + length {
            return Ok(None);
        }
        let body: Vec<u8> = self.handshake.drain(..4 + length).skip(4).collect();
        let (version, suite) = self.chosen.unwrap_or((Version::TLS12, 0));
        let message = message(kind, &body, version, suite)?;
        if let Message::ServerHello(hello) = &message {
            self.chosen = Some((hello.version, hello.suite));
        }
        Ok(Some(message))
    }
}

/// Reads the body of a handshake message, where this version and suite were chosen.
pub(super) fn message(kind: u8, body: &[u8], version: Version, suite: u16) -> Result<Message, Malformed> {
    Ok(match kind {
        2 => Message::ServerHello(ServerHello::read(body, version)?),
        11 => Message::Certificate(certificates(body)?),
        12 => Message::ServerKeyExchange(ServerKeyExchange::read(body, version, suite)?),
        13 => Message::CertificateRequest(CertificateRequest::read(body, version)?),
        14 => Message::ServerHelloDone,
        other => Message::Other(other),
    })
}

pub(crate) fn certificates(body: &[u8]) -> Result<Vec<Vec<u8>>, Malformed> {
    let mut reader = Reader::new(body, "tls certificate");
    let mut list = Reader::new(reader.vec24()?, "tls certificate list");
    let mut found = Vec::new();
    while !list.is_empty() {
        if found.len() == MOST_CERTIFICATES {
            return Err(Malformed::TooLarge("tls certificate list"));
        }
        found.push(list.vec24()?.to_vec());
    }
    Ok(found)
}

/// Reads a whole ClientHello out of the bytes a client sent, as a test peer does; none while more are needed.
///
/// # Errors
/// When the bytes are no ClientHello.
pub fn parse_client_hello_record(received: &[u8]) -> Result<Option<ClientHello>, Malformed> {
    let mut records = RecordReader::default();
    records.feed(received);
    let mut handshake = Vec::new();
    while let Some(record) = records.next_record()? {
        if record.content_type != content_type::HANDSHAKE {
            return Err(Malformed::Invalid("tls client hello"));
        }
        handshake.extend_from_slice(&record.payload);
        let mut reader = Reader::new(&handshake, "tls client hello");
        if reader.len() >= 4 {
            if reader.u8()? != 1 {
                return Err(Malformed::Invalid("tls client hello"));
            }
            if let Ok(body) = reader.vec24() {
                return ClientHello::read(body).map(Some);
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::super::server;
    use super::*;

    fn messages(pieces: &[&[u8]]) -> Result<Vec<Message>, Malformed> {
        let mut reader = FlightReader::new();
        let mut found = Vec::new();
        for piece in pieces {
            reader.feed(piece);
            while let Some(message) = reader.next_message()? {
                found.push(message);
            }
        }
        Ok(found)
    }

    fn flight() -> Vec<u8> {
        let choice = server::Choice { version: Version::TLS10, suite: 0x002f, random: [5; 32] };
        server::flight(&choice, &[vec![1; 20_000], vec![2; 3]])
    }

    #[test]
    fn a_flight_is_read_across_records_and_segments() {
        let bytes = flight();
        for size in [1, 7, bytes.len()] {
            let found = messages(&bytes.chunks(size).collect::<Vec<_>>()).unwrap();
            let [Message::ServerHello(hello), Message::Certificate(chain), Message::ServerHelloDone] = &found[..]
            else {
                panic!("{found:?}");
            };
            assert_eq!((hello.version, hello.suite), (Version::TLS10, 0x002f));
            assert_eq!(chain.iter().map(Vec::len).collect::<Vec<_>>(), [20_000, 3]);
        }
    }

    #[test]
    fn an_alert_is_told_by_name() {
        let found = messages(&[&super::super::fatal_alert(Version::TLS12, 70)]).unwrap();
        assert_eq!(found, [Message::Alert(Alert { is_fatal: true, description: 70 })]);
        assert_eq!(alert_name(70), Some("protocol_version"));
    }

    #[test]
    fn a_retry_request_names_its_group_and_version() {
        let mut body = vec![3, 3];
        body.extend_from_slice(
            &hex::decode("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c").unwrap(),
        );
        body.extend([0, 0x13, 0x01, 0, 0, 12, 0, 43, 0, 2, 3, 4, 0, 51, 0, 2, 0, 23]);
        let bytes = super::super::records(22, Version::TLS12, &super::super::handshake(2, &body));
        let Message::ServerHello(hello) = messages(&[&bytes]).unwrap().remove(0) else { panic!() };
        assert!(hello.is_retry);
        assert_eq!((hello.version, hello.key_share_group), (Version::TLS13, Some(23)));
    }

    #[test]
    fn bytes_of_another_protocol_are_refused_at_once() {
        assert!(messages(&[b"HTTP/1.1 400 Bad Request\r\n"]).is_err());
    }

    #[test]
    fn a_client_hello_is_read_from_its_records() {
        let hello = ClientHello::offering(Version::TLS12, &[0x002f], [1; 32], None);
        let bytes = hello.to_bytes();
        assert_eq!(parse_client_hello_record(&bytes[..20]), Ok(None));
        assert_eq!(parse_client_hello_record(&bytes), Ok(Some(hello)));
        crate::hostile::survives(&bytes, parse_client_hello_record);
    }

    #[test]
    fn no_bytes_make_the_reader_panic() {
        let mut small = server::flight(
            &server::Choice { version: Version::TLS12, suite: 0xc02f, random: [5; 32] },
            &[vec![1; 9]],
        );
        for (kind, body) in [(12, vec![3, 0, 29, 1, 4, 4, 3, 0, 0]), (13, vec![1, 1, 0, 2, 4, 1, 0, 3, 0, 1, 9])] {
            small.extend(super::super::records(22, Version::TLS12, &super::super::handshake(kind, &body)));
        }
        assert_eq!(messages(&[&small]).unwrap().len(), 5);
        crate::hostile::survives(&small, |bytes| messages(&[bytes]));
    }
}
