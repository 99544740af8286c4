//! The ephemeral key of a ServerKeyExchange message: which group, how large, signed how.

use super::Version;
use super::suites::{Authentication, CipherSuite, KeyExchange};
use crate::Malformed;
use crate::reader::Reader;

/// The group of an ephemeral key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ephemeral {
    /// A named curve (RFC 8422), by its group number.
    NamedCurve(u16),
    /// A curve given by its parameters.
    ExplicitCurve,
    /// Finite-field Diffie-Hellman with its prime.
    FiniteField {
        /// The size of the prime in bits.
        bits: usize,
        /// The prime, to recognise primes shared by many devices.
        prime: Vec<u8>,
    },
    /// A temporary RSA key of an export suite, with its size in bits.
    ExportRsa {
        /// The size of the modulus in bits.
        bits: usize,
    },
    /// A key exchange whose parameters are not read here (SRP, GOST, unknown suites).
    NotRead,
}

/// A ServerKeyExchange message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerKeyExchange {
    /// The group.
    pub ephemeral: Ephemeral,
    /// The signature scheme; only in TLS 1.2 and where the parameters are signed.
    pub signature_scheme: Option<u16>,
}

impl ServerKeyExchange {
    /// Reads the body of the message as the chosen suite demands (RFC 5246 section 7.4.3, RFC 8422 section 5.4,
    /// RFC 4279, RFC 5489).
    ///
    /// # Errors
    /// When the body is shorter than its lengths say.
    pub fn read(body: &[u8], version: Version, suite: u16) -> Result<Self, Malformed> {
        use KeyExchange::{Dhe, DhePsk, Ecdhe, EcdhePsk, Psk, Rsa, RsaPsk};
        let mut reader = Reader::new(body, "tls server key exchange");
        let suite = CipherSuite::of(suite);
        let exchange = suite.map(|suite| suite.key_exchange);
        if matches!(exchange, Some(Psk | RsaPsk | DhePsk | EcdhePsk)) {
            reader.vec16()?;
        }
        let ephemeral = match exchange {
            Some(Ecdhe | EcdhePsk) => match reader.u8()? {
                3 => {
                    let group = reader.u16()?;
                    reader.vec8()?;
                    Ephemeral::NamedCurve(group)
                }
                1 | 2 => Ephemeral::ExplicitCurve,
                _ => return Err(Malformed::Invalid("tls curve type")),
            },
            Some(Dhe | DhePsk) => {
                let prime = reader.vec16()?.to_vec();
                reader.vec16()?;
                reader.vec16()?;
                Ephemeral::FiniteField { bits: bits(&prime), prime }
            }
            Some(Rsa) => {
                let modulus = reader.vec16()?;
                reader.vec16()?;
                Ephemeral::ExportRsa { bits: bits(modulus) }
            }
            _ => Ephemeral::NotRead,
        };
        let is_signed = matches!(
            suite.map(|suite| suite.authentication),
            Some(Authentication::Rsa | Authentication::Dss | Authentication::Ecdsa)
        );
        let is_read = !matches!(ephemeral, Ephemeral::NotRead | Ephemeral::ExplicitCurve);
        let signature_scheme =
            if version == Version::TLS12 && is_signed && is_read { reader.u16().ok() } else { None };
        Ok(Self { ephemeral, signature_scheme })
    }
}

/// The size of a big-endian number in bits.
fn bits(number: &[u8]) -> usize {
    let digits: &[u8] = &number[number.iter().take_while(|byte| **byte == 0).count()..];
    digits.first().map_or(0, |first| digits.len() * 8 - first.leading_zeros() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_curve_is_told_with_its_signature() {
        let body = [3, 0, 29, 2, 1, 2, 0x08, 0x04, 0, 1, 9];
        let read = ServerKeyExchange::read(&body, Version::TLS12, 0xc02f).unwrap();
        assert_eq!(
            read,
            ServerKeyExchange { ephemeral: Ephemeral::NamedCurve(29), signature_scheme: Some(0x0804) }
        );
        let read = ServerKeyExchange::read(&body, Version::TLS11, 0xc013).unwrap();
        assert_eq!(read.signature_scheme, None);
    }

    #[test]
    fn the_prime_of_an_anonymous_exchange_is_measured() {
        let mut body = vec![0, 128, 0x7f];
        body.extend([0xff; 127]);
        body.extend([0, 1, 2, 0, 1, 3]);
        let read = ServerKeyExchange::read(&body, Version::TLS12, 0x0034).unwrap();
        assert!(matches!(read.ephemeral, Ephemeral::FiniteField { bits: 1023, .. }));
        assert_eq!(read.signature_scheme, None);
    }

    #[test]
    fn a_cut_message_is_an_error() {
        assert!(ServerKeyExchange::read(&[0, 9, 1], Version::TLS12, 0x0033).is_err());
    }

    #[test]
    fn no_bytes_make_the_reader_panic() {
        for suite in [0xc02f, 0x0033, 0x0003, 0xc035, 0x0090, 0xffff] {
            let good = [3, 0, 29, 2, 1, 2, 0x08, 0x04, 0, 1, 9];
            crate::hostile::survives(&good, |bytes| ServerKeyExchange::read(bytes, Version::TLS12, suite));
        }
    }
}
