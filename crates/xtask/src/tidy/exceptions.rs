//! `tidy-exceptions.toml`: what is allowed to break a rule, each with its reason.
//!
//! It reads; whether an exception is still needed is asked by the check it is an exception of.

use serde::Deserialize;

/// All the exceptions.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Exceptions {
    /// Files over the limit of length.
    #[serde(default)]
    pub(crate) long_file: Vec<LongFile>,
    /// Crates that may hold unsafe code.
    #[serde(default)]
    pub(crate) unsafe_crate: Vec<UnsafeCrate>,
}

/// A file over the limit.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LongFile {
    pub(crate) path: String,
    /// Production lines it may have.
    pub(crate) lines: usize,
    #[serde(deserialize_with = "reason")]
    #[expect(dead_code, reason = "read by people; its presence is checked while reading")]
    pub(crate) reason: String,
}

/// A crate with unsafe code.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnsafeCrate {
    pub(crate) name: String,
    #[serde(deserialize_with = "reason")]
    #[expect(dead_code, reason = "read by people; its presence is checked while reading")]
    pub(crate) reason: String,
}

impl Exceptions {
    pub(crate) fn read(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }
}

fn reason<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let reason = String::deserialize(deserializer)?;
    if reason.trim().is_empty() {
        return Err(serde::de::Error::custom("an exception needs a reason"));
    }
    Ok(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exception_without_a_reason_is_refused() {
        let entry = |reason: &str| format!("[[long-file]]\npath = \"a.rs\"\nlines = 700\n{reason}");
        assert!(Exceptions::read(&entry("reason = \"one table\"")).is_ok());
        assert!(Exceptions::read(&entry("reason = \" \"")).is_err());
        assert!(Exceptions::read(&entry("")).is_err());
    }
}
