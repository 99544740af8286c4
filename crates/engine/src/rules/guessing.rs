//! Whether guessing a credential is practicable at a measured rate.
//!
//! The limits are the team's policy or, without one, ours; the standard names none.

use dossier::{AuthMechFacts, Dossier, Located, Origin};

use crate::judgement::Ground;

/// Guesses per hour above which guessing a value of unknown strength counts as practicable. NIST SP 800-63B
/// (2017), 5.2.2, allows no more than 100 consecutive failures on an account; granting that number every hour is
/// the most generous reading of it.
pub(super) const GUESSES_PER_HOUR: u64 = 100;

/// Days that half of the value space has to withstand. Ours: an attacker of level basic (TS 103 701, D.2) is not
/// expected to keep at one device for a year.
pub(super) const GUESSING_DAYS: u32 = 365;

/// What the numbers say.
#[derive(Debug)]
pub(super) struct Practicable {
    pub(super) yes: bool,
    pub(super) text: String,
    pub(super) policy: Ground,
}

/// Weighs a rate against the declared value space; a value that a user chooses has no known space.
pub(super) fn practicable(dossier: &Dossier, facts: &AuthMechFacts, per_hour: u64) -> Practicable {
    let policy = dossier.policy.as_ref();
    let chosen = facts.origin.as_ref().is_none_or(|o| o.value == Origin::UserDefined);
    match (&facts.length, &facts.alphabet) {
        (Some(length), Some(alphabet)) if !chosen => {
            let limit = policy.and_then(|p| p.guessing_days.as_ref());
            let days = days_for_half(alphabet.value, length.value, per_hour);
            let least = limit.map_or(GUESSING_DAYS, |l| l.value);
            Practicable {
                yes: days < u128::from(least),
                text: format!(
                    "half of {alphabet}^{length} values takes {days} days at {per_hour} per hour",
                    alphabet = alphabet.value,
                    length = length.value
                ),
                policy: source(limit, format!("half of the values has to take {least} days")),
            }
        }
        _ => {
            let limit = policy.and_then(|p| p.guesses_per_hour.as_ref());
            let most = limit.map_or(GUESSES_PER_HOUR, |l| l.value);
            Practicable {
                yes: per_hour > most,
                text: format!("{per_hour} guesses per hour, of a value whose space is not known"),
                policy: source(limit, format!("at most {most} guesses per hour")),
            }
        }
    }
}

/// The same for what a declared lockout lets through at most, where the value space is known: guesses up to the lockout,
/// over and over.
pub(super) fn while_locked(
    dossier: &Dossier,
    facts: &AuthMechFacts,
    after: u32,
    seconds: u32,
) -> Option<Practicable> {
    let is_known = facts.length.is_some() && facts.alphabet.is_some();
    let is_drawn = facts.origin.as_ref().is_some_and(|origin| origin.value != Origin::UserDefined);
    let per_hour = (u64::from(after) * 3600).div_ceil(u64::from(seconds.max(1)));
    (is_known && is_drawn).then(|| practicable(dossier, facts, per_hour))
}

fn days_for_half(alphabet: u32, length: u32, per_hour: u64) -> u128 {
    let space = (0..length).fold(1u128, |space, _| space.saturating_mul(u128::from(alphabet)));
    (space / 2) / u128::from(per_hour.max(1)) / 24
}

fn source<T>(policy: Option<&Located<T>>, text: String) -> Ground {
    match policy {
        Some(declared) => Ground::Declared { span: declared.span, text },
        None => Ground::Rule(format!("{text}, where no policy is declared")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_four_digits_takes_hours_behind_a_short_lockout() {
        // 5 in 60 s are 300 an hour: 5,000 guesses take less than a day, and half of 10^8 takes 19 years.
        assert_eq!(days_for_half(10, 4, 300), 0);
        assert_eq!(days_for_half(10, 8, 300), 6_944);
    }
}
