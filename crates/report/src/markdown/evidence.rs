//! What was looked at, the records with their digests, and the words of the report.

use std::fmt::Write as _;

use model::Outcome;

use super::Out;
use super::escape::{cell, code, line};
use crate::presentation::{Flow, Ground, Looked, Record, Review, Tried, Unmet, Visible};
use crate::words;

pub(super) fn looked(out: &mut Out, looked: &[Looked]) {
    out.heading(2, "Looked at");
    if looked.is_empty() {
        out.paragraph("Nothing has been measured for this release.");
        return;
    }
    out.columns(&["probe", "tool", "target", "from", "when", "record", "looked at", "not looked at"]);
    for one in looked {
        let stale = one.stale_since.map(|s| format!(", stale since {}", s.date())).unwrap_or_default();
        let not: Vec<String> = one.not.iter().map(|m| format!("{}: {}", m.why, m.text)).collect();
        out.row(&[
            cell(&one.probe),
            cell(words::tool(&one.tool)),
            cell(&one.target),
            cell(&one.place),
            format!("{}{stale}", one.when),
            one.record.to_string(),
            cell(&one.at.join("; ")),
            cell(&not.join("; ")),
        ]);
    }
    out.line("");
}

/// What is declared and was never met.
pub(super) fn unmet(out: &mut Out, unmet: &[Unmet]) {
    if unmet.is_empty() {
        return;
    }
    out.heading(2, "Declared and never met");
    out.paragraph(words::UNMET);
    out.columns(&["declared", "in", "where", "why", "looked at"]);
    for one in unmet {
        let looked: Vec<String> = words::looked_at(&one.grounds);
        out.row(&[
            cell(&one.declared),
            cell(&one.table),
            cell(&one.what),
            cell(&one.because),
            cell(&looked.join("; ")),
        ]);
    }
    out.line("");
}

/// Each function that was tried, and as whom.
pub(super) fn access(out: &mut Out, access: &[Tried]) {
    if access.is_empty() {
        return;
    }
    out.heading(2, "Access");
    out.paragraph(words::ACCESS);
    let mut columns = vec!["function", "at"];
    columns.extend(words::SUBJECTS);
    columns.push("record");
    out.columns(&columns);
    for tried in access {
        let mut row = vec![cell(&words::function(tried)), cell(&words::tried_at(tried))];
        row.extend(words::got(tried).map(|got| match got {
            "granted" => "**granted**".to_owned(),
            got => cell(got),
        }));
        row.push(tried.record.to_string());
        out.row(&row);
    }
    out.line("");
}

/// Captured traffic against the declared communication.
pub(super) fn traffic(out: &mut Out, traffic: &[Flow]) {
    if traffic.is_empty() {
        return;
    }
    out.heading(2, "Traffic");
    out.paragraph(words::TRAFFIC);
    out.columns(&["result", "declared by", "what", "why", "record"]);
    for flow in traffic {
        let records = flow.grounds.iter().filter_map(|ground| match ground {
            Ground::Observed(observed) => Some(observed.record.to_string()),
            _ => None,
        });
        let mut records: Vec<String> = records.collect();
        records.dedup();
        out.row(&[
            cell(&flow.compared),
            cell(&flow.declared),
            cell(&flow.what),
            cell(&flow.because),
            records.join(", "),
        ]);
    }
    out.line("");
}

pub(super) fn records(out: &mut Out, records: &[Record]) {
    out.heading(2, "Evidence");
    out.columns(&["record", "kind", "of", "target", "by", "when", "digest"]);
    for record in records {
        out.row(&[
            record.seq.to_string(),
            record.kind.as_str().to_owned(),
            cell(&record.of),
            cell(&record.target),
            cell(&record.by),
            record.when.to_string(),
            code(&record.digest.to_string()),
        ]);
        let mut about = words::circumstances(record);
        if !record.tool.is_empty() {
            about.insert(0, format!("output of {}", record.tool));
        }
        if !record.parameters.is_empty() {
            about.push(format!("parameters: {}", record.parameters.join("; ")));
        }
        for text in about {
            let none = String::new;
            out.row(&[none(), "about".to_owned(), cell(&text), none(), none(), none(), none()]);
        }
        for file in &record.files {
            let size = words::count(file.size, "byte");
            let of = cell(&format!("{} ({}, {size})", file.name, file.kind));
            let none = String::new;
            out.row(&[none(), "file".to_owned(), of, none(), none(), none(), code(&file.digest.to_string())]);
        }
    }
    out.line("");
}

pub(super) fn reviews(out: &mut Out, reviews: &[Review]) {
    out.heading(2, "Reviews");
    if reviews.is_empty() {
        out.paragraph("Nobody has reviewed an assessment of this release.");
        return;
    }
    out.columns(&["record", "review", "decision", "by", "role", "when", "reasons"]);
    for review in reviews {
        out.row(&[
            review.record.to_string(),
            cell(&review.checkpoint),
            words::review(review),
            cell(&review.by),
            cell(&review.role),
            review.when.to_string(),
            cell(&review.reasons.0),
        ]);
    }
    out.line("");
}

pub(super) fn foot(out: &mut Out, told: &Visible) {
    out.heading(2, "Words");
    for outcome in Outcome::ALL {
        out.line(&format!("- **{outcome}**: {}", words::meaning(outcome)));
    }
    for (word, meaning) in words::GLOSSARY {
        out.line(&format!("- **{word}**: {meaning}"));
    }
    out.line("");
    out.heading(2, "The standard");
    for document in [&told.head.requirements, &told.head.tests] {
        let mut text = String::new();
        let _ = write!(text, "{} {} ({}), ", document.id, document.version, document.published);
        let _ = write!(text, "{}: {}", document.title, document.url);
        out.line(&format!("- {}", line(&text)));
    }
    out.line("");
    out.line(words::COPYRIGHT);
}
