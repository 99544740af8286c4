//! The name of an account, and when two names are the same.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The name somebody signs in with: 2 to 64 of `a`-`z`, `0`-`9`, `.`, `-`, `_` and `@`, the first a letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct AccountName(String);

/// The text is no name of an account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a name to sign in with has 2 to 64 small letters, digits, dots, dashes, underscores or @, and begins with a letter \
     or digit"
)]
pub struct NoAccountName;

impl AccountName {
    /// The name as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl From<AccountName> for String {
    fn from(name: AccountName) -> Self {
        name.0
    }
}

impl TryFrom<String> for AccountName {
    type Error = NoAccountName;

    fn try_from(text: String) -> Result<Self, NoAccountName> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let begins = text.chars().next().is_some_and(plain);
        let other = |c: char| plain(c) || ".-_@".contains(c);
        let fits = (2..=64).contains(&text.len()) && begins && text.chars().all(other);
        if fits { Ok(Self(text)) } else { Err(NoAccountName) }
    }
}

impl FromStr for AccountName {
    type Err = NoAccountName;

    /// Reads a name as somebody types it: capitals and spaces around it do not count.
    fn from_str(text: &str) -> Result<Self, NoAccountName> {
        text.trim().to_ascii_lowercase().try_into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_is_typed_and_kept_in_one_form() {
        assert_eq!(" Anna.K@Example ".parse::<AccountName>().unwrap().as_str(), "anna.k@example");
        for bad in ["", "a", ".anna", "an na", "änna", "anna/../x", "anna\n", &"a".repeat(65)] {
            assert!(AccountName::try_from(bad.to_owned()).is_err(), "{bad:?}");
        }
    }
}
