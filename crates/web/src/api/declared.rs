//! What is declared, and how it would be tested: nothing here tells a verdict, so a blind laboratory may read it all.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use model::Method;
use report::presentation::told::told;
use report::presentation::{Answer, Applies, Control, Provision};
use workflow::people::Permission;

use app::{InScope, PlannedInstance, Settle};

use super::answer::{self, Limit};
use super::asked::{Asked, Line, Queried, asked};
use super::{Api, row};
use crate::page;
use crate::site::Site;
use crate::table::{Access, Route, Verb};
use crate::trouble::Trouble;

const SEES: Access = Access::May(Permission::SeeDeclared);

pub(crate) const ROUTES: &[Route] = &[
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/declared",
        SEES,
        Api::new("listDeclared", "What is declared for each provision", row::page::<Declaration>)
            .query(Parts::shape),
        || get(declared),
    ),
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/plan",
        SEES,
        Api::new("listPlanned", "Every unit instance, and what would settle it", row::page::<Planned>)
            .query(Which::shape),
        || get(plan),
    ),
];

told! {
    /// A provision as it is declared.
    pub struct Declaration {
        /// `5.3-9`.
        pub provision: String,
        /// Whether it is a shall.
        pub mandatory: bool,
        /// Status as Table B.1 prints it.
        pub status: String,
        /// What it asks, in our words.
        pub summary: String,
        /// Whether it applies.
        pub applies: Applies,
        /// The supplier's answer.
        pub answer: Answer,
        /// The control, where one is designed.
        pub control: Option<Control>,
    }

    /// A unit instance, and what would settle it.
    pub struct Planned {
        /// `5.3-9-1c @ UpdMech-OTA`.
        pub instance: String,
        /// The provision it tests.
        pub provision: String,
        /// Who or what the catalogue expects to settle it.
        pub method: Method,
        /// Whether it applies.
        pub applies: Applies,
        /// Why it does not, or what decides it; empty where it applies.
        pub because: String,
        /// What can settle it here, the usual way first: `rule`, `statement`, `document`, or a probe and its target.
        pub settled_by: Vec<String>,
        /// The furthest that its probes reach: `nothing`, `passive`, `active`, `intrusive`, `destructive`.
        pub touches: String,
        /// What has to be declared or prepared first.
        pub missing: Vec<String>,
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

    /// Which unit instances.
    struct Which {
        /// Those of this provision.
        provision: Option<Line>,
        /// Where to go on.
        cursor: Option<u64>,
        /// How many at most.
        limit: Option<Limit>,
    }
}

async fn declared(
    State(site): State<Site>,
    Path(product): Path<String>,
    Queried(parts): Queried<Parts>,
) -> Result<Response, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let all: Vec<Declaration> = snapshot.told.provisions().map(declaration).collect();
    answer::page(&all.iter().collect::<Vec<_>>(), parts.cursor, parts.limit)
}

fn declaration(provision: &Provision) -> Declaration {
    // What an answer amounts to is read off the tests as well; the answer itself is what was declared.
    let answer = Answer { standing: String::new(), ..provision.answer.clone() };
    Declaration {
        provision: provision.id.clone(),
        mandatory: provision.mandatory,
        status: provision.status.clone(),
        summary: provision.summary.clone(),
        applies: provision.applies,
        answer,
        control: provision.control.clone(),
    }
}

async fn plan(
    State(site): State<Site>,
    Path(product): Path<String>,
    Queried(which): Queried<Which>,
) -> Result<Response, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let found = site.run(move |_| Ok(app::assess::plan(&snapshot.folder, app::now())?)).await?;
    let is = |p: &&PlannedInstance| which.provision.as_ref().is_none_or(|id| p.provision.as_str() == id.0);
    let all: Vec<Planned> = found.instances.iter().filter(is).map(planned).collect();
    answer::page(&all.iter().collect::<Vec<_>>(), which.cursor, which.limit)
}

fn planned(one: &PlannedInstance) -> Planned {
    let (applies, because) = match &one.applies {
        InScope::Yes => (Applies::Yes, String::new()),
        InScope::No(why) => (Applies::No, why.clone()),
        InScope::Unknown(gap) => (Applies::Unknown, gap.missing.clone()),
    };
    Planned {
        instance: one.id.to_string(),
        provision: one.provision.to_string(),
        method: one.method,
        applies,
        because,
        settled_by: one.settled_by.iter().map(settle).collect(),
        touches: one.touches.as_str().to_owned(),
        missing: one.missing.iter().map(|gap| gap.missing.clone()).collect(),
    }
}

fn settle(settle: &Settle) -> String {
    match settle {
        Settle::Rule => "rule".to_owned(),
        Settle::Probe { id, target } => format!("{id} on {target}"),
        Settle::Statement => "statement".to_owned(),
        Settle::Document => "document".to_owned(),
    }
}
