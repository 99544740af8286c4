//! The records of a report, with what an auditor asks about each.

use model::{Artefact, DutIdentity, Level};
use report::presentation::{File, Record, RecordKind};

use super::Told;

/// In the order of the ledger: all evidence, and the files of the release that were kept by themselves.
pub(super) fn records(told: Told<'_>) -> Vec<Record> {
    let evidence = told.evidence;
    let observed = evidence.observations.iter().map(|o| Record {
        seq: o.seq,
        kind: RecordKind::Observation,
        of: format!("{} revision {}", o.body.run.probe, o.body.run.revision),
        target: o.body.run.target.clone(),
        by: o.body.tool.clone(),
        tool: o.body.source.as_ref().map(|source| format!("{source}, in {}", source.file)).unwrap_or_default(),
        when: o.body.ended,
        from: Some(o.body.began),
        until: Some(o.body.ended),
        valid_until: o.body.valid_until,
        level: level(o.body.level),
        operator: o.body.operator.clone().unwrap_or_default(),
        place: o.body.run.standpoint(),
        unit: unit(&o.body.dut),
        parameters: o.body.run.parameters.iter().map(|(name, value)| format!("{name} = {value}")).collect(),
        digest: o.id,
        files: Vec::new(),
    });
    let stated = evidence.statements.iter().map(|s| Record {
        seq: s.seq,
        kind: RecordKind::Statement,
        of: s.body.entry.as_ref().map_or_else(|| s.body.unit.clone(), |e| format!("{} @ {e}", s.body.unit)),
        target: String::new(),
        by: format!("{} ({})", s.body.person, s.body.role),
        tool: String::new(),
        when: s.body.stated,
        from: s.body.effective.map(|period| period.from),
        until: Some(s.body.last_true()),
        valid_until: s.body.valid_until,
        level: level(s.body.level),
        operator: String::new(),
        place: s.body.place.as_ref().map(ToString::to_string).unwrap_or_default(),
        unit: s.body.dut.as_ref().map(unit).unwrap_or_default(),
        parameters: Vec::new(),
        digest: s.id,
        files: s.body.artefacts.iter().map(file).collect(),
    });
    let confirmed = evidence.confirmations.iter().map(|c| Record {
        seq: c.seq,
        kind: RecordKind::Confirmation,
        of: format!("record {}: {}", c.body.statement, c.body.decision),
        target: String::new(),
        by: format!("{} ({})", c.body.person, c.body.role),
        tool: String::new(),
        when: c.body.confirmed,
        from: None,
        until: None,
        valid_until: None,
        level: level(Some(Level::Stated)),
        operator: String::new(),
        place: String::new(),
        unit: String::new(),
        parameters: Vec::new(),
        digest: c.id,
        files: Vec::new(),
    });
    let release = told.dossier.release_version();
    let kept = told.kept.iter().filter(|k| k.body.release == release).map(|k| Record {
        seq: k.seq,
        kind: RecordKind::Artefact,
        of: k.body.about.join(", "),
        target: String::new(),
        by: format!("{} ({})", k.body.person, k.body.role),
        tool: String::new(),
        when: k.body.kept,
        from: Some(k.body.effective.from),
        until: Some(k.body.effective.until),
        valid_until: k.body.valid_until,
        level: k.body.level.to_string(),
        operator: String::new(),
        place: k.body.place.as_ref().map(ToString::to_string).unwrap_or_default(),
        unit: unit(&k.body.dut),
        parameters: Vec::new(),
        digest: k.id,
        files: vec![file(&k.body.artefact)],
    });
    let mut records: Vec<Record> = observed.chain(stated).chain(confirmed).chain(kept).collect();
    records.sort_by_key(|r| r.seq);
    records
}

fn level(level: Option<Level>) -> String {
    level.map(|level| level.to_string()).unwrap_or_default()
}

/// Which unit of the product a record speaks of, one line.
fn unit(dut: &DutIdentity) -> String {
    let whole = [("", Some(dut.model.clone())), ("release ", Some(dut.release.clone()))];
    let read = [("serial ", dut.serial.clone()), ("firmware ", dut.firmware.clone())];
    let image = [("image ", dut.firmware_digest.map(|digest| digest.to_string()))];
    let parts = whole.into_iter().chain(read).chain(image);
    let told = parts.filter_map(|(name, value)| Some(format!("{name}{}", value.filter(|v| !v.is_empty())?)));
    told.collect::<Vec<_>>().join(", ")
}

fn file(artefact: &Artefact) -> File {
    let Artefact { digest, size, kind, name, .. } = artefact.clone();
    File { kind, name, size, digest }
}
