//! `assay release`: releases of the product, and what a new one makes stale.

use app::release::{self, Added, Draft, ReleaseError, Standing, Status};
use model::Timestamp;
use serde_json::json;

use crate::args::release::{Release, ReleaseAdd, ReleaseCommand, ReleaseList, ReleaseStatus, Stands};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Does what the subcommand says.
pub(crate) fn run(out: &mut Output, args: &Release) -> Result<Exit, Failure> {
    match &args.command {
        ReleaseCommand::Add(add) => enter(out, add),
        ReleaseCommand::List(list) => show(out, list),
        ReleaseCommand::Status(status) => stands(out, status),
    }
}

fn enter(out: &mut Output, args: &ReleaseAdd) -> Result<Exit, Failure> {
    let draft = Draft {
        version: args.version.clone(),
        firmware: args.firmware.clone(),
        keep_image: args.keep_image,
        sbom: args.sbom.clone(),
        date: args.date.clone(),
        notes: args.notes.clone(),
    };
    let added = release::add(&args.folder, draft, app::now()).map_err(|e| {
        let errors = matches!(e, ReleaseError::Errors(_));
        let failure = Failure::new(e, "no release was added: assay.toml and the ledger are as they were");
        if errors { failure.with(Exit::DossierErrors) } else { failure }
    })?;
    if args.json {
        out.json(&json!({
            "version": 1, "record": added.seq, "release": added.release, "differs": added.differs,
        }));
    } else {
        tell_added(out, &added);
    }
    out.clock_behind(added.clock_behind);
    out.say(&format!("Next: assay release status {}", args.folder.display()));
    Ok(Exit::Ok)
}

fn tell_added(out: &mut Output, added: &Added) {
    let release = &added.release;
    let follows = release.follows.as_ref().map_or(String::new(), |v| format!(", after {v}"));
    out.data(&format!("{}{follows}: record {}\n", release.version, added.seq));
    match &release.firmware {
        Some(image) => {
            let kept = if image.kept.is_some() { "kept" } else { "not kept" };
            out.data(&format!("  image       {} bytes, {}, {kept}\n", image.size, image.digest));
        }
        None => out.data("  image       none given: nothing is carried that asks for the same image\n"),
    }
    match &added.sbom {
        Some((form, unnamed)) => {
            let unnamed =
                if *unnamed > 0 { format!(", {unnamed} without a name left out") } else { String::new() };
            let count = release.components.len();
            out.data(&format!("  components  {count} ({}{unnamed})\n", app::release::visible(form)));
        }
        None => out.data("  components  no SBOM given: changes of components go unseen\n"),
    }
    for differing in &added.differs {
        out.data(&format!("  differs     {}\n", differing.words()));
    }
    if added.was_declared {
        out.say("assay.toml named it already; what was missing there was filled in.");
    }
}

fn show(out: &mut Output, args: &ReleaseList) -> Result<Exit, Failure> {
    let all = release::list(&args.folder).map_err(|e| Failure::new(e, "nothing was listed"))?;
    if args.json {
        out.json(&json!({ "version": 1, "releases": all }));
        return Ok(Exit::Ok);
    }
    for one in &all {
        let record = one.record.map_or("not recorded".to_owned(), |seq| format!("record {seq}"));
        let image = one.firmware.as_ref().map_or("no image".to_owned(), |i| i.digest.to_string()[..19].to_owned());
        let listed = one.components.map_or("no SBOM".to_owned(), |n| format!("{n} components"));
        let assessed = one
            .assessed
            .map_or("not assessed".to_owned(), |(seq, at)| format!("assessed {} (record {seq})", at.date()));
        let mark = match (one.under_assessment, one.declared) {
            (true, _) => "  under assessment",
            (_, false) => "  not in assay.toml",
            _ => "",
        };
        out.data(&format!(
            "{:<12} {:<10}  {record:<12}  {image:<19}  {listed:<14}  {assessed}{mark}\n",
            app::release::visible(&one.version),
            one.date.as_deref().unwrap_or("no date"),
        ));
    }
    if all.is_empty() {
        out.say("No release is declared. Next: assay release add VERSION");
    }
    Ok(Exit::Ok)
}

fn stands(out: &mut Output, args: &ReleaseStatus) -> Result<Exit, Failure> {
    let at = match args.at.as_deref().map(Timestamp::parse) {
        None => app::now(),
        Some(Ok(at)) => at,
        Some(Err(error)) => {
            out.error(&error.to_string(), None);
            return Ok(Exit::Usage);
        }
    };
    let mut status = release::status(&args.folder, at).map_err(|e| Failure::new(e, "nothing was looked at"))?;
    if let Some(only) = args.only {
        status.instances.retain(|i| is(only, i));
    }
    if args.json {
        let mut told = serde_json::to_value(&status).unwrap_or_default();
        told["version"] = 1.into();
        out.json(&told);
        return Ok(Exit::Ok);
    }
    tell_status(out, &status, args.only.is_some());
    Ok(Exit::Ok)
}

fn is(only: Stands, standing: &Standing) -> bool {
    use app::release::Currency;
    match &standing.currency {
        Currency::Current => only == Stands::Current,
        Currency::Carried(_) => only == Stands::Carried,
        Currency::Stale { .. } => only == Stands::Stale,
        Currency::Open => only == Stands::Open,
        Currency::NotApplicable => false,
    }
}

/// Counts, and every instance that was carried or is due; those of this release when asked for.
fn tell_status(out: &mut Output, status: &Status, all: bool) {
    use app::release::Currency;
    let counts = status.counts;
    let follows =
        status.follows.as_ref().map_or(String::new(), |v| format!(", after {}", app::release::visible(v)));
    out.data(&format!(
        "{}{follows}: {} current, {} carried over, {} stale, {} open, {} not applicable\n",
        app::release::visible(&status.release),
        counts.current,
        counts.carried,
        counts.stale,
        counts.open,
        counts.not_applicable
    ));
    for one in &status.instances {
        let why = match &one.currency {
            Currency::Carried(carried) => format!(
                "from {}, record {}; {}",
                app::release::visible(&carried.from),
                carried.assessment,
                app::release::visible(&carried.policy)
            ),
            Currency::Stale { because } => app::release::visible(because),
            Currency::Open => "never decided".to_owned(),
            Currency::Current if all => one.outcome.to_string(),
            Currency::Current | Currency::NotApplicable => continue,
        };
        let instance = app::release::visible(&one.instance);
        let renew = one.renewed_by.as_ref().map_or(String::new(), |step| {
            let step = app::release::visible(step);
            format!("\n{:<14}renew: {step}", "")
        });
        out.data(&format!("{:<13} {instance}: {why}{renew}\n", one.currency.as_str()));
    }
}
