//! A summary for a terminal, 80 columns, complete without colour.
//!
//! It leaves out what passes and why: that is in the full reports.

mod matrix;
pub(crate) mod page;

use std::collections::BTreeMap;

use model::Outcome;

use crate::Presentation;
use crate::causes::causes;
use crate::presentation::{Finding, Flow, Gap, Ground, Looked, Record, Step, Total, Unmet, Verb, Visible};
use crate::words;
use page::{Page, paint};

/// Causes of findings told in full.
const FINDINGS: usize = 20;
/// Next steps told.
const STEPS: usize = 10;
/// Rows of the comparison of traffic, and of what was never met, told.
const FLOWS: usize = 12;
/// Grounds told of one finding.
const GROUNDS: usize = 4;

/// The summary. Colour is written only when `colour` is set; nothing is told by colour alone.
pub fn terminal(told: &Presentation, colour: bool) -> String {
    let told = told.visible();
    let mut page = Page::new(colour);
    head(&mut page, &told);
    matrix::matrix(&mut page, &told);
    findings(&mut page, &told.findings);
    gaps(&mut page, &told.gaps);
    looked(&mut page, &told.looked);
    unmet(&mut page, &told.unmet);
    traffic(&mut page, &told.traffic);
    evidence(&mut page, &told.records);
    foot(&mut page, &told);
    page.text()
}

fn head(page: &mut Page, told: &Visible) {
    let head = &told.head;
    let model = if head.model.is_empty() { String::new() } else { format!(" ({})", head.model) };
    page.bold(&format!("{}{model}, release {}", words::or_unsaid(&head.product), words::or_unsaid(&head.release)));
    page.wrapped(2, "", head.edition.citation());
    page.wrapped(2, "", &format!("judged for {} by rule set {}, {}", head.at, head.ruleset, head.tool));
    page.wrapped(2, "", &format!("cryptography policy: {}", words::policy(&head.crypto_policy)));
    page.blank();
    total(page, "Mandatory", &told.mandatory);
    total(page, "Recommended", &told.recommended);
    page.blank();
}

fn total(page: &mut Page, what: &str, total: &Total) {
    let word = total.outcome.as_str().to_uppercase();
    let word = paint(page.colour(), total.outcome, &word);
    let plain = total.outcome.as_str().chars().count();
    page.line(&format!("{what:<12} {word}{}  {}", " ".repeat(14_usize.saturating_sub(plain)), counts(total)));
    page.wrapped(15, "", &total.because);
}

fn counts(total: &Total) -> String {
    let some = Outcome::ALL.into_iter().filter(|o| total.counts.of(*o) > 0);
    some.map(|o| format!("{} {}", total.counts.of(o), words::short(o))).collect::<Vec<_>>().join(", ")
}

fn findings(page: &mut Page, findings: &[Finding]) {
    if findings.is_empty() {
        page.bold("No finding");
        page.wrapped(2, "", "Nothing that was looked at is broken. What was not looked at is below.");
        page.blank();
        return;
    }
    page.bold(&words::findings(findings));
    let causes = causes(findings);
    for cause in causes.iter().take(FINDINGS) {
        let first = cause.first();
        let mark = paint(page.colour(), Outcome::Fail, "✗");
        if cause.findings.len() == 1 {
            page.line(&format!("{mark} {}  {}  {}", first.provision, words::kind(first.mandatory), first.about));
        } else {
            let (mandatory, other) = (cause.provisions(true), cause.provisions(false));
            let told = [(mandatory, true), (other, false)].map(|(of, kind)| match of.is_empty() {
                true => String::new(),
                false => format!("{}  {}", of.join(", "), words::kind(kind)),
            });
            let told: Vec<String> = told.into_iter().filter(|one| !one.is_empty()).collect();
            page.marked(&mark, &told.join("; "));
        }
        page.wrapped(4, "", &first.because);
        if cause.findings.len() > 1 {
            let about: Vec<&str> = cause.findings.iter().map(|finding| finding.about.as_str()).collect();
            page.wrapped(6, "fails    ", &about.join(", "));
        }
        for ground in cause.grounds.iter().take(GROUNDS) {
            page.wrapped(6, &format!("{:<9}", words::source(ground)), &ground_line(ground));
        }
        more(page, 6, cause.grounds.len(), GROUNDS, "more grounds in the report");
        for next in &first.next {
            step(page, 6, "→ ", next);
        }
    }
    more(page, 0, causes.len(), FINDINGS, "more causes in the report");
    page.blank();
}

fn ground_line(ground: &Ground) -> String {
    match ground {
        Ground::Declared(g) => format!("{}: {}", g.at.position(), g.text),
        Ground::Observed(g) => {
            let by = words::measured_by(&g.probe, &g.tool);
            format!("#{} {by} at {}, {}: {}", g.record, g.target, g.when, g.text)
        }
        Ground::Stated(g) => format!("#{} {}, {}: {}", g.record, g.by, g.when, g.text),
        Ground::Rule(g) => g.text.clone(),
    }
}

pub(crate) fn step(page: &mut Page, indent: usize, lead: &str, step: &Step) {
    page.wrapped(indent, lead, &step.text);
    if let Some(command) = &step.command {
        page.wrapped(indent + lead.chars().count(), "$ ", command);
    }
}

fn gaps(page: &mut Page, gaps: &[Gap]) {
    if gaps.is_empty() {
        return;
    }
    page.bold(&format!("In the way: {}, what blocks most first", words::count(gaps.len() as u64, "next step")));
    page.wrapped(0, "", words::COMMANDS);
    for (at, gap) in gaps.iter().take(STEPS).enumerate() {
        step(page, 0, &format!("{:>2} ", at + 1), &gap.step);
        page.wrapped(3, "", &waits(gap));
    }
    more(page, 0, gaps.len(), STEPS, "more steps in the report");
    page.blank();
}

/// What waits for a step.
pub(crate) fn waits(gap: &Gap) -> String {
    let mut parts = Vec::new();
    if !gap.provisions.is_empty() {
        let provisions = words::count(gap.provisions.len() as u64, "provision");
        parts.push(format!("{provisions} ({} mandatory)", gap.mandatory));
    }
    if !gap.instances.is_empty() {
        let first = gap.instances.len() > 1 && gap.step.command.is_some() && gap.step.verb == Verb::State;
        let first = if first { ", the command decides the first" } else { "" };
        parts.push(format!("{}{first}", words::count(gap.instances.len() as u64, "unit instance")));
    }
    if parts.is_empty() {
        parts.push(format!("{} of a claim", words::count(gap.legs.len() as u64, "leg")));
    }
    format!("unblocks {}", parts.join(", "))
}

fn looked(page: &mut Page, looked: &[Looked]) {
    page.bold("Looked at");
    if looked.is_empty() {
        page.wrapped(0, "", "Nothing has been measured for this release.");
    }
    for one in looked {
        let stale = if one.stale_since.is_some() { ", stale" } else { "" };
        let same = |other: &&Looked| (&other.probe, &other.target) == (&one.probe, &one.target);
        let several = looked.iter().filter(same).count() > 1;
        let from = if several { format!(" from {}", one.place) } else { String::new() };
        let by = words::measured_by(&one.probe, &one.tool);
        let lead = format!("{by} at {}{from}{stale}: ", one.target);
        page.wrapped(0, &lead, if one.at.is_empty() { "nothing" } else { &one.at[0] });
        if one.at.len() > 1 {
            page.wrapped(2, "", &format!("and {}", words::count(one.at.len() as u64 - 1, "more line")));
        }
        if let Some(missed) = one.not.first() {
            let all = words::count(one.not.len() as u64, "shortfall");
            page.wrapped(2, "", &format!("{all}, the first: {}: {}", missed.why, missed.text));
        }
    }
    page.blank();
}

/// What is declared and was never met.
fn unmet(page: &mut Page, unmet: &[Unmet]) {
    if unmet.is_empty() {
        return;
    }
    page.bold("Declared and never met; not shown to be off, and nothing passes by it");
    for one in unmet.iter().take(FLOWS) {
        page.wrapped(0, "", &format!("{} ({}): {}", one.declared, one.what, one.because));
    }
    more(page, 0, unmet.len(), FLOWS, "more in the report");
    page.blank();
}

/// Captured traffic against the declared communication, the contradictions first.
fn traffic(page: &mut Page, traffic: &[Flow]) {
    if traffic.is_empty() {
        return;
    }
    page.bold("Traffic against the declared communication");
    for flow in traffic.iter().take(FLOWS) {
        let of = if flow.declared.is_empty() { &flow.what } else { &flow.declared };
        page.wrapped(0, &format!("{:<13}", flow.compared), &format!("{of}: {}", flow.because));
    }
    more(page, 0, traffic.len(), FLOWS, "more in the report");
    page.blank();
}

/// How far the records can be checked, and which units of the product they speak of.
fn evidence(page: &mut Page, records: &[Record]) {
    if records.is_empty() {
        return;
    }
    let counted = |of: &dyn Fn(&Record) -> &str| {
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        for record in records {
            *counts.entry(of(record)).or_default() += 1;
        }
        counts
    };
    let levels = counted(&|record| words::level(&record.level));
    let levels: Vec<String> = levels.into_iter().map(|(level, count)| format!("{count} {level}")).collect();
    page.bold(&format!("Evidence: {}", words::count(records.len() as u64, "record")));
    page.wrapped(0, "how checkable: ", &levels.join(", "));
    for (unit, count) in counted(&|record| &record.unit).into_iter().filter(|(unit, _)| !unit.is_empty()) {
        page.wrapped(0, &format!("{}: ", words::count(count, "record")), unit);
    }
    page.blank();
}

fn foot(page: &mut Page, told: &Visible) {
    let figures = &told.figures;
    let cases = figures.confidence_high + figures.confidence_medium + figures.confidence_low;
    page.wrapped(
        0,
        "",
        &format!(
            "This is no certificate. Criteria of {cases} applicable test cases: {} read, {} derived, {} uncertain; \
             a person has to confirm {}.",
            figures.confidence_high, figures.confidence_medium, figures.confidence_low, figures.needs_person
        ),
    );
    for review in &told.reviews {
        let lead = format!("review     #{} {}: ", review.record, review.checkpoint);
        let by = format!("{} ({})", review.by, words::or_unsaid(&review.role));
        let reasons = review.reasons.0.replace('\n', " ");
        page.wrapped(0, &lead, &format!("{} by {by}: {reasons}", words::review(review)));
    }
    for written in &told.written {
        page.wrapped(0, &format!("{:<10} ", written.what), &written.path);
    }
    page.wrapped(0, &format!("{:<10} ", "exit"), &format!("{}: {}", told.exit.code, told.exit.meaning));
}

fn more(page: &mut Page, indent: usize, all: usize, shown: usize, what: &str) {
    if all > shown {
        page.wrapped(indent, "", &format!("… and {} {what}", all - shown));
    }
}
