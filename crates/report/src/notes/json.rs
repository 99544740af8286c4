//! Notes as one JSON document, for scripts and editors.

use dossier::{Note, SourceText, position};
use serde_json::{Value, json};

use super::NoteCounts;

/// The notes as one JSON document, version 1.
pub fn json(sources: &[SourceText], notes: &[Note]) -> Value {
    let all: Vec<Value> = notes
        .iter()
        .map(|note| {
            let labels: Vec<Value> = note
                .labels
                .iter()
                .map(|(span, text)| {
                    let at = position(sources, *span);
                    json!({
                        "path": at.path, "line": at.line, "column": at.column,
                        "start": span.start, "end": span.end, "text": text,
                    })
                })
                .collect();
            json!({
                "code": note.code,
                "severity": note.severity,
                "message": note.message,
                "labels": labels,
                "consequences": note.consequences,
                "hint": note.hint,
            })
        })
        .collect();
    json!({"version": 1, "counts": NoteCounts::of(notes), "notes": all})
}
