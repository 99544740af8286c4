//! Every path and link in the documentation leads to something in this tree.
//!
//! A back-ticked word is taken for a path if it begins with a folder of this tree, or is the name of a Markdown file.
//! Fenced blocks are left out: what stands there is a sample. Addresses of the web are not looked at.

use std::collections::BTreeSet;

use super::{Check, Tree};

pub(super) const CHECK: Check =
    Check { name: "paths", holds: "a path in a Markdown file exists in this tree", problems };

fn problems(tree: &Tree) -> Vec<String> {
    let known = known(tree);
    let tops: BTreeSet<&str> = tree
        .files
        .iter()
        .filter_map(|file| Some(file.path.split_once('/')?.0))
        .chain(["crates", "docs"])
        .collect();
    let mut problems = Vec::new();
    for file in tree.files.iter().filter(|file| file.path.ends_with(".md")) {
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut fenced = false;
        for (number, line) in file.lines() {
            if line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~") {
                fenced = !fenced;
            }
            if fenced {
                continue;
            }
            let quoted = line.split('`').skip(1).step_by(2).filter(|word| looks_like_path(word, &tops));
            let missing_words = quoted.filter(|path| {
                let path = without_place(path);
                !known.contains(path) && !known.contains(joined(folder, path).as_str())
            });
            let missing_links =
                links(line).filter(|path| !known.contains(joined(folder, without_place(path)).as_str()));
            for path in missing_words.chain(missing_links) {
                problems.push(format!("{}:{number}: {path} does not exist", file.path));
            }
        }
    }
    problems
}

/// All the files and the folders they lie in.
fn known(tree: &Tree) -> BTreeSet<&str> {
    let mut known = BTreeSet::new();
    for file in &tree.files {
        let mut path = file.path.as_str();
        known.insert(path);
        while let Some((folder, _)) = path.rsplit_once('/') {
            known.insert(folder);
            path = folder;
        }
    }
    known
}

fn looks_like_path(word: &str, tops: &BTreeSet<&str>) -> bool {
    let is_plain = word.chars().all(|letter| letter.is_ascii_alphanumeric() || "._-/:#".contains(letter));
    if !is_plain || word.contains("://") || word.contains("::") {
        return false;
    }
    match word.split_once('/') {
        // What is built and what a program writes at run time lie in the tree and not under version control.
        Some((top, _)) => top != "target" && top != ".assay" && tops.contains(top),
        None => without_place(word).ends_with(".md") && word.len() > 3,
    }
}

/// Without a line number, a heading and the slash of a folder.
fn without_place(path: &str) -> &str {
    path.split([':', '#']).next().unwrap_or(path).trim_end_matches('/')
}

/// Targets of links inside this tree.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| {
        let target = rest.split([')', ' ']).next()?;
        let is_inside = !target.contains(':') && !target.starts_with('#') && !target.is_empty();
        is_inside.then_some(target)
    })
}

fn joined(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = if path.starts_with('/') { Vec::new() } else { folder.split('/').collect() };
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        problems(&Tree::of(&[
            (path, text),
            ("crates/a/src/lib.rs", ""),
            ("docs/guide/start.md", ""),
            ("docs/picture.svg", ""),
        ]))
    }

    #[test]
    fn a_quoted_path_has_to_exist_as_a_file_or_a_folder() {
        assert!(
            found("README.md", "see `crates/a/src/lib.rs`, `crates/a/`, `crates/a/src/lib.rs:12`\n").is_empty()
        );
        assert_eq!(
            found("README.md", "\nsee `crates/b/src/lib.rs`\n"),
            ["README.md:2: crates/b/src/lib.rs does not exist"]
        );
        assert_eq!(found("README.md", "see `ARCHITECTURE.md`\n").len(), 1);
    }

    #[test]
    fn words_that_are_no_paths_of_ours_are_left_alone() {
        let text =
            "`tcp/23`, `ixit/28-LogIntf.toml`, `crates/<name>`, `docs/*.md`, `std::fs`, `target/bench.json`\n";
        assert!(found("README.md", text).is_empty(), "{:?}", found("README.md", text));
        assert!(found("README.md", "```\n`crates/b`\n```\n").is_empty());
    }

    #[test]
    fn a_link_is_followed_from_the_file_it_stands_in() {
        assert!(
            found("docs/index.md", "[a](guide/start.md#one) [b](../crates/a) ![c](./picture.svg)\n").is_empty()
        );
        assert_eq!(found("docs/index.md", "[a](start.md)\n").len(), 1);
        assert!(found("docs/index.md", "[a](https://example.org/x.md) [b](#here)\n").is_empty());
    }
}
