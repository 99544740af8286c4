//! Pure rooms use exactly the outside crates on their list.
//!
//! A pure room stays pure because somebody has to add a line here. Crates that only its tests use are free, and so are
//! all crates of the other rooms: `deny.toml` looks at those.

use std::collections::BTreeSet;

use super::{Check, Tree};

pub(super) const CHECK: Check = Check {
    name: "external",
    holds: "pure rooms use exactly the outside crates on their list in crates/xtask/src/tidy/external.rs",
    problems,
};

/// The pure rooms with what they use from outside.
const PURE: &[(&str, &[&str])] = &[
    ("model", &["hex", "serde", "serde_json", "serde_json_canonicalizer", "sha2", "thiserror"]),
    ("catalogue", &["serde", "strsim", "thiserror", "toml"]),
    ("dossier", &["serde", "serde_json", "strsim", "thiserror", "toml"]),
    (
        "wire",
        &[
            "aes",
            "curve25519-dalek",
            "httparse",
            "md-5",
            "quick-xml",
            "ring",
            "saphyr-parser",
            "serde_json",
            "sha2",
            "thiserror",
            "x509-parser",
        ],
    ),
    (
        "ledger",
        &[
            "base64",
            "curve25519-dalek",
            "ed25519-dalek",
            "hex",
            "serde",
            "serde_json",
            "serde_json_canonicalizer",
            "sha2",
            "thiserror",
        ],
    ),
    ("engine", &["regex-syntax", "serde", "serde_json"]),
    ("workflow", &["serde", "thiserror"]),
];

/// Whether a room is one of the pure ones.
pub(super) fn is_pure(name: &str) -> bool {
    PURE.iter().any(|(room, _)| *room == name)
}

fn problems(tree: &Tree) -> Vec<String> {
    let mut problems = Vec::new();
    for (room, list) in PURE {
        let Some(package) = tree.packages.iter().find(|package| package.name == *room) else {
            continue;
        };
        let used: BTreeSet<&str> = package
            .dependencies
            .iter()
            .filter(|edge| edge.path.is_none() && !edge.is_for_tests())
            .map(|edge| edge.name.as_str())
            .collect();
        let listed: BTreeSet<&str> = list.iter().copied().collect();
        for name in used.difference(&listed) {
            problems.push(format!("crates/{room}/Cargo.toml: {name} is not on the list of {room}"));
        }
        for name in listed.difference(&used) {
            problems.push(format!("crates/{room}/Cargo.toml: {name} is on the list of {room} and not used"));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outside_crate_in_a_pure_room_needs_a_line() {
        let tree = Tree::default().with_package(
            "engine",
            &[
                ("regex-syntax", None, false),
                ("serde", None, false),
                ("serde_json", None, false),
                ("tokio", None, false),
            ],
        );
        assert_eq!(problems(&tree), ["crates/engine/Cargo.toml: tokio is not on the list of engine"]);
    }

    #[test]
    fn a_line_that_nobody_needs_any_more_goes() {
        let tree =
            Tree::default().with_package("engine", &[("regex-syntax", None, false), ("serde", None, false)]);
        assert_eq!(
            problems(&tree),
            ["crates/engine/Cargo.toml: serde_json is on the list of engine and not used"]
        );
    }

    #[test]
    fn tests_and_other_rooms_are_free() {
        let uses = [
            ("regex-syntax", None, false),
            ("serde", None, false),
            ("serde_json", None, false),
            ("proptest", Some("dev"), false),
        ];
        let tree = Tree::default().with_package("engine", &uses).with_package("app", &[("tokio", None, false)]);
        assert!(problems(&tree).is_empty());
    }
}
