//! Every crate forbids unsafe code, or is listed with a reason.

use super::{Check, Tree};

pub(super) const CHECK: Check = Check {
    name: "unsafe-code",
    holds: "the root of a crate has `#![forbid(unsafe_code)]`, or the crate a reason in tidy-exceptions.toml",
    problems,
};

const FORBIDS: &str = "#![forbid(unsafe_code)]";

fn problems(tree: &Tree) -> Vec<String> {
    let allowed = &tree.exceptions.unsafe_crate;
    let forbids =
        |path: &str| tree.file(path).is_some_and(|file| file.text.lines().any(|line| line.trim() == FORBIDS));
    let mut problems = Vec::new();
    for (name, _) in tree.crates() {
        // A crate with a library and a program has two roots.
        let mut open: Vec<String> = ["lib", "main"]
            .map(|stem| format!("crates/{name}/src/{stem}.rs"))
            .into_iter()
            .filter(|path| tree.file(path).is_some() && !forbids(path))
            .collect();
        if allowed.iter().all(|exception| exception.name != name) {
            problems.extend(open.drain(..).map(|path| format!("{path}: `{FORBIDS}` is missing")));
        } else if open.is_empty() {
            problems.push(format!("tidy-exceptions.toml: {name} needs no exception"));
        }
    }
    let unknown = allowed.iter().filter(|exception| tree.crates().all(|(name, _)| name != exception.name));
    problems
        .extend(unknown.map(|exception| format!("tidy-exceptions.toml: there is no crate {}", exception.name)));
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Tree {
        Tree::of(&[
            ("crates/a/Cargo.toml", ""),
            ("crates/a/src/lib.rs", "//! a\n#![forbid(unsafe_code)]\n"),
            ("crates/b/Cargo.toml", ""),
            ("crates/b/src/lib.rs", "//! b\n#![forbid(unsafe_code)]\n"),
            ("crates/b/src/main.rs", "//! b\n"),
        ])
    }

    fn exception(name: &str) -> String {
        format!("[[unsafe-crate]]\nname = \"{name}\"\nreason = \"raw sockets\"\n")
    }

    #[test]
    fn each_root_of_a_crate_forbids_it() {
        assert_eq!(problems(&tree()), ["crates/b/src/main.rs: `#![forbid(unsafe_code)]` is missing"]);
        assert!(problems(&tree().with_exceptions(&exception("b"))).is_empty());
    }

    #[test]
    fn an_exception_that_nothing_needs_goes() {
        assert_eq!(problems(&tree().with_exceptions(&exception("a"))).len(), 2);
        assert_eq!(problems(&tree().with_exceptions(&exception("c"))).len(), 2);
    }
}
