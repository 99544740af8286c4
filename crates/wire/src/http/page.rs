//! What a page of a device offers: its title, its forms (and which of them ask for a password), its links.
//!
//! A scanner for tags, not an HTML parser: no tree, no scripts, at most 2 MiB and bounded counts. A page that
//! builds its login with a script shows no form here.

mod tags;

use tags::{Tag, tags};

const MOST_FORMS: usize = 64;
const MOST_FIELDS: usize = 256;
const MOST_LINKS: usize = 2000;

/// A form, or password inputs outside any form.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Form {
    /// Where it is sent; none means the page itself.
    pub action: Option<String>,
    /// `GET` or `POST`, upper case.
    pub method: String,
    /// `enctype`, as received.
    pub encoding: Option<String>,
    /// Its inputs in order.
    pub fields: Vec<Field>,
    /// Whether there is a `form` element; false for inputs outside of one, which a script must send.
    pub is_element: bool,
}

/// An input of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its `name`, else its `id`, else empty.
    pub name: String,
    /// Its type in lower case: `text`, `password`, `hidden`, `submit`, …
    pub kind: String,
    /// Its preset value.
    pub value: String,
    /// `autocomplete`, as received.
    pub autocomplete: Option<String>,
}

impl Form {
    /// Whether it has a password input.
    #[must_use]
    pub fn asks_for_password(&self) -> bool {
        self.password_fields().next().is_some()
    }

    /// Its password inputs; more than one suggests a change of password.
    pub fn password_fields(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.kind == "password")
    }

    /// The input that takes the user name: the last text-like one before the password.
    #[must_use]
    pub fn username_field(&self) -> Option<&Field> {
        let password = self.fields.iter().position(|field| field.kind == "password")?;
        self.fields[..password].iter().rev().find(|field| matches!(field.kind.as_str(), "text" | "email" | "tel"))
    }

    /// Its hidden inputs, among them tokens against forged requests.
    pub fn hidden_fields(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.kind == "hidden")
    }

    /// The fields to send for a login: presets kept, user name and password filled in.
    #[must_use]
    pub fn filled(&self, username: &str, password: &str) -> Vec<(String, String)> {
        let user = self.username_field().map(|field| field.name.clone());
        let sent = |field: &&Field| {
            !field.name.is_empty()
                && !matches!(field.kind.as_str(), "button" | "reset" | "file" | "image" | "radio")
        };
        self.fields
            .iter()
            .filter(sent)
            .map(|field| {
                let value = match field.kind.as_str() {
                    "password" => password.to_owned(),
                    _ if Some(&field.name) == user.as_ref() => username.to_owned(),
                    _ => field.value.clone(),
                };
                (field.name.clone(), value)
            })
            .collect()
    }
}

/// A reference to another resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The element it stands in: `a`, `script`, `form`, `iframe`, `meta`, …
    pub element: String,
    /// The reference, as written.
    pub target: String,
}

/// The forms of a page; password inputs outside any form come as one more, with `is_element` false.
#[must_use]
pub fn forms(html: &str) -> Vec<Form> {
    let mut found: Vec<Form> = Vec::new();
    let mut loose = Form { method: "POST".to_owned(), ..Form::default() };
    let mut inside = false;
    for tag in tags(html) {
        match (tag.name.as_str(), tag.closing) {
            ("form", true) => inside = false,
            ("form", false) => {
                inside = found.len() < MOST_FORMS;
                if inside {
                    found.push(form(&tag));
                }
            }
            ("input" | "select" | "textarea" | "button", false) => {
                let home = if inside { found.last_mut().unwrap_or(&mut loose) } else { &mut loose };
                if home.fields.len() < MOST_FIELDS {
                    home.fields.push(field(&tag));
                }
            }
            _ => {}
        }
    }
    if loose.asks_for_password() {
        found.push(loose);
    }
    found
}

fn form(tag: &Tag) -> Form {
    Form {
        action: tag.attribute("action").filter(|action| !action.is_empty()).map(str::to_owned),
        method: tag.attribute("method").unwrap_or("GET").to_ascii_uppercase(),
        encoding: tag.attribute("enctype").map(str::to_owned),
        fields: Vec::new(),
        is_element: true,
    }
}

fn field(tag: &Tag) -> Field {
    let kind = match tag.name.as_str() {
        "input" => tag.attribute("type").unwrap_or("text").to_ascii_lowercase(),
        "button" => tag.attribute("type").unwrap_or("submit").to_ascii_lowercase(),
        other => other.to_owned(),
    };
    let owned = |name: &str| tag.attribute(name).map(str::to_owned);
    Field {
        name: owned("name").or_else(|| owned("id")).unwrap_or_default(),
        kind,
        value: owned("value").unwrap_or_default(),
        autocomplete: owned("autocomplete"),
    }
}

/// The links of a page in order, each once.
#[must_use]
pub fn links(html: &str) -> Vec<Link> {
    let mut found: Vec<Link> = Vec::new();
    for tag in tags(html) {
        if tag.closing || found.len() == MOST_LINKS {
            continue;
        }
        let target = match tag.name.as_str() {
            "a" | "area" | "link" | "base" => tag.attribute("href").map(str::to_owned),
            "form" => tag.attribute("action").map(str::to_owned),
            "meta" => tag.attribute("content").and_then(refresh_target),
            _ => tag.attribute("src").map(str::to_owned),
        };
        let Some(target) = target.filter(|target| !target.is_empty()) else { continue };
        let link = Link { element: tag.name, target };
        if !found.contains(&link) {
            found.push(link);
        }
    }
    found
}

fn refresh_target(content: &str) -> Option<String> {
    let (_, after) = content.split_once(';')?;
    let (name, target) = after.split_once('=')?;
    name.trim().eq_ignore_ascii_case("url").then(|| target.trim().trim_matches(['"', '\'']).to_owned())
}

/// The text of the `title` element, entities decoded, space collapsed.
#[must_use]
pub fn title(html: &str) -> Option<String> {
    let start = tags(html).find(|tag| tag.name == "title" && !tag.closing)?.end;
    let text = html.get(start..)?;
    let text = &text[..text.find('<').unwrap_or(text.len())];
    let words: Vec<&str> = text.split_whitespace().collect();
    Some(tags::decoded(&words.join(" "))).filter(|title| !title.is_empty())
}

/// Where a reference leads, seen from a page of this target (RFC 3986 section 5.2, origin-form only).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A path with query at the same origin.
    SameOrigin(String),
    /// An absolute reference, possibly to another host.
    Absolute(String),
    /// Something that is not fetched: `javascript:`, `mailto:`, a mere fragment.
    Nowhere,
}

/// Resolves a reference found on the page at `page_target`.
#[must_use]
pub fn resolve(page_target: &str, reference: &str) -> Destination {
    let reference = reference.trim();
    let reference = reference.split('#').next().unwrap_or_default();
    let page_path = page_target.split(['?', '#']).next().unwrap_or("/");
    let scheme_end = reference.find(':').filter(|at| !reference[..*at].contains(['/', '?']));
    if let Some(end) = scheme_end {
        let scheme = reference[..end].to_ascii_lowercase();
        return if matches!(scheme.as_str(), "http" | "https") {
            Destination::Absolute(reference.to_owned())
        } else {
            Destination::Nowhere
        };
    }
    if reference.is_empty() {
        return Destination::Nowhere;
    }
    if reference.starts_with("//") {
        return Destination::Absolute(reference.to_owned());
    }
    let joined = match reference.as_bytes()[0] {
        b'/' => reference.to_owned(),
        b'?' => format!("{page_path}{reference}"),
        _ => format!("{}/{reference}", page_path.rsplit_once('/').map_or("", |(folder, _)| folder)),
    };
    let (path, query) = match joined.split_once('?') {
        Some((path, query)) => (path, format!("?{query}")),
        None => (joined.as_str(), String::new()),
    };
    Destination::SameOrigin(format!("{}{query}", without_dots(path)))
}

fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/').skip(1) {
        match segment {
            "." => {}
            ".." => {
                kept.pop();
            }
            _ => kept.push(segment),
        }
    }
    if path.ends_with("/.") || path.ends_with("/..") {
        kept.push("");
    }
    format!("/{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<!DOCTYPE html><html><head><TITLE> Lamp &amp;
        Co </TITLE><script>var x = "<form action='/no'>";</script><!-- <input type=password> -->
        <meta http-equiv=refresh content="3; url=/start.html"><link rel=stylesheet href=a.css></head>
        <body><a href="/status?a=1&amp;b=2">s</a><form action=/cgi/login METHOD=post>
        <input type=hidden name="csrf" value='t"k'><input name=user><input TYPE="Password" name=pass autocomplete=off>
        <select name=lang></select><button>Go</button></form><img src=logo.png></body></html>"#;

    #[test]
    fn a_login_form_is_found_with_its_fields() {
        let found = forms(PAGE);
        assert_eq!(found.len(), 1);
        let form = &found[0];
        assert!(form.asks_for_password());
        assert_eq!((form.action.as_deref(), form.method.as_str()), (Some("/cgi/login"), "POST"));
        assert_eq!(form.username_field().unwrap().name, "user");
        let sent = form.filled("admin", "x");
        let sent: Vec<_> = sent.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(sent, [("csrf", "t\"k"), ("user", "admin"), ("pass", "x"), ("lang", "")]);
    }

    #[test]
    fn a_password_input_outside_a_form_is_still_told() {
        let found = forms("<div><input id=u><input type=password id=p></div>");
        assert_eq!((found.len(), found[0].is_element), (1, false));
    }

    #[test]
    fn links_and_title_are_read() {
        let targets: Vec<_> = links(PAGE).into_iter().map(|link| link.target).collect();
        assert_eq!(targets, ["/start.html", "a.css", "/status?a=1&b=2", "/cgi/login", "logo.png"]);
        assert_eq!(title(PAGE).as_deref(), Some("Lamp & Co"));
    }

    #[test]
    fn references_are_resolved() {
        let same = |path: &str| Destination::SameOrigin(path.to_owned());
        assert_eq!(resolve("/a/b?x", "../c/./d?y#z"), same("/c/d?y"));
        assert_eq!(resolve("/a/b", "c"), same("/a/c"));
        assert_eq!(resolve("/a/b?q", "?r=1"), same("/a/b?r=1"));
        assert_eq!(resolve("/", "../../x"), same("/x"));
        assert_eq!(
            resolve("/", "https://device.example/x"),
            Destination::Absolute("https://device.example/x".into())
        );
        assert_eq!(resolve("/", "javascript:go()"), Destination::Nowhere);
    }

    #[test]
    fn no_bytes_make_the_scanner_panic() {
        crate::hostile::survives(PAGE.as_bytes(), |bytes| {
            let html = String::from_utf8_lossy(bytes);
            let all: Vec<_> = links(&html).into_iter().map(|link| resolve(&link.target, &link.target)).collect();
            (forms(&html), all, title(&html))
        });
    }
}
