//! The bundle's own list of its files, and the files that are derived from the log: keys and README.

use std::collections::BTreeMap;

use ledger::bundle::{Bundle, Manifest, Part};
use model::Digest;

use super::failed::{chain, manifest_item};
use super::log::Read;
use super::{Check, Stop};
use crate::TOOL;
use crate::bundle::contents;

impl Check {
    /// The manifest is what its envelope is about, and lists what is there.
    pub(super) fn manifest(&mut self, bundle: &Bundle<'_>) -> Result<Manifest, Stop> {
        const STEP: &str = "manifest";
        let of = |error| Stop::of(STEP, error);
        let manifest = bundle.manifest().map_err(of)?;
        let envelope = bundle.read(&Part::Signature).map_err(of)?;
        manifest
            .is_what_was_signed(&envelope)
            .map_err(|error| Stop::at(STEP, manifest_item(&error), chain(&error)))?;
        let is_log = |part: &Part| matches!(part, Part::Leaves(_) | Part::Checkpoint);
        bundle.is_as_listed(&manifest, &|part| !is_log(part)).map_err(of)?;
        self.done(STEP, format!("its list of {} files is complete, and every digest fits", manifest.files.len()));
        Ok(manifest)
    }

    /// A key of the log signed the manifest.
    pub(super) fn signature(&mut self, bundle: &Bundle<'_>, manifest: &Manifest, log: &Read) -> Result<(), Stop> {
        const STEP: &str = "signature";
        let of = |error| Stop::of(STEP, error);
        // What the log's own check has passed and the list does not know.
        bundle.is_as_listed(manifest, &|_| true).map_err(of)?;
        let envelope = bundle.read(&Part::Signature).map_err(of)?;
        let keys = log.summary.keyring.valid_at(log.summary.size);
        let signer = manifest
            .verify(&envelope, &keys)
            .map_err(|error| Stop::at(STEP, manifest_item(&error), chain(&error)))?;
        self.done(STEP, format!("manifest.json is signed by key {signer}, valid after the last record"));
        let summary = &log.summary;
        for (says, found, what) in [
            (manifest.log.origin.clone(), summary.origin.clone(), "the log's name"),
            (manifest.log.size.to_string(), summary.size.to_string(), "the number of records"),
            (manifest.log.root.to_string(), summary.root.to_string(), "the log's root"),
            (
                manifest.recorded.clone(),
                log.history.last_recorded().map(|at| at.to_string()).unwrap_or_default(),
                "the time of the last record",
            ),
        ] {
            if says != found {
                return Err(Stop::at(STEP, "manifest.json", format!("{what} is {found}, not {says}")));
            }
        }
        Ok(())
    }

    /// The text for a person says what the manifest says.
    pub(super) fn readme(&mut self, bundle: &Bundle<'_>, manifest: &Manifest) -> Result<(), Stop> {
        const STEP: &str = "readme";
        let there = bundle.read(&Part::Readme).map_err(|error| Stop::of(STEP, error))?;
        match manifest.tool == TOOL {
            false => self.not_done(STEP, other_tool("README.txt", manifest)),
            true if there == contents::readme(manifest).into_bytes() => {
                self.done(STEP, "README.txt says what the manifest says");
            }
            true => return Err(Stop::at(STEP, "README.txt", "it is not the text that belongs to the manifest")),
        }
        Ok(())
    }

    /// The files of keys are those of the log.
    pub(super) fn keys(&mut self, bundle: &Bundle<'_>, log: &Read) -> Result<(), Stop> {
        const STEP: &str = "keys";
        let of = |error| Stop::of(STEP, error);
        let ring = &log.summary.keyring;
        let keys = contents::keys(ring).map_err(|error| Stop::at(STEP, "keys.json", error.to_string()))?;
        if bundle.read(&Part::Keys).map_err(of)? != keys {
            return Err(Stop::at(STEP, "keys.json", "it does not say what the records say about the keys"));
        }
        let mut count = 0;
        for known in ring.keys() {
            let part = Part::Key(known.id);
            let pem = known.public_key.0.to_pem().unwrap_or_default();
            if bundle.text(&part).map_err(of)? != pem {
                return Err(Stop::at(STEP, part.path(), "it is not the key that the log entered under this name"));
            }
            count += 1;
        }
        let stray = bundle.files().find_map(|(part, member)| match part {
            Part::Key(id) if ring.get(*id).is_none() => Some(member.path.clone()),
            _ => None,
        });
        if let Some(path) = stray {
            return Err(Stop::at(STEP, path, "it is no key of the log"));
        }
        self.done(STEP, format!("{count} keys, each for the records it may sign"));
        Ok(())
    }

    /// The files under `dossier` are those of the state that was judged. Returns them by digest.
    pub(super) fn dossier(
        &mut self,
        bundle: &Bundle<'_>,
        manifest: &Manifest,
        log: &Read,
    ) -> Result<BTreeMap<Digest, Part>, Stop> {
        const STEP: &str = "dossier";
        let Some(revision) = log.history.revision_before(manifest.assessment) else {
            let item = format!("record {}", manifest.assessment);
            return Err(Stop::at(STEP, item, "no state of the dossier was recorded before it"));
        };
        let mut files = BTreeMap::new();
        for (path, digest) in &revision.files {
            let part = Part::Dossier(path.clone());
            match bundle.digest(&part) {
                None => return Err(Stop::at(STEP, part.path(), "it is missing")),
                Some(found) if found != *digest => {
                    let why = format!("it is not the file that record {} declares", revision.seq);
                    return Err(Stop::at(STEP, part.path(), why));
                }
                Some(_) => files.insert(*digest, part),
            };
        }
        for (part, member) in bundle.files() {
            if let Part::Dossier(path) = part
                && !revision.files.contains_key(path)
            {
                let why = format!("record {} does not declare it", revision.seq);
                return Err(Stop::at(STEP, member.path.clone(), why));
            }
        }
        self.done(STEP, format!("{} files, as record {} declares them", revision.files.len(), revision.seq));
        Ok(files)
    }
}

pub(super) fn other_tool(what: &str, manifest: &Manifest) -> String {
    let tool = wire::text::visible_str(&manifest.tool, 100);
    format!("{what} was written by {tool} and is not compared by {TOOL}")
}
