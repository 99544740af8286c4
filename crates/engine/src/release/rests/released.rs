//! The firmware image and the software components of the release under assessment as parts.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::Parts;
use super::entries::Entries;
use crate::release::part::{Part, PartKind};
use crate::view::View;

/// Places of what was recorded of the release.
#[derive(Debug, Default)]
pub(super) struct Released {
    image: u32,
    sbom: u32,
    /// Places by name: the first word of it, all its words.
    components: BTreeMap<String, Vec<(Vec<String>, u32)>>,
    /// Per place of an entry: the components that its texts name.
    named: BTreeMap<u32, Vec<u32>>,
}

impl Released {
    pub(super) fn of(view: &View<'_>, parts: &mut Parts) -> Self {
        let version = view.dossier.release_version();
        let recorded = view.evidence.releases.iter().rev().find(|r| r.body.version == version).map(|r| &r.body);
        let image = match recorded.and_then(|r| r.firmware.as_ref()) {
            Some(image) => {
                let mut part = Part::of_fields(PartKind::Image, "image", [("digest", json!(image.digest))]);
                part.says = Some("recorded".to_owned());
                part
            }
            None => Part::of_word(PartKind::Image, "image", "none"),
        };
        let listed = recorded.filter(|r| r.sbom.is_some()).map(|r| r.components.as_slice());
        let mut sbom = Part::of_fields(PartKind::Sbom, "sbom", [("components", json!(listed))]);
        sbom.says = Some(listed.map_or_else(|| "none".to_owned(), |l| format!("{} components", l.len())));
        sbom.fields.clear();
        let (image, sbom) = (parts.place(image), parts.place(sbom));
        let mut components: BTreeMap<String, Vec<_>> = BTreeMap::new();
        // A name can stand twice with two versions: both are part of what it is.
        let listed = listed.unwrap_or_default();
        let names: BTreeSet<&str> = listed.iter().map(|c| c.name.as_str()).collect();
        for name in names {
            let same: Vec<_> = listed.iter().filter(|c| c.name == name).collect();
            let versions: Vec<&str> = same.iter().map(|c| c.version.as_str()).collect();
            let mut part = Part::of_fields(PartKind::Component, name, [("all", json!(same))]);
            part.fields.clear();
            part.says = Some(versions.join(", "));
            let place = parts.place(part);
            // A text names a package without its group more often than with it.
            for name in [Some(name), name.rsplit_once('/').map(|(_, last)| last)].into_iter().flatten() {
                let words = words(name);
                if let Some(first) = words.first() {
                    components.entry(first.clone()).or_default().push((words, place));
                }
            }
        }
        Self { image, sbom, components, named: BTreeMap::new() }
    }

    /// The SBOM and every component of it.
    pub(super) fn listed(&self) -> impl Iterator<Item = u32> {
        let components = self.components.values().flatten().map(|(_, place)| *place);
        std::iter::once(self.sbom).chain(components)
    }

    /// The image, the SBOM and every component of it.
    pub(super) fn all(&self) -> impl Iterator<Item = u32> {
        std::iter::once(self.image).chain(self.listed())
    }

    /// The components that the texts at these places name.
    pub(super) fn named(&mut self, entries: &Entries<'_>, places: &BTreeSet<u32>) -> BTreeSet<u32> {
        let mut found = BTreeSet::new();
        if self.components.is_empty() {
            return found;
        }
        for place in places {
            if !self.named.contains_key(place) {
                let of = self.in_texts(entries.texts(*place));
                self.named.insert(*place, of);
            }
            found.extend(&self.named[place]);
        }
        found
    }

    fn in_texts(&self, texts: &[String]) -> Vec<u32> {
        let mut found = BTreeSet::new();
        for text in texts {
            let words = words(text);
            for (at, first) in words.iter().enumerate() {
                let candidates = self.components.get(first).into_iter().flatten();
                found
                    .extend(candidates.filter(|(name, _)| words[at..].starts_with(name)).map(|(_, place)| *place));
            }
        }
        found.into_iter().collect()
    }
}

/// The runs of letters and digits of a text, in lower case.
fn words(text: &str) -> Vec<String> {
    let runs = text.split(|c: char| !c.is_alphanumeric()).filter(|run| !run.is_empty());
    runs.map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_is_named_by_its_whole_name_alone() {
        let name = |name: &str| (words(name)[0].clone(), vec![(words(name), 7)]);
        let released = Released { components: [name("OpenSSL"), name("mbed-tls")].into(), ..Released::default() };
        let names = |text: &str| released.in_texts(&[text.to_owned()]).len();
        for text in
            ["TLS by OpenSSL 3.0.15", "pkg:generic/openssl@3.0.15", "openssl-3.0.15, static", "Mbed TLS 3.6"]
        {
            assert_eq!(names(text), 1, "{text}");
        }
        assert_eq!((names("openssl3, myopenssl"), names("mbed"), names("tls mbed")), (0, 0, 0));
    }
}
