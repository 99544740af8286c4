//! Tags and attributes out of a page, one after the other; text, comments and script bodies are passed over.

const MOST_BYTES: usize = 2 * 1024 * 1024;
const MOST_ATTRIBUTES: usize = 64;

/// A tag.
#[derive(Debug)]
pub(super) struct Tag {
    pub(super) name: String,
    pub(super) closing: bool,
    pub(super) attributes: Vec<(String, String)>,
    /// Where the text behind the tag starts.
    pub(super) end: usize,
}

impl Tag {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

/// Every tag of the page in order.
pub(super) fn tags(html: &str) -> impl Iterator<Item = Tag> + '_ {
    let mut html = html;
    if html.len() > MOST_BYTES {
        html = &html[..html.floor_char_boundary(MOST_BYTES)];
    }
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at + html.get(at..)?.find('<')?;
            let rest = &html[start..];
            if rest.starts_with("<!--") {
                at = start + rest.find("-->")? + 3;
                continue;
            }
            let after = &rest.as_bytes()[1..];
            let closing = after.first() == Some(&b'/');
            let name_start = start + 1 + usize::from(closing);
            if !html.as_bytes().get(name_start).is_some_and(u8::is_ascii_alphabetic) {
                at = start + 1;
                continue;
            }
            let tag = read_tag(html, name_start, closing);
            at = tag.end;
            if !closing && matches!(tag.name.as_str(), "script" | "style") {
                at = end_of_raw_text(html, at, &tag.name);
            }
            return Some(tag);
        }
    })
}

fn end_of_raw_text(html: &str, from: usize, name: &str) -> usize {
    let bytes = html.as_bytes();
    let mut at = from;
    while let Some(found) = html.get(at..).and_then(|rest| rest.find("</")) {
        at += found;
        let name_end = (at + 2 + name.len()).min(bytes.len());
        if bytes[at + 2..name_end].eq_ignore_ascii_case(name.as_bytes()) {
            return at;
        }
        at += 2;
    }
    html.len()
}

fn read_tag(html: &str, name_start: usize, closing: bool) -> Tag {
    let bytes = html.as_bytes();
    let is = |at: usize, test: fn(u8) -> bool| bytes.get(at).is_some_and(|byte| test(*byte));
    let skip = |mut at: usize, test: fn(u8) -> bool| {
        while is(at, test) {
            at += 1;
        }
        at
    };
    let name_end = skip(name_start, |byte| !byte.is_ascii_whitespace() && !matches!(byte, b'>' | b'/'));
    let mut tag = Tag {
        name: html[name_start..name_end].to_ascii_lowercase(),
        closing,
        attributes: Vec::new(),
        end: name_end,
    };
    let mut at = name_end;
    loop {
        at = skip(at, |byte| byte.is_ascii_whitespace() || byte == b'/');
        if at >= bytes.len() || bytes[at] == b'>' {
            tag.end = (at + 1).min(bytes.len());
            return tag;
        }
        let start = at;
        // An equals sign in front belongs to the name, so that every turn moves on.
        at = skip(start + 1, |byte| !byte.is_ascii_whitespace() && !matches!(byte, b'=' | b'>' | b'/'));
        at = html.ceil_char_boundary(at);
        let name = html[html.floor_char_boundary(start)..at].to_ascii_lowercase();
        let mut value = String::new();
        let equals = skip(at, |byte| byte.is_ascii_whitespace());
        if is(equals, |byte| byte == b'=') {
            let value_start = skip(equals + 1, |byte| byte.is_ascii_whitespace());
            let (from, to, next) = match bytes.get(value_start) {
                Some(b'"') => quoted(bytes, value_start, b'"'),
                Some(b'\'') => quoted(bytes, value_start, b'\''),
                _ => {
                    let end = skip(value_start, |byte| !byte.is_ascii_whitespace() && byte != b'>');
                    (value_start, end, end)
                }
            };
            value = decoded(&html[from..to]);
            at = next;
        }
        if tag.attributes.len() < MOST_ATTRIBUTES {
            tag.attributes.push((name, value));
        }
    }
}

fn quoted(bytes: &[u8], open: usize, quote: u8) -> (usize, usize, usize) {
    let from = open + 1;
    match bytes[from..].iter().position(|byte| *byte == quote) {
        Some(length) => (from, from + length, from + length + 1),
        None => (from, bytes.len(), bytes.len()),
    }
}

/// Decodes the character references that matter in attributes: `&amp;`, `&lt;`, `&gt;`, `&quot;`, `&apos;`, numbers.
pub(super) fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let semicolon = rest.bytes().take(12).position(|byte| byte == b';');
        let known = semicolon.and_then(|at| Some((named_or_numbered(&rest[1..at])?, &rest[at + 1..])));
        if let Some((character, after)) = known {
            out.push(character);
            rest = after;
        } else {
            out.push('&');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

fn named_or_numbered(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        _ => {
            let number = name.strip_prefix('#')?;
            let value = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(value)
        }
    }
}
