//! Reads a specification page: prose, and fenced blocks with files, observations and verdicts.

use std::collections::BTreeSet;
use std::path::Path;

use model::Outcome;

/// One page of `spec/`.
#[derive(Debug)]
pub(crate) struct Page {
    /// File name.
    pub(crate) name: String,
    /// Files and observations that hold for every case of the page.
    pub(crate) shared: Blocks,
    /// One per second-level heading.
    pub(crate) cases: Vec<Case>,
}

/// One case.
#[derive(Debug)]
pub(crate) struct Case {
    /// Its heading.
    pub(crate) heading: String,
    /// What is declared and observed in it.
    pub(crate) blocks: Blocks,
    /// What has to come out.
    pub(crate) verdicts: Vec<Verdict>,
}

/// Dossier files by path, and observations in compact JSON.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    /// Path and text.
    pub(crate) files: Vec<(String, String)>,
    /// JSON arrays.
    pub(crate) observed: Vec<String>,
}

/// One expected judgement.
#[derive(Debug, Clone)]
pub(crate) struct Verdict {
    /// Unit id.
    pub(crate) unit: String,
    /// Entry id, for units that range over a table.
    pub(crate) entry: Option<String>,
    /// The outcome.
    pub(crate) outcome: Outcome,
    /// Texts that the judgement's reason has to hold; `next …` speaks of a next step instead.
    pub(crate) because: Vec<String>,
}

impl Page {
    /// Every unit that the page speaks of.
    pub(crate) fn units(&self) -> BTreeSet<&str> {
        self.cases.iter().flat_map(|c| &c.verdicts).map(|v| v.unit.as_str()).collect()
    }
}

/// Every page, by name.
pub(crate) fn pages() -> Vec<Page> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("spec");
    stems("spec", "md")
        .into_iter()
        .map(|stem| {
            let name = format!("{stem}.md");
            let text = std::fs::read_to_string(folder.join(&name)).unwrap();
            read(name, &text)
        })
        .collect()
}

/// Names of the files of a folder of this crate, without their ending.
pub(crate) fn stems(folder: &str, ending: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let wanted = paths.filter(|path| path.extension().is_some_and(|e| e == ending));
    wanted.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

fn read(name: String, text: &str) -> Page {
    let mut page = Page { name, shared: Blocks::default(), cases: Vec::new() };
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(heading) = line.strip_prefix("## ") {
            page.cases.push(Case { heading: heading.to_owned(), blocks: Blocks::default(), verdicts: Vec::new() });
        } else if let Some(info) = line.strip_prefix("```") {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            place(&mut page, info, &block);
        }
    }
    for case in &page.cases {
        assert!(!case.verdicts.is_empty(), "{}: {}: no verdict", page.name, case.heading);
    }
    page
}

fn place(page: &mut Page, info: &str, block: &[&str]) {
    let at = page.cases.last().map_or(page.name.clone(), |c| format!("{}: {}", page.name, c.heading));
    if info == "text verdict" {
        let Some(case) = page.cases.last_mut() else { panic!("{at}: a verdict before the first case") };
        case.verdicts = verdicts(&at, block);
        return;
    }
    let blocks = page.cases.last_mut().map_or(&mut page.shared, |case| &mut case.blocks);
    match info.split_once(' ') {
        Some(("toml", path)) => blocks.files.push((path.to_owned(), block.join("\n"))),
        Some(("json", "observed")) => blocks.observed.push(block.join("\n")),
        _ => panic!("{at}: unknown block `{info}`"),
    }
}

fn verdicts(at: &str, block: &[&str]) -> Vec<Verdict> {
    let mut verdicts: Vec<Verdict> = Vec::new();
    for line in block {
        if let Some(text) = line.strip_prefix("  ") {
            let Some(verdict) = verdicts.last_mut() else { panic!("{at}: a reason before its verdict") };
            verdict.because.push(text.trim().to_owned());
            continue;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        let (unit, entry, rest) = match words.as_slice() {
            [unit, "@", entry, rest @ ..] => (unit, Some((*entry).to_owned()), rest.join(" ")),
            [unit, rest @ ..] => (unit, None, rest.join(" ")),
            [] => continue,
        };
        let outcome = Outcome::ALL.into_iter().find(|o| o.as_str() == rest);
        let Some(outcome) = outcome else { panic!("{at}: `{rest}` is no outcome") };
        verdicts.push(Verdict { unit: (*unit).to_owned(), entry, outcome, because: Vec::new() });
    }
    verdicts
}
