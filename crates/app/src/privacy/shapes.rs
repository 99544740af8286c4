//! Shapes that secrets and personal data usually have: the second line, for what nobody knew of.
//!
//! Narrow on purpose: a shape that fits by chance hides a finding. What the record is judged by has none of them.

use std::ops::Range;

type Found = (Range<usize>, &'static str);

/// What in a text looks like a secret or somebody's address; places may overlap.
pub(super) fn shapes(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    private_keys(text, &mut found);
    headers(text, &mut found);
    tokens(text, &mut found);
    hashes(text, &mut found);
    logins(text, &mut found);
    pairs(text, &mut found);
    addresses(text, &mut found);
    found
}

fn private_keys(text: &str, found: &mut Vec<Found>) {
    for (at, begins) in text.match_indices("-----BEGIN ") {
        let block = &text[at..];
        let is_key =
            block[begins.len()..].split("-----").next().is_some_and(|label| label.ends_with("PRIVATE KEY"));
        if is_key {
            let ends = block.find("-----END ").and_then(|end| Some(end + 9 + block[end + 9..].find("-----")? + 5));
            found.push((at..at + ends.unwrap_or(block.len()), "key"));
        }
    }
}

/// Values of header fields that carry a credential, up to the end of the line; line ends may have been made visible.
fn headers(text: &str, found: &mut Vec<Found>) {
    let lower = text.to_ascii_lowercase();
    for (name, kind) in [("cookie:", "cookie"), ("authorization:", "authorization"), ("x-api-key:", "token")] {
        for (at, _) in lower.match_indices(name) {
            let start = at + name.len() + text[at + name.len()..].len()
                - text[at + name.len()..].trim_start_matches(' ').len();
            let rest = &text[start..];
            let end = ["\r", "\n", "\\r", "\\n"].iter().filter_map(|mark| rest.find(mark)).min();
            push(found, start..start + end.unwrap_or(rest.len()), kind);
        }
    }
}

/// Prefixes by which issuers mark their tokens, with the least number of characters that follow.
const PREFIXES: [(&str, usize); 14] = [
    ("AKIA", 16),
    ("ASIA", 16),
    ("AIza", 30),
    ("ghp_", 30),
    ("gho_", 30),
    ("ghu_", 30),
    ("ghs_", 30),
    ("glpat-", 16),
    ("github_pat_", 30),
    ("xoxb-", 16),
    ("xoxp-", 16),
    ("sk_live_", 16),
    ("SG.", 30),
    ("ya29.", 20),
];

fn tokens(text: &str, found: &mut Vec<Found>) {
    let run = |from: usize| text[from..].bytes().take_while(|b| is_of_token(*b)).count();
    for (at, _) in text.match_indices("eyJ") {
        let length = run(at);
        let parts: Vec<&str> = text[at..at + length].split('.').collect();
        if parts.len() >= 2 && parts.iter().take(2).all(|part| part.len() >= 8) {
            found.push((at..at + length, "token"));
        }
    }
    for (prefix, least) in PREFIXES {
        for (at, _) in text.match_indices(prefix) {
            let length = run(at);
            let begins = at == 0 || !text.as_bytes()[at - 1].is_ascii_alphanumeric();
            if begins && length >= prefix.len() + least {
                found.push((at..at + length, "token"));
            }
        }
    }
    let lower = text.to_ascii_lowercase();
    for scheme in ["bearer ", "basic "] {
        for (at, _) in lower.match_indices(scheme) {
            let start = at + scheme.len();
            let value = text[start..].bytes().take_while(|b| is_of_token(*b) || matches!(b, b'+' | b'/')).count();
            let follows = text[start + value..].trim_start_matches('=').starts_with(['"', ' ', ',', ';']);
            // `Basic realm="…"` asks for a credential and is none.
            let is_challenge = text[start + value..].starts_with('=') && follows;
            if value >= 12 && !is_challenge {
                found.push((start..start + value, "token"));
            }
        }
    }
}

fn is_of_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~')
}

/// Hashes of passwords in the form of crypt(5).
fn hashes(text: &str, found: &mut Vec<Found>) {
    for scheme in ["$1$", "$5$", "$6$", "$2a$", "$2b$", "$2y$", "$y$", "$7$", "$argon2", "$apr1$"] {
        for (at, _) in text.match_indices(scheme) {
            let of_hash =
                |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'$' | b'.' | b'/' | b'+' | b'=' | b',' | b'-');
            let length = text[at..].bytes().take_while(|b| of_hash(*b)).count();
            if length >= scheme.len() + 12 {
                found.push((at..at + length, "password-hash"));
            }
        }
    }
}

/// `scheme://user:password@host`.
fn logins(text: &str, found: &mut Vec<Found>) {
    for (at, mark) in text.match_indices("://") {
        let start = at + mark.len();
        let authority = text[start..].split(['/', '?', '#', ' ', '"', '\\', '<']).next().unwrap_or_default();
        if let Some((login, _)) = authority.rsplit_once('@')
            && let Some((user, password)) = login.split_once(':')
        {
            let from = start + user.len() + 1;
            push(found, from..from + password.len(), "password");
        }
    }
}

/// Whole names, or last words of names, and the kind of what stands behind them.
const NAMES: [(&str, &str); 26] = [
    ("password", "password"),
    ("passwd", "password"),
    ("passphrase", "password"),
    ("pwd", "password"),
    ("pass", "password"),
    ("psk", "key"),
    ("wifikey", "key"),
    ("wpakey", "key"),
    ("privatekey", "key"),
    ("sharedkey", "key"),
    ("secret", "key"),
    ("apikey", "token"),
    ("accesskey", "token"),
    ("token", "token"),
    ("session", "session"),
    ("sessionid", "session"),
    ("sessid", "session"),
    ("sid", "session"),
    ("csrf", "token"),
    ("jsessionid", "session"),
    ("phpsessid", "session"),
    ("pin", "pin"),
    ("community", "community"),
    ("ssid", "ssid"),
    ("email", "e-mail"),
    ("latitude", "location"),
];

/// `name=value`, `"name":"value"` and `name="value"`, quotes escaped or not.
fn pairs(text: &str, found: &mut Vec<Found>) {
    for (at, mark) in text.char_indices().filter(|(_, c)| matches!(c, '=' | ':')) {
        let before = text[..at].trim_end_matches(' ');
        let quoted = before.ends_with('"');
        let before = before.trim_end_matches(['"', '\\']);
        let name_at = before
            .rfind(|c: char| !(c.is_ascii_alphanumeric() || "_-.".contains(c)))
            .map_or(0, |i| i + before[i..].chars().next().map_or(1, char::len_utf8));
        let Some(kind) = kind_of(&before[name_at..]) else { continue };
        let behind = &text[at + 1..];
        let value = behind.trim_start_matches(' ').trim_start_matches('\\');
        let in_quotes = value.starts_with('"');
        // `password: refused` is a sentence; a pair with a colon has its value in quotes.
        if mark == ':' && !(quoted && in_quotes) {
            continue;
        }
        let value = value.trim_start_matches('"');
        let start = text.len() - value.len();
        let ends: &[char] = if in_quotes {
            &['"']
        } else {
            &['&', ';', ',', ' ', '"', '\'', '<', '>', ')', '}', ']', '\\', '\n', '\r']
        };
        let end = value.find(ends).unwrap_or(value.len());
        push(found, start..start + value[..end].trim_end_matches('\\').len(), kind);
    }
    found.retain(|(at, _)| !is_empty_word(&text[at.clone()]));
}

fn kind_of(name: &str) -> Option<&'static str> {
    let last = name.rsplit(['_', '-', '.']).next().unwrap_or_default().to_ascii_lowercase();
    let whole: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let long = |word: &str| word.len() >= 6 && whole.ends_with(word);
    NAMES.iter().find(|(word, _)| last == *word || whole == *word || long(word)).map(|(_, kind)| *kind)
}

/// Words that stand where a secret is missing or hidden already.
fn is_empty_word(value: &str) -> bool {
    matches!(value, "(secret)" | "true" | "false" | "null" | "none" | "‹concealed›")
        || value.chars().all(|c| matches!(c, '*' | '•' | '.'))
}

/// `name@example.org`.
fn addresses(text: &str, found: &mut Vec<Found>) {
    let of_local = |c: char| c.is_ascii_alphanumeric() || "._%+-".contains(c);
    let of_domain = |c: char| c.is_ascii_alphanumeric() || ".-".contains(c);
    for (at, _) in text.match_indices('@') {
        let local = text[..at].len() - text[..at].trim_end_matches(of_local).len();
        let behind = &text[at + 1..];
        let domain =
            behind[..behind.len() - behind.trim_start_matches(of_domain).len()].trim_end_matches(['.', '-']);
        let top = domain.rsplit('.').next().unwrap_or_default();
        if local > 0 && domain.contains('.') && top.len() >= 2 && top.chars().all(|c| c.is_ascii_alphabetic()) {
            found.push((at - local..at + 1 + domain.len(), "e-mail"));
        }
    }
}

fn push(found: &mut Vec<Found>, at: Range<usize>, kind: &'static str) {
    if !at.is_empty() {
        found.push((at, kind));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let mut found = shapes(text);
        found.sort_by_key(|(at, _)| at.start);
        found.dedup();
        found.into_iter().map(|(at, kind)| format!("{kind} {}", &text[at])).collect()
    }

    #[test]
    fn what_looks_like_a_secret_is_found() {
        for (text, expected) in [
            ("Set-Cookie: sid=abc; Path=/\\r\\nServer: x", "cookie sid=abc; Path=/"),
            ("302 to /home?session=7f3a9&x=1", "session 7f3a9"),
            ("/a;jsessionid=99FF", "session 99FF"),
            (r#"{"wifi_key":"open sesame","n":1}"#, "key open sesame"),
            (r#"{\"password\": \"open sesame\"}"#, "password open sesame"),
            ("admin_password = hunter2", "password hunter2"),
            ("rtsp://anna:hunter2@192.0.2.7/", "password hunter2"),
            ("x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc y", "token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc"),
            ("got Bearer 0123456789abcdef", "token 0123456789abcdef"),
            ("root:$6$saltsalt$abcdefghijkl:19000", "password-hash $6$saltsalt$abcdefghijkl"),
            ("write to anna@mail.example.", "e-mail anna@mail.example"),
            ("key AKIAABCDEFGHIJKLMNOP", "token AKIAABCDEFGHIJKLMNOP"),
        ] {
            assert!(told(text).contains(&expected.to_owned()), "{text}: {:?}", told(text));
        }
        let pem = "a -----BEGIN PRIVATE KEY-----\\nMHc\\n-----END PRIVATE KEY----- b";
        assert_eq!(told(pem).len(), 1);
        assert!(told(pem)[0].ends_with("-----END PRIVATE KEY-----"));
    }

    #[test]
    fn plain_words_are_left() {
        for text in [
            "password: refused, session: none",
            "login with a wrong password",
            "www-authenticate: Basic realm=\"lumen plug cam\"",
            "Bearer realm=\"api\"",
            "200 with 312 bytes, the same as with the valid credential",
            "admin/admin; anonymous@",
            "{\"secret\":\"(secret)\",\"password\":\"****\"}",
            "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "-----BEGIN CERTIFICATE-----\\nMHc\\n-----END CERTIFICATE-----",
            "https://plug.example:8443/a@b",
            "é=é:é\"é",
        ] {
            assert!(told(text).is_empty(), "{text}: {:?}", told(text));
        }
    }
}
