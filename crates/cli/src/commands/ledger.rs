//! `assay ledger`: the log itself, made anew, verified, proven and shown.

use app::database::{self, To};
use app::log::{self, LogError};
use app::stamp;
use serde_json::json;

use crate::args::ledger::{Ledger, LedgerCommand, Move, Prove, Show, Timestamp, Verify};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Does what the subcommand says.
pub(crate) fn run(out: &mut Output, args: &Ledger) -> Result<Exit, Failure> {
    match &args.command {
        LedgerCommand::Rebuild => rebuild(out, args),
        LedgerCommand::Verify(verify) => self::verify(out, args, verify),
        LedgerCommand::Checkpoint => {
            out.data(&log::checkpoint(&args.folder).map_err(|e| failed(e, "no checkpoint was printed"))?);
            Ok(Exit::Ok)
        }
        LedgerCommand::Prove(prove) => self::prove(out, args, prove),
        LedgerCommand::Timestamp(timestamp) => stamp(out, args, timestamp),
        LedgerCommand::Move(to) => self::move_to(out, args, to),
        LedgerCommand::Show(show) => self::show(out, args, show),
    }
}

fn failed(error: LogError, not_done: &'static str) -> Failure {
    let broken = app::is_broken_ledger(&error);
    Failure::new(error, if broken { "nothing that rests on this ledger counts" } else { not_done })
}

fn rebuild(out: &mut Output, args: &Ledger) -> Result<Exit, Failure> {
    let remade = log::rebuild(&args.folder).map_err(|e| failed(e, "the index stays as it was"))?;
    let index = &remade.index;
    out.say(&format!(
        "{} records read, {} of them listed wrongly before; {} files of evidence listed",
        index.leaves, index.corrected, index.blobs
    ));
    for damaged in &index.damaged {
        out.say(&format!("damaged, left where it is: {}", damaged.display()));
    }
    if remade.signed_anew {
        out.say("The checkpoint was lost or damaged: it was signed anew over the records that are there.");
        out.say("Whether the last records were lost with it shows only `assay ledger verify --since FILE`.");
    }
    if let Some(summary) = remade.summary {
        out.say(&format!("{} records verify. Root {}", summary.size, summary.root));
    }
    Ok(Exit::Ok)
}

fn verify(out: &mut Output, args: &Ledger, verify: &Verify) -> Result<Exit, Failure> {
    let summary = log::verify(&args.folder, &verify.since).map_err(|e| failed(e, "nothing was verified"))?;
    out.say(&format!("{} records verify: chain, signatures, checkpoint. Root {}", summary.size, summary.root));
    for size in &summary.extends {
        out.say(&format!("It extends the checkpoint over {size} records that was kept elsewhere."));
    }
    for (seq, stamped) in stamp::all(&args.folder).map_err(|e| Failure::new(e, "its time stamps do not count"))? {
        out.say(&format!(
            "Record {seq}: the checkpoint over {} records was stamped at {}, under policy {}. {NOT_CHECKED}",
            stamped.size, stamped.time, stamped.policy
        ));
    }
    if summary.extends.is_empty() {
        out.say("Whether it was rolled back or forked shows only a checkpoint kept elsewhere: --since FILE.");
    }
    Ok(Exit::Ok)
}

const NOT_CHECKED: &str = "The authority's signature was not checked by this program; `openssl ts -verify` does, on \
                           the files of `assay ledger timestamp --export`.";

fn stamp(out: &mut Output, args: &Ledger, timestamp: &Timestamp) -> Result<Exit, Failure> {
    if let Some(at) = &timestamp.request {
        let size = stamp::request(&args.folder, at).map_err(|e| Failure::new(e, "no query was written"))?;
        out.say(&format!("{}: the query for the checkpoint over {size} records. Nothing was sent.", at.display()));
    }
    if let Some(at) = &timestamp.response {
        let taken = stamp::take(&args.folder, at, app::now());
        let (seq, stamped) = taken.map_err(|e| Failure::new(e, "nothing was recorded"))?;
        out.say(&format!(
            "recorded as number {seq}: the checkpoint over {} records, stamped at {}. {NOT_CHECKED}",
            stamped.size, stamped.time
        ));
    }
    if let Some(at) = &timestamp.export {
        let written =
            stamp::export(&args.folder, at).map_err(|e| Failure::new(e, "not every file was written"))?;
        for (checkpoint, token) in written {
            let (data, token) = (checkpoint.display(), token.display());
            out.data(&format!("openssl ts -verify -data {data} -in {token} -CAfile AUTHORITY.pem\n"));
        }
    }
    Ok(Exit::Ok)
}

fn prove(out: &mut Output, args: &Ledger, prove: &Prove) -> Result<Exit, Failure> {
    let proof = match (prove.record, prove.from) {
        (Some(record), _) => log::prove(&args.folder, record, prove.size),
        (None, from) => log::prove_consistency(&args.folder, from.unwrap_or(0), prove.size),
    };
    let proof = proof.map_err(|e| failed(e, "nothing was proven"))?;
    let proof = serde_json::to_value(proof).map_err(|e| Failure::new(e, "nothing was proven"))?;
    out.json(&proof);
    Ok(Exit::Ok)
}

fn move_to(out: &mut Output, args: &Ledger, to: &Move) -> Result<Exit, Failure> {
    let place = match to.to.as_str() {
        "sqlite" => To::Folder,
        url => To::Database { url: url.to_owned(), ledger: to.ledger.clone() },
    };
    let moved = database::move_ledgers(&args.folder, &place).map_err(|error| {
        let broken = app::is_broken_ledger(&error);
        Failure::new(
            error,
            if broken { "a ledger that does not verify is not moved" } else { "it lies where it lay" },
        )
    })?;
    for ledger in &moved {
        out.say(&format!(
            "{}: {} records and {} checkpoints lie in {}, the same as before; {} records and {} files of evidence were \
             copied for it. Root {}",
            ledger.folder.display(), ledger.records, ledger.checkpoints, ledger.place, ledger.copied, ledger.evidence,
            ledger.root
        ));
        if ledger.documents > 0 {
            out.say(&format!("Beside it, {} documents moved along.", ledger.documents));
        }
    }
    if moved.is_empty() {
        out.say("Nothing is recorded here yet, so nothing was moved.");
    }
    Ok(Exit::Ok)
}

fn show(out: &mut Output, args: &Ledger, show: &Show) -> Result<Exit, Failure> {
    let shown = log::show(&args.folder, show.record).map_err(|e| failed(e, "nothing was shown"))?;
    if show.json {
        out.json(&json!({"version": 1, "verified": true, "record": shown}));
        return Ok(Exit::Ok);
    }
    out.data(&shown.readable());
    Ok(Exit::Ok)
}
