//! The server's first flight, for a test device that pretends to accept a version no library speaks any more.

use super::client_hello::{ClientHello, vec_of};
use super::{Version, content_type, handshake, records};
use crate::reader::put_vec;

/// What the pretended server chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// The version, SSL 3.0 to TLS 1.2.
    pub version: Version,
    /// The suite; one with RSA key exchange needs no further message.
    pub suite: u16,
    /// The server's random bytes.
    pub random: [u8; 32],
}

impl Choice {
    /// Chooses from an offer: the highest of `versions` not above the client's, and the first offered suite that is
    /// in `suites`. None when the offer holds nothing acceptable.
    #[must_use]
    pub fn from_offer(
        offer: &ClientHello,
        versions: &[Version],
        suites: &[u16],
        random: [u8; 32],
    ) -> Option<Self> {
        let fits = |version: &&Version| {
            if offer.supported_versions.is_empty() {
                **version <= offer.version
            } else {
                offer.supported_versions.contains(version)
            }
        };
        let version = *versions.iter().filter(fits).max()?;
        let suite = *offer.suites.iter().find(|suite| suites.contains(suite))?;
        Some(Self { version, suite, random })
    }
}

/// ServerHello, Certificate and ServerHelloDone, in records.
#[must_use]
pub fn flight(choice: &Choice, certificates: &[Vec<u8>]) -> Vec<u8> {
    let mut hello = choice.version.0.to_be_bytes().to_vec();
    hello.extend_from_slice(&choice.random);
    hello.push(0);
    hello.extend_from_slice(&choice.suite.to_be_bytes());
    hello.push(0);
    let mut list = Vec::new();
    for certificate in certificates {
        put_vec(&mut list, 3, certificate);
    }
    let mut messages = handshake(2, &hello);
    messages.extend(handshake(11, &vec_of(3, &list)));
    messages.extend(handshake(14, &[]));
    records(content_type::HANDSHAKE, choice.version, &messages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_below_the_accepted_versions_is_refused() {
        let offer = ClientHello::offering(Version::TLS10, &[0x002f, 0x000a], [0; 32], None);
        let choose = |versions: &[Version]| Choice::from_offer(&offer, versions, &[0x000a], [1; 32]);
        assert_eq!(choose(&[Version::TLS11, Version::TLS12]), None);
        let choice = choose(&[Version::SSL3, Version::TLS10]).unwrap();
        assert_eq!((choice.version, choice.suite), (Version::TLS10, 0x000a));
    }
}
