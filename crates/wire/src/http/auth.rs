//! Challenges of `WWW-Authenticate` and the answers to them: Basic (RFC 7617), Digest (RFC 7616, RFC 2617).

use md5::Md5;
use sha2::{Digest, Sha256, Sha512_256};

use crate::base64;

/// One challenge of a `WWW-Authenticate` header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// The scheme as received: `Basic`, `Digest`, `Bearer`, …
    pub scheme: String,
    /// The parameters in order, names in lower case; a bare token has an empty name.
    pub parameters: Vec<(String, String)>,
}

impl Challenge {
    /// Whether the scheme is this one, in any case.
    #[must_use]
    pub fn is(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }

    /// The value of a parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

/// Reads a `WWW-Authenticate` value, which may hold several challenges (RFC 9110 section 11.6.1). Tolerant: what
/// cannot be read is passed over; at most 16 challenges of 32 parameters are kept.
#[must_use]
pub fn challenges(value: &str) -> Vec<Challenge> {
    let mut found: Vec<Challenge> = Vec::new();
    for item in split_outside_quotes(value) {
        let item = item.trim();
        let name_end = item.find(['=', ' ', '\t']).unwrap_or(item.len());
        let after_name = item[name_end..].trim_start();
        let continues = after_name.starts_with('=') && !found.is_empty();
        let rest = if continues {
            item
        } else if item.is_empty() || found.len() == 16 {
            continue;
        } else {
            found.push(Challenge { scheme: item[..name_end].to_owned(), parameters: Vec::new() });
            after_name
        };
        if let Some(challenge) = found.last_mut()
            && !rest.is_empty()
            && challenge.parameters.len() < 32
        {
            challenge.parameters.push(parameter(rest));
        }
    }
    found
}

fn parameter(text: &str) -> (String, String) {
    match text.split_once('=') {
        Some((name, value)) if !value.trim_matches('=').is_empty() => {
            (name.trim().to_ascii_lowercase(), unquoted(value.trim()))
        }
        _ => (String::new(), text.to_owned()),
    }
}

fn unquoted(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"') else { return value.to_owned() };
    let mut out = String::new();
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => out.extend(characters.next()),
            _ => out.push(character),
        }
    }
    out
}

fn split_outside_quotes(value: &str) -> Vec<&str> {
    let (mut items, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, byte) in value.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b',' if !quoted => {
                items.push(&value[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    items.push(&value[start..]);
    items
}

/// The `Authorization` value for Basic.
#[must_use]
pub fn basic(username: &str, password: &str) -> String {
    format!("Basic {}", base64::encode(format!("{username}:{password}").as_bytes()))
}

/// The hash of a Digest challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// MD5, also where the challenge names none.
    Md5,
    /// SHA-256.
    Sha256,
    /// SHA-512/256.
    Sha512Of256,
}

impl Algorithm {
    fn hex(self, text: &str) -> String {
        fn hex(bytes: &[u8]) -> String {
            bytes.iter().map(|byte| format!("{byte:02x}")).collect()
        }
        match self {
            Self::Md5 => hex(&Md5::digest(text)),
            Self::Sha256 => hex(&Sha256::digest(text)),
            Self::Sha512Of256 => hex(&Sha512_256::digest(text)),
        }
    }
}

/// A Digest challenge that can be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestChallenge {
    /// The realm.
    pub realm: String,
    /// The server's nonce.
    pub nonce: String,
    /// The opaque string to give back.
    pub opaque: Option<String>,
    /// The hash.
    pub algorithm: Algorithm,
    /// Whether the `-sess` form of the hash is asked for.
    pub session: bool,
    /// Whether `qop=auth` is offered; without any qop the form of RFC 2069 is answered.
    pub qop_auth: bool,
    /// Whether the server says that only the nonce was too old.
    pub stale: bool,
    algorithm_as_received: Option<String>,
}

/// What an answer to a Digest challenge is computed for.
#[derive(Debug, Clone, Copy)]
pub struct DigestUse<'a> {
    /// The user name.
    pub username: &'a str,
    /// The password.
    pub password: &'a str,
    /// The request's method.
    pub method: &'a str,
    /// The request's target, exactly as sent.
    pub target: &'a str,
    /// A nonce of the client's own, random.
    pub client_nonce: &'a str,
    /// How often this server nonce was used, from 1.
    pub count: u32,
}

impl DigestChallenge {
    /// Reads a challenge; none if it is not Digest, has no nonce, or asks for a hash or a qop not known here.
    #[must_use]
    pub fn read(challenge: &Challenge) -> Option<Self> {
        if !challenge.is("Digest") {
            return None;
        }
        let named = challenge.parameter("algorithm").map(str::to_owned);
        let lower = named.as_deref().unwrap_or("md5").to_ascii_lowercase();
        let (hash, session) = match lower.strip_suffix("-sess") {
            Some(hash) => (hash, true),
            None => (lower.as_str(), false),
        };
        let algorithm = match hash {
            "md5" => Algorithm::Md5,
            "sha-256" => Algorithm::Sha256,
            "sha-512-256" => Algorithm::Sha512Of256,
            _ => return None,
        };
        let qop = challenge.parameter("qop");
        let qop_auth = qop.is_some_and(|list| list.split(',').any(|one| one.trim().eq_ignore_ascii_case("auth")));
        if qop.is_some_and(|list| !list.trim().is_empty()) && !qop_auth {
            return None;
        }
        Some(Self {
            realm: challenge.parameter("realm").unwrap_or_default().to_owned(),
            nonce: challenge.parameter("nonce")?.to_owned(),
            opaque: challenge.parameter("opaque").map(str::to_owned),
            algorithm,
            session,
            qop_auth,
            stale: challenge.parameter("stale").is_some_and(|stale| stale.eq_ignore_ascii_case("true")),
            algorithm_as_received: named,
        })
    }

    /// The response of RFC 7616 section 3.4.1, in hexadecimal.
    #[must_use]
    pub fn response(&self, case: &DigestUse<'_>) -> String {
        let hash = |text: String| self.algorithm.hex(&text);
        let mut secret = hash(format!("{}:{}:{}", case.username, self.realm, case.password));
        if self.session {
            secret = hash(format!("{secret}:{}:{}", self.nonce, case.client_nonce));
        }
        let action = hash(format!("{}:{}", case.method, case.target));
        if self.qop_auth {
            let (nonce, count, client) = (&self.nonce, case.count, case.client_nonce);
            hash(format!("{secret}:{nonce}:{count:08x}:{client}:auth:{action}"))
        } else {
            hash(format!("{secret}:{}:{action}", self.nonce))
        }
    }

    /// The `Authorization` value.
    #[must_use]
    pub fn answer(&self, case: &DigestUse<'_>) -> String {
        let mut value = format!(
            "Digest username={}, realm={}, nonce={}, uri={}, response=\"{}\"",
            quoted(case.username),
            quoted(&self.realm),
            quoted(&self.nonce),
            quoted(case.target),
            self.response(case),
        );
        if let Some(algorithm) = &self.algorithm_as_received {
            value.push_str(&format!(", algorithm={algorithm}"));
        }
        if let Some(opaque) = &self.opaque {
            value.push_str(&format!(", opaque={}", quoted(opaque)));
        }
        if self.qop_auth {
            value.push_str(&format!(", qop=auth, nc={:08x}", case.count));
        }
        if self.qop_auth || self.session {
            value.push_str(&format!(", cnonce={}", quoted(case.client_nonce)));
        }
        value
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 7616 section 3.9.1.
    const RFC_CHALLENGE: &str = r#"Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS", Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#;
    const RFC_USE: DigestUse<'_> = DigestUse {
        username: "Mufasa",
        password: "Circle of Life",
        method: "GET",
        target: "/dir/index.html",
        client_nonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
        count: 1,
    };

    #[test]
    fn the_example_of_rfc_7616_is_computed_for_both_hashes() {
        let found: Vec<_> = challenges(RFC_CHALLENGE).iter().filter_map(DigestChallenge::read).collect();
        let responses: Vec<_> = found.iter().map(|challenge| challenge.response(&RFC_USE)).collect();
        assert_eq!(
            responses,
            [
                "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
                "8ca523f5e9506fed4657c9700eebdbec",
            ]
        );
    }

    #[test]
    fn the_answer_names_count_and_client_nonce() {
        let challenge = DigestChallenge::read(&challenges(RFC_CHALLENGE)[1]).unwrap();
        let answer = challenge.answer(&RFC_USE);
        assert!(answer.contains("qop=auth, nc=00000001, cnonce=\"f2/wE4q7"), "{answer}");
        assert!(answer.contains("algorithm=MD5"), "{answer}");
    }

    #[test]
    fn a_challenge_without_qop_is_answered_in_the_old_form() {
        let challenge = &challenges(r#"Digest realm="r", nonce="n""#)[0];
        let answer = DigestChallenge::read(challenge).unwrap().answer(&RFC_USE);
        assert!(!answer.contains("nc="), "{answer}");
    }

    #[test]
    fn several_challenges_in_one_header_are_told_apart() {
        let found = challenges(r#"Basic realm="a, \"b\"", Bearer, Negotiate abc==, Digest realm=x, nonce="1""#);
        let schemes: Vec<_> = found.iter().map(|challenge| challenge.scheme.as_str()).collect();
        assert_eq!(schemes, ["Basic", "Bearer", "Negotiate", "Digest"]);
        assert_eq!(found[0].parameter("realm"), Some("a, \"b\""));
        assert_eq!(found[2].parameter(""), Some("abc=="));
        assert_eq!(found[3].parameter("nonce"), Some("1"));
    }

    #[test]
    fn basic_credentials_are_encoded() {
        assert_eq!(basic("Aladdin", "open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    }

    #[test]
    fn no_bytes_make_the_reader_panic() {
        crate::hostile::survives(RFC_CHALLENGE.as_bytes(), |bytes| {
            let found = challenges(&String::from_utf8_lossy(bytes));
            found.iter().filter_map(DigestChallenge::read).map(|one| one.answer(&RFC_USE)).collect::<Vec<_>>()
        });
    }
}
