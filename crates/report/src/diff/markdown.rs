//! The comparison as Markdown, for a ticket or the notes of a release.

use super::{ComponentsFrom, Diff, or_none};
use crate::markdown::Out;
use crate::markdown::escape::{cell, line};
use crate::words;

/// The comparison.
pub fn markdown(told: &Diff) -> String {
    let told = told.visible();
    let mut out = Out::default();
    let name = format!("{}: {} → {}", words::or_unsaid(&told.product), told.old.release, told.new.release);
    out.heading(1, &line(&name));
    for side in [&told.old, &told.new] {
        out.line(&format!("- {} {}", line(&side.release), line(&side.words())));
    }
    out.line("");
    let old_new = |old: &Option<String>, new: &Option<String>| [old, new].map(|v| cell(or_none(v.as_ref())));
    part(&mut out, "Declarations", &["file", "place", "old", "new"], &told.declarations, |one| {
        row([cell(&one.file), cell(&one.place())], old_new(&one.old, &one.new))
    });
    part(&mut out, "Surface", &["measured", "what", "old", "new"], &told.surface, |one| {
        let measured = format!("{} at {} from {}", one.probe, one.target, one.place);
        row([cell(&measured), cell(&one.of)], old_new(&one.old, &one.new))
    });
    for one in &told.unmeasured {
        out.line(&format!("- {}", line(one)));
    }
    out.line("");
    let from = match told.components_from {
        ComponentsFrom::Sbom => "Components, by the SBOMs",
        ComponentsFrom::SoftComp => "Components, by 6-SoftComp",
    };
    part(&mut out, from, &["component", "old", "new"], &told.components, |one| {
        row([cell(&one.name)], old_new(&one.old, &one.new))
    });
    part(&mut out, "Verdicts", &["unit instance", "because", "old", "new"], &told.verdicts, |one| {
        row([cell(&one.instance), cell(&one.because)], old_new(&one.old, &one.new))
    });
    part(&mut out, "To be retested", &["unit instance", "because", "cheapest step"], &told.retest, |one| {
        let next = one.next.as_ref().map_or("", |next| next.text.as_str());
        vec![cell(&one.instance), cell(&one.because), cell(next)]
    });
    if told.open > 0 {
        let open = words::count(told.open, "unit instance");
        out.paragraph(&format!("Never decided for {}: {open}", line(&told.new.release)));
    }
    out.text()
}

fn row<const N: usize>(first: [String; N], rest: [String; 2]) -> Vec<String> {
    first.into_iter().chain(rest).collect()
}

fn part<T>(out: &mut Out, heading: &str, columns: &[&str], all: &[T], one: impl Fn(&T) -> Vec<String>) {
    out.heading(2, heading);
    if all.is_empty() {
        out.paragraph("Nothing.");
        return;
    }
    out.columns(columns);
    all.iter().for_each(|each| out.row(&one(each)));
    out.line("");
}
