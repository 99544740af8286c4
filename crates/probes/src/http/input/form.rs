//! The well-formed request that wrong ones are made from: its fields, and how each is written.

use serde_json::{Map, Value};
use wire::api::{is_form, is_json, is_xml};
use wire::http::form_pairs;

use super::Input;

/// Most leaves of a message that are looked at.
const MOST_LEAVES: usize = 200;

/// A request to send.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) target: String,
    /// Media type of the body.
    pub(super) media: String,
    pub(super) headers: Vec<(String, Vec<u8>)>,
    pub(super) body: Option<Vec<u8>>,
}

/// What the message is written in.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Payload {
    None,
    Json(Value),
    Form(Vec<(String, String)>),
    Xml(String),
}

/// The well-formed request.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Form {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) media: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) payload: Payload,
    /// Parameters in the path: name and segment.
    pub(super) segments: Vec<(String, usize)>,
}

/// Where a field stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Field {
    /// In the message, by its path of names; an element of XML by its name.
    Body(Vec<String>),
    /// In the query, by its name.
    Query(String),
    /// A segment of the path, by name and place.
    Path(String, usize),
    /// In a header of this name.
    Header(String),
    /// The message itself.
    Whole,
}

impl Field {
    /// The name for a reader, under which limits are declared too.
    pub(super) fn name(&self) -> String {
        match self {
            Field::Body(path) => path.join("."),
            Field::Query(name) => format!("?{name}"),
            Field::Path(name, _) => format!("{{{name}}}"),
            Field::Header(name) => format!("{name}:"),
            Field::Whole => "message".to_owned(),
        }
    }
}

impl Form {
    /// Reads a declared request.
    pub(super) fn of(input: &Input) -> Result<Self, String> {
        let (method, target) = parts(&input.request).ok_or("it is no request in HTTP that is known here")?;
        let (example, media) = (input.example.trim(), input.media.trim());
        let payload = match () {
            () if example.is_empty() => Payload::None,
            () if media.is_empty() || is_json(media) => Payload::Json(
                serde_json::from_str(example).map_err(|error| format!("the example is no JSON: {error}"))?,
            ),
            () if is_form(media) => Payload::Form(form_pairs(example)),
            () if is_xml(media) => Payload::Xml(example.to_owned()),
            () => return Err(format!("messages of {media} are not known here")),
        };
        let media = if media.is_empty() { "application/json" } else { media };
        let segments = input
            .template
            .split('/')
            .enumerate()
            .filter_map(|(at, segment)| Some((segment.strip_prefix('{')?.strip_suffix('}')?.to_owned(), at)));
        Ok(Self {
            method,
            target,
            media: media.to_owned(),
            headers: input.headers.clone(),
            payload,
            segments: segments.collect(),
        })
    }

    /// The request as it should be.
    pub(super) fn message(&self) -> Message {
        Message {
            target: self.target.clone(),
            media: self.media.clone(),
            headers: self.headers.iter().map(|(name, value)| (name.clone(), value.as_bytes().to_vec())).collect(),
            body: self.body(),
        }
    }

    pub(super) fn body(&self) -> Option<Vec<u8>> {
        match &self.payload {
            Payload::None => None,
            Payload::Json(value) => Some(value.to_string().into_bytes()),
            Payload::Form(pairs) => Some(wire::http::form_urlencoded(pairs).into_bytes()),
            Payload::Xml(text) => Some(text.clone().into_bytes()),
        }
    }

    /// What the message says, as JSON: by it the state is compared.
    pub(super) fn values(&self) -> Option<Value> {
        let texts = |pairs: Vec<(String, String)>| {
            Value::Object(
                pairs.into_iter().map(|(name, value)| (name, Value::String(value))).collect::<Map<_, _>>(),
            )
        };
        match &self.payload {
            Payload::None => None,
            Payload::Json(value) => Some(value.clone()),
            Payload::Form(pairs) => Some(texts(pairs.clone())),
            Payload::Xml(text) => Some(texts(elements(text).into_iter().map(|e| (e.name, e.text)).collect())),
        }
    }

    /// What a wrong message made from this one says.
    pub(super) fn sent(&self, message: &Message) -> Option<Value> {
        let body = message.body.as_deref()?;
        let text = || String::from_utf8_lossy(body).into_owned();
        match &self.payload {
            Payload::None => None,
            Payload::Json(_) => serde_json::from_slice(body).ok(),
            Payload::Form(_) => Self { payload: Payload::Form(form_pairs(&text())), ..self.clone() }.values(),
            Payload::Xml(_) => Self { payload: Payload::Xml(text()), ..self.clone() }.values(),
        }
    }

    /// The same request with these values in its message, for those fields that it has.
    pub(super) fn with_values(&self, values: &Value) -> Self {
        let mut form = self.clone();
        match &mut form.payload {
            Payload::None => {}
            Payload::Json(own) => *own = values.clone(),
            Payload::Form(pairs) => {
                for (name, value) in pairs {
                    if let Some(new) = values.get(name.as_str()) {
                        *value = wire::api::sample::plain(new);
                    }
                }
            }
            Payload::Xml(text) => {
                for element in elements(text).into_iter().rev() {
                    if let Some(new) = values.get(&element.name) {
                        let new = xml_escaped(&wire::api::sample::plain(new));
                        text.replace_range(element.from..element.to, &new);
                    }
                }
            }
        }
        form
    }

    /// The request without a field of its message.
    pub(super) fn without(&self, name: &str) -> Option<Self> {
        let mut form = self.clone();
        match &mut form.payload {
            Payload::Json(Value::Object(fields)) => {
                fields.remove(name)?;
            }
            Payload::Form(pairs) => {
                let before = pairs.len();
                pairs.retain(|(own, _)| own != name);
                (pairs.len() < before).then_some(())?;
            }
            _ => return None,
        }
        Some(form)
    }

    /// Every field: of path, query and headers, then the leaves of the message, then the message itself.
    pub(super) fn fields(&self) -> Vec<Field> {
        let mut found: Vec<Field> =
            self.segments.iter().map(|(name, at)| Field::Path(name.clone(), *at)).collect();
        for (name, _) in pairs(&self.target) {
            found.push(Field::Query(name.to_owned()));
        }
        found.extend(self.headers.iter().map(|(name, _)| Field::Header(name.clone())));
        match &self.payload {
            Payload::None => {}
            Payload::Json(value) => {
                leaves(value, &mut Vec::new(), &mut found);
                found.push(Field::Whole);
            }
            Payload::Form(pairs) => {
                found.extend(pairs.iter().take(MOST_LEAVES).map(|(name, _)| Field::Body(vec![name.clone()])));
                found.push(Field::Whole);
            }
            Payload::Xml(text) => {
                found.extend(elements(text).into_iter().map(|element| Field::Body(vec![element.name])));
                found.push(Field::Whole);
            }
        }
        found
    }

    /// The well-formed text of a field outside JSON.
    pub(super) fn own_text(&self, field: &Field) -> String {
        let decoded = |text: &str| form_pairs(&format!("x={}", text.replace('&', "%26"))).pop().map(|(_, v)| v);
        match field {
            Field::Query(name) => {
                let own = pairs(&self.target).into_iter().find(|(own, _)| own == name);
                own.and_then(|(_, value)| decoded(value)).unwrap_or_default()
            }
            Field::Path(_, at) => path(&self.target).split('/').nth(*at).and_then(decoded).unwrap_or_default(),
            Field::Header(name) => {
                let own = self.headers.iter().find(|(own, _)| own == name);
                own.map(|(_, value)| value.clone()).unwrap_or_default()
            }
            Field::Body(names) => {
                let values = self.values().unwrap_or_default();
                let own = names.iter().try_fold(&values, |value, name| value.get(name));
                own.map(wire::api::sample::plain).unwrap_or_default()
            }
            Field::Whole => String::new(),
        }
    }
}

fn parts(request: &str) -> Option<(String, String)> {
    let (method, target) = request.trim().split_once(char::is_whitespace)?;
    let target = target.trim();
    let is_known = ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&method) && target.starts_with('/');
    is_known.then(|| (method.to_owned(), target.to_owned()))
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
        _ if path.is_empty() || found.len() >= MOST_LEAVES => {}
        _ => found.push(Field::Body(path.clone())),
    }
}

/// The path of a target.
pub(super) fn path(target: &str) -> &str {
    target.split('?').next().unwrap_or_default()
}

/// Fields of the query as they stand, not decoded.
pub(super) fn pairs(target: &str) -> Vec<(&str, &str)> {
    let Some((_, query)) = target.split_once('?') else { return Vec::new() };
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect()
}

/// An element of XML that holds text alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) text: String,
    /// Where its text begins and ends.
    pub(super) from: usize,
    pub(super) to: usize,
}

/// The elements that hold text alone, in order. The message is our own example: what is unusual in it is left out.
pub(super) fn elements(xml: &str) -> Vec<Element> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = xml[at..].find('<').map(|open| at + open) {
        let Some(close) = xml[open..].find('>').map(|close| open + close) else { break };
        at = close + 1;
        let name = xml[open + 1..close].split_whitespace().next().unwrap_or_default();
        let is_open = !name.is_empty() && !name.starts_with(['/', '?', '!']) && !xml[..close].ends_with('/');
        let Some(end) = xml[at..].find('<').map(|end| at + end).filter(|_| is_open) else { continue };
        if xml[end..].starts_with(&format!("</{name}>")) && found.len() < MOST_LEAVES {
            found.push(Element { name: name.to_owned(), text: xml[at..end].to_owned(), from: at, to: end });
        }
    }
    found
}

/// A text as it stands in an element.
pub(super) fn xml_escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn form(request: &str, media: &str, example: &str, template: &str) -> Form {
        let input = json!({
            "server": {"endpoint": {"address": "192.0.2.7", "transport": "tcp", "port": 80}},
            "request": request, "media": media, "example": example, "template": template,
            "headers": [["X-Mode", "a"]],
        });
        Form::of(&serde_json::from_value(input).unwrap()).unwrap()
    }

    fn names(form: &Form) -> Vec<String> {
        form.fields().iter().map(Field::name).collect()
    }

    #[test]
    fn every_leaf_is_a_field_and_so_are_path_query_and_headers() {
        let example = r#"{"ntp": "pool.example", "on": true, "wifi": {"channel": 6}}"#;
        let form = form("PUT /x/7?a=1%202&b", "", example, "/x/{id}");
        assert_eq!(names(&form), ["{id}", "?a", "?b", "X-Mode:", "ntp", "on", "wifi.channel", "message"]);
        let texts: Vec<_> = form.fields().iter().map(|field| form.own_text(field)).collect();
        assert_eq!(texts, ["7", "1 2", "", "a", "pool.example", "true", "6", ""]);
    }

    #[test]
    fn forms_and_xml_have_fields_and_are_written_again() {
        let pairs = form("POST /x", "application/x-www-form-urlencoded", "a=1&b=x+y", "");
        assert_eq!(names(&pairs), ["X-Mode:", "a", "b", "message"]);
        assert_eq!(pairs.with_values(&json!({"b": "z&"})).body().unwrap(), b"a=1&b=z%26");
        let text = "<?xml version='1.0'?><plan v=\"1\"><on>06:30</on><in><off>08:00</off></in><e/></plan>";
        let xml = form("PUT /x", "application/xml", text, "");
        assert_eq!(names(&xml), ["X-Mode:", "on", "off", "message"]);
        assert_eq!(xml.values(), Some(json!({"on": "06:30", "off": "08:00"})));
        let written = String::from_utf8(xml.with_values(&json!({"off": "<9"})).body().unwrap()).unwrap();
        assert_eq!(written, text.replace("08:00", "&lt;9"));
    }
}
