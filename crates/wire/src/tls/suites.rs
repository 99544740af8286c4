//! What each cipher suite number stands for. Facts only: whether a suite is acceptable is judged elsewhere.

mod table;

pub use table::SUITES;

/// How the keys are agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyExchange {
    /// TLS 1.3: named by the groups, not by the suite; always ephemeral or a pre-shared key.
    Any,
    /// None at all.
    Null,
    /// Encrypted to the server's RSA key.
    Rsa,
    /// Static finite-field Diffie-Hellman.
    Dh,
    /// Ephemeral finite-field Diffie-Hellman.
    Dhe,
    /// Static elliptic-curve Diffie-Hellman.
    Ecdh,
    /// Ephemeral elliptic-curve Diffie-Hellman.
    Ecdhe,
    /// A pre-shared key alone.
    Psk,
    /// A pre-shared key with RSA encryption.
    RsaPsk,
    /// A pre-shared key with ephemeral Diffie-Hellman.
    DhePsk,
    /// A pre-shared key with ephemeral elliptic-curve Diffie-Hellman.
    EcdhePsk,
    /// Secure Remote Password.
    Srp,
    /// Kerberos.
    Krb5,
    /// GOST R 34.10.
    Gost,
    /// Not a suite but a signal of the client (RFC 5746, RFC 7507).
    Signal,
}

/// How the server proves who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authentication {
    /// TLS 1.3: named by the signature algorithms, not by the suite.
    Any,
    /// None at all: the null suite.
    Null,
    /// None: anonymous key agreement.
    Anonymous,
    /// A certificate with an RSA key.
    Rsa,
    /// A certificate with a DSA key.
    Dss,
    /// A certificate with an elliptic-curve key.
    Ecdsa,
    /// A pre-shared key.
    Psk,
    /// A password by SRP.
    Srp,
    /// Kerberos.
    Krb5,
    /// GOST R 34.10.
    Gost,
    /// Not a suite but a signal.
    Signal,
}

/// A cipher suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CipherSuite {
    /// The number on the wire.
    pub id: u16,
    /// The name in the IANA registry.
    pub name: &'static str,
    /// The key exchange.
    pub key_exchange: KeyExchange,
    /// The authentication.
    pub authentication: Authentication,
    /// The cipher with its mode, such as `AES-128-GCM`; `NULL` for none.
    pub cipher: &'static str,
    /// The nominal key length of the cipher in bits: 168 for 3DES, 0 for none.
    pub bits: u16,
    /// The hash of the MAC, or `AEAD`.
    pub mac: &'static str,
}

impl CipherSuite {
    /// The suite of this number.
    #[must_use]
    pub fn of(id: u16) -> Option<&'static Self> {
        SUITES.binary_search_by_key(&id, |suite| suite.id).ok().map(|at| &SUITES[at])
    }

    /// The suite of this name in the IANA registry, in any case.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        SUITES.iter().find(|suite| suite.name.eq_ignore_ascii_case(name))
    }

    /// Whether the server stays unauthenticated.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        matches!(self.authentication, Authentication::Anonymous | Authentication::Null)
    }

    /// Whether nothing is encrypted.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.cipher == "NULL"
    }

    /// Whether it was weakened for export.
    #[must_use]
    pub fn is_export(&self) -> bool {
        self.name.contains("_EXPORT")
    }

    /// Whether past traffic stays secret when the long-term key is lost.
    #[must_use]
    pub fn is_forward_secret(&self) -> bool {
        use KeyExchange::{Any, Dhe, DhePsk, Ecdhe, EcdhePsk, Srp};
        matches!(self.key_exchange, Any | Dhe | Ecdhe | DhePsk | EcdhePsk | Srp)
    }

    /// Whether the server signs its ephemeral key.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        use Authentication::{Dss, Ecdsa, Rsa};
        matches!(self.key_exchange, KeyExchange::Dhe | KeyExchange::Ecdhe)
            && matches!(self.authentication, Dss | Ecdsa | Rsa)
    }

    /// Whether it encrypts and authenticates in one (GCM, CCM, ChaCha20-Poly1305).
    #[must_use]
    pub fn is_aead(&self) -> bool {
        self.mac == "AEAD"
    }

    /// Whether it is only a signal in the client's list.
    #[must_use]
    pub fn is_signal(&self) -> bool {
        self.key_exchange == KeyExchange::Signal
    }

    /// Whether it can be chosen in this version.
    #[must_use]
    pub fn is_for(&self, version: super::Version) -> bool {
        let is_tls13 = self.key_exchange == KeyExchange::Any;
        let needs_tls12 = self.is_aead() || matches!(self.mac, "SHA256" | "SHA384");
        !self.is_signal()
            && match version {
                super::Version::TLS13 => is_tls13,
                super::Version::TLS12 => !is_tls13,
                _ => !is_tls13 && !needs_tls12,
            }
    }
}

/// Every suite a client may offer in this version, by number.
#[must_use]
pub fn offerable(version: super::Version) -> Vec<u16> {
    let is_usable = |suite: &&CipherSuite| suite.is_for(version) && suite.id != 0;
    SUITES.iter().filter(is_usable).map(|suite| suite.id).collect()
}

/// The name of a suite, or its number for one not known here.
#[must_use]
pub fn suite_name(id: u16) -> String {
    CipherSuite::of(id).map_or_else(|| format!("0x{id:04X}"), |suite| suite.name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::Version;
    use super::*;

    #[test]
    fn the_table_is_ascending_and_names_are_unique() {
        assert!(SUITES.windows(2).all(|pair| pair[0].id < pair[1].id));
        let mut names: Vec<_> = SUITES.iter().map(|suite| suite.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), SUITES.len());
    }

    #[test]
    fn facts_agree_with_names() {
        for suite in SUITES.iter().filter(|suite| !suite.is_signal()) {
            let says = |part: &str| suite.name.contains(part);
            assert_eq!(suite.is_null(), says("NULL"), "{}", suite.name);
            assert_eq!(says("_anon_"), suite.authentication == Authentication::Anonymous, "{}", suite.name);
            assert_eq!(suite.is_aead(), says("GCM") || says("CCM") || says("POLY1305"), "{}", suite.name);
            for bits in [128, 256] {
                let named = says(&format!("_{bits}_")) && !suite.is_null();
                assert!(!named || suite.bits == bits, "{}", suite.name);
            }
        }
    }

    #[test]
    fn well_known_suites_are_described() {
        let suite = CipherSuite::of(0xc02f).unwrap();
        assert_eq!(suite.name, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
        assert!(suite.is_forward_secret() && suite.is_for(Version::TLS12) && !suite.is_for(Version::TLS11));
        let suite = CipherSuite::of(0x000a).unwrap();
        assert_eq!((suite.bits, suite.mac, suite.is_forward_secret()), (168, "SHA1", false));
        assert_eq!(offerable(Version::TLS13).len(), 7);
        assert_eq!(suite_name(0x1a1a), "0x1A1A");
    }
}
