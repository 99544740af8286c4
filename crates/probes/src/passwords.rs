//! A batch of manufactured passwords with the public identifiers of their units: what in it is no chance.
//!
//! It looks for duplicates, counters, words, and values that follow from an identifier. That nothing is found proves no
//! randomness: who knows the generator knows more. No value is in what this returns, only counts, rules and row numbers.

mod derived;
mod digests;
mod shape;
mod table;
mod words;

use std::collections::HashMap;

use serde::Serialize;

pub use table::{Batch, BatchError, MOST_BYTES, read};

/// Row numbers that are named of a finding.
const MOST_ROWS: usize = 10;

/// What an audit found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Audit {
    /// Units in the batch.
    pub rows: usize,
    /// Names of the columns with public identifiers.
    pub identifiers: Vec<String>,
    /// Shortest and longest value, in characters.
    pub length: (usize, usize),
    /// Different characters in all values together.
    pub alphabet: usize,
    /// An upper bound for the entropy of one value in bits, by how often each character stands at each place.
    pub bits_at_most: f64,
    /// What is no chance, the worst first.
    pub findings: Vec<Finding>,
    /// What was tried and not found.
    pub tried: Vec<String>,
}

/// One thing that is no chance.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// Which kind: `duplicate`, `counter`, `word`, `derivation`, `bias`.
    pub kind: &'static str,
    /// What it is, one line without a value of the batch.
    pub text: String,
    /// How many rows it explains.
    pub count: usize,
    /// The first of these rows; row 1 is the first unit.
    pub rows: Vec<usize>,
}

impl Finding {
    fn of(kind: &'static str, text: String, rows: &[usize]) -> Self {
        Self { kind, text, count: rows.len(), rows: rows.iter().take(MOST_ROWS).map(|row| row + 1).collect() }
    }
}

/// Audits a batch. `salts` are texts that a generator is known or guessed to put before or behind an identifier.
#[must_use]
pub fn audit(batch: &Batch, salts: &[String]) -> Audit {
    let values: Vec<&str> = batch.rows.iter().map(|row| row.value.as_str()).collect();
    let mut findings = Vec::new();
    findings.extend(duplicates(&values));
    findings.extend(derived::findings(batch, salts));
    findings.extend(shape::counter(&values));
    findings.extend(words::findings(&values));
    findings.extend(shape::bias(&values));
    let lengths = values.iter().map(|value| value.chars().count());
    Audit {
        rows: values.len(),
        identifiers: batch.identifiers.clone(),
        length: (lengths.clone().min().unwrap_or(0), lengths.max().unwrap_or(0)),
        alphabet: shape::alphabet(&values).len(),
        bits_at_most: (shape::bits(&values) * 10.0).round() / 10.0,
        findings,
        tried: tried(batch, salts),
    }
}

fn tried(batch: &Batch, salts: &[String]) -> Vec<String> {
    let mut tried = vec![
        "the same value twice".to_owned(),
        "a counter in the order of the rows".to_owned(),
        "well-known passwords, runs and repeated characters".to_owned(),
        "characters that a remainder of a byte favours".to_owned(),
    ];
    if !batch.identifiers.is_empty() {
        let salted = if salts.is_empty() { String::new() } else { format!(", with {} salts", salts.len()) };
        tried.push(format!(
            "a part of {}, forward, reversed, in either case, with and without separators",
            batch.identifiers.join(", ")
        ));
        tried.push(format!(
            "CRC-16, CRC-32, MD5, SHA-1 and SHA-256 of them and of two of them together{salted}, cut anywhere, as \
             hexadecimal, base 32, base 64 and decimal"
        ));
        tried.push("a number in them plus, or XOR, a constant".to_owned());
    }
    tried
}

fn duplicates(values: &[&str]) -> Option<Finding> {
    let mut first: HashMap<&str, usize> = HashMap::with_capacity(values.len());
    let rows: Vec<usize> =
        values.iter().enumerate().filter(|(row, v)| first.insert(v, *row).is_some()).map(|(r, _)| r).collect();
    let text = "the value of an earlier row".to_owned();
    (!rows.is_empty()).then(|| Finding::of("duplicate", text, &rows))
}

#[cfg(test)]
mod tests;
