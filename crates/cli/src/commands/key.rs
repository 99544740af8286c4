//! `assay key`: whose keys may sign, as records of the ledger.

use std::fmt::Write as _;
use std::path::Path;

use app::keys;
use app::{Holder, KeyId, KnownKey};
use serde_json::json;

use crate::args::key::{Key, KeyAdd, KeyCommand, KeyRotate, KeyShow};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

const NOTHING: &str = "nothing was recorded";

/// Does what the subcommand says.
pub(crate) fn run(out: &mut Output, args: &Key) -> Result<Exit, Failure> {
    match &args.command {
        KeyCommand::Show(show) => list(out, show),
        KeyCommand::New(new) => {
            let key = keys::make(&new.file).map_err(|e| Failure::new(e, "no key was made"))?;
            out.data(&format!("{}\n", key.id()));
            out.say(&format!(
                "{} holds the private key; its public half is entered with `assay key add {}`.",
                new.file.display(),
                new.file.display()
            ));
            Ok(Exit::Ok)
        }
        KeyCommand::Add(add) => enter(out, add),
        KeyCommand::Rotate(rotate) => replace(out, rotate),
        KeyCommand::Revoke(revoke) => {
            let file = revoke.key.as_deref();
            let seq = keys::revoke(&revoke.folder, revoke.id, &revoke.because, file, app::now())
                .map_err(|e| Failure::new(e, NOTHING))?;
            out.say(&format!("recorded as number {seq}: key {} signs nothing after that", revoke.id));
            Ok(Exit::Ok)
        }
        KeyCommand::Export(export) => {
            let pem =
                keys::export(&export.folder, export.id).map_err(|e| Failure::new(e, "no key was written"))?;
            out.data(&pem);
            Ok(Exit::Ok)
        }
    }
}

fn list(out: &mut Output, args: &KeyShow) -> Result<Exit, Failure> {
    if !app::records::Records::exist(&args.folder) {
        out.say(&format!("{}: nothing is recorded yet; the first record makes a key", args.folder.display()));
        return Ok(Exit::Ok);
    }
    let (known, own) = keys::show(&args.folder).map_err(|e| Failure::new(e, "nothing was listed"))?;
    if args.json {
        out.json(&json!({ "version": 1, "keys": known, "own": own }));
        return Ok(Exit::Ok);
    }
    for key in &known {
        out.data(&format!("{}\n", line(key, own)));
    }
    if let Some(root) = known.iter().find(|key| key.root) {
        out.say(&format!(
            "The log begins with key {}. Nothing in it can say whose that is: compare it with what its holder tells you.",
            root.id
        ));
    }
    Ok(Exit::Ok)
}

/// Name, role, leaves, holder, and what else is to be said of a key.
fn line(key: &KnownKey, own: Option<KeyId>) -> String {
    let leaves = match key.until {
        None => format!("from {}", key.from),
        Some(until) => format!("from {} to {}", key.from, until.saturating_sub(1)),
    };
    let mut text = format!("{}  {:<10}  {leaves:<18}  {}", key.id, key.role, plain(&key.holder.to_string()));
    match &key.ended {
        Some(app::KeyEnded::ReplacedBy(next)) => {
            let _ = write!(text, "  (replaced by {next})");
        }
        Some(app::KeyEnded::Revoked(why)) => {
            let _ = write!(text, "  (revoked: {})", plain(why));
        }
        None if own == Some(key.id) => text.push_str("  (this workspace signs with it)"),
        None => {}
    }
    text
}

/// Text of a record that another may have written, for a terminal.
fn plain(text: &str) -> String {
    text.chars().flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).collect()
}

fn enter(out: &mut Output, add: &KeyAdd) -> Result<Exit, Failure> {
    let holder = Holder {
        person: add.person.clone().unwrap_or_default(),
        organisation: add.organisation.clone().unwrap_or_default(),
    };
    let (id, seq) = keys::add(&add.folder, &add.file, holder, add.role.into(), app::now())
        .map_err(|e| Failure::new(e, NOTHING))?;
    out.data(&format!("{id}\n"));
    out.say(&format!("recorded as number {seq}: key {id} may sign from the next record on"));
    Ok(Exit::Ok)
}

fn replace(out: &mut Output, args: &KeyRotate) -> Result<Exit, Failure> {
    let (id, seq) = keys::rotate(&args.folder, args.key.as_deref(), args.to.as_deref(), app::now())
        .map_err(|e| Failure::new(e, NOTHING))?;
    out.data(&format!("{id}\n"));
    out.say(&format!("recorded as number {seq}: key {id} signs from the next record on"));
    if let Some(to) = &args.to {
        out.say(&format!("No file was changed: {} is the key to use now.", shown(to)));
    }
    Ok(Exit::Ok)
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
