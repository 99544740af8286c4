//! Every claim on its three legs: the control exists, it works, it is proven.

use maud::{Markup, html};
use model::Outcome;
use report::html::parts::chip;
use report::presentation::{Leg, Presentation, Provision};
use report::words;

use crate::page;

/// A row per provision that applies, under its clause.
pub(super) fn legs(told: &Presentation, product: &str) -> Markup {
    let at = format!("/p/{}/provisions/", page::encoded(product));
    html! {
        section aria-labelledby="legs" {
            h2 #legs { "Claims on three legs" }
            p.lead { "A claim stands when its control exists, works, and is proven on this release." }
            @for clause in &told.clauses {
                @let concerned: Vec<&Provision> = clause.provisions.iter().filter(|p| p.outcome != Outcome::NotApplicable).collect();
                @if !concerned.is_empty() {
                    details {
                        summary { (clause.id) " " (clause.title) ": " (standing(&concerned)) }
                        (table(&concerned, &at))
                    }
                }
            }
        }
    }
}

fn standing(concerned: &[&Provision]) -> String {
    let stands = |leg: &Leg| leg.outcome == Outcome::Pass;
    // Where the standard has no functional test, there is no such leg to stand on.
    let works = |leg: &Leg| stands(leg) || leg.outcome == Outcome::NotApplicable;
    let all = concerned.iter().filter(|p| stands(&p.exists) && works(&p.works) && stands(&p.proven)).count();
    format!("{all} of {} on every leg", words::count(concerned.len() as u64, "claim"))
}

fn table(concerned: &[&Provision], at: &str) -> Markup {
    html! {
        table.legs-table.stack {
            thead {
                tr {
                    th scope="col" { "Provision" }
                    th scope="col" { "Exists" }
                    th scope="col" { "Works" }
                    th scope="col" { "Proven" }
                }
            }
            tbody {
                @for provision in concerned {
                    tr {
                        th scope="row" { a href={ (at) (provision.id) } { (provision.id) } }
                        @for (name, leg) in [("Exists", &provision.exists), ("Works", &provision.works), ("Proven", &provision.proven)] {
                            td data-th=(name) title=(leg.because) { (chip(leg.outcome)) }
                        }
                    }
                }
            }
        }
    }
}
