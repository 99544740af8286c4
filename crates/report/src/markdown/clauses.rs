//! The matrix, and each provision with its answer, its legs and its units.

use super::escape::{cell, line, quote};
use super::{Out, ground_line, grounds, place, steps};
use crate::presentation::{Answer, Case, Control, Prose, Provision, Visible};
use crate::words;

pub(super) fn matrix(out: &mut Out, told: &Visible) {
    out.heading(2, "Provisions by clause");
    out.paragraph("Mandatory provisions are bold.");
    out.columns(&["clause", "provisions"]);
    for clause in &told.clauses {
        let cells: Vec<String> = clause.provisions.iter().map(matrix_cell).collect();
        out.row(&[format!("{} {}", cell(&clause.id), line(&clause.title)), cells.join(" · ")]);
    }
    out.line("");
}

fn matrix_cell(provision: &Provision) -> String {
    let bold = if provision.mandatory { "**" } else { "" };
    format!("{bold}{}{bold} {}", line(&provision.id), words::short(provision.outcome))
}

pub(super) fn provisions(out: &mut Out, told: &Visible) {
    out.heading(2, "Provision by provision");
    for clause in &told.clauses {
        out.heading(3, &format!("{} {}", line(&clause.id), line(&clause.title)));
        for one in &clause.provisions {
            provision(out, one);
        }
    }
}

fn provision(out: &mut Out, provision: &Provision) {
    let kind = words::kind(provision.mandatory);
    out.heading(
        4,
        &format!("{}: {} ({kind}, {})", line(&provision.id), provision.outcome, line(&provision.status)),
    );
    out.paragraph(&line(&provision.summary));
    out.line(&format!("- **verdict** {}: {}", provision.outcome, line(&provision.because)));
    out.line(&format!("- **applies** {}", words::applies(provision)));
    for ground in provision.applies_because.iter().chain(&provision.grounds) {
        out.line(&format!("  - {}", ground_line(ground)));
    }
    for (leg, name) in [(&provision.exists, "exists"), (&provision.works, "works"), (&provision.proven, "proven")]
    {
        out.line(&format!("- **{name}** {}: {}", leg.outcome, line(&leg.because)));
    }
    steps(out, &provision.next);
    out.line("");
    answer(out, &provision.answer);
    if let Some(designed) = &provision.control {
        control(out, designed);
    }
    for one in &provision.cases {
        case(out, one);
    }
}

fn answer(out: &mut Out, answer: &Answer) {
    let support = if answer.support.is_empty() { "no answer" } else { &answer.support };
    let at = answer.at.as_ref().map(|at| format!(", {}", place(at))).unwrap_or_default();
    out.paragraph(&format!("Supplier's answer: **{}**, {}{at}", line(support), line(&answer.standing)));
    prose(out, "Detail", &answer.detail);
    prose(out, "Justification", &answer.justification);
    prose(out, "Compensating control", &answer.compensating);
    if !answer.review.is_empty() {
        out.paragraph(&format!("Looked at again by {}.", line(&answer.review)));
    }
}

fn control(out: &mut Out, control: &Control) {
    let at = control.at.as_ref().map(|at| format!(", {}", place(at))).unwrap_or_default();
    out.paragraph(&format!("Control, owner {}{at}", cell(&control.owner)));
    prose(out, "Design decision", &control.design);
    prose(out, "Implementation pattern", &control.pattern);
    list(out, "Accepted when", &control.criteria);
    list(out, "Documents", &control.documents);
}

fn prose(out: &mut Out, what: &str, text: &Prose) {
    if !text.is_empty() {
        out.paragraph(&format!("{what}:"));
        out.paragraph(&quote(&text.0));
    }
}

fn list(out: &mut Out, what: &str, texts: &[String]) {
    if texts.is_empty() {
        return;
    }
    out.paragraph(&format!("{what}:"));
    for text in texts {
        out.line(&format!("- {}", line(text)));
    }
    out.line("");
}

fn case(out: &mut Out, case: &Case) {
    out.heading(5, &format!("Test case {} ({}): {}", line(&case.id), line(&case.kind), case.outcome));
    out.paragraph(&line(&case.purpose));
    list(out, "Passes when", &case.pass_when);
    list(out, "Or when one of these holds", &case.or_when);
    let mut about = format!("Confidence {}: {}.", case.confidence, words::confidence(case.confidence));
    if !case.reading.is_empty() {
        about.push_str(&format!(" Read as: {}.", line(&case.reading)));
    }
    if let Some(other) = &case.otherwise {
        about.push_str(&format!(" Read as “{}” it would be {}.", line(&other.reading), other.outcome));
    }
    if case.needs_person {
        about.push_str(" **A person has to confirm the verdict.**");
    }
    out.paragraph(&about);
    out.columns(&["unit", "entry", "outcome", "by", "because"]);
    for unit in &case.units {
        for instance in &unit.instances {
            out.row(&[
                cell(&unit.id),
                cell(&instance.entry),
                instance.outcome.to_string(),
                match &instance.carried {
                    Some(carried) => cell(&format!("carried from {}", carried.from)),
                    None => instance.basis.as_str().to_owned(),
                },
                match instance.stale_because.as_str() {
                    "" => cell(&instance.because),
                    stale => cell(&format!("{}. Stale: {stale}", instance.because)),
                },
            ]);
        }
    }
    out.line("");
    for instance in case.units.iter().flat_map(|u| &u.instances) {
        if instance.grounds.is_empty() && instance.next.is_empty() {
            continue;
        }
        out.paragraph(&format!("{}:", line(&instance.id)));
        if let Some(carried) = &instance.carried {
            out.paragraph(&format!(
                "Not measured or decided on this release: carried from {}, assessed in record {}, shown by {}; {}.",
                line(&carried.from),
                carried.assessment,
                words::records(&carried.records),
                line(&carried.policy)
            ));
        }
        grounds(out, &instance.grounds);
        steps(out, &instance.next);
        out.line("");
    }
}
