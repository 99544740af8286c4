//! The roles that people have in a workspace.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What somebody is in a workspace, or for one product of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Answers for the workspace: people, settings, and everything else.
    Owner,
    /// Declares, measures and mends.
    Engineer,
    /// Measures and states.
    Tester,
    /// Approves what others did, or sends it back.
    Reviewer,
    /// Reads and verifies.
    Auditor,
    /// Answers the requests made to them, and sees nothing else.
    Supplier,
    /// Tests blind: sees what is declared, never what others found or decided.
    Laboratory,
}

impl Role {
    /// Every role, in the order of tables.
    pub const ALL: [Self; 7] = [
        Self::Owner,
        Self::Engineer,
        Self::Tester,
        Self::Reviewer,
        Self::Auditor,
        Self::Supplier,
        Self::Laboratory,
    ];

    /// The role as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Engineer => "engineer",
            Self::Tester => "tester",
            Self::Reviewer => "reviewer",
            Self::Auditor => "auditor",
            Self::Supplier => "supplier",
            Self::Laboratory => "laboratory",
        }
    }

    /// What the role is for, one sentence.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Owner => "Answers for the workspace: people, settings, and everything else.",
            Self::Engineer => "Declares, measures and mends.",
            Self::Tester => "Measures and states.",
            Self::Reviewer => "Approves what others did, or sends it back.",
            Self::Auditor => "Reads and verifies.",
            Self::Supplier => "Answers the requests made to them, and sees nothing else.",
            Self::Laboratory => "Tests blind: sees what is declared, never what others found or decided.",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no role\n\nhint: owner, engineer, tester, reviewer, auditor, supplier or laboratory")]
pub struct UnknownRole(pub String);

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or_else(|| UnknownRole(text.to_owned()))
    }
}
