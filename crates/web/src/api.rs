//! The interface for programs: what the pages do, as JSON under `/api/v1`.
//!
//! Its routes stand in the one table; [`openapi`] writes the document of it, and the guard checks by it what is sent.

mod answer;
mod asked;
mod assessment;
mod bundle;
mod check;
mod checkpoints;
mod confirmations;
mod declared;
pub(crate) mod door;
mod dossier;
mod files;
mod guide;
mod me;
mod openapi;
mod people;
pub(crate) mod problem;
mod products;
mod records;
mod releases;
mod requests;
mod reviews;
mod row;
mod run;
mod sheets;
mod statements;
mod tasks;
mod templates;

pub use openapi::{openapi, refusals};
pub use row::{Api, Asks, Gives, Shape, Tagged};

use crate::table::Route;

/// Where every address for programs begins.
pub(crate) const PREFIX: &str = "/api/";

/// The routes for programs.
#[rustfmt::skip]
pub(crate) const ROUTES: &[&[Route]] = &[
    me::ROUTES,
    people::ROUTES,
    products::ROUTES,
    declared::ROUTES,
    dossier::ROUTES,
    templates::ROUTES,
    assessment::ROUTES,
    sheets::ROUTES,
    guide::ROUTES,
    statements::ROUTES,
    confirmations::ROUTES,
    reviews::ROUTES,
    checkpoints::ROUTES,
    tasks::ROUTES,
    requests::ROUTES,
    requests::ASKED,
    run::ROUTES,
    records::ROUTES,
    releases::ROUTES,
    bundle::ROUTES,
];
