//! Where two records were shown different certificates at one spot.
//!
//! A server may hold several, so that records which have one in common agree. Why two have none in common is not told
//! here: renewal, another name that was asked for, or somebody in between.

use std::collections::{BTreeMap, BTreeSet};

use model::{CertificateFacts, Digest, Endpoint, Fact};

use crate::rules::seen::{Record, Sight};

use super::{About, Said, Says, Spot, is_at};

/// Certificates that a line names.
const MOST_NAMED: usize = 3;

type Leaves<'a> = BTreeMap<Digest, &'a CertificateFacts>;

/// Adds which certificates were shown, where not all records have one in common with another.
pub(super) fn add<'a>(facts: &[Sight<'a>], said: &mut Said<'a>) {
    let mut shown: BTreeMap<Spot, BTreeMap<u64, (Record<'a>, Leaves<'a>)>> = BTreeMap::new();
    for sight in facts {
        let Fact::Certificate(leaf) = sight.fact else { continue };
        if leaf.index > 0 {
            continue;
        }
        let here = shown.entry(Spot::of(sight.record, leaf.endpoint)).or_default();
        let (_, leaves) = here.entry(sight.record.seq).or_insert_with(|| (sight.record, Leaves::new()));
        leaves.insert(leaf.fingerprint, leaf);
    }
    for (spot, records) in shown {
        let servers = servers(records.values().map(|(_, leaves)| leaves));
        if servers.len() < 2 {
            continue;
        }
        let sides = records.values().filter_map(|(record, leaves)| {
            let server = servers.iter().find(|server| leaves.keys().any(|leaf| server.contains_key(leaf)))?;
            Some(Says { record, word: word(server) })
        });
        said.insert((spot, About::Certificate), sides.collect());
    }
}

/// Certificates that belong together because one record or another was shown them together.
fn servers<'a, 'b: 'a>(records: impl Iterator<Item = &'a Leaves<'b>>) -> Vec<Leaves<'b>> {
    let mut servers: Vec<Leaves<'b>> = Vec::new();
    for leaves in records {
        let (same, others): (Vec<_>, Vec<_>) =
            servers.into_iter().partition(|server| leaves.keys().any(|leaf| server.contains_key(leaf)));
        let whole = same.into_iter().fold(leaves.clone(), |mut whole, server| {
            whole.extend(server);
            whole
        });
        servers = others;
        servers.push(whole);
    }
    servers
}

fn word(server: &Leaves<'_>) -> String {
    let subjects: BTreeSet<String> = server
        .iter()
        .take(MOST_NAMED)
        .map(|(fingerprint, leaf)| {
            let digits: String = fingerprint.to_string().chars().take(23).collect();
            format!("{} {digits}…, until {}", leaf.subject, leaf.not_after.date())
        })
        .collect();
    format!("shows the certificate {}", subjects.into_iter().collect::<Vec<_>>().join(" or "))
}

/// Makes facts tell the certificates of a record that is taken to be right.
pub(super) fn amend(facts: &mut Vec<Fact>, here: &Endpoint, right: &[&Fact]) {
    facts.retain(|fact| !(is_at(fact, here) && matches!(fact, Fact::Certificate(_))));
    facts.extend(right.iter().filter(|fact| matches!(fact, Fact::Certificate(_))).map(|fact| (*fact).clone()));
}
