//! A walk through the whole workspace along its own links: which page stands for which route, and which link leads
//! nowhere.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use axum::http::{StatusCode, header};
use web::{Route, Verb, routes};

use super::Open;

/// Pages that are looked at for one route: two products, a page and its neighbour.
const EACH: usize = 3;

/// Where a walk came.
#[derive(Debug, Default)]
pub struct Walk {
    /// For each route that answers with a page, addresses that were found.
    pub pages: BTreeMap<&'static str, Vec<String>>,
    /// For each route that answers with something else, addresses that were found.
    pub files: BTreeMap<&'static str, Vec<String>>,
    /// What is wrong with links and forms.
    pub problems: BTreeSet<String>,
}

/// Walks from the portfolio, and from these addresses that nothing links to.
pub async fn walk(open: &Open, beside: &[&str]) -> Walk {
    let mut walk = Walk::default();
    let mut left: VecDeque<(String, String)> = VecDeque::new();
    left.push_back(("/".to_owned(), "the beginning".to_owned()));
    left.extend(beside.iter().map(|path| ((*path).to_owned(), "the test".to_owned())));
    let mut met = BTreeSet::new();
    while let Some((path, from)) = left.pop_front() {
        if !met.insert(path.clone()) {
            continue;
        }
        let Some(route) = route(Verb::Get, &path) else {
            walk.problems.insert(format!("{from}: a link to {path}, which is no page"));
            continue;
        };
        let found = |pages: &BTreeMap<_, Vec<String>>| pages.get(route.path).map_or(0, Vec::len);
        if route.path.starts_with("/assets/") || found(&walk.pages) + found(&walk.files) >= EACH {
            continue;
        }
        let answer = open.get(&path).await;
        if answer.status.is_redirection() {
            left.push_back((answer.headers[header::LOCATION].to_str().unwrap().to_owned(), path));
            continue;
        }
        let kind = answer.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
        if !beside.contains(&path.as_str()) && answer.status != StatusCode::OK {
            walk.problems.insert(format!("{from}: a link to {path}, which answers {}", answer.status));
        } else if !kind.starts_with("text/html") || answer.headers.contains_key(header::CONTENT_DISPOSITION) {
            walk.files.entry(route.path).or_default().push(path);
        } else {
            walk.pages.entry(route.path).or_default().push(path.clone());
            for link in attributes(&answer.text, "<a ", "href") {
                let link = link.split('#').next().unwrap_or_default();
                match link.strip_prefix('?') {
                    Some(query) => left.push_back((format!("{}?{query}", bare(&path)), path.clone())),
                    None if link.starts_with('/') => left.push_back((link.to_owned(), path.clone())),
                    None => {}
                }
            }
            for action in attributes(&answer.text, "<form ", "action") {
                if action.starts_with('/') && all(&action).next().is_none() {
                    walk.problems.insert(format!("{path}: a form for {action}, which nothing answers"));
                }
            }
        }
    }
    walk
}

fn bare(path: &str) -> &str {
    path.split('?').next().unwrap_or_default()
}

/// The route that answers an address: of those that match, the one with most words of its own.
pub fn route(verb: Verb, path: &str) -> Option<&'static Route> {
    let own = |route: &&Route| route.path.split('/').filter(|part| !part.starts_with('{')).count();
    all(path).filter(|route| route.verb == verb).max_by_key(own)
}

fn all(path: &str) -> impl Iterator<Item = &'static Route> {
    routes().filter(move |route| matches(route.path, bare(path)))
}

fn matches(pattern: &str, path: &str) -> bool {
    let mut given = path.split('/');
    for wanted in pattern.split('/') {
        match given.next() {
            Some(_) if wanted.starts_with("{*") => return true,
            Some(part) if wanted.starts_with('{') => {
                // What stands around a name in one part: `{file}.json`.
                let (before, after) =
                    (wanted.find('{').unwrap_or(0), wanted.rsplit('}').next().unwrap_or_default());
                if part.len() <= before + after.len() || !part.ends_with(after) {
                    return false;
                }
            }
            Some(part) if part == wanted => {}
            _ => return false,
        }
    }
    given.next().is_none()
}

/// The values of an attribute of every such element, as our pages write it.
fn attributes(page: &str, element: &str, name: &str) -> Vec<String> {
    let begin = format!(" {name}=\"");
    let tags = page.split(element).skip(1).filter_map(|rest| rest.split('>').next());
    let values = tags.filter_map(|tag| format!(" {tag}").split_once(&begin).map(|(_, rest)| rest.to_owned()));
    values.filter_map(|rest| rest.split('"').next().map(|value| value.replace("&amp;", "&"))).collect()
}
