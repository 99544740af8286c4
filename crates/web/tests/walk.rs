//! Every page is reached by a link from the portfolio, and no link and no form leads nowhere.
#![allow(clippy::unwrap_used)]

mod support;

use support::walk::walk;
use support::{BESIDE, Open, filled};
use web::{Verb, routes};

#[tokio::test]
async fn every_page_is_reached_by_a_link_and_no_link_leads_nowhere() {
    let folder = filled::workspace();
    let walk = walk(&Open::alone(folder.path()), BESIDE).await;
    assert!(walk.problems.is_empty(), "{:#?}", walk.problems);
    let met = |path: &str| walk.pages.contains_key(path) || walk.files.contains_key(path);
    let apart = |path: &str| path.starts_with("/assets/") || path.starts_with("/api/");
    let missed: Vec<&str> =
        routes().filter(|r| r.verb == Verb::Get && !apart(r.path) && !met(r.path)).map(|r| r.path).collect();
    assert!(
        missed.is_empty(),
        "no link leads to a page of these routes; fill `support::filled` or name one in `BESIDE`: {missed:#?}"
    );
}
