//! `assay plan`: every unit instance, what would settle it, what it touches, what is missing; which measurements are
//! stale. Sends nothing.

use std::fmt::Write as _;

use app::{InScope, Looked, PlannedInstance, Settle};
use serde_json::json;

use crate::args::Plan;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Prints the plan.
pub(crate) fn run(out: &mut Output, args: &Plan) -> Result<Exit, Failure> {
    let found = app::assess::plan(&args.folder, app::now()).map_err(|e| Failure::new(e, "nothing was planned"))?;
    let (dossier, mut planned) = (found.dossier, found.instances);
    if let Some(only) = &args.only {
        let within = |id: &str| {
            id == only
                || id
                    .strip_prefix(only.as_str())
                    .is_some_and(|rest| rest.starts_with(['-', 'a', 'b', 'c', 'd', 'e', 'f']))
        };
        planned.retain(|p| within(p.id.unit.as_str()));
        if planned.is_empty() {
            out.error(
                &format!("no unit of the plan belongs to `{only}`"),
                Some("write a provision, case or unit: 5.1-5-2b"),
            );
            return Ok(Exit::Usage);
        }
    }
    if args.json {
        let measured: Vec<&Looked> = found.looked.iter().filter(|looked| feeds(&planned, looked)).collect();
        out.json(&json!({
            "version": 1, "edition": dossier.edition(), "instances": planned,
            "measured": measured.into_iter().map(measurement).collect::<Vec<_>>(),
        }));
        return Ok(Exit::Ok);
    }
    out.data(&table(&planned));
    for looked in found.looked.iter().filter(|looked| feeds(&planned, looked)) {
        if let Some(since) = looked.stale_since {
            let (probe, target, standpoint) = (&looked.probe, &looked.target, looked.standpoint());
            let line = format!("{probe} on {target} from {standpoint}: stale since {}", since.date());
            out.data(&format!("{}\n", app::release::visible(&line)));
        }
    }
    out.say(&summary(&planned));
    Ok(Exit::Ok)
}

/// Whether a measurement is of what would settle one of these instances.
fn feeds(planned: &[PlannedInstance], looked: &Looked) -> bool {
    let mut settling = planned.iter().filter(|p| !matches!(p.applies, InScope::No(_))).flat_map(|p| &p.settled_by);
    settling.any(|s| matches!(s, Settle::Probe { id, target } if *id == looked.probe && *target == looked.target))
}

fn measurement(looked: &Looked) -> serde_json::Value {
    json!({
        "probe": looked.probe, "target": looked.target, "place": looked.place, "state": looked.state,
        "record": looked.seq, "ended": looked.ended, "stale_since": looked.stale_since,
    })
}

fn table(planned: &[PlannedInstance]) -> String {
    let mut text = String::new();
    for instance in planned {
        if let InScope::No(_) = instance.applies {
            continue;
        }
        let by: Vec<String> = instance.settled_by.iter().map(settle).collect();
        let touches = if instance.touches == model::Touches::Nothing { "" } else { instance.touches.as_str() };
        let _ = writeln!(
            text,
            "{:<40} {:<10} {:<9} {}",
            instance.id.to_string(),
            instance.method,
            touches,
            by.join(", ")
        );
        for gap in &instance.missing {
            let _ = writeln!(text, "{:<40} missing: {}", "", gap.missing);
        }
    }
    text
}

fn settle(settle: &Settle) -> String {
    match settle {
        Settle::Rule => "rule".to_owned(),
        Settle::Probe { id, target } => format!("{id} on {target}"),
        Settle::Statement => "statement at the product".to_owned(),
        Settle::Document => "statement on the documents".to_owned(),
    }
}

fn summary(planned: &[PlannedInstance]) -> String {
    let out = planned.iter().filter(|p| matches!(p.applies, InScope::No(_))).count();
    let missing = planned.iter().filter(|p| !matches!(p.applies, InScope::No(_)) && !p.missing.is_empty()).count();
    format!(
        "{} unit instances, {out} of them do not apply, {missing} lack something. Measure: assay observe; decide: assay state UNIT",
        planned.len()
    )
}
