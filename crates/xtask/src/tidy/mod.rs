//! The checks of the source tree: what the project has agreed on and a compiler does not see.
//!
//! One check a file: a name, the question it asks of a [`Tree`], and tests on trees that break it. Each is also held
//! against this very tree by an ordinary test. Checks that need a build are clippy's.

mod bans;
mod edges;
mod exceptions;
mod external;
mod headers;
mod lengths;
mod lints;
mod marks;
mod names;
mod pages;
mod paths;
mod probes;
mod specs;
mod tree;
mod unsafe_code;
mod whitespace;

use std::path::Path;
use std::process::ExitCode;

use crate::tally::Tally;
pub(crate) use tree::{Error, Tree};

/// One check.
struct Check {
    name: &'static str,
    /// What has to hold, as the heading of its problems.
    holds: &'static str,
    /// The problems found, each with its place.
    problems: fn(&Tree) -> Vec<String>,
}

const CHECKS: &[Check] = &[
    edges::CHECK,
    external::CHECK,
    lengths::CHECK,
    names::CHECK,
    headers::CHECK,
    lints::CHECK,
    unsafe_code::CHECK,
    bans::CHECK,
    marks::CHECK,
    whitespace::CHECK,
    pages::CHECK,
    paths::CHECK,
    probes::CHECK,
    specs::CHECK,
];

/// What all the checks found.
pub(crate) struct Outcome {
    pub(crate) problems: Vec<String>,
    pub(crate) tally: Tally,
}

/// `cargo xtask tidy`.
pub(crate) fn run(root: &Path) -> ExitCode {
    let outcome = check(root);
    for problem in &outcome.problems {
        eprintln!("{problem}");
    }
    println!("{}", outcome.tally);
    if outcome.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs every check on the tree at `root`; a tree that cannot be read is one failed check.
pub(crate) fn check(root: &Path) -> Outcome {
    let tree = match Tree::read(root) {
        Ok(tree) => tree,
        Err(error) => {
            let problems = vec![told(&error)];
            return Outcome { problems, tally: Tally { failed: 1, ..Tally::default() } };
        }
    };
    eprintln!("{}", lengths::spread(&tree));
    problems(&tree)
}

/// Runs every check on a tree.
pub(crate) fn problems(tree: &Tree) -> Outcome {
    let mut outcome = Outcome { problems: Vec::new(), tally: Tally::default() };
    for check in CHECKS {
        let problems = (check.problems)(tree);
        if problems.is_empty() {
            outcome.tally.passed += 1;
        } else {
            outcome.tally.failed += 1;
            outcome.problems.push(format!("tidy {}: {}", check.name, check.holds));
            outcome.problems.extend(problems.into_iter().map(|problem| format!("  {problem}")));
        }
    }
    outcome
}

fn told(error: &Error) -> String {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
    format!("{error}{}", cause.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test of every check that this tree keeps it.
    fn kept(check: &Check) {
        let tree = Tree::read(&crate::root()).expect("this tree can be read");
        let problems = (check.problems)(&tree);
        assert!(problems.is_empty(), "{}\n{}", check.holds, problems.join("\n"));
    }

    macro_rules! this_tree_keeps {
        ($($check:ident: $test:ident;)*) => {
            $(#[test] fn $test() { kept(&$check::CHECK); })*
            const TESTED: usize = [$(stringify!($check)),*].len();
        };
    }

    this_tree_keeps! {
        edges: rooms_use_only_rooms_below_them;
        external: pure_rooms_use_only_the_crates_on_their_list;
        lengths: files_are_short_or_say_why_not;
        names: modules_have_names_that_mean_something;
        headers: crates_say_what_they_are_for;
        lints: crates_inherit_the_workspace_lints;
        unsafe_code: crates_forbid_unsafe_code;
        bans: pure_rooms_switch_the_bans_on;
        marks: nothing_is_left_marked_as_unfinished;
        whitespace: lines_end_where_their_text_ends;
        pages: probes_have_their_page_in_three_parts;
        paths: paths_in_the_documentation_exist;
        probes: probes_are_registered;
        specs: specifications_belong_to_a_rule;
    }

    #[test]
    fn every_check_is_held_against_this_tree_by_a_test() {
        assert_eq!(TESTED, CHECKS.len());
    }

    #[test]
    fn a_tree_that_cannot_be_read_is_a_failure() {
        let outcome = check(Path::new("/nonexistent"));
        assert_eq!(outcome.tally.failed, 1);
        assert_eq!(outcome.problems.len(), 1);
    }
}
