//! The checkpoints for a terminal, 80 columns, complete without colour.

use model::Outcome;

use super::{Checkpoint, Checkpoints, State};
use crate::gate::condition;
use crate::terminal::page::{Page, paint};
use crate::words;

/// The checkpoints. Colour is written only when `colour` is set; nothing is told by colour alone.
pub fn terminal(told: &Checkpoints, colour: bool) -> String {
    let told = told.visible();
    let mut page = Page::new(colour);
    let model = if told.model.is_empty() { String::new() } else { format!(" ({})", told.model) };
    page.bold(&format!("{}{model}, release {}", words::or_unsaid(&told.product), words::or_unsaid(&told.release)));
    page.wrapped(2, "", told.edition.citation());
    page.wrapped(2, "", &format!("looked at for {} by rule set {}, {}", told.at, told.ruleset, told.tool));
    for one in &told.checkpoints {
        page.blank();
        checkpoint(&mut page, one);
    }
    page.blank();
    page.bold(&match told.next() {
        None => format!("Release {} has passed every checkpoint.", words::or_unsaid(&told.release)),
        Some(next) => format!("Release {} stands before `{}`.", words::or_unsaid(&told.release), next.name),
    });
    page.text()
}

fn checkpoint(page: &mut Page, told: &Checkpoint) {
    let (glyph, outcome) = match told.state {
        State::Reached => ("●", Outcome::Pass),
        State::Outdated => ("◐", Outcome::Inconclusive),
        State::Ready => ("○", Outcome::Open),
        State::Waiting => ("·", Outcome::NotApplicable),
    };
    let mark = paint(page.colour(), outcome, glyph);
    page.bold(&format!("{mark} {}  {}", told.name, told.state.as_str()));
    page.wrapped(2, "", &told.because);
    if let Some(role) = &told.role {
        let people = if told.people.is_empty() { String::new() } else { format!(": {}", told.people.join(", ")) };
        page.wrapped(2, "", &format!("signed off by the role {role}{people}"));
    }
    for one in told.unmet() {
        condition(page, one);
    }
    for one in &told.sign_offs {
        let role = if one.role.is_empty() { String::new() } else { format!(", {}", one.role) };
        let said = one.reasons.0.replace('\n', " ");
        if one.stands {
            page.wrapped(2, "", &format!("“{said}”"));
            continue;
        }
        let who = format!("record {}, {}, {}{role}: “{said}”", one.record, one.at.date(), one.by);
        page.wrapped(2, "", &format!("{who} does not stand: {}", one.because));
    }
}
