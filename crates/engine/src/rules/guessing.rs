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

const GUESSES_FROM: &str = "NIST SP 800-63B (2017), 5.2.2: no more than 100 failures in a row";

const DAYS_FROM: &str = "ours, for an attacker of level basic; the standard names no number";

/// Source addresses that somebody who guesses is taken to have. Ours: an attacker of level basic rents a few.
const GUESSING_SOURCES: u32 = 10;

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
                policy: source(limit, format!("half of the values has to take {least} days"), DAYS_FROM),
            }
        }
        _ => {
            let limit = policy.and_then(|p| p.guesses_per_hour.as_ref());
            let most = limit.map_or(GUESSES_PER_HOUR, |l| l.value);
            Practicable {
                yes: per_hour > most,
                text: format!("{per_hour} guesses per hour, of a value whose space is not known"),
                policy: source(limit, format!("at most {most} guesses per hour"), GUESSES_FROM),
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

/// What several sources make of a lockout that is that of one: shown, and decided by nobody here.
pub(super) fn over_sources(dossier: &Dossier, facts: &AuthMechFacts, per_hour: u64) -> [Ground; 3] {
    let limit = dossier.policy.as_ref().and_then(|p| p.guessing_sources.as_ref());
    let sources = limit.map_or(GUESSING_SOURCES, |l| l.value).max(1);
    let weighed = practicable(dossier, facts, per_hour.saturating_mul(u64::from(sources)));
    let is = if weighed.yes { "practicable" } else { "impracticable" };
    let text = format!("the lockout is that of one source; from {sources} guessing is {is}: {}", weighed.text);
    let from = "ours, for an attacker of level basic";
    [Ground::Rule(text), source(limit, format!("{sources} sources that guess"), from), weighed.policy]
}

fn days_for_half(alphabet: u32, length: u32, per_hour: u64) -> u128 {
    let space = (0..length).fold(1u128, |space, _| space.saturating_mul(u128::from(alphabet)));
    (space / 2) / u128::from(per_hour.max(1)) / 24
}

fn source<T>(policy: Option<&Located<T>>, text: String, from: &str) -> Ground {
    match policy {
        Some(declared) => Ground::Declared { span: declared.span, text },
        None => Ground::Rule(format!("{text}, where no policy is declared ({from})")),
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

    #[test]
    fn ten_sources_guess_ten_times_as_fast_and_each_limit_says_where_it_comes_from() {
        let grounds = over_sources(&Dossier::default(), &AuthMechFacts::default(), 30);
        let texts = grounds.map(|ground| if let Ground::Rule(text) = ground { text } else { String::new() });
        assert!(texts[0].contains("from 10 guessing is practicable: 300 guesses per hour"), "{texts:?}");
        assert!(texts[1].contains("10 sources that guess, where no policy is declared (ours"), "{texts:?}");
        assert!(
            texts[2].contains("at most 100 guesses per hour") && texts[2].contains("NIST SP 800-63B"),
            "{texts:?}"
        );
    }
}
