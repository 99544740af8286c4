//! What `assay audit-passwords --json` printed: an audit of a manufacturing batch, without the batch.
//!
//! Nothing of it can be measured again from the record; whoever holds the batch audits it again, and its digest tells
//! whether it is the same.

use std::io::Read;

use model::{BatchAudit, BatchFinding, Coverage, Digest, Fact, Level, Period, Reading, Timestamp, Touches};
use serde_json::Value;
use wire::text::visible_str;

use super::json::{list, text};
use super::{ImportError, Imported, Importer, whole};
use crate::{Card, Need};

/// The name that the document gives itself.
pub const DOCUMENT: &str = "assay-password-audit";

/// The card.
pub const CARD: Card = Card {
    id: "import.audit-passwords",
    revision: 1,
    asks: "What in a manufacturing batch of passwords is no chance, as an audit of it found?",
    yields: &["batch-audit"],
    touches: Touches::Nothing,
    needs: &[Need::File],
};

/// The importer.
pub const IMPORTER: Importer = Importer {
    card: &CARD,
    format: "audit-passwords",
    reads: "JSON of `assay audit-passwords --json`",
    level: Level::Imported,
    per_address: false,
    sniff: |begins| {
        let text = String::from_utf8_lossy(begins);
        text.trim_start().starts_with('{') && text.contains(&format!("\"document\": \"{DOCUMENT}\""))
    },
    interpret,
};

const MOST: u64 = 4 << 20;
/// Findings that are taken.
const MOST_FINDINGS: usize = 200;

fn interpret(file: &mut dyn Read, _: &Value) -> Result<Imported, ImportError> {
    let not_this = |why: &str| ImportError::NotThis { format: IMPORTER.format, why: why.to_owned() };
    let root: Value = serde_json::from_slice(&whole(file, IMPORTER.format, MOST)?)
        .map_err(|_| not_this("it is not JSON, or breaks off"))?;
    if text(&root, "document") != DOCUMENT {
        return Err(not_this("it is no audit of passwords"));
    }
    let number = |value: &Value| value.as_u64();
    let batch: Option<Digest> = text(&root, "batch").parse().ok();
    let audited = Timestamp::parse(text(&root, "audited")).ok();
    let units = root.get("rows").and_then(number);
    let (Some(batch), Some(audited), Some(units)) = (batch, audited, units) else {
        return Err(not_this("it lacks `batch`, `audited` or `rows`"));
    };
    let small = |value: Option<u64>| value.and_then(|one| u32::try_from(one).ok()).unwrap_or_default();
    let findings = list(&root, "findings").iter().take(MOST_FINDINGS).map(|finding| BatchFinding {
        kind: visible_str(text(finding, "kind"), 40),
        text: visible_str(text(finding, "text"), 300),
        count: finding.get("count").and_then(number).unwrap_or_default(),
    });
    let audit = BatchAudit {
        mechanism: Some(visible_str(text(&root, "mechanism"), 200)).filter(|id| !id.is_empty()),
        batch,
        units,
        shortest: small(root.get("length").and_then(|length| length.get(0)).and_then(number)),
        alphabet: small(root.get("alphabet").and_then(number)),
        findings: findings.collect(),
    };
    let coverage = Coverage {
        of: "passwords".to_owned(),
        endpoint: None,
        ports: Vec::new(),
        text: format!("{units} units of a batch audited"),
    };
    Ok(Imported {
        reading: Reading { facts: vec![Fact::BatchAudit(audit)], coverage: vec![coverage], ..Reading::default() },
        tool: Some("assay audit-passwords".to_owned()),
        version: Some(visible_str(text(&root, "version"), 40)).filter(|version| !version.is_empty()),
        measured: Some(Period { from: audited, until: audited }),
        elsewhere: Vec::new(),
        about_target: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Imported, ImportError> {
        interpret(&mut text.as_bytes(), &Value::Null)
    }

    #[test]
    fn an_audit_is_read_with_its_time_and_without_any_value() {
        let imported = read(include_str!("samples/audit-passwords.json")).unwrap();
        let [Fact::BatchAudit(audit)] = imported.reading.facts.as_slice() else { panic!("one audit") };
        assert_eq!((audit.mechanism.as_deref(), audit.units), (Some("AuthMech-Label"), 5));
        assert_eq!((audit.shortest, audit.alphabet), (6, 6));
        assert_eq!(audit.findings[0].kind, "counter");
        assert!(imported.measured.is_some() && imported.about_target);
    }

    #[test]
    fn what_breaks_off_or_is_another_document_is_not_taken() {
        let whole = include_str!("samples/audit-passwords.json");
        assert!(read(&whole[..whole.len() / 2]).is_err());
        assert!(read(r#"{"document": "assay-assessment"}"#).is_err());
        assert!(read(&format!(r#"{{"document": "{DOCUMENT}", "rows": 3}}"#)).is_err());
    }
}
