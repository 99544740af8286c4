//! Blind: no page shown to a laboratory or a supplier holds what others found or decided, whichever route is added.
#![allow(clippy::unwrap_used)]

mod support;

use std::path::Path;

use app::people::Role;
use app::{state, tasks};
use axum::http::StatusCode;
use model::Verdict;
use support::{Crew, Open, dossier};
use web::{Route, Verb, routes};

/// Words that stand nowhere but in what others decided.
const MARKERS: [&str; 5] = ["Zwischenbefund", "Quittengelee", "Marderhund", "Oberlicht", "Firnschnee"];

/// A product with a verdict, a recorded assessment, and a task, each with words of its own.
fn judged(folder: &Path) {
    dossier(folder, "Lamp");
    let fail = state::Draft {
        unit: "5.2-1-2a".into(),
        entry: None,
        person: "Marderhund".into(),
        role: "engineer".into(),
        verdict: Some(Verdict::Fail),
        reasoning: "Zwischenbefund".into(),
        ..state::Draft::default()
    };
    state::state(folder, fail, app::now()).unwrap();
    let own = tasks::Own {
        title: "Quittengelee".into(),
        criterion: "Oberlicht".into(),
        due: None,
        by: "Firnschnee".into(),
    };
    tasks::add(folder, &own, app::now()).unwrap();
    app::assess::record(folder, app::now()).unwrap();
}

/// Addresses of a route: its parts filled with things that are there.
fn filled(route: &Route) -> Vec<String> {
    let of = |part: &str| -> Vec<String> {
        let values: &[&str] = match part {
            "{product}" => &["lamp"],
            "{provision}" | "{id}" => &["5.2-1", "T-1", "1", "2", "3"],
            "{unit}" => &["5.2-1-2a"],
            "{task}" => &["T-1"],
            "{release}" => &["1.0", "0.1.0"],
            _ if part.starts_with('{') => &["0", "1", "2", "3", "4", "5", "5.2-1", "5.2-1-2a", "T-1"],
            _ => return vec![part.to_owned()],
        };
        values.iter().map(|value| (*value).to_owned()).collect()
    };
    route.path.split('/').fold(vec![String::new()], |paths, part| {
        if part.is_empty() {
            return paths;
        }
        paths.iter().flat_map(|path| of(part).into_iter().map(move |value| format!("{path}/{value}"))).collect()
    })
}

/// Every page that somebody is shown, with its address. Streams, which do not end, are told by their status.
async fn shown(open: &Open) -> Vec<(String, String)> {
    let mut pages = Vec::new();
    let looks = routes().filter(|route| route.verb == Verb::Get && !route.path.ends_with("/events"));
    for path in looks.flat_map(filled) {
        let path = if path.is_empty() { "/".to_owned() } else { path };
        let answer = open.get(&path).await;
        if answer.status == StatusCode::OK {
            pages.push((path, answer.text));
        }
    }
    pages
}

fn holds(page: &str) -> Option<&'static str> {
    MARKERS.into_iter().find(|marker| page.contains(marker))
}

#[tokio::test]
async fn a_laboratory_and_a_supplier_are_shown_nothing_that_others_found_or_decided() {
    let folder = tempfile::tempdir().unwrap();
    judged(&folder.path().join("lamp"));
    let crew = Crew::of(folder.path());
    let engineer = shown(&crew.joins("eng", Role::Engineer)).await;
    assert!(
        engineer.iter().any(|(_, page)| holds(page).is_some()),
        "the words are shown to those who may see them"
    );
    for role in [Role::Laboratory, Role::Supplier] {
        let pages = shown(&crew.joins(&format!("the-{role}"), role)).await;
        assert!(pages.iter().any(|(path, _)| path == "/account"), "{role} is signed in");
        for (path, page) in &pages {
            assert_eq!(holds(page), None, "{role} at {path}");
        }
    }
}

#[tokio::test]
async fn blindness_for_one_product_holds_on_pages_over_all_products() {
    let folder = tempfile::tempdir().unwrap();
    judged(&folder.path().join("lamp"));
    dossier(&folder.path().join("lock"), "Lock");
    let crew = Crew::of(folder.path());
    let tester = crew.joins("tess", Role::Tester);
    let account = "tess".parse().unwrap();
    crew.team.give(&account, Some("lamp"), Role::Laboratory, "owner Person", app::now()).unwrap();
    let pages = shown(&tester).await;
    assert!(pages.iter().any(|(path, _)| path == "/"));
    for (path, page) in &pages {
        assert_eq!(holds(page), None, "at {path}");
    }
}
