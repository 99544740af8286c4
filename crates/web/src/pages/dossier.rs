//! The dossier of a product: its files, in forms and as text, with the linter's notes beside what they are about.

mod differs;
mod entries;
mod fields;
mod files;
mod forms;
mod notes;
mod overviews;
mod product;
mod text;

use std::collections::BTreeMap;

use app::edit::{self, Opened, Subject};
use app::now;
use axum::routing::{get, post};
use maud::{Markup, html};
use workflow::people::Permission;

use crate::page;
use crate::site::Site;
use crate::table::{Access, Route};
use crate::trouble::Trouble;
use crate::visitor::Visitor;

const SEES: Access = Access::May(Permission::SeeDeclared);
const EDITS: Access = Access::May(Permission::EditDossier);
/// Largest form, in bytes: a text of the largest file, written as forms write it.
const LARGEST: usize = 16 * 1024 * 1024;

#[rustfmt::skip]
pub(crate) const ROUTES: &[Route] = &[
    Route::get("/p/{product}/dossier", SEES, || get(files::show)),
    Route::post("/p/{product}/dossier/begin", EDITS, || post(files::begin)),
    Route::get("/p/{product}/dossier/text/{*path}", SEES, || get(text::show)),
    Route::post("/p/{product}/dossier/text/{*path}", EDITS, || post(text::save)).up_to(LARGEST),
    Route::get("/p/{product}/dossier/product", SEES, || forms::shows(Subject::Product)),
    Route::post("/p/{product}/dossier/product", EDITS, || forms::saves(Subject::Product)).up_to(LARGEST),
    Route::get("/p/{product}/dossier/people", SEES, || forms::shows(Subject::People)),
    Route::post("/p/{product}/dossier/people", EDITS, || forms::saves(Subject::People)).up_to(LARGEST),
    Route::post("/p/{product}/dossier/people/add", EDITS, || post(product::add_person)),
    Route::post("/p/{product}/dossier/people/responsible", EDITS, || post(product::add_responsible)),
    Route::get("/p/{product}/dossier/services", SEES, || forms::shows(Subject::Services)),
    Route::post("/p/{product}/dossier/services", EDITS, || forms::saves(Subject::Services)).up_to(LARGEST),
    Route::post("/p/{product}/dossier/services/add", EDITS, || post(product::add_service)),
    Route::get("/p/{product}/dossier/ics", SEES, || get(overviews::ics)),
    Route::get("/p/{product}/dossier/features", SEES, || forms::shows(Subject::Features)),
    Route::post("/p/{product}/dossier/features", EDITS, || forms::saves(Subject::Features)).up_to(LARGEST),
    Route::get("/p/{product}/dossier/ics/{clause}", SEES, || get(forms::clause)),
    Route::post("/p/{product}/dossier/ics/{clause}", EDITS, || post(forms::save_clause)).up_to(LARGEST),
    Route::get("/p/{product}/dossier/controls", SEES, || get(overviews::controls)),
    Route::get("/p/{product}/dossier/controls/{provision}", SEES, || get(forms::control)),
    Route::post("/p/{product}/dossier/controls/{provision}", EDITS, || post(forms::save_control)).up_to(LARGEST),
    Route::get("/p/{product}/dossier/ixit/{table}", SEES, || get(entries::table)),
    Route::post("/p/{product}/dossier/ixit/{table}", EDITS, || post(forms::save_set)).up_to(LARGEST),
    Route::post("/p/{product}/dossier/ixit/{table}/add", EDITS, || post(entries::add)),
    Route::get("/p/{product}/dossier/ixit/{table}/entries/{entry}", SEES, || get(forms::entry)),
    Route::post("/p/{product}/dossier/ixit/{table}/entries/{entry}", EDITS, || post(forms::save_entry)).up_to(LARGEST),
    Route::get("/p/{product}/dossier/ixit/{table}/entries/{entry}/remove", EDITS, || get(entries::ask)),
    Route::post("/p/{product}/dossier/ixit/{table}/entries/{entry}/remove", EDITS, || post(entries::remove)),
];

/// What was typed, by the name of its field.
type Typed = BTreeMap<String, String>;

/// A page was saved before it is shown.
#[derive(Debug, Default, serde::Deserialize)]
struct Said {
    saved: Option<usize>,
}

impl Said {
    fn markup(&self) -> Markup {
        html! {
            @match self.saved {
                Some(0) => p.said role="status" { "Nothing was different, so nothing was written." },
                Some(1) => p.said role="status" { "Saved, and recorded under your name." },
                Some(many) => p.said role="status" { "Saved, " (many) " fields, and recorded under your name." },
                None => {}
            }
        }
    }
}

/// The dossier of a product, open for editing.
async fn opened(site: &Site, product: &str) -> Result<Opened, Trouble> {
    let folder = page::folder(site, product)?;
    site.run(move |_| Ok(Opened::open(&folder, now())?)).await
}

/// Who saved a file that has this text now, as a sentence.
async fn who_saved(site: &Site, product: &str, path: &str, now: &str) -> Result<Markup, Trouble> {
    let (folder, of, now) = (page::folder(site, product)?, path.to_owned(), now.to_owned());
    let found = site.run(move |_| Ok(edit::saver(&folder, &of, &now)?)).await?;
    Ok(html! {
        @match found {
            Some(saver) => { strong { (page::visible(&saver.person)) } " saved " span.mono { (page::visible(path)) } " at " (page::time(saver.at)) "." },
            None => { span.mono { (page::visible(path)) } " was changed outside of the workspace." }
        }
    })
}

/// The address of a page of the dossier.
fn at(product: &str, rest: &str) -> String {
    format!("/p/{}/dossier{rest}", page::encoded(product))
}

/// The address of the form of something.
fn form_of(product: &str, subject: &Subject) -> String {
    at(
        product,
        &match subject {
            Subject::Product => "/product".to_owned(),
            Subject::People => "/people".to_owned(),
            Subject::Services => "/services".to_owned(),
            Subject::Features => "/features".to_owned(),
            Subject::Clause(clause) => format!("/ics/{}", page::encoded(clause)),
            Subject::Control(provision) => format!("/controls/{}", page::encoded(provision)),
            Subject::Set(table) => format!("/ixit/{}", page::encoded(table)),
            Subject::Entry { table, id } => {
                format!("/ixit/{}/entries/{}", page::encoded(table), page::encoded(id))
            }
        },
    )
}

/// The address of a file as text.
fn text_of(product: &str, path: &str) -> String {
    let parts: Vec<String> = path.split('/').map(page::encoded).collect();
    at(product, &format!("/text/{}", parts.join("/")))
}

fn framed(visitor: &Visitor, product: &str, opened: &Opened, title: &str, body: &Markup) -> Markup {
    let name = opened.dossier.product.as_ref().and_then(|p| p.name.as_ref());
    let name = page::visible(name.map_or(product, |name| name.value.as_str()));
    page::of_product(visitor, product, &name, "/dossier", title, body)
}

/// The way back.
fn back(links: &[(String, &str)]) -> Markup {
    html! {
        nav.small aria-label="Where this is" {
            ul { @for (to, name) in links { li { a href=(to) { (name) } } } }
        }
    }
}

/// What was typed, where no form can be made for it any more.
fn kept(typed: &Typed) -> Markup {
    let said = typed.iter().filter(|(name, value)| {
        !name.starts_with("was:") && !["csrf", "mark", "seen"].contains(&name.as_str()) && !value.trim().is_empty()
    });
    html! {
        section.card aria-labelledby="typed" {
            h2 #typed { "What was typed" }
            dl { @for (name, value) in said { dt { (page::visible(name)) } dd.prose { (value) } } }
        }
    }
}
