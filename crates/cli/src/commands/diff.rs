//! `assay diff`: what differs between two releases, and what has to be tested again.

use crate::args::diff::Diff;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Compares and tells.
pub(crate) fn run(out: &mut Output, args: &Diff) -> Result<Exit, Failure> {
    let told = app::diff::diff(&args.folder, &args.old, &args.new, app::now())
        .map_err(|e| Failure::new(e, "nothing was compared"))?;
    match (args.json, args.markdown) {
        (true, _) => out.json(&report::diff::json(&told)),
        (_, true) => out.data(&report::diff::markdown(&told)),
        _ => out.data(&report::diff::terminal(&told, out.colour())),
    }
    Ok(Exit::Ok)
}
