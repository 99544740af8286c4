//! Templates: what this product has for the next, and what another one's would change here.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use report::presentation::told::{Prose, Told, told, told_words};
use serde_json::json;
use workflow::people::Permission;

use app::now;
use app::template::{self, Becomes, TemplateError};

use super::asked::{Asked as _, Sent, Tag, Text, asked};
use super::{Api, Tagged, answer};
use crate::page;
use crate::site::Site;
use crate::table::{Access, Route, Verb};
use crate::trouble::Trouble;
use crate::visitor::Visitor;

const MAY: Access = Access::May(Permission::EditDossier);
/// The longest template with every character of it escaped.
const BODY: usize = 4 << 20;

pub(crate) const ROUTES: &[Route] = &[
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/template",
        MAY,
        Api::new(
            "getTemplate",
            "Who answers for what, policy, checkpoints, controls and requests, for another product",
            |_| json!({}),
        )
        .gives("application/toml"),
        || get(save),
    ),
    Route::api(
        Verb::Post,
        "/api/v1/products/{product}/template/compare",
        MAY,
        Api::new("compareTemplate", "Hold a template against the dossier; writes nothing", Compared::shape)
            .asks(Given::shape)
            .tagged(Tagged::Tag),
        || post(compare),
    )
    .up_to(BODY),
    Route::api(
        Verb::Post,
        "/api/v1/products/{product}/template/apply",
        MAY,
        Api::new(
            "applyTemplate",
            "Write what a comparison came to, and ask for what it asks for; what is written is a record",
            Compared::shape,
        )
        .asks(Given::shape)
        .tagged(Tagged::Match),
        || post(apply),
    )
    .up_to(BODY),
];

told_words! {
    /// What becomes of one thing.
    pub enum Word {
        /// The dossier has not got it: it is added.
        Added = "added",
        /// The dossier says otherwise, and keeps what it says.
        Kept = "kept",
        /// The dossier says otherwise, and takes what the template says.
        Replaced = "replaced",
        /// The template has it, and this dossier cannot.
        LeftOut = "left-out",
        /// The dossier has it, and the template has not.
        OnlyHere = "only-here",
        /// Both say the same.
        Same = "same",
    }
}

told! {
    /// A template held against a dossier.
    pub struct Compared {
        /// Name and release of the product that it was saved of.
        pub from: String,
        /// Everything that was compared.
        pub lines: Vec<Line>,
        /// The files that change.
        pub files: Vec<Changes>,
    }

    /// One thing that was compared.
    pub struct Line {
        /// The file.
        pub file: String,
        /// The table: `responsible`.
        pub table: String,
        /// Which of its rows; empty where the table has but one.
        pub row: String,
        /// The key; empty for a row as a whole.
        pub key: String,
        /// What becomes of it.
        pub becomes: Word,
        /// What the dossier says, as it is written.
        pub here: Prose,
        /// What the template says, or why it is left out.
        pub template: Prose,
    }

    /// A file that changes.
    pub struct Changes {
        /// Its path.
        pub path: String,
        /// Its text now.
        pub before: Prose,
        /// Its text then.
        pub after: Prose,
    }
}

asked! {
    /// A template.
    struct Given {
        /// The template, as TOML.
        template: Text<1, 200_000>,
        /// Whether the template is right where the two differ; it is not when left out.
        overwrite: Option<bool>,
    }
}

/// Whether requests are part of it: a token may be for the dossier alone.
fn asks(visitor: &Visitor) -> bool {
    visitor.may(Permission::SeeEvidence) && visitor.may(Permission::Request)
}

async fn save(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
) -> Result<Response, Trouble> {
    let folder = page::folder(&site, &product)?;
    let text = site.run(move |_| Ok(template::save(&folder, asks(&visitor), now())?)).await?;
    Ok(answer::file("application/toml", &format!("{product}-template.toml"), text.into_bytes()))
}

async fn compared(
    site: &Site,
    visitor: &Visitor,
    product: &str,
    given: &Given,
) -> Result<template::Compared, Trouble> {
    let asking = asks(visitor);
    let folder = page::folder(site, product)?;
    let (text, overwrite) = (given.template.0.replace("\r\n", "\n"), given.overwrite.unwrap_or(false));
    site.run(move |_| {
        template::compare(&text, &folder, overwrite, asking, now()).map_err(|e| Trouble::from(e).at("#/template"))
    })
    .await
}

async fn compare(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    Sent(given): Sent<Given>,
) -> Result<Response, Trouble> {
    shown(&compared(&site, &visitor, &product, &given).await?)
}

fn shown(compared: &template::Compared) -> Result<Response, Trouble> {
    answer::tagged(&compared.digest().to_string(), answer::told(&told(compared))?)
}

async fn apply(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    Tag(tag): Tag,
    Sent(given): Sent<Given>,
) -> Result<Response, Trouble> {
    let found = compared(&site, &visitor, &product, &given).await?;
    answer::still(&tag, &found.digest().to_string())?;
    let folder = page::folder(&site, &product)?;
    let name = visitor.name.clone();
    let wrote = site.run(move |_| match template::write(&found, &folder, Some(&name), false, now()) {
        Err(TemplateError::Changed(_)) => answer::still("", ""),
        done => done.map(|_| ()).map_err(Trouble::from),
    });
    wrote.await?;
    shown(&compared(&site, &visitor, &product, &given).await?)
}

fn told(compared: &template::Compared) -> Compared {
    let line = |line: &template::Line| Line {
        file: line.file.to_owned(),
        table: line.table.to_owned(),
        row: line.row.clone(),
        key: line.key.clone(),
        becomes: match line.becomes {
            Becomes::Added => Word::Added,
            Becomes::Kept => Word::Kept,
            Becomes::Replaced => Word::Replaced,
            Becomes::LeftOut => Word::LeftOut,
            Becomes::OnlyHere => Word::OnlyHere,
            Becomes::Same => Word::Same,
        },
        here: line.here.clone().into(),
        template: line.template.clone().into(),
    };
    let file = |(path, before, after): &(&'static str, String, String)| Changes {
        path: (*path).to_owned(),
        before: before.clone().into(),
        after: after.clone().into(),
    };
    Compared {
        from: compared.from.clone(),
        lines: compared.lines.iter().map(line).collect(),
        files: compared.files.iter().map(file).collect(),
    }
}
