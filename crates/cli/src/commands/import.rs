//! `assay import`: reads other tools' saved output into the ledger. Sends nothing.

use std::path::{Path, PathBuf};

use app::import::{Draft, Recorded, import, list};

use crate::args::import::Import;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Shortfalls that are printed of one file; the record holds all.
const MOST_SHOWN: usize = 10;

/// No file was named.
#[derive(Debug)]
struct NoFile(PathBuf);

impl std::fmt::Display for NoFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "import: no file is named\n\nhint: write it behind the folder: `assay import {} FILE`",
            self.0.display()
        )
    }
}

impl std::error::Error for NoFile {}

/// Imports each file, in order.
pub(crate) fn run(out: &mut Output, args: &Import) -> Result<Exit, Failure> {
    if args.formats {
        for (format, reads) in list() {
            out.say(&format!("{format:<12} {reads}"));
        }
        return Ok(Exit::Ok);
    }
    let here = PathBuf::from(".");
    let (folder, files): (&Path, &[PathBuf]) = match args.paths.split_first() {
        Some((first, rest)) if first.is_dir() => (first, rest),
        _ => (&here, &args.paths),
    };
    if files.is_empty() {
        return Err(Failure::new(NoFile(folder.to_owned()), "nothing was recorded").with(Exit::Usage));
    }
    let draft = Draft {
        own: false,
        format: args.format.clone(),
        target: Some(args.target.clone()),
        place: args.place.clone(),
        measured: args.at,
    };
    for (number, file) in files.iter().enumerate() {
        let not_done = match number {
            0 => "nothing was recorded",
            _ => "nothing was recorded of this file, nor of those after it",
        };
        let recorded = import(folder, file, &draft, app::now()).map_err(|e| Failure::new(e, not_done))?;
        for one in &recorded {
            tell(out, file, one);
        }
    }
    Ok(Exit::Ok)
}

fn tell(out: &mut Output, file: &Path, recorded: &Recorded) {
    let observation = &recorded.observation;
    let (run, reading) = (&observation.run, &observation.reading);
    let shown = app::verify::shown;
    let tool = observation.source.as_ref().map(ToString::to_string).unwrap_or_default();
    let level = observation.level.map_or("", |level| level.as_str());
    let period = model::Period { from: observation.began, until: observation.ended };
    out.say(&format!(
        "recorded as number {}: {} by {} of {} from {}, measured {period}, level {level}",
        recorded.seq,
        shown(&file.display().to_string()),
        shown(&tool),
        run.target,
        shown(&run.place.0),
    ));
    let (facts, covered, short) = (reading.facts.len(), reading.coverage.len(), reading.shortfalls.len());
    out.say(&format!("  {} {facts} facts, {covered} things looked at, {short} not", run.probe));
    for shortfall in reading.shortfalls.iter().take(MOST_SHOWN) {
        out.say(&format!("  not looked at: {}", shown(&model::in_clear(&shortfall.text))));
    }
    if short > MOST_SHOWN {
        out.say(&format!("  and {} more; the record holds them", short - MOST_SHOWN));
    }
    out.clock_behind(recorded.clock_behind);
}
