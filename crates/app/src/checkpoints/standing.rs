//! Whether a sign-off still stands: signed by somebody who may, over what is so now.

use std::collections::{BTreeMap, BTreeSet};

use dossier::{Asked, Holds, SourceText, declared_changes};
use ledger::{Ended, KeyId};
use model::Digest;
use report::gate::Condition;
use workflow::SignOff;

use super::{CheckpointsError, Texts, keys_of};
use crate::gate::{Scene, count};
use crate::review::{Authors, Rests, cited};

/// Tables that say who works on it, not what is declared of the product.
const TEAM: [&str; 3] = ["person", "responsible", "checkpoint"];
/// Changes that are named.
const NAMED: usize = 3;

/// What a sign-off comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stands {
    /// It stands.
    Yes,
    /// What it rests on changed since.
    Outdated(String),
    /// It does not count, or was taken back.
    Void(String),
}

/// Looks at one sign-off of a checkpoint; `unmet` is what of the checkpoint does not hold now.
pub(super) fn look(
    scene: &Scene<'_>,
    texts: &mut Texts<'_>,
    asked: &Asked,
    unmet: &[&Condition],
    one: &SignOff,
) -> Result<Stands, CheckpointsError> {
    if let Some((person, why, seq)) = &one.taken_back {
        return Ok(Stands::Void(format!("{person} took it back by record {seq}: {why}")));
    }
    if let Some(why) = objection(scene, asked, one) {
        return Ok(Stands::Void(why));
    }
    Ok(match outdated(scene, texts, asked, unmet, one)? {
        Some(why) => Stands::Outdated(why),
        None => Stands::Yes,
    })
}

/// Why somebody may not sign off a checkpoint, if so: their name, and the key that signs, on the ledger before a position.
pub(super) fn author(scene: &Scene<'_>, asked: &Asked, person: &str, key: KeyId, before: u64) -> Option<String> {
    behind(scene, asked, before)?.objection(person, key)
}

/// The names of those who had a part in what a checkpoint rests on, as they are compared.
pub(super) fn authors(scene: &Scene<'_>, asked: &Asked) -> BTreeSet<String> {
    let behind = behind(scene, asked, scene.history.size());
    behind.map(|authors| authors.names().map(str::to_owned).collect()).unwrap_or_default()
}

/// Who is behind what a checkpoint rests on; nobody where there are no keys.
fn behind<'a>(scene: &'a Scene<'_>, asked: &Asked, before: u64) -> Option<Authors<'a>> {
    let ring = scene.ring?;
    let cited = match rests_on_evidence(&asked.holds) {
        true => cited(scene.assessment),
        false => BTreeSet::new(),
    };
    let rests = Rests {
        release: scene.dossier.release_version(),
        before,
        cited: &cited,
        measured: rests_on_evidence(&asked.holds),
        stated: rests_on_statements(&asked.holds),
    };
    Some(Authors::behind(scene.history, ring, "the checkpoint", &rests))
}

/// Why a recorded sign-off does not count, if so: a ledger can hold one that another program let through.
fn objection(scene: &Scene<'_>, asked: &Asked, one: &SignOff) -> Option<String> {
    let Some(ring) = scene.ring else { return Some("no key signed it".to_owned()) };
    let keys = keys_of(scene.history, one.seq);
    if keys.is_empty() {
        return Some("no key signed it".to_owned());
    }
    keys.into_iter().find_map(|id| {
        if let Some(Ended::Revoked(why)) = ring.get(id).and_then(|known| known.ended.as_ref()) {
            return Some(format!("its key {id} was revoked: {why}"));
        }
        author(scene, asked, &one.person, id, one.seq)
    })
}

fn outdated(
    scene: &Scene<'_>,
    texts: &mut Texts<'_>,
    asked: &Asked,
    unmet: &[&Condition],
    one: &SignOff,
) -> Result<Option<String>, CheckpointsError> {
    let more = asked.holds.iter().map(|word| word.as_str()).find(|word| !one.holds.iter().any(|had| had == word));
    if let Some(word) = more {
        return Ok(Some(format!("the checkpoint asks for `{word}`, too")));
    }
    if let Some(changed) = declared(scene, texts, one)? {
        return Ok(Some(changed));
    }
    if let Some(seq) = grown(scene, &asked.holds, one.seq) {
        return Ok(Some(format!("record {seq} came to what it rests on")));
    }
    Ok(unmet.first().map(|condition| format!("`{}` does not hold any more: {}", condition.id, condition.because)))
}

/// What is declared otherwise than when it was signed off. Remarks, order and who works on it are no change.
fn declared(scene: &Scene<'_>, texts: &mut Texts<'_>, one: &SignOff) -> Result<Option<String>, CheckpointsError> {
    let Some(then) = scene.history.revisions().iter().find(|revision| revision.seq == one.dossier) else {
        return Ok(Some(format!("record {}, the dossier that was signed off, is no state of it", one.dossier)));
    };
    let now: BTreeMap<&str, Digest> =
        scene.dossier.sources.iter().map(|s| (s.path.as_str(), Digest::of(s.text.as_bytes()))).collect();
    if then.files.len() == now.len() && then.files.iter().all(|(path, d)| now.get(path.as_str()) == Some(d)) {
        return Ok(None);
    }
    let mut before = Vec::new();
    for (path, digest) in &then.files {
        let unread = |source| CheckpointsError::Text { seq: one.seq, source };
        let text = String::from_utf8_lossy(&texts(digest).map_err(unread)?).into_owned();
        before.push(SourceText { path: path.clone(), text });
    }
    let changes = declared_changes(&before, &scene.dossier.sources);
    let changes: Vec<_> = changes.into_iter().filter(|c| !TEAM.contains(&c.table.as_str())).collect();
    if changes.is_empty() {
        return Ok(None);
    }
    let names = changes.iter().take(NAMED).map(|change| {
        let parts = [change.table.as_str(), change.entry.as_str(), change.field.as_str()];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        if parts.is_empty() { change.file.clone() } else { parts.join(" ") }
    });
    let names = names.collect::<Vec<_>>().join(", ");
    let dots = if changes.len() > NAMED { ", …" } else { "" };
    Ok(Some(format!("{} changed: {names}{dots}", count(changes.len(), "declared value"))))
}

/// The first record on the release that came to what a sign-off rests on.
fn grown(scene: &Scene<'_>, holds: &[Holds], since: u64) -> Option<u64> {
    let release = scene.dossier.release_version();
    let evidence = scene.history.evidence();
    let measured =
        evidence.observations.iter().filter(|o| rests_on_evidence(holds) && o.body.dut.release == release);
    let stated = evidence.statements.iter().filter(|s| rests_on_statements(holds) && s.body.release == release);
    let confirmed =
        evidence.confirmations.iter().filter(|c| rests_on_statements(holds) && c.body.release == release);
    let people = stated.map(|s| s.seq).chain(confirmed.map(|c| c.seq));
    measured.map(|o| o.seq).chain(people).filter(|seq| *seq > since).min()
}

/// Whether what holds depends on anything recorded.
fn rests_on_evidence(holds: &[Holds]) -> bool {
    let others = [Holds::Dossier, Holds::Answered, Holds::Planned, Holds::Requests];
    holds.iter().any(|word| !others.contains(word))
}

/// Whether it depends on what persons stated.
fn rests_on_statements(holds: &[Holds]) -> bool {
    let others =
        [Holds::Dossier, Holds::Answered, Holds::Planned, Holds::Requests, Holds::Measured, Holds::Current];
    holds.iter().any(|word| !others.contains(word))
}
