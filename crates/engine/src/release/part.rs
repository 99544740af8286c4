//! One named thing that verdicts rest on, as a digest, and in one sentence how it differs from what it was.

use std::collections::BTreeMap;

use model::{Digest, canonical_bytes};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::words::words;

/// What kind of thing a part is. In the order in which changes are told: what a team did before what we did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartKind {
    /// An entry of an IXIT table.
    Entry,
    /// An associated service.
    Service,
    /// The row of a provision in the ICS.
    Answer,
    /// A declared feature.
    Feature,
    /// A declared condition.
    Condition,
    /// The control of a provision.
    Control,
    /// Model, hardware and intended use.
    Product,
    /// A software component of the release, by its SBOM.
    Component,
    /// The SBOM as a whole.
    Sbom,
    /// The firmware image.
    Image,
    /// For how long evidence counts.
    Validity,
    /// A probe, with its revision.
    Probe,
    /// The rule that judges the unit, with the rule set.
    Rule,
    /// What the catalogue says of the unit.
    Unit,
}

/// One thing that verdicts rest on, in one state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// What kind of thing it is.
    pub kind: PartKind,
    /// Which: an entry's id, a component's name, a provision, a unit.
    pub name: String,
    /// Name of the IXIT table, without its number, for an entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// Digest of its whole state.
    pub digest: Digest,
    /// The first digits of the digest of each of its fields, so that a change can be named.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
    /// Its state, where that is one short word: a version, a revision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub says: Option<String>,
}

impl Part {
    /// A part with fields.
    pub(crate) fn of_fields<K: Into<String>>(
        kind: PartKind,
        name: impl Into<String>,
        fields: impl IntoIterator<Item = (K, Value)>,
    ) -> Self {
        let fields: BTreeMap<String, Value> = fields.into_iter().map(|(key, value)| (key.into(), value)).collect();
        let short = |value: &Value| digest(value).hex()[..8].to_owned();
        Self {
            kind,
            name: name.into(),
            table: None,
            digest: digest(&fields),
            fields: fields.iter().map(|(key, value)| (key.clone(), short(value))).collect(),
            says: None,
        }
    }

    /// A part whose state is one word.
    pub(crate) fn of_word(kind: PartKind, name: impl Into<String>, says: impl Into<String>) -> Self {
        let says = says.into();
        let digest = Digest::of(says.as_bytes());
        Self { kind, name: name.into(), table: None, digest, fields: BTreeMap::new(), says: Some(says) }
    }

    /// What tells it from other parts, whatever its state.
    pub(crate) fn key(&self) -> (PartKind, Option<&str>, &str) {
        (self.kind, self.table.as_deref(), &self.name)
    }
}

/// The digest of a value. A value that has no canonical form, such as one with too large a number, has that of its text.
fn digest<T: Serialize + std::fmt::Debug>(value: &T) -> Digest {
    canonical_bytes(value).map_or_else(|_| Digest::of(format!("{value:?}").as_bytes()), |bytes| Digest::of(&bytes))
}

/// What differs between two sets of parts, one sentence each, the most telling first. Empty when nothing does.
pub fn changed<'a>(
    before: impl IntoIterator<Item = &'a Part>,
    now: impl IntoIterator<Item = &'a Part>,
) -> Vec<String> {
    let mut old: BTreeMap<_, &Part> = before.into_iter().map(|p| (p.key(), p)).collect();
    let mut differ = Vec::new();
    for part in now {
        match old.remove(&part.key()) {
            Some(was) if was.digest == part.digest => {}
            was => differ.push((was, Some(part))),
        }
    }
    differ.extend(old.into_values().map(|was| (Some(was), None)));
    words(differ)
}
