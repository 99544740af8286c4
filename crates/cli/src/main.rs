//! The `assay` program: arguments in, use cases, exit code out.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod args;
mod commands;
mod exit;
mod failure;
mod output;

use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command};
use exit::Exit;
use output::Output;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are answers, not errors.
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Ok };
            let _ = error.print();
            return exit.into();
        }
    };
    let mut out = Output::new(arguments.no_colour);
    let result = match arguments.command {
        Command::Demo(demo) => commands::demo::run(&mut out, &demo),
        Command::New(new) => commands::new::run(&mut out, &new),
        Command::Check(check) => commands::check::run(&mut out, &check.folder, check.format, check.quiet),
        Command::Plan(plan) => commands::plan::run(&mut out, &plan),
        Command::Observe(observe) => commands::observe::run(&mut out, &observe),
        Command::Import(import) => commands::import::run(&mut out, &import),
        Command::State(state) => commands::state::run(&mut out, &state),
        Command::Guide(guide) => commands::guide::run(&mut out, &guide),
        Command::Confirm(confirm) => commands::confirm::run(&mut out, &confirm),
        Command::Attach(attach) => commands::attach::run(&mut out, &attach),
        Command::AuditPasswords(audit) => commands::audit_passwords::run(&mut out, &audit),
        Command::Judge(judge) => commands::judge::run(&mut out, &judge),
        Command::Rejudge(rejudge) => commands::rejudge::run(&mut out, &rejudge),
        Command::Controls(controls) => commands::controls::run(&mut out, &controls),
        Command::Answers(answers) => commands::answers::run(&mut out, &answers),
        Command::Requests(requests) => commands::requests::run(&mut out, &requests),
        Command::Tasks(tasks) => commands::tasks::run(&mut out, &tasks),
        Command::Review(review) => commands::review::run(&mut out, &review),
        Command::Serve(serve) => commands::serve::run(&mut out, &serve),
        Command::Checkpoints(checkpoints) => commands::checkpoints::run(&mut out, &checkpoints),
        Command::Template(template) => commands::template::run(&mut out, &template),
        Command::Bundle(bundle) => commands::bundle::run(&mut out, &bundle),
        Command::Verify(verify) => commands::verify::run(&mut out, &verify),
        Command::Release(release) => commands::release::run(&mut out, &release),
        Command::Diff(diff) => commands::diff::run(&mut out, &diff),
        Command::Gate(gate) => commands::gate::run(&mut out, &gate),
        Command::Mud(records) => commands::mud::run(&mut out, &records),
        Command::Records(records) => commands::records::run(&mut out, &records),
        Command::Ledger(ledger) => commands::ledger::run(&mut out, &ledger),
        Command::Key(key) => commands::key::run(&mut out, &key),
        Command::People(people) => commands::people::run(&mut out, &people),
        Command::Catalogue(args) => {
            let name = args.name.join(" ");
            Ok(commands::catalogue::run(&mut out, args.edition, Some(name.as_str()).filter(|n| !n.is_empty())))
        }
        Command::Coverage(coverage) => Ok(commands::coverage::run(&mut out, coverage.json)),
        Command::Convert(convert) => commands::convert::run(&mut out, &convert),
        Command::Schema(schema) => commands::schema::run(&mut out, &schema),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(failure) => {
            out.failure(&failure);
            failure.exit().into()
        }
    }
}
