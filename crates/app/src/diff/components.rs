//! Which software components two releases do not share: by the SBOMs of both, or else by what 6-SoftComp declares.

use std::collections::{BTreeMap, BTreeSet};

use dossier::{Dossier, SoftCompFacts};
use report::diff::{Component, ComponentsFrom};

use crate::history::History;

/// Versions of each component by its name, as it is compared.
type Versions = BTreeMap<String, BTreeSet<String>>;

/// The components that differ. Each side is the dossier and the version of its release.
pub(super) fn compare(
    history: &History,
    old: (&Dossier, &str),
    new: (&Dossier, &str),
) -> (ComponentsFrom, Vec<Component>) {
    let (from, mut before, now) = match (listed(history, old.1), listed(history, new.1)) {
        (Some(before), Some(now)) => (ComponentsFrom::Sbom, before, now),
        _ => (ComponentsFrom::SoftComp, declared(old.0), declared(new.0)),
    };
    let mut differ = Vec::new();
    for (name, versions) in now {
        let was = before.remove(&name);
        if was.as_ref() != Some(&versions) {
            differ.push(Component { name, old: was.as_ref().map(joined), new: Some(joined(&versions)) });
        }
    }
    differ.extend(before.into_iter().map(|(name, was)| Component { name, old: Some(joined(&was)), new: None }));
    differ.sort_by(|a, b| a.name.cmp(&b.name));
    (from, differ)
}

/// What the SBOM of a release lists; none where none was recorded.
fn listed(history: &History, release: &str) -> Option<Versions> {
    let recorded = history.evidence().releases.iter().rev().find(|r| r.body.version == release)?;
    recorded.body.sbom.as_ref()?;
    let mut versions = Versions::new();
    for component in &recorded.body.components {
        versions.entry(component.name.clone()).or_default().insert(component.version.clone());
    }
    Some(versions)
}

fn declared(dossier: &Dossier) -> Versions {
    let mut versions = Versions::new();
    for entry in dossier.entries("SoftComp") {
        let facts = entry.facts::<SoftCompFacts>();
        let text = |t: Option<&dossier::Located<String>>| t.map(|t| t.value.trim().to_owned());
        let name = text(facts.and_then(|f| f.name.as_ref())).filter(|name| !name.is_empty());
        let version = text(facts.and_then(|f| f.version.as_ref())).unwrap_or_default();
        versions.entry(name.unwrap_or_else(|| entry.id.value.clone())).or_default().insert(version);
    }
    versions
}

fn joined(versions: &BTreeSet<String>) -> String {
    let said = versions.iter().map(|v| if v.is_empty() { "no version" } else { v.as_str() });
    said.collect::<Vec<_>>().join(", ")
}
