//! Whether a ledger can be shown to strangers at all, and the gate that everything in the bundle passes.
//!
//! Records and the texts of the dossier are in every bundle. What they say in clear cannot be taken out of them.

use std::path::Path;

use ledger::Openings;
use model::{Digest, Fact, Observation};

use super::{BundleError, Past};
use crate::folder;
use crate::history::Revision;
use crate::privacy::{Gate, Privacy};
use crate::records::Records;

/// The gate of this ledger, once nothing speaks against showing its records; and where the secrets of the bench are
/// that could not be had, so that nothing can be searched for them.
pub(super) fn gate(records: &Records, past: &Past, folder: &Path) -> Result<(Gate, Vec<String>), BundleError> {
    let evidence = past.history.evidence();
    for one in &evidence.observations {
        if let Some(what) = told_by_digest(&one.body) {
            return Err(BundleError::TooOld { seq: one.seq, what });
        }
    }
    for one in &evidence.statements {
        if one.body.artefacts.iter().any(|artefact| !artefact.salted) {
            return Err(BundleError::TooOld { seq: one.seq, what: "an attached file" });
        }
    }
    if let Some(one) = past.history.kept().iter().find(|one| !one.body.artefact.salted) {
        return Err(BundleError::TooOld { seq: one.seq, what: "a kept file" });
    }
    for revision in past.history.revisions() {
        dossier(records, revision)?;
    }
    let (dossier, _) = folder::load(folder)?;
    let (privacy, missing) = Privacy::of_folder(&dossier, folder);
    let mut gate = Gate::of(&privacy);
    for (seq, openings, _) in past.history.withholding() {
        if let Some(openings) = openings {
            gate.add_openings(&read(records, &openings, seq)?, seq);
        }
    }
    Ok((gate, missing))
}

fn read(records: &Records, digest: &Digest, seq: u64) -> Result<Openings, BundleError> {
    let bytes = records.read_evidence(digest, true)?;
    Openings::from_bytes(&bytes).map_err(|source| BundleError::Openings { leaf: seq, source })
}

/// What an observation of an early version tells by its plain digest.
fn told_by_digest(observation: &Observation) -> Option<&'static str> {
    if observation.raw.is_some() && !observation.salted {
        return Some("raw material");
    }
    observation.reading.facts.iter().find_map(|fact| match fact {
        Fact::Http(answer) if !answer.salted => Some("the body of an answer"),
        Fact::Disclosure { kind, excerpt, .. }
            if matches!(kind.as_str(), "key" | "credential") && excerpt.parse::<Digest>().is_ok() =>
        {
            Some("a secret that the product gave away")
        }
        _ => None,
    })
}

/// No state of the dossier that was ever recorded has a secret in its text.
fn dossier(records: &Records, revision: &Revision) -> Result<(), BundleError> {
    let sources = crate::replay::sources(revision, &mut |digest| Ok(records.blob(digest)?))?;
    let says = |path: &str, line: usize, what: &str| BundleError::Leaks {
        place: format!("{path}, line {line}, in the dossier of record {}", revision.seq),
        what: what.to_owned(),
    };
    for source in &sources {
        if let Some(at) = source.text.lines().position(|line| line.contains("PRIVATE KEY-----")) {
            return Err(says(&source.path, at + 1, "a private key"));
        }
    }
    let mut bench = sources.iter().filter(|source| source.path == "bench.toml");
    if let Some((path, at)) =
        bench.find_map(|source| Some((&source.path, source.text.lines().position(says_secret)?)))
    {
        return Err(says(path, at + 1, "a secret of the bench"));
    }
    let (dossier, notes) = dossier::read(sources);
    let literal = notes.iter().find(|note| note.code == "secret-in-text").and_then(|note| note.labels.first());
    match literal.map(|(span, _)| dossier::position(&dossier.sources, *span)) {
        Some(at) => Err(says(&at.path, usize::try_from(at.line).unwrap_or(0), "a secret of the bench")),
        None => Ok(()),
    }
}

/// Whether a line of the bench's file gives a secret itself, under whatever name.
fn says_secret(line: &str) -> bool {
    let Some((name, value)) = line.split_once('=') else { return false };
    let name = name.trim().trim_matches(['"', '\'']).rsplit(['.', '_', '-']).next().unwrap_or_default();
    let names = ["secret", "password", "passwd", "passphrase", "pwd", "pin", "psk", "token", "community"];
    names.contains(&name.to_lowercase().as_str()) && value.trim_start().starts_with(['"', '\''])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_the_bench_file_is_told_from_a_reference_to_one() {
        for line in ["secret = \"x\"", "password='x'", "wifi-psk = \"\"", "\"PIN\" = \"0815\""] {
            assert!(says_secret(line), "{line}");
        }
        for line in ["secret = { env = \"X\" }", "user = \"admin\"", "# a secret", "pin-length = \"4\""] {
            assert!(!says_secret(line), "{line}");
        }
    }
}
