//! What differs between two releases: declared, seen, built in, judged; and what has to be tested again.

use axum::extract::{Path, Query, State};
use axum::routing::get;
use maud::{Markup, html};
use report::Diff;
use report::diff::{ComponentsFrom, Side};
use report::html::parts::{said, step};
use report::words;
use workflow::people::Permission;

use app::diff;
use app::workspace::Snapshot;

use crate::page;
use crate::site::Site;
use crate::table::{Access, Route};
use crate::trouble::Trouble;
use crate::visitor::Visitor;

pub(crate) const ROUTES: &[Route] =
    &[Route::get("/p/{product}/diff", Access::May(Permission::SeeVerdicts), || get(show))];

/// Rows of a table that are shown; the document for programs has all.
const MOST: usize = 300;

#[derive(Debug, Default, serde::Deserialize)]
struct Wanted {
    #[serde(default)]
    old: String,
    #[serde(default)]
    new: String,
}

async fn show(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let known = known(&snapshot);
    let chosen = |asked: &str, usual: usize| {
        let asked = Some(asked.to_owned()).filter(|asked| !asked.is_empty());
        asked.or_else(|| known.get(usual).cloned()).unwrap_or_default()
    };
    let (new, old) = (chosen(&wanted.new, 0), chosen(&wanted.old, 1));
    let told = match !old.is_empty() && old != new {
        true => {
            let (of, old, new) = (snapshot.clone(), old.clone(), new.clone());
            Some(site.run(move |_| Ok(diff::of_snapshot(&of, &old, &new)?)).await?)
        }
        false => None,
    };
    let at = format!("/p/{}", page::encoded(&product));
    let body = html! {
        h1 { "What differs between releases" }
        @if known.len() < 2 {
            p { "There is one release that anything is known of. A second one is entered by " code { "assay release add VERSION" } "." }
        } @else {
            form.filter method="get" action={ (at) "/diff" } {
                (choice("The release before", "old", &known, &old))
                (choice("The release after", "new", &known, &new))
                button { "Compare" }
            }
            @match &told {
                None => p { "Choose two releases." }
                Some(told) => (compared(told, &at))
            }
        }
    };
    Ok(page::of_product(&visitor, &product, &snapshot.told.head.product, "/diff", "Releases compared", &body))
}

/// The releases that can be compared, the latest first: the one that is assessed, and those with a recorded assessment.
fn known(snapshot: &Snapshot) -> Vec<String> {
    let mut known = vec![snapshot.dossier.release_version().to_owned()];
    for judged in snapshot.history.judged().iter().rev() {
        if !known.contains(&judged.record.release) {
            known.push(judged.record.release.clone());
        }
    }
    known.retain(|release| !release.is_empty());
    known
}

fn choice(label: &str, name: &str, known: &[String], chosen: &str) -> Markup {
    html! {
        label {
            (label)
            select name=(name) {
                @for one in known { option value=(one) selected[one == chosen] { (page::visible(one)) } }
            }
        }
    }
}

fn compared(told: &Diff, at: &str) -> Markup {
    let told = told.visible();
    let from = match told.components_from {
        ComponentsFrom::Sbom => "Components, by the SBOMs",
        ComponentsFrom::SoftComp => "Components, by 6-SoftComp",
    };
    html! {
        ul { li { (side(&told.old, at)) } li { (side(&told.new, at)) } }
        (table("retest", "To be tested again", &["Unit instance", "Because", "Cheapest step"], &told.retest, |one| html! {
            th scope="row" { a href={ (at) "/provisions/" (page::encoded(&one.provision)) } { (one.instance) } }
            td data-th="Because" { (said(&one.because)) }
            td data-th="Cheapest step" { @if let Some(next) = &one.next { (step(next)) } }
        }))
        @if told.open > 0 { p { "Beside these, " (words::count(told.open, "unit instance")) " of release " (told.new.release) " were never decided." } }
        (table("verdicts", "Verdicts", &["Unit instance", "Before", "After", "Because"], &told.verdicts, |one| html! {
            th scope="row" { (one.instance) }
            (before_and_after(one.old.as_deref(), one.new.as_deref()))
            td data-th="Because" { (said(&one.because)) }
        }))
        (table("declared", "Declarations", &["Place", "Before", "After"], &told.declarations, |one| html! {
            th scope="row" { (one.place()) div.small.soft { (one.file) } }
            (before_and_after(one.old.as_deref(), one.new.as_deref()))
        }))
        (table("seen", "What was seen", &["What", "Before", "After", "Measured"], &told.surface, |one| html! {
            th scope="row" { (one.of) }
            (before_and_after(one.old.as_deref(), one.new.as_deref()))
            td data-th="Measured" { (one.probe) " at " (one.target) " from " (one.place) }
        }))
        @if !told.unmeasured.is_empty() { ul.small { @for one in &told.unmeasured { li { (one) } } } }
        (table("components", from, &["Component", "Before", "After"], &told.components, |one| html! {
            th scope="row" { (one.name) }
            (before_and_after(one.old.as_deref(), one.new.as_deref()))
        }))
    }
}

fn side(side: &Side, at: &str) -> Markup {
    html! {
        strong { (side.release) } " "
        @match side.record {
            Some(record) => { "as recorded in " a href={ (at) "/records/" (record) } { "record " (record) } }
            None => "as it is judged now"
        }
        ", for " (page::time(side.at)) ", by rule set " (side.ruleset)
    }
}

fn before_and_after(old: Option<&str>, new: Option<&str>) -> Markup {
    html! {
        td data-th="Before" { @match old { Some(old) => (old), None => span.soft { "not there" } } }
        td data-th="After" { @match new { Some(new) => (new), None => span.soft { "not there" } } }
    }
}

fn table<T>(id: &str, heading: &str, columns: &[&str], all: &[T], row: impl Fn(&T) -> Markup) -> Markup {
    html! {
        section aria-labelledby=(id) {
            h2 id=(id) { (heading) " " span.badge { (all.len()) } }
            @if all.is_empty() { p.soft { "Nothing." } } @else {
                table.stack {
                    thead { tr { @for column in columns { th scope="col" { (column) } } } }
                    tbody { @for one in all.iter().take(MOST) { tr { (row(one)) } } }
                }
                @if all.len() > MOST {
                    p.small.soft { "… and " (all.len() - MOST) " more; " code { "assay diff --json" } " has all." }
                }
            }
        }
    }
}
