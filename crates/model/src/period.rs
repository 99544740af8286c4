//! When something was true, as opposed to when it was said or recorded.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Timestamp, TimestampError};

/// From the first to the last moment at which something was true. One moment has the same two ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Period {
    /// The first moment.
    pub from: Timestamp,
    /// The last moment; from here on evidence grows old.
    pub until: Timestamp,
}

/// The text is no period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// One of its ends is no time.
    #[error(transparent)]
    Time(#[from] TimestampError),
    /// It ends before it begins.
    #[error("`{0}` ends before it begins")]
    Backwards(String),
}

impl Period {
    /// One moment.
    pub const fn moment(at: Timestamp) -> Self {
        Self { from: at, until: at }
    }

    /// Reads `2026-01-31`, `2026-01-31T12:00:00Z`, or two of these with a slash between. A day stands for its first
    /// moment, so that nothing counts for longer than was said.
    ///
    /// # Errors
    /// [`PeriodError`] for any other text.
    pub fn parse(text: &str) -> Result<Self, PeriodError> {
        let (from, until) = text.split_once('/').unwrap_or((text, text));
        let (from, until) = (Timestamp::parse(from.trim())?, Timestamp::parse(until.trim())?);
        match from <= until {
            true => Ok(Self { from, until }),
            false => Err(PeriodError::Backwards(text.to_owned())),
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.from == self.until {
            true => write!(f, "{}", self.from),
            false => write!(f, "{}/{}", self.from, self.until),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_a_moment_or_two_ends_in_order() {
        let day = Period::parse("2026-01-02").unwrap();
        assert_eq!(day, Period::moment(Timestamp::parse("2026-01-02T00:00:00Z").unwrap()));
        let long = Period::parse("2026-01-02 / 2026-01-09T08:00:00Z").unwrap();
        assert_eq!(long.to_string(), "2026-01-02T00:00:00Z/2026-01-09T08:00:00Z");
        assert_eq!(Period::parse(&long.to_string()), Ok(long));
        assert!(matches!(Period::parse("2026-01-09/2026-01-02"), Err(PeriodError::Backwards(_))));
        for bad in ["", "/", "2026-01-02/", "yesterday", "2026-01-02/2026-01-03/2026-01-04"] {
            assert!(matches!(Period::parse(bad), Err(PeriodError::Time(_))), "{bad}");
        }
    }
}
