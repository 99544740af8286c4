//! A server of SSL 3.0 to TLS 1.1 that shows whether a client agrees to it: its first flight, and what comes back.
//!
//! No key is ever derived. A client that answers the flight with its key exchange has agreed to the version; what it
//! encrypts after that is not read.

use md5::{Digest as _, Md5};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

use super::flight::{Alert, RecordReader};
use super::server::Choice;
use super::suites::CipherSuite;
use super::{ClientHello, Version, content_type, handshake, records};
use crate::Malformed;
use crate::reader::put_vec;

/// Suites with an RSA certificate that clients of these versions know, preferred first: those with an ephemeral key,
/// then those without.
pub const SUITES: [u16; 6] = [0xc014, 0xc013, 0xc012, 0x0035, 0x002f, 0x000a];

/// Whether a suite needs an ephemeral key on P-256 beside the certificate.
#[must_use]
pub fn is_ephemeral(suite: u16) -> bool {
    suite >> 8 == 0xc0
}

/// The suite to choose of an offer in this version; none when nothing that the client offers fits an RSA certificate.
#[must_use]
pub fn suite(offer: &ClientHello, version: Version) -> Option<u16> {
    SUITES
        .into_iter()
        .find(|suite| offer.suites.contains(suite) && !(version == Version::SSL3 && is_ephemeral(*suite)))
}

/// Whether an offer holds any suite that a version below TLS 1.2 could use: without one it cannot be agreed on.
#[must_use]
pub fn could_agree(offer: &ClientHello) -> bool {
    let usable =
        |id: &u16| CipherSuite::of(*id).is_some_and(|suite| !suite.is_signal() && suite.is_for(Version::TLS11));
    offer.suites.iter().any(usable)
}

/// Whether a client asks for secure renegotiation (RFC 5746); one that does may refuse a server without it.
#[must_use]
pub fn wants_renegotiation_info(offer: &ClientHello) -> bool {
    const SIGNAL: u16 = 0x00ff;
    let mut further = offer.further_extensions.iter();
    offer.suites.contains(&SIGNAL) || further.any(|(number, _)| *number == super::extension::RENEGOTIATION_INFO)
}

/// The parameters of an ephemeral key on P-256, as they are sent and signed (RFC 8422, 5.4).
#[must_use]
pub fn ephemeral(point: &[u8]) -> Vec<u8> {
    let mut out = vec![3, 0, 23];
    put_vec(&mut out, 1, point);
    out
}

/// What an RSA key signs in these versions: MD5 and SHA-1 one after the other (RFC 4346, 7.4.3).
#[must_use]
pub fn to_be_signed(client_random: &[u8; 32], server_random: &[u8; 32], ephemeral: &[u8]) -> Vec<u8> {
    let all = [client_random.as_slice(), server_random, ephemeral].concat();
    let mut out = Md5::digest(&all).to_vec();
    out.extend_from_slice(digest(&SHA1_FOR_LEGACY_USE_ONLY, &all).as_ref());
    out
}

/// ServerHello for this offer, Certificate, the ephemeral key with its signature where there is one, ServerHelloDone.
#[must_use]
pub fn flight(
    offer: &ClientHello,
    choice: &Choice,
    certificates: &[Vec<u8>],
    ephemeral: Option<(&[u8], &[u8])>,
) -> Vec<u8> {
    let mut hello = choice.version.0.to_be_bytes().to_vec();
    hello.extend_from_slice(&choice.random);
    hello.push(0);
    hello.extend_from_slice(&choice.suite.to_be_bytes());
    hello.push(0);
    if wants_renegotiation_info(offer) {
        // One extension: renegotiation_info, empty, for a first handshake.
        hello.extend_from_slice(&[0, 5, 0xff, 0x01, 0, 1, 0]);
    }
    let mut list = Vec::new();
    for certificate in certificates {
        put_vec(&mut list, 3, certificate);
    }
    let mut body = Vec::new();
    put_vec(&mut body, 3, &list);
    let mut messages = handshake(2, &hello);
    messages.extend(handshake(11, &body));
    if let Some((parameters, signature)) = ephemeral {
        let mut body = parameters.to_vec();
        put_vec(&mut body, 2, signature);
        messages.extend(handshake(12, &body));
    }
    messages.extend(handshake(14, &[]));
    records(content_type::HANDSHAKE, choice.version, &messages)
}

/// What a client did with the flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It went on: its key exchange came, or the change of cipher behind it.
    WentOn,
    /// It ended with this alert.
    Alerted(Alert),
}

/// Reads what a client sends after the flight.
#[derive(Debug, Clone, Default)]
pub struct AnswerReader {
    records: RecordReader,
}

impl AnswerReader {
    /// Takes the next bytes received.
    pub fn feed(&mut self, received: &[u8]) {
        self.records.feed(received);
    }

    /// What the client did; none while more bytes are needed.
    ///
    /// # Errors
    /// When the bytes are no TLS.
    pub fn next_answer(&mut self) -> Result<Option<Answer>, Malformed> {
        while let Some(record) = self.records.next_record()? {
            match (record.content_type, record.payload.as_slice()) {
                (content_type::ALERT, [level, description, ..]) => {
                    return Ok(Some(Answer::Alerted(Alert { is_fatal: *level == 2, description: *description })));
                }
                // 16 is ClientKeyExchange; a Certificate (11) comes before it where one was asked for.
                (content_type::HANDSHAKE, [16, ..]) | (content_type::CHANGE_CIPHER_SPEC, _) => {
                    return Ok(Some(Answer::WentOn));
                }
                _ => {}
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::{FlightReader, Message};

    #[test]
    fn a_client_reads_the_flight_as_it_was_meant() {
        let point = [4; 65];
        let parameters = ephemeral(&point);
        let choice = Choice { version: Version::TLS10, suite: 0xc013, random: [7; 32] };
        let mut reader = FlightReader::new();
        let offer = ClientHello::offering(Version::TLS12, &[0xc013], [1; 32], None);
        reader.feed(&flight(&offer, &choice, &[vec![0x30, 0]], Some((&parameters, &[9; 128]))));
        let mut kinds = Vec::new();
        while let Some(message) = reader.next_message().unwrap() {
            kinds.push(match message {
                Message::ServerHello(hello) => {
                    let secure = hello.has(crate::tls::extension::RENEGOTIATION_INFO);
                    format!("{} {:04x} {secure}", hello.version, hello.suite)
                }
                Message::Certificate(chain) => format!("{} certificate", chain.len()),
                Message::ServerKeyExchange(_) => "key".to_owned(),
                Message::ServerHelloDone => "done".to_owned(),
                other => format!("{other:?}"),
            });
        }
        assert_eq!(kinds, ["TLS 1.0 c013 true", "1 certificate", "key", "done"]);
    }

    #[test]
    fn going_on_is_told_from_an_alert_and_from_what_is_no_tls() {
        let answer = |bytes: &[u8]| {
            let mut reader = AnswerReader::default();
            reader.feed(bytes);
            reader.next_answer()
        };
        let exchange = records(content_type::HANDSHAKE, Version::TLS10, &handshake(16, &[0, 1, 0]));
        assert_eq!(answer(&exchange), Ok(Some(Answer::WentOn)));
        assert_eq!(answer(&exchange[..4]), Ok(None));
        let alert = Answer::Alerted(Alert { is_fatal: true, description: 70 });
        assert_eq!(answer(&super::super::fatal_alert(Version::TLS10, 70)), Ok(Some(alert)));
        assert!(answer(b"GET / HTTP/1.1").is_err());
    }

    #[test]
    fn a_suite_without_ephemeral_key_is_taken_for_ssl_3() {
        let offer = |suites: &[u16]| ClientHello::offering(Version::TLS12, suites, [0; 32], None);
        assert_eq!(suite(&offer(&[0xc013, 0x2f]), Version::SSL3), Some(0x2f));
        assert_eq!(suite(&offer(&[0xc013, 0x2f]), Version::TLS10), Some(0xc013));
        assert_eq!(suite(&offer(&[0xc02b, 0x1301]), Version::TLS10), None);
        assert!(!could_agree(&offer(&[0xc02b, 0x1301, 0x00ff])) && could_agree(&offer(&[0xc009])));
    }
}
