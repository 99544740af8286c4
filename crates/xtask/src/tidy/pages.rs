//! Every probe has its page in the reference, in the three parts that a laboratory needs.
//!
//! Whether what a page says is true shows when it is followed, not here.

use super::tree::File;
use super::{Check, Tree};

pub(super) const CHECK: Check = Check {
    name: "pages",
    holds: "docs/reference/probes has a page a probe: its question, how to repeat it by hand, what it cannot see",
    problems,
};

const FOLDER: &str = "docs/reference/probes/";
/// The page with the table of what consent covers.
const GUIDE: &str = "docs/guide/measure.md";
/// The beginnings of the paragraphs or the heading of one part, and what that part tells.
const PARTS: &[(&[&str], &str)] = &[
    (&["**Repeat by hand**: "], "how a laboratory repeats it by hand"),
    (&["**Cannot see**: ", "## What it cannot see"], "what it cannot see"),
];

fn problems(tree: &Tree) -> Vec<String> {
    let cards: Vec<&str> = tree
        .rust()
        .filter(|file| file.path.starts_with("crates/probes/src/") && super::probes::has_card(&file.text))
        .filter_map(|file| id(&file.text))
        .collect();
    // The names have dots of their own.
    let name = |file: &'_ File| Some(file.path.strip_prefix(FOLDER)?.strip_suffix(".md")?.to_owned());
    let pages: Vec<(String, &File)> = tree
        .files
        .iter()
        .filter_map(|file| Some((name(file)?, file)))
        .filter(|(name, _)| name != "README")
        .collect();
    let missing = cards
        .iter()
        .filter(|id| !pages.iter().any(|(name, _)| name == **id))
        .map(|id| format!("{FOLDER}{id}.md: there is no such page"));
    let strays = pages
        .iter()
        .filter(|(name, _)| !cards.contains(&name.as_str()))
        .map(|(_, page)| format!("{}: no probe has that name", page.path));
    let short = pages.iter().flat_map(|(name, page)| {
        lacks(name, &page.text).into_iter().map(|part| format!("{}: it does not say {part}", page.path))
    });
    let guide = tree.files.iter().find(|file| file.path == GUIDE).map_or("", |file| &file.text);
    let uncovered = pages.iter().filter_map(|(name, page)| covered(name, &page.text, guide));
    missing.chain(strays).chain(short).chain(uncovered).collect()
}

/// What the table of consent lacks of a probe: it stands in the row of what it touches.
fn covered(id: &str, page: &str, guide: &str) -> Option<String> {
    let (_, touches) = page.split_once("\n\ntouches: ")?;
    let touches = touches.split(|sign: char| !sign.is_ascii_lowercase()).next()?;
    let (group, _) = id.split_once('.')?;
    let row = guide.lines().find(|line| line.starts_with(&format!("| `{touches}` |")))?;
    let named = row.contains(&format!("`{id}`")) || row.contains(&format!("`{group}.*`"));
    (!named).then(|| format!("{GUIDE}: the row `{touches}` does not name {id}"))
}

/// The name on the card.
fn id(text: &str) -> Option<&str> {
    let (_, card) = text.split_once(": Card = Card {")?;
    let (_, name) = card.split_once("id: \"")?;
    name.split('"').next()
}

/// The parts that a page lacks.
fn lacks(id: &str, text: &str) -> Vec<&'static str> {
    let mut lacks = Vec::new();
    let mut paragraphs = text.split("\n\n");
    if paragraphs.next().map(str::trim) != Some(format!("# {id}").as_str()) {
        lacks.push("the name of its probe first");
    }
    if !paragraphs.next().is_some_and(|question| question.trim_end().ends_with('?')) {
        lacks.push("its question second");
    }
    if !text.contains("\n\ntouches: ") {
        lacks.push("what it touches");
    }
    let said = |begin: &&str| {
        let rest = text.split_once(&format!("\n\n{begin}")).map_or("", |(_, rest)| rest);
        rest.trim().len() > 20
    };
    lacks.extend(PARTS.iter().filter(|(begins, _)| !begins.iter().any(said)).map(|(_, part)| *part));
    lacks
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARD: &str = "pub const CARD: Card = Card {\n    id: \"net.ports\",\n};\n";
    const PAGE: &str = "# net.ports\n\nWhich ports\nanswer?\n\ntouches: active\n\n\
        **Cannot see**: what answers later than it waits.\n\n**Repeat by hand**: `nmap -sT -p- ADDRESS`.\n";

    fn found(page: &str) -> Vec<String> {
        problems(&Tree::of(&[("crates/probes/src/ports.rs", CARD), ("docs/reference/probes/net.ports.md", page)]))
    }

    #[test]
    fn a_page_with_all_parts_is_no_problem() {
        assert_eq!(found(PAGE), Vec::<String>::new());
        let heading = PAGE.replace("**Cannot see**: ", "## What it cannot see\n\n");
        assert_eq!(found(&heading), Vec::<String>::new());
    }

    #[test]
    fn each_part_that_is_missing_is_told() {
        for (without, told) in [
            ("# net.ports", "name"),
            ("?", "question"),
            ("touches: active", "touches"),
            ("**Cannot see**", "cannot see"),
            ("`nmap -sT -p- ADDRESS`.", "by hand"),
        ] {
            let found = found(&PAGE.replace(without, ""));
            assert!(found.len() == 1 && found[0].contains(told), "{without}: {found:?}");
        }
    }

    #[test]
    fn the_table_of_consent_names_each_probe_in_its_row() {
        let guide = |row: &str| {
            let files =
                [("crates/probes/src/ports.rs", CARD), ("docs/reference/probes/net.ports.md", PAGE), (GUIDE, row)];
            problems(&Tree::of(&files))
        };
        assert_eq!(guide("| `active` | sends | `net.ports` |\n"), Vec::<String>::new());
        assert_eq!(guide("| `active` | sends | `net.*` |\n"), Vec::<String>::new());
        let found = guide("| `passive` | listens | `net.ports` |\n| `active` | sends | none so far |\n");
        assert_eq!(found, ["docs/guide/measure.md: the row `active` does not name net.ports"]);
    }

    #[test]
    fn a_probe_without_a_page_and_a_page_without_a_probe_are_problems() {
        let alone = problems(&Tree::of(&[("crates/probes/src/ports.rs", CARD)]));
        assert_eq!(alone, ["docs/reference/probes/net.ports.md: there is no such page"]);
        let stray = problems(&Tree::of(&[("docs/reference/probes/net.ports.md", PAGE)]));
        assert_eq!(stray, ["docs/reference/probes/net.ports.md: no probe has that name"]);
    }
}
