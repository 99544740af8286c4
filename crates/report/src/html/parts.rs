//! Pieces that every part of the page uses: shapes and words of outcomes, grounds, steps, links.

use std::collections::BTreeSet;

use maud::{Markup, html};
use model::Outcome;

use crate::presentation::{Counts, Ground, Place, Prose, Step, Total, Visible};
use crate::words;

/// One shape per outcome, and the fillings of the bars; drawn once, used by reference.
pub const SHAPES: &str = r##"<svg class="hidden" width="0" height="0" aria-hidden="true"><defs>
<symbol id="i-pass" viewBox="0 0 16 16"><path d="M2.5 8.5l3.7 3.7L13.5 4.5"/></symbol>
<symbol id="i-fail" viewBox="0 0 16 16"><path d="M3.5 3.5l9 9M12.5 3.5l-9 9"/></symbol>
<symbol id="i-inconclusive" viewBox="0 0 16 16"><path d="M5 5.2a3 3 0 1 1 4.4 2.9c-1 .5-1.4 1-1.4 1.9M8 13.4v.1"/></symbol>
<symbol id="i-open" viewBox="0 0 16 16"><circle cx="8" cy="8" r="5.2"/></symbol>
<symbol id="i-na" viewBox="0 0 16 16"><path d="M3 8h10"/></symbol>
<pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0v7" stroke-width="4"/></pattern>
<pattern id="dots" width="7" height="7" patternUnits="userSpaceOnUse"><circle cx="3.5" cy="3.5" r="1.4"/></pattern>
</defs></svg>"##;

/// What there is to link to, so that no link leads nowhere.
#[derive(Debug, Clone)]
pub struct Anchors<'a> {
    provisions: BTreeSet<&'a str>,
    records: BTreeSet<u64>,
    to_provision: String,
    to_record: String,
}

impl<'a> Anchors<'a> {
    /// Links inside one page that tells everything.
    pub fn of(told: &'a Visible) -> Self {
        Self::at(told, "#p-", "#record-")
    }

    /// Links to pages of their own: what stands before a provision's number, and before a record's.
    pub fn at(told: &'a Visible, to_provision: &str, to_record: &str) -> Self {
        Self {
            provisions: told.provisions().map(|p| p.id.as_str()).collect(),
            records: told.records.iter().map(|r| r.seq).collect(),
            to_provision: to_provision.to_owned(),
            to_record: to_record.to_owned(),
        }
    }

    /// A provision's number, linked.
    pub fn provision(&self, id: &str) -> Markup {
        if self.provisions.contains(id) {
            html! { a href={ (self.to_provision) (id) } { (id) } }
        } else {
            html! { (id) }
        }
    }

    /// A record's number, linked.
    pub fn record(&self, seq: u64) -> Markup {
        if self.records.contains(&seq) {
            html! { a href={ (self.to_record) (seq) } { "record " (seq) } }
        } else {
            html! { "record " (seq) }
        }
    }
}

/// The shape of an outcome; decoration beside its word.
pub fn mark(outcome: Outcome) -> Markup {
    html! { svg.mark aria-hidden="true" { use href={ "#i-" (words::key(outcome)) } {} } }
}

/// An outcome as shape, colour and word.
pub fn chip(outcome: Outcome) -> Markup {
    html! { span.chip.(words::key(outcome)) { (mark(outcome)) (outcome) } }
}

/// Mandatory or recommendation, as a small badge.
pub fn badge(mandatory: bool) -> Markup {
    html! { span.badge { (words::kind(mandatory)) } }
}

/// A sentence of ours, in which back quotes mark what is written literally.
pub fn said(text: &str) -> Markup {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return html! { (text) };
    }
    html! {
        @for (at, part) in parts.iter().enumerate() {
            @if at % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

/// A text of several lines under its name; nothing where there is none.
pub fn prose(what: &str, text: &Prose) -> Markup {
    html! { @if !text.is_empty() { p.sub { (what) } p.prose { (text.0.trim()) } } }
}

/// What a conclusion rests on: each ground says who says so.
pub fn grounds<'a>(grounds: impl IntoIterator<Item = &'a Ground>, anchors: &Anchors<'_>) -> Markup {
    let mut grounds = grounds.into_iter().peekable();
    html! {
        @if grounds.peek().is_some() {
            ul.grounds {
                @for one in grounds {
                    li {
                        span.source.{ "s-" (words::source(one)) } { (words::source(one)) }
                        div { (ground(one, anchors)) }
                    }
                }
            }
        }
    }
}

fn ground(ground: &Ground, anchors: &Anchors<'_>) -> Markup {
    match ground {
        Ground::Declared(g) => html! { (said(&g.text)) (place(&g.at)) },
        Ground::Observed(g) => html! {
            span.mono { (g.text) }
            div.small.soft { (words::measured_by(&g.probe, &g.tool)) " at " (g.target) ", " time { (g.when) } ", " (anchors.record(g.record)) }
        },
        Ground::Stated(g) => html! {
            (g.text)
            div.small.soft { (g.by) ", " time { (g.when) } ", " (anchors.record(g.record)) }
        },
        Ground::Rule(g) => html! { (said(&g.text)) },
    }
}

/// A place in the dossier with the line that stands there.
pub fn place(at: &Place) -> Markup {
    html! {
        div.small.soft.mono { (at.position()) }
        @if !at.quote.trim().is_empty() {
            pre.quoted { span.at aria-hidden="true" { (at.line) } (at.quote) }
        }
    }
}

/// Next steps.
pub fn steps(steps: &[Step]) -> Markup {
    html! { @for one in steps { div.step { div { (step(one)) } } } }
}

/// One next step: who does what, with which command.
pub fn step(step: &Step) -> Markup {
    html! {
        (said(&step.text)) " " span.badge { (words::verb(step.verb)) }
        @if let Some(command) = &step.command { " " code { (command) } }
    }
}

/// A verdict as a card: word, reason, bar and numbers.
pub fn verdict(id: &str, what: &str, total: &Total) -> Markup {
    html! {
        div.card.verdict.{ "e-" (words::key(total.outcome)) } {
            h3 { (what) }
            p.verdict-word { (mark(total.outcome)) span { (total.outcome) } }
            p { (total.because) }
            (bar(id, what, &total.counts))
            ul.legend {
                @for outcome in Outcome::ALL {
                    @if total.counts.of(outcome) > 0 {
                        li { span.chip.(words::key(outcome)) { (mark(outcome)) (total.counts.of(outcome)) " " (words::short(outcome)) } }
                    }
                }
            }
        }
    }
}

/// A bar whose parts differ in colour and filling, with the same numbers as text.
pub fn bar(id: &str, what: &str, counts: &Counts) -> Markup {
    let all = counts.total().max(1);
    let percent = |n: u64| format!("{:.3}%", n as f64 * 100.0 / all as f64);
    let some = Outcome::ALL.into_iter().filter(|o| counts.of(*o) > 0);
    let parts: Vec<(Outcome, u64, u64)> = some
        .scan(0, |end, outcome| {
            let start = *end;
            *end += counts.of(outcome);
            Some((outcome, start, counts.of(outcome)))
        })
        .collect();
    let text: Vec<String> = parts.iter().map(|(o, _, n)| format!("{n} {o}")).collect();
    html! {
        svg.bar role="img" aria-labelledby={ "bar-" (id) } {
            title id={ "bar-" (id) } { (what) ", " (counts.total()) " in all: " (text.join(", ")) }
            @for (outcome, x, count) in &parts {
                rect.{ "b-" (words::key(*outcome)) } x=(percent(*x)) width=(percent(*count)) height="100%" {}
                @if let Some(filling) = filling(*outcome) {
                    rect.(filling) x=(percent(*x)) width=(percent(*count)) height="100%" {}
                }
            }
        }
    }
}

fn filling(outcome: Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Open => Some("over"),
        Outcome::Inconclusive => Some("dots"),
        _ => None,
    }
}
