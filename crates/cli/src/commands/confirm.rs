//! `assay confirm`: lists the statements that wait for a second person, and records what one says.

use app::confirm::{Draft, confirm, waiting};
use app::release::visible;

use crate::args::confirm::Confirm;
use crate::args::review::Decision;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Lists what waits, or records the second person's word.
pub(crate) fn run(out: &mut Output, args: &Confirm) -> Result<Exit, Failure> {
    let Some(statement) = args.record else { return list(out, args) };
    let draft = Draft {
        statement,
        decision: match args.decision {
            Decision::Approve => model::Decision::Approve,
            Decision::Return => model::Decision::Return,
        },
        reasons: args.because.clone().unwrap_or_default(),
        person: args.by.clone().unwrap_or_default(),
        role: args.role.clone(),
        key: args.key.clone(),
    };
    let done = confirm(&args.folder, &draft, app::now()).map_err(|e| Failure::new(e, "nothing was recorded"))?;
    let about = match &done.said.entry {
        Some(entry) => format!("{} @ {entry}", done.said.unit),
        None => done.said.unit.clone(),
    };
    out.say(&format!("recorded as number {}: {} of record {statement}, {about}", done.seq, done.said.decision));
    out.clock_behind(done.clock_behind);
    Ok(Exit::Ok)
}

fn list(out: &mut Output, args: &Confirm) -> Result<Exit, Failure> {
    let waiting = waiting(&args.folder).map_err(|e| Failure::new(e, "nothing was told"))?;
    for one in &waiting {
        let about = match &one.body.entry {
            Some(entry) => visible(&format!("{} @ {entry}", one.body.unit)),
            None => one.body.unit.clone(),
        };
        out.data(&format!("#{} {about}: {} by {}\n", one.seq, one.body.outcome(), visible(&one.body.person)));
    }
    match waiting.len() {
        0 => out.say("no statement waits for a second person"),
        _ => out.say("Confirm one: assay confirm --record N --by NAME --because WHY [--decision return]"),
    }
    Ok(Exit::Ok)
}
