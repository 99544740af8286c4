//! `assay attach`: keeps a file as evidence by itself.

use app::attach::{Draft, attach};

use crate::args::attach::Attach;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Keeps the file.
pub(crate) fn run(out: &mut Output, args: &Attach) -> Result<Exit, Failure> {
    let draft = Draft {
        file: args.file.clone(),
        kind: args.kind.clone(),
        about: args.about.clone(),
        person: args.by.clone(),
        role: args.role.clone(),
        effective: args.effective,
        place: args.place.clone(),
        remark: args.remark.clone(),
        key: args.key.clone(),
    };
    let kept = attach(&args.folder, draft, app::now()).map_err(|e| Failure::new(e, "nothing was recorded"))?;
    let about = match kept.record.about.as_slice() {
        [] => "the whole product".to_owned(),
        about => about.join(", "),
    };
    out.say(&format!(
        "recorded as number {}: {} about {about}, true at {}, level {}",
        kept.seq, kept.record.artefact.kind, kept.record.effective, kept.record.level
    ));
    out.clock_behind(kept.clock_behind);
    Ok(Exit::Ok)
}
