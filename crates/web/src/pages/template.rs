//! Templates: what this product has for the next, and what another one's would change here.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use workflow::people::Permission;

use app::now;
use app::template::{self, Becomes, Compared, Line};

use super::evidence::download;
use crate::page;
use crate::site::Site;
use crate::table::{Access, Route};
use crate::trouble::Trouble;
use crate::visitor::Visitor;

const MAY: Access = Access::May(Permission::EditDossier);

pub(crate) const ROUTES: &[Route] = &[
    Route::get("/p/{product}/template", MAY, || get(show)),
    Route::get("/p/{product}/template.toml", MAY, || get(save)),
    Route::post("/p/{product}/template/compare", MAY, || post(compare)),
    Route::post("/p/{product}/template/apply", MAY, || post(apply)),
];

#[derive(Debug, Default, serde::Deserialize)]
struct Wanted {
    /// The product of this workspace that the template is made of.
    #[serde(default)]
    from: String,
}

async fn show(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, Trouble> {
    let (of, from) = (product.clone(), wanted.from.clone());
    let all = site.run(|site| Ok(site.workspace().products()?)).await?;
    // A template tells what is declared of a product, so of those alone that they may save one of.
    let others: Vec<String> = all.into_iter().filter(|other| *other != of && may_take(&visitor, other)).collect();
    let text = match from.is_empty() {
        true => String::new(),
        false if !others.contains(&from) => {
            return Err(Trouble::nothing(
                "There is no other product of this name that a template can be made of.",
            ));
        }
        false => site.run(move |site| saved(site, &from)).await?,
    };
    let inside = html! {
        @if !others.is_empty() { (choose(&product, &others, &wanted.from)) }
        (given(&visitor, &product, &text))
    };
    framed(&site, &visitor, &product, &inside).await
}

fn may_take(visitor: &Visitor, product: &str) -> bool {
    visitor.may_on(Permission::EditDossier, product)
}

fn saved(site: &Site, product: &str) -> Result<String, Trouble> {
    Ok(template::save(&site.workspace().folder(product)?, true, now())?)
}

fn choose(product: &str, others: &[String], from: &str) -> Markup {
    html! {
        section.card aria-labelledby="choose" {
            h2 #choose { "From a product of this workspace" }
            form.filter method="get" action={ "/p/" (page::encoded(product)) "/template" } {
                label {
                    "Product "
                    select name="from" required {
                        option value="" { "choose one" }
                        @for other in others { option value=(other) selected[other == from] { (page::visible(other)) } }
                    }
                }
                button.quiet { "Fetch its template" }
            }
            p.small.soft { "It is put into the field below, to be read and shortened before it is compared." }
        }
    }
}

async fn framed(site: &Site, visitor: &Visitor, product: &str, inside: &Markup) -> Result<Markup, Trouble> {
    let snapshot = page::snapshot(site, product).await?;
    let body = html! {
        h1 { "Templates" }
        p.lead { "Who answers for what, the policy, checkpoints, controls and requests for evidence, from one product to the next." }
        section.card aria-labelledby="save" {
            h2 #save { "For the next product" }
            p { "A text file with these tables of this product, to be read and shortened before it is applied. Of requests it has what was asked for: no answers and no links." }
            a.button.quiet href={ "/p/" (page::encoded(product)) "/template.toml" } { "Save the template" }
        }
        (inside)
    };
    Ok(page::of_product(visitor, product, &snapshot.told.head.product, "/template", "Templates", &body))
}

fn given(visitor: &Visitor, product: &str, text: &str) -> Markup {
    html! {
        section.card aria-labelledby="given" {
            h2 #given { "From a template" }
            (visitor.form(&format!("/p/{}/template/compare", page::encoded(product)), &html! {
                div.field {
                    label { "The template" textarea.mono name="template" rows="14" required spellcheck="false" { (text) } }
                    p.help { "Nothing is written before you have seen what differs." }
                }
                button { "Compare" }
            }))
        }
    }
}

async fn save(State(site): State<Site>, Path(product): Path<String>) -> Result<Response, Trouble> {
    let name = format!("{product}-template.toml");
    let text = site.run(move |site| saved(site, &product)).await?;
    download(&name, "application/toml", text.into_bytes())
}

#[derive(Debug, serde::Deserialize)]
struct Given {
    template: String,
    overwrite: Option<String>,
    links: Option<String>,
    /// Digest of what would be written, as it was shown.
    #[serde(default)]
    shown: String,
}

async fn compared(site: &Site, product: &str, text: &str, overwrite: bool) -> Result<Compared, Trouble> {
    let (product, text) = (product.to_owned(), text.replace("\r\n", "\n"));
    site.run(move |site| {
        Ok(template::compare(&text, &site.workspace().folder(&product)?, overwrite, true, now())?)
    })
    .await
}

async fn compare(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    axum::Form(form): axum::Form<Given>,
) -> Result<Markup, Trouble> {
    let overwrite = form.overwrite.is_some();
    let compared = compared(&site, &product, &form.template, overwrite).await?;
    let inside = html! {
        (told(&compared))
        (decide(&visitor, &product, &form.template, overwrite, &compared))
        details { summary { "The template" } (given(&visitor, &product, &form.template)) }
    };
    framed(&site, &visitor, &product, &inside).await
}

fn decide(visitor: &Visitor, product: &str, text: &str, overwrite: bool, compared: &Compared) -> Markup {
    let at = format!("/p/{}/template", page::encoded(product));
    let hidden = html! { textarea hidden name="template" aria-label="The template" { (text) } };
    html! {
        div.buttons {
            @if compared.is_empty() { p.said { "The product has all of it: nothing is to be written." } } @else {
                (visitor.form(&format!("{at}/apply"), &html! {
                    (hidden)
                    input type="hidden" name="shown" value=(compared.digest().to_string());
                    @if overwrite { input type="hidden" name="overwrite" value="yes"; }
                    @if !compared.asks.is_empty() {
                        label { input type="checkbox" name="links" value="yes"; "Make a link for each request that answers it without an account" }
                    }
                    button {
                        @match (compared.files.is_empty(), compared.asks.len()) {
                            (_, 0) => "Write it to the dossier",
                            (true, _) => "Ask for it",
                            (false, _) => "Write it to the dossier, and ask for it",
                        }
                    }
                }))
            }
            @if !overwrite && compared.count(Becomes::Kept) > 0 {
                (visitor.form(&format!("{at}/compare"), &html! {
                    (hidden)
                    input type="hidden" name="overwrite" value="yes";
                    button.quiet { "Compare, with the template's word where they differ" }
                }))
            }
        }
    }
}

fn told(compared: &Compared) -> Markup {
    let lines: Vec<&Line> = compared.lines.iter().filter(|line| line.becomes != Becomes::Same).collect();
    html! {
        section aria-labelledby="differs" {
            h2 #differs { "What differs from " (page::visible(&compared.from)) }
            p {
                (compared.count(Becomes::Added)) " to be added, "
                (compared.count(Becomes::Kept) + compared.count(Becomes::Replaced)) " said otherwise, "
                (compared.count(Becomes::LeftOut)) " left out, " (compared.count(Becomes::Same)) " the same."
            }
            @if lines.is_empty() { p.soft { "Nothing." } } @else {
                table.stack {
                    thead {
                        tr {
                            th scope="col" { "Place" }
                            th scope="col" { "What becomes of it" }
                            th scope="col" { "Here" }
                            th scope="col" { "In the template" }
                        }
                    }
                    tbody { @for line in lines { (row(line)) } }
                }
            }
        }
    }
}

fn row(line: &Line) -> Markup {
    let key = match line.becomes {
        Becomes::Added => "pass",
        Becomes::Kept | Becomes::Replaced => "inconclusive",
        Becomes::LeftOut => "fail",
        Becomes::OnlyHere | Becomes::Same => "na",
    };
    html! {
        tr {
            th scope="row" {
                (line.table) " " (page::visible(&line.row)) " " (page::visible(&line.key))
                div.small.soft { (line.file) }
            }
            td data-th="What becomes of it" { span.chip.(key) { (line.becomes.as_str()) } }
            td.mono data-th="Here" { (or_dash(&page::visible(&line.here))) }
            td.mono data-th="In the template" { (or_dash(&page::visible(&line.template))) }
        }
    }
}

async fn apply(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    axum::Form(form): axum::Form<Given>,
) -> Result<Response, Trouble> {
    let compared = compared(&site, &product, &form.template, form.overwrite.is_some()).await?;
    if compared.digest().to_string() != form.shown {
        let kept = html! { section.card { h2 { "The template" } pre.text { (form.template) } } };
        return Err(Trouble::conflict(
            "The dossier was changed since the page was made.",
            "Compare again, and write it then.",
            Some(kept),
        ));
    }
    let at = format!("/p/{}", page::encoded(&product));
    let (of, by, links) = (product.clone(), visitor.name.clone(), form.links.is_some());
    let asked = site
        .run(move |site| Ok(template::write(&compared, &site.workspace().folder(&of)?, Some(&by), links, now())?))
        .await?;
    match asked {
        None => Ok(page::see(&format!("{at}/template"))),
        Some(_) if !links => Ok(page::see(&format!("{at}/requests"))),
        Some(asked) => Ok(super::requests::linked(&visitor, &product, &asked.requests).into_response()),
    }
}

fn or_dash(text: &str) -> &str {
    if text.is_empty() { "–" } else { text }
}
