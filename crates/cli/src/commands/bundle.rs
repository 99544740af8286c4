//! `assay bundle`: one file with which a stranger verifies an assessment.

use app::bundle::bundle;
use app::inventory::Selection;

use crate::args::bundle::Bundle;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Writes the bundle.
pub(crate) fn run(out: &mut Output, args: &Bundle) -> Result<Exit, Failure> {
    let selection = if args.redact { Selection::REDACTED } else { Selection::EVERYTHING };
    let bundled = bundle(&args.folder, &args.out, args.record, selection)
        .map_err(|e| Failure::new(e, "no bundle was written"))?;
    let manifest = &bundled.manifest;
    out.say(&format!(
        "{}: record {} for release {}, {} records, {} files, {} bytes.",
        bundled.at.display(),
        bundled.assessment,
        app::verify::shown(&manifest.release),
        manifest.log.size,
        bundled.files,
        bundled.bytes
    ));
    if manifest.redacted {
        out.say(&format!(
            "It holds no raw measurements and no attached files; {} pieces were left out.",
            manifest.withheld.len()
        ));
        for place in &bundled.not_searched {
            out.say(&format!("It was not searched for the secret in {place}, which is not at hand."));
        }
    } else {
        out.say("It holds everything that was recorded, raw measurements, attached files and secrets too.");
        out.say("For strangers: assay bundle --redact.");
    }
    out.say(&format!("Next: assay verify {}", bundled.at.display()));
    Ok(Exit::Ok)
}
