//! The records that speak of a provision, release by release, each with whether a verdict rests on it.

use std::collections::{BTreeMap, BTreeSet};

use engine::{PlannedInstance, Settle};
use model::Timestamp;
use report::controls::{OfRelease, Proof, ProofStanding};
use report::presentation::{Currency, Ground, Instance, Provision, RecordKind};

use super::Look;

/// What rests on the records: for each, the unit instances, by what they are.
#[derive(Default)]
struct Rests {
    current: BTreeMap<u64, Vec<String>>,
    carried: BTreeMap<u64, Vec<String>>,
    stale: BTreeMap<u64, String>,
}

pub(super) fn evidence(
    look: &Look<'_>,
    planned: &[&PlannedInstance],
    provision: &Provision,
    instances: &[&Instance],
) -> Vec<OfRelease> {
    let rests = rests(provision, instances);
    let mut proofs: Vec<(String, Proof)> = observed(look, planned, &rests);
    proofs.extend(stated(look, provision, &rests));
    proofs.extend(kept(look, provision));
    proofs.sort_by_key(|(_, proof)| proof.record);
    let release = &look.presentation.head.release;
    let mut order: Vec<String> = vec![release.clone()];
    let declared = look.dossier.releases.iter().rev().filter_map(|one| one.version.as_ref());
    for other in declared.map(|version| &version.value).chain(proofs.iter().map(|(of, _)| of)) {
        if !order.contains(other) {
            order.push(other.clone());
        }
    }
    let of = |of: String| {
        let records = proofs.iter().filter(|(release, _)| *release == of).map(|(_, proof)| proof.clone());
        OfRelease { current: of == *release, records: records.collect(), release: of }
    };
    order.into_iter().map(of).filter(|of| of.current || !of.records.is_empty()).collect()
}

fn rests(provision: &Provision, instances: &[&Instance]) -> Rests {
    let mut rests = Rests::default();
    let recorded = |ground: &Ground| match ground {
        Ground::Observed(observed) => Some(observed.record),
        Ground::Stated(stated) => Some(stated.record),
        _ => None,
    };
    for instance in instances {
        let records: BTreeSet<u64> = instance.grounds.iter().filter_map(recorded).collect();
        if let Some(carried) = &instance.carried {
            for record in records.iter().chain(&carried.records) {
                rests.carried.entry(*record).or_default().push(instance.id.clone());
            }
        } else if instance.currency == Currency::Stale {
            rests.stale.extend(records.into_iter().map(|record| (record, instance.stale_because.clone())));
        } else if instance.outcome.is_decided() || !records.is_empty() {
            for record in records {
                rests.current.entry(record).or_default().push(instance.id.clone());
            }
        }
    }
    for record in provision.grounds.iter().filter_map(recorded) {
        rests.current.entry(record).or_default().push(provision.id.clone());
    }
    for list in rests.current.values_mut().chain(rests.carried.values_mut()) {
        list.dedup();
    }
    rests
}

/// Where a record stands, why, and what rests on it.
fn standing(
    look: &Look<'_>,
    rests: &Rests,
    record: u64,
    release: &str,
    valid_until: Option<Timestamp>,
) -> (ProofStanding, String, Vec<String>) {
    let head = &look.presentation.head;
    let old = look.presentation.looked.iter().find(|looked| looked.record == record).and_then(|l| l.stale_since);
    let over = valid_until.filter(|until| *until < head.at).or(old);
    let count = |on: &[String]| match on.len() {
        1 => "1 unit instance rests on it".to_owned(),
        n => format!("{n} unit instances rest on it"),
    };
    if let Some(on) = rests.current.get(&record) {
        return (ProofStanding::Current, count(on), on.clone());
    }
    if let Some(on) = rests.carried.get(&record) {
        return (ProofStanding::Carried, format!("{}, carried over from {release}", count(on)), on.clone());
    }
    let because = match (rests.stale.get(&record), over) {
        (Some(because), _) if !because.is_empty() => because.clone(),
        _ if release != head.release => format!("it is of release {release}, not of {}", head.release),
        (_, Some(since)) => format!("too old since {}", since.date()),
        _ => return (ProofStanding::Unused, "no verdict of this provision rests on it".to_owned(), Vec::new()),
    };
    (ProofStanding::Stale, because, Vec::new())
}

/// What probes of the test plan saw: of each release, the newest of a probe on a target from a place, and all that count.
fn observed(look: &Look<'_>, planned: &[&PlannedInstance], rests: &Rests) -> Vec<(String, Proof)> {
    let probes: BTreeSet<(&str, &str)> = planned
        .iter()
        .flat_map(|one| &one.settled_by)
        .filter_map(|settle| match settle {
            Settle::Probe { id, target } => Some((id.as_str(), target.as_str())),
            _ => None,
        })
        .collect();
    let mut newest: BTreeMap<(&str, &str, String, &str), u64> = BTreeMap::new();
    for one in &look.evidence.observations {
        let run = &one.body.run;
        newest.insert((&run.probe, &run.target, run.standpoint(), &one.body.dut.release), one.seq);
    }
    let newest: BTreeSet<u64> = newest
        .into_iter()
        .filter(|((probe, target, ..), _)| probes.contains(&(*probe, *target)))
        .map(|(_, seq)| seq)
        .collect();
    let counts = |seq: &u64| {
        rests.current.contains_key(seq) || rests.carried.contains_key(seq) || rests.stale.contains_key(seq)
    };
    let wanted = look.evidence.observations.iter().filter(|one| newest.contains(&one.seq) || counts(&one.seq));
    wanted
        .map(|one| {
            let body = &one.body;
            let (standing, because, settles) = standing(look, rests, one.seq, &body.dut.release, body.valid_until);
            let tool = body.source.as_ref().map(|source| format!(" ({source})")).unwrap_or_default();
            let proof = Proof {
                record: one.seq,
                digest: one.id,
                kind: RecordKind::Observation,
                of: format!("{} on {}, from {}{tool}", body.run.probe, body.run.target, body.run.standpoint()),
                by: body.operator.clone().unwrap_or_else(|| body.tool.clone()),
                when: body.ended,
                standing,
                because,
                settles,
            };
            (body.dut.release.clone(), proof)
        })
        .collect()
}

/// What named persons stated on its units.
fn stated(look: &Look<'_>, provision: &Provision, rests: &Rests) -> Vec<(String, Proof)> {
    let units: BTreeSet<&str> =
        provision.cases.iter().flat_map(|case| &case.units).map(|unit| unit.id.as_str()).collect();
    let wanted = look.evidence.statements.iter().filter(|one| units.contains(one.body.unit.as_str()));
    wanted
        .map(|one| {
            let body = &one.body;
            let (standing, because, settles) = standing(look, rests, one.seq, &body.release, body.valid_until);
            let proof = Proof {
                record: one.seq,
                digest: one.id,
                kind: RecordKind::Statement,
                of: body.entry.as_ref().map_or_else(|| body.unit.clone(), |e| format!("{} @ {e}", body.unit)),
                by: format!("{} ({})", body.person, body.role),
                when: body.stated,
                standing,
                because,
                settles,
            };
            (body.release.clone(), proof)
        })
        .collect()
}

/// Files that were kept about it by themselves.
fn kept(look: &Look<'_>, provision: &Provision) -> Vec<(String, Proof)> {
    let about = |of: &str| {
        let units = provision.cases.iter().flat_map(|case| &case.units);
        of.split(", ").any(|one| one == provision.id || units.clone().any(|unit| one.starts_with(&unit.id)))
    };
    let files = look.presentation.records.iter().filter(|r| r.kind == RecordKind::Artefact && about(&r.of));
    files
        .map(|record| {
            let names: Vec<&str> = record.files.iter().map(|file| file.name.as_str()).collect();
            let proof = Proof {
                record: record.seq,
                digest: record.digest,
                kind: RecordKind::Artefact,
                of: names.join(", "),
                by: record.by.clone(),
                when: record.when,
                standing: ProofStanding::Unused,
                because: "no verdict rests on a file that is kept by itself".to_owned(),
                settles: Vec::new(),
            };
            (look.presentation.head.release.clone(), proof)
        })
        .collect()
}
