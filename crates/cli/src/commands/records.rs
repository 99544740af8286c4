//! `assay records`: what is recorded, and whether the ledger is sound.

use std::fmt::Write as _;

use app::records::Records;
use serde_json::json;

use crate::args;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Lists and verifies.
pub(crate) fn run(out: &mut Output, args: &args::Records) -> Result<Exit, Failure> {
    if !args.folder.is_dir() {
        let why = format!("find the folder {}: it is not there", args.folder.display());
        return Err(Failure::new(std::io::Error::other(why), "nothing was listed"));
    }
    if !Records::exist(&args.folder) {
        out.say(&format!("{}: nothing is recorded yet", args.folder.display()));
        return Ok(Exit::Ok);
    }
    let failed = |error| {
        let broken = app::is_broken_ledger(&error);
        let not_done = if broken { "nothing that rests on this ledger counts" } else { "nothing was verified" };
        Failure::new(error, not_done)
    };
    let records = Records::open(&args.folder).map_err(failed)?;
    let summary = if args.quiet { records.verify() } else { records.verify_whole() }.map_err(failed)?;
    if !args.quiet {
        let lines = records.lines().map_err(|e| Failure::new(e, "nothing was listed"))?;
        if args.json {
            let root = summary.as_ref().map(|s| s.root.to_string());
            out.json(&json!({"version": 1, "verified": true, "root": root, "records": lines}));
            return Ok(Exit::Ok);
        }
        let mut text = String::new();
        for line in &lines {
            let digest = &line.digest[..line.digest.len().min(19)];
            let _ = writeln!(
                text,
                "{:>5}  {:<24}  {:<17} {digest}…  {}",
                line.seq, line.recorded_at, line.kind, line.about
            );
        }
        out.data(&text);
    }
    match summary {
        Some(summary) => {
            out.say(&format!(
                "{} records verify: chain, signatures, checkpoint. Root {}",
                summary.size, summary.root
            ));
        }
        None => out.say("The ledger is empty."),
    }
    Ok(Exit::Ok)
}
