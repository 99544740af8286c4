//! `assay guide`: what waits for a person, and the procedure of one unit with what closing it takes.

use std::fmt::Write as _;

use app::guided::{Guide as Guided, guide_in, waiting};
use app::release::visible;

use crate::args::guide::Guide;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Tells, and records nothing.
pub(crate) fn run(out: &mut Output, args: &Guide) -> Result<Exit, Failure> {
    let Some(unit) = &args.unit else { return list(out, args) };
    let guided = guide_in(&args.folder, unit, args.entry.as_deref());
    let (_, guided) = guided.map_err(|e| Failure::new(e, "nothing was told"))?;
    out.data(&told(&guided));
    Ok(Exit::Ok)
}

fn list(out: &mut Output, args: &Guide) -> Result<Exit, Failure> {
    let assessed =
        app::assess::assess(&args.folder, app::now()).map_err(|e| Failure::new(e, "nothing was told"))?;
    let waiting = waiting(&assessed.dossier, &assessed.assessment, &[]);
    let mut text = String::new();
    for one in &waiting {
        let about = match &one.entry {
            Some(entry) => format!("{} {entry}", one.unit),
            None => one.unit.clone(),
        };
        let _ = writeln!(text, "{:<28} {:<10} {}", visible(&about), one.method, one.summary);
    }
    out.data(&text);
    match waiting.len() {
        0 => out.say("nothing waits for a person"),
        _ => out.say("Show one: assay guide FOLDER UNIT [ENTRY]"),
    }
    Ok(Exit::Ok)
}

fn told(guide: &Guided) -> String {
    let mut text =
        format!("Unit {}, release {}\n{}\n", visible(&guide.about()), visible(&guide.release), guide.unit.summary);
    let mut part = |title: &str, lines: Vec<String>| {
        let _ = writeln!(text, "\n{title}");
        for line in lines {
            let _ = writeln!(text, "  {line}");
        }
    };
    part("Prepare", guide.procedure.prepare.iter().map(|line| format!("- {line}")).collect());
    let steps = (1..).zip(&guide.procedure.steps).map(|(number, step)| match guide.procedure.timer(number) {
        Some(timer) => match timer.least {
            Some(least) => format!("{number}. {step}\n     Time it: {}, at least {} min.", timer.what, least / 60),
            None => format!("{number}. {step}\n     Time it: {}.", timer.what),
        },
        None => format!("{number}. {step}"),
    });
    part("Do", steps.collect());
    part("Record", guide.procedure.record.iter().map(|line| format!("- {line}")).collect());
    part("Decide", vec![guide.procedure.decide.clone()]);
    let mut wanted = Vec::new();
    if guide.artefacts.is_empty() {
        wanted.push("- no artefact".to_owned());
    }
    wanted.extend(guide.artefacts.iter().map(|kind| format!("- an artefact of the kind {kind}")));
    wanted.extend(guide.criteria.iter().map(|criterion| match criterion.optional {
        false => format!("- a verdict with its reasoning on: {}", criterion.text),
        true => format!("- or, where it holds, on: {}", criterion.text),
    }));
    wanted.extend(guide.also.map(|also| format!("- decide also {also}")));
    if guide.two_persons {
        wanted.push("- a second person, who confirms it before it counts".to_owned());
    }
    part("To close it takes", wanted);
    text
}
