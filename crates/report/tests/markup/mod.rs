//! Reads the page back as tags and texts, so that tests speak of elements and not of characters.

#![allow(dead_code, reason = "each test uses a part of it")]

/// A piece of a page.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Piece {
    /// A start tag with its attributes, values unescaped.
    Open(String, Vec<(String, String)>),
    /// An end tag.
    Close(String),
    /// Text, unescaped.
    Text(String),
}

impl Piece {
    /// The value of an attribute of a start tag.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let Piece::Open(_, attributes) = self else { return None };
        attributes.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// Whether it is a start tag of this name.
    pub(crate) fn opens(&self, tag: &str) -> bool {
        matches!(self, Piece::Open(name, _) if name == tag)
    }
}

/// The pieces of a page; the style sheet is one text.
pub(crate) fn pieces(page: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        text(&mut pieces, &rest[..at]);
        let end = tag_end(&rest[at..]) + at;
        let inside = &rest[at + 1..end];
        rest = &rest[end + 1..];
        match inside.strip_prefix('/') {
            Some(name) => pieces.push(Piece::Close(name.to_owned())),
            None if inside.starts_with('!') => {}
            None => {
                let open = open(inside);
                if open.opens("style") {
                    let style_end = rest.find("</style>").unwrap();
                    pieces.push(open);
                    pieces.push(Piece::Text(rest[..style_end].to_owned()));
                    rest = &rest[style_end..];
                } else {
                    pieces.push(open);
                }
            }
        }
    }
    text(&mut pieces, rest);
    pieces
}

/// The text inside the element that starts at `at`.
pub(crate) fn inner(pieces: &[Piece], at: usize) -> String {
    let mut depth = 0_usize;
    let mut text = String::new();
    for piece in &pieces[at..] {
        match piece {
            Piece::Open(name, _) if is_void(name) => {}
            Piece::Open(..) => depth += 1,
            Piece::Close(_) => depth -= 1,
            Piece::Text(part) => text.push_str(part),
        }
        if depth == 0 {
            break;
        }
    }
    text
}

/// Elements without an end tag.
pub(crate) fn is_void(name: &str) -> bool {
    matches!(name, "meta" | "br" | "hr" | "img" | "link" | "input" | "path" | "circle")
}

fn text(pieces: &mut Vec<Piece>, text: &str) {
    if !text.is_empty() {
        pieces.push(Piece::Text(unescape(text)));
    }
}

/// Where a tag ends; a bracket inside quotes does not end it.
fn tag_end(from: &str) -> usize {
    let mut quoted = false;
    for (at, character) in from.char_indices() {
        match character {
            '"' => quoted = !quoted,
            '>' if !quoted => return at,
            _ => {}
        }
    }
    panic!("a tag without an end: {}", &from[..from.len().min(80)]);
}

fn open(inside: &str) -> Piece {
    let inside = inside.trim_end_matches('/');
    let (name, mut rest) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return Piece::Open(name.to_owned(), attributes);
        }
        let end = rest.find(['=', ' ']).unwrap_or(rest.len());
        let attribute = rest[..end].to_owned();
        match rest[end..].strip_prefix("=\"") {
            Some(value) => {
                let close = value.find('"').unwrap();
                attributes.push((attribute, unescape(&value[..close])));
                rest = &value[close + 1..];
            }
            None => {
                attributes.push((attribute, String::new()));
                rest = &rest[end..];
            }
        }
    }
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}
