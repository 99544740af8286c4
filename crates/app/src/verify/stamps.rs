//! Time stamps: what a third party vouches for, as far as this program can tell.

use std::collections::BTreeMap;

use ledger::bundle::{Bundle, Part};
use ledger::{Frontier, leaf_hash};
use model::{Digest, Stamped};

use super::log::Read;
use super::{Check, Stop};
use crate::stamp::is_over;

const STEP: &str = "time stamps";

impl Check {
    /// Every recorded time stamp is over a checkpoint of this log. The authority's own signature is for others.
    pub(super) fn stamps(&mut self, bundle: &Bundle<'_>, log: &Read) -> Result<(), Stop> {
        let files = bundle.files().filter(|(part, _)| matches!(part, Part::Timestamp(_))).count();
        if files > 0 {
            self.not_done(STEP, format!("{files} files under timestamps/ were not looked at"));
        }
        if log.stamps.is_empty() {
            if files == 0 {
                let says = "no time stamp: when something was recorded is what the recorder's clock said";
                self.not_done(STEP, says);
            }
            return Ok(());
        }
        let mut records = Vec::new();
        for (seq, record) in &log.stamps {
            let stamp: Stamped = serde_json::from_value(record.clone())
                .map_err(|error| Stop::at(STEP, format!("record {seq}"), error.to_string()))?;
            records.push((*seq, stamp));
        }
        let roots = roots(bundle, records.iter().map(|(_, stamp)| stamp.size))?;
        let mut left_out = 0_usize;
        for (seq, stamp) in &records {
            let part = Part::Blob(stamp.token);
            if !bundle.has(&part) {
                left_out += 1;
                continue;
            }
            let token = bundle.read(&part).map_err(|error| Stop::of(STEP, error))?;
            let root = roots.get(&stamp.size).copied();
            is_over(stamp, &token, root).map_err(|why| Stop::at(STEP, format!("record {seq}"), why))?;
        }
        let checked = records.len() - left_out;
        if left_out > 0 {
            self.not_done(STEP, format!("the tokens of {left_out} time stamps were left out"));
        }
        if let Some((_, first)) = records.first().filter(|_| checked > 0) {
            let says = format!(
                "{checked} tokens are over checkpoints of this log, the first over {} records at {}",
                first.size, first.time
            );
            self.done(STEP, says);
            let says = "who signed the time stamps was not checked by this program: `openssl ts -verify` does";
            self.not_done("authority", says);
        }
        Ok(())
    }
}

/// The roots of the log at these sizes, which is read a second time for it.
fn roots(bundle: &Bundle<'_>, sizes: impl Iterator<Item = u64>) -> Result<BTreeMap<u64, Digest>, Stop> {
    let wanted: std::collections::BTreeSet<u64> = sizes.collect();
    let mut found = BTreeMap::new();
    let mut frontier = Frontier::new();
    let all = bundle.leaves(&mut |leaf| {
        frontier.append(leaf_hash(&leaf));
        if wanted.contains(&frontier.size()) {
            found.insert(frontier.size(), frontier.root());
        }
        found.len() < wanted.len()
    });
    all.map_err(|error| Stop::of(STEP, error))?;
    Ok(found)
}
