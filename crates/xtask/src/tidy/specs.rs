//! Every specification belongs to a rule: no file is left behind when its rule is renamed or goes.
//!
//! `crates/engine/spec/x.md` belongs to a source file `x.rs` of the engine. New snapshots that nobody has looked at are
//! left-overs as well.

use super::{Check, Tree};

pub(super) const CHECK: Check = Check {
    name: "specs",
    holds: "a file in crates/engine/spec has a rule of the same name; no snapshot waits for review",
    problems,
};

fn problems(tree: &Tree) -> Vec<String> {
    let rules: Vec<&str> = tree
        .rust()
        .filter(|file| file.path.starts_with("crates/engine/src/"))
        .map(super::tree::File::stem)
        .collect();
    let orphans = tree
        .files
        .iter()
        .filter(|file| file.path.starts_with("crates/engine/spec/") && file.path.ends_with(".md"))
        .filter(|file| file.stem() != "README" && !rules.contains(&file.stem()))
        .map(|file| format!("{}: no rule of that name", file.path));
    let waiting = tree
        .files
        .iter()
        .filter(|file| file.path.ends_with(".snap.new") || file.path.ends_with(".pending-snap"))
        .map(|file| format!("{}: waits for review", file.path));
    orphans.chain(waiting).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_specification_without_its_rule_is_a_problem() {
        let tree = Tree::of(&[
            ("crates/engine/src/rules/tc_5_6_1.rs", ""),
            ("crates/engine/spec/tc_5_6_1.md", ""),
            ("crates/engine/spec/tc_5_6_9.md", ""),
            ("crates/engine/spec/README.md", ""),
            ("crates/report/tests/one.snap.new", ""),
        ]);
        let found = problems(&tree);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("crates/engine/spec/tc_5_6_9.md"));
    }
}
