//! `assay demo`: the demonstration product, started on loopback, assessed and reported.

use app::demo::{DemoError, USUAL_FAULTS, demo, faults, serve as serve_product};

use super::judge::{exit_of, tell};
use super::observe::{Watch, tell_captured};
use crate::args::{Demo, ReportFormat};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Runs the demonstration.
pub(crate) fn run(out: &mut Output, args: &Demo) -> Result<Exit, Failure> {
    if args.list_faults {
        let lines: String =
            faults().map(|(name, clause, what)| format!("{name:<28} {clause:<7} {what}\n")).collect();
        out.data(&lines);
        return Ok(Exit::Ok);
    }
    let wanted = args.fault.as_deref().unwrap_or(USUAL_FAULTS);
    let wanted = if wanted == "none" { "" } else { wanted };
    let with = if wanted.is_empty() { "no fault".to_owned() } else { format!("the faults {wanted}") };
    out.say(&format!("Starting the demonstration product on loopback, with {with}."));
    if args.serve {
        return serve(out, args, wanted);
    }
    let mut watch = Watch::new(out);
    let done = demo(&args.dir, wanted, &mut |event| watch.tell(event));
    watch.done();
    let done = done.map_err(failed)?;
    let exit = exit_of(&done.assessed);
    let (html, markdown, json) =
        (args.dir.join("report.html"), args.dir.join("report.md"), args.dir.join("assessment.json"));
    let files = [("HTML", html.as_path()), ("Markdown", markdown.as_path()), ("JSON", json.as_path())];
    tell(out, &done.assessed, exit, &files, ReportFormat::Human)?;
    if let Some(captured) = &done.outcome.captured {
        tell_captured(out, captured);
    }
    for line in &done.outcome.not_restored {
        out.error(&format!("not shown to be restored: {line}"), None);
    }
    out.say(&format!("The report: {}", html.display()));
    Ok(exit)
}

fn failed(error: DemoError) -> Failure {
    match error {
        DemoError::Fault(_) => {
            Failure::new(error, "nothing was started; `assay demo --list-faults` lists the faults")
                .with(Exit::Usage)
        }
        other => Failure::new(other, "nothing was assessed"),
    }
}

/// Leaves the product running. Ends with the process.
fn serve(out: &mut Output, args: &Demo, wanted: &str) -> Result<Exit, Failure> {
    let standing = serve_product(&args.dir, wanted).map_err(failed)?;
    let [product, service] = standing.addresses;
    let folder = standing.folder.display();
    let exports: String =
        standing.label.iter().map(|(name, value)| format!("export {name}='{value}'\n")).collect();
    out.data(&format!(
        "The product answers at {product}, its associated service at {service}, until Ctrl-C.\n\n\
         In another terminal, with the passwords on the label of the unit:\n\n\
         {exports}assay observe {folder} --dry-run\nassay observe {folder} --yes\nassay judge {folder}\n"
    ));
    loop {
        std::thread::park();
    }
}
