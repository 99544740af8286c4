//! Notes as SARIF 2.1.0 (OASIS), which code-review pages show beside the line.

use std::collections::BTreeSet;

use dossier::{Note, Severity, SourceText, position};
use serde_json::{Value, json};

/// The notes as one SARIF log.
pub fn sarif(sources: &[SourceText], notes: &[Note], version: &str) -> Value {
    let codes: BTreeSet<&str> = notes.iter().map(|n| n.code).collect();
    let rules: Vec<Value> = codes.iter().map(|code| json!({"id": code})).collect();
    let results: Vec<Value> = notes
        .iter()
        .map(|note| {
            let mut places = note.labels.iter().map(|(span, text)| {
                let at = position(sources, *span);
                let end = position(sources, dossier::Span { start: span.end, ..*span });
                json!({
                    "physicalLocation": {
                        "artifactLocation": {"uri": at.path},
                        "region": {
                            "startLine": at.line, "startColumn": at.column,
                            "endLine": end.line, "endColumn": end.column,
                        },
                    },
                    "message": {"text": text},
                })
            });
            let first: Vec<Value> = places.next().into_iter().collect();
            let related: Vec<Value> = places.collect();
            let hint = note.hint.as_ref().map_or(String::new(), |h| format!(" Hint: {h}."));
            json!({
                "ruleId": note.code,
                "level": match note.severity {
                    Severity::Error => "error",
                    Severity::Warning => "warning",
                    Severity::Advice => "note",
                },
                "message": {"text": format!("{}.{hint}", note.message)},
                "locations": first,
                "relatedLocations": related,
            })
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "assay", "version": version, "rules": rules}},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_stands_at_its_line() {
        let text = "edition = \"9\"\n".to_owned();
        let (dossier, notes) = dossier::read(vec![SourceText { path: "assay.toml".into(), text }]);
        let log = sarif(&dossier.sources, &notes, "1");
        let result = &log["runs"][0]["results"][0];
        assert_eq!(result["ruleId"], "unknown-edition");
        assert_eq!(result["locations"][0]["physicalLocation"]["region"]["startColumn"], 11);
        assert_eq!(result["locations"][0]["physicalLocation"]["region"]["endColumn"], 14);
    }
}
