//! `assay mud`: writes a Manufacturer Usage Description, or holds one against the dossier.

use app::mud;

use crate::args::mud::Mud;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Writes or compares.
pub(crate) fn run(out: &mut Output, args: &Mud) -> Result<Exit, Failure> {
    if let Some(url) = &args.url {
        let text = mud::write(&args.folder, url).map_err(|e| Failure::new(e, "nothing was written"))?;
        out.data(&text);
        return Ok(Exit::Ok);
    }
    let Some(file) = &args.compare else { return Ok(Exit::Usage) };
    let found = mud::compare(&args.folder, file).map_err(|e| Failure::new(e, "nothing was compared"))?;
    out.data(&format!("{} declared and described\n", found.both));
    for (what, lines) in [
        ("declared, not described", &found.declared_only),
        ("described, not declared", &found.described_only),
        ("seen, not described", &found.seen_beyond),
    ] {
        for line in lines {
            out.data(&format!("{what}: {line}\n"));
        }
    }
    if !found.proposal.is_empty() {
        out.data(&format!("\n# To be looked through before it is declared:\n\n{}", found.proposal));
    }
    Ok(Exit::Ok)
}
