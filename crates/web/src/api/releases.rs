//! Releases of a product, where a new one leaves everything, and what differs between two.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use model::{Digest, Method, Outcome};
use report::presentation::told::{Told, told};
use serde_json::{Map, Value};
use workflow::people::Permission;

use app::diff::DiffError;
use app::release::{self, Draft, Listed, ReleaseError};

use super::answer::{self, Limit};
use super::asked::{Asked, Line, Queried, Remark, Sent, Text, asked};
use super::{Api, row};
use crate::page;
use crate::site::Site;
use crate::table::{Access, Route, Verb};
use crate::trouble::Trouble;

const SEES: Access = Access::May(Permission::SeeVerdicts);

pub(crate) const ROUTES: &[Route] = &[
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/releases",
        Access::May(Permission::SeeDeclared),
        Api::new("listReleases", "Releases that are declared or recorded", row::page::<Release>)
            .query(Parts::shape),
        || get(list),
    ),
    Route::api(
        Verb::Post,
        "/api/v1/products/{product}/releases",
        Access::May(Permission::EditDossier),
        Api::new("addRelease", "Enter a release into `assay.toml` and the ledger", Release::shape)
            .asks(New::shape)
            .makes()
            .refuses(&[409]),
        || post(add),
    ),
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/currency",
        SEES,
        Api::new("listCurrency", "Where each unit instance stands for the release", row::page::<Stands>)
            .query(Parts::shape),
        || get(currency),
    ),
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/diff",
        SEES,
        Api::new("diffReleases", "What differs between two releases", document).query(Two::shape),
        || get(diff),
    ),
];

told! {
    /// A release.
    pub struct Release {
        /// Its version.
        pub version: String,
        /// Date of release, where one is given.
        pub date: Option<String>,
        /// Whether it is the one under assessment.
        pub under_assessment: bool,
        /// Whether `assay.toml` names it.
        pub declared: bool,
        /// Position of its record; null while it is only declared.
        pub record: Option<u64>,
        /// Digest of the firmware image, where one was recorded.
        pub firmware: Option<Digest>,
        /// Number of components in its SBOM; null where none was recorded.
        pub components: Option<u64>,
        /// Position of its newest recorded assessment.
        pub assessment: Option<u64>,
    }

    /// Where a unit instance stands for the release under assessment.
    pub struct Stands {
        /// `5.1-5-2b @ AuthMech-Web`.
        pub instance: String,
        /// The provision it tests.
        pub provision: String,
        /// Who or what settles it.
        pub method: Method,
        /// Its outcome.
        pub outcome: Outcome,
        /// `current`, `carried-over`, `stale`, `open` or `not-applicable`.
        pub currency: String,
        /// The cheapest step that would settle or renew it; null when nothing is due.
        pub renewed_by: Option<String>,
        /// The command that takes the step, where there is one.
        pub command: Option<String>,
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

    /// A release. Image and SBOM are given with `assay release add`.
    struct New {
        /// Its version.
        version: Text<1, 100>,
        /// Date of release, `2026-01-31`.
        date: Option<Text<10, 10>>,
        /// What changed.
        notes: Option<Remark>,
    }

    /// Which two.
    struct Two {
        /// The release before.
        old: Line,
        /// The release after.
        new: Line,
    }
}

fn document(defs: &mut Map<String, Value>) -> Value {
    row::document(defs, report::diff::json_schema())
}

async fn list(
    State(site): State<Site>,
    Path(product): Path<String>,
    Queried(parts): Queried<Parts>,
) -> Result<Response, Trouble> {
    let folder = page::folder(&site, &product)?;
    let listed = site.run(move |_| Ok(release::list(&folder)?)).await?;
    let all: Vec<Release> = listed.iter().map(told).collect();
    answer::page(&all.iter().collect::<Vec<_>>(), parts.cursor, parts.limit)
}

fn told(listed: &Listed) -> Release {
    Release {
        version: listed.version.clone(),
        date: listed.date.clone(),
        under_assessment: listed.under_assessment,
        declared: listed.declared,
        record: listed.record,
        firmware: listed.firmware.as_ref().map(|image| image.digest),
        components: listed.components.map(|number| number as u64),
        assessment: listed.assessed.map(|(record, _)| record),
    }
}

async fn add(
    State(site): State<Site>,
    Path(product): Path<String>,
    Sent(new): Sent<New>,
) -> Result<Response, Trouble> {
    let folder = page::folder(&site, &product)?;
    let draft = Draft {
        version: new.version.0,
        firmware: None,
        keep_image: false,
        sbom: None,
        date: new.date.map(|date| date.0),
        notes: new.notes.map(|notes| notes.0),
    };
    let added = site.run(move |_| {
        let added = release::add(&folder, draft, app::now()).map_err(|error| match error {
            ReleaseError::Exists(_) => Trouble::from(error).with(StatusCode::CONFLICT),
            other => other.into(),
        })?;
        let all = release::list(&folder)?;
        Ok(all.iter().find(|listed| listed.record == Some(added.seq)).map(told))
    });
    answer::made(&added.await?.ok_or_else(|| Trouble::ours("the release is not there yet"))?)
}

async fn currency(
    State(site): State<Site>,
    Path(product): Path<String>,
    Queried(parts): Queried<Parts>,
) -> Result<Response, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let status = release::status_of(&snapshot.assessment);
    let one = |standing: release::Standing| Stands {
        instance: standing.instance,
        provision: standing.provision,
        method: standing.method,
        outcome: standing.outcome,
        currency: standing.currency.as_str().to_owned(),
        renewed_by: standing.renewed_by,
        command: standing.command,
    };
    let all: Vec<Stands> = status.instances.into_iter().map(one).collect();
    answer::page(&all.iter().collect::<Vec<_>>(), parts.cursor, parts.limit)
}

async fn diff(
    State(site): State<Site>,
    Path(product): Path<String>,
    Queried(two): Queried<Two>,
) -> Result<Response, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let found = site.run(move |_| {
        app::diff::of_snapshot(&snapshot, &two.old.0, &two.new.0).map_err(|error| match error {
            DiffError::Unknown(_) => Trouble::from(error).with(StatusCode::NOT_FOUND),
            other => other.into(),
        })
    });
    answer::json(&report::diff::json(&found.await?))
}
