//! Values that their own names call secret: in JSON, in elements of XML, in forms and in the addresses of requests.
//!
//! Only where one side tells the other something: a page that draws a password field holds no password.

use super::{Listener, Side, bounded};

/// Bytes of a value.
const MOST_VALUE: usize = 256;

/// A value behind a name that calls it secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named<'a> {
    /// `credential` or `token`.
    pub kind: &'static str,
    /// The name, as written.
    pub name: &'a [u8],
    /// The value, bounded.
    pub value: &'a [u8],
}

/// Reads the name that ends at `at`, the position of the quote or bracket behind it, and the value it is given: in
/// `"password": "…"` and `<password>…<`. None where the name calls nothing secret, or the value is empty or masked.
#[must_use]
pub fn named_secret(text: &[u8], at: usize) -> Option<Named<'_>> {
    let before = text.get(..at)?;
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let start = before.iter().rposition(|byte| !is_name(byte))? + 1;
    let name = &before[start..];
    let behind = text.get(at + 1..)?;
    let (opening, closing) = (text[start - 1], text[at]);
    let value = match (opening, closing) {
        (b'"', b'"') => json_value(behind)?,
        (b'<', b'>') => &behind[..behind.iter().take(MOST_VALUE).position(|byte| *byte == b'<')?],
        _ => return None,
    };
    let kind = kind_of(name)?;
    is_value(value).then_some(Named { kind, name: &name[..name.len().min(64)], value })
}

/// A text or a number behind a colon.
fn json_value(behind: &[u8]) -> Option<&[u8]> {
    let value = behind.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
    let value = &value[..value.len().min(MOST_VALUE)];
    match value.strip_prefix(b"\"") {
        Some(text) => {
            let mut escaped = false;
            let end = text.iter().position(|byte| {
                let ends = *byte == b'"' && !escaped;
                escaped = *byte == b'\\' && !escaped;
                ends
            });
            Some(&text[..end.unwrap_or(text.len())])
        }
        None => {
            let end = value.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(value.len());
            Some(&value[..end])
        }
    }
}

fn is_value(value: &[u8]) -> bool {
    let masked =
        value.iter().all(|byte| matches!(byte, b'*' | b'x' | b'X' | b'.')) || value.starts_with("•".as_bytes());
    !value.is_empty() && !masked && !matches!(value, b"null" | b"true" | b"false")
}

/// What a name calls its value: by its ending, in any case and without its marks.
fn kind_of(name: &[u8]) -> Option<&'static str> {
    const CREDENTIAL: [&str; 9] =
        ["password", "passwd", "passphrase", "pwd", "psk", "pincode", "wifikey", "wpakey", "clientsecret"];
    const TOKEN: [&str; 9] =
        ["token", "apikey", "secretkey", "accesskey", "sessionid", "sharedkey", "authkey", "jwt", "secret"];
    if name.len() > 64 {
        return None;
    }
    let plain: String = name
        .iter()
        .filter(|byte| byte.is_ascii_alphanumeric())
        .map(|byte| char::from(byte.to_ascii_lowercase()))
        .collect();
    let ends = |words: &[&str]| words.iter().any(|word| plain.ends_with(word));
    match plain.as_str() {
        _ if ends(&CREDENTIAL) => Some("credential"),
        "pass" | "userpass" | "adminpass" | "loginpass" | "pin" => Some("credential"),
        // A token against forgery of requests protects no account by itself.
        _ if plain.contains("csrf") || plain.contains("xsrf") => None,
        _ if ends(&TOKEN) => Some("token"),
        _ => None,
    }
}

/// Hands over the secret fields of a form body or of the query of an address: `user=a&password=b`.
pub(super) fn in_form(from: Side, form: &[u8], place: &str, listener: &mut dyn Listener) {
    for pair in form.split(|byte| *byte == b'&').take(256) {
        let Some(at) = pair.iter().position(|byte| *byte == b'=') else { continue };
        let (name, value) = (&pair[..at], &pair[at + 1..]);
        if let Some(kind) = kind_of(name)
            && is_value(value)
        {
            let named = crate::text::visible(name, 64);
            listener.found(from, kind, &format!("{place} {named}"), bounded(&unescaped(value)));
        }
    }
}

/// The bytes behind percent signs and plus signs.
fn unescaped(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((first, behind)) = rest.split_first() {
        let digit = |at: usize| behind.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                rest = &behind[2..];
                continue;
            }
            (b'+', ..) => out.push(b' '),
            (other, ..) => out.push(*other),
        }
        rest = behind;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Option<String> {
        let found = text.bytes().enumerate().filter(|(_, byte)| matches!(byte, b'"' | b'>'));
        let named = found.filter_map(|(at, _)| named_secret(text.as_bytes(), at)).next()?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Some(format!("{} {}={}", named.kind, text(named.name), text(named.value)))
    }

    #[test]
    fn a_value_is_what_its_name_says() {
        assert_eq!(told(r#"{"user":"a","wifi_password" : "s\"x"}"#).unwrap(), r#"credential wifi_password=s\"x"#);
        assert_eq!(told(r#"{"accessToken":"abc"}"#).unwrap(), "token accessToken=abc");
        assert_eq!(told(r#"{"pin":4711}"#).unwrap(), "credential pin=4711");
        assert_eq!(told("<a><Password>b c</Password>").unwrap(), "credential Password=b c");
    }

    #[test]
    fn what_is_masked_empty_or_only_drawn_is_no_value() {
        for text in [
            r#"{"password":"****"}"#,
            r#"{"password":""}"#,
            r#"{"password":null}"#,
            r#"<input type="password" name="password">"#,
            r#"{"csrf_token":"abc"}"#,
            "<password></password>",
            "password",
            "\"",
        ] {
            assert_eq!(told(text), None, "{text}");
        }
    }

    #[test]
    fn no_bytes_make_it_panic() {
        crate::hostile::survives(br#"{"wifi_password" : "s\"x"}<pin>3<"#, |bytes| {
            (0..bytes.len()).filter_map(|at| named_secret(bytes, at)).count()
        });
    }
}
