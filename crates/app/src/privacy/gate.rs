//! The last look before something is handed to strangers: no known secret stands in it, in any encoding.
//!
//! What is withheld was withheld when it was recorded. The gate finds what got past that, in records of early versions,
//! in the dossier, in a file that was derived from both.

use aho_corasick::AhoCorasick;
use ledger::{Envelope, Openings};
use serde_json::Value;

use super::{Privacy, Trace, traces};

/// Kinds of withheld values that are secrets, whoever recognised them.
const SECRETS: [&str; 12] = [
    "authorization",
    "community",
    "cookie",
    "credential",
    "key",
    "password",
    "password-hash",
    "pin",
    "private",
    "session",
    "token",
    "value",
];
/// Shorter values stand in dates, sizes and ports; letters among them make them rarer.
const SHORTEST: usize = 6;
const SHORTEST_WORD: usize = 4;

/// Every form of every secret as one search; for each, the number of its secret, and whether it counts only alone.
pub(super) type Forms = (AhoCorasick, Vec<(usize, bool)>);

/// Everything that must not be found.
#[derive(Debug, Clone, Default)]
pub struct Gate(Vec<Wanted>);

#[derive(Debug, Clone)]
struct Wanted {
    kind: String,
    from: String,
    value: String,
    traces: Vec<Trace>,
}

/// A secret that was found where it must not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leak {
    /// In which file, and where in it.
    pub place: String,
    /// Of which kind, and from where it is known.
    pub what: String,
}

impl Gate {
    /// Looks for the secrets of the bench.
    pub fn of(privacy: &Privacy) -> Self {
        let mut gate = Self::default();
        for (kind, value) in privacy.secrets() {
            gate.add(kind, value, "the bench");
        }
        gate
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Looks for the secrets that a record withholds, too.
    pub fn add_openings(&mut self, openings: &Openings, record: u64) {
        for (_, opening) in openings.iter().filter(|(_, one)| SECRETS.contains(&one.kind.as_str())) {
            self.add(&opening.kind, &opening.value, &format!("record {record}"));
        }
    }

    /// Bytes of the longest form of a secret.
    pub(super) fn longest_form(&self) -> usize {
        self.0.iter().flat_map(|one| &one.traces).map(|trace| trace.form().len()).max().unwrap_or(0)
    }

    /// All forms as one search.
    pub(super) fn forms(&self) -> Result<Forms, String> {
        let all = self.0.iter().enumerate().flat_map(|(at, one)| one.traces.iter().map(move |trace| (at, trace)));
        let (forms, owners): (Vec<&[u8]>, Vec<_>) =
            all.map(|(at, trace)| (trace.form(), (at, trace.counts_alone()))).unzip();
        Ok((AhoCorasick::new(forms).map_err(|error| error.to_string())?, owners))
    }

    /// What is told of the secret with this number.
    pub(super) fn named(&self, at: usize) -> String {
        self.0.get(at).map_or_else(String::new, |one| format!("a {} known from {}", one.kind, one.from))
    }

    fn add(&mut self, kind: &str, value: &str, from: &str) {
        let value = value.trim();
        let is_word = value.len() >= SHORTEST_WORD && value.contains(char::is_alphabetic);
        let is_wanted = (value.len() >= SHORTEST || is_word) && !probes::is_well_known_secret(value);
        if is_wanted && self.0.iter().all(|one| one.value != value) {
            let (kind, from, value) = (kind.to_owned(), from.to_owned(), value.to_owned());
            self.0.push(Wanted { kind, from, traces: traces(&value), value });
        }
    }

    /// The first secret in a file, if there is one.
    pub fn leak(&self, path: &str, bytes: &[u8]) -> Option<Leak> {
        if self.0.is_empty() {
            return None;
        }
        if path.starts_with("leaves/") {
            let first: usize = path.trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap_or(0);
            let lines = bytes.split(|byte| *byte == b'\n').enumerate();
            for (at, line) in lines {
                let payload = Envelope::from_bytes(line).and_then(|envelope| envelope.payload());
                if let Some(what) = payload.ok().and_then(|payload| self.found(&payload)) {
                    return Some(Leak { place: format!("record {}", first + at), what });
                }
            }
        }
        self.found(bytes).map(|what| Leak { place: path.to_owned(), what })
    }

    /// What is found in bytes, or in what they say once they are unescaped.
    fn found(&self, bytes: &[u8]) -> Option<String> {
        let mut views = vec![bytes.to_vec()];
        if let Ok(text) = std::str::from_utf8(bytes) {
            let mut said = String::new();
            if let Ok(value) = serde_json::from_str(text) {
                texts(&value, &mut said);
            }
            views.extend([said, unescaped(text), text.replace('\\', "")].map(String::into_bytes));
        }
        let is_there = |one: &&Wanted| views.iter().any(|view| one.traces.iter().any(|trace| trace.is_in(view)));
        self.0.iter().find(is_there).map(|one| format!("a {} known from {}", one.kind, one.from))
    }
}

/// Every text in a JSON value, names of members too, one a line.
fn texts(value: &Value, said: &mut String) {
    match value {
        Value::String(text) => {
            said.push_str(text);
            said.push('\n');
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, said)),
        Value::Object(members) => {
            for (name, member) in members {
                said.push_str(name);
                said.push('\n');
                texts(member, said);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A page's text without the escapes of its characters.
pub(super) fn unescaped(text: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, behind)) = rest.split_once('&') {
        out.push_str(before);
        let name = behind.split_once(';').map(|(name, _)| name).filter(|name| name.len() <= 8).unwrap_or_default();
        let number = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
        let character = match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => match name.strip_prefix("#x").or(name.strip_prefix("#X")) {
                Some(digits) => number(digits, 16),
                None => name.strip_prefix('#').and_then(|digits| number(digits, 10)),
            },
        };
        out.push(character.unwrap_or('&'));
        rest = if character.is_some() { &behind[name.len() + 1..] } else { behind };
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate() -> Gate {
        let secret = |value: &str| ("password".to_owned(), value.to_owned());
        Gate::of(&Privacy::new(
            [secret("p'a_ss<word"), secret("0815"), secret("k3ys"), secret("admin")],
            String::new(),
        ))
    }

    #[test]
    fn a_secret_is_found_in_what_a_file_says_and_named() {
        for text in [
            "x p'a_ss<word y",
            r#"{"a":["p\u0027a_ss\u003cword"]}"#,
            r#"{"p'a_ss<word":1}"#,
            "<td>p&#x27;a_ss&lt;word</td>",
            r"p'a\_ss<word",
            "it is k3ys!",
        ] {
            let leak = gate().leak("reports/report.html", text.as_bytes());
            assert_eq!(leak.map(|leak| leak.what).as_deref(), Some("a password known from the bench"), "{text}");
        }
    }

    #[test]
    fn what_everybody_knows_and_what_is_too_short_to_be_told_is_not_looked_for() {
        assert_eq!(gate().leak("dossier/assay.toml", b"admin, 0815, k3ystone, & &x; &#;"), None);
        assert_eq!(Gate::default().leak("a", b"p'a_ss<word"), None);
    }

    #[test]
    fn a_record_is_named_by_its_number() {
        let key = ledger::SigningKey::from_seed(&[1; 32]);
        let leaf = |text: &str| Envelope::sign("t", text.as_bytes(), &key).to_bytes().unwrap();
        let lines = [leaf("{}"), leaf(r#"{"x":"p'a_ss\u003cword"}"#)].join(&b'\n');
        assert_eq!(gate().leak("leaves/00001000.jsonl", &lines).unwrap().place, "record 1001");
    }
}
