//! Who may not review an assessment: whoever had a part in what it rests on, by name and by key.
//!
//! It knows only what the ledger says: a name that was never written down, and two people with one key, it cannot tell.

use std::collections::{BTreeMap, BTreeSet};

use engine::{Assessment, Currency, Ground};
use ledger::{Ended, KeyId, Keyring, Role};
use workflow::people::folded;

use crate::history::{History, Judged};

/// The people and keys behind an assessment.
#[derive(Debug)]
pub struct Authors<'a> {
    ring: &'a Keyring,
    /// By the form in which names are compared: the name as written, and what the person did.
    people: BTreeMap<String, (String, String)>,
    /// By the last key of each holder: what it signed.
    keys: BTreeMap<KeyId, u64>,
}

/// Positions of the records that an assessment cites, those that a carried result rests on included.
pub fn cited(assessment: &Assessment) -> BTreeSet<u64> {
    let instances = assessment.instances.iter().flat_map(|i| &i.judgement.grounds);
    let provisions = assessment.provisions.iter().flat_map(|p| &p.grounds);
    let carried = assessment.instances.iter().filter_map(|i| match &i.currency {
        Currency::Carried(carried) => Some(carried.records.iter().copied()),
        _ => None,
    });
    let cited = instances.chain(provisions).filter_map(|ground| match ground {
        Ground::Observed { seq, .. } | Ground::Stated { seq, .. } => Some(*seq),
        Ground::Declared { .. } | Ground::Rule(_) => None,
    });
    cited.chain(carried.flatten()).collect()
}

impl<'a> Authors<'a> {
    /// Those behind a recorded assessment: of all evidence on its release before it, and of what it cites besides.
    pub fn of(history: &History, ring: &'a Keyring, judged: &Judged, cited: &BTreeSet<u64>) -> Self {
        let mut authors = Self { ring, people: BTreeMap::new(), keys: BTreeMap::new() };
        let release = &judged.record.release;
        let rests = |seq: u64, of: &str| seq < judged.seq && (of == release || cited.contains(&seq));
        let evidence = history.evidence();
        for statement in evidence.statements.iter().filter(|s| rests(s.seq, &s.body.release)) {
            authors.add(&statement.body.person, "stated", statement.seq, history);
        }
        for said in evidence.confirmations.iter().filter(|c| rests(c.seq, &c.body.release)) {
            authors.add(&said.body.person, "had a word on a statement in", said.seq, history);
        }
        for observation in evidence.observations.iter().filter(|o| rests(o.seq, &o.body.dut.release)) {
            let operator = observation.body.operator.as_deref().unwrap_or_default();
            authors.add(operator, "measured", observation.seq, history);
        }
        authors
    }

    fn add(&mut self, person: &str, did: &str, seq: u64, history: &History) {
        let name = folded(person);
        if !name.is_empty() {
            self.people.entry(name).or_insert_with(|| (person.trim().to_owned(), format!("{did} record {seq}")));
        }
        for id in history.signers_of(seq).iter().filter_map(|id| id.parse().ok()) {
            // The key of the log signs for whoever has none of their own.
            if self.ring.get(id).is_some_and(|known| known.role != Role::Log) {
                self.keys.entry(last_of(self.ring, id)).or_insert(seq);
            }
        }
    }

    /// Why somebody may not review, if so: the reviewer's name, and the key that signs the review.
    pub fn objection(&self, person: &str, key: KeyId) -> Option<String> {
        let name = folded(person);
        if name.is_empty() {
            return Some("the review names nobody".to_owned());
        }
        if let Some((author, did)) = self.people.get(&name) {
            return Some(format!("{author} {did}, on which the assessment rests"));
        }
        let Some(known) = self.ring.get(key) else { return Some(format!("key {key} is not in the ledger")) };
        let holder = folded(&known.holder.person);
        if let Some((author, did)) = self.people.get(&holder) {
            return Some(format!("key {key} is held by {author}, who {did}, on which the assessment rests"));
        }
        if !holder.is_empty() && holder != name {
            return Some(format!("key {key} is held by {}, not by {}", known.holder.person.trim(), person.trim()));
        }
        let signed = self.keys.get(&last_of(self.ring, key))?;
        Some(format!("key {key} signs for whoever signed record {signed}, on which the assessment rests"))
    }
}

/// The key that came last in the place of this one.
fn last_of(ring: &Keyring, mut key: KeyId) -> KeyId {
    // A key is entered once, so no chain is longer than the ring.
    for _ in ring.keys() {
        match ring.get(key).and_then(|known| known.ended.as_ref()) {
            Some(Ended::ReplacedBy(next)) => key = *next,
            _ => break,
        }
    }
    key
}
