//! Which pair of documents an id or a verdict belongs to.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A pair of EN 303 645 and the TS 103 701 that tests it.
///
/// Named after the EN edition: the two documents of a pair are only ever used together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Edition {
    /// EN 303 645 V2.1.1 (2020-06) with TS 103 701 V1.1.1 (2021-08).
    #[serde(rename = "2.1.1")]
    V2_1_1,
    /// EN 303 645 V3.1.3 (2024-09) with TS 103 701 V2.1.1 (2025-05).
    #[default]
    #[serde(rename = "3.1.3")]
    V3_1_3,
}

impl Edition {
    /// Every edition, oldest first.
    pub const ALL: [Edition; 2] = [Edition::V2_1_1, Edition::V3_1_3];

    /// The EN version without its leading letter, as a dossier writes it: `3.1.3`.
    pub fn as_str(self) -> &'static str {
        match self {
            Edition::V2_1_1 => "2.1.1",
            Edition::V3_1_3 => "3.1.3",
        }
    }

    /// The other of the two.
    pub fn other(self) -> Self {
        match self {
            Edition::V2_1_1 => Edition::V3_1_3,
            Edition::V3_1_3 => Edition::V2_1_1,
        }
    }

    /// How a report cites the pair.
    pub fn citation(self) -> &'static str {
        match self {
            Edition::V2_1_1 => "EN 303 645 V2.1.1 (2020-06) with TS 103 701 V1.1.1 (2021-08)",
            Edition::V3_1_3 => "EN 303 645 V3.1.3 (2024-09) with TS 103 701 V2.1.1 (2025-05)",
        }
    }
}

impl fmt::Display for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no edition that the catalogue holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown edition `{0}`: 3.1.3 and 2.1.1 are known")]
pub struct UnknownEdition(pub String);

impl FromStr for Edition {
    type Err = UnknownEdition;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim().trim_start_matches(['v', 'V']) {
            "2.1.1" => Ok(Edition::V2_1_1),
            "3.1.3" => Ok(Edition::V3_1_3),
            _ => Err(UnknownEdition(text.to_owned())),
        }
    }
}
