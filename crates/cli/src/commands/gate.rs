//! `assay gate`: whether the release may go out, for a continuous run.

use app::gate::{Verdict, gate_through};

use crate::args::gate::Gate;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

const NOTHING: &str = "the gate was not looked at; the release does not pass";

/// Looks at every condition and tells.
pub(crate) fn run(out: &mut Output, args: &Gate) -> Result<Exit, Failure> {
    let gated = gate_through(&args.folder, args.release.as_deref(), args.checkpoint.as_deref(), app::now())
        .map_err(|e| Failure::new(e, NOTHING))?;
    let exit = match gated.verdict {
        Verdict::Passes => Exit::Ok,
        Verdict::DossierErrors => Exit::DossierErrors,
        Verdict::Failed => Exit::Findings,
        Verdict::OpenMandatory => Exit::OpenMandatory,
        Verdict::Closed => Exit::GateClosed,
        Verdict::LedgerBroken => Exit::LedgerBroken,
    };
    let mut told = gated.told;
    told.exit = report::presentation::Exit { code: exit as u8, meaning: exit.meaning().to_owned() };
    if let Some(path) = &args.junit {
        app::folder::write(path, &report::gate::junit(&told))
            .map_err(|e| Failure::new(e, "the JUnit file was not written; the release does not pass"))?;
    }
    match args.json {
        true => out.json(&report::gate::json(&told)),
        false => out.data(&report::gate::terminal(&told, out.colour())),
    }
    Ok(exit)
}
