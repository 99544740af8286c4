//! Which kept bytes the records of a ledger name, and which of them stay behind.
//!
//! It reads records, not blobs, and decides nothing about privacy: a [`Selection`] does.

use std::collections::BTreeMap;

use ledger::{Entry, predicate};
use model::Digest;
use serde_json::Value;

use crate::material::{self, Material};

/// Which kept bytes stay behind when a ledger is shown to others.
#[derive(Debug, Clone, Copy)]
pub struct Selection {
    redacted: bool,
    withholds: fn(&Material) -> bool,
}

impl Selection {
    /// Nothing stays behind.
    pub const EVERYTHING: Self = Self { redacted: false, withholds: |_| false };

    /// What is private stays behind, for a bundle that strangers may read.
    pub const REDACTED: Self = Self::without(Material::is_private);

    /// What a function says stays behind. Bytes that several records name stay behind when all of these namings do.
    pub const fn without(withholds: fn(&Material) -> bool) -> Self {
        Self { redacted: true, withholds }
    }

    /// Whether something may stay behind.
    pub fn is_redacted(&self) -> bool {
        self.redacted
    }
}

/// Kept bytes that records name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The first record that names them.
    pub leaf: u64,
    /// As what it does.
    pub material: Material,
    /// Whether they stay behind.
    pub withheld: bool,
    /// Whether they have to be there: a kind of record that this program does not know may name bytes that it never
    /// kept.
    pub surely: bool,
}

/// Everything that the records of a ledger name, by digest.
#[derive(Debug, Clone)]
pub struct Inventory {
    selection: Selection,
    named: BTreeMap<Digest, Named>,
}

/// What bytes are called that are named by a record of a kind this program does not know.
const OTHER: &str = "other";

impl Inventory {
    /// Of no record yet.
    pub fn new(selection: Selection) -> Self {
        Self { selection, named: BTreeMap::new() }
    }

    /// Takes up what a record names. Records are taken in their order.
    ///
    /// # Errors
    /// What serde says of a record that does not read as its kind.
    pub fn take(&mut self, leaf: u64, entry: &Entry) -> Result<(), serde_json::Error> {
        let (kind, record) = (entry.kind(), entry.record());
        for material in material::of(kind, record)? {
            self.add(leaf, material, true);
        }
        if !NAMED_IN_FULL.contains(&kind) {
            let mut found = Vec::new();
            digests(record, &mut found);
            for digest in found {
                let material = Material { digest, salted: false, kind: OTHER.to_owned(), name: None };
                self.add(leaf, material, false);
            }
        }
        Ok(())
    }

    fn add(&mut self, leaf: u64, material: Material, surely: bool) {
        let withheld = (self.selection.withholds)(&material);
        match self.named.get_mut(&material.digest) {
            Some(known) if surely && !known.surely => *known = Named { leaf, material, withheld, surely },
            Some(known) => known.withheld &= withheld || (known.surely && !surely),
            None => {
                self.named.insert(material.digest, Named { leaf, material, withheld, surely });
            }
        }
    }

    /// Without what a record only seemed to name, and what a function says is not there.
    #[must_use]
    pub fn without(mut self, absent: impl Fn(&Digest) -> bool) -> Self {
        self.named.retain(|digest, named| named.surely || !absent(digest));
        self
    }

    /// What is named, by digest.
    pub fn iter(&self) -> impl Iterator<Item = (&Digest, &Named)> {
        self.named.iter()
    }

    /// What is named by this digest.
    pub fn get(&self, digest: &Digest) -> Option<&Named> {
        self.named.get(digest)
    }
}

/// Kinds of record of which [`material::of`] knows everything that they name.
const NAMED_IN_FULL: [&str; 11] = [
    predicate::OBSERVATION,
    predicate::STATEMENT,
    predicate::ARTEFACT,
    predicate::DOSSIER_REVISION,
    predicate::ASSESSMENT,
    predicate::KEY,
    predicate::REVIEW,
    predicate::UNIT_VERDICT,
    predicate::TEST_RESULT,
    predicate::RELEASE,
    predicate::TIMESTAMP,
];

/// Every text in a value that is a digest.
fn digests(value: &Value, found: &mut Vec<Digest>) {
    match value {
        Value::String(text) => found.extend(text.parse::<Digest>().ok()),
        Value::Array(list) => list.iter().for_each(|value| digests(value, found)),
        Value::Object(map) => map.values().for_each(|value| digests(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn material(kind: &str) -> Material {
        Material { digest: Digest::of(b"x"), salted: true, kind: kind.to_owned(), name: None }
    }

    #[test]
    fn bytes_stay_behind_only_when_every_record_that_names_them_says_so() {
        let mut inventory = Inventory::new(Selection::without(Material::is_private));
        inventory.add(3, material("raw"), true);
        inventory.add(4, material("log"), true);
        let named = inventory.get(&Digest::of(b"x")).unwrap();
        assert!(named.withheld && named.leaf == 3 && named.material.kind == "raw");
        inventory.add(5, material("dossier"), true);
        assert!(!inventory.get(&Digest::of(b"x")).unwrap().withheld);
    }

    #[test]
    fn a_digest_in_a_record_of_an_unknown_kind_may_name_kept_bytes_and_yields_to_a_record_that_surely_does() {
        let mut found = Vec::new();
        let (a, b) = (Digest::of(b"a"), Digest::of(b"b"));
        digests(&serde_json::json!({"firmware": a, "parts": [{"of": b}, "sha256:x", 1, null]}), &mut found);
        assert_eq!(found, [a, b]);
        let mut inventory = Inventory::new(Selection::EVERYTHING);
        inventory.add(1, material(OTHER), false);
        assert!(!inventory.get(&Digest::of(b"x")).unwrap().surely);
        inventory.add(2, material("raw"), true);
        let named = inventory.get(&Digest::of(b"x")).unwrap();
        assert!(named.surely && named.leaf == 2 && !named.withheld);
    }
}
