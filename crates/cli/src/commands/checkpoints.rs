//! `assay checkpoints`: where the release stands, and who signs it off.

use std::path::PathBuf;

use app::checkpoints::{self, Draft, Signed};

use crate::args::checkpoints::{Checkpoints, CheckpointsCommand, CheckpointsShow, CheckpointsSign};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Does what the subcommand says.
pub(crate) fn run(out: &mut Output, args: &Checkpoints) -> Result<Exit, Failure> {
    const NOTHING: &str = "nothing was signed";
    let here = CheckpointsShow { folder: PathBuf::from("."), json: false };
    match &args.command {
        None => show(out, &here),
        Some(CheckpointsCommand::Show(args)) => show(out, args),
        Some(CheckpointsCommand::Sign(args)) => {
            let signed = checkpoints::sign(&args.folder, &draft(args), app::now());
            said(out, "signed off", args, signed.map_err(|e| Failure::new(e, NOTHING))?)
        }
        Some(CheckpointsCommand::TakeBack(args)) => {
            let signed = checkpoints::take_back(&args.folder, &draft(args), app::now());
            said(out, "taken back", args, signed.map_err(|e| Failure::new(e, "nothing was taken back"))?)
        }
    }
}

fn show(out: &mut Output, args: &CheckpointsShow) -> Result<Exit, Failure> {
    let told =
        checkpoints::show(&args.folder, app::now()).map_err(|e| Failure::new(e, "nothing was looked at"))?;
    match args.json {
        true => out.json(&report::checkpoints::json(&told)),
        false => out.data(&report::checkpoints::terminal(&told, out.colour())),
    }
    Ok(Exit::Ok)
}

fn draft(args: &CheckpointsSign) -> Draft {
    Draft {
        checkpoint: args.checkpoint.clone(),
        reasons: args.because.clone(),
        person: args.by.clone(),
        role: args.role.clone(),
        key: args.key.clone(),
    }
}

fn said(out: &mut Output, what: &str, args: &CheckpointsSign, signed: Signed) -> Result<Exit, Failure> {
    let (name, release) = (app::release::visible(&args.checkpoint), app::release::visible(&signed.release));
    out.say(&format!("recorded as number {}: `{name}` of release {release} {what}", signed.seq));
    out.clock_behind(signed.clock_behind);
    Ok(Exit::Ok)
}
