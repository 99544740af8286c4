//! What opens a door by being known: of a session, a link, a token. Only its digest is ever kept.

use std::fmt;

use model::Digest;

/// Characters of a secret: 256 random bits in hexadecimal digits.
const DIGITS: usize = 64;

/// 256 random bits. Whoever has it, has what it stands for; it is shown once, and never in a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new one; none when the system gives no random bytes.
    pub fn new() -> Option<Self> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).ok()?;
        Some(Self(Digest::from_bytes(bytes).hex()))
    }

    /// One that somebody shows; none when it cannot be one.
    pub fn shown(text: &str) -> Option<Self> {
        let digit = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
        (text.len() == DIGITS && text.bytes().all(digit)).then(|| Self(text.to_owned()))
    }

    /// Its text, for the one who is to have it.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub fn digest(&self) -> String {
        Digest::of(self.0.as_bytes()).hex()
    }

    /// Another secret that follows from this one and from a purpose: it tells nothing about this one.
    pub fn derived(&self, purpose: &str) -> String {
        Digest::of_parts(&[purpose.as_bytes(), b"\0", self.0.as_bytes()]).hex()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_the_same_and_shows_nothing_of_itself() {
        let (one, other) = (Secret::new().unwrap(), Secret::new().unwrap());
        assert_ne!(one, other);
        assert_eq!(Secret::shown(one.text()), Some(one.clone()));
        assert!(!format!("{one:?}").contains(&one.text()[..8]));
        assert!(!one.digest().contains(&one.text()[..8]) && one.derived("form") != one.digest());
        for no in
            ["", "0", &"G".repeat(64), &"0".repeat(65), &one.text().to_uppercase().replace(char::is_numeric, "A")]
        {
            assert_eq!(Secret::shown(no), None, "{no}");
        }
    }
}
