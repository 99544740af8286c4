//! What a client is shown, and which comes next.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use wire::tls::suites::{Authentication, CipherSuite, KeyExchange};
use wire::tls::{ClientHello, Version};

/// What one connection is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Shown {
    /// Nothing wrong: the control.
    Genuine,
    SelfSigned,
    UnknownAuthority,
    CopiedNames,
    WrongHost,
    Expired,
    NotYetValid,
    LeafAsAuthority,
    WeakSignature,
    WeakKey,
    /// A stapled answer says that the certificate was revoked.
    Revoked,
    /// No TLS: an answer in clear, or a refusal to speak it.
    Plain,
    /// An old version.
    Old(Version),
}

impl Shown {
    /// All of them, in the order in which they are shown. The control comes first, and nothing that a client may remember
    /// for long, such as a fall back to clear, before the chains.
    pub(super) const ALL: [Shown; 15] = [
        Shown::Genuine,
        Shown::SelfSigned,
        Shown::UnknownAuthority,
        Shown::CopiedNames,
        Shown::WrongHost,
        Shown::Expired,
        Shown::NotYetValid,
        Shown::LeafAsAuthority,
        Shown::WeakSignature,
        Shown::WeakKey,
        Shown::Revoked,
        Shown::Old(Version::TLS11),
        Shown::Old(Version::TLS10),
        Shown::Old(Version::SSL3),
        Shown::Plain,
    ];

    /// The word in facts.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Shown::Genuine => "genuine",
            Shown::SelfSigned => "self-signed",
            Shown::UnknownAuthority => "unknown-authority",
            Shown::CopiedNames => "copied-names",
            Shown::WrongHost => "wrong-host",
            Shown::Expired => "expired",
            Shown::NotYetValid => "not-yet-valid",
            Shown::LeafAsAuthority => "leaf-as-authority",
            Shown::WeakSignature => "weak-signature",
            Shown::WeakKey => "weak-key",
            Shown::Revoked => "revoked",
            Shown::Plain => "plain",
            Shown::Old(Version::SSL3) => "ssl-3.0",
            Shown::Old(Version::TLS10) => "tls-1.0",
            Shown::Old(_) => "tls-1.1",
        }
    }

    /// Whether the chain leads to the authority that was lent.
    pub(super) fn needs_authority(self) -> bool {
        !matches!(
            self,
            Shown::SelfSigned | Shown::UnknownAuthority | Shown::CopiedNames | Shown::Plain | Shown::Old(_)
        )
    }
}

/// What a client offered, as far as it decides what it can be shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Offer {
    /// The server name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) server_name: Option<String>,
    /// The highest version, as it stands on the wire.
    pub(super) highest: u16,
    /// Whether it wants a stapled answer (RFC 6066, 8).
    #[serde(default)]
    pub(super) wants_staple: bool,
    /// Whether it can verify no certificate with a key on P-256, and can one with an RSA key.
    #[serde(default, skip_serializing_if = "is_not")]
    pub(super) only_rsa: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_not(yes: &bool) -> bool {
    !*yes
}

/// Number of the extension status_request (RFC 6066, 8).
const STATUS_REQUEST: u16 = 5;

impl Offer {
    /// Of a ClientHello.
    pub(super) fn of(hello: &ClientHello) -> Self {
        let listed = hello.supported_versions.iter().filter(|version| version.name().is_some()).max();
        let highest = listed.copied().unwrap_or(hello.version).0;
        Self {
            server_name: hello.server_name.as_deref().map(|name| wire::text::visible_str(name, 255)),
            highest,
            only_rsa: only_rsa(hello, highest),
            wants_staple: hello.further_extensions.iter().any(|(number, _)| *number == STATUS_REQUEST),
        }
    }
}

/// Signature schemes with SHA-256 (RFC 8446, 4.2.3).
const ECDSA_P256: u16 = 0x0403;
const RSA: [u16; 2] = [0x0401, 0x0804];

/// By the signature schemes that it names; up to TLS 1.2 by its suites, too.
fn only_rsa(hello: &ClientHello, highest: u16) -> bool {
    let schemes = &hello.signature_algorithms;
    let takes_rsa = RSA.iter().any(|scheme| schemes.contains(scheme));
    let by = |wanted: Authentication| {
        hello
            .suites
            .iter()
            .filter_map(|id| CipherSuite::of(*id))
            .any(|suite| suite.key_exchange == KeyExchange::Ecdhe && suite.authentication == wanted)
    };
    let no_suite = highest == Version::TLS12.0 && by(Authentication::Rsa) && !by(Authentication::Ecdsa);
    takes_rsa && (!schemes.contains(&ECDSA_P256) || no_suite)
}

/// How often each check was shown at one port.
#[derive(Debug, Clone, Default)]
pub(super) struct Series {
    seen: BTreeMap<Shown, u32>,
    left_out: BTreeSet<Shown>,
}

impl Series {
    /// The check to show to this offer.
    pub(super) fn next(&self, offer: &Offer) -> Option<Shown> {
        // A client that knows no newer version can be shown nothing but that it is met.
        if offer.highest < Version::TLS12.0 {
            return Some(Shown::Old(Version(offer.highest.max(Version::SSL3.0))));
        }
        let open = Shown::ALL.into_iter().filter(|shown| !self.left_out.contains(shown));
        let open = open.filter(|shown| *shown != Shown::Revoked || offer.wants_staple);
        // `min_by_key` gives the first of equals, so that the order of the list holds within a round.
        open.min_by_key(|shown| self.count(*shown))
    }

    /// How often a check was shown.
    pub(super) fn count(&self, shown: Shown) -> u32 {
        self.seen.get(&shown).copied().unwrap_or(0)
    }

    pub(super) fn saw(&mut self, shown: Shown) {
        *self.seen.entry(shown).or_default() += 1;
    }

    /// Shows a check no more.
    pub(super) fn leave_out(&mut self, shown: Shown) {
        self.left_out.insert(shown);
    }

    /// Whether everything was shown so often. The stapled answer is not waited for: not every client asks for one.
    pub(super) fn is_whole(&self, rounds: u32) -> bool {
        let needed = Shown::ALL.into_iter().filter(|shown| *shown != Shown::Revoked);
        needed.filter(|shown| !self.left_out.contains(shown)).all(|shown| self.count(shown) >= rounds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_shows_each_once_and_the_stapled_answer_only_to_who_asks() {
        let mut series = Series::default();
        series.leave_out(Shown::CopiedNames);
        let offer = Offer { highest: 0x0304, ..Offer::default() };
        let mut order = Vec::new();
        while !series.is_whole(1) {
            let shown = series.next(&offer).unwrap();
            series.saw(shown);
            order.push(shown.as_str());
        }
        assert_eq!(order.len(), 13);
        assert!(!order.contains(&"revoked") && !order.contains(&"copied-names"));
        assert_eq!((order[0], order[12]), ("genuine", "plain"));
        assert_eq!(series.next(&Offer { wants_staple: true, ..offer }), Some(Shown::Revoked));
    }

    #[test]
    fn a_client_that_knows_rsa_alone_is_told_by_its_schemes_or_its_suites() {
        let only = |version, suites: &[u16], schemes: &[u16]| {
            let mut hello = ClientHello::offering(version, suites, [7; 32], None);
            hello.signature_algorithms = schemes.to_vec();
            Offer::of(&hello).only_rsa
        };
        assert!(only(Version::TLS13, &[0x1301], &[0x0804]));
        assert!(only(Version::TLS12, &[0xc02f], &[0x0401, 0x0403]));
        assert!(!only(Version::TLS12, &[0xc02f, 0xc02b], &[0x0401, 0x0403]));
        assert!(!only(Version::TLS13, &[0x1301, 0xc02f], &[0x0804, 0x0403]));
        assert!(!only(Version::TLS13, &[0x1301], &[]));
    }

    #[test]
    fn a_client_of_an_old_version_is_met_there() {
        let series = Series::default();
        let next = |highest| series.next(&Offer { highest, ..Offer::default() });
        assert_eq!(next(0x0301), Some(Shown::Old(Version::TLS10)));
        assert_eq!(next(0x0300), Some(Shown::Old(Version::SSL3)));
    }
}
