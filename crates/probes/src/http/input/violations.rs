//! Ways in which an input can be wrong, and how each is written: into a field of a JSON message, a field of a query,
//! or the message as a whole.
//!
//! Canaries compute or show something that no plain answer holds; none of them changes, writes or sends anything.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wire::http::percent_encoded;
use wire::text::visible;

/// Bytes of an oversized value.
const OVERSIZE: usize = 64 * 1024;
/// Brackets of a nesting that no parser should follow.
const DEPTH: usize = 1000;
/// Stands in a message where raw bytes are put.
const PLACE: &str = "assay\u{e000}place";
const SHOWN: usize = 80;

/// What would show that a canary took effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// Nothing would.
    None,
    /// This number, which was not sent.
    Number(String),
    /// This tag, unescaped in a page.
    Tag(String),
    /// A list of accounts of the system.
    Accounts,
    /// A header of this name.
    Header(String),
}

/// One wrong input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// What is wrong: `oversize`, `wrong-type`, `command-canary`.
    pub name: String,
    /// What would show an effect.
    pub mark: Mark,
    /// The wrong value, shortened.
    pub shown: String,
}

impl Violation {
    /// Whether a text field may well keep the value as the plain text that it is.
    pub(super) fn is_plain_text(&self) -> bool {
        self.name.ends_with("-canary")
    }

    /// Whether closing the connection is a usual way to turn it away.
    pub(super) fn is_too_much(&self) -> bool {
        matches!(self.name.as_str(), "oversize" | "deep-nesting")
    }
}

/// Where a field stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Field {
    /// In a JSON message, by its path of names.
    Body(Vec<String>),
    /// In the query, by its name.
    Query(String),
    /// The message itself.
    Whole,
}

impl Field {
    /// The name for a reader.
    pub(super) fn name(&self) -> String {
        match self {
            Field::Body(path) => path.join("."),
            Field::Query(name) => format!("?{name}"),
            Field::Whole => "message".to_owned(),
        }
    }
}

/// A request to send: target and body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) target: String,
    pub(super) body: Option<Vec<u8>>,
}

/// Fields of a well-formed request: those of the query, then the leaves of the message.
pub(super) fn fields(target: &str, example: Option<&Value>) -> Vec<Field> {
    let mut found = Vec::new();
    for (name, _) in pairs(target) {
        found.push(Field::Query(name.to_owned()));
    }
    if let Some(example) = example {
        leaves(example, &mut Vec::new(), &mut found);
        found.push(Field::Whole);
    }
    found
}

fn leaves(value: &Value, path: &mut Vec<String>, found: &mut Vec<Field>) {
    match value {
        Value::Object(fields) if !fields.is_empty() && path.len() < 4 => {
            for (name, value) in fields {
                path.push(name.clone());
                leaves(value, path, found);
                path.pop();
            }
        }
        _ if path.is_empty() => {}
        _ => found.push(Field::Body(path.clone())),
    }
}

fn pairs(target: &str) -> Vec<(&str, &str)> {
    let Some((_, query)) = target.split_once('?') else { return Vec::new() };
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .collect()
}

/// Every wrong input for a field, harmless mistakes first. `numbers` are the factors of the canaries.
pub(super) fn violations(
    field: &Field,
    target: &str,
    example: Option<&Value>,
    numbers: (u64, u64),
) -> Vec<(Violation, Message)> {
    match field {
        Field::Query(name) => in_query(name, target, example, numbers),
        Field::Body(path) => example.map(|value| in_body(path, target, value, numbers)).unwrap_or_default(),
        Field::Whole => example.map(|value| in_whole(target, value)).unwrap_or_default(),
    }
}

fn in_whole(target: &str, example: &Value) -> Vec<(Violation, Message)> {
    let mut text = example.to_string();
    text.pop();
    let wrong = [("malformed", text.as_str()), ("malformed", "assay"), ("wrong-type", "[]"), ("wrong-type", "7")];
    wrong
        .into_iter()
        .map(|(name, text)| (plain(name, text.as_bytes()), message(target, text.as_bytes())))
        .collect()
}

fn plain(name: &str, value: &[u8]) -> Violation {
    Violation { name: name.to_owned(), mark: Mark::None, shown: visible(value, SHOWN) }
}

fn message(target: &str, body: &[u8]) -> Message {
    Message { target: target.to_owned(), body: Some(body.to_vec()) }
}

fn in_body(path: &[String], target: &str, example: &Value, numbers: (u64, u64)) -> Vec<(Violation, Message)> {
    let own = path.iter().try_fold(example, |value, name| value.get(name)).cloned().unwrap_or(Value::Null);
    let mut found: Vec<(Violation, Message)> = Vec::new();
    let mut raw = |name: &str, bytes: &[u8]| {
        found.push((plain(name, bytes), message(target, &placed(example, path, bytes))));
    };
    let wrong_types = match own {
        Value::String(_) => [json!(42), json!({"assay": 1})],
        Value::Bool(_) => [json!("assay"), json!(7)],
        Value::Number(_) => [json!("assay"), json!({"assay": 1})],
        _ => [json!("assay"), json!(7)],
    };
    for value in wrong_types {
        raw("wrong-type", value.to_string().as_bytes());
    }
    raw("null", b"null");
    if own.is_number() {
        raw("out-of-range", b"-9223372036854775807");
        raw("out-of-range", b"99999999999999999999999999");
    }
    let own_text = own.to_string();
    let name = path.last().map(|name| Value::String(name.clone()).to_string()).unwrap_or_default();
    raw("duplicate-names", format!("{own_text},{name}:{own_text}").as_bytes());
    if let Value::String(text) = &own {
        raw("control-characters", json!(format!("{text}\u{0}\r\n\u{1b}[2J")).to_string().as_bytes());
        raw("invalid-text", b"\"\\ud800\"");
        raw("invalid-text", b"\"\xc0\xaf\xff\"");
    }
    raw("deep-nesting", ["[".repeat(DEPTH), "]".repeat(DEPTH)].concat().as_bytes());
    raw("oversize", json!("A".repeat(OVERSIZE)).to_string().as_bytes());
    found.push((plain("missing", b""), message(target, without(example, path).to_string().as_bytes())));
    if let Value::String(text) = &own {
        for (name, mark, value) in canaries(text, numbers) {
            let violation = Violation { name: name.to_owned(), mark, shown: visible(value.as_bytes(), SHOWN) };
            let body = placed(example, path, json!(value).to_string().as_bytes());
            found.push((violation, message(target, &body)));
        }
    }
    found
}

fn in_query(name: &str, target: &str, example: Option<&Value>, numbers: (u64, u64)) -> Vec<(Violation, Message)> {
    let own = pairs(target).into_iter().find(|(own, _)| *own == name).map_or("", |(_, value)| value);
    let body = example.map(|value| value.to_string().into_bytes());
    let put = |value: &str| Message { target: in_place(target, name, Some(value)), body: body.clone() };
    let mut found = vec![
        (plain("missing", b""), Message { target: in_place(target, name, None), body: body.clone() }),
        (plain("empty", b""), put("")),
        (plain("duplicate-names", own.as_bytes()), put(&format!("{own}&{name}={own}"))),
        (plain("control-characters", b"%00%0d%0a%1b"), put(&format!("{own}%00%0d%0a%1b"))),
        (plain("invalid-text", b"%c0%af%ff"), put("%c0%af%ff")),
        (plain("oversize", &[b'A'; 100]), put(&"A".repeat(OVERSIZE))),
    ];
    for (name, mark, value) in canaries(own, numbers) {
        let violation = Violation { name: name.to_owned(), mark, shown: visible(value.as_bytes(), SHOWN) };
        found.push((violation, put(&percent_encoded(&value))));
    }
    let twice = percent_encoded(&percent_encoded("../../../../../../etc/passwd"));
    found.push((Violation { mark: Mark::Accounts, ..plain("traversal-canary", twice.as_bytes()) }, put(&twice)));
    let header = Violation { mark: Mark::Header("x-assay-canary".to_owned()), ..plain("header-canary", b"CR LF") };
    found.push((header, put(&format!("{own}%0d%0aX-Assay-Canary:%20{}", numbers.0))));
    found
}

/// Texts that take effect where they reach a command line, a template, a page, a file name or a query language.
fn canaries(own: &str, (left, right): (u64, u64)) -> Vec<(&'static str, Mark, String)> {
    let number = || Mark::Number((left * right).to_string());
    let tag = format!("<assay-canary-{left}>");
    let expression = format!("{left}*{right}");
    let templates = format!("{own}{{{{{expression}}}}}${{{expression}}}#{{{expression}}}<%={expression}%>");
    vec![
        ("quote-canary", Mark::None, format!("{own}'\"`)--")),
        ("markup-canary", Mark::Tag(tag.clone()), format!("{own}\">{tag}")),
        ("template-canary", number(), templates),
        ("traversal-canary", Mark::Accounts, "../../../../../../etc/passwd".to_owned()),
        ("traversal-canary", Mark::Accounts, "....//....//....//....//....//etc/passwd".to_owned()),
        ("traversal-canary", Mark::Accounts, "/etc/passwd".to_owned()),
        ("command-canary", number(), format!("{own};expr {left} \\* {right};")),
        ("command-canary", number(), format!("{own}$(expr {left} \\* {right})")),
        ("command-canary", number(), format!("{own}`expr {left} \\* {right}`")),
        ("command-canary", number(), format!("{own}|expr {left} \\* {right}")),
    ]
}

/// The target with another value of a query field, or without it.
fn in_place(target: &str, name: &str, value: Option<&str>) -> String {
    let path = target.split('?').next().unwrap_or_default();
    let kept: Vec<String> = pairs(target)
        .into_iter()
        .filter_map(|(own, old)| match (own == name, value) {
            (false, _) => Some(format!("{own}={old}")),
            (true, Some(value)) => Some(format!("{own}={value}")),
            (true, None) => None,
        })
        .collect();
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
}

/// The message with these bytes in place of a field's value.
fn placed(example: &Value, path: &[String], bytes: &[u8]) -> Vec<u8> {
    let mut changed = example.clone();
    if let Some(place) = path.iter().try_fold(&mut changed, |value, name| value.get_mut(name)) {
        *place = Value::String(PLACE.to_owned());
    }
    let text = changed.to_string();
    let mark = Value::String(PLACE.to_owned()).to_string();
    match text.split_once(&mark) {
        Some((before, behind)) => [before.as_bytes(), bytes, behind.as_bytes()].concat(),
        None => text.into_bytes(),
    }
}

fn without(example: &Value, path: &[String]) -> Value {
    let mut changed = example.clone();
    if let Some((last, parents)) = path.split_last()
        && let Some(Value::Object(fields)) =
            parents.iter().try_fold(&mut changed, |value, name| value.get_mut(name))
    {
        fields.remove(last);
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBERS: (u64, u64) = (7919, 4013);

    fn example() -> Value {
        json!({"ntp": "pool.example", "on": true, "wifi": {"channel": 6}})
    }

    #[test]
    fn every_leaf_is_a_field_and_so_is_the_query() {
        let names: Vec<_> = fields("/x?a=1&b", Some(&example())).iter().map(Field::name).collect();
        assert_eq!(names, ["?a", "?b", "ntp", "on", "wifi.channel", "message"]);
    }

    #[test]
    fn no_canary_holds_the_number_it_would_print_and_none_exceeds_the_bound() {
        for field in fields("/x?a=1", Some(&example())) {
            let all = violations(&field, "/x?a=1", Some(&example()), NUMBERS);
            assert!((1..=25).contains(&all.len()), "{field:?}: {}", all.len());
            for (violation, message) in all {
                let sent = [message.target.as_bytes(), message.body.as_deref().unwrap_or_default()].concat();
                if let Mark::Number(number) = &violation.mark {
                    assert_eq!(number, "31778947");
                    assert!(!String::from_utf8_lossy(&sent).contains(number));
                }
                let is_bounded = message.body.is_none_or(|body| body.len() < OVERSIZE + 200);
                assert!(is_bounded && message.target.len() < OVERSIZE + 200);
            }
        }
    }

    #[test]
    fn a_wrong_value_stands_in_its_field_and_the_others_stay() {
        let path = ["wifi".to_owned(), "channel".to_owned()];
        let body = placed(&example(), &path, b"6,\"channel\":6");
        assert_eq!(
            String::from_utf8(body).unwrap(),
            r#"{"ntp":"pool.example","on":true,"wifi":{"channel":6,"channel":6}}"#
        );
        assert_eq!(without(&example(), &path), json!({"ntp": "pool.example", "on": true, "wifi": {}}));
        assert_eq!(in_place("/f?name=a&x=1", "name", Some("../b")), "/f?name=../b&x=1");
        assert_eq!(in_place("/f?name=a", "name", None), "/f");
    }
}
