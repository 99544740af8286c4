//! Identifiers of sessions, and how they are altered to see whether a server notices: a sign, a signature, a claim.
//!
//! JSON Web Tokens (RFC 7519) are read only as far as altering them takes. No signature is verified.

use crate::base64;

/// Longest token that is looked at, in bytes.
const LONGEST: usize = 16 * 1024;

/// The compact form of a JSON Web Signature (RFC 7515 section 7.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jwt<'a> {
    header: &'a str,
    payload: &'a str,
    signature: &'a str,
}

impl<'a> Jwt<'a> {
    /// Reads three parts between dots, the first two of which are JSON objects.
    #[must_use]
    pub fn read(text: &'a str) -> Option<Self> {
        let mut parts = text.split('.');
        let (header, payload, signature) = (parts.next()?, parts.next()?, parts.next()?);
        let is_object = |part: &str| base64::decode_url(part).is_some_and(|json| is_object(&json));
        let whole = parts.next().is_none() && text.len() <= LONGEST;
        (whole && is_object(header) && is_object(payload)).then_some(Self { header, payload, signature })
    }

    /// The same claims, said to be unsigned (RFC 7519 section 6).
    #[must_use]
    pub fn unsigned(&self) -> String {
        format!("{}.{}.", base64::encode_url(br#"{"alg":"none","typ":"JWT"}"#), self.payload)
    }

    /// The same claims under the same header, without the signature.
    #[must_use]
    pub fn without_signature(&self) -> String {
        format!("{}.{}.", self.header, self.payload)
    }

    /// One claim more, under the signature for those before.
    #[must_use]
    pub fn with_another_claim(&self) -> String {
        let payload = base64::decode_url(self.payload).unwrap_or_default();
        let rest = payload.trim_ascii_start().get(1..).unwrap_or_default();
        let comma: &[u8] = if rest.trim_ascii_start().starts_with(b"}") { b"" } else { b"," };
        let claims = [br#"{"assay":true"#, comma, rest].concat();
        format!("{}.{}.{}", self.header, base64::encode_url(&claims), self.signature)
    }
}

fn is_object(json: &[u8]) -> bool {
    let json = json.trim_ascii();
    json.starts_with(b"{") && json.ends_with(b"}")
}

/// A value with one letter or digit changed into another of its kind, the first one from this byte on or, behind it, the
/// last one before. None where there is no letter or digit.
#[must_use]
pub fn with_another_sign(value: &str, from: usize) -> Option<String> {
    let bytes = value.as_bytes();
    // Both signs behind a percent sign stand for one byte, which has to stay one.
    let is_coded = |at: usize| {
        let percent = |back: usize| at.checked_sub(back).is_some_and(|before| bytes[before] == b'%');
        percent(1) || percent(2)
    };
    let fits = |at: &usize| bytes[*at].is_ascii_alphanumeric() && !is_coded(*at);
    let from = from.min(bytes.len());
    let at = (from..bytes.len()).find(fits).or_else(|| (0..from).rev().find(fits))?;
    let other = match bytes[at] {
        b'9' => b'0',
        b'f' => b'a',
        b'F' => b'A',
        b'z' => b'y',
        b'Z' => b'Y',
        other => other + 1,
    };
    let mut altered = value.to_owned();
    altered.replace_range(at..=at, char::from(other).encode_utf8(&mut [0; 4]));
    Some(altered)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The token of RFC 7519, 3.1, with a claim less.
    fn token(payload: &str) -> String {
        format!(
            "{}.{}.dBjftJeZ4CVP",
            base64::encode_url(br#"{"typ":"JWT","alg":"HS256"}"#),
            base64::encode_url(payload.as_bytes())
        )
    }

    #[test]
    fn a_token_is_altered_in_its_claims_and_in_its_signature() {
        let text = token(r#"{"iss":"joe"}"#);
        let jwt = Jwt::read(&text).unwrap();
        let parts = |text: &str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
        let payload = |text: &str| String::from_utf8(base64::decode_url(&parts(text)[1]).unwrap()).unwrap();
        assert_eq!(payload(&jwt.with_another_claim()), r#"{"assay":true,"iss":"joe"}"#);
        assert_eq!(parts(&jwt.with_another_claim())[2], "dBjftJeZ4CVP");
        assert_eq!(payload(&jwt.unsigned()), r#"{"iss":"joe"}"#);
        assert_eq!(base64::decode_url(&parts(&jwt.unsigned())[0]).unwrap(), br#"{"alg":"none","typ":"JWT"}"#);
        assert!(jwt.unsigned().ends_with('.') && jwt.without_signature().ends_with('.'));
        let empty = token("{}");
        assert_eq!(payload(&Jwt::read(&empty).unwrap().with_another_claim()), r#"{"assay":true}"#);
        for no in ["", "a.b.c", "1784.html", "x", &format!("{text}.more")] {
            assert_eq!(Jwt::read(no), None, "{no}");
        }
    }

    #[test]
    fn one_sign_changes_into_another_of_its_kind() {
        assert_eq!(with_another_sign("00ff00ff", 2).unwrap(), "00af00ff");
        assert_eq!(with_another_sign("abc-", 3).unwrap(), "abd-");
        assert_eq!(with_another_sign("s%3Aab", 1).unwrap(), "s%3Abb");
        assert_eq!(with_another_sign("-_~", 0), None);
        assert_eq!(with_another_sign("", 7), None);
    }

    #[test]
    fn no_bytes_make_the_readers_panic() {
        crate::hostile::survives(token(r#"{"iss":"joe"}"#).as_bytes(), |bytes| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let altered = Jwt::read(&text).map(|jwt| jwt.with_another_claim());
            (altered, with_another_sign(&text, bytes.len() / 2))
        });
    }
}
