//! What a named person decided about a recorded assessment as a whole.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Digest, Timestamp};

/// What a review came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// The reviewer stands by it.
    Approve,
    /// The reviewer sends it back.
    Return,
}

impl Decision {
    /// The word as records and reports write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Decision::Approve => "approve",
            Decision::Return => "return",
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A decision on a recorded assessment by somebody who had no part in what it rests on.
///
/// It decides no unit and changes no verdict: it says that a person looked at these very verdicts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Position of the assessment in the ledger.
    pub assessment: u64,
    /// Digest of its verdicts: of these and no others.
    pub verdicts: Digest,
    /// The release it speaks of.
    pub release: String,
    /// What was reviewed, by the name that the policy gives it: `judged`.
    pub checkpoint: String,
    /// The decision.
    pub decision: Decision,
    /// Why, in the reviewer's words.
    pub reasons: String,
    /// Name of the reviewer.
    pub person: String,
    /// In which role.
    pub role: String,
    /// When it was decided.
    pub reviewed: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was recorded once has to read for ever.
    #[test]
    fn the_first_form_of_a_review_reads() {
        let text = r#"{"assessment":7,"verdicts":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "release":"1.4.2","checkpoint":"judged","decision":"return","reasons":"unit 5.1-4-1a has no photo",
            "person":"R. Eviewer","role":"reviewer","reviewed":"2026-11-24T02:35:54.768Z"}"#;
        let review: Review = serde_json::from_str(text).unwrap();
        assert_eq!((review.assessment, review.decision), (7, Decision::Return));
        let again: Review = serde_json::from_value(serde_json::to_value(&review).unwrap()).unwrap();
        assert_eq!(again, review);
    }
}
