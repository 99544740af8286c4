//! One row per clause, one cell per provision: a glyph, and a letter that is capital for a mandatory provision.

use model::Outcome;

use super::page::{Page, paint};
use crate::presentation::{Provision, Visible};
use crate::words;

/// Width of number and title; cells follow.
const TITLE: usize = 35;
/// Cells on one line: three columns each.
const CELLS: usize = 15;

pub(super) fn matrix(page: &mut Page, told: &Visible) {
    for clause in &told.clauses {
        let mut left = fit(&format!("{:<5}{}", clause.id, clause.title), TITLE);
        for cells in clause.provisions.chunks(CELLS) {
            let cells: Vec<String> = cells.iter().map(|p| cell(p, page.colour())).collect();
            page.line(&format!("{left}{}", cells.join(" ")));
            left = " ".repeat(TITLE);
        }
    }
    let legend: Vec<String> = Outcome::ALL
        .into_iter()
        .map(|o| format!("{} {}", paint(page.colour(), o, &format!("{}{}", glyph(o), letter(o))), words::short(o)))
        .collect();
    page.line(&format!("{}; capital: mandatory", legend.join("  ")));
    page.blank();
}

fn cell(provision: &Provision, colour: bool) -> String {
    let letter = letter(provision.outcome);
    let letter = if provision.mandatory { letter.to_ascii_uppercase() } else { letter };
    paint(colour, provision.outcome, &format!("{}{letter}", glyph(provision.outcome)))
}

fn glyph(outcome: Outcome) -> char {
    match outcome {
        Outcome::Pass => '✓',
        Outcome::Fail => '✗',
        Outcome::Inconclusive => '?',
        Outcome::Open => '○',
        Outcome::NotApplicable => '·',
    }
}

fn letter(outcome: Outcome) -> char {
    match outcome {
        Outcome::Pass => 'p',
        Outcome::Fail => 'f',
        Outcome::Inconclusive => 'i',
        Outcome::Open => 'o',
        Outcome::NotApplicable => 'n',
    }
}

/// Exactly `width` columns, cut with `…` and always ending in a space.
fn fit(text: &str, width: usize) -> String {
    let count = text.chars().count();
    if count < width {
        return format!("{text}{}", " ".repeat(width - count));
    }
    let cut: String = text.chars().take(width - 2).collect();
    format!("{}… ", cut.trim_end()).chars().chain(std::iter::repeat(' ')).take(width).collect()
}
