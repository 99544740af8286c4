//! Rooms use only rooms below them, never beside them.
//!
//! The table of the design as data. Edges to crates that are not ours are [`super::external`]'s.

use super::tree::Dependency;
use super::{Check, Tree};

pub(super) const CHECK: Check = Check {
    name: "edges",
    holds: "rooms use only rooms below them; testkit is for tests alone; probes are blind to the claim",
    problems,
};

/// Every room and its level; arrows go from a higher number to a lower one.
const ROOMS: &[(&str, u8)] = &[
    ("cli", 6),
    ("web", 5),
    ("app", 4),
    ("engine", 3),
    ("probes", 3),
    ("store", 3),
    ("report", 3),
    ("workflow", 3),
    ("catalogue", 2),
    ("dossier", 2),
    ("wire", 2),
    ("ledger", 2),
    ("model", 1),
];

/// Edges that the levels would allow and the design does not.
const NEVER: &[(&str, &[&str], &str)] = &[
    ("probes", &["dossier", "catalogue"], "measurement is blind to the claim"),
    ("cli", &["engine", "probes", "store"], "it has arguments and exit codes; the use cases are app's"),
    ("web", &["engine", "probes", "store"], "it has pages; the use cases are app's"),
];

/// Crates beside the rooms, and what they may use.
const BESIDE: &[(&str, &[&str])] = &[("device", &["wire"]), ("testkit", &[]), ("xtask", &[])];

/// Rooms that may use the demonstration product outside their tests.
const SHOWS_DEVICE: &[&str] = &["cli", "app"];

fn problems(tree: &Tree) -> Vec<String> {
    let mut problems = Vec::new();
    for package in &tree.packages {
        for edge in package.dependencies.iter().filter(|edge| edge.path.is_some()) {
            // A crate's own name among its dependencies is how tests and features refer to it.
            if edge.name != package.name
                && let Err(why) = allowed(&package.name, edge)
            {
                problems
                    .push(format!("crates/{}/Cargo.toml: {} → {}: {why}", package.name, package.name, edge.name));
            }
        }
        if level(&package.name).is_none() && beside(&package.name).is_none() {
            problems.push(format!("crates/{}: not a room of the design: give it a level in ROOMS", package.name));
        }
    }
    problems
}

fn allowed(from: &str, edge: &Dependency) -> Result<(), String> {
    let to = edge.name.as_str();
    if to == "testkit" {
        let only = "testkit is allowed under [dev-dependencies] alone";
        return if edge.is_for_tests() { Ok(()) } else { Err(only.into()) };
    }
    if to == "device" && (edge.is_for_tests() || SHOWS_DEVICE.contains(&from)) {
        return Ok(());
    }
    if let Some((_, _, why)) = NEVER.iter().find(|(room, never, _)| *room == from && never.contains(&to)) {
        return Err((*why).into());
    }
    if let Some(uses) = beside(from) {
        return if uses.contains(&to) { Ok(()) } else { Err(format!("{from} may use of ours only {uses:?}")) };
    }
    match (level(from), level(to)) {
        (Some(above), Some(below)) if above > below => Ok(()),
        (Some(above), Some(below)) if above == below => Err("sideways".into()),
        (Some(_), Some(_)) => Err("upward".into()),
        _ => Err("no arrow of the design".into()),
    }
}

fn level(name: &str) -> Option<u8> {
    ROOMS.iter().find(|(room, _)| *room == name).map(|(_, level)| *level)
}

fn beside(name: &str) -> Option<&'static [&'static str]> {
    BESIDE.iter().find(|(room, _)| *room == name).map(|(_, uses)| *uses)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(from: &str, to: &str, kind: Option<&str>) -> Vec<String> {
        problems(&Tree::default().with_package(from, &[(to, kind, true)]))
    }

    #[test]
    fn an_arrow_downward_is_allowed_and_others_are_not() {
        assert!(found("engine", "model", None).is_empty());
        assert!(found("app", "engine", None).is_empty());
        assert!(found("report", "engine", None)[0].contains("sideways"));
        assert!(found("model", "ledger", None)[0].contains("upward"));
        assert!(found("ledger", "engine", Some("dev"))[0].contains("upward"));
        assert!(found("ledger", "model", Some("build")).is_empty());
    }

    #[test]
    fn a_probe_does_not_see_the_claim() {
        assert!(found("probes", "wire", None).is_empty());
        assert!(found("probes", "dossier", None)[0].contains("blind"));
        assert!(found("probes", "catalogue", Some("dev"))[0].contains("blind"));
    }

    #[test]
    fn the_pages_and_the_command_line_go_through_the_use_cases() {
        assert!(found("cli", "app", None).is_empty());
        assert!(found("cli", "probes", None)[0].contains("app"));
        assert!(found("web", "store", None)[0].contains("app"));
    }

    #[test]
    fn testkit_and_the_device_are_for_tests_and_the_device_for_the_demonstration() {
        assert!(found("probes", "testkit", Some("dev")).is_empty());
        assert!(!found("probes", "testkit", None).is_empty());
        assert!(found("cli", "device", None).is_empty());
        assert!(found("probes", "device", Some("dev")).is_empty());
        assert!(!found("probes", "device", None).is_empty());
        assert!(found("device", "wire", None).is_empty());
        assert!(!found("device", "model", None).is_empty());
    }

    #[test]
    fn this_program_depends_on_no_room() {
        assert!(!found("xtask", "model", None).is_empty());
    }

    #[test]
    fn a_new_crate_needs_a_place_in_the_table() {
        let problems = found("cellar", "model", None);
        assert!(problems.iter().any(|problem| problem.contains("ROOMS")), "{problems:?}");
    }
}
