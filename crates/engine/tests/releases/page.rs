//! Reads a page of `spec/releases`: what was declared before and now, what the ledger holds, and what becomes of it.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

/// An instance, its outcome, where it stands, and texts that are said of it.
pub(crate) type Stands = (String, String, String, Vec<String>);

/// One case of a page, completed by what holds for all its cases.
#[derive(Debug, Clone, Default)]
pub(crate) struct Case {
    /// Its heading.
    pub(crate) heading: String,
    /// Files of the dossier that was assessed, by path.
    pub(crate) before: BTreeMap<String, String>,
    /// Files that were otherwise at another assessment of the earlier release, before that one.
    pub(crate) between: BTreeMap<String, String>,
    /// Files that are otherwise now.
    pub(crate) now: BTreeMap<String, String>,
    /// Statements before the assessment of the earlier release.
    pub(crate) stated: Vec<Value>,
    /// Statements after it.
    pub(crate) later: Vec<Value>,
    /// What second persons said before it, and after it.
    pub(crate) confirmed: Vec<Value>,
    pub(crate) confirmed_later: Vec<Value>,
    /// Observations before it.
    pub(crate) observed: Vec<Value>,
    /// Observations after it.
    pub(crate) measured: Vec<Value>,
    /// Releases.
    pub(crate) released: Vec<Value>,
    /// What has to come out.
    pub(crate) stands: Vec<Stands>,
}

/// The cases of every page, by the page's name.
pub(crate) fn pages() -> BTreeMap<String, Vec<Case>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("spec/releases");
    let page = |entry: std::io::Result<std::fs::DirEntry>| {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        (name.clone(), read(&name, &std::fs::read_to_string(entry.path()).unwrap()))
    };
    let pages: BTreeMap<String, Vec<Case>> = std::fs::read_dir(folder).unwrap().map(page).collect();
    assert!(pages.len() >= 2);
    pages
}

fn read(name: &str, text: &str) -> Vec<Case> {
    let (mut shared, mut cases) = (Case::default(), Vec::<Case>::new());
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(heading) = line.strip_prefix("## ") {
            cases.push(Case { heading: heading.to_owned(), ..shared.clone() });
        } else if let Some(info) = line.strip_prefix("```") {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            place(name, cases.last_mut().unwrap_or(&mut shared), info, &block);
        }
    }
    for case in &cases {
        assert!(!case.stands.is_empty(), "{name}: {}: nothing is to come out", case.heading);
    }
    cases
}

fn place(name: &str, case: &mut Case, info: &str, block: &[&str]) {
    let text = block.join("\n");
    let list = || serde_json::from_str::<Vec<Value>>(&text).unwrap_or_else(|e| panic!("{name}: {info}: {e}"));
    match info.split(' ').collect::<Vec<_>>().as_slice() {
        ["toml", "before", path] => drop(case.before.insert((*path).to_owned(), text)),
        ["toml", "between", path] => drop(case.between.insert((*path).to_owned(), text)),
        ["toml", "now", path] => drop(case.now.insert((*path).to_owned(), text)),
        ["json", "stated"] => case.stated = list(),
        ["json", "later"] => case.later = list(),
        ["json", "confirmed"] => case.confirmed = list(),
        ["json", "confirmed", "later"] => case.confirmed_later = list(),
        ["json", "observed"] => case.observed = list(),
        ["json", "measured"] => case.measured = list(),
        ["json", "released"] => case.released = list(),
        ["text", "stands"] => case.stands = stands(name, block),
        _ => panic!("{name}: unknown block `{info}`"),
    }
}

/// `5.5-1-1a @ Entry  pass, carried over`, and lines that begin with two spaces for what is said of it.
fn stands(name: &str, block: &[&str]) -> Vec<Stands> {
    let mut all: Vec<Stands> = Vec::new();
    for line in block {
        match (line.strip_prefix("  "), all.last_mut()) {
            (Some(text), Some((.., texts))) => texts.push(text.to_owned()),
            _ => {
                let whole = line.split_once("  ").and_then(|(i, rest)| Some((i, rest.split_once(", ")?)));
                let Some((instance, (outcome, stands))) = whole else { panic!("{name}: `{line}` says nothing") };
                all.push((instance.to_owned(), outcome.to_owned(), stands.to_owned(), Vec::new()));
            }
        }
    }
    all
}
