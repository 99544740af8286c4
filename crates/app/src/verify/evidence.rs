//! Kept bytes: each that a record names is there and fits, or is listed as withheld; and nothing else is there.

use std::collections::BTreeMap;

use ledger::bundle::{Bundle, Manifest, Part, Withheld};
use model::Digest;

use super::log::Read;
use super::{Check, Stop};

const STEP: &str = "evidence";

impl Check {
    pub(super) fn evidence(
        &mut self,
        bundle: &Bundle<'_>,
        manifest: &Manifest,
        log: &Read,
        dossier: &BTreeMap<Digest, Part>,
    ) -> Result<(), Stop> {
        let mut withheld: BTreeMap<Digest, &Withheld> = BTreeMap::new();
        for entry in &manifest.withheld {
            if withheld.insert(entry.digest, entry).is_some() {
                return Err(listed("it lists one piece twice as withheld"));
            }
        }
        if !manifest.redacted && !withheld.is_empty() {
            return Err(listed("it lists withheld pieces and says that nothing was withheld"));
        }
        let (mut there, mut kinds) = (0, BTreeMap::<&str, u64>::new());
        for (digest, named) in log.inventory.iter() {
            let part = Part::Blob(*digest);
            let is_there = bundle.has(&part);
            if is_there || dossier.contains_key(digest) {
                if withheld.contains_key(digest) {
                    return Err(listed(&format!("it lists {} as withheld, which is there", part.path())));
                }
                if is_there {
                    fits(bundle, *digest, named.surely.then_some(named.material.salted))?;
                }
                there += 1;
                continue;
            }
            match withheld.remove(digest) {
                Some(entry) if entry.kind == named.material.kind && entry.leaf == named.leaf => {
                    *kinds.entry(&entry.kind).or_default() += 1;
                }
                Some(_) => {
                    return Err(listed(&format!("it says otherwise than record {} what {digest} is", named.leaf)));
                }
                None if !named.surely => {}
                None => {
                    let why = format!("it is missing, and record {} names it", named.leaf);
                    return Err(Stop::at(STEP, part.path(), why));
                }
            }
        }
        if let Some(entry) = withheld.values().find(|entry| log.inventory.get(&entry.digest).is_none()) {
            return Err(listed(&format!("no record names {}, which it lists as withheld", entry.digest)));
        }
        for (part, member) in bundle.files() {
            let stray = match part {
                Part::Blob(digest) => log.inventory.get(digest).is_none() || dossier.contains_key(digest),
                Part::Salt(digest) => !bundle.has(&Part::Blob(*digest)),
                _ => false,
            };
            if stray {
                return Err(Stop::at(STEP, member.path.clone(), "no record names it"));
            }
        }
        self.done(STEP, format!("{there} pieces that records name are there, each with its digest"));
        if manifest.redacted {
            let told: Vec<String> =
                kinds.iter().map(|(kind, n)| format!("{n} {}", wire::text::visible_str(kind, 40))).collect();
            let told = if told.is_empty() { "none".to_owned() } else { told.join(", ") };
            self.not_done("withheld", format!("pieces that were left out, listed in manifest.json: {told}"));
        }
        Ok(())
    }
}

fn listed(why: &str) -> Stop {
    Stop::at(STEP, "manifest.json", why)
}

/// The bytes have their digest, with the salt before them where there is one.
fn fits(bundle: &Bundle<'_>, digest: Digest, salted: Option<bool>) -> Result<(), Stop> {
    let (blob, salt) = (Part::Blob(digest), Part::Salt(digest));
    let of = |error| Stop::of(STEP, error);
    let has_salt = bundle.has(&salt);
    if salted.is_some_and(|salted| salted != has_salt) {
        let why = if has_salt { "the record that names it says it has no salt" } else { "its salt is missing" };
        return Err(Stop::at(STEP, salt.path(), why));
    }
    let found = match has_salt {
        false => bundle.digest(&blob),
        true => {
            if bundle.size(&salt) != Some(32) {
                return Err(Stop::at(STEP, salt.path(), "a salt has 32 bytes"));
            }
            Some(bundle.digest_after(&bundle.read(&salt).map_err(of)?, &blob).map_err(of)?)
        }
    };
    match found == Some(digest) {
        true => Ok(()),
        false => Err(Stop::at(STEP, blob.path(), "its bytes are not those that the record names")),
    }
}
