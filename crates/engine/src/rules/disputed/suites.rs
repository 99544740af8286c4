//! Where one record has a cipher suite accepted and another says that it is refused.
//!
//! A tool refuses a suite only where its output says so, or where it asked for all that it knows and this is one of
//! them. Not to name a suite is no contradiction otherwise.

use std::collections::{BTreeMap, BTreeSet};

use model::{Endpoint, Fact, TlsVersion};

use crate::rules::probe_names::TLS_OFFER;
use crate::rules::seen::{Record, Sight};

use super::{About, Said, Says, Spot, is_at};

/// Suites that a line names; the others are counted.
const MOST_NAMED: usize = 4;

/// What one record says of the suites of one version at one spot.
struct Takes<'a> {
    record: Record<'a>,
    accepted: BTreeMap<u16, &'a str>,
    refused: BTreeSet<u16>,
    /// Whether it asked for every suite known here, so that what it does not name is refused.
    is_whole: bool,
}

impl<'a> Takes<'a> {
    fn none_of(record: Record<'a>) -> Self {
        Self { record, accepted: BTreeMap::new(), refused: BTreeSet::new(), is_whole: false }
    }

    fn says(&self, suite: u16) -> Option<bool> {
        match (self.accepted.contains_key(&suite), self.is_whole || self.refused.contains(&suite)) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        }
    }
}

/// Adds what records say of suites of which another one says the contrary. Suites about which the same records say the
/// same are one thing.
pub(super) fn add<'a>(facts: &[Sight<'a>], said: &mut Said<'a>) {
    for ((spot, version), all) in by_version(facts) {
        let mut names: BTreeMap<u16, &str> = BTreeMap::new();
        all.values().for_each(|takes| names.extend(&takes.accepted));
        let mut alike: BTreeMap<Vec<Option<bool>>, Vec<u16>> = BTreeMap::new();
        for suite in names.keys() {
            let words: Vec<_> = all.values().map(|takes| takes.says(*suite)).collect();
            if words.contains(&Some(true)) && words.contains(&Some(false)) {
                alike.entry(words).or_default().push(*suite);
            }
        }
        for (words, suites) in alike {
            let listed = listed(&suites, &names);
            let sides = all.values().zip(words).filter_map(|(takes, word)| {
                let word = if word? { "accepted" } else { "refused" };
                let verb = if suites.len() == 1 { "is" } else { "are" };
                let word = format!("says that {listed} {verb} {word} in {version}");
                Some(Says { record: takes.record, word })
            });
            said.insert((spot.clone(), About::Suites(version, suites.clone())), sides.collect());
        }
    }
}

type ByVersion<'a> = BTreeMap<(Spot, TlsVersion), BTreeMap<u64, Takes<'a>>>;

fn by_version<'a>(facts: &[Sight<'a>]) -> ByVersion<'a> {
    let mut found = ByVersion::new();
    for sight in facts {
        let Some(endpoint) = sight.fact.endpoint() else { continue };
        let mut of = |version: TlsVersion, add: &mut dyn FnMut(&mut Takes<'a>)| {
            let here = found.entry((Spot::of(sight.record, *endpoint), version)).or_default();
            add(here.entry(sight.record.seq).or_insert_with(|| Takes::none_of(sight.record)));
        };
        match sight.fact {
            Fact::TlsSuite { version, id, name, .. } => of(*version, &mut |takes| {
                takes.accepted.insert(*id, name);
            }),
            Fact::TlsSuitesRefused { version, ids, .. } => of(*version, &mut |takes| takes.refused.extend(ids)),
            Fact::TlsVersion { version, accepted: true, .. } if is_whole(sight.record, endpoint) => {
                of(*version, &mut |takes| takes.is_whole = true);
            }
            _ => {}
        }
    }
    found
}

/// Whether our own probe asked an endpoint for every suite, and each question was answered.
fn is_whole(record: Record<'_>, endpoint: &Endpoint) -> bool {
    let reading = &record.body.reading;
    record.body.run.probe == TLS_OFFER
        && reading.coverage.iter().any(|c| c.of == "tls-suites" && c.endpoint.as_ref() == Some(endpoint))
        && !reading.shortfalls.iter().any(|s| {
            matches!(s.of.as_str(), "tls-versions" | "tls-suites")
                && s.endpoint.as_ref().is_none_or(|e| e == endpoint)
        })
}

fn listed(suites: &[u16], names: &BTreeMap<u16, &str>) -> String {
    let named: Vec<&str> = suites.iter().filter_map(|suite| names.get(suite).copied()).take(MOST_NAMED).collect();
    match suites.len().saturating_sub(named.len()) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

/// Makes facts say of suites what a record says that is taken to be right.
pub(super) fn amend(facts: &mut Vec<Fact>, here: &Endpoint, of: TlsVersion, suites: &[u16], right: &[&Fact]) {
    let is_one =
        |fact: &Fact| matches!(fact, Fact::TlsSuite { version, id, .. } if *version == of && suites.contains(id));
    facts.retain(|fact| !(is_at(fact, here) && is_one(fact)));
    facts.extend(right.iter().filter(|fact| is_one(fact)).map(|fact| (*fact).clone()));
}
