//! Roles, stored passwords, and the rule for new ones.

use std::num::NonZeroU32;

use ring::pbkdf2;

use crate::digest::sha256_hex;

/// The realm of Digest authentication on the camera stream.
pub(crate) const REALM: &str = "camera";
/// Work factor; low for a real product, because a demonstration starts and logs in many times.
const ITERATIONS: NonZeroU32 = NonZeroU32::MIN.saturating_add(9_999);

/// What an account may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    /// Read the state.
    Guest,
    /// Everything.
    Admin,
}

impl Role {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Guest => "guest",
            Self::Admin => "admin",
        }
    }
}

/// A stored password: PBKDF2 for the web, and what Digest authentication (RFC 7616) needs for the camera.
#[derive(Clone)]
pub(crate) struct Credential {
    user: &'static str,
    salt: [u8; 32],
    hash: [u8; 32],
    digest_ha1: String,
}

impl Credential {
    pub(crate) fn new(user: &'static str, password: &str, salt: [u8; 32]) -> Self {
        let mut hash = [0; 32];
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ITERATIONS, &salt, password.as_bytes(), &mut hash);
        let digest_ha1 = sha256_hex(format!("{user}:{REALM}:{password}").as_bytes());
        Self { user, salt, hash, digest_ha1 }
    }

    pub(crate) fn matches(&self, user: &str, password: &str) -> bool {
        let password = password.as_bytes();
        let right = pbkdf2::verify(pbkdf2::PBKDF2_HMAC_SHA256, ITERATIONS, &self.salt, password, &self.hash);
        right.is_ok() && user == self.user
    }

    /// The same account with another password.
    pub(crate) fn changed(&self, password: &str) -> Self {
        Self::new(self.user, password, self.salt)
    }

    pub(crate) fn user(&self) -> &'static str {
        self.user
    }

    pub(crate) fn hash(&self) -> &[u8; 32] {
        &self.hash
    }

    pub(crate) fn digest_ha1(&self) -> &str {
        &self.digest_ha1
    }
}

/// May this become a password? The error is a message for the user.
pub(crate) fn acceptable(user: &str, password: &str) -> Result<(), &'static str> {
    if !(10..=64).contains(&password.chars().count()) {
        return Err("a password has 10 to 64 characters");
    }
    if password.chars().any(char::is_control) {
        return Err("a password has no control characters");
    }
    let plain = password.to_lowercase();
    let mut kinds: Vec<char> = plain.chars().collect();
    kinds.sort_unstable();
    kinds.dedup();
    if kinds.len() < 5 || plain.contains(user) || plain.starts_with("password") || plain.starts_with("1234567890")
    {
        return Err("this password is too easy to guess");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_refused_and_good_ones_are_not() {
        for weak in ["short", "aaaaaaaaaaaa", "admin-admin-1", "Password123!", "1234567890abc"] {
            assert!(acceptable("admin", weak).is_err(), "{weak}");
        }
        assert!(acceptable("admin", "correct horse battery").is_ok());
    }

    #[test]
    fn a_credential_matches_its_name_and_password_only() {
        let credential = Credential::new("admin", "one", [1; 32]);
        assert!(credential.matches("admin", "one"));
        assert!(!credential.matches("guest", "one") && !credential.matches("admin", "two"));
        assert!(credential.changed("two").matches("admin", "two"));
    }
}
