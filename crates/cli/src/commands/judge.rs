//! `assay judge`: verdicts from what is declared and recorded, told on the terminal and in files.

use std::path::Path;

use app::assess::{AssessError, Assessed, Standing, assess, assess_as_of, record};
use model::Timestamp;

use crate::args::{Judge, ReportFormat};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Judges and tells.
pub(crate) fn run(out: &mut Output, args: &Judge) -> Result<Exit, Failure> {
    let at = match args.at.as_deref().map(Timestamp::parse) {
        None => app::now(),
        Some(Ok(at)) => at,
        Some(Err(error)) => {
            out.error(&error.to_string(), None);
            return Ok(Exit::Usage);
        }
    };
    let judged = match args.record {
        true => record(&args.folder, at).map(|(assessed, seq)| (assessed, Some(seq))),
        false if args.at.is_some() => assess_as_of(&args.folder, at).map(|assessed| (assessed, None)),
        false => assess(&args.folder, at).map(|assessed| (assessed, None)),
    };
    let not_done = if args.record { "nothing was judged or recorded" } else { "nothing was judged" };
    let (assessed, recorded) = judged.map_err(|e| match e {
        AssessError::Beside { .. } => Failure::new(e, "its unit verdicts and its test result may not be recorded"),
        e => Failure::new(e, not_done),
    })?;
    let errors = assessed.notes.iter().filter(|note| note.severity == dossier::Severity::Error).count();
    if errors > 0 {
        let what = if errors == 1 { "1 error" } else { &format!("{errors} errors") };
        out.say(&format!(
            "The dossier has {what}, and what it says there counts for nothing: assay check {}",
            args.folder.display()
        ));
    }
    let exit = exit_of(&assessed);
    let files: Vec<(&str, &Path)> = [("HTML", &args.html), ("Markdown", &args.markdown), ("JSON", &args.json)]
        .into_iter()
        .filter_map(|(what, path)| Some((what, path.as_deref()?)))
        .collect();
    tell(out, &assessed, exit, &files, args.format)?;
    if let Some(seq) = recorded {
        out.say(&format!("Recorded as number {seq}. Next: assay bundle {} --out FILE", args.folder.display()));
    }
    Ok(exit)
}

/// The exit code that an assessment gives.
pub(crate) fn exit_of(assessed: &Assessed) -> Exit {
    exit_of_standing(assessed.standing())
}

fn exit_of_standing(standing: Standing) -> Exit {
    match standing {
        Standing::Clear => Exit::Ok,
        Standing::Findings => Exit::Findings,
        Standing::OpenMandatory => Exit::OpenMandatory,
    }
}

/// Writes the report files, then the summary.
pub(crate) fn tell(
    out: &mut Output,
    assessed: &Assessed,
    exit: Exit,
    files: &[(&str, &Path)],
    format: ReportFormat,
) -> Result<(), Failure> {
    let written: Vec<(String, String)> =
        files.iter().map(|(what, path)| ((*what).to_owned(), path.display().to_string())).collect();
    let presentation = assessed.presentation(&written, (exit as u8, exit.meaning()));
    for (what, path) in files {
        let text = match *what {
            "HTML" => report::html(&presentation),
            "Markdown" => report::markdown(&presentation),
            _ => format!("{:#}\n", report::json(&presentation)),
        };
        app::folder::write(path, &text).map_err(|e| Failure::new(e, "the report was not written"))?;
    }
    match format {
        ReportFormat::Human => out.data(&report::terminal(&presentation, out.colour())),
        ReportFormat::Json => out.json(&report::json(&presentation)),
        ReportFormat::Markdown => out.data(&report::markdown(&presentation)),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundled_report_tells_the_exit_code_that_judging_ended_with() {
        for standing in [Standing::Clear, Standing::Findings, Standing::OpenMandatory] {
            let exit = exit_of_standing(standing);
            assert_eq!(standing.exit(), (exit as u8, exit.meaning()));
        }
    }
}
