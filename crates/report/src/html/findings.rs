//! What does not meet the standard, with its grounds, and what stands in the way of the rest.

use maud::{Markup, html};

use super::parts::{Anchors, badge, grounds, said, step, steps};
use crate::causes::{Cause, causes};
use crate::presentation::{Gap, Visible};
use crate::terminal::waits;
use crate::words;

/// Findings, those of one cause together.
pub fn findings(told: &Visible, anchors: &Anchors<'_>) -> Markup {
    html! {
        section #findings aria-labelledby="findings-heading" {
            h2 #findings-heading { "Findings" }
            @if told.findings.is_empty() {
                p.lead { "Nothing that was looked at is broken. What was not looked at is under next steps." }
            } @else {
                p.lead { "Criteria that are broken, each with what that rests on; what has one cause stands together. Mandatory provisions come first." }
            }
            @for one in causes(&told.findings) { (cause(&one, anchors)) }
        }
    }
}

fn cause(cause: &Cause<'_>, anchors: &Anchors<'_>) -> Markup {
    let first = cause.first();
    let together = cause.findings.len() > 1;
    html! {
        article.card.finding {
            h3 {
                @for mandatory in [true, false] {
                    @let provisions = cause.provisions(mandatory);
                    @for id in &provisions { (anchors.provision(id)) }
                    @if !together && !provisions.is_empty() { span.mono { (first.about) } }
                    @if !provisions.is_empty() { (badge(mandatory)) }
                }
            }
            p.because { (said(&first.because)) }
            @if together {
                details.small {
                    summary { "Unit instances that fail by it (" (cause.findings.len()) ")" }
                    p.mono { @for (at, one) in cause.findings.iter().enumerate() { @if at > 0 { ", " } (one.about) } }
                }
            }
            (grounds(cause.grounds.iter().copied(), anchors))
            (steps(&first.next))
        }
    }
}

/// What stands in the way, what blocks most first.
pub fn gaps(told: &Visible, anchors: &Anchors<'_>) -> Markup {
    html! {
        section #gaps aria-labelledby="gaps-heading" {
            h2 #gaps-heading { "Next steps" }
            @if told.gaps.is_empty() {
                p.lead { "Nothing stands between here and decided verdicts." }
            } @else {
                p.lead { "What stands in the way of decided verdicts. What blocks most comes first. " (words::COMMANDS) }
                ol.steps { @for one in &told.gaps { li { div { (gap(one, anchors)) } } } }
            }
        }
    }
}

fn gap(gap: &Gap, anchors: &Anchors<'_>) -> Markup {
    let provisions = if gap.provisions.is_empty() { &gap.legs } else { &gap.provisions };
    html! {
        p { strong { (step(&gap.step)) } }
        p.small {
            (waits(gap)) ": "
            @for (at, id) in provisions.iter().enumerate() {
                @if at > 0 { ", " }
                (anchors.provision(id))
            }
        }
        @for missing in &gap.missing { p.small.soft { (said(missing)) } }
        @if !gap.instances.is_empty() {
            details.small {
                summary { "Unit instances that wait for it (" (gap.instances.len()) ")" }
                p.mono { (gap.instances.join(", ")) }
            }
        }
    }
}
