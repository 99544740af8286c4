//! `assay answers`: the questions that are asked about each provision, answered from what is declared and recorded.

use app::answers::answers;
use catalogue::Catalogue;
use model::{Edition, Timestamp};
use report::answers::Audience;

use crate::args::answers::{Answers, AnswersFormat, AskedBy};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Prints the answers.
pub(crate) fn run(out: &mut Output, args: &Answers) -> Result<Exit, Failure> {
    let Some(at) = moment(out, args.at.as_deref()) else { return Ok(Exit::Usage) };
    let told = answers(&args.folder, at).map_err(|e| Failure::new(e, "nothing was answered"))?;
    let edition = told.edition;
    let audience = args.audience.map(|audience| match audience {
        AskedBy::Auditor => Audience::Auditor,
        AskedBy::Customer => Audience::Customer,
        AskedBy::Authority => Audience::Authority,
    });
    let wanted = args.provision.as_deref();
    let told = told.only(|asked, question| {
        audience.is_none_or(|of| question.audience == of) && wanted.is_none_or(|id| is_of(&asked.id, id))
    });
    if let Some(wanted) = wanted.filter(|_| told.clauses.is_empty()) {
        return Ok(unknown(out, wanted, edition));
    }
    match args.format {
        AnswersFormat::Md => out.data(&report::answers::markdown(&told)),
        AnswersFormat::Html => out.data(&report::answers::html(&told)),
        AnswersFormat::Json => out.json(&report::answers::json(&told)),
        AnswersFormat::Csv => out.data(&report::answers::csv(&told)),
    }
    out.say(&format!("{}.", told.counted()));
    Ok(Exit::Ok)
}

/// The moment that was asked for, or now; none where it does not read, which is told.
pub(super) fn moment(out: &mut Output, at: Option<&str>) -> Option<Timestamp> {
    match at.map(Timestamp::parse) {
        None => Some(app::now()),
        Some(Ok(at)) => Some(at),
        Some(Err(error)) => {
            out.error(&error.to_string(), None);
            None
        }
    }
}

/// Whether a provision is the one that is named, or of the clause.
pub(super) fn is_of(provision: &str, wanted: &str) -> bool {
    provision.eq_ignore_ascii_case(wanted) || provision.split('-').next() == Some(wanted)
}

/// Nothing is of this name; what is near is told.
pub(super) fn unknown(out: &mut Output, wanted: &str, edition: Edition) -> Exit {
    let hint = match Catalogue::of(edition).find(wanted) {
        Err(error) if !error.near.is_empty() => format!("near it: {}", error.near.join(", ")),
        _ => "`assay catalogue` lists clauses and provisions".to_owned(),
    };
    out.error(&format!("{} has no provision or clause `{wanted}`", edition.citation()), Some(&hint));
    Exit::Usage
}
