//! `assay controls`: per provision what was decided, how it is tested and what shows it.

use app::controls::controls;

use super::answers::moment;
use crate::args::controls::{Controls, SheetFormat};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Prints the controls.
pub(crate) fn run(out: &mut Output, args: &Controls) -> Result<Exit, Failure> {
    let Some(at) = moment(out, args.at.as_deref()) else { return Ok(Exit::Usage) };
    let mut told = controls(&args.folder, at).map_err(|e| Failure::new(e, "no control was told"))?;
    if let Some(wanted) = &args.provision {
        told = told.only(|sheet| super::answers::is_of(&sheet.id, wanted));
        if told.clauses.is_empty() {
            return Ok(super::answers::unknown(out, wanted, told.edition));
        }
    }
    match args.format {
        SheetFormat::Md => out.data(&report::controls::markdown(&told)),
        SheetFormat::Html => out.data(&report::controls::html(&told)),
        SheetFormat::Json => out.json(&report::controls::json(&told)),
    }
    out.say(&format!("{}.", told.counted()));
    Ok(Exit::Ok)
}
