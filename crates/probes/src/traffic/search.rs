//! Looks through what is readable for what the caller names (patterns, canaries), and for what names itself a secret.

use aho_corasick::{AhoCorasick, MatchKind};
use regex::bytes::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};
use wire::overheard::{Readable, named_secret};

const MOST_PATTERNS: usize = 64;
const MOST_CANARIES: usize = 64;
/// Characters of a pattern.
const MOST_PATTERN: usize = 512;
/// Bytes of a canary.
const CANARY: std::ops::RangeInclusive<usize> = 4..=256;
/// What one pattern may take when it is compiled.
const PATTERN_SIZE: usize = 1 << 20;
/// A match in bytes of no known protocol has at least this length: shorter ones come about by chance.
const LEAST_BY_CHANCE: usize = 8;
/// Bytes kept behind what was looked through, so that nothing is lost between two segments.
const BEFORE: usize = 320;
/// Bytes that have to follow a place before it is looked at: values stand behind their names.
const BEHIND: usize = 128;
/// Bytes of a text that is kept.
const MOST_TEXT: usize = 256;

/// A pattern of personal data, as the caller declares it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pattern {
    /// Its name, which is told as the place: `e-mail`.
    pub name: String,
    /// The regular expression, over bytes.
    pub regex: String,
    /// The kind of what it finds.
    #[serde(default = "personal_data")]
    pub kind: String,
}

/// A value that was put into the product so that it would be known again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Canary {
    /// Its name, which is told as the place.
    pub name: String,
    /// The value: 4 to 256 bytes.
    pub value: String,
    /// The kind of what it finds.
    #[serde(default = "canary")]
    pub kind: String,
}

fn personal_data() -> String {
    "personal-data".to_owned()
}

fn canary() -> String {
    "canary".to_owned()
}

/// A find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Match {
    pub(super) kind: String,
    pub(super) place: String,
    pub(super) text: Vec<u8>,
}

/// One direction of a conversation, with the bytes that may belong to what comes next.
#[derive(Debug, Default)]
pub(super) struct Tail {
    bytes: Vec<u8>,
    /// Places up to here are done.
    done: usize,
    /// What the bytes are; another kind begins anew.
    what: Option<Readable>,
    /// When the last of them came, in nanoseconds.
    pub(super) at: u64,
}

/// What is looked for.
#[derive(Debug)]
pub(super) struct Search {
    needles: AhoCorasick,
    /// What each needle stands for.
    meant: Vec<Needle>,
    canaries: Option<AhoCorasick>,
    /// Name and kind of each form of a canary.
    named: Vec<(String, String)>,
    patterns: Vec<(Regex, String, String)>,
    /// Room for a tail with what follows it.
    scratch: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
enum Needle {
    /// The end of a name, with the mark behind it.
    Name,
    /// The front of a token.
    Token,
    /// The front of a key.
    Key,
}

const NAMES: [&str; 20] = [
    "assword\"",
    "asswd\"",
    "assphrase\"",
    "\"pass\"",
    "\"pwd\"",
    "psk\"",
    "Psk\"",
    "\"pin\"",
    "ecret\"",
    "oken\"",
    "piKey\"",
    "pi_key\"",
    "pikey\"",
    "ccess_key\"",
    "ccessKey\"",
    "ession_id\"",
    "essionId\"",
    "assword>",
    "<psk>",
    "oken>",
];

impl Search {
    /// # Errors
    /// What is wrong with a pattern or a canary, one line.
    pub(super) fn new(patterns: &[Pattern], canaries: &[Canary]) -> Result<Self, String> {
        if patterns.len() > MOST_PATTERNS || canaries.len() > MOST_CANARIES {
            return Err(format!("more than {MOST_PATTERNS} patterns or {MOST_CANARIES} canaries"));
        }
        let mut needles: Vec<Vec<u8>> = NAMES.iter().map(|name| name.as_bytes().to_vec()).collect();
        let mut meant = vec![Needle::Name; needles.len()];
        needles.push(b"eyJ".to_vec());
        meant.push(Needle::Token);
        needles.push(b"-----BEGIN ".to_vec());
        meant.push(Needle::Key);
        let needles = automaton(&needles)?;
        let (mut values, mut named) = (Vec::new(), Vec::new());
        for Canary { name, value, kind } in canaries {
            if !CANARY.contains(&value.len()) {
                return Err(format!("canary {name} has not 4 to 256 bytes"));
            }
            for form in forms(value) {
                values.push(form);
                named.push((name.clone(), kind.clone()));
            }
        }
        let canaries = (!values.is_empty()).then(|| automaton(&values)).transpose()?;
        let mut compiled = Vec::new();
        for Pattern { name, regex, kind } in patterns {
            if regex.len() > MOST_PATTERN {
                return Err(format!("pattern {name} is longer than {MOST_PATTERN} bytes"));
            }
            let built = RegexBuilder::new(regex).size_limit(PATTERN_SIZE).dfa_size_limit(PATTERN_SIZE).build();
            let built = built.map_err(|error| format!("pattern {name}: {error}"))?;
            if built.is_match(b"") {
                return Err(format!("pattern {name} finds what is not there: it matches nothing at all"));
            }
            compiled.push((built, name.clone(), kind.clone()));
        }
        Ok(Self { needles, meant, canaries, named, patterns: compiled, scratch: Vec::new() })
    }

    /// Looks through the next bytes of a direction; with `last` nothing more follows them.
    pub(super) fn look(
        &mut self,
        tail: &mut Tail,
        bytes: &[u8],
        what: Readable,
        last: bool,
        found: &mut dyn FnMut(Match),
    ) {
        if tail.what.is_some_and(|before| before != what) {
            self.finish(tail, found);
        }
        tail.what = Some(what);
        let mut buffer = std::mem::take(&mut self.scratch);
        buffer.clear();
        buffer.extend_from_slice(&tail.bytes);
        buffer.extend_from_slice(bytes);
        let until = if last { buffer.len() } else { buffer.len().saturating_sub(BEHIND) };
        self.within(&buffer, tail.done, until, what, found);
        let kept = if last { 0 } else { buffer.len().min(BEFORE) };
        let from = buffer.len() - kept;
        tail.bytes.clear();
        tail.bytes.extend_from_slice(&buffer[from..]);
        tail.done = until.max(tail.done).saturating_sub(from);
        self.scratch = buffer;
    }

    /// Nothing more follows, or bytes are missing.
    pub(super) fn finish(&mut self, tail: &mut Tail, found: &mut dyn FnMut(Match)) {
        if let Some(what) = tail.what.take() {
            let bytes = std::mem::take(&mut tail.bytes);
            let done = std::mem::take(&mut tail.done);
            self.within(&bytes, done, bytes.len(), what, found);
        }
    }

    /// Finds that end behind `done` and not behind `until`.
    fn within(&self, buffer: &[u8], done: usize, until: usize, what: Readable, found: &mut dyn FnMut(Match)) {
        if until <= done {
            return;
        }
        let is_due = |end: usize| end > done && end <= until;
        let tell = |kind: &str, place: &str, text: &[u8]| Match {
            kind: kind.to_owned(),
            place: place.to_owned(),
            text: text[..text.len().min(MOST_TEXT)].to_vec(),
        };
        for one in self.needles.find_iter(buffer) {
            if !is_due(one.end()) {
                continue;
            }
            match &self.meant[one.pattern().as_usize()] {
                Needle::Name if what == Readable::Data => {
                    if let Some(named) = named_secret(buffer, one.end() - 1) {
                        found(tell(named.kind, &String::from_utf8_lossy(named.name), named.value));
                    }
                }
                Needle::Name => {}
                Needle::Token => {
                    if let Some(token) = web_token(&buffer[one.start()..]) {
                        found(tell("token", "JSON Web Token", token));
                    }
                }
                Needle::Key => {
                    let line = &buffer[one.end()..buffer.len().min(one.end() + 40)];
                    if let Some(at) = position_of(line, b"PRIVATE KEY-----") {
                        let end = (one.end() + at + MOST_TEXT).min(buffer.len());
                        found(tell("key", "private key in PEM", &buffer[one.start()..end]));
                    }
                }
            }
        }
        for one in self.canaries.iter().flat_map(|canaries| canaries.find_iter(buffer)) {
            if is_due(one.end()) {
                let (name, kind) = &self.named[one.pattern().as_usize()];
                found(tell(kind, name, &buffer[one.start()..one.end()]));
            }
        }
        for (regex, name, kind) in &self.patterns {
            for one in regex.find_iter(buffer) {
                let by_chance = what == Readable::Unknown && one.len() < LEAST_BY_CHANCE;
                if is_due(one.end()) && !by_chance {
                    found(tell(kind, name, one.as_bytes()));
                }
            }
        }
    }
}

fn automaton(needles: &[Vec<u8>]) -> Result<AhoCorasick, String> {
    // Only with a leftmost match is the fast search for several needles at once used.
    AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(needles).map_err(|error| error.to_string())
}

fn position_of(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len()).position(|window| window == needle)
}

/// A JSON Web Token (RFC 7519): two objects in base64url and, mostly, a signature.
fn web_token(bytes: &[u8]) -> Option<&[u8]> {
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let part = |bytes: &[u8]| bytes.iter().position(|byte| !is_digit(byte)).unwrap_or(bytes.len());
    let head = part(bytes);
    let rest = bytes.get(head..)?.strip_prefix(b".eyJ")?;
    let body = part(rest);
    if head < 12 || body < 8 {
        return None;
    }
    let end = head + 4 + body;
    let signature = bytes[end..].strip_prefix(b".").map_or(0, |rest| 1 + part(rest));
    Some(&bytes[..end + signature])
}

/// A canary as it is, and as it stands inside other texts.
fn forms(value: &str) -> Vec<Vec<u8>> {
    let bytes = value.as_bytes();
    let mut forms = vec![bytes.to_vec()];
    let percent = wire::http::percent_encoded(value);
    let escaped = serde_json::Value::from(value).to_string();
    forms.push(percent.replace("%20", "+").into_bytes());
    forms.push(percent.into_bytes());
    forms.push(escaped.trim_matches('"').as_bytes().to_vec());
    if bytes.len() >= 6 {
        forms.push(hex::encode(bytes).into_bytes());
        forms.push(hex::encode_upper(bytes).into_bytes());
    }
    if bytes.len() >= 9 {
        // In base64 a text has one of three forms, by where it begins; its edges depend on what stands beside it.
        for before in 0..3 {
            let padded = [&b"\0\0"[..before], bytes].concat();
            let whole = &padded[..padded.len() / 3 * 3];
            let text = wire::base64::encode_unpadded(whole);
            let edge = if before == 0 { 0 } else { 4 };
            forms.push(text.as_bytes()[edge..].to_vec());
        }
    }
    forms.sort();
    forms.dedup();
    forms
}
