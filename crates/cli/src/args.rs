//! The command line, as its help shows it.

pub(crate) mod answers;
pub(crate) mod attach;
pub(crate) mod audit_passwords;
pub(crate) mod bundle;
pub(crate) mod checkpoints;
pub(crate) mod confirm;
pub(crate) mod controls;
pub(crate) mod diff;
pub(crate) mod gate;
pub(crate) mod guide;
pub(crate) mod import;
pub(crate) mod key;
pub(crate) mod ledger;
pub(crate) mod mud;
pub(crate) mod people;
pub(crate) mod release;
pub(crate) mod requests;
pub(crate) mod review;
pub(crate) mod serve;
pub(crate) mod tasks;
pub(crate) mod template;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use model::{Edition, Period};

/// Assess a connected consumer product against ETSI EN 303 645.
#[derive(Debug, Parser)]
#[command(name = "assay", version, arg_required_else_help = true, after_help = AFTER)]
pub(crate) struct Arguments {
    /// Write no colour, even on a terminal. NO_COLOR does the same.
    #[arg(long, global = true)]
    pub(crate) no_colour: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const AFTER: &str = "First contact: `assay demo` assesses a demonstration product on this machine.
Own product: `assay new my-product`, fill in the files, `assay check`, `assay plan`, `assay observe`, `assay judge`.

Exit codes: 0 done, nothing failed, nothing mandatory open; 1 could not run; 2 wrong arguments; 3 the dossier has
errors; 10 something failed; 11 mandatory provisions are open; 12 the gate is closed though nothing failed; 20 the
ledger or the bundle does not verify.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Assess the demonstration product: starts it on loopback, measures it, writes a report.
    Demo(Demo),
    /// Write a commented skeleton of a dossier.
    New(New),
    /// Print what is wrong or thin in a dossier, with the line and the mend.
    Check(Check),
    /// Show every unit instance, what would settle it, and what is missing. Sends nothing.
    Plan(Plan),
    /// Measure the product: shows what will be sent, then sends it within the bench file's limits.
    Observe(Observe),
    /// Read other tools' saved output, `nmap -oX` for example, into the records. Sends nothing.
    Import(import::Import),
    /// Record what a named person decided about a unit, or show the unit's procedure.
    State(State),
    /// Show what waits for a person, or the procedure of a unit and what closing it takes. Records nothing.
    Guide(guide::Guide),
    /// Stand by a statement as a second person, or send it back; without a number, list what waits for one.
    Confirm(confirm::Confirm),
    /// Keep a file as evidence by itself, with when it was true and who hands it over.
    Attach(attach::Attach),
    /// Audit a batch of manufactured passwords: duplicates, counters, words, values derived from serial, MAC or SSID.
    /// Prints and keeps no value.
    AuditPasswords(audit_passwords::AuditPasswords),
    /// Judge what is declared and recorded, print the summary, write reports.
    Judge(Judge),
    /// Judge recorded assessments again, on their own evidence, and list the verdicts that change.
    Rejudge(Rejudge),
    /// Approve a recorded assessment or send it back, as somebody who had no part in it.
    Review(review::Review),
    /// List, record and give out what is to be done: every gap as a task with an owner, a date and a criterion.
    Tasks(tasks::Tasks),
    /// Ask for evidence, answer, accept or return what comes back.
    Requests(requests::Requests),
    /// Open the workspace in a browser: products, provisions, tasks, evidence.
    Serve(serve::Serve),
    /// Show where the release stands on its way out, checkpoint by checkpoint, and sign one off.
    Checkpoints(checkpoints::Checkpoints),
    /// Save who answers, policy, checkpoints and controls of one product, and apply them to the next.
    Template(template::Template),
    /// Show per provision what was decided, how it is tested, what shows it, and why a recommendation is not met.
    Controls(controls::Controls),
    /// Answer what auditors, customers and authorities ask about each provision, from the records, with citations.
    Answers(answers::Answers),
    /// Write one file from which a stranger verifies a recorded assessment.
    Bundle(bundle::Bundle),
    /// Verify a bundle, offline and from the file alone, and list every step.
    Verify(bundle::Verify),
    /// Enter releases, list them, and show what a new one makes stale.
    Release(release::Release),
    /// Show what differs between two releases, and what has to be tested again.
    Diff(diff::Diff),
    /// Tell whether the release may go out: verdicts, staleness, justifications, dates, reviews. For continuous integration.
    Gate(gate::Gate),
    /// Write a Manufacturer Usage Description (RFC 8520) of the declared communication, or hold one against it.
    Mud(mud::Mud),
    /// List the records and verify the ledger.
    Records(Records),
    /// The ledger itself: make its tables again, verify it, prove and show what is in it.
    Ledger(ledger::Ledger),
    /// Show, enter, replace and end the keys that may sign.
    Key(key::Key),
    /// Show who is in a workspace, invite and remove people, give roles. For whoever holds its files.
    People(people::People),
    /// List or explain provisions, test cases, units, IXIT tables and fields.
    Catalogue(CatalogueArgs),
    /// Print how many test units are settled by rule, by probe, assisted, stated, not yet.
    Coverage(Coverage),
    /// Tell a dossier in the other edition, in a new folder, and report what became of everything.
    Convert(Convert),
    /// Write the JSON Schemas of the dossier files and of the report, for editors and scripts.
    Schema(Schema),
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Faults to switch on, separated by commas; `none` for the good product.
    #[arg(long, value_name = "FAULTS")]
    pub(crate) fault: Option<String>,
    /// List the faults that can be switched on.
    #[arg(long)]
    pub(crate) list_faults: bool,
    /// Start the product and leave it running until Ctrl-C, to measure it by hand
    #[arg(long, conflicts_with = "list_faults")]
    pub(crate) serve: bool,
    /// Folder for dossier, ledger and reports; replaced when it is a demonstration's.
    #[arg(long, default_value = "assay-demo")]
    pub(crate) dir: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct New {
    /// Folder to write to. Nothing is overwritten.
    pub(crate) folder: PathBuf,
    /// Name of the product; the folder's name when left out.
    #[arg(long)]
    pub(crate) product: Option<String>,
    /// Edition of EN 303 645: 3.1.3 or 2.1.1.
    #[arg(long, default_value = "3.1.3", value_parser = edition)]
    pub(crate) edition: Edition,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Dossier folder.
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
    /// How to print the notes.
    #[arg(long, value_enum, default_value_t = NotesFormat::Human)]
    pub(crate) format: NotesFormat,
    /// Leave out advice.
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum NotesFormat {
    /// As a compiler does.
    Human,
    /// One JSON document.
    Json,
    /// SARIF 2.1.0, for code review.
    Sarif,
}

#[derive(Debug, Args)]
pub(crate) struct Plan {
    /// Dossier folder.
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
    /// One JSON document instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
    /// Only instances of this provision, case or unit: `5.1-5`, `5.1-5-2b`.
    #[arg(long)]
    pub(crate) only: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Observe {
    /// Dossier folder.
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
    /// Take only this probe (and the proof of identity): `net.tcp-ports`.
    #[arg(long)]
    pub(crate) probe: Option<String>,
    /// Measure only this target: `dut`, or the id of an associated service.
    #[arg(long)]
    pub(crate) target: Option<String>,
    /// Measure from this place in the network, where it is another than bench.toml names: `wan`.
    #[arg(long, value_name = "PLACE")]
    pub(crate) place: Option<String>,
    /// The state in which the product is, where it is another than bench.toml names.
    #[arg(long, value_name = "STATE", value_parser = ["factory-default", "initialization", "initialized"])]
    pub(crate) state: Option<String>,
    /// Measure what answers at the addresses while the product is off, to be subtracted later.
    #[arg(long, conflicts_with_all = ["probe", "target", "place", "state"])]
    pub(crate) background: bool,
    /// Go on with the last run, which was interrupted: prove the identity again, take the steps that left no record.
    #[arg(long, conflicts_with = "background")]
    pub(crate) resume: bool,
    /// Take only the steps that renew something stale or open (and the proof of identity), and show what.
    #[arg(long, conflicts_with_all = ["background", "resume"])]
    pub(crate) stale: bool,
    /// Send nothing: capture the product's traffic for so many seconds, as `[capture]` of bench.toml says.
    #[arg(
        long,
        value_name = "SECONDS",
        value_parser = clap::value_parser!(u32).range(1..=86_400),
        conflicts_with_all = ["background", "resume", "stale", "probe", "target", "dry_run"]
    )]
    pub(crate) capture: Option<u32>,
    /// Take the network or a service away and give it back, as `[outage]` of bench.toml says, while traffic is captured.
    #[arg(
        long,
        conflicts_with_all = ["background", "resume", "stale", "probe", "target", "capture"]
    )]
    pub(crate) outages: bool,
    /// Show what would be sent and stop.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Do not ask before sending.
    #[arg(long, short)]
    pub(crate) yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct State {
    /// Test unit: `5.1-2-1c`. Alone, it shows the unit's procedure.
    pub(crate) unit: String,
    /// Dossier folder.
    #[arg(long, default_value = ".")]
    pub(crate) folder: PathBuf,
    /// IXIT entry, for units that are judged per entry.
    #[arg(long)]
    pub(crate) entry: Option<String>,
    /// Verdict on the unit.
    #[arg(long, value_enum)]
    pub(crate) verdict: Option<StatedVerdict>,
    /// Verdict on a criterion: `"criterion=pass"`; may be repeated.
    #[arg(long, value_name = "CRITERION=VERDICT")]
    pub(crate) criterion: Vec<String>,
    /// Why, in your words. What stands in `[[private: …]]` is withheld from the record's text.
    #[arg(long)]
    pub(crate) because: Option<String>,
    /// Your name.
    #[arg(long)]
    pub(crate) by: Option<String>,
    /// Your role.
    #[arg(long, default_value = "test laboratory")]
    pub(crate) role: String,
    /// Sign with the key in this file, which `assay key add` has entered, instead of the workspace's.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// File to keep as evidence: `photo=board.jpg`; may be repeated.
    #[arg(long, value_name = "KIND=FILE")]
    pub(crate) attach: Vec<String>,
    /// When it was true, if not now: `2026-01-31`, a time, or two with a slash between. A day is its first moment.
    #[arg(long, value_name = "WHEN", value_parser = period)]
    pub(crate) effective: Option<Period>,
    /// From where in the network you looked: `lan`, `wan`.
    #[arg(long)]
    pub(crate) place: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum StatedVerdict {
    /// The criterion holds.
    Pass,
    /// It is broken.
    Fail,
    /// You looked and could not decide.
    Inconclusive,
}

#[derive(Debug, Args)]
pub(crate) struct Judge {
    /// Dossier folder.
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
    /// Write the report as one HTML file.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Write the report as Markdown.
    #[arg(long, value_name = "FILE")]
    pub(crate) markdown: Option<PathBuf>,
    /// Write the report as JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// What to print on stdout.
    #[arg(long, value_enum, default_value_t = ReportFormat::Human)]
    pub(crate) format: ReportFormat,
    /// Judge for this moment instead of now: `2026-01-31T12:00:00Z`.
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
    /// Record the assessment, so that it can be bundled, and judged again later.
    #[arg(long, conflicts_with = "at")]
    pub(crate) record: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Rejudge {
    /// Dossier folder.
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
    /// Only assessments that another rule set judged: what this program's rules change.
    #[arg(long)]
    pub(crate) rules: bool,
    /// One JSON document instead of lines.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// A summary for a terminal.
    Human,
    /// The whole report as JSON.
    Json,
    /// The whole report as Markdown.
    Markdown,
}

#[derive(Debug, Args)]
pub(crate) struct Records {
    /// Dossier folder.
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
    /// One JSON document instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
    /// Verify, and list nothing.
    #[arg(long, short, conflicts_with = "json")]
    pub(crate) quiet: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CatalogueArgs {
    /// What to explain: `5.1-5`, `5.1-5-2b`, `AuthMech`, `AuthMech.Description`, `feature e`. Lists all when left out.
    pub(crate) name: Vec<String>,
    /// Edition of EN 303 645: 3.1.3 or 2.1.1.
    #[arg(long, default_value = "3.1.3", value_parser = edition)]
    pub(crate) edition: Edition,
}

#[derive(Debug, Args)]
pub(crate) struct Coverage {
    /// One JSON document instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Convert {
    /// Dossier folder.
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
    /// Edition of EN 303 645 to tell it in: 3.1.3 or 2.1.1.
    #[arg(long, value_parser = edition)]
    pub(crate) to: Edition,
    /// Folder to write to. Nothing is overwritten.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: PathBuf,
    /// One JSON document instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// Folder to write the schemas to.
    #[arg(long, default_value = "schema")]
    pub(crate) dir: PathBuf,
    /// Edition of EN 303 645: 3.1.3 or 2.1.1.
    #[arg(long, default_value = "3.1.3", value_parser = edition)]
    pub(crate) edition: Edition,
}

fn period(text: &str) -> Result<Period, String> {
    Period::parse(text).map_err(|error| error.to_string())
}

fn edition(text: &str) -> Result<Edition, String> {
    text.parse().map_err(|error: model::UnknownEdition| error.to_string())
}
