//! Which kept bytes a record names, and which of them stay behind when a ledger is shown to outsiders.
//!
//! It reads records, not blobs: what is named and missing is found by whoever opens the blobs.

use ledger::predicate;
use model::{Artefact, Digest, Observation, Release, Stamped, Statement};
use serde_json::Value;

/// One piece of kept bytes that a record names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Material {
    /// The digest in the record.
    pub digest: Digest,
    /// Whether the kept bytes are a salt and the content.
    pub salted: bool,
    /// `raw`, `openings`, `dossier`, `time-stamp`, or the kind of an artefact: `photo`, `log`, `capture`.
    pub kind: String,
    /// The name it came with, where it had one; hostile text.
    pub name: Option<String>,
}

impl Material {
    /// Whether it stays behind in a redacted bundle: everything but the dossier's own texts, and what an authority
    /// said of a checkpoint.
    pub fn is_private(&self) -> bool {
        !matches!(self.kind.as_str(), "dossier" | "time-stamp")
    }

    fn of_artefact(artefact: Artefact) -> Self {
        let Artefact { digest, salted, kind, name, .. } = artefact;
        Self { digest, salted, kind, name: Some(name) }
    }
}

/// What a record of a kind names.
///
/// # Errors
/// What serde says of a record that does not read as its kind.
pub fn of(kind: &str, record: &Value) -> Result<Vec<Material>, serde_json::Error> {
    let own = |digest, salted, kind: &str| Material { digest, salted, kind: kind.to_owned(), name: None };
    let openings = |digest: Option<Digest>| digest.map(|d| own(d, true, "openings"));
    Ok(match kind {
        predicate::OBSERVATION => {
            let observation: Observation = serde::Deserialize::deserialize(record)?;
            let raw = observation.raw.map(|d| own(d, observation.salted, "raw"));
            raw.into_iter().chain(openings(observation.openings)).collect()
        }
        predicate::STATEMENT => {
            let statement: Statement = serde::Deserialize::deserialize(record)?;
            let artefacts = statement.artefacts.into_iter().map(Material::of_artefact);
            artefacts.chain(openings(statement.openings)).collect()
        }
        predicate::RELEASE => {
            let release: Release = serde::Deserialize::deserialize(record)?;
            let image = release.firmware.and_then(|image| image.kept);
            image.into_iter().chain(release.sbom).map(Material::of_artefact).collect()
        }
        predicate::ARTEFACT => {
            let opening = record.get("openings").map(serde::Deserialize::deserialize).transpose()?;
            let artefact = Material::of_artefact(serde::Deserialize::deserialize(record)?);
            std::iter::once(artefact).chain(openings(opening)).collect()
        }
        predicate::TIMESTAMP => {
            let stamped: Stamped = serde::Deserialize::deserialize(record)?;
            vec![own(stamped.token, false, "time-stamp")]
        }
        predicate::DOSSIER_REVISION => {
            let files = record["files"].as_object().into_iter().flatten();
            let file = |(name, digest): (&String, &Value)| {
                let digest = serde::Deserialize::deserialize(digest)?;
                Ok(Material { digest, salted: false, kind: "dossier".to_owned(), name: Some(name.clone()) })
            };
            files.map(file).collect::<Result<_, serde_json::Error>>()?
        }
        _ => Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_of_the_dossier_are_shown_and_everything_else_stays_behind() {
        let digest = Digest::of(b"x");
        let revision = serde_json::json!({"files": {"assay.toml": digest}});
        let named = of(predicate::DOSSIER_REVISION, &revision).unwrap();
        assert_eq!((named.len(), named[0].is_private(), named[0].salted), (1, false, false));
        let artefact =
            serde_json::json!({"digest": digest, "salted": true, "size": 1, "kind": "log", "name": "a"});
        let named = of(predicate::ARTEFACT, &artefact).unwrap();
        assert!(named[0].is_private() && named[0].salted && named[0].kind == "log");
    }

    #[test]
    fn a_record_that_does_not_read_is_an_error_and_names_not_nothing() {
        assert!(of(predicate::OBSERVATION, &serde_json::json!({})).is_err());
        assert!(of(predicate::DOSSIER_REVISION, &serde_json::json!({"files": {"a": 1}})).is_err());
    }
}
