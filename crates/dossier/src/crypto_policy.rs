//! `crypto-policy.toml`: which cryptography counts as recommended, as legacy with its end, as broken, and who says so.
//!
//! Lists and nothing else: what a list means for a verdict is the engine's business. The same reader reads the policy
//! that is built into the program and the one by which a laboratory replaces it.

use model::Digest;
use toml::de::DeTable;

use crate::decode::{Decode as _, Reader, facts, words};
use crate::note::{Note, Severity};
use crate::parts::rows;
use crate::source::{Located, SourceText, Span};

/// The name of the file in a dossier folder.
pub const CRYPTO_POLICY: &str = "crypto-policy.toml";

words! {
    /// What a list of a policy is about.
    CryptoKind {
        /// Versions of SSL and TLS, as in facts: `tls-1.2`.
        TlsVersion = "tls-version",
        /// Cipher suites by IANA name.
        TlsSuite = "tls-suite",
        /// Groups by IANA name.
        TlsGroup = "tls-group",
        /// Sizes of finite-field groups given by their prime, in bits.
        DhBits = "dh-bits",
        /// Signature schemes of a handshake by IANA name.
        TlsSignature = "tls-signature",
        /// Other properties of a TLS server: `compression=deflate`.
        TlsTrait = "tls-trait",
        /// Sizes of RSA keys in bits.
        RsaBits = "rsa-bits",
        /// Sizes of DSA keys in bits.
        DsaBits = "dsa-bits",
        /// Sizes of keys on elliptic curves in bits.
        EcBits = "ec-bits",
        /// Algorithms that sign certificates.
        CertificateSignature = "certificate-signature",
        /// SSH key exchange methods.
        SshKeyExchange = "ssh-key-exchange",
        /// SSH host key algorithms.
        SshHostKey = "ssh-host-key",
        /// SSH ciphers.
        SshCipher = "ssh-cipher",
        /// SSH message authentication codes.
        SshMac = "ssh-mac",
        /// SSH compression methods.
        SshCompression = "ssh-compression",
        /// Other properties of an SSH server: `strict-key-exchange=missing`.
        SshTrait = "ssh-trait",
    }
    /// What a list says of its entries.
    CryptoLevel {
        /// May be used.
        Recommended = "recommended",
        /// May be used until its end; without an end a person decides.
        Legacy = "legacy",
        /// May not be used.
        Broken = "broken",
    }
}

facts! {
    /// A list of a policy.
    CryptoList in "a `[[list]]` of the cryptography policy" {
        /// What it is about.
        of: CryptoKind = "of",
        /// What it says of its entries.
        level: CryptoLevel = "level",
        /// The last day on which a legacy entry may be used: `2030-12-31`.
        until: Located<String> = "until",
        /// Why, in a few words.
        because: String = "because",
        /// Keys of `[source.…]`: who says so.
        sources: Vec<Located<String>> = "sources",
        /// Names, with `*` for any text; sizes as `2048..3071`, `3072..` or `..1023`.
        entries: Vec<Located<String>> = "entries",
    }
    /// A public document that lists rest on.
    CryptoSource in "a `[source]` of the cryptography policy" {
        /// Its title.
        title: String = "title",
        /// Where it is published.
        url: String = "url",
    }
}

/// A policy.
#[derive(Debug, Clone, PartialEq)]
pub struct CryptoPolicy {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Digest of the file's text.
    pub digest: Digest,
    /// Whether all of it could be read: what rests on a policy with a hole is left to a person.
    pub whole: bool,
    /// The sources by key.
    pub sources: Vec<(String, CryptoSource)>,
    /// The lists in the order written.
    pub lists: Vec<Located<CryptoList>>,
}

/// Reads a policy from its text alone.
pub fn read_crypto_policy(source: &SourceText) -> (CryptoPolicy, Vec<Note>) {
    let (dossier, notes) =
        crate::read(vec![SourceText { path: CRYPTO_POLICY.to_owned(), text: source.text.clone() }]);
    let none = || CryptoPolicy {
        name: String::new(),
        version: String::new(),
        digest: Digest::of(source.text.as_bytes()),
        whole: false,
        sources: Vec::new(),
        lists: Vec::new(),
    };
    (dossier.crypto_policy.unwrap_or_else(none), notes)
}

/// Reads the document. Whether it is whole is settled by the caller, who knows every note on the file.
pub(crate) fn read(document: &DeTable<'_>, text: &str, reader: &mut Reader<'_>) -> CryptoPolicy {
    reader.only(document, CRYPTO_POLICY, &["name", "version", "source", "list"]);
    let mut said = |key: &str| {
        let value = reader.get::<String>(document, key).map(|v| v.value).unwrap_or_default();
        if value.trim().is_empty() && !document.contains_key(key) {
            let at = Span::new(reader.file, 0..0);
            reader.notes.push(lacks(at, key));
        }
        value
    };
    let (name, version) = (said("name"), said("version"));
    let sources = sources(document, reader);
    let lists: Vec<Located<CryptoList>> = rows(document, "list", reader);
    for list in &lists {
        check(list, &sources, reader);
    }
    CryptoPolicy { name, version, digest: Digest::of(text.as_bytes()), whole: true, sources, lists }
}

fn sources(document: &DeTable<'_>, reader: &mut Reader<'_>) -> Vec<(String, CryptoSource)> {
    let Some(item) = document.get("source") else { return Vec::new() };
    let Some(table) = item.get_ref().as_table() else {
        reader.wrong_type(item, "a table of sources");
        return Vec::new();
    };
    let one = |(key, value): (&toml::Spanned<_>, _)| {
        let key: &std::borrow::Cow<'_, str> = key.get_ref();
        Some((key.to_string(), CryptoSource::decode(value, reader)?))
    };
    table.iter().filter_map(one).collect()
}

fn lacks(at: Span, key: &str) -> Note {
    Note::new(
        "policy-incomplete",
        Severity::Error,
        format!("a cryptography policy says its `{key}`"),
        at,
        "not given",
    )
    .consequence("what rests on the policy is left to a person until this is mended")
}

fn check(list: &Located<CryptoList>, sources: &[(String, CryptoSource)], reader: &mut Reader<'_>) {
    let value = &list.value;
    let missing = [
        ("of", value.of.is_none()),
        ("level", value.level.is_none()),
        ("sources", value.sources.as_ref().is_none_or(|s| s.value.is_empty())),
        ("entries", value.entries.is_none()),
    ];
    for (key, _) in missing.into_iter().filter(|(_, missing)| *missing) {
        reader.notes.push(lacks(list.span, key));
    }
    let bad = |at: Span, message: &str, label: &str| {
        Note::new("policy-unreadable", Severity::Error, message.to_owned(), at, label.to_owned())
            .consequence("what rests on the policy is left to a person until this is mended")
    };
    for key in value.sources.iter().flat_map(|s| &s.value) {
        if !sources.iter().any(|(known, _)| *known == key.value) {
            reader.notes.push(bad(
                key.span,
                "a list names sources that the policy holds",
                "no `[source]` of this key",
            ));
        }
    }
    if let Some(until) = &value.until {
        if !is_day(&until.value.value) {
            reader.notes.push(bad(until.span, "this has to be a day of the calendar: 2030-12-31", "no such day"));
        } else if value.level.as_ref().is_some_and(|level| level.value != CryptoLevel::Legacy) {
            reader.notes.push(bad(until.span, "only a legacy list has an end", "an end"));
        }
    }
    let sizes = value.of.as_ref().is_some_and(|of| of.value.is_size());
    for entry in value.entries.iter().flat_map(|e| &e.value) {
        if sizes && size_range(&entry.value).is_none() {
            reader.notes.push(bad(entry.span, "sizes are written 2048..3071, 3072.. or ..1023", "no sizes"));
        }
    }
}

impl CryptoKind {
    /// Whether its entries are sizes in bits.
    pub fn is_size(self) -> bool {
        matches!(self, CryptoKind::DhBits | CryptoKind::RsaBits | CryptoKind::DsaBits | CryptoKind::EcBits)
    }
}

/// The inclusive sizes that an entry stands for.
pub fn size_range(entry: &str) -> Option<(u32, u32)> {
    let (low, high) = entry.split_once("..")?;
    let number = |text: &str, otherwise: u32| match text.trim() {
        "" => Some(otherwise),
        text => text.parse().ok(),
    };
    let (low, high) = (number(low, 0)?, number(high, u32::MAX)?);
    (low <= high).then_some((low, high))
}

/// Whether a text is a day of the calendar in the form that can be compared as text.
fn is_day(text: &str) -> bool {
    text.len() == 10 && model::Timestamp::parse(&format!("{text}T00:00:00Z")).is_ok_and(|day| day.date() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (CryptoPolicy, Vec<&'static str>) {
        let source = SourceText { path: CRYPTO_POLICY.to_owned(), text: text.to_owned() };
        let (policy, notes) = read_crypto_policy(&source);
        (policy, notes.iter().map(|note| note.code).collect())
    }

    const GOOD: &str = "name = \"P\"\nversion = \"1\"\n[source.a]\ntitle = \"A\"\nurl = \"https://a.example\"\n\
        [[list]]\nof = \"rsa-bits\"\nlevel = \"legacy\"\nuntil = \"2030-12-31\"\nsources = [\"a\"]\n\
        entries = [\"2048..3071\"]\n";

    #[test]
    fn a_policy_is_read_with_its_sources_and_its_digest() {
        let (policy, notes) = read(GOOD);
        assert_eq!(notes, Vec::<&str>::new());
        assert!(policy.whole && policy.name == "P" && policy.version == "1");
        assert_eq!(policy.digest, Digest::of(GOOD.as_bytes()));
        assert_eq!(policy.sources[0].0, "a");
        assert_eq!(policy.lists[0].value.of.as_ref().unwrap().value, CryptoKind::RsaBits);
    }

    #[test]
    fn what_cannot_be_read_is_noted_and_leaves_the_policy_with_a_hole() {
        for (from, to, code) in [
            ("\"legacy\"", "\"good\"", "unknown-value"),
            ("2030-12-31", "2030-02-31", "policy-unreadable"),
            ("2048..3071", "2048", "policy-unreadable"),
            ("[\"a\"]", "[\"b\"]", "policy-unreadable"),
            ("version = \"1\"\n", "", "policy-incomplete"),
            ("sources = [\"a\"]\n", "", "policy-incomplete"),
            ("\"legacy\"", "\"broken\"", "policy-unreadable"),
            ("entries", "entrys", "unknown-key"),
            ("[[list]]", "[[list]", "not-toml"),
        ] {
            let (policy, notes) = read(&GOOD.replacen(from, to, 1));
            assert!(notes.contains(&code) && !policy.whole, "{to}: {notes:?}");
        }
    }

    #[test]
    fn sizes_are_ranges() {
        assert_eq!(size_range("2048..3071"), Some((2048, 3071)));
        assert_eq!((size_range("3072.."), size_range("..1023")), (Some((3072, u32::MAX)), Some((0, 1023))));
        assert_eq!((size_range("9..1"), size_range("x")), (None, None));
    }
}
