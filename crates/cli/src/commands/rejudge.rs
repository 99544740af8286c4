//! `assay rejudge`: which recorded verdicts come out otherwise by the rules of this program.

use std::fmt::Write as _;

use app::rejudge::{Rejudged, rejudge};
use model::Outcome;
use serde_json::json;

use crate::args::Rejudge;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Judges again and lists what changed.
pub(crate) fn run(out: &mut Output, args: &Rejudge) -> Result<Exit, Failure> {
    let all = rejudge(&args.folder, args.rules).map_err(|e| Failure::new(e, "nothing was judged again"))?;
    let stands = all.iter().all(Rejudged::stands);
    let exit = if stands { Exit::Ok } else { Exit::Findings };
    if args.json {
        out.json(&json!({"version": 1, "changed": !stands, "assessments": all}));
        return Ok(exit);
    }
    for one in &all {
        out.data(&told(one));
    }
    out.say(&summary(&all, args));
    Ok(exit)
}

fn told(one: &Rejudged) -> String {
    let mut text = format!(
        "#{}  {} {}, judged for {} by rule set {} of {}\n",
        one.record, one.product, one.release, one.at, one.ruleset, one.tool
    );
    let by = match one.ruleset == one.ruleset_now {
        true => "the same rule set".to_owned(),
        false => format!("rule set {}", one.ruleset_now),
    };
    let _ = match (one.changes.len(), one.stands()) {
        (0, true) if one.identical => writeln!(text, "    the same to the last byte, {} verdicts", one.instances),
        (0, true) => writeln!(text, "    {by} gives the same {} verdicts, with other reasons", one.instances),
        (0, false) => {
            writeln!(text, "    {by} gives the same {} verdicts, but not the same reasons", one.instances)
        }
        (n, _) => writeln!(text, "    {by} changes {n} of {} verdicts:", one.instances),
    };
    let width = one.changes.iter().map(|c| c.instance.chars().count()).max().unwrap_or(0).min(40);
    for change in &one.changes {
        let (old, new) = (word(change.old), word(change.new));
        let _ = writeln!(text, "    {:<width$}  {old:>12} → {new:<12}  {}", change.instance, change.because);
    }
    text
}

fn word(outcome: Option<Outcome>) -> &'static str {
    outcome.map_or("–", |outcome| outcome.as_str())
}

fn summary(all: &[Rejudged], args: &Rejudge) -> String {
    let changed: usize = all.iter().map(|one| one.changes.len()).sum();
    let kept = all.iter().filter(|one| one.stands()).count();
    match (all.len(), args.rules) {
        (0, true) => "No recorded assessment was judged by another rule set.".to_owned(),
        (0, false) => {
            format!("No assessment is recorded. `assay judge --record {}` records one.", args.folder.display())
        }
        (n, _) if kept == n => "Nothing changes.".to_owned(),
        (n, _) => format!("{changed} verdicts change, in {} of {n} recorded assessments.", n - kept),
    }
}
