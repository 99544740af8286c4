//! The controls as Markdown, a section a provision.

use std::collections::BTreeMap;

use super::{Controls, OfRelease, Settled, Sheet, Should, Test};
use crate::markdown::Out;
use crate::markdown::escape::{cell, code, line, quote};
use crate::presentation::{Control, Prose};
use crate::words;

/// The controls.
pub fn markdown(told: &Controls) -> String {
    let told = told.visible();
    let mut out = Out::default();
    let name = format!("{}, release {}", words::or_unsaid(&told.product), words::or_unsaid(&told.release));
    out.heading(1, &format!("Controls of {}", line(&name)));
    out.paragraph(&format!("{}, for {}, by {}.", told.edition.citation(), told.at, line(&told.tool)));
    out.paragraph(&format!("{}.", told.counted()));
    for clause in &told.clauses {
        out.heading(2, &line(&format!("{} {}", clause.id, clause.title)));
        clause.provisions.iter().for_each(|one| sheet(&mut out, one));
    }
    out.paragraph(words::COPYRIGHT);
    out.text()
}

fn sheet(out: &mut Out, sheet: &Sheet) {
    out.heading(3, &format!("{}, {}: {}", line(&sheet.id), words::kind(sheet.mandatory), sheet.outcome));
    out.paragraph(&line(&sheet.summary));
    out.line(&format!("- status {}; look it up in {}", line(&sheet.status), line(&sheet.look_up.join("; "))));
    let support = if sheet.answer.support.is_empty() { "no answer" } else { &sheet.answer.support };
    out.line(&format!("- answer: {}, {}", line(support), line(&sheet.answer.standing)));
    out.line(&format!("- {}: {}", sheet.outcome, line(&sheet.because)));
    for step in &sheet.lacks {
        out.line(&format!("- **lacks**: {}", line(&step.text)));
    }
    out.line("");
    if let Some(designed) = &sheet.control {
        control(out, designed);
    }
    if let Some(told) = &sheet.should {
        should(out, told);
    }
    plan(out, &sheet.test_plan);
    evidence(out, &sheet.evidence);
}

fn prose(out: &mut Out, what: &str, text: &Prose) {
    if !text.is_empty() {
        out.line(&format!("**{what}**"));
        out.line("");
        out.paragraph(&quote(&text.0));
    }
}

fn control(out: &mut Out, control: &Control) {
    prose(out, "Design decision", &control.design);
    prose(out, "Implementation pattern", &control.pattern);
    for one in &control.criteria {
        out.line(&format!("- accepted when: {}", line(one)));
    }
    for one in &control.documents {
        out.line(&format!("- document: {}", code(one)));
    }
    if !control.owner.is_empty() {
        out.line(&format!("- owner: {}", line(&control.owner)));
    }
    if let Some(at) = &control.at {
        out.line(&format!("- written at {}", code(&at.position())));
    }
    out.line("");
}

fn should(out: &mut Out, should: &Should) {
    out.line(&format!("**Recommendation: {}**", should.state.as_str()));
    out.line("");
    prose(out, "Rationale", &should.rationale);
    prose(out, "Compensating control", &should.compensating);
    if !should.review.is_empty() {
        let over = if should.overdue { ", which is over" } else { "" };
        out.line(&format!("- looked at again by {}{over}", line(&should.review)));
    }
    for one in &should.lacks {
        out.line(&format!("- **lacks**: {}", line(one)));
    }
    out.line("");
}

fn plan(out: &mut Out, plan: &[Test]) {
    out.line("**Test plan**");
    out.line("");
    if plan.is_empty() {
        out.paragraph("No unit instance.");
        return;
    }
    out.columns(&["unit", "entry", "settled by", "touches", "outcome", "because", "missing first"]);
    for test in plan {
        let by: Vec<String> = test.settled_by.iter().map(settled).collect();
        let currency = match test.currency.as_str() {
            word @ ("stale" | "carried-over") => format!("{}, {word}", test.outcome),
            _ => test.outcome.to_string(),
        };
        out.row(&[
            cell(&test.unit),
            cell(&test.entry),
            if by.is_empty() { "–".to_owned() } else { by.join("; ") },
            cell(&test.touches),
            currency,
            cell(&test.because),
            cell(&test.missing.join("; ")),
        ]);
    }
    out.line("");
    let units: BTreeMap<&str, &str> = plan.iter().map(|t| (t.unit.as_str(), t.summary.as_str())).collect();
    for (unit, summary) in units {
        out.line(&format!("- {}: {}", line(unit), line(summary)));
    }
    out.line("");
}

fn settled(one: &Settled) -> String {
    format!("{}: {}", one.how.as_str(), line(&one.by))
}

fn evidence(out: &mut Out, evidence: &[OfRelease]) {
    out.line("**Evidence**");
    out.line("");
    if evidence.iter().all(|of| of.records.is_empty()) {
        out.paragraph("Nothing is recorded.");
        return;
    }
    out.columns(&["release", "record", "of", "by", "when", "standing", "because", "digest"]);
    for of in evidence {
        for proof in &of.records {
            out.row(&[
                cell(&of.release),
                proof.record.to_string(),
                cell(&proof.of),
                cell(&proof.by),
                proof.when.to_string(),
                proof.standing.as_str().to_owned(),
                cell(&proof.because),
                code(&proof.digest.to_string()),
            ]);
        }
    }
    out.line("");
}
