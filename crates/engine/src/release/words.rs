//! A difference between two states of a part as a sentence.

use super::part::{Part, PartKind};

type Difference<'a> = (Option<&'a Part>, Option<&'a Part>);

/// One sentence per difference, in the order of kinds and names.
pub(super) fn words(mut differ: Vec<Difference<'_>>) -> Vec<String> {
    let no_list =
        |p: &Option<&Part>| p.is_some_and(|p| p.kind == PartKind::Sbom && p.says.as_deref() == Some("none"));
    // Where one side has no SBOM, each component of the other would seem to have come or gone.
    if differ.iter().any(|(was, is)| no_list(was) || no_list(is)) {
        differ.retain(|(was, is)| was.or(*is).is_some_and(|p| p.kind != PartKind::Component));
    }
    // A component that changed says more than that the list did.
    if differ.iter().any(|(was, is)| was.or(*is).is_some_and(|p| p.kind == PartKind::Component)) {
        differ.retain(|(was, is)| was.or(*is).is_some_and(|p| p.kind != PartKind::Sbom));
    }
    differ.sort_by_key(|(was, is)| was.or(*is).map(|p| (p.kind, p.table.clone(), p.name.clone())));
    differ.into_iter().filter_map(sentence).collect()
}

fn sentence((was, is): Difference<'_>) -> Option<String> {
    let part = is.or(was)?;
    let named = named(part);
    let old = was.and_then(|p| p.says.as_deref());
    let new = is.and_then(|p| p.says.as_deref());
    Some(match (was, is) {
        (None, _) if part.kind == PartKind::Component => format!("{named} was added{}", version(new)),
        (None, _) => format!("{named} was added"),
        (_, None) if part.kind == PartKind::Component => format!("{named} was removed{}", version(old)),
        (_, None) => format!("{named} was removed"),
        (Some(was), Some(is)) => match (part.kind, old, new) {
            (PartKind::Component, Some(old), Some(new)) if old != new => {
                format!("{named} went from {old} to {new}")
            }
            (PartKind::Component, ..) => format!("{named} changed under the same version"),
            (PartKind::Sbom, Some("none"), _) => "the release before has no SBOM to compare with".to_owned(),
            (PartKind::Sbom, _, Some("none")) => "no SBOM is recorded for this release".to_owned(),
            (PartKind::Image, Some("none"), _) => {
                "no firmware image is recorded for the release before".to_owned()
            }
            (PartKind::Image, _, Some("none")) => "no firmware image is recorded for this release".to_owned(),
            (PartKind::Probe, _, Some(new)) => format!("{named} is now revision {new}"),
            (PartKind::Rule, _, Some(new)) => format!("{named} is now that of rule set {new}"),
            (PartKind::Feature | PartKind::Condition, _, Some(new)) => format!("{named} is now declared {new}"),
            _ => format!("{named} changed{}", fields(was, is)),
        },
    })
}

fn named(part: &Part) -> String {
    let name = &part.name;
    match part.kind {
        PartKind::Entry => name.clone(),
        PartKind::Service => format!("service {name}"),
        PartKind::Answer => format!("the answer to {name}"),
        PartKind::Feature => format!("feature {name}"),
        PartKind::Condition => format!("condition {name}"),
        PartKind::Control => format!("the control of {name}"),
        PartKind::Product => "the product".to_owned(),
        PartKind::Component => format!("component {name}"),
        PartKind::Sbom => "the SBOM".to_owned(),
        PartKind::Image => "the firmware image".to_owned(),
        PartKind::Validity => "the validity of evidence in `[policy]`".to_owned(),
        PartKind::Probe => format!("probe {name}"),
        PartKind::Rule => format!("the rule of {name}"),
        PartKind::Unit => format!("what the catalogue asks in {name}"),
    }
}

fn version(says: Option<&str>) -> String {
    says.filter(|v| !v.is_empty()).map_or_else(String::new, |v| format!(" ({v})"))
}

/// The fields that differ: `: `lowest-version`, `suites``.
fn fields(was: &Part, is: &Part) -> String {
    let keys: std::collections::BTreeSet<&String> = was.fields.keys().chain(is.fields.keys()).collect();
    let differ = keys.into_iter().filter(|key| was.fields.get(*key) != is.fields.get(*key));
    let named: Vec<String> = differ.map(|key| format!("`{}`", key.trim_start_matches("facts."))).collect();
    match named.as_slice() {
        [] => String::new(),
        [first, second, rest @ ..] if rest.len() > 1 => format!(": {first}, {second} and {} more", rest.len()),
        few => format!(": {}", few.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::changed;
    use super::*;

    fn entry(version: &str, prose: &str) -> Part {
        Part::of_fields(
            PartKind::Entry,
            "SecComMech-HTTPS",
            [("facts.lowest-version", json!(version)), ("description", json!(prose))],
        )
    }

    fn component(version: &str) -> Part {
        Part::of_word(PartKind::Component, "openssl", version)
    }

    #[test]
    fn a_change_names_the_thing_and_its_fields() {
        let (old, new) = (entry("tls-1.2", "web"), entry("tls-1.3", "web"));
        assert_eq!(changed([&old], [&new]), ["SecComMech-HTTPS changed: `lowest-version`"]);
        assert!(changed([&old], [&old]).is_empty());
        assert_eq!(changed([&old], []), ["SecComMech-HTTPS was removed"]);
        assert_eq!(changed([], [&new]), ["SecComMech-HTTPS was added"]);
    }

    #[test]
    fn a_component_names_its_versions_and_comes_after_what_the_team_declared() {
        let (old, new) = ([component("3.0.15"), entry("a", "b")], [component("3.0.16"), entry("a", "c")]);
        assert_eq!(
            changed(&old, &new),
            ["SecComMech-HTTPS changed: `description`", "component openssl went from 3.0.15 to 3.0.16"]
        );
    }

    #[test]
    fn components_do_not_come_and_go_where_one_side_has_no_sbom() {
        let none = Part::of_word(PartKind::Sbom, "sbom", "none");
        let list = Part::of_word(PartKind::Sbom, "sbom", "1 component");
        let new = component("3.0.16");
        assert_eq!(changed([&none], [&list, &new]), ["the release before has no SBOM to compare with"]);
        assert_eq!(changed([&list, &new], [&none]), ["no SBOM is recorded for this release"]);
    }

    #[test]
    fn a_probe_and_a_rule_name_what_they_are_now() {
        let part = |kind, says| Part::of_word(kind, "tls.server-offer", says);
        let say = |kind| changed([&part(kind, "2")], [&part(kind, "3")]).concat();
        assert_eq!(say(PartKind::Probe), "probe tls.server-offer is now revision 3");
        assert_eq!(say(PartKind::Rule), "the rule of tls.server-offer is now that of rule set 3");
    }
}
