//! Pure rooms switch on the bans of `clippy.toml`: no file, clock, socket, environment or chance.
//!
//! What is banned is clippy's to find; here stands only that nobody forgot to ask it.

use super::{Check, Tree, external};

pub(super) const CHECK: Check = Check {
    name: "bans",
    holds: "a pure room has `#![warn(clippy::disallowed_methods, clippy::disallowed_types)]`",
    problems,
};

fn problems(tree: &Tree) -> Vec<String> {
    tree.crates()
        .filter(|(name, _)| external::is_pure(name))
        .filter_map(|(_, root)| root)
        .filter(|root| {
            ["clippy::disallowed_methods", "clippy::disallowed_types"].iter().any(|lint| !warns(&root.text, lint))
        })
        .map(|root| format!("{}: the bans are not switched on", root.path))
        .collect()
}

fn warns(text: &str, lint: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim();
        ["#![warn(", "#![deny(", "#![forbid("].iter().any(|begin| line.starts_with(begin)) && line.contains(lint)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pure_room_without_both_bans_is_a_problem_and_others_are_free() {
        let both = "//! x\n#![warn(clippy::disallowed_methods, clippy::disallowed_types)]\n";
        let one = "//! x\n#![warn(clippy::disallowed_methods)]\n#![allow(clippy::disallowed_types)]\n";
        let tree = Tree::of(&[
            ("crates/model/Cargo.toml", ""),
            ("crates/model/src/lib.rs", both),
            ("crates/engine/Cargo.toml", ""),
            ("crates/engine/src/lib.rs", one),
            ("crates/app/Cargo.toml", ""),
            ("crates/app/src/lib.rs", "//! x\n"),
        ]);
        assert_eq!(problems(&tree), ["crates/engine/src/lib.rs: the bans are not switched on"]);
    }
}
