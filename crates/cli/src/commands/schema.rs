//! `assay schema`: JSON Schemas of the dossier's files and of the report.

use crate::args::Schema;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Writes one file per schema.
pub(crate) fn run(out: &mut Output, schema: &Schema) -> Result<Exit, Failure> {
    let written = app::write_schemas(&schema.dir, schema.edition)
        .map_err(|e| Failure::new(e, "not every schema was written"))?;
    let at = schema.dir.join("openapi.json");
    app::folder::write(&at, &format!("{:#}\n", web::api::openapi()))
        .map_err(|e| Failure::new(e, "not every schema was written"))?;
    for path in written.into_iter().chain([at]) {
        out.data(&format!("{}\n", path.display()));
    }
    out.say("An editor that reads TOML schemas takes a first line such as: #:schema ../schema/ixit.schema.json");
    Ok(Exit::Ok)
}
