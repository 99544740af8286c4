//! Every crate begins by saying what it is for.

use super::{Check, Tree};

pub(super) const CHECK: Check = Check {
    name: "headers",
    holds: "the root file of a crate says in `//!` lines what it answers and what it deliberately does not",
    problems,
};

/// What stands in a room before anybody moved in.
const PLACEHOLDER: &str = "not opened yet";

fn problems(tree: &Tree) -> Vec<String> {
    let mut problems = Vec::new();
    for (name, root) in tree.crates() {
        let Some(root) = root else {
            problems.push(format!("crates/{name}: neither src/lib.rs nor src/main.rs"));
            continue;
        };
        let header: Vec<&str> = root.text.lines().filter_map(|line| line.trim().strip_prefix("//!")).collect();
        if header.iter().all(|line| line.trim().is_empty()) {
            problems.push(format!("{}: no header", root.path));
        } else if header.iter().any(|line| line.contains(PLACEHOLDER)) {
            problems.push(format!("{}: only a placeholder", root.path));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_without_a_header_or_with_a_placeholder_is_a_problem() {
        let tree = Tree::of(&[
            ("crates/a/Cargo.toml", ""),
            ("crates/a/src/lib.rs", "//! What a is.\n"),
            ("crates/b/Cargo.toml", ""),
            ("crates/b/src/lib.rs", "//!\nfn b() {}\n"),
            ("crates/c/Cargo.toml", ""),
            ("crates/c/src/main.rs", "//! (room not opened yet)\n"),
            ("crates/d/Cargo.toml", ""),
        ]);
        let found = problems(&tree);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found.iter().all(|problem| !problem.contains("crates/a")));
    }
}
