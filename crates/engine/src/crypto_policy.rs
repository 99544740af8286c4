//! What the cryptography policy says of a name or a size, for the moment of the verdict.
//!
//! The policy is the dossier's, or the one built in. It says; what follows for a unit is a rule's business. What it does
//! not name is nobody's to wave through: a person decides.

use std::sync::LazyLock;

use dossier::{CryptoKind, CryptoLevel, CryptoList, CryptoPolicy, SourceText, read_crypto_policy, size_range};
use model::{Digest, Timestamp};
use serde::Serialize;

use crate::view::View;

/// The text of the policy that is built in.
pub const BUILT_IN_POLICY: &str = include_str!("../data/crypto-policy.toml");

static BUILT_IN: LazyLock<CryptoPolicy> = LazyLock::new(|| {
    let source = SourceText { path: "built-in".to_owned(), text: BUILT_IN_POLICY.to_owned() };
    read_crypto_policy(&source).0
});

/// Which policy an assessment was judged by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PolicyUsed {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Digest of its text.
    pub digest: Digest,
    /// Whether it stands in the dossier folder in place of the one built in.
    pub replaced: bool,
}

impl PolicyUsed {
    pub(crate) fn of(view: &View<'_>) -> Self {
        let policy = view.crypto_policy();
        Self {
            name: policy.name.clone(),
            version: policy.version.clone(),
            digest: policy.digest,
            replaced: view.dossier.crypto_policy.is_some(),
        }
    }
}

impl<'a> View<'a> {
    /// The cryptography policy that verdicts of this view rest on.
    pub fn crypto_policy(&self) -> &'a CryptoPolicy {
        self.dossier.crypto_policy.as_ref().unwrap_or(&BUILT_IN)
    }
}

/// What a policy says of one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ruling {
    /// It may be used.
    Fine,
    /// It may be used until this day.
    Until(String),
    /// A person decides, and this is why.
    Open(String),
    /// It may not be used, and this is why.
    Refused(String),
}

/// What the policy of a view says of a name, for the moment of the verdict.
pub(crate) fn ruling(view: &View<'_>, kind: CryptoKind, name: &str) -> Ruling {
    rule(view.crypto_policy(), view.at, kind, &|entry| matches(entry, name))
}

/// What the policy of a view says of a size in bits. A size that could not be told is 0.
pub(crate) fn size_ruling(view: &View<'_>, kind: CryptoKind, bits: u32) -> Ruling {
    rule(view.crypto_policy(), view.at, kind, &|entry| {
        bits > 0 && size_range(entry).is_some_and(|(low, high)| (low..=high).contains(&bits))
    })
}

/// Whether the policy names this at all; properties that are no algorithm are judged only where it does.
pub(crate) fn is_named(view: &View<'_>, kind: CryptoKind, name: &str) -> bool {
    let policy = view.crypto_policy();
    lists(policy, kind).any(|list| entries(list).any(|entry| matches(entry, name)))
}

fn rule(policy: &CryptoPolicy, at: Timestamp, kind: CryptoKind, is_it: &dyn Fn(&str) -> bool) -> Ruling {
    if !policy.whole {
        return Ruling::Open("the cryptography policy of the dossier cannot be read whole".to_owned());
    }
    let named = lists(policy, kind).filter(|list| entries(list).any(is_it));
    // The strictest list speaks; in the order of the variants.
    let strictest = named.map(|list| of_list(list, at)).max_by_key(|ruling| match ruling {
        Ruling::Fine => 0,
        Ruling::Until(_) => 1,
        Ruling::Open(_) => 2,
        Ruling::Refused(_) => 3,
    });
    strictest.unwrap_or_else(|| Ruling::Open("the cryptography policy does not name it".to_owned()))
}

fn lists(policy: &CryptoPolicy, kind: CryptoKind) -> impl Iterator<Item = &CryptoList> {
    policy
        .lists
        .iter()
        .map(|list| &list.value)
        .filter(move |list| list.of.as_ref().is_some_and(|of| of.value == kind))
}

fn entries(list: &CryptoList) -> impl Iterator<Item = &str> {
    list.entries.iter().flat_map(|entries| &entries.value).map(|entry| entry.value.as_str())
}

fn of_list(list: &CryptoList, at: Timestamp) -> Ruling {
    let why = list.because.as_ref().map(|because| because.value.clone());
    let until = list.until.as_ref().map(|until| until.value.value.as_str());
    match (list.level.as_ref().map(|level| level.value), until) {
        (Some(CryptoLevel::Recommended), _) => Ruling::Fine,
        (Some(CryptoLevel::Legacy), Some(until)) if at.date().as_str() <= until => Ruling::Until(until.to_owned()),
        (Some(CryptoLevel::Legacy), Some(until)) => {
            let why = why.map(|why| format!("{why}, ")).unwrap_or_default();
            Ruling::Refused(format!("{why}legacy that ended on {until}"))
        }
        (Some(CryptoLevel::Legacy), None) => Ruling::Open(why.unwrap_or_else(|| "legacy".to_owned())),
        (Some(CryptoLevel::Broken), _) => Ruling::Refused(why.unwrap_or_else(|| "broken".to_owned())),
        (None, _) => Ruling::Open("a list of the cryptography policy has no level".to_owned()),
    }
}

/// Whether an entry names something; `*` stands for any text, and case does not matter.
fn matches(entry: &str, name: &str) -> bool {
    let (entry, name) = (entry.to_ascii_lowercase(), name.to_ascii_lowercase());
    let mut parts = entry.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
    if !entry.contains('*') {
        return rest.is_empty();
    }
    let mut parts: Vec<&str> = parts.collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(found) = rest.find(part) else { return false };
        rest = &rest[found + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: &str) -> Timestamp {
        Timestamp::parse(&format!("{day}T12:00:00Z")).unwrap()
    }

    fn said(kind: CryptoKind, name: &str, day: &str) -> Ruling {
        rule(&BUILT_IN, at(day), kind, &|entry| matches(entry, name))
    }

    #[test]
    fn the_policy_that_is_built_in_reads_without_a_note() {
        let source = SourceText { path: "built-in".to_owned(), text: BUILT_IN_POLICY.to_owned() };
        let (policy, notes) = read_crypto_policy(&source);
        assert!(policy.whole && notes.is_empty(), "{notes:#?}");
        assert!(policy.lists.iter().all(|list| list.value.sources.as_ref().is_some_and(|s| !s.value.is_empty())));
        let used = |key: &str| {
            let named = |list: &CryptoList| list.sources.iter().flat_map(|s| &s.value).any(|s| s.value == key);
            policy.lists.iter().any(|list| named(&list.value))
        };
        for (key, source) in &policy.sources {
            assert!(used(key), "no list rests on {key}");
            assert!(source.title.is_some() && source.url.is_some(), "{key}");
        }
    }

    #[test]
    fn an_entry_may_hold_any_text_where_it_says_so_and_nowhere_else() {
        assert!(matches("*RC4*", "TLS_RSA_WITH_RC4_128_SHA") && matches("*_MD5", "TLS_RSA_WITH_RC4_128_MD5"));
        assert!(matches("none", "NONE") && !matches("none", "none2") && !matches("aes*", "xaes"));
        assert!(matches("TLS_*_A*B", "tls_x_a__b") && !matches("TLS_*_A*B", "tls_x_a__bc"));
        assert!(!matches("aa*aa", "aaa"));
    }

    #[test]
    fn legacy_ends_with_its_last_day() {
        let said = |day| said(CryptoKind::TlsGroup, "ffdhe2048", day);
        assert_eq!(said("2030-12-31"), Ruling::Until("2030-12-31".to_owned()));
        assert_eq!(
            said("2031-01-01"),
            Ruling::Refused("112 bits of strength, legacy that ended on 2030-12-31".into())
        );
    }

    #[test]
    fn the_strictest_list_speaks_and_what_none_names_is_left_to_a_person() {
        let suite = |name| said(CryptoKind::TlsSuite, name, "2026-01-01");
        assert_eq!(suite("TLS_RSA_WITH_RC4_128_SHA"), Ruling::Refused("RC4".into()));
        assert_eq!(suite("TLS_RSA_WITH_AES_128_CBC_SHA"), Ruling::Open("no forward secrecy".into()));
        assert_eq!(suite("TLS_AES_128_GCM_SHA256"), Ruling::Fine);
        assert!(matches!(suite("TLS_ECDHE_RSA_WITH_CAMELLIA_128_GCM_SHA256"), Ruling::Open(_)));
        assert!(matches!(suite("0x1A1A"), Ruling::Open(_)));
    }

    #[test]
    fn nothing_is_waved_through_by_a_policy_with_a_hole() {
        let policy = CryptoPolicy { whole: false, ..BUILT_IN.clone() };
        let said = rule(&policy, at("2026-01-01"), CryptoKind::TlsVersion, &|entry| entry == "tls-1.3");
        assert!(matches!(said, Ruling::Open(_)));
    }
}
