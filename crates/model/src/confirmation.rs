//! What a second person says about a statement that somebody else made.

use serde::{Deserialize, Serialize};

use crate::{Decision, Digest, Timestamp};

/// A second person's word on one recorded statement. It decides no unit by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// Position of the statement in the ledger.
    pub statement: u64,
    /// Digest of the statement's record: of this one and no other.
    pub digest: Digest,
    /// The unit that the statement decides, for a reader: `5.1-2-1c`.
    pub unit: String,
    /// The IXIT entry, for units that range over a table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// The release it speaks of.
    pub release: String,
    /// Whether the second person stands by it or sends it back.
    pub decision: Decision,
    /// Why, in the second person's words.
    pub reasons: String,
    /// Name of the second person.
    pub person: String,
    /// In which role.
    pub role: String,
    /// When it was decided.
    pub confirmed: Timestamp,
}

/// A name as it is compared: without case, spaces and punctuation.
pub fn folded_name(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_in_capitals_with_other_spaces_and_with_hidden_characters() {
        for same in ["T. Ester", "t ester", "  T.Ester ", "T.\u{a0}ESTER", "T\u{200b}. Es\u{ad}ter"] {
            assert_eq!(folded_name(same), "tester", "{same:?}");
        }
        assert_ne!(folded_name("T. Ester"), folded_name("T. Estera"));
        assert_eq!(folded_name("\u{200b} ."), "");
    }

    /// What was recorded once has to read for ever.
    #[test]
    fn the_first_form_of_a_confirmation_reads() {
        let text = r#"{"statement":7,"digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "unit":"5.6-4-2a","release":"1.4.2","decision":"approve","reasons":"saw the same board",
            "person":"S. Econd","role":"test laboratory","confirmed":"2026-11-24T02:35:54.768Z"}"#;
        let confirmation: Confirmation = serde_json::from_str(text).unwrap();
        assert_eq!((confirmation.statement, confirmation.decision), (7, Decision::Approve));
        let again: Confirmation = serde_json::from_value(serde_json::to_value(&confirmation).unwrap()).unwrap();
        assert_eq!(again, confirmation);
    }
}
