//! A search for secrets in bytes that shares nothing with the program: every layer that the bytes hold, every form that a
//! secret can take.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use md5::Digest as _;

/// A secret, by the name under which a test speaks of it.
#[derive(Debug, Clone)]
pub(crate) struct Planted {
    pub(crate) name: &'static str,
    pub(crate) value: String,
}

pub(crate) fn planted(name: &'static str, value: impl Into<String>) -> Planted {
    Planted { name, value: value.into() }
}

/// Values shorter than this count only where no letter or digit is beside them.
const SHORT: usize = 6;

struct Needle {
    name: &'static str,
    form: &'static str,
    bytes: Vec<u8>,
    alone: bool,
}

/// Every form of a value, by name.
pub(crate) fn forms(value: &str) -> Vec<(&'static str, Vec<u8>)> {
    let bytes = value.as_bytes();
    let each = |one: &dyn Fn(u8) -> String| bytes.iter().map(|b| one(*b)).collect::<String>().into_bytes();
    let units: Vec<u16> = value.encode_utf16().collect();
    let mut forms = vec![
        ("plain", bytes.to_vec()),
        ("lower", value.to_lowercase().into_bytes()),
        ("upper", value.to_uppercase().into_bytes()),
        ("reversed", value.chars().rev().collect::<String>().into_bytes()),
        ("hex", each(&|b| format!("{b:02x}"))),
        ("HEX", each(&|b| format!("{b:02X}"))),
        ("hex with colons", bytes.iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>().join(":").into_bytes()),
        ("percent", each(&|b| format!("%{b:02x}"))),
        ("PERCENT", each(&|b| format!("%{b:02X}"))),
        ("entities", each(&|b| format!("&#{b};"))),
        ("hex entities", each(&|b| format!("&#x{b:x};"))),
        ("json escapes", units.iter().fold(String::new(), |s, u| s + &format!("\\u{u:04x}")).into_bytes()),
        ("utf-16le", units.iter().flat_map(|u| u.to_le_bytes()).collect()),
        ("utf-16be", units.iter().flat_map(|u| u.to_be_bytes()).collect()),
    ];
    for shift in 0..3 {
        // The whole characters that the value alone decides, with `shift` unknown bytes before it.
        let padded = [vec![0; shift], bytes.to_vec()].concat();
        let (from, to) = ((8 * shift).div_ceil(6), 8 * padded.len() / 6);
        forms.push(("base64", STANDARD_NO_PAD.encode(&padded).as_bytes()[from..to].to_vec()));
        forms.push(("base64url", URL_SAFE_NO_PAD.encode(&padded).as_bytes()[from..to].to_vec()));
    }
    for ended in [value.to_owned(), format!("{value}\n"), format!("\"{value}\"")] {
        let digests: [(&'static str, Vec<u8>); 3] = [
            ("sha256", model::Digest::of(ended.as_bytes()).as_bytes().to_vec()),
            (
                "sha1",
                ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, ended.as_bytes()).as_ref().to_vec(),
            ),
            ("md5", md5::Md5::digest(ended.as_bytes()).to_vec()),
        ];
        for (form, digest) in digests {
            let hex = digest.iter().fold(String::new(), |mut s, b| {
                let _ = write!(s, "{b:02x}");
                s
            });
            forms.push((form, hex.to_uppercase().into_bytes()));
            forms.push((form, hex.into_bytes()));
            forms.push((form, STANDARD_NO_PAD.encode(&digest).into_bytes()));
            forms.push((form, URL_SAFE_NO_PAD.encode(&digest).into_bytes()));
            forms.push((form, digest));
        }
    }
    forms
}

fn needles(planted: &[Planted]) -> Vec<Needle> {
    let mut needles = Vec::new();
    for one in planted {
        for (form, bytes) in forms(&one.value) {
            let (is_short, literal) = (one.value.len() < SHORT, matches!(form, "plain" | "lower" | "upper"));
            // So few characters of Base64 stand anywhere by chance, and so does a short number turned around.
            let is_chance = is_short && (form.starts_with("base64") || form == "reversed");
            if !is_chance {
                needles.push(Needle { name: one.name, form, bytes, alone: is_short && literal });
            }
        }
    }
    needles
}

/// `name as form` of everything found, in any layer.
pub(crate) fn search(planted: &[Planted], bytes: &[u8]) -> BTreeSet<String> {
    let needles = needles(planted);
    let mut starts: HashMap<[u8; 2], Vec<&Needle>> = HashMap::new();
    let mut begins = vec![false; 1 << 16];
    for needle in &needles {
        let start = [needle.bytes[0], needle.bytes[1]];
        begins[usize::from(u16::from_be_bytes(start))] = true;
        starts.entry(start).or_default().push(needle);
    }
    let mut found = BTreeSet::new();
    for layer in layers(bytes) {
        for at in 0..layer.len().saturating_sub(1) {
            let start = [layer[at], layer[at + 1]];
            if !begins[usize::from(u16::from_be_bytes(start))] {
                continue;
            }
            for needle in &starts[&start] {
                let after = layer.get(at + needle.bytes.len());
                let before = at.checked_sub(1).map(|before| &layer[before]);
                let beside = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
                if layer[at..].starts_with(&needle.bytes) && !(needle.alone && (beside(before) || beside(after))) {
                    found.insert(format!("{} as {}", needle.name, needle.form));
                }
            }
        }
    }
    found
}

/// The bytes, what they hold in other encodings, and what that holds.
fn layers(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut layers = vec![bytes.to_vec()];
    let mut outer = vec![bytes.to_vec()];
    for _ in 0..2 {
        let mut inner = Vec::new();
        for layer in &outer {
            // What is unpacked is unpacked again; what only loses its escapes is not.
            let unpacked = [json_texts(layer), runs(layer, true), runs(layer, false)];
            let unescaped = [entities(layer), percent(layer), backslashes(layer)];
            inner.extend(unpacked.iter().filter(|one| !one.is_empty()).cloned());
            layers.extend(unpacked.into_iter().chain(unescaped).filter(|one| one != layer && !one.is_empty()));
        }
        outer = inner;
    }
    layers
}

/// Every text of every line that is JSON, and of the whole.
fn json_texts(bytes: &[u8]) -> Vec<u8> {
    fn gather(value: &serde_json::Value, said: &mut Vec<u8>) {
        match value {
            serde_json::Value::String(text) => {
                said.extend_from_slice(text.as_bytes());
                said.push(b'\n');
            }
            serde_json::Value::Array(items) => items.iter().for_each(|item| gather(item, said)),
            serde_json::Value::Object(members) => members.iter().for_each(|(name, member)| {
                said.extend_from_slice(name.as_bytes());
                said.push(b'\n');
                gather(member, said);
            }),
            other => {
                said.extend_from_slice(other.to_string().as_bytes());
                said.push(b'\n');
            }
        }
    }
    let mut said = Vec::new();
    // Files in a tar are filled up with zero bytes.
    for file in bytes.split(|byte| *byte == 0).filter(|file| !file.is_empty()) {
        match serde_json::from_slice(file) {
            Ok(value) => gather(&value, &mut said),
            Err(_) => {
                for line in file.split(|byte| *byte == b'\n') {
                    if let Ok(value) = serde_json::from_slice(line) {
                        gather(&value, &mut said);
                    }
                }
            }
        }
    }
    said
}

/// Every run of Base64 or of hexadecimal digits, decoded.
fn runs(bytes: &[u8], base64: bool) -> Vec<u8> {
    let is_part = |b: &u8| match base64 {
        true => b.is_ascii_alphanumeric() || b"+/-_".contains(b),
        false => b.is_ascii_hexdigit(),
    };
    let mut decoded = Vec::new();
    for run in bytes.split(|byte| !is_part(byte)).filter(|run| run.len() >= 8) {
        if base64 {
            let run = &run[..run.len() - usize::from(run.len() % 4 == 1)];
            let lax = base64::engine::GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true);
            let lax = lax.with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent);
            for alphabet in [&base64::alphabet::STANDARD, &base64::alphabet::URL_SAFE] {
                let engine = base64::engine::GeneralPurpose::new(alphabet, lax);
                if let Ok(bytes) = engine.decode(run) {
                    decoded.extend(bytes);
                    decoded.push(0);
                }
            }
        } else if let Ok(bytes) = hex::decode(&run[..run.len() - run.len() % 2]) {
            decoded.extend(bytes);
            decoded.push(0);
        }
    }
    decoded
}

fn entities(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let mut out = String::new();
    let mut pieces = text.split('&');
    out.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let (name, rest) = piece.split_once(';').unwrap_or(("", piece));
        let code = name.strip_prefix("#x").map(|d| u32::from_str_radix(d, 16).ok());
        let code = code.or_else(|| name.strip_prefix('#').map(|d| d.parse().ok())).flatten();
        let known = [("amp", '&'), ("lt", '<'), ("gt", '>'), ("quot", '"'), ("apos", '\'')];
        let known = known.iter().find(|(word, _)| *word == name).map(|(_, c)| *c);
        match known.or(code.and_then(char::from_u32)) {
            Some(character) => {
                out.push(character);
                out.push_str(rest);
            }
            None => {
                out.push('&');
                out.push_str(piece);
            }
        }
    }
    out.into_bytes()
}

fn percent(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = bytes.get(at + 1..at + 3).filter(|_| bytes[at] == b'%').and_then(|d| hex::decode(d).ok());
        match code {
            Some(code) => {
                out.extend(code);
                at += 3;
            }
            None => {
                out.push(if bytes[at] == b'+' { b' ' } else { bytes[at] });
                at += 1;
            }
        }
    }
    out
}

fn backslashes(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().filter(|byte| *byte != b'\\').collect()
}
