//! The comparison for a terminal, 80 columns.

use super::{ComponentsFrom, Diff, or_none};
use crate::terminal::page::Page;
use crate::terminal::step;
use crate::words;

/// Lines told of one part; the other forms tell all.
const LINES: usize = 40;
/// Characters told of one value.
const VALUE: usize = 200;

/// The comparison. Colour is written only when `colour` is set.
pub fn terminal(told: &Diff, colour: bool) -> String {
    let told = told.visible();
    let mut page = Page::new(colour);
    page.bold(&format!("{}: {} → {}", words::or_unsaid(&told.product), told.old.release, told.new.release));
    for side in [&told.old, &told.new] {
        page.wrapped(2, &format!("{}  ", side.release), &side.words());
    }
    part(&mut page, "Declarations", &told.declarations, |page, one| {
        page.wrapped(2, "", &one.place());
        page.wrapped(4, "", &arrow(one.old.as_ref(), one.new.as_ref()));
    });
    part(&mut page, "Surface", &told.surface, |page, one| {
        let lead = format!("{} from {}: {}: ", one.target, one.place, one.of);
        page.wrapped(2, &lead, &arrow(one.old.as_ref(), one.new.as_ref()));
    });
    for one in &told.unmeasured {
        page.wrapped(2, "? ", one);
    }
    let from = match told.components_from {
        ComponentsFrom::Sbom => "Components (SBOM)",
        ComponentsFrom::SoftComp => "Components (6-SoftComp)",
    };
    part(&mut page, from, &told.components, |page, one| {
        page.wrapped(2, &format!("{}  ", one.name), &arrow(one.old.as_ref(), one.new.as_ref()));
    });
    part(&mut page, "Verdicts", &told.verdicts, |page, one| {
        page.wrapped(2, &format!("{}  ", one.instance), &arrow(one.old.as_ref(), one.new.as_ref()));
        page.wrapped(4, "", &one.because);
    });
    part(&mut page, "To be retested", &told.retest, |page, one| {
        page.wrapped(2, &format!("{}  ", one.instance), &one.because);
        if let Some(next) = &one.next {
            step(page, 4, "→ ", next);
        }
    });
    if told.open > 0 {
        page.blank();
        let lead = format!("Never decided for {}: ", told.new.release);
        page.wrapped(0, &lead, &words::count(told.open, "unit instance"));
    }
    page.text()
}

fn part<T>(page: &mut Page, heading: &str, all: &[T], mut one: impl FnMut(&mut Page, &T)) {
    page.blank();
    match all.len() {
        0 => page.bold(&format!("{heading}: nothing")),
        n => page.bold(&format!("{heading}: {n}")),
    }
    all.iter().take(LINES).for_each(|each| one(page, each));
    if all.len() > LINES {
        page.wrapped(2, "", &format!("… and {} more; --json and --markdown have them all", all.len() - LINES));
    }
}

fn arrow(old: Option<&String>, new: Option<&String>) -> String {
    let cut = |value: Option<&String>| {
        let value = or_none(value);
        match value.char_indices().nth(VALUE) {
            Some((at, _)) => format!("{}…", &value[..at]),
            None => value.to_owned(),
        }
    };
    format!("{} → {}", cut(old), cut(new))
}
