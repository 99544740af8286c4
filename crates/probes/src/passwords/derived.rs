//! Values that follow from the public identifiers of their unit.
//!
//! A rule counts where it explains rows far beyond what it explains of values and identifiers that do not belong together.

use std::collections::BTreeMap;

use super::Finding;
use super::digests::{FUNCTIONS, texts};
use super::table::Batch;

/// Rows on which every rule is tried; those that explain some of them are then tried on all.
const SAMPLE: usize = 2_000;
/// Rows that a rule has to explain at least.
const FEWEST: usize = 3;
/// Characters that a value and an identifier have to share at least.
const SHARED: usize = 4;

/// A form with its name.
type Form = (&'static str, fn(&str) -> String);

/// How an identifier is written before it is used.
const FORMS: [Form; 5] = [
    ("", str::to_owned),
    (" without separators", bare),
    (" in small letters, without separators", |text| bare(text).to_lowercase()),
    (" in capitals, without separators", |text| bare(text).to_uppercase()),
    (" reversed", |text| bare(text).chars().rev().collect()),
];

fn bare(text: &str) -> String {
    text.chars().filter(|character| character.is_alphanumeric()).collect()
}

/// One rule: which identifiers, in which form, with which salt, through which function.
#[derive(Clone, Copy)]
struct Rule<'a> {
    first: usize,
    second: Option<usize>,
    form: usize,
    salt: Option<(&'a str, bool)>,
    function: Option<usize>,
}

impl Rule<'_> {
    fn source(&self, identifiers: &[String]) -> String {
        let form = FORMS[self.form].1;
        let mut text = form(&identifiers[self.first]);
        if let Some(second) = self.second {
            text.push_str(&form(&identifiers[second]));
        }
        match self.salt {
            Some((salt, true)) => format!("{salt}{text}"),
            Some((salt, false)) => format!("{text}{salt}"),
            None => text,
        }
    }

    /// How the value shows in what the rule makes of the identifiers; none where it does not.
    fn explains(&self, value: &str, identifiers: &[String]) -> Option<&'static str> {
        let source = self.source(identifiers);
        let Some(function) = self.function else { return part(value, &source) };
        let length = value.chars().count();
        if length < SHARED {
            return None;
        }
        let digest = FUNCTIONS[function].1(source.as_bytes());
        let folded = bare(value).to_lowercase();
        let texts = texts(&digest, length);
        texts
            .into_iter()
            .find(|(name, text)| match *name {
                "base 64" => text.contains(value),
                _ => text.to_lowercase().contains(&folded),
            })
            .map(|(name, _)| name)
    }

    fn words(&self, batch: &Batch, shown: &str) -> String {
        let name = |at: usize| batch.identifiers[at].as_str();
        let both = self
            .second
            .map_or_else(|| name(self.first).to_owned(), |s| format!("{} and {}", name(self.first), name(s)));
        let salt = match self.salt {
            Some((_, true)) => " behind a given salt",
            Some((_, false)) => " before a given salt",
            None => "",
        };
        match self.function {
            Some(function) => {
                format!("{} of {both}{}{salt}, as {shown}", FUNCTIONS[function].0, FORMS[self.form].0)
            }
            None => format!("{shown} {both}{}", FORMS[self.form].0),
        }
    }
}

/// Whether a value and an identifier hold each other, or a long piece of each other.
fn part(value: &str, source: &str) -> Option<&'static str> {
    let (value, source) = (bare(value).to_lowercase(), bare(source).to_lowercase());
    if value.len() < SHARED || source.len() < SHARED {
        return None;
    }
    if source.contains(&value) {
        return Some("a part of");
    }
    if value.contains(&source) {
        return Some("a value that holds");
    }
    let tail: String = source.chars().rev().take(6).collect::<Vec<_>>().into_iter().rev().collect();
    (tail.chars().count() == 6 && value.contains(&tail)).then_some("a value that holds the end of")
}

pub(super) fn findings(batch: &Batch, salts: &[String]) -> Vec<Finding> {
    let mut found = Vec::new();
    let rows = batch.rows.len();
    if rows < FEWEST || batch.identifiers.is_empty() {
        return found;
    }
    let step = rows.div_ceil(SAMPLE).max(1);
    let sample: Vec<usize> = (0..rows).step_by(step).collect();
    let mut explained = vec![false; rows];
    for rule in rules(batch.identifiers.len(), salts) {
        let explains = |row: usize, of: usize| rule.explains(&batch.rows[row].value, &batch.rows[of].identifiers);
        let hits = sample.iter().filter(|row| explains(**row, **row).is_some()).count();
        if hits < FEWEST.min(sample.len()) {
            continue;
        }
        // What belongs to other units tells how much of it is chance.
        let elsewhere = sample.iter().filter(|row| explains(**row, (**row + rows / 2) % rows).is_some()).count();
        let most_rows = hits * 2 > sample.len();
        if hits < 10 * elsewhere && !most_rows {
            continue;
        }
        let mut by_shape: BTreeMap<&'static str, Vec<usize>> = BTreeMap::new();
        for (row, done) in explained.iter_mut().enumerate() {
            if *done {
                continue;
            }
            if let Some(shown) = explains(row, row) {
                by_shape.entry(shown).or_default().push(row);
                *done = true;
            }
        }
        for (shown, rows) in by_shape.into_iter().filter(|(_, rows)| rows.len() >= FEWEST) {
            found.push(Finding::of("derivation", rule.words(batch, shown), &rows));
        }
    }
    for at in 0..batch.identifiers.len() {
        found.extend(constant(batch, at));
    }
    found.sort_by_key(|finding| std::cmp::Reverse(finding.count));
    found
}

fn rules(identifiers: usize, salts: &[String]) -> Vec<Rule<'_>> {
    let salted: Vec<Option<(&str, bool)>> = std::iter::once(None)
        .chain(salts.iter().flat_map(|salt| [Some((salt.as_str(), true)), Some((salt.as_str(), false))]))
        .collect();
    let mut all = Vec::new();
    for first in 0..identifiers {
        for form in 0..FORMS.len() {
            all.push(Rule { first, second: None, form, salt: None, function: None });
        }
    }
    for first in 0..identifiers {
        let others = (0..identifiers).filter(|second| *second != first).map(Some);
        for second in std::iter::once(None).chain(others) {
            for form in 0..FORMS.len() {
                for salt in &salted {
                    let function = 0..FUNCTIONS.len();
                    all.extend(function.map(|f| Rule { first, second, form, salt: *salt, function: Some(f) }));
                }
            }
        }
    }
    all
}

/// A number in an identifier plus, or XOR, the same constant in most rows.
fn constant(batch: &Batch, at: usize) -> Vec<Finding> {
    let name = &batch.identifiers[at];
    let mut found = Vec::new();
    for (radix, word) in [(10, "decimal"), (16, "hexadecimal")] {
        let number = |text: &str| {
            let digits: String = bare(text).chars().rev().take_while(|c| c.is_digit(radix)).take(15).collect();
            let digits: String = digits.chars().rev().collect();
            (digits.len() >= SHARED).then(|| u64::from_str_radix(&digits, radix).ok())?
        };
        type Constant = fn(u64, u64) -> u64;
        let ways: [(&str, Constant); 2] =
            [("plus a constant", |v, i| v.wrapping_sub(i)), ("XOR a constant", |v, i| v ^ i)];
        for (way, between) in ways {
            let mut counts: std::collections::HashMap<u64, Vec<usize>> = Default::default();
            let mut identifiers = std::collections::HashSet::new();
            for (row, unit) in batch.rows.iter().enumerate() {
                let whole = bare(&unit.value).chars().all(|c| c.is_digit(radix));
                if let (true, Some(value), Some(identifier)) =
                    (whole, number(&unit.value), number(&unit.identifiers[at]))
                {
                    identifiers.insert(identifier);
                    counts.entry(between(value, identifier)).or_default().push(row);
                }
            }
            let most =
                counts.into_values().max_by_key(|rows| (rows.len(), std::cmp::Reverse(rows.first().copied())));
            let Some(rows) = most.filter(|rows| rows.len() >= 5 && rows.len() * 4 > batch.rows.len()) else {
                continue;
            };
            if identifiers.len() * 2 > batch.rows.len() {
                found.push(Finding::of("derivation", format!("{name} as a {word} number {way}"), &rows));
                return found;
            }
        }
    }
    found
}
