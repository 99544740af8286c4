//! Values that people choose: well-known passwords, runs of characters, one character again and again.

use super::Finding;

/// Runs in which neighbours on a keyboard or in an order stand.
const RUNS: [&str; 6] =
    ["01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop"];
/// Words that factories and people like.
const WORDS: [&str; 22] = [
    "admin", "default", "password", "passwort", "welcome", "letmein", "changeme", "secret", "test", "user",
    "guest", "root", "login", "master", "hello", "dragon", "monkey", "football", "iloveyou", "factory", "setup",
    "internet",
];

pub(super) fn findings(values: &[&str]) -> Vec<Finding> {
    let (mut known, mut runs) = (Vec::new(), Vec::new());
    for (row, value) in values.iter().enumerate() {
        let folded = value.to_lowercase();
        if crate::is_well_known_secret(&folded) || is_word(&folded) {
            known.push(row);
        } else if is_run(&folded) {
            runs.push(row);
        }
    }
    let mut found = Vec::new();
    if !known.is_empty() {
        found.push(Finding::of("word", "a well-known password or word".to_owned(), &known));
    }
    // Short numbers are runs by chance: one in some hundred of four digits.
    if runs.len() * 50 > values.len() && !runs.is_empty() {
        found.push(Finding::of("word", "a run or one character repeated".to_owned(), &runs));
    }
    found
}

/// A word with at most four other characters behind it.
fn is_word(folded: &str) -> bool {
    let plain = folded.replace('@', "a").replace('0', "o").replace('3', "e").replace('$', "s");
    WORDS.iter().any(|word| {
        [folded, plain.as_str()].iter().any(|text| {
            text.strip_prefix(word).is_some_and(|rest| rest.len() <= 4 && !rest.chars().any(char::is_alphabetic))
        })
    })
}

fn is_run(folded: &str) -> bool {
    let length = folded.chars().count();
    if length < 4 {
        return false;
    }
    let first = folded.chars().next();
    let backwards: String = folded.chars().rev().collect();
    folded.chars().all(|c| Some(c) == first)
        || RUNS.iter().any(|run| run.contains(folded) || run.contains(&backwards))
}
