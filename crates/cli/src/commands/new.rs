//! `assay new`: a commented skeleton that passes the linter.

use crate::args::New;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Writes the skeleton.
pub(crate) fn run(out: &mut Output, new: &New) -> Result<Exit, Failure> {
    let named = new.folder.file_name().map(|n| n.to_string_lossy().into_owned());
    let product = new.product.clone().or(named).unwrap_or_else(|| "product".to_owned());
    let files = app::skeleton(new.edition, &product);
    app::folder::create(&new.folder, &files).map_err(|e| Failure::new(e, "nothing was overwritten"))?;
    for file in &files {
        out.data(&format!("{}\n", new.folder.join(&file.path).display()));
    }
    out.say(&format!(
        "A dossier against {}. Next: fill it in, and ask `assay check {}` what is missing.",
        new.edition.citation(),
        new.folder.display()
    ));
    Ok(Exit::Ok)
}
