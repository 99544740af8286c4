//! Ways in which an input can be wrong, and how each is written: into a field of a message, of the query, of the path,
//! of a header, or the message as a whole.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wire::http::percent_encoded;
use wire::text::visible;

use super::canaries::{canaries, entities, few};
use super::form::{Element, Field, Form, Message, Payload, elements, pairs, path, xml_escaped};
use super::limits::{Limit, beyond};

/// Bytes of an oversized value.
pub(super) const OVERSIZE: usize = 64 * 1024;
/// Bytes of an oversized value in a path or a header, which servers bound together with the whole head.
const OVERSIZE_HEAD: usize = 16 * 1024;
/// Brackets of a nesting that no parser should follow.
const DEPTH: usize = 1000;
/// Stands in a message where raw bytes are put.
const PLACE: &str = "assay\u{e000}place";
const SHOWN: usize = 80;
/// Numbers that lie outside of every range that means something.
const FAR: [&str; 2] = ["-9223372036854775807", "99999999999999999999999999"];

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
    /// Whether a declared limit is all that it breaks: a text one character too long.
    #[serde(default)]
    pub beyond: bool,
    /// Whether only the well-formed value lets one think that it is wrong: no description says so.
    #[serde(default, skip_serializing_if = "is_not")]
    pub guessed: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_not(flag: &bool) -> bool {
    !flag
}

impl Violation {
    /// One that is wrong by itself, and of which nothing would show an effect.
    pub(super) fn new(name: &str, shown: impl Into<String>) -> Self {
        let (name, shown) = (name.to_owned(), shown.into());
        Self { name, mark: Mark::None, shown, beyond: false, guessed: false }
    }

    /// Whether a text field may well keep the value as the plain text that it is.
    pub(super) fn is_plain_text(&self) -> bool {
        self.name.ends_with("-canary")
    }

    /// Whether closing the connection is a usual way to turn it away.
    pub(super) fn is_too_much(&self) -> bool {
        matches!(self.name.as_str(), "oversize" | "deep-nesting")
    }
}

/// A wrong input and the request that carries it.
pub(super) type Wrong = (Violation, Message);

/// Every wrong input for a field, harmless mistakes first. `numbers` are the factors of the canaries.
pub(super) fn violations(field: &Field, form: &Form, limits: &[Limit], numbers: (u64, u64)) -> Vec<Wrong> {
    let limit = limits.iter().find(|limit| limit.field == field.name());
    match (field, &form.payload) {
        (Field::Body(path), Payload::Json(example)) => in_json(path, form, example, limit, numbers),
        (Field::Whole, _) => in_whole(form),
        (Field::Body(_), Payload::None) => Vec::new(),
        _ => in_text(field, form, limit, numbers),
    }
}

fn plain(name: &str, value: &[u8]) -> Violation {
    Violation::new(name, visible(value, SHOWN))
}

fn with_body(form: &Form, body: &[u8]) -> Message {
    Message { body: Some(body.to_vec()), ..form.message() }
}

/// The message itself: broken, of another kind, with another name, in another encoding.
fn in_whole(form: &Form) -> Vec<Wrong> {
    let Some(good) = form.body() else { return Vec::new() };
    let cut = &good[..good.len().saturating_sub(1)];
    let mut bodies: Vec<(&str, Vec<u8>)> = match &form.payload {
        Payload::Json(example) => {
            let mut bodies = vec![
                ("malformed", cut.to_vec()),
                ("malformed", b"assay".to_vec()),
                ("wrong-type", b"[]".to_vec()),
                ("wrong-type", b"7".to_vec()),
            ];
            if let Value::Object(fields) = example {
                let mut more = fields.clone();
                more.insert("assay_extra".to_owned(), json!("assay"));
                bodies.push(("extra-names", Value::Object(more).to_string().into_bytes()));
            }
            bodies
        }
        Payload::Form(_) => vec![
            ("malformed", b"%zz=%&=&&&".to_vec()),
            ("malformed", b"{\"assay\":".to_vec()),
            ("extra-names", [&good, b"&assay_extra=assay".as_slice()].concat()),
        ],
        Payload::Xml(_) => vec![
            ("malformed", cut.to_vec()),
            ("malformed", b"assay".to_vec()),
            ("deep-nesting", ["<a>".repeat(DEPTH), "</a>".repeat(DEPTH)].concat().into_bytes()),
        ],
        Payload::None => Vec::new(),
    };
    bodies.push(("invalid-text", [&good, b"\xc0\xaf\xff".as_slice()].concat()));
    bodies.push(("invalid-text", good.iter().flat_map(|byte| [0, *byte]).collect()));
    bodies.push(("missing", Vec::new()));
    bodies.push(("oversize", [good.as_slice(), &vec![b' '; OVERSIZE]].concat()));
    let mut found: Vec<Wrong> =
        bodies.iter().map(|(name, body)| (plain(name, body), with_body(form, body))).collect();
    for media in ["text/plain", "application/x-assay"] {
        found
            .push((plain("wrong-media", media.as_bytes()), Message { media: media.to_owned(), ..form.message() }));
    }
    found
}

fn in_json(
    names: &[String],
    form: &Form,
    example: &Value,
    limit: Option<&Limit>,
    numbers: (u64, u64),
) -> Vec<Wrong> {
    let own = names.iter().try_fold(example, |value, name| value.get(name)).cloned().unwrap_or(Value::Null);
    let mut found: Vec<Wrong> = Vec::new();
    let mut raw = |violation: Violation, bytes: &[u8]| {
        found.push((violation, with_body(form, &placed(example, names, bytes))));
    };
    let wrong_types = match own {
        Value::String(_) => [json!(42), json!({"assay": 1})],
        Value::Bool(_) => [json!("assay"), json!(7)],
        Value::Number(_) => [json!("assay"), json!({"assay": 1})],
        _ => [json!("assay"), json!(7)],
    };
    for value in wrong_types {
        let text = value.to_string();
        raw(plain("wrong-type", text.as_bytes()), text.as_bytes());
    }
    if !limit.is_some_and(|limit| limit.nullable) {
        raw(plain("null", b"null"), b"null");
    }
    if own.is_number() {
        for text in FAR {
            raw(plain("out-of-range", text.as_bytes()), text.as_bytes());
        }
    }
    for (name, value) in limit.map(|limit| beyond(limit, &own)).unwrap_or_default() {
        let text = value.to_string();
        raw(Violation { beyond: true, ..plain(name, text.as_bytes()) }, text.as_bytes());
    }
    let own_text = own.to_string();
    let name = names.last().map(|name| Value::String(name.clone()).to_string()).unwrap_or_default();
    let twice = format!("{own_text},{name}:{own_text}");
    raw(plain("duplicate-names", twice.as_bytes()), twice.as_bytes());
    if let Value::String(text) = &own {
        let control = json!(format!("{text}\u{0}\r\n\u{1b}[2J")).to_string();
        raw(plain("control-characters", control.as_bytes()), control.as_bytes());
        raw(plain("invalid-text", b"\"\\ud800\""), b"\"\\ud800\"");
        raw(plain("invalid-text", b"\"\xc0\xaf\xff\""), b"\"\xc0\xaf\xff\"");
    }
    let deep = ["[".repeat(DEPTH), "]".repeat(DEPTH)].concat();
    raw(plain("deep-nesting", deep.as_bytes()), deep.as_bytes());
    let large = json!("A".repeat(OVERSIZE)).to_string();
    raw(plain("oversize", large.as_bytes()), large.as_bytes());
    found.push((plain("missing", b""), with_body(form, without(example, names).to_string().as_bytes())));
    let texts = match &own {
        Value::String(text) => canaries(text, numbers),
        other => few(&other.to_string(), numbers),
    };
    for (name, mark, value) in texts {
        let body = placed(example, names, json!(value).to_string().as_bytes());
        found.push((Violation { mark, ..plain(name, value.as_bytes()) }, with_body(form, &body)));
    }
    found
}

/// A field that holds a text: of the query, the path, a header, a form, or an element of XML.
fn in_text(field: &Field, form: &Form, limit: Option<&Limit>, numbers: (u64, u64)) -> Vec<Wrong> {
    let own = form.own_text(field);
    let mut found: Vec<Wrong> = Vec::new();
    let mut put = |violation: Violation, value: &[u8]| {
        if let Some(message) = written(field, form, value) {
            found.push((violation, message));
        }
    };
    let is_element = matches!(form.payload, Payload::Xml(_)) && matches!(field, Field::Body(_));
    if !matches!(field, Field::Path(..)) {
        put(Violation { guessed: limit.is_none_or(|limit| limit.shortest.is_none()), ..plain("empty", b"") }, b"");
    }
    let described = limit.map(|limit| limit.kind.as_str()).filter(|kind| !kind.is_empty());
    let guessed = described.is_none();
    let kind = described.unwrap_or_else(|| kind_of(&own));
    if guessed && !kind.is_empty() {
        put(Violation { guessed, ..plain("wrong-type", b"assay") }, b"assay");
    }
    if matches!(kind, "integer" | "number") {
        for far in FAR {
            put(Violation { guessed, ..plain("out-of-range", far.as_bytes()) }, far.as_bytes());
        }
    }
    let control = [own.as_bytes(), b"\0\r\n\x1b"].concat();
    put(plain("control-characters", b"%00%0d%0a%1b"), &control);
    put(plain("invalid-text", b"%c0%af%ff"), b"\xc0\xaf\xff");
    let is_head = matches!(field, Field::Path(..) | Field::Header(_));
    put(plain("oversize", &[b'A'; 100]), &vec![b'A'; if is_head { OVERSIZE_HEAD } else { OVERSIZE }]);
    for (name, value) in limit.map(|limit| beyond(limit, &limit.read(&own))).unwrap_or_default() {
        let text = wire::api::sample::plain(&value);
        put(Violation { beyond: true, ..plain(name, text.as_bytes()) }, text.as_bytes());
    }
    for (name, mark, value) in canaries(&own, numbers) {
        put(Violation { mark, ..plain(name, value.as_bytes()) }, value.as_bytes());
    }
    let header = format!("{own}\r\nX-Assay-Canary: {}", numbers.0);
    let mark = Mark::Header("x-assay-canary".to_owned());
    if !is_element && !matches!(field, Field::Header(_)) {
        let twice = percent_encoded("../../../../../../etc/passwd");
        put(Violation { mark: Mark::Accounts, ..plain("traversal-canary", twice.as_bytes()) }, twice.as_bytes());
        put(Violation { mark, ..plain("header-canary", b"CR LF") }, header.as_bytes());
    }
    if let (Field::Query(name), Some(missing)) = (field, missing(field, form)) {
        found.push((plain("missing", b""), missing));
        let own = pairs(&form.target).into_iter().find(|(own, _)| own == name).map_or("", |(_, value)| value);
        let twice = in_query(&form.target, name, Some(&format!("{own}&{name}={own}")));
        found.push((plain("duplicate-names", own.as_bytes()), Message { target: twice, ..form.message() }));
    } else if let Some(missing) = missing(field, form) {
        found.push((plain("missing", b""), missing));
    }
    if is_element {
        found.extend(in_element(field, form, &own, numbers));
    }
    found
}

fn in_element(field: &Field, form: &Form, own: &str, numbers: (u64, u64)) -> Vec<Wrong> {
    let (Payload::Xml(text), Field::Body(names)) = (&form.payload, field) else { return Vec::new() };
    let Some(element) = elements(text).into_iter().find(|element| names.first() == Some(&element.name)) else {
        return Vec::new();
    };
    let replaced = |value: &str| [&text[..element.from], value, &text[element.to..]].concat();
    let Element { name, .. } = &element;
    let twice = replaced(&format!("{own}</{name}><{name}>{own}"));
    let mut found = vec![(plain("duplicate-names", own.as_bytes()), with_body(form, twice.as_bytes()))];
    let inside = replaced("<assay><assay/></assay>");
    found.push((plain("wrong-type", b"<assay>"), with_body(form, inside.as_bytes())));
    for (name, mark, document_type, value) in entities(numbers) {
        let whole = replaced(value);
        let at = if whole.starts_with("<?") { whole.find("?>").map_or(0, |at| at + 2) } else { 0 };
        let body = [&whole[..at], &document_type, &whole[at..]].concat();
        found
            .push((Violation { mark, ..plain(name, document_type.as_bytes()) }, with_body(form, body.as_bytes())));
    }
    found
}

/// What a text reads as, where that is no mere text.
fn kind_of(text: &str) -> &'static str {
    match text.trim() {
        "true" | "false" => "boolean",
        // A number with a zero before it, or a long one, is a name made of digits: a time, a code, a serial number.
        text if text.len() > 9 || (text.starts_with('0') && text.len() > 1) => "",
        text if text.parse::<i64>().is_ok() => "integer",
        text if text.parse::<f64>().is_ok_and(f64::is_finite) && text.contains('.') => "number",
        _ => "",
    }
}

/// The request with these bytes as the value of a field that holds a text.
pub(super) fn written(field: &Field, form: &Form, value: &[u8]) -> Option<Message> {
    let good = form.message();
    Some(match field {
        Field::Query(name) => {
            Message { target: in_query(&form.target, name, Some(&percent_encoded_bytes(value))), ..good }
        }
        Field::Path(_, at) => {
            let query = form.target.split_once('?').map(|(_, query)| query);
            let mut segments: Vec<String> = path(&form.target).split('/').map(str::to_owned).collect();
            *segments.get_mut(*at)? = percent_encoded_bytes(value);
            let path = segments.join("/");
            Message { target: query.map_or(path.clone(), |query| format!("{path}?{query}")), ..good }
        }
        Field::Header(name) => {
            let headers = good
                .headers
                .iter()
                .map(|(own, old)| (own.clone(), if own == name { value.to_vec() } else { old.clone() }));
            Message { headers: headers.collect(), ..good }
        }
        Field::Body(names) => match &form.payload {
            Payload::Form(pairs) => {
                let name = names.first()?;
                let fields = pairs.iter().map(|(own, old)| match own == name {
                    true => format!("{}={}", percent_encoded(own), percent_encoded_bytes(value)),
                    false => format!("{}={}", percent_encoded(own), percent_encoded(old)),
                });
                with_body(form, fields.collect::<Vec<_>>().join("&").as_bytes())
            }
            Payload::Xml(text) => {
                let element = elements(text).into_iter().find(|element| names.first() == Some(&element.name))?;
                let value = match std::str::from_utf8(value) {
                    Ok(value) => xml_escaped(value).into_bytes(),
                    Err(_) => value.to_vec(),
                };
                let body = [&text.as_bytes()[..element.from], &value, &text.as_bytes()[element.to..]].concat();
                with_body(form, &body)
            }
            Payload::Json(example) => {
                let text = Value::String(String::from_utf8_lossy(value).into_owned()).to_string();
                with_body(form, &placed(example, names, text.as_bytes()))
            }
            Payload::None => return None,
        },
        Field::Whole => return None,
    })
}

fn missing(field: &Field, form: &Form) -> Option<Message> {
    match field {
        Field::Query(name) => Some(Message { target: in_query(&form.target, name, None), ..form.message() }),
        Field::Header(name) => {
            let mut message = form.message();
            message.headers.retain(|(own, _)| own != name);
            Some(message)
        }
        Field::Body(names) => {
            let form = form.without(names.first()?)?;
            Some(form.message())
        }
        _ => None,
    }
}

fn percent_encoded_bytes(bytes: &[u8]) -> String {
    bytes.utf8_chunks().fold(String::new(), |mut out, chunk| {
        out.push_str(&percent_encoded(chunk.valid()));
        chunk.invalid().iter().for_each(|byte| out.push_str(&format!("%{byte:02X}")));
        out
    })
}

/// The target with another value of a query field, or without it.
fn in_query(target: &str, name: &str, value: Option<&str>) -> String {
    let path = path(target);
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
fn placed(example: &Value, names: &[String], bytes: &[u8]) -> Vec<u8> {
    let mut changed = example.clone();
    if let Some(place) = names.iter().try_fold(&mut changed, |value, name| value.get_mut(name)) {
        *place = Value::String(PLACE.to_owned());
    }
    let text = changed.to_string();
    let mark = Value::String(PLACE.to_owned()).to_string();
    match text.split_once(&mark) {
        Some((before, behind)) => [before.as_bytes(), bytes, behind.as_bytes()].concat(),
        None => text.into_bytes(),
    }
}

fn without(example: &Value, names: &[String]) -> Value {
    let mut changed = example.clone();
    if let Some((last, parents)) = names.split_last()
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

    fn form(media: &str, example: &str) -> Form {
        let input = json!({
            "server": {"endpoint": {"address": "192.0.2.7", "transport": "tcp", "port": 80}},
            "request": "PUT /x/7?a=1", "media": media, "example": example, "template": "/x/{id}",
            "headers": [["X-Mode", "a"]],
        });
        Form::of(&serde_json::from_value(input).unwrap()).unwrap()
    }

    fn all() -> [Form; 3] {
        [
            form("", r#"{"ntp": "pool.example", "on": true, "wifi": {"channel": 6}}"#),
            form("application/x-www-form-urlencoded", "name=a&on=1"),
            form("application/xml", "<?xml version='1.0'?><plan><on>06:30</on></plan>"),
        ]
    }

    #[test]
    fn no_canary_holds_the_number_it_would_print_and_none_exceeds_the_bound() {
        for form in all() {
            for field in form.fields() {
                let wrong = violations(&field, &form, &[], NUMBERS);
                assert!((8..=26).contains(&wrong.len()), "{field:?}: {}", wrong.len());
                for (violation, message) in wrong {
                    let mut sent =
                        [message.target.as_bytes(), message.body.as_deref().unwrap_or_default()].concat();
                    message.headers.iter().for_each(|(_, value)| sent.extend(value));
                    if let Mark::Number(number) = &violation.mark {
                        assert!(["31778947", "79194013"].contains(&number.as_str()));
                        assert!(!String::from_utf8_lossy(&sent).contains(number.as_str()));
                    }
                    assert!(sent.len() < OVERSIZE + 300, "{}", violation.name);
                    assert!(model::input_class(&violation.name).is_some(), "{} has no class", violation.name);
                }
            }
        }
    }

    #[test]
    fn every_class_is_tried_at_each_kind_of_message() {
        for form in all() {
            let fields = form.fields();
            let wrong = fields.iter().flat_map(|field| violations(field, &form, &[], NUMBERS));
            let classes: std::collections::BTreeSet<_> =
                wrong.filter_map(|(violation, _)| model::input_class(&violation.name)).collect();
            for class in ["length", "encoding", "structure", "injection", "type", "range"] {
                assert!(classes.contains(class), "{class} at {}: {classes:?}", form.media);
            }
        }
    }

    /// Classes that are broken at a field, by what it holds.
    #[test]
    fn each_kind_of_parameter_is_broken_in_the_classes_that_it_has() {
        let classes = |request: &str, media: &str, example: &str, field: &str| {
            let input = json!({
                "server": {"endpoint": {"address": "192.0.2.7", "transport": "tcp", "port": 80}},
                "request": request, "media": media, "example": example,
            });
            let form = Form::of(&serde_json::from_value(input).unwrap()).unwrap();
            let field = form.fields().into_iter().find(|own| own.name() == field).unwrap();
            let wrong = violations(&field, &form, &[], NUMBERS);
            wrong
                .iter()
                .filter_map(|(wrong, _)| model::input_class(&wrong.name))
                .collect::<std::collections::BTreeSet<_>>()
        };
        let text = ["encoding", "injection", "length", "structure"];
        let number = ["encoding", "injection", "length", "range", "structure", "type"];
        let flag = ["encoding", "injection", "length", "structure", "type"];
        assert!(classes("GET /x?a=word", "", "", "?a").iter().eq(&text));
        assert!(classes("GET /x?a=7", "", "", "?a").iter().eq(&number));
        assert!(classes("GET /x?a=-7.5", "", "", "?a").iter().eq(&number));
        assert!(classes("GET /x?a=true", "", "", "?a").iter().eq(&flag));
        assert!(classes("GET /x?a=0049", "", "", "?a").iter().eq(&text));
        let form = "application/x-www-form-urlencoded";
        assert!(classes("POST /x", form, "level=3&name=plug", "level").iter().eq(&number));
        assert!(classes("POST /x", form, "level=3&name=plug", "name").iter().eq(&text));
        let json = r#"{"name": "plug", "on": true, "level": 3, "all": [1]}"#;
        assert!(classes("PUT /x", "", json, "name").iter().eq(&flag), "a text in JSON has a type");
        let inside = |field| classes("PUT /x", "", json, field);
        assert!(inside("level").is_superset(&["type", "range", "length", "structure"].into()));
        assert!(inside("on").is_superset(&["type", "length", "structure"].into()));
        assert!(inside("all").is_superset(&["type", "length", "structure"].into()));
    }

    #[test]
    fn a_wrong_value_stands_in_its_field_and_the_others_stay() {
        let [json, pairs, xml] = all();
        let Payload::Json(example) = &json.payload else { panic!() };
        let names = ["wifi".to_owned(), "channel".to_owned()];
        let body = placed(example, &names, b"6,\"channel\":6");
        let text = r#"{"ntp":"pool.example","on":true,"wifi":{"channel":6,"channel":6}}"#;
        assert_eq!(String::from_utf8(body).unwrap(), text);
        assert_eq!(in_query("/f?name=a&x=1", "name", Some("../b")), "/f?name=../b&x=1");
        assert_eq!(in_query("/f?name=a", "name", None), "/f");
        let id = written(&Field::Path("id".to_owned(), 2), &json, b"\xc0/").unwrap();
        assert_eq!(id.target, "/x/%C0%2F?a=1");
        let header = written(&Field::Header("X-Mode".to_owned()), &json, b"b").unwrap();
        assert_eq!(header.headers, [("X-Mode".to_owned(), b"b".to_vec())]);
        let on = written(&Field::Body(vec!["on".to_owned()]), &pairs, b"&").unwrap();
        assert_eq!(on.body.unwrap(), b"name=a&on=%26");
        let on = written(&Field::Body(vec!["on".to_owned()]), &xml, b"<x>").unwrap();
        assert_eq!(on.body.unwrap(), b"<?xml version='1.0'?><plan><on>&lt;x&gt;</on></plan>");
    }

    #[test]
    fn an_entity_stands_behind_the_declaration_of_xml() {
        let [.., xml] = all();
        let wrong = violations(&Field::Body(vec!["on".to_owned()]), &xml, &[], NUMBERS);
        let (_, message) = wrong.iter().find(|(violation, _)| violation.name == "entity-canary").unwrap();
        let body = String::from_utf8(message.body.clone().unwrap()).unwrap();
        assert!(
            body.starts_with("<?xml version='1.0'?><!DOCTYPE assay [") && body.ends_with("<on>&a;</on></plan>")
        );
    }
}
