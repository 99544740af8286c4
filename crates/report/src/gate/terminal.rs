//! The gate for a terminal, 80 columns, complete without colour.

use model::Outcome;

use super::{Condition, Gate, Met};
use crate::terminal::page::{Page, paint};
use crate::terminal::step;
use crate::words;

/// What is told of one condition in full.
const AGAINST: usize = 5;

/// The gate. Colour is written only when `colour` is set; nothing is told by colour alone.
pub fn terminal(told: &Gate, colour: bool) -> String {
    let told = told.visible();
    let mut page = Page::new(colour);
    let model = if told.model.is_empty() { String::new() } else { format!(" ({})", told.model) };
    page.bold(&format!("{}{model}, release {}", words::or_unsaid(&told.product), words::or_unsaid(&told.release)));
    page.wrapped(2, "", told.edition.citation());
    page.wrapped(2, "", &format!("looked at for {} by rule set {}, {}", told.at, told.ruleset, told.tool));
    page.blank();
    for one in &told.conditions {
        condition(&mut page, one);
    }
    page.blank();
    let unmet = told.unmet().count();
    page.bold(&match told.passes {
        true => format!("The gate lets release {} through.", words::or_unsaid(&told.release)),
        false => format!("The gate is closed: {unmet} of {} conditions are not met.", told.conditions.len()),
    });
    page.wrapped(0, &format!("{:<10} ", "exit"), &format!("{}: {}", told.exit.code, told.exit.meaning));
    page.text()
}

/// One condition, and the first of what stands against it.
pub(crate) fn condition(page: &mut Page, told: &Condition) {
    let (glyph, outcome) = match told.met {
        Met::Yes => ("✓", Outcome::Pass),
        Met::No => ("✗", Outcome::Fail),
        Met::Unknown => ("?", Outcome::Inconclusive),
    };
    let mark = paint(page.colour(), outcome, glyph);
    page.line(&format!("{mark} {:<12} {}", told.id, told.asks));
    page.wrapped(15, "", &format!("{}: {}", told.met.as_str(), told.because));
    for one in told.against.iter().take(AGAINST) {
        page.wrapped(4, &format!("{}  ", one.about), &one.because);
        if let Some(next) = &one.next {
            step(page, 6, "→ ", next);
        }
    }
    if told.against.len() > AGAINST {
        page.wrapped(4, "", &format!("… and {} more; --json has them all", told.against.len() - AGAINST));
    }
}
