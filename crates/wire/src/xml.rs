//! XML as other tools write it, read into a tree: bounded, without entities of its own, and whole or broken.
//!
//! It validates nothing and follows nothing: a document type is skipped, so that no entity is ever expanded. What was
//! read before the text breaks off is there, with why it broke.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Elements that are kept of one text.
const MOST_ELEMENTS: usize = 2_000_000;
/// How deep elements may lie in each other.
const DEEPEST: usize = 64;

/// An element.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Element {
    /// Its name, with its prefix.
    pub name: String,
    /// Its attributes, in order.
    pub attributes: Vec<(String, String)>,
    /// The text in it, without that of the elements in it.
    pub text: String,
    /// The elements in it, in order.
    pub children: Vec<Element>,
    /// Whether its end was read.
    pub ended: bool,
}

impl Element {
    /// An attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The first element of a name in it.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// Each element of a name in it.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text of the first element of a name in it, trimmed; empty where there is none.
    pub fn text_of(&self, name: &str) -> &str {
        self.child(name).map_or("", |child| child.text.trim())
    }
}

/// A text that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    /// The outermost element; none where the text holds none.
    pub root: Option<Element>,
    /// Why reading ended before the text did; none where the outermost element was read to its end.
    pub broken: Option<String>,
}

/// Reads a text.
#[must_use]
pub fn read(text: &[u8]) -> Document {
    let mut reader = Reader::from_reader(text);
    reader.config_mut().check_end_names = true;
    let mut open: Vec<Element> = Vec::new();
    let mut count = 0;
    let broken = loop {
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => break format!("byte {}: {error}", reader.error_position()),
        };
        match event {
            Event::Start(start) | Event::Empty(start) if count == MOST_ELEMENTS || open.len() == DEEPEST => {
                let name = String::from_utf8_lossy(start.name().as_ref()).into_owned();
                break format!("`{name}` is beyond {MOST_ELEMENTS} elements or {DEEPEST} levels");
            }
            Event::Start(start) => {
                count += 1;
                open.push(element(&start));
            }
            Event::Empty(start) => {
                count += 1;
                let element = Element { ended: true, ..element(&start) };
                match open.last_mut() {
                    Some(parent) => parent.children.push(element),
                    None => return Document { root: Some(element), broken: None },
                }
            }
            Event::End(_) => {
                let Some(mut element) = open.pop() else { break "an end without a beginning".to_owned() };
                element.ended = true;
                match open.last_mut() {
                    Some(parent) => parent.children.push(element),
                    None => return Document { root: Some(element), broken: None },
                }
            }
            Event::Text(text) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&String::from_utf8_lossy(&text));
                }
            }
            Event::CData(text) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&String::from_utf8_lossy(&text));
                }
            }
            Event::GeneralRef(name) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&reference(&String::from_utf8_lossy(&name)));
                }
            }
            Event::Eof => break "the text ends before its outermost element does".to_owned(),
            Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Comment(_) => {}
        }
    };
    while let Some(element) = open.pop() {
        match open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => return Document { root: Some(element), broken: Some(broken) },
        }
    }
    Document { root: None, broken: Some(broken) }
}

fn element(start: &BytesStart<'_>) -> Element {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut attributes = start.attributes();
    let attributes = attributes.with_checks(false).filter_map(Result::ok);
    Element {
        name: text(start.name().as_ref()),
        attributes: attributes.map(|one| (text(one.key.as_ref()), resolved(&text(&one.value)))).collect(),
        ..Element::default()
    }
}

/// A text with its references resolved; an entity of the document's own stays as it is written.
fn resolved(text: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, behind)) = rest.split_once('&') {
        out.push_str(before);
        match behind.split_once(';').filter(|(name, _)| name.len() <= 10) {
            Some((name, after)) => {
                out.push_str(&reference(name));
                rest = after;
            }
            None => {
                out.push('&');
                rest = behind;
            }
        }
    }
    out.push_str(rest);
    out
}

/// What a reference stands for.
fn reference(name: &str) -> String {
    let number = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    let character = match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => match name.strip_prefix("#x") {
            Some(digits) => number(digits, 16),
            None => name.strip_prefix('#').and_then(|digits| number(digits, 10)),
        },
    };
    character.map_or_else(|| format!("&{name};"), String::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_attributes_and_texts_are_read() {
        let document = read(br#"<?xml version="1.0"?><a x="1&amp;2&#10;"><b/>t&lt;<c>u</c><![CDATA[<v>]]></a>"#);
        assert_eq!(document.broken, None);
        let root = document.root.unwrap();
        assert_eq!((root.attribute("x"), root.text.as_str()), (Some("1&2\n"), "t<<v>"));
        assert_eq!((root.text_of("c"), root.child("b").is_some(), root.ended), ("u", true, true));
    }

    #[test]
    fn what_stands_before_a_break_is_there_and_said_to_be_broken() {
        let document = read(b"<a><b i='1'/><c><d>x");
        assert!(document.broken.is_some());
        let root = document.root.unwrap();
        assert_eq!(root.child("b").unwrap().attribute("i"), Some("1"));
        assert!(!root.ended && !root.child("c").unwrap().ended && root.child("b").unwrap().ended);
        assert_eq!(read(b"no xml").root, None);
        assert!(read(b"<a></b>").broken.is_some());
    }

    #[test]
    fn no_entity_is_expanded_and_no_depth_is_endless() {
        let laughs = br#"<!DOCTYPE a [<!ENTITY x "yyyy"><!ENTITY z "&x;&x;">]><a t="&z;">&z;&z;</a>"#;
        let root = read(laughs).root.unwrap();
        assert_eq!((root.text.as_str(), root.attribute("t")), ("&z;&z;", Some("&z;")));
        let deep = read("<a>".repeat(100_000).as_bytes());
        assert!(deep.broken.unwrap().contains("64 levels"));
    }
}
