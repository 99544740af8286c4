//! `assay state`: shows a unit's procedure, and records what a named person decided.

use app::InScope;
use app::state::{Draft, state};
use catalogue::{Catalogue, Kind};
use model::{CriterionVerdict, Edition, Verdict};

use super::catalogue as explain;
use crate::args::{State, StatedVerdict};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Shows the procedure, or records the statement.
pub(crate) fn run(out: &mut Output, args: &State) -> Result<Exit, Failure> {
    let asked_only = args.verdict.is_none() && args.criterion.is_empty();
    if asked_only {
        let (dossier, _) = app::folder::load(&args.folder).map_err(|e| Failure::new(e, "nothing was recorded"))?;
        let exit = explain::run(out, dossier.edition(), Some(&args.unit));
        if exit == Exit::Ok {
            how_to_record(out, args, dossier.edition())?;
        }
        return Ok(exit);
    }
    let mut criteria = Vec::new();
    for text in &args.criterion {
        let Some((criterion, verdict)) = text.rsplit_once('=').and_then(|(c, v)| Some((c, verdict(v.trim())?)))
        else {
            out.error(&format!("`{text}` is no criterion with a verdict"), Some("write \"the criterion=pass\""));
            return Ok(Exit::Usage);
        };
        criteria.push(CriterionVerdict { criterion: criterion.trim().to_owned(), verdict });
    }
    let mut artefacts = Vec::new();
    for text in &args.attach {
        let Some((kind, file)) = text.split_once('=') else {
            out.error(&format!("`{text}` is no artefact"), Some("write kind=file, for example photo=board.jpg"));
            return Ok(Exit::Usage);
        };
        artefacts.push((kind.to_owned(), file.into()));
    }
    let draft = Draft {
        unit: args.unit.clone(),
        entry: args.entry.clone(),
        person: args.by.clone().unwrap_or_default(),
        role: args.role.clone(),
        verdict: args.verdict.map(|v| match v {
            StatedVerdict::Pass => Verdict::Pass,
            StatedVerdict::Fail => Verdict::Fail,
            StatedVerdict::Inconclusive => Verdict::Inconclusive,
        }),
        criteria,
        key: args.key.clone(),
        reasoning: args.because.clone().unwrap_or_default(),
        artefacts,
        kept: Vec::new(),
        effective: args.effective,
        place: args.place.clone(),
    };
    let passes = matches!(args.verdict, Some(StatedVerdict::Pass))
        || draft.criteria.iter().any(|c| c.verdict == Verdict::Pass);
    let stated = state(&args.folder, draft, app::now()).map_err(|e| Failure::new(e, "nothing was recorded"))?;
    out.say(&format!("recorded as number {}: {}", stated.seq, args.unit));
    if passes && !stated.lacks.is_empty() {
        let kinds = stated.lacks.join(", ");
        out.say(&format!("It stays open: it needs artefacts of the kinds {kinds}; state it again with --attach."));
    }
    if passes && stated.needs_second {
        let seq = stated.seq;
        out.say(&format!(
            "It stays open until a second person confirms it: assay confirm --record {seq} --by NAME --because WHY"
        ));
    }
    out.clock_behind(stated.clock_behind);
    Ok(Exit::Ok)
}

/// Says how to record a decision, with the entries of this dossier that the unit is judged for.
fn how_to_record(out: &mut Output, args: &State, edition: Edition) -> Result<(), Failure> {
    let planned =
        app::assess::plan(&args.folder, app::now()).map_err(|e| Failure::new(e, "nothing was recorded"))?;
    let of_unit: Vec<_> = planned.instances.iter().filter(|p| p.id.unit.as_str() == args.unit).collect();
    let concerned = of_unit.iter().filter(|p| !matches!(p.applies, InScope::No(_)));
    let entries: Vec<&str> = concerned.filter_map(|p| Some(p.id.entry.as_ref()?.1.as_str())).collect();
    if !of_unit.is_empty() && of_unit.iter().all(|p| matches!(p.applies, InScope::No(_))) {
        out.say("It does not apply to this product, as the dossier stands.");
    }
    let entry = match entries.as_slice() {
        [] => String::new(),
        [first, ..] => {
            out.say(&format!("Entries of this dossier: {}", entries.join(", ")));
            format!(" --entry {first}")
        }
    };
    let catalogue = Catalogue::of(edition);
    let unit = catalogue.unit_named(&args.unit).filter(|u| u.kind == Kind::Functional);
    let wanted = unit.and_then(|u| catalogue.procedure(&u.id)).map(|p| p.artefacts.as_slice()).unwrap_or_default();
    let attach: String = wanted.iter().map(|kind| format!(" --attach {kind}=FILE")).collect();
    out.say(&format!(
        "Record a decision: assay state {}{entry} --verdict pass|fail|inconclusive --by NAME --because WHY{attach}",
        args.unit
    ));
    Ok(())
}

fn verdict(word: &str) -> Option<Verdict> {
    match word {
        "pass" => Some(Verdict::Pass),
        "fail" => Some(Verdict::Fail),
        "inconclusive" => Some(Verdict::Inconclusive),
        _ => None,
    }
}
