//! Products, and where each of their releases stands.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use model::{Outcome, Timestamp};
use report::presentation::Counts;
use report::presentation::told::{Told, told};
use workflow::people::Permission;

use app::workspace::{ReleaseStanding, Standing};

use super::answer::{self, Limit};
use super::asked::{Asked, Line, Queried, asked};
use super::{Api, row};
use crate::page;
use crate::site::Site;
use crate::table::{Access, Route, Verb};
use crate::trouble::Trouble;
use crate::visitor::Visitor;

pub(crate) const ROUTES: &[Route] = &[
    Route::api(
        Verb::Get,
        "/api/v1/products",
        Access::Somewhere(Permission::SeeDeclared),
        Api::new("listProducts", "Products, and where each release stands", row::page::<Product>)
            .query(Which::shape),
        || get(list),
    ),
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}",
        Access::May(Permission::SeeDeclared),
        Api::new("getProduct", "A product, and where each release stands", Product::shape),
        || get(one),
    ),
];

told! {
    /// A product.
    pub struct Product {
        /// Its name in the workspace.
        pub product: String,
        /// Its name as declared.
        pub name: String,
        /// Its model designation as declared.
        pub model: String,
        /// The edition it is assessed against, as it is cited; empty where it cannot be read.
        pub edition: String,
        /// The moment it was looked at, for which it is judged; null where it was not looked at yet today, and then
        /// nothing but the name of its folder is told.
        pub at: Option<Timestamp>,
        /// Its releases, the one under assessment first, then the latest first.
        pub releases: Vec<Release>,
        /// Why nothing can be told, where that is so.
        pub unreadable: Option<String>,
    }

    /// Where a release stands. What was found and decided is null for whoever may not see verdicts.
    pub struct Release {
        /// Its version.
        pub version: String,
        /// Whether it is the one under assessment; then it is judged for the present moment, else as recorded.
        pub under_assessment: bool,
        /// Over the mandatory provisions; null where it was never assessed.
        pub mandatory: Option<Outcome>,
        /// Over the recommendations that are claimed.
        pub recommended: Option<Outcome>,
        /// Unit instances by outcome.
        pub instances: Option<Counts>,
        /// What failed; of the release under assessment alone.
        pub findings: Option<u64>,
        /// Open tasks; of the release under assessment alone.
        pub tasks: Option<u64>,
        /// The step that blocks most; empty where nothing does.
        pub blocked_by: Option<String>,
        /// Position of its newest recorded assessment.
        pub recorded: Option<u64>,
    }
}

asked! {
    /// Which products.
    struct Which {
        /// Part of a name or model.
        find: Option<Line>,
        /// Where to go on.
        cursor: Option<u64>,
        /// How many at most.
        limit: Option<Limit>,
    }
}

async fn list(
    State(site): State<Site>,
    visitor: Visitor,
    Queried(which): Queried<Which>,
) -> Result<Response, Trouble> {
    let find = which.find.map(|find| find.0.to_lowercase()).unwrap_or_default();
    let may = |permission, s: &Standing| visitor.may_on(permission, &s.product);
    let is = |s: &Standing| format!("{} {} {}", s.product, s.name, s.model).to_lowercase().contains(&find);
    let mut found = site.products(|product| visitor.may_on(Permission::SeeDeclared, product)).await?;
    found.retain(|standing| is(standing));
    let asked = answer::part(found.len(), which.cursor, which.limit);
    let now = site.current(found[asked.clone()].iter().map(|s| s.product.clone()).collect()).await?;
    found.splice(asked, now);
    let told: Vec<Product> = found.iter().map(|s| told(s, may(Permission::SeeVerdicts, s))).collect();
    answer::page(&told.iter().collect::<Vec<_>>(), which.cursor, which.limit)
}

async fn one(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
) -> Result<Response, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    answer::told(&told(&Standing::of(&snapshot), visitor.may(Permission::SeeVerdicts)))
}

fn told(standing: &Standing, verdicts: bool) -> Product {
    Product {
        product: standing.product.clone(),
        name: standing.name.clone(),
        model: standing.model.clone(),
        edition: standing.edition.clone(),
        at: standing.at,
        releases: standing.releases.iter().map(|release| stands(release, verdicts)).collect(),
        unreadable: standing.unreadable.clone(),
    }
}

fn stands(release: &ReleaseStanding, verdicts: bool) -> Release {
    let counts = || {
        let all = release.instances.iter().flat_map(|(outcome, n)| std::iter::repeat_n(*outcome, *n));
        Counts::over(all)
    };
    let current = verdicts && release.under_assessment;
    Release {
        version: release.version.clone(),
        under_assessment: release.under_assessment,
        mandatory: release.mandatory.filter(|_| verdicts),
        recommended: release.recommended.filter(|_| verdicts),
        instances: verdicts.then(counts),
        findings: current.then_some(release.findings as u64),
        tasks: current.then_some(release.tasks as u64),
        blocked_by: current.then(|| release.blocked_by.clone()),
        recorded: release.recorded.filter(|_| verdicts),
    }
}
