//! Holds the components of an SBOM against the entries of 6-SoftComp.
//!
//! It says where they disagree. Which of the two is right, and whether it matters, a person decides.

use dossier::{Dossier, SoftCompFacts};
use model::Component;
use serde::Serialize;

/// How a component is told differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Differs {
    /// The versions differ.
    Version,
    /// An entry of 6-SoftComp is not in the SBOM.
    NotInSbom,
    /// A component of the SBOM has no entry in 6-SoftComp.
    NotDeclared,
    /// An entry of 6-SoftComp gives no name or package URL to look for.
    Unnamed,
}

/// One disagreement between SBOM and 6-SoftComp.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Differing {
    /// How.
    pub differs: Differs,
    /// The component's name, or the entry's id where it gives no name.
    pub name: String,
    /// The entry of 6-SoftComp.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// The version declared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared: Option<String>,
    /// The version in the SBOM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listed: Option<String>,
}

impl Differing {
    /// The disagreement as a sentence.
    pub fn words(&self) -> String {
        let name = wire::text::visible_str(&self.name, 100);
        let version = |v: &Option<String>| {
            v.as_deref().map_or_else(|| "no version".to_owned(), |v| wire::text::visible_str(v, 100))
        };
        let entry = self.entry.as_deref().unwrap_or_default();
        match self.differs {
            Differs::Version => format!(
                "{name}: the SBOM lists {}, {entry} declares {}",
                version(&self.listed),
                version(&self.declared)
            ),
            Differs::NotInSbom => format!("{name}: declared as {entry}, and not in the SBOM"),
            Differs::NotDeclared => {
                format!("{name} {}: in the SBOM, and not in 6-SoftComp", version(&self.listed))
            }
            Differs::Unnamed => format!("{entry}: has no `name` and no `purl` to be found by in an SBOM"),
        }
    }
}

/// Every disagreement, by kind and name.
pub(crate) fn compare(dossier: &Dossier, components: &[Component]) -> Vec<Differing> {
    let entries = dossier.entries("SoftComp");
    let mut found = Vec::new();
    let mut matched = vec![false; components.len()];
    for entry in entries {
        let facts = entry.facts::<SoftCompFacts>();
        let text =
            |t: Option<&dossier::Located<String>>| t.map(|t| t.value.trim().to_owned()).filter(|t| !t.is_empty());
        let (name, version) =
            (text(facts.and_then(|f| f.name.as_ref())), text(facts.and_then(|f| f.version.as_ref())));
        let purl = text(facts.and_then(|f| f.purl.as_ref()));
        let differing = |differs, listed| Differing {
            differs,
            name: name.clone().or_else(|| purl.clone()).unwrap_or_else(|| entry.id.value.clone()),
            entry: Some(entry.id.value.clone()),
            declared: version.clone(),
            listed,
        };
        if name.is_none() && purl.is_none() {
            found.push(differing(Differs::Unnamed, None));
            continue;
        }
        let same: Vec<usize> = (0..components.len())
            .filter(|at| is_same(&components[*at], name.as_deref(), purl.as_deref()))
            .collect();
        same.iter().for_each(|at| matched[*at] = true);
        match same.as_slice() {
            [] => found.push(differing(Differs::NotInSbom, None)),
            all if all.iter().any(|at| agrees(&components[*at], version.as_deref())) => {}
            [first, ..] => {
                let listed = Some(components[*first].version.clone()).filter(|v| !v.is_empty());
                found.push(differing(Differs::Version, listed));
            }
        }
    }
    let rest = components.iter().zip(&matched).filter(|(_, matched)| !**matched).map(|(component, _)| Differing {
        differs: Differs::NotDeclared,
        name: component.name.clone(),
        entry: None,
        declared: None,
        listed: Some(component.version.clone()).filter(|v| !v.is_empty()),
    });
    found.extend(rest);
    found.sort();
    found.dedup();
    found
}

/// Whether a component is the declared one: by package URL without version, else by name.
fn is_same(component: &Component, name: Option<&str>, purl: Option<&str>) -> bool {
    let package = |purl: &str| purl.split(['@', '?', '#']).next().unwrap_or_default().to_lowercase();
    if let (Some(listed), Some(purl)) = (&component.purl, purl)
        && package(listed) == package(purl)
    {
        return true;
    }
    let last = component.name.rsplit('/').next().unwrap_or_default();
    name.is_some_and(|name| name.eq_ignore_ascii_case(&component.name) || name.eq_ignore_ascii_case(last))
}

/// Whether the versions agree. What neither gives does not disagree.
fn agrees(component: &Component, declared: Option<&str>) -> bool {
    match declared {
        Some(declared) => declared == component.version,
        None => component.version.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use dossier::SourceText;

    use super::*;

    const DECLARED: &str = "
        [[SoftComp]]\nID = \"SoftComp-Tls\"\n[SoftComp.facts]\nname = \"OpenSSL\"\nversion = \"3.0.15\"\n
        [[SoftComp]]\nID = \"SoftComp-Web\"\n[SoftComp.facts]\npurl = \"pkg:generic/httpd@2\"\nversion = \"2\"\n
        [[SoftComp]]\nID = \"SoftComp-Boot\"\n[SoftComp.facts]\nname = \"boot\"\nversion = \"1\"\n
        [[SoftComp]]\nID = \"SoftComp-Odd\"\n";

    fn component(name: &str, version: &str, purl: Option<&str>) -> Component {
        let purl = purl.map(str::to_owned);
        Component { name: name.into(), version: version.into(), purl, ..Component::default() }
    }

    #[test]
    fn declared_and_listed_components_are_matched_by_package_or_name() {
        let source = SourceText { path: "ixit/6-SoftComp.toml".into(), text: DECLARED.into() };
        let (dossier, _) = dossier::read(vec![source]);
        let listed = [
            component("openssl", "3.0.16", None),
            component("Apache", "2", Some("pkg:generic/httpd@2?arch=arm")),
            component("zlib", "1.3.1", None),
        ];
        let words: Vec<String> = compare(&dossier, &listed).iter().map(Differing::words).collect();
        assert_eq!(
            words,
            [
                "OpenSSL: the SBOM lists 3.0.16, SoftComp-Tls declares 3.0.15",
                "boot: declared as SoftComp-Boot, and not in the SBOM",
                "zlib 1.3.1: in the SBOM, and not in 6-SoftComp",
                "SoftComp-Odd: has no `name` and no `purl` to be found by in an SBOM",
            ]
        );
    }
}
