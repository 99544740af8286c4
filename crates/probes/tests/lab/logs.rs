//! Frozen logs: `logs/PROBE.REVISION.log.json` as it was gathered, and the reading it gave beside it.
//!
//! They are never written again: a reading that changes for the same log takes a new revision of the probe.

use std::path::Path;

use model::Reading;

/// Fails unless the kept log of this name gives the reading kept beside it.
pub(crate) fn still_reads(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs");
    let read = |kind: &str| std::fs::read(folder.join(format!("{name}.{kind}.json"))).unwrap();
    let (id, _revision) = name.rsplit_once('.').unwrap();
    let reading = (probes::listed(id).unwrap().interpret)(&read("log")).unwrap();
    let kept: Reading = serde_json::from_slice(&read("reading")).unwrap();
    assert!(!kept.facts.is_empty());
    assert_eq!(reading.in_clear().unwrap(), kept);
}
