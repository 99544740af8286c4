//! Provisions by clause: a row per clause, a tile per provision with number, shape, colour and word.

use maud::{Markup, html};

use super::parts::mark;
use crate::presentation::{Provision, Visible};
use crate::words;

/// A row per clause, a tile per provision; `to` is what stands before a provision's number in its address.
pub fn matrix(told: &Visible, to: &str) -> Markup {
    html! {
        section #matrix aria-labelledby="matrix-heading" {
            h2 #matrix-heading { "Provisions by clause" }
            table.matrix.stack {
                caption {
                    "M marks a mandatory provision (solid edge), R a recommendation (dashed). Each tile leads to its provision."
                }
                thead { tr { th scope="col" { "Clause" } th scope="col" { "Provisions" } } }
                tbody {
                    @for clause in &told.clauses {
                        tr {
                            th scope="row" { div.clause-name { span.clause { (clause.id) } span { (clause.title) } } }
                            td { ul.tiles { @for provision in &clause.provisions { li { (tile(provision, to)) } } } }
                        }
                    }
                }
            }
        }
    }
}

fn tile(provision: &Provision, to: &str) -> Markup {
    let weight = if provision.mandatory { "shall" } else { "should" };
    html! {
        a.tile.(words::key(provision.outcome)).(weight) href={ (to) (provision.id) } title=(provision.summary) {
            span.tile-id {
                (provision.id)
                abbr title=(words::kind(provision.mandatory)) { @if provision.mandatory { "M" } @else { "R" } }
            }
            span.tile-word { (mark(provision.outcome)) (words::short(provision.outcome)) }
        }
    }
}
