//! Passwords: which are good enough, and what is kept of one.
//!
//! No rule of composition and no forced change: both make people choose worse ones (NIST SP 800-63B, 3.1.1.2). A password is
//! long enough, and no guesser's dictionary gets to it soon.

use std::sync::{Condvar, Mutex, OnceLock, PoisonError};

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};

/// Fewest characters of a password.
pub const SHORTEST: usize = 12;
/// Most characters of a password.
pub const LONGEST: usize = 256;
/// zxcvbn's score from which a password is taken: at least 10^8 guesses.
const SCORE: u8 = 3;
/// Characters that zxcvbn looks at: its time grows faster than their number.
const LOOKED_AT: usize = 64;

/// KiB of memory a hash takes; with three passes and four lanes, the second recommendation of RFC 9106.
const MEMORY: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 4;
/// Hashes that are computed at once: each takes 64 MiB.
const AT_ONCE: usize = 2;
/// Hashes that wait for their turn; more are refused.
const WAITING: usize = 32;

/// Why a password is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Weak {
    /// It is too short.
    #[error(
        "choose a password: it has fewer than {SHORTEST} characters\n\nhint: a few words that do not belong together are easy to keep in mind"
    )]
    Short,
    /// It is too long.
    #[error("choose a password: it has more than {LONGEST} characters")]
    Long,
    /// It is guessed soon.
    #[error(
        "choose a password: it is among those that are guessed first{0}\n\nhint: a few words that do not belong together are easy to keep in mind"
    )]
    Guessed(String),
}

/// The hasher is busy, or cannot work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// Too many wait already.
    #[error("check a password: too many others are being checked\n\nhint: try again in a few seconds")]
    Busy,
    /// It failed.
    #[error("check a password")]
    Failed,
}

/// Whether a password is good enough for somebody. `about` is what is known of them: their names.
///
/// # Errors
/// [`Weak`] says why not.
pub(super) fn judge(password: &str, about: &[&str]) -> Result<(), Weak> {
    let length = password.chars().count();
    if length < SHORTEST {
        return Err(Weak::Short);
    }
    if length > LONGEST {
        return Err(Weak::Long);
    }
    // What is known of the person is no secret: the rest has to be good enough.
    let words = about.iter().copied().chain(["assay", "workspace"]).map(str::to_lowercase).collect::<Vec<_>>();
    let words = words.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    let known: Vec<&str> = words.filter(|word| word.chars().count() > 2).collect();
    let whole: String = password.chars().take(LOOKED_AT).collect();
    let lower = whole.to_lowercase();
    let rest = known.iter().fold(lower.clone(), |rest, word| rest.replace(word, ""));
    let looked = zxcvbn::zxcvbn(if rest == lower { &whole } else { &rest }, &known);
    if u8::from(looked.score()) >= SCORE {
        return Ok(());
    }
    let warning = looked.feedback().and_then(zxcvbn::feedback::Feedback::warning);
    Err(Weak::Guessed(warning.map(|warning| format!(" ({warning})")).unwrap_or_default()))
}

/// What is kept of a password: an Argon2id hash with its salt and parameters.
///
/// # Errors
/// [`HashError`].
pub(super) fn hash(password: &str) -> Result<String, HashError> {
    let _turn = Turn::take()?;
    let hashed = argon2().ok_or(HashError::Failed)?.hash_password(password.as_bytes());
    hashed.map(|hash| hash.to_string()).map_err(|_| HashError::Failed)
}

/// Whether a password is the one that a hash was made of. With no hash it takes as long, and says no.
///
/// # Errors
/// [`HashError`].
pub(super) fn is_right(password: &str, kept: Option<&str>) -> Result<bool, HashError> {
    let nobody = nobody()?;
    let _turn = Turn::take()?;
    let hash = kept.unwrap_or(nobody);
    // Longer than any that is taken: looked at no further, so that nobody can make work by sending much.
    let password = if password.chars().nth(LONGEST).is_some() { "" } else { password };
    let right = argon2().ok_or(HashError::Failed)?.verify_password(password.as_bytes(), hash).is_ok();
    Ok(right && kept.is_some())
}

/// The hash of a password that nobody knows, so that an unknown name takes as long as a known one.
fn nobody() -> Result<&'static str, HashError> {
    static NOBODY: OnceLock<String> = OnceLock::new();
    if let Some(hash) = NOBODY.get() {
        return Ok(hash);
    }
    let made = hash(super::Secret::new().ok_or(HashError::Failed)?.text())?;
    Ok(NOBODY.get_or_init(|| made))
}

fn argon2() -> Option<Argon2<'static>> {
    let params = Params::new(MEMORY, PASSES, LANES, None).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// A turn at the hasher, so that many who sign in at once cannot take all memory.
struct Turn;

/// Those who are at the hasher, and those who wait.
static TURNS: (Mutex<(usize, usize)>, Condvar) = (Mutex::new((0, 0)), Condvar::new());

impl Turn {
    fn take() -> Result<Self, HashError> {
        let (counts, free) = &TURNS;
        let mut at = counts.lock().unwrap_or_else(PoisonError::into_inner);
        if at.1 >= WAITING {
            return Err(HashError::Busy);
        }
        at.1 += 1;
        while at.0 >= AT_ONCE {
            at = free.wait(at).unwrap_or_else(PoisonError::into_inner);
        }
        *at = (at.0 + 1, at.1 - 1);
        Ok(Self)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let (counts, free) = &TURNS;
        counts.lock().unwrap_or_else(PoisonError::into_inner).0 -= 1;
        free.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_unlikely_is_enough_and_everybodys_favourites_are_not() {
        assert_eq!(judge("short horse", &[]), Err(Weak::Short));
        assert_eq!(judge(&"a long one ".repeat(30), &[]), Err(Weak::Long));
        for weak in ["password1234", "aaaaaaaaaaaaaaaa", "qwertyuiop123", "123456789012"] {
            assert!(matches!(judge(weak, &[]), Err(Weak::Guessed(_))), "{weak}");
        }
        assert_eq!(judge("kettle marble oboe", &[]), Ok(()), "no digit, no capital, no sign");
        assert_eq!(judge("öüä-штука-夜明け前", &[]), Ok(()));
    }

    #[test]
    fn what_is_known_of_a_person_counts_for_nothing() {
        assert!(judge("Ethelburga-Ngineer", &[]).is_ok());
        assert!(judge("Ethelburga-Ngineer", &["ethelburga", "Ethelburga Ngineer"]).is_err());
    }

    #[test]
    fn a_hash_has_its_own_salt_and_knows_its_password_alone() {
        let (one, other) = (hash("kettle marble oboe").unwrap(), hash("kettle marble oboe").unwrap());
        assert!(one != other && one.starts_with("$argon2id$v=19$m=65536,t=3,p=4$"), "{one}");
        assert_eq!(is_right("kettle marble oboe", Some(&one)), Ok(true));
        assert_eq!(is_right("kettle marble obop", Some(&one)), Ok(false));
        assert_eq!(is_right("kettle marble oboe", Some("")), Ok(false), "damaged");
        assert_eq!(is_right(&"x".repeat(LONGEST + 1), Some(&one)), Ok(false));
    }

    #[test]
    fn a_name_that_nobody_has_takes_as_long_as_one_that_somebody_has() {
        let kept = hash("kettle marble oboe").unwrap();
        is_right("warm up", None).unwrap();
        let time = |kept: Option<&str>| {
            let took = |_| {
                let from = std::time::Instant::now();
                assert_eq!(is_right("wrong and wrong", kept), Ok(false));
                from.elapsed()
            };
            (0..3).map(took).min().unwrap_or_default()
        };
        let (known, unknown) = (time(Some(&kept)), time(None));
        assert!(unknown > known / 2, "{unknown:?} against {known:?}");
    }
}
