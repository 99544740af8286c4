//! What does not meet the standard, with its grounds, and what stands in the way of the rest.

use maud::{Markup, html};

use super::parts::{Anchors, badge, grounds, said, step, steps};
use crate::presentation::{Finding, Gap, Visible};
use crate::terminal::waits;

pub(super) fn findings(told: &Visible, anchors: &Anchors<'_>) -> Markup {
    html! {
        section #findings aria-labelledby="findings-heading" {
            h2 #findings-heading { "Findings" }
            @if told.findings.is_empty() {
                p.lead { "Nothing that was looked at is broken. What was not looked at is under next steps." }
            } @else {
                p.lead { "Criteria that are broken, each with what that rests on. Mandatory provisions come first." }
            }
            @for one in &told.findings { (finding(one, anchors)) }
        }
    }
}

fn finding(finding: &Finding, anchors: &Anchors<'_>) -> Markup {
    html! {
        article.card.finding {
            h3 {
                (anchors.provision(&finding.provision))
                span.mono { (finding.about) }
                (badge(finding.mandatory))
            }
            p.because { (said(&finding.because)) }
            (grounds(&finding.grounds, anchors))
            (steps(&finding.next))
        }
    }
}

pub(super) fn gaps(told: &Visible, anchors: &Anchors<'_>) -> Markup {
    html! {
        section #gaps aria-labelledby="gaps-heading" {
            h2 #gaps-heading { "Next steps" }
            @if told.gaps.is_empty() {
                p.lead { "Nothing stands between here and decided verdicts." }
            } @else {
                p.lead { "What stands in the way of decided verdicts. What blocks most comes first." }
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
