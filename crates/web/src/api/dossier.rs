//! The dossier itself: its files, each with its digest as tag, and the linter's notes.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, put};
use dossier::{Note, SourceText, position};
use model::Digest;
use report::presentation::told::{Prose, Told, told};
use serde_json::{Map, Value, json};
use workflow::people::Permission;

use app::files::{self, FilesError};

use super::answer::{self, Limit};
use super::asked::{Asked, Queried, Tag, asked};
use super::{Api, Tagged, row};
use crate::page;
use crate::site::Site;
use crate::table::{Access, Route, Verb};
use crate::trouble::Trouble;
use crate::visitor::Visitor;

const SEES: Access = Access::May(Permission::SeeDeclared);
const TOML: &str = "application/toml";

pub(crate) const ROUTES: &[Route] = &[
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/files",
        SEES,
        Api::new("listFiles", "The files of the dossier", row::page::<File>).query(Parts::shape),
        || get(list),
    ),
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/files/{path}",
        SEES,
        Api::new("getFile", "A file of the dossier, as it is written", any).gives(TOML).tagged(Tagged::Tag),
        || get(read),
    ),
    Route::api(
        Verb::Put,
        "/api/v1/products/{product}/files/{path}",
        Access::May(Permission::EditDossier),
        Api::new("putFile", "Save a file of the dossier; the save is a record", Saved::shape)
            .takes(TOML)
            .tagged(Tagged::Match),
        || put(save),
    ),
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/notes",
        SEES,
        Api::new("listNotes", "The linter's notes on the dossier", row::page::<Noted>).query(Parts::shape),
        || get(notes),
    ),
];

told! {
    /// A file of the dossier.
    pub struct File {
        /// Path inside the dossier folder.
        pub path: String,
        /// Size in bytes.
        pub size: u64,
        /// Digest of its bytes.
        pub digest: Digest,
    }

    /// A file that was saved.
    pub struct Saved {
        /// Path inside the dossier folder.
        pub path: String,
        /// Digest of its bytes.
        pub digest: Digest,
        /// The linter's notes that have a place in it.
        pub notes: Vec<Noted>,
    }

    /// A note of the linter.
    pub struct Noted {
        /// Its code.
        pub code: String,
        /// `error`, `warning`, `note` …
        pub severity: String,
        /// What should be the case.
        pub message: Prose,
        /// What is the matter there.
        pub what: Prose,
        /// The file.
        pub path: String,
        /// Line, from 1.
        pub line: u64,
        /// Column in characters, from 1.
        pub column: u64,
        /// What follows from it, one line each.
        pub consequences: Vec<Prose>,
        /// What to do; null where nothing is to be said.
        pub hint: Option<Prose>,
    }
}

asked! {
    /// Which part.
    struct Parts {
        /// Where to go on.
        cursor: Option<u64>,
        /// How many at most.
        limit: Option<Limit>,
    }
}

fn any(_: &mut Map<String, Value>) -> Value {
    json!({})
}

async fn list(
    State(site): State<Site>,
    Path(product): Path<String>,
    Queried(parts): Queried<Parts>,
) -> Result<Response, Trouble> {
    let folder = page::folder(&site, &product)?;
    let sources = site.run(move |_| Ok(files::list(&folder)?)).await?;
    let one = |source: &SourceText| File {
        path: source.path.clone(),
        size: source.text.len() as u64,
        digest: Digest::of(source.text.as_bytes()),
    };
    let all: Vec<File> = sources.iter().map(one).collect();
    answer::page(&all.iter().collect::<Vec<_>>(), parts.cursor, parts.limit)
}

async fn read(
    State(site): State<Site>,
    Path((product, path)): Path<(String, String)>,
) -> Result<Response, Trouble> {
    let folder = page::folder(&site, &product)?;
    let source = site.run(move |_| files::read(&folder, &path).map_err(missing)).await?;
    let tag = Digest::of(source.text.as_bytes()).hex();
    answer::tagged(&tag, answer::file(TOML, &source.path, source.text.into_bytes()))
}

async fn save(
    State(site): State<Site>,
    visitor: Visitor,
    Path((product, path)): Path<(String, String)>,
    Tag(tag): Tag,
    text: Bytes,
) -> Result<Response, Trouble> {
    let folder = page::folder(&site, &product)?;
    let text = String::from_utf8(text.to_vec())
        .map_err(|_| Trouble::form("What was sent is not UTF-8.", "A dossier is written in UTF-8."))?;
    let saved = site.run(move |_| {
        let seen = tag.trim().trim_matches('"').to_owned();
        let notes = files::save(&folder, &path, (&seen, &text), &visitor.name, app::now()).map_err(missing)?;
        let sources = files::list(&folder)?;
        let mut notes = noted(&sources, &notes);
        notes.retain(|note| note.path == path);
        Ok(Saved { path, digest: Digest::of(text.as_bytes()), notes })
    });
    let saved = saved.await?;
    answer::tagged(&saved.digest.hex(), answer::told(&saved)?)
}

async fn notes(
    State(site): State<Site>,
    Path(product): Path<String>,
    Queried(parts): Queried<Parts>,
) -> Result<Response, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let all = noted(&snapshot.dossier.sources, &snapshot.notes);
    answer::page(&all.iter().collect::<Vec<_>>(), parts.cursor, parts.limit)
}

fn noted(sources: &[SourceText], notes: &[Note]) -> Vec<Noted> {
    let one = |note: &Note| {
        let at = note.labels.first().map(|(span, _)| position(sources, *span));
        let severity = serde_json::to_value(note.severity).unwrap_or_default();
        Noted {
            code: note.code.to_string(),
            severity: severity.as_str().unwrap_or_default().to_owned(),
            message: note.message.clone().into(),
            what: note.labels.first().map(|(_, text)| text.clone()).unwrap_or_default().into(),
            path: at.as_ref().map(|at| at.path.clone()).unwrap_or_default(),
            line: at.as_ref().map_or(0, |at| at.line.into()),
            column: at.as_ref().map_or(0, |at| at.column.into()),
            consequences: note.consequences.iter().map(|text| text.clone().into()).collect(),
            hint: note.hint.clone().map(Prose::from),
        }
    };
    notes.iter().map(one).collect()
}

fn missing(error: FilesError) -> Trouble {
    use axum::http::StatusCode;
    let (status, place) = match &error {
        FilesError::NoFile(_) => (StatusCode::NOT_FOUND, ""),
        FilesError::Changed { .. } => (StatusCode::PRECONDITION_FAILED, "If-Match"),
        _ => (StatusCode::UNPROCESSABLE_ENTITY, ""),
    };
    Trouble::from(error).with(status).at(place)
}
