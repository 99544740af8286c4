//! Provision by provision: what it asks, whether it applies, the answer, the control, the legs, the units.

use maud::{Markup, html};
use model::Outcome;

use super::parts::{Anchors, badge, chip, grounds, place, prose, said, steps};
use crate::presentation::{Answer, Case, Control, Currency, Ground, Instance, Leg, Provision, Unit, Visible};
use crate::words;

pub(super) fn provisions(told: &Visible, anchors: &Anchors<'_>) -> Markup {
    html! {
        section.apart #provisions aria-labelledby="provisions-heading" {
            h2 #provisions-heading { "Provision by provision" }
            p.lead { "What failed or could not be decided is unfolded; the rest opens at a touch." }
            @for clause in &told.clauses {
                h3 { (clause.id) " " (clause.title) }
                @for one in &clause.provisions { (provision(one, anchors)) }
            }
        }
    }
}

fn provision(provision: &Provision, anchors: &Anchors<'_>) -> Markup {
    let unfolded = matches!(provision.outcome, Outcome::Fail | Outcome::Inconclusive);
    html! {
        section.provision id={ "p-" (provision.id) } {
            details open[unfolded] {
                summary {
                    h4 {
                        (provision.id)
                        (badge(provision.mandatory))
                        span.badge title="status in Table B.1" { (provision.status) }
                    }
                    (chip(provision.outcome))
                    p { (provision.summary) }
                }
                div.inside { (inside(provision, anchors, Level::Nested)) }
            }
        }
    }
}

/// Where a provision is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Under its number, in a page that tells all of them.
    Nested,
    /// On a page of its own.
    Page,
}

impl Level {
    fn heading(self, text: &Markup) -> Markup {
        match self {
            Level::Nested => html! { h5 { (text) } },
            Level::Page => html! { h2 { (text) } },
        }
    }
}

/// Everything that is told of a provision: reason, legs, applicability, answer, control, units.
pub fn inside(provision: &Provision, anchors: &Anchors<'_>, level: Level) -> Markup {
    html! {
        p { strong { (provision.outcome) ": " } (said(&provision.because)) }
        (grounds(provision.grounds.iter().filter(|g| !is_answer(g, provision)), anchors))
        (legs(provision))
        div.pair {
            div {
                (level.heading(&html! { "Whether it applies" }))
                p { (words::applies(provision)) }
                (grounds(&provision.applies_because, anchors))
            }
            (answer(&provision.answer, level))
            @if let Some(designed) = &provision.control { (control(designed, level)) }
        }
        (steps(&provision.next))
        @for one in &provision.cases { (case(one, anchors, level)) }
    }
}

/// Whether a ground is the answer itself, which stands below with its place.
fn is_answer(ground: &Ground, provision: &Provision) -> bool {
    matches!(ground, Ground::Declared(declared) if provision.answer.at.as_ref() == Some(&declared.at))
}

fn legs(provision: &Provision) -> Markup {
    let leg = |name: &str, leg: &Leg| {
        html! {
            li.leg.{ "e-" (words::key(leg.outcome)) } {
                div.leg-head { span { (name) } (chip(leg.outcome)) }
                p { (leg.because) }
            }
        }
    };
    html! {
        ul.legs aria-label="The three legs of the claim" {
            (leg("Exists", &provision.exists))
            (leg("Works", &provision.works))
            (leg("Proven", &provision.proven))
        }
    }
}

fn answer(answer: &Answer, level: Level) -> Markup {
    let support = if answer.support.is_empty() { "no answer" } else { &answer.support };
    html! {
        div {
            (level.heading(&html! { "Supplier's answer" }))
            p { strong { (support) } ", " (answer.standing) }
            (prose("Detail", &answer.detail))
            (prose("Justification", &answer.justification))
            (prose("Compensating control", &answer.compensating))
            @if !answer.review.is_empty() { p.small { "Looked at again by " (answer.review) } }
            @if let Some(at) = &answer.at { (place(at)) }
        }
    }
}

fn control(control: &Control, level: Level) -> Markup {
    html! {
        div {
            (level.heading(&html! { "Control" }))
            (prose("Design decision", &control.design))
            (prose("Implementation pattern", &control.pattern))
            @if !control.criteria.is_empty() {
                p.sub { "Accepted when" }
                ul { @for one in &control.criteria { li { (one) } } }
            }
            @if !control.documents.is_empty() {
                p.sub { "Documents" }
                ul { @for one in &control.documents { li.mono { (one) } } }
            }
            @if !control.owner.is_empty() { p.small { "Owner: " (control.owner) } }
            @if let Some(at) = &control.at { (place(at)) }
        }
    }
}

fn case(case: &Case, anchors: &Anchors<'_>, level: Level) -> Markup {
    html! {
        div.case {
            (level.heading(&html! { "Test case " (case.id) span.badge { (case.kind) } (chip(case.outcome)) }))
            p { (case.purpose) }
            @if case.needs_person { p { strong { "A person has to confirm this verdict." } } }
            details.small {
                summary { "When it passes; confidence " (case.confidence) }
                @if !case.pass_when.is_empty() {
                    p { "All of these hold:" }
                    ul { @for one in &case.pass_when { li { (one) } } }
                }
                @if !case.or_when.is_empty() {
                    p { "Or one of these:" }
                    ul { @for one in &case.or_when { li { (one) } } }
                }
                p { "Confidence " (case.confidence) ": " (words::confidence(case.confidence)) "." }
                @if !case.reading.is_empty() { p { "Read as: " (case.reading) "." } }
            }
            @if let Some(other) = &case.otherwise {
                p.small { "Read as “" (other.reading) "” the verdict would be " (chip(other.outcome)) }
            }
            table.units.stack {
                thead { tr {
                    th scope="col" { "Unit and entry" } th scope="col" { "Outcome" }
                    th scope="col" { "Why, and on what" }
                } }
                tbody { @for unit in &case.units { @for (at, one) in unit.instances.iter().enumerate() { (instance(unit, at == 0, one, anchors)) } } }
            }
        }
    }
}

fn instance(unit: &Unit, first: bool, instance: &Instance, anchors: &Anchors<'_>) -> Markup {
    html! {
        tr {
            th scope="row" {
                span.mono { (unit.id) }
                @if !instance.entry.is_empty() { span.entry { (instance.entry) } }
                @if first { div.soft { (unit.summary) } }
            }
            td.outcome {
                (chip(instance.outcome))
                @if let Some(carried) = &instance.carried {
                    div.small { strong { "carried from " (carried.from) } }
                } @else {
                    div.small.soft { "by " (instance.basis.as_str()) }
                }
                @if instance.currency == Currency::Stale { div.small { strong { "stale" } } }
            }
            td {
                p { (said(&instance.because)) }
                @if !instance.stale_because.is_empty() { p { strong { "Stale: " } (said(&instance.stale_because)) } }
                @if let Some(carried) = &instance.carried {
                    p.small { "Not measured or decided on this release. Assessed in record " (carried.assessment)
                        ", shown by " (words::records(&carried.records)) "; " (carried.policy) "." }
                }
                (grounds(&instance.grounds, anchors))
                (steps(&instance.next))
            }
        }
    }
}
