//! A source file stays under the limit, or says in `tidy-exceptions.toml` why it does not.
//!
//! Counted are production lines: those before the first `#[cfg(test)]`. Files of tests alone are not counted.

use super::tree::File;
use super::{Check, Tree};

pub(super) const CHECK: Check = Check {
    name: "lengths",
    holds: "a source file has at most 600 production lines, or a reason in tidy-exceptions.toml",
    problems,
};

const LIMIT: usize = 600;

fn problems(tree: &Tree) -> Vec<String> {
    let allowed = &tree.exceptions.long_file;
    let mut problems: Vec<String> = counts(tree)
        .filter_map(|(lines, file)| {
            let exception = allowed.iter().find(|exception| exception.path == file.path);
            let limit = exception.map_or(LIMIT, |exception| exception.lines);
            (lines > limit).then(|| format!("{}: {lines} production lines, {limit} allowed", file.path))
        })
        .collect();
    for exception in allowed {
        let lines = counts(tree).find(|(_, file)| file.path == exception.path).map(|(lines, _)| lines);
        if lines.is_none_or(|lines| lines <= LIMIT) {
            problems.push(format!("tidy-exceptions.toml: {} needs no exception", exception.path));
        }
    }
    problems
}

/// One line about how long the files are.
pub(super) fn spread(tree: &Tree) -> String {
    let mut lengths: Vec<usize> = counts(tree).map(|(lines, _)| lines).collect();
    lengths.sort_unstable();
    let at = |tenths: usize| {
        let last = lengths.len().saturating_sub(1);
        lengths.get(last * tenths / 10).copied().unwrap_or_default()
    };
    format!(
        "{} source files; production lines: median {}, nine in ten at most {}, longest {}",
        lengths.len(),
        at(5),
        at(9),
        at(10)
    )
}

fn counts(tree: &Tree) -> impl Iterator<Item = (usize, &File)> {
    tree.rust().filter(|file| file.path.contains("/src/")).map(|file| (production_lines(&file.text), file))
}

fn production_lines(text: &str) -> usize {
    // A later part for tests only, such as a constructor of sample values, counts neither.
    text.lines().take_while(|line| line.trim() != "#[cfg(test)]").count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn long(lines: usize) -> String {
        "let x = 1;\n".repeat(lines)
    }

    #[test]
    fn a_long_file_is_a_problem_unless_it_is_long_for_a_reason() {
        let tree = Tree::of(&[("crates/a/src/lib.rs", &long(601)), ("crates/a/src/b.rs", &long(600))]);
        assert_eq!(problems(&tree), ["crates/a/src/lib.rs: 601 production lines, 600 allowed"]);
        let exception = "[[long-file]]\npath = \"crates/a/src/lib.rs\"\nlines = 700\nreason = \"one table\"\n";
        assert!(problems(&tree.with_exceptions(exception)).is_empty());
    }

    #[test]
    fn an_exception_has_a_limit_too() {
        let exception = "[[long-file]]\npath = \"crates/a/src/lib.rs\"\nlines = 610\nreason = \"one table\"\n";
        let tree = Tree::of(&[("crates/a/src/lib.rs", &long(611))]).with_exceptions(exception);
        assert_eq!(problems(&tree).len(), 1);
    }

    #[test]
    fn an_exception_that_nothing_needs_goes() {
        let exception = "[[long-file]]\npath = \"crates/a/src/lib.rs\"\nlines = 700\nreason = \"one table\"\n";
        let tree = Tree::of(&[("crates/a/src/lib.rs", &long(20))]).with_exceptions(exception);
        assert_eq!(problems(&tree).len(), 1);
        assert_eq!(problems(&Tree::default().with_exceptions(exception)).len(), 1);
    }

    #[test]
    fn tests_at_the_foot_and_in_folders_of_their_own_are_not_counted() {
        let text = format!("{}#[cfg(test)]\nmod tests {{}}\n{}", long(20), long(700));
        let tree = Tree::of(&[("crates/a/src/lib.rs", &text), ("crates/a/tests/all.rs", &long(700))]);
        assert!(problems(&tree).is_empty());
        assert!(spread(&tree).contains("median 20"));
    }
}
