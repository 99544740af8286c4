//! A request as pages show it: what is asked for, and what happened since.

use maud::{Markup, html};
use model::Timestamp;

use app::requests::{self, Evidence, Request, State};
use app::workspace::Snapshot;

use crate::page;

/// The word of a state, with the shape that goes with it.
pub(in crate::pages) fn state(request: &Request, at: Timestamp) -> Markup {
    let (key, word) = match request.state() {
        _ if request.is_overdue(at) => ("fail", "overdue"),
        State::Asked => ("open", "asked"),
        State::Answered => ("inconclusive", "answered"),
        State::Returned => ("open", "returned"),
        State::Accepted => ("pass", "accepted"),
        State::Withdrawn => ("na", "withdrawn"),
    };
    html! { span.chip.(key) { svg.mark aria-hidden="true" { use href={ "#i-" (key) } {} } (word) } }
}

/// What is asked for.
pub(in crate::pages) fn ask(request: &Request, at: Timestamp) -> Markup {
    let ask = &request.ask;
    html! {
        section.card aria-labelledby="asked" {
            div.row { h2 #asked { (requests::visible(request.id.as_str())) } (state(request, at)) }
            p.lead { (requests::visible(&ask.scope)) }
            dl.facts {
                div { dt { "Kind" } dd { (requests::visible(&ask.kind)) } }
                div { dt { "By" } dd { (page::time(ask.due)) } }
                div { dt { "From" } dd { (requests::visible(&ask.of)) } }
                div { dt { "Asked by" } dd { (requests::visible(&request.by)) ", " (page::time(request.asked)) } }
                @if !ask.about.is_empty() { div { dt { "For" } dd.mono { (requests::visible(&ask.about.join(", "))) } } }
                @if let Some(period) = ask.period { div { dt { "True from" } dd { (page::time(period.from)) " to " (page::time(period.until)) } } }
            }
            @if !ask.criterion.is_empty() {
                p { strong { "It is accepted when" } }
                ul { @for line in &ask.criterion { li { (requests::visible(line)) } } }
            }
        }
    }
}

/// One thing that an answer hands over. With a path of records, it leads to its own.
pub(in crate::pages) fn handed(snapshot: &Snapshot, evidence: &Evidence, records: Option<&str>) -> Markup {
    let shown = requests::shown(&snapshot.history, evidence);
    html! {
        (requests::visible(&shown.text))
        @if let (Some(path), Some(seq)) = (records, shown.record) { ", " a href={ (path) (seq) } { "record " (seq) } }
    }
}

/// What happened since. With a path of records, what was handed over leads to them.
pub(in crate::pages) fn history(snapshot: &Snapshot, request: &Request, records: Option<&str>) -> Markup {
    html! {
        @for (number, answer) in request.answers.iter().enumerate() {
            section.card {
                h3 { "Answer " (number + 1) }
                p.small.soft {
                    (requests::visible(&answer.by)) @if !answer.role.is_empty() { ", " (requests::visible(&answer.role)) } ", " (page::time(answer.at))
                }
                ul {
                    @for evidence in &answer.with { li { (handed(snapshot, evidence, records)) } }
                }
                @if !answer.remark.is_empty() { p { (requests::visible(&answer.remark)) } }
                @if let Some((accepted, decision)) = &answer.decided {
                    p class=(if *accepted { "said" } else { "warned" }) {
                        @if *accepted { "Accepted" } @else { "Returned" }
                        " by " (requests::visible(&decision.by)) ", " (page::time(decision.at))
                        @if !decision.said.is_empty() { ": " (requests::visible(&decision.said)) }
                    }
                }
            }
        }
        @if let Some(decision) = &request.withdrawn {
            p.warned { "Withdrawn by " (requests::visible(&decision.by)) ", " (page::time(decision.at)) ": " (requests::visible(&decision.said)) }
        }
    }
}
