//! The title page: what was assessed, what it came to, what that does not say, and what it rests on.

use maud::{Markup, html};
use model::Outcome;

use super::parts::{chip, verdict};
use crate::presentation::Visible;
use crate::words;

pub(super) fn title(told: &Visible) -> Markup {
    let head = &told.head;
    html! {
        header.title {
            p.eyebrow { span { "Assessment report" } span { "assay" } }
            h1 { (words::or_unsaid(&head.product)) }
            p.subtitle {
                @if !head.model.is_empty() { "Model " (head.model) ", " }
                "release " (words::or_unsaid(&head.release))
            }
            (facts(told))
            section #verdict aria-labelledby="verdict-heading" {
                h2.hidden #verdict-heading { "Verdict" }
                div.verdicts {
                    (verdict("mandatory", "Mandatory provisions", &told.mandatory))
                    (verdict("recommended", "Recommendations that are claimed", &told.recommended))
                }
            }
            section.card.limits aria-labelledby="limits" {
                h2 #limits { "What this report does not claim" }
                ul { @for limit in &told.limits { li { (limit) } } }
            }
            (basis(told))
        }
    }
}

fn facts(told: &Visible) -> Markup {
    let head = &told.head;
    html! {
        dl.facts {
            div { dt { "Supplier organization" } dd { (words::or_unsaid(&head.supplier)) } }
            div { dt { "Assessed by" } dd { (words::or_unsaid(&head.assessor)) } }
            div { dt { "Edition" } dd { (head.edition.citation()) } }
            div { dt { "Judged for" } dd { time { (head.at) } } }
            div { dt { "Program and rule set" } dd { (head.tool) ", rule set " (head.ruleset) } }
            div { dt { "Cryptography policy" } dd { (words::policy(&head.crypto_policy)) } }
            div {
                dt { "Ledger" }
                @match &head.ledger {
                    Some(ledger) => dd {
                        (words::count(ledger.records, "record"))
                        @if !ledger.signers.is_empty() { ", signed by " (ledger.signers.join(", ")) }
                        div.mono.digest { (ledger.root) }
                    },
                    None => dd { "nothing recorded yet" },
                }
            }
        }
    }
}

fn basis(told: &Visible) -> Markup {
    let figures = &told.figures;
    let counts = &figures.instances;
    let concerned = counts.total() - counts.not_applicable;
    let cases = figures.confidence_high + figures.confidence_medium + figures.confidence_low;
    html! {
        section aria-labelledby="basis" {
            h2 #basis { "What the verdicts rest on" }
            p.lead {
                "A verdict is as good as what was looked at, who said so, and how sure its criteria are."
            }
            div.numbers {
                div.card {
                    p.number { (counts.pass + counts.fail) " of " (concerned) }
                    p { "unit instances that concern the product are decided" }
                    ul.small { @for tally in &figures.decided_by { li { (tally.count) " by " (tally.what) } } }
                }
                div.card {
                    p.number { (figures.confidence_high) " of " (cases) }
                    p { "applicable test cases have criteria of high confidence" }
                    ul.small {
                        li { (figures.confidence_medium) " medium: derived from the units" }
                        li { (figures.confidence_low) " low: the reading decides" }
                        li { (figures.needs_person) " for a person to confirm" }
                    }
                }
                div.card {
                    p.number { (told.people.iter().map(|p| p.statements).sum::<u64>()) }
                    p { "statements by named persons" }
                    ul.small {
                        @for person in &told.people {
                            li { (person.name) ", " (words::or_unsaid(&person.role)) ": " (person.statements) }
                        }
                        @if told.people.is_empty() { li { "nobody has stated anything" } }
                    }
                }
            }
            ul.meanings.small.soft {
                @for outcome in Outcome::ALL { li { (chip(outcome)) span { (words::meaning(outcome)) } } }
        }
        }
    }
}
