//! One provision: what it asks, where to look it up, why it applies, its control, its units over their entries, the
//! evidence, the tasks that wait for it, and how it came out over time.

use std::collections::BTreeSet;

use axum::extract::{Path, State};
use axum::routing::get;
use maud::{Markup, html};
use report::html::parts::{Anchors, badge, chip, mark, said};
use report::html::provisions::{Level, inside};
use report::presentation::{Case, Provision, Unit};
use report::words;
use workflow::people::Permission;

use app::requests;
use app::workspace::Snapshot;

use super::requests::told;
use super::trend::trend;
use crate::page;
use crate::site::Site;
use crate::table::{Access, Route};
use crate::trouble::Trouble;
use crate::visitor::Visitor;

pub(crate) const ROUTES: &[Route] =
    &[Route::get("/p/{product}/provisions/{provision}", Access::May(Permission::SeeVerdicts), || get(show))];

async fn show(
    State(site): State<Site>,
    visitor: Visitor,
    Path((product, id)): Path<(String, String)>,
) -> Result<Markup, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let told = &snapshot.told;
    let all: Vec<&Provision> = told.provisions().collect();
    let Some(place) = all.iter().position(|one| one.id == id) else {
        return Err(Trouble::nothing(format!(
            "{} has no provision `{}`.",
            told.head.requirements.id,
            page::visible(&id)
        )));
    };
    let provision = all[place];
    let at = format!("/p/{}", page::encoded(&product));
    let anchors = Anchors::at(told, &format!("{at}/provisions/"), &format!("{at}/records/"));
    let body = html! {
        (head(&snapshot, provision))
        (declared(&at, provision))
        (inside(provision, &anchors, Level::Page))
        (matrix(provision))
        (requested(&visitor, &snapshot, provision, &at))
        (tasks(&snapshot, provision, &at))
        (trend(&snapshot, Some(&provision.id)))
        nav.turn aria-label="Provisions" {
            @if let Some(before) = place.checked_sub(1).and_then(|n| all.get(n)) {
                a href={ (at) "/provisions/" (before.id) } rel="prev" { "← " (before.id) }
            }
            @if let Some(after) = all.get(place + 1) {
                a href={ (at) "/provisions/" (after.id) } rel="next" { (after.id) " →" }
            }
        }
    };
    Ok(page::of_product(&visitor, &product, &told.head.product, "", &format!("Provision {id}"), &body))
}

fn head(snapshot: &Snapshot, provision: &Provision) -> Markup {
    let head = &snapshot.told.head;
    let clause = snapshot.told.clauses.iter().find(|c| c.provisions.iter().any(|p| p.id == provision.id));
    html! {
        h1 { "Provision " (provision.id) }
        p.row {
            (chip(provision.outcome)) (badge(provision.mandatory))
            span.badge title="status in Table B.1" { (provision.status) }
        }
        p.lead { (provision.summary) }
        p.small.soft {
            "Look it up in " (head.requirements.id) " " (head.requirements.version)
            @if let Some(clause) = clause { ", clause " (clause.id) ", " (clause.title) }
            "; tested by " (head.tests.id) " " (head.tests.version) ", test group " (provision.id) "."
        }
    }
}

/// Where what is declared about it is edited.
fn declared(at: &str, provision: &Provision) -> Markup {
    let clause = provision.id.split('-').next().unwrap_or_default();
    html! {
        p.row {
            a href={ (at) "/dossier/ics/" (clause) "#p-" (provision.id) } { "Its answer in the dossier" }
            a href={ (at) "/dossier/controls/" (provision.id) } { "Its control in the dossier" }
        }
    }
}

/// Units against entries, where a unit has more than one instance: where the open cells are.
fn matrix(provision: &Provision) -> Markup {
    html! {
        @for case in &provision.cases {
            @let entries = entries(case);
            @if entries.len() > 1 {
                section {
                    h2 { "Test case " (case.id) " by entry" }
                    div.scroll tabindex="0" role="region" aria-label={ "Units of " (case.id) " by entry" } {
                        table.legs-table {
                            thead { tr { th scope="col" { "Unit" } @for entry in &entries { th scope="col" { (entry) } } } }
                            tbody {
                                @for unit in &case.units {
                                    tr {
                                        th scope="row" title=(unit.summary) { (unit.id) }
                                        @for entry in &entries { td { (cell(unit, entry)) } }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn entries(case: &Case) -> BTreeSet<&str> {
    let instances = case.units.iter().flat_map(|u| &u.instances);
    instances.map(|i| i.entry.as_str()).filter(|entry| !entry.is_empty()).collect()
}

fn cell(unit: &Unit, entry: &str) -> Markup {
    let whole = |i: &&report::presentation::Instance| i.entry == entry || i.entry.is_empty();
    html! {
        @if let Some(instance) = unit.instances.iter().find(whole) {
            span.chip.(words::key(instance.outcome)) title=(instance.because) {
                (mark(instance.outcome)) (words::short(instance.outcome))
            }
        }
    }
}

/// What was asked for about the provision, its cases, units and their entries: what was accepted is evidence beside the
/// claim, and what is open is told with how it stands.
fn requested(visitor: &Visitor, snapshot: &Snapshot, provision: &Provision, at: &str) -> Markup {
    let about = requests::at_provision(&snapshot.tasks.requests, &snapshot.assessment, &provision.id);
    if about.is_empty() || !visitor.may(Permission::SeeEvidence) {
        return html! {};
    }
    html! {
        section aria-labelledby="requested" {
            h2 #requested { "Evidence that was asked for" }
            ul {
                @for request in about {
                    li {
                        (told::state(request, snapshot.at)) " "
                        a href={ (at) "/requests/" (request.id) } { (request.id) } " " (requests::visible(&request.ask.scope))
                        @if !request.ask.about.is_empty() { " " span.small.soft { "for " (requests::visible(&request.ask.about.join(", "))) } }
                        @match request.accepted() {
                            Some(answer) => ul { @for evidence in &answer.with { li { (told::handed(snapshot, evidence, Some(&format!("{at}/records/")))) } } },
                            None => @if request.state().is_open() {
                                div.small.soft { "from " (requests::visible(&request.ask.of)) ", due " (request.ask.due.date()) }
                            }
                        }
                        @for answer in &request.answers {
                            div.small.soft {
                                (page::time(answer.at)) ", answered by " (requests::visible(&answer.by))
                                @if let Some((accepted, decision)) = &answer.decided {
                                    ", " @if *accepted { "accepted" } @else { "returned" } " by " (requests::visible(&decision.by)) ", " (page::time(decision.at))
                                }
                            }
                        }
                    }
                }
            }
            p.small.soft { "No verdict rests on a request: an accepted file is evidence that a statement can cite." }
        }
    }
}

/// The open tasks that the provision waits for.
fn tasks(snapshot: &Snapshot, provision: &Provision, at: &str) -> Markup {
    let waits = |wanted: &app::tasks::Wanted| wanted.provisions.iter().any(|p| p.to_string() == provision.id);
    let open = snapshot.tasks.tasks.iter().filter(|told| told.task.is_open());
    let open: Vec<_> =
        open.filter_map(|told| told.wanted.as_ref().filter(|w| waits(w)).map(|w| (&told.task, w))).collect();
    html! {
        section aria-labelledby="tasks" {
            h2 #tasks { "Tasks" }
            @if open.is_empty() { p { "No open task is about this provision." } } @else {
                ul {
                    @for (task, wanted) in open.iter().take(20) {
                        li {
                            (said(&wanted.step.text)) " " span.small.soft {
                                @match &wanted.owner { Some(owner) => (owner.role), None => "nobody answers for it" }
                                ", due " (page::time(task.due))
                            }
                        }
                    }
                }
                p { a href={ (at) "/tasks" } { "All tasks" } }
            }
        }
    }
}
