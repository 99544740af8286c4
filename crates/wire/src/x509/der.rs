//! The few forms of DER (X.690) that certificates are written in.

/// A value with its tag and length.
pub(super) fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        short @ 0..=127 => out.push(short as u8),
        long => {
            let bytes = (long as u32).to_be_bytes();
            let used = &bytes[bytes.iter().position(|byte| *byte != 0).unwrap_or(3)..];
            out.push(0x80 | used.len() as u8);
            out.extend_from_slice(used);
        }
    }
    out.extend_from_slice(content);
    out
}

pub(super) fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tagged(0x30, &parts.concat())
}

/// An object identifier, its content already encoded.
pub(super) fn object(encoded: &[u8]) -> Vec<u8> {
    tagged(6, encoded)
}

pub(super) fn octets(content: &[u8]) -> Vec<u8> {
    tagged(4, content)
}

/// A constructed value of context-specific tag.
pub(super) fn context(number: u8, content: &[u8]) -> Vec<u8> {
    tagged(0xa0 | number, content)
}

/// A whole number that is not negative, from its bytes, big-endian.
pub(super) fn integer(bytes: &[u8]) -> Vec<u8> {
    let bytes = &bytes[bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len())..];
    let mut content = Vec::with_capacity(bytes.len() + 1);
    if bytes.first().is_none_or(|first| *first >= 0x80) {
        content.push(0);
    }
    content.extend_from_slice(bytes);
    tagged(2, &content)
}

/// A moment as RFC 5280 wants it in certificates: two digits of the year until 2049.
pub(super) fn time(seconds: i64) -> Vec<u8> {
    let text = digits(seconds);
    if (1950..2050).contains(&year(seconds)) {
        tagged(23, &text.as_bytes()[2..])
    } else {
        tagged(24, text.as_bytes())
    }
}

/// A moment with four digits of the year.
pub(super) fn generalized_time(seconds: i64) -> Vec<u8> {
    tagged(24, digits(seconds).as_bytes())
}

fn year(seconds: i64) -> i64 {
    date(seconds.div_euclid(86_400)).0
}

fn digits(seconds: i64) -> String {
    let (year, month, day) = date(seconds.div_euclid(86_400));
    let rest = seconds.rem_euclid(86_400);
    let year = year.clamp(0, 9999);
    format!("{year:04}{month:02}{day:02}{:02}{:02}{:02}Z", rest / 3600, rest / 60 % 60, rest % 60)
}

/// Year, month and day of a day since 1970-01-01, in the Gregorian calendar, years counted from March inside.
fn date(days: i64) -> (i64, i64, i64) {
    let since = days.saturating_add(719_468);
    let era = since.div_euclid(146_097);
    let day_of_era = since.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_numbers_are_the_shortest() {
        assert_eq!(tagged(4, &[0; 128])[..4], [4, 0x81, 128, 0]);
        assert_eq!(tagged(4, &[0; 300])[..4], [4, 0x82, 1, 44]);
        assert_eq!(integer(&[0, 0, 1]), [2, 1, 1]);
        assert_eq!(integer(&[0x80]), [2, 2, 0, 0x80]);
        assert_eq!(integer(&[]), [2, 1, 0]);
    }

    #[test]
    fn moments_are_written_in_the_calendar() {
        assert_eq!(digits(0), "19700101000000Z");
        assert_eq!(digits(1_709_210_096), "20240229123456Z");
        assert_eq!(digits(-1), "19691231235959Z");
        assert_eq!(time(0)[0], 23);
        assert_eq!(time(2_600_000_000)[0], 24);
    }
}
