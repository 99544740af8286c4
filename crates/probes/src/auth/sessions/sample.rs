//! The form of a sample of session identifiers, without any of them.

use super::Form;

/// Steps of numbers that are counted, or that follow a clock in milliseconds while one login comes after the other.
const SMALL_STEP: i64 = 100_000;
/// Steps that have to be small before numbers count as counted: chance makes one so, and hardly three.
const FEWEST_STEPS: usize = 3;

impl Form {
    /// The form of values that were handed out one after the other.
    pub(super) fn of(values: &[String]) -> Self {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let repeated = (0..values.len()).filter(|at| values[..*at].contains(&values[*at])).count();
        let common = |pairs: &mut dyn Iterator<Item = (&String, &String)>, backwards: bool| {
            pairs.map(|(one, other)| same_signs(one, other, backwards)).min().unwrap_or(0)
        };
        let shortest = values.iter().map(String::len).min().unwrap_or(0);
        let ahead = common(&mut values.iter().zip(values.iter().skip(1)), false).min(shortest);
        let behind = common(&mut values.iter().zip(values.iter().skip(1)), true).min(shortest - ahead);
        let middles: Vec<&[u8]> =
            values.iter().map(|value| &value.as_bytes()[ahead..value.len() - behind]).collect();
        Self {
            values: count(values.len()),
            repeated: count(repeated),
            differing: count(middles.iter().map(|middle| middle.len()).max().unwrap_or(0)),
            signs: signs(&middles),
            steps: steps(values, ahead).unwrap_or_default(),
        }
    }

    /// The most bits that can differ, rounded up.
    pub(super) fn bits_at_most(&self) -> u32 {
        let bits = f64::from(self.signs.max(1)).log2() * f64::from(self.differing);
        // Whole and not negative by its making.
        (bits.ceil() as u64).min(u64::from(u32::MAX)) as u32
    }

    /// Whether the values are numbers that grow by small steps.
    pub(super) fn is_counted(&self) -> bool {
        self.steps.len() >= FEWEST_STEPS && self.steps.iter().all(|step| (1..=SMALL_STEP).contains(step))
    }
}

fn same_signs(one: &str, other: &str, backwards: bool) -> usize {
    let pairs = || one.bytes().zip(other.bytes());
    match backwards {
        false => pairs().take_while(|(a, b)| a == b).count(),
        true => one.bytes().rev().zip(other.bytes().rev()).take_while(|(a, b)| a == b).count(),
    }
}

/// How many signs a place can take, by the kinds of signs that stand there: hexadecimal digits of one case together.
fn signs(middles: &[&[u8]]) -> u32 {
    let all = || middles.iter().flat_map(|middle| middle.iter().copied());
    let any = |fits: fn(u8) -> bool| all().any(fits);
    let others: std::collections::BTreeSet<u8> = all().filter(|sign| !sign.is_ascii_alphanumeric()).collect();
    let digits = if any(|sign| sign.is_ascii_digit()) { 10 } else { 0 };
    let letters = |lower: bool| {
        let is_one = move |sign: u8| if lower { sign.is_ascii_lowercase() } else { sign.is_ascii_uppercase() };
        let seen: Vec<u8> = all().filter(|sign| is_one(*sign)).collect();
        match seen.iter().map(u8::to_ascii_lowercase).max() {
            None => 0,
            Some(b'a'..=b'f') => 6,
            Some(_) => 26,
        }
    };
    digits + letters(true) + letters(false) + u32::try_from(others.len()).unwrap_or(u32::MAX)
}

/// The small steps between values that are numbers behind what all begin with; none where one is no number, or one step is
/// not small. A common beginning belongs to the number as far as it is one.
fn steps(values: &[String], ahead: usize) -> Option<Vec<i64>> {
    let first = values.first()?;
    for radix in [10, 16] {
        let is_digit = |byte: &u8| char::from(*byte).is_digit(radix);
        // Sixteen digits of a common beginning are more than enough for the difference.
        let from = first.as_bytes()[..ahead].iter().rev().take_while(|byte| is_digit(byte)).count().min(8);
        let number = |value: &String| {
            let text = &value.as_bytes()[ahead - from..];
            let digits = text.iter().take_while(|byte| is_digit(byte)).count();
            // Digits that a letter follows are a piece of something else.
            let is_whole = text.get(digits).is_none_or(|next| !next.is_ascii_alphanumeric());
            let text = std::str::from_utf8(&text[..digits.min(30)]).ok()?;
            (is_whole && digits > 0 && digits <= 30).then(|| i128::from_str_radix(text, radix).ok()).flatten()
        };
        let numbers: Option<Vec<i128>> = values.iter().map(number).collect();
        let step = |pair: &[i128]| i64::try_from(pair[1] - pair[0]).unwrap_or(i64::MAX);
        if let Some(numbers) = numbers {
            let steps: Vec<i64> = numbers.windows(2).map(step).collect();
            // Other differences say nothing, and would tell of identifiers what nobody has to know.
            if steps.iter().all(|step| (0..=SMALL_STEP).contains(step)) {
                return Some(steps);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(values: &[&str]) -> Form {
        Form::of(&values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn what_is_counted_is_told_in_either_radix_and_across_a_carry() {
        for values in [
            ["00001008", "00001009", "00001010", "00001011"],
            ["s-9998-x", "s-9999-x", "s-10000-x", "s-10001-x"],
            ["1790000000123", "1790000000190", "1790000000301", "1790000000377"],
            ["00ff7e00", "00ff7f00", "00ff8000", "00ff8100"],
        ] {
            assert!(form(&values).is_counted(), "{values:?}: {:?}", form(&values));
        }
    }

    #[test]
    fn random_values_are_not_counted_and_their_bits_are_bounded() {
        let hex = ["9f86d081884c7d65", "60303ae22b998861", "fd61a03af4f77d87"];
        let three = form(&hex);
        assert!(!three.is_counted());
        assert_eq!((three.differing, three.signs, three.bits_at_most()), (16, 16, 64));
        let text = form(&["AbZ9-_kQ", "zzTop-1_", "Qm00_-aX", "0-_aBcDz"]);
        assert_eq!((text.signs, text.bits_at_most()), (64, 48));
        assert!(!text.is_counted());
    }

    #[test]
    fn what_all_have_in_common_counts_for_nothing() {
        let form = form(&["device-07:ab:12", "device-07:cd:12", "device-07:ef:12", "device-07:0f:12"]);
        assert_eq!((form.differing, form.signs, form.bits_at_most()), (2, 16, 8));
        assert_eq!(self::form(&["same", "same", "same"]).repeated, 2);
    }

    #[test]
    fn no_values_and_empty_values_have_a_form() {
        assert_eq!(form(&[]), Form::default());
        assert_eq!(form(&["", "", ""]).bits_at_most(), 0);
        assert_eq!(form(&["", "a"]).differing, 1);
    }
}
