//! `assay convert`: a dossier in the other edition, and what became of everything.

use std::fmt::Write as _;

use app::convert::{Answer, ProvisionLine, Report, convert};
use serde_json::json;

use crate::args::Convert;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Writes the new folder and prints the report.
pub(crate) fn run(out: &mut Output, args: &Convert) -> Result<Exit, Failure> {
    let report = convert(&args.folder, args.to, &args.out).map_err(|e| Failure::new(e, "nothing was written"))?;
    if args.json {
        out.json(&json!({"version": 1, "report": report}));
    } else {
        out.data(&text(&report));
    }
    let new = args.out.display();
    out.say(&format!(
        "{new} holds the dossier for V{}: {} errors, {} warnings, {} pieces of advice. Next: `assay check {new}`, and \
         confirm each answer by taking out its line `carried`.",
        report.to, report.checked.errors, report.checked.warnings, report.checked.advice
    ));
    Ok(Exit::Ok)
}

fn text(report: &Report) -> String {
    let mut text = format!("V{} → V{}\n", report.from, report.to);
    provisions(report, &mut text);
    answers(report, &mut text);
    entries(report, &mut text);
    evidence(report, &mut text);
    text
}

fn provisions(report: &Report, text: &mut String) {
    let _ = writeln!(text, "\nProvisions");
    let plain = |p: &&ProvisionLine| p.change == "same" && p.answers.iter().all(|a| *a == Answer::Copied);
    let same = report.provisions.iter().filter(plain).count();
    let _ = writeln!(text, "  {same} unchanged, their answers copied");
    for line in report.provisions.iter().filter(|p| !plain(p)) {
        let from = if line.from.is_empty() { "–".to_owned() } else { line.from.join(", ") };
        let to = if line.to.is_empty() { "–".to_owned() } else { line.to.join(", ") };
        let mut answers: Vec<&str> = line.answers.iter().map(|a| a.as_str()).collect();
        answers.dedup();
        let how = match line.change.as_str() {
            "" | "same" | "new" | "split" | "renumbered" => line.fate.as_str().to_owned(),
            change if line.fate.as_str() == change => change.to_owned(),
            change => format!("{}: {change}", line.fate.as_str()),
        };
        let _ = writeln!(text, "  {from:<18} → {to:<18} {how:<19} {}", answers.join("; "));
    }
}

fn answers(report: &Report, text: &mut String) {
    let _ = writeln!(text, "\nAnswers");
    for answer in [Answer::Copied, Answer::Returned, Answer::ToConfirm, Answer::NotCarried, Answer::Unanswered] {
        let count = report.count(answer);
        if count > 0 {
            let _ = writeln!(text, "  {count:>3} {}", answer.as_str());
        }
    }
    let of = |test: &dyn Fn(&app::convert::Derived) -> bool| -> Vec<&str> {
        report.answers.iter().filter(|a| test(a)).map(|a| a.name.as_str()).collect()
    };
    let _ = writeln!(text, "\nFeatures and conditions");
    for (what, names) in [
        ("follow from what is declared", of(&|a| a.value.is_some())),
        ("are shown by entries and wait for the declaration", of(&|a| a.value.is_none() && a.shown.is_some())),
        ("wait for an answer", of(&|a| a.value.is_none() && a.shown.is_none())),
    ] {
        if !names.is_empty() {
            let _ = writeln!(text, "  {what}: {}", names.join(", "));
        }
    }
}

fn entries(report: &Report, text: &mut String) {
    let moved = |e: &&app::convert::EntryLine| !(e.to.len() == 1 && e.to[0].0 == e.table && e.to[0].1 == e.id);
    let same = report.entries.len() - report.entries.iter().filter(moved).count();
    let _ = writeln!(text, "\nIXIT entries\n  {same} under their table and id");
    for entry in report.entries.iter().filter(moved) {
        let to: Vec<String> = entry.to.iter().map(|(table, id)| format!("{id} of {table}")).collect();
        let to = if to.is_empty() { "no place".to_owned() } else { to.join(", ") };
        let because = entry.because.as_ref().map(|b| format!(": {b}")).unwrap_or_default();
        let _ = writeln!(text, "  {} of {} → {to}{because}", entry.id, entry.table);
    }
    if !report.asked.is_empty() {
        let _ = writeln!(text, "\nAsked besides");
        for asked in &report.asked {
            let entries =
                if asked.entries == 1 { "1 entry".to_owned() } else { format!("{} entries", asked.entries) };
            let _ = writeln!(text, "  {} \"{}\": not said by {entries}", asked.table, asked.field);
        }
    }
    if !report.left.is_empty() {
        let _ = writeln!(text, "\nWithout a place, kept as comments");
        for left in &report.left {
            let _ = writeln!(text, "  {}: {}", left.place, left.what);
        }
    }
}

fn evidence(report: &Report, text: &mut String) {
    let _ = writeln!(text, "\nEvidence");
    if report.observations.is_empty() && report.statements.is_empty() {
        let _ = writeln!(text, "  nothing is recorded");
        return;
    }
    let _ = writeln!(
        text,
        "  {} observations carry, because a measurement does not know the claim",
        report.observations.len()
    );
    for statement in &report.statements {
        let entry = statement.entry.as_ref().map(|e| format!(" @ {e}")).unwrap_or_default();
        let to: Vec<String> = statement
            .confirm
            .iter()
            .map(|(unit, entry)| {
                format!("{unit}{}", entry.as_ref().map(|e| format!(" @ {e}")).unwrap_or_default())
            })
            .collect();
        let to = if to.is_empty() { String::new() } else { format!(" ({})", to.join(", ")) };
        let _ = writeln!(text, "  {}{entry} by {}: {}{to}", statement.unit, statement.person, statement.because);
    }
}
