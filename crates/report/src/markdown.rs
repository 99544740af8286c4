//! The full report as Markdown (CommonMark with tables), for a repository or a ticket.

mod clauses;
pub(crate) mod escape;
mod evidence;

use model::Outcome;

use crate::Presentation;
use crate::causes::causes;
use crate::presentation::{Finding, Gap, Ground, Place, Step, Visible};
use crate::words;
use escape::{cell, code, line};

/// The report.
pub fn markdown(told: &Presentation) -> String {
    let told = told.visible();
    let mut out = Out::default();
    title(&mut out, &told);
    basis(&mut out, &told);
    clauses::matrix(&mut out, &told);
    findings(&mut out, &told.findings);
    gaps(&mut out, &told.gaps);
    evidence::looked(&mut out, &told.looked);
    evidence::unmet(&mut out, &told.unmet);
    evidence::access(&mut out, &told.access);
    evidence::traffic(&mut out, &told.traffic);
    clauses::provisions(&mut out, &told);
    evidence::records(&mut out, &told.records);
    evidence::reviews(&mut out, &told.reviews);
    evidence::foot(&mut out, &told);
    out.0
}

/// Text that grows by paragraphs.
#[derive(Default)]
pub(crate) struct Out(String);

impl Out {
    /// All of it.
    pub(crate) fn text(self) -> String {
        self.0
    }

    /// One line.
    pub(crate) fn line(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    /// A paragraph.
    pub(crate) fn paragraph(&mut self, text: &str) {
        self.line(text);
        self.line("");
    }

    /// A heading.
    pub(crate) fn heading(&mut self, level: usize, text: &str) {
        self.paragraph(&format!("{} {text}", "#".repeat(level)));
    }

    /// The head of a table.
    pub(crate) fn columns(&mut self, names: &[&str]) {
        self.line(&format!("| {} |", names.join(" | ")));
        self.line(&format!("|{}", " --- |".repeat(names.len())));
    }

    /// A row of it.
    pub(crate) fn row(&mut self, cells: &[String]) {
        self.line(&format!("| {} |", cells.join(" | ")));
    }
}

fn title(out: &mut Out, told: &Visible) {
    let head = &told.head;
    let name = format!("{}, release {}", words::or_unsaid(&head.product), words::or_unsaid(&head.release));
    out.heading(1, &format!("Assessment of {}", line(&name)));
    out.columns(&["", ""]);
    for (what, text) in [
        ("Model", head.model.as_str()),
        ("Supplier organization", &head.supplier),
        ("Assessed by", &head.assessor),
        ("Edition", head.edition.citation()),
        ("Judged for", &head.at.to_string()),
        ("Rule set", &head.ruleset.to_string()),
        ("Cryptography policy", &words::policy(&head.crypto_policy)),
        ("Program", &head.tool),
    ] {
        out.row(&[what.to_owned(), cell(words::or_unsaid(text))]);
    }
    if let Some(ledger) = &head.ledger {
        let signers = ledger.signers.join(", ");
        let text = format!("{}, root {}", words::count(ledger.records, "record"), ledger.root);
        out.row(&["Ledger".to_owned(), cell(&text)]);
        out.row(&["Signed by".to_owned(), cell(&signers)]);
    }
    out.line("");
    out.heading(2, "Verdict");
    out.columns(&["", "verdict", "fail", "inconclusive", "open", "pass", "n/a", "because"]);
    for (what, total) in [("Mandatory", &told.mandatory), ("Recommended", &told.recommended)] {
        let mut row = vec![what.to_owned(), format!("**{}**", total.outcome)];
        row.extend(Outcome::ALL.map(|o| total.counts.of(o).to_string()));
        row.push(cell(&total.because));
        out.row(&row);
    }
    out.line("");
    out.heading(2, "What this report does not claim");
    for limit in &told.limits {
        out.line(&format!("- {}", line(limit)));
    }
    out.line("");
}

fn basis(out: &mut Out, told: &Visible) {
    let figures = &told.figures;
    out.heading(2, "What the verdicts rest on");
    let counts = &figures.instances;
    let decided: Vec<String> =
        figures.decided_by.iter().map(|t| format!("{} by {}", t.count, line(&t.what))).collect();
    let text =
        format!("{} unit instances, {} of them undecided", counts.total(), counts.open + counts.inconclusive);
    out.line(&format!(
        "- {text}; decided: {}",
        if decided.is_empty() { "none".into() } else { decided.join(", ") }
    ));
    out.line(&format!(
        "- criteria of applicable test cases: {} high, {} medium, {} low confidence; a person has to confirm {}",
        figures.confidence_high, figures.confidence_medium, figures.confidence_low, figures.needs_person
    ));
    for person in &told.people {
        let statements = words::count(person.statements, "statement");
        out.line(&format!("- {statements} by {}, {}", line(&person.name), line(words::or_unsaid(&person.role))));
    }
    out.line("");
}

fn findings(out: &mut Out, findings: &[Finding]) {
    out.heading(2, &format!("Findings ({})", findings.len()));
    if findings.is_empty() {
        out.paragraph("Nothing that was looked at is broken.");
    }
    for cause in causes(findings) {
        let first = cause.first();
        match cause.findings.len() {
            1 => {
                let kind = words::kind(first.mandatory);
                out.heading(3, &format!("{}, {kind}: {}", line(&first.provision), line(&first.about)));
                out.paragraph(&line(&first.because));
            }
            number => {
                let kind = if cause.mandatory() { "mandatory" } else { "recommendation" };
                let provisions = [cause.provisions(true), cause.provisions(false)].concat();
                out.heading(3, &format!("{}, {kind}: {number} unit instances", line(&provisions.join(", "))));
                out.paragraph(&line(&first.because));
                for finding in &cause.findings {
                    let kind = words::kind(finding.mandatory);
                    out.line(&format!("- **fails** {}, {kind}", line(&finding.about)));
                }
            }
        }
        grounds(out, cause.grounds.iter().copied());
        steps(out, &first.next);
        out.line("");
    }
}

fn grounds<'a>(out: &mut Out, grounds: impl IntoIterator<Item = &'a Ground>) {
    for ground in grounds {
        out.line(&format!("- {}", ground_line(ground)));
    }
}

fn ground_line(ground: &Ground) -> String {
    match ground {
        Ground::Declared(g) => format!("**declared** {}: {}", place(&g.at), line(&g.text)),
        Ground::Observed(g) => {
            let at = format!(
                "record {} of {}, {} at {}",
                g.record,
                g.when,
                line(&words::measured_by(&g.probe, &g.tool)),
                line(&g.target)
            );
            format!("**observed** ({at}): {}", code(&g.text))
        }
        Ground::Stated(g) => {
            format!("**stated** by {} (record {} of {}): {}", line(&g.by), g.record, g.when, line(&g.text))
        }
        Ground::Rule(g) => format!("**rule** {}", line(&g.text)),
    }
}

fn place(at: &Place) -> String {
    let quote = if at.quote.trim().is_empty() { String::new() } else { format!(" {}", code(at.quote.trim())) };
    format!("{}{quote}", code(&at.position()))
}

fn steps(out: &mut Out, steps: &[Step]) {
    for step in steps {
        out.line(&format!("- **next** ({}): {}", words::verb(step.verb), step_line(step)));
    }
}

fn step_line(step: &Step) -> String {
    match &step.command {
        Some(command) => format!("{} {}", line(&step.text), code(command)),
        None => line(&step.text),
    }
}

fn gaps(out: &mut Out, gaps: &[Gap]) {
    out.heading(2, &format!("In the way ({})", gaps.len()));
    if gaps.is_empty() {
        out.paragraph("Nothing stands between here and decided verdicts.");
        return;
    }
    out.paragraph(words::COMMANDS);
    out.columns(&["", "next step", "unblocks", "provisions", "unit instances", "missing"]);
    for (at, gap) in gaps.iter().enumerate() {
        let provisions = if gap.provisions.is_empty() { &gap.legs } else { &gap.provisions };
        out.row(&[
            (at + 1).to_string(),
            step_line(&gap.step).replace('\n', " "),
            cell(&crate::terminal::waits(gap)),
            cell(&provisions.join(", ")),
            cell(&gap.instances.join(", ")),
            cell(&gap.missing.join("; ")),
        ]);
    }
    out.line("");
}
