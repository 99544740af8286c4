//! What the release under assessment came to, whole and in parts, as the JSON report has it; recording it; the gate.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use model::{Outcome, Timestamp};
use report::presentation::told::{Told, told};
use report::presentation::{Finding, Gap, Instance, Provision};
use serde_json::{Map, Value};
use workflow::people::Permission;

use app::history::Judged;

use super::answer::{self, Limit};
use super::asked::{Asked, Line, Queried, asked};
use super::{Api, row};
use crate::page;
use crate::site::Site;
use crate::table::{Access, Route, Verb};
use crate::trouble::Trouble;

const SEES: Access = Access::May(Permission::SeeVerdicts);

pub(crate) const ROUTES: &[Route] = &[
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/assessment",
        SEES,
        Api::new("getAssessment", "The JSON report of the release under assessment, for now", document),
        || get(whole),
    ),
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/provisions",
        SEES,
        Api::new("listProvisions", "Provisions with answer, control, claim and tests", row::page::<Provision>)
            .query(Which::shape),
        || get(provisions),
    ),
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/provisions/{provision}",
        SEES,
        Api::new("getProvision", "A provision with answer, control, claim and tests", Provision::shape),
        || get(provision),
    ),
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/instances",
        SEES,
        Api::new("listInstances", "Unit instances with outcome and grounds", row::page::<Instance>)
            .query(WhichInstances::shape),
        || get(instances),
    ),
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/instances/{instance}",
        SEES,
        Api::new("getInstance", "A unit instance with outcome and grounds", Instance::shape),
        || get(instance),
    ),
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/findings",
        SEES,
        Api::new("listFindings", "What failed, mandatory first", row::page::<Finding>).query(Parts::shape),
        || get(findings),
    ),
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/gaps",
        SEES,
        Api::new("listGaps", "What is in the way, what blocks most first", row::page::<Gap>).query(Parts::shape),
        || get(gaps),
    ),
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/gate",
        SEES,
        Api::new("getGate", "Whether a release may go out, condition by condition", gate_document)
            .query(OfRelease::shape),
        || get(gate),
    ),
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/assessments",
        SEES,
        Api::new("listAssessments", "Recorded assessments, the newest first", row::page::<Recorded>)
            .query(Parts::shape),
        || get(recorded),
    ),
    Route::api(
        Verb::Post,
        "/api/v1/products/{product}/assessments",
        Access::May(Permission::Assess),
        Api::new("recordAssessment", "Judge for now, and record every verdict", Recorded::shape).makes(),
        || post(record),
    ),
];

told! {
    /// A recorded assessment.
    pub struct Recorded {
        /// Its position in the ledger.
        pub record: u64,
        /// When it was recorded.
        pub recorded_at: Timestamp,
        /// The release.
        pub release: String,
        /// The moment its verdicts are for.
        pub at: Timestamp,
        /// The rule set that judged.
        pub ruleset: u32,
        /// The program and its version.
        pub tool: String,
        /// Over the mandatory provisions.
        pub mandatory: Outcome,
        /// Over the recommendations that are claimed.
        pub recommended: Outcome,
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

    /// Which provisions.
    struct Which {
        /// Those of this outcome.
        outcome: Option<Outcome>,
        /// Where to go on.
        cursor: Option<u64>,
        /// How many at most.
        limit: Option<Limit>,
    }

    /// Which unit instances.
    struct WhichInstances {
        /// Those of this outcome.
        outcome: Option<Outcome>,
        /// Those of this provision.
        provision: Option<Line>,
        /// Where to go on.
        cursor: Option<u64>,
        /// How many at most.
        limit: Option<Limit>,
    }

    /// Which release.
    struct OfRelease {
        /// The release; the one under assessment when left out.
        release: Option<Line>,
    }
}

fn document(defs: &mut Map<String, Value>) -> Value {
    row::document(defs, report::json_schema())
}

fn gate_document(defs: &mut Map<String, Value>) -> Value {
    row::document(defs, report::gate::json_schema())
}

async fn whole(State(site): State<Site>, Path(product): Path<String>) -> Result<Response, Trouble> {
    let snapshot = page::snapshot_whole(&site, &product).await?;
    answer::json(&report::json(&snapshot.told))
}

async fn provisions(
    State(site): State<Site>,
    Path(product): Path<String>,
    Queried(which): Queried<Which>,
) -> Result<Response, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let is = |p: &&Provision| which.outcome.is_none_or(|outcome| p.outcome == outcome);
    let all: Vec<&Provision> = snapshot.told.provisions().filter(is).collect();
    answer::page(&all, which.cursor, which.limit)
}

async fn provision(
    State(site): State<Site>,
    Path((product, id)): Path<(String, String)>,
) -> Result<Response, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let found = snapshot.told.provisions().find(|p| p.id == id);
    answer::told(found.ok_or_else(|| Trouble::nothing("The edition has no such provision."))?)
}

fn all_instances(told: &report::Presentation) -> impl Iterator<Item = (&Provision, &Instance)> {
    told.provisions()
        .flat_map(|p| p.cases.iter().flat_map(|c| &c.units).flat_map(|u| &u.instances).map(move |i| (p, i)))
}

async fn instances(
    State(site): State<Site>,
    Path(product): Path<String>,
    Queried(which): Queried<WhichInstances>,
) -> Result<Response, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let all: Vec<&Instance> = all_instances(&snapshot.told)
        .filter(|(_, instance)| which.outcome.is_none_or(|outcome| instance.outcome == outcome))
        .filter(|(provision, _)| which.provision.as_ref().is_none_or(|id| provision.id == id.0))
        .map(|(_, instance)| instance)
        .collect();
    answer::page(&all, which.cursor, which.limit)
}

async fn instance(
    State(site): State<Site>,
    Path((product, id)): Path<(String, String)>,
) -> Result<Response, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let found = all_instances(&snapshot.told).find(|(_, instance)| instance.id == id);
    answer::told(
        found.map(|(_, instance)| instance).ok_or_else(|| Trouble::nothing("There is no such unit instance."))?,
    )
}

async fn findings(
    State(site): State<Site>,
    Path(product): Path<String>,
    Queried(parts): Queried<Parts>,
) -> Result<Response, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    answer::page(&snapshot.told.findings.iter().collect::<Vec<_>>(), parts.cursor, parts.limit)
}

async fn gaps(
    State(site): State<Site>,
    Path(product): Path<String>,
    Queried(parts): Queried<Parts>,
) -> Result<Response, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    answer::page(&snapshot.told.gaps.iter().collect::<Vec<_>>(), parts.cursor, parts.limit)
}

async fn gate(
    State(site): State<Site>,
    Path(product): Path<String>,
    Queried(of): Queried<OfRelease>,
) -> Result<Response, Trouble> {
    let folder = page::folder(&site, &product)?;
    let release = of.release.map(|release| release.0);
    let gated = site.run(move |site| {
        let gated = match site.workspace().snapshot_whole(&product) {
            Ok(snapshot) => app::gate::of_snapshot(&snapshot, release.as_deref()),
            // A ledger that does not verify is a verdict of the gate, too.
            Err(_) => app::gate::gate(&folder, release.as_deref(), app::now()),
        };
        Ok(gated?)
    });
    let gated = gated.await?;
    answer::json(&report::gate::json(&gated.told))
}

async fn recorded(
    State(site): State<Site>,
    Path(product): Path<String>,
    Queried(parts): Queried<Parts>,
) -> Result<Response, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let all: Vec<Recorded> = snapshot.history.judged().iter().rev().map(told).collect();
    answer::page(&all.iter().collect::<Vec<_>>(), parts.cursor, parts.limit)
}

async fn record(State(site): State<Site>, Path(product): Path<String>) -> Result<Response, Trouble> {
    let folder = page::folder(&site, &product)?;
    let (_, seq) = site.run(move |_| Ok(app::assess::record(&folder, app::now())?)).await?;
    let snapshot = page::snapshot(&site, &product).await?;
    let judged = snapshot.history.judged_at(seq).map(told);
    answer::made(&judged.ok_or_else(|| Trouble::ours("the record is not there yet"))?)
}

fn told(judged: &Judged) -> Recorded {
    let record = &judged.record;
    Recorded {
        record: judged.seq,
        recorded_at: judged.recorded_at,
        release: record.release.clone(),
        at: record.at,
        ruleset: record.ruleset,
        tool: record.tool.clone(),
        mandatory: record.mandatory,
        recommended: record.recommended,
    }
}
