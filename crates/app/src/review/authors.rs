//! Who may not review an assessment or sign off a checkpoint: whoever had a part in what it rests on, by name and by key.
//!
//! It knows only what the ledger says: a name that was never written down, and two people with one key, it cannot tell.

use std::collections::{BTreeMap, BTreeSet};

use engine::{Assessment, Currency, Ground};
use ledger::{Ended, KeyId, Keyring, Role};
use workflow::people::folded;

use crate::history::{History, Judged};

/// The people and keys behind what is reviewed or signed off.
#[derive(Debug)]
pub struct Authors<'a> {
    ring: &'a Keyring,
    /// What they are behind: `the assessment`.
    of: &'static str,
    /// By the form in which names are compared: the name as written, and what the person did.
    people: BTreeMap<String, (String, String)>,
    /// By the last key of each holder: what it signed.
    keys: BTreeMap<KeyId, u64>,
}

/// Which evidence has its authors looked at.
#[derive(Debug, Clone, Copy)]
pub struct Rests<'a> {
    /// On this release.
    pub release: &'a str,
    /// Before this position.
    pub before: u64,
    /// And on others, where it stands at these positions.
    pub cited: &'a BTreeSet<u64>,
    /// Whether measurements count.
    pub measured: bool,
    /// Whether statements do.
    pub stated: bool,
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
        let (release, before) = (judged.record.release.as_str(), judged.seq);
        let rests = Rests { release, before, cited, measured: true, stated: true };
        Self::behind(history, ring, "the assessment", &rests)
    }

    /// Those behind some of the evidence.
    pub fn behind(history: &History, ring: &'a Keyring, of: &'static str, on: &Rests<'_>) -> Self {
        let mut authors = Self { ring, of, people: BTreeMap::new(), keys: BTreeMap::new() };
        let rests = |seq: u64, of: &str| seq < on.before && (of == on.release || on.cited.contains(&seq));
        let evidence = history.evidence();
        let stated = evidence.statements.iter().filter(|s| on.stated && rests(s.seq, &s.body.release));
        for statement in stated {
            authors.add(&statement.body.person, "stated", statement.seq, history);
        }
        let confirmed = evidence.confirmations.iter().filter(|c| on.stated && rests(c.seq, &c.body.release));
        for said in confirmed {
            authors.add(&said.body.person, "had a word on a statement in", said.seq, history);
        }
        let measured = evidence.observations.iter().filter(|o| on.measured && rests(o.seq, &o.body.dut.release));
        for observation in measured {
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

    /// Their names, as they are compared.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.people.keys().map(String::as_str)
    }

    /// Why somebody may not review or sign off, if so: their name, and the key that signs.
    pub fn objection(&self, person: &str, key: KeyId) -> Option<String> {
        let name = folded(person);
        if name.is_empty() {
            return Some("it names nobody".to_owned());
        }
        if let Some((author, did)) = self.people.get(&name) {
            return Some(format!("{author} {did}, on which {} rests", self.of));
        }
        let Some(known) = self.ring.get(key) else { return Some(format!("key {key} is not in the ledger")) };
        let holder = folded(&known.holder.person);
        if let Some((author, did)) = self.people.get(&holder) {
            return Some(format!("key {key} is held by {author}, who {did}, on which {} rests", self.of));
        }
        if !holder.is_empty() && holder != name {
            return Some(format!("key {key} is held by {}, not by {}", known.holder.person.trim(), person.trim()));
        }
        let signed = self.keys.get(&last_of(self.ring, key))?;
        Some(format!("key {key} signs for whoever signed record {signed}, on which {} rests", self.of))
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
