//! Points in time as values. Nothing here reads a clock.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Seconds and milliseconds since 1970-01-01T00:00:00Z, leap seconds ignored (RFC 3339 in text).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Timestamp(i64);

/// The text is no RFC 3339 time in UTC.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time of the form 2026-01-31T12:00:00Z")]
pub struct TimestampError(pub String);

impl Timestamp {
    /// From milliseconds since the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// From seconds since the epoch.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds * 1000)
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, towards the past.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The calendar date, `2026-01-31`.
    pub fn date(self) -> String {
        let (year, month, day) = civil(self.0.div_euclid(86_400_000));
        format!("{year:04}-{month:02}-{day:02}")
    }

    /// Reads `2026-01-31T12:00:00Z`, with an optional fraction of a second, or a date alone.
    ///
    /// # Errors
    /// [`TimestampError`] for any other text, another offset than `Z` included.
    pub fn parse(text: &str) -> Result<Self, TimestampError> {
        read(text).ok_or_else(|| TimestampError(text.to_owned()))
    }

    /// Whether a day is over at this moment. The day counts in full; what is no date is over.
    pub fn is_after_day(self, day: &str) -> bool {
        Self::parse(day.trim()).map_or(true, |day| self.0 >= day.0.saturating_add(86_400_000))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let in_day = self.0.rem_euclid(86_400_000);
        let (seconds, millis) = (in_day / 1000, in_day % 1000);
        write!(f, "{}T{:02}:{:02}:{:02}", self.date(), seconds / 3600, seconds / 60 % 60, seconds % 60)?;
        if millis != 0 {
            write!(f, ".{millis:03}")?;
        }
        f.write_str("Z")
    }
}

impl From<Timestamp> for String {
    fn from(time: Timestamp) -> Self {
        time.to_string()
    }
}

impl TryFrom<String> for Timestamp {
    type Error = TimestampError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

fn read(text: &str) -> Option<Timestamp> {
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time.strip_suffix('Z')?)),
        None => (text, None),
    };
    let mut numbers = date.split('-').map(number);
    let (year, month, day) = (numbers.next()??, numbers.next()??, numbers.next()??);
    if numbers.next().is_some() || date.len() != 10 {
        return None;
    }
    let days = days_from_civil(year, month, day);
    if civil(days) != (year, month, day) {
        return None;
    }
    let in_day = match time {
        None => 0,
        Some(time) => {
            let (clock, fraction) = time.split_once('.').map_or((time, ""), |(c, f)| (c, f));
            let mut numbers = clock.split(':').map(number);
            let (hour, minute, second) = (numbers.next()??, numbers.next()??, numbers.next()??);
            if numbers.next().is_some() || clock.len() != 8 || hour > 23 || minute > 59 || second > 60 {
                return None;
            }
            let millis = if fraction.is_empty() { 0 } else { number(format!("{fraction:0<3}").get(..3)?)? };
            ((hour * 60 + minute) * 60 + second) * 1000 + millis
        }
    };
    Some(Timestamp(days.checked_mul(86_400_000)?.checked_add(in_day)?))
}

fn number(text: &str) -> Option<i64> {
    (!text.is_empty() && text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// Days since the epoch of a date in the proleptic Gregorian calendar.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, of_year - (153 * shifted_month + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_day_counts_in_full_and_what_is_no_date_is_over() {
        let noon = Timestamp::parse("2026-01-31T12:00:00Z").unwrap();
        let next = Timestamp::parse("2026-02-01T00:00:00Z").unwrap();
        assert!(!noon.is_after_day("2026-01-31") && next.is_after_day(" 2026-01-31 "));
        assert!(noon.is_after_day("2026-01-30") && !noon.is_after_day("2026-02-01"));
        assert!(noon.is_after_day("soon") && noon.is_after_day(""));
    }

    #[test]
    fn known_times_are_written_in_utc() {
        assert_eq!(Timestamp::from_seconds(0).to_string(), "1970-01-01T00:00:00Z");
        assert_eq!(Timestamp::from_seconds(951_782_400).to_string(), "2000-02-29T00:00:00Z");
        assert_eq!(Timestamp::from_millis(-1).to_string(), "1969-12-31T23:59:59.999Z");
    }

    #[test]
    fn dates_that_do_not_exist_are_refused() {
        for bad in [
            "2026-02-30",
            "2026-13-01",
            "2026-1-1",
            "2026-01-01T25:00:00Z",
            "2026-01-01T00:00:00+01:00",
            "é",
            "2026-01-01T00:00:00.00éZ",
        ] {
            assert!(Timestamp::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_time_reads_back_from_its_text(millis in -62_000_000_000_000i64..250_000_000_000_000) {
            let time = Timestamp::from_millis(millis);
            prop_assert_eq!(Timestamp::parse(&time.to_string()), Ok(time));
        }

        #[test]
        fn no_text_makes_reading_panic(text in ".{0,40}") {
            let _ = Timestamp::parse(&text);
        }
    }
}
