//! `cargo xtask test`: the one command that decides.
//!
//! Every step runs, whatever happened to the one before, and each is announced with its duration. A step that was
//! skipped is counted as skipped, a run whose counts cannot be read as failed.

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use crate::command::{Echo, Ran, find, run as run_command};
use crate::tally::Tally;
use crate::{deny, setup, tidy};

const MINUTE: Duration = Duration::from_secs(60);

/// How a step ended; the tests in it are counted beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Verdict {
    Passed,
    Failed(String),
    Skipped(String),
}

/// Runs all the steps; the last line on standard output is the count of steps and tests.
pub(crate) fn run(root: &Path) -> ExitCode {
    let mut course = Course::default();
    let mut offer = setup::Offer::default();
    course.step("set-up: servers and tools", |_| {
        offer = setup::prepare();
        if offer.is_complete() { Verdict::Passed } else { Verdict::Skipped(offer.lacks.join("\n")) }
    });
    course.step("format: cargo fmt", |_| {
        of(&run_command(
            &mut cargo(root, &["fmt", "--all", "--check", "--", "--color", "never"]),
            5 * MINUTE,
            Echo::Yes,
        ))
    });
    course.step("lints: cargo clippy", |_| {
        let arguments = ["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"];
        of(&run_command(&mut cargo(root, &arguments), 40 * MINUTE, Echo::Yes))
    });
    course.step("tests", |tally| tests(root, &offer, tally));
    course.step("examples in the documentation", |tally| {
        let arguments = ["test", "--workspace", "--doc", "--no-fail-fast", "--quiet"];
        let ran = run_command(&mut cargo(root, &arguments), 20 * MINUTE, Echo::Yes);
        // No example at all is no failure: there are test binaries all the same, and each says its result.
        counted(&ran, Tally::of_libtest(&ran.text), tally)
    });
    course.step("tidy", |tally| {
        let outcome = tidy::check(root);
        for problem in &outcome.problems {
            eprintln!("{problem}");
        }
        *tally += outcome.tally;
        if outcome.problems.is_empty() { Verdict::Passed } else { Verdict::Failed("see above".into()) }
    });
    course.step("dependencies: cargo deny", |_| {
        eprintln!("{}", deny::WITHOUT);
        match deny::tool(root) {
            Ok(tool) => of(&deny::check(root, &tool)),
            Err(error) => Verdict::Failed(error.to_string()),
        }
    });
    course.close()
}

fn tests(root: &Path, offer: &setup::Offer, tally: &mut Tally) -> Verdict {
    let log = match crate::scratch(root) {
        Ok(folder) => folder.join("skips.tsv"),
        Err(error) => return Verdict::Failed(format!("target/xtask cannot be made: {error}")),
    };
    // An old log would turn passed tests into skipped ones.
    if let Err(error) = std::fs::write(&log, "") {
        return Verdict::Failed(format!("the skip log cannot be written: {error}"));
    }
    let with_nextest = find("cargo-nextest").is_some();
    let arguments: &[&str] = if with_nextest {
        &[
            "nextest",
            "run",
            "--workspace",
            "--no-fail-fast",
            "--status-level",
            "fail",
            "--final-status-level",
            "fail",
        ]
    } else {
        &["test", "--workspace", "--all-targets", "--no-fail-fast", "--quiet"]
    };
    let mut command = cargo(root, arguments);
    command.env("ASSAY_SKIP_LOG", &log).env_remove("ASSAY_REQUIRE_SERVERS");
    if offer.is_complete() {
        command.env("ASSAY_REQUIRE_SERVERS", "1");
    }
    let ran = run_command(&mut command, 60 * MINUTE, Echo::Yes);
    let counts = if with_nextest { Tally::of_nextest(&ran.text) } else { Tally::of_libtest(&ran.text) };
    let skips = std::fs::read_to_string(&log).unwrap_or_default();
    for skip in skips.lines() {
        eprintln!("skipped: {}", skip.replace('\t', ": "));
    }
    let counts = counts.map(|counts| counts.without_skips(&skips));
    if counts.is_some_and(|counts| counts.total() == 0) {
        return Verdict::Failed("no test was run".into());
    }
    counted(&ran, counts, tally)
}

fn counted(ran: &Ran, counts: Option<Tally>, tally: &mut Tally) -> Verdict {
    let Some(counts) = counts else {
        return Verdict::Failed(format!("no result was printed; {}", ran.reason()));
    };
    *tally += counts;
    match of(ran) {
        // The runner's word alone is not taken where its own counts contradict it.
        Verdict::Passed if counts.failed > 0 => Verdict::Failed(format!("{counts}")),
        verdict => verdict,
    }
}

fn of(ran: &Ran) -> Verdict {
    if ran.succeeded() { Verdict::Passed } else { Verdict::Failed(ran.reason()) }
}

fn cargo(root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.args(arguments).current_dir(root).env("CARGO_TERM_COLOR", "never");
    command
}

/// The steps taken so far.
#[derive(Debug, Default)]
struct Course {
    tally: Tally,
    remarks: Vec<String>,
}

impl Course {
    fn step(&mut self, name: &str, take: impl FnOnce(&mut Tally) -> Verdict) {
        eprintln!("\n=== {name}");
        let begun = Instant::now();
        let verdict = take(&mut self.tally);
        let took = begun.elapsed().as_secs_f64();
        let word = match verdict {
            Verdict::Passed => {
                self.tally.passed += 1;
                "passed"
            }
            Verdict::Failed(why) => {
                self.tally.failed += 1;
                self.remarks.push(format!("FAILED {name}: {why}"));
                "FAILED"
            }
            Verdict::Skipped(why) => {
                self.tally.skipped += 1;
                self.remarks.push(format!("skipped {name}:\n{why}"));
                "skipped"
            }
        };
        eprintln!("--- {name}: {word} in {took:.1} s");
    }

    fn close(self) -> ExitCode {
        eprintln!();
        for remark in &self.remarks {
            eprintln!("{remark}");
        }
        println!("{}", self.tally);
        if self.tally.failed == 0 && self.tally.passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Ending;

    fn ran(ending: Ending) -> Ran {
        Ran { ending, text: String::new() }
    }

    #[test]
    fn a_run_that_succeeds_without_printing_a_result_has_failed() {
        let mut tally = Tally::default();
        let verdict = counted(&ran(Ending::Success), None, &mut tally);
        assert!(matches!(verdict, Verdict::Failed(_)));
    }

    #[test]
    fn a_runner_that_calls_failed_tests_a_success_is_not_believed() {
        let mut tally = Tally::default();
        let counts = Tally { passed: 3, failed: 1, skipped: 0 };
        let verdict = counted(&ran(Ending::Success), Some(counts), &mut tally);
        assert!(matches!(verdict, Verdict::Failed(_)));
        assert_eq!(tally, counts);
    }

    #[test]
    fn a_run_that_ends_badly_has_failed_though_every_test_passed() {
        let mut tally = Tally::default();
        let counts = Tally { passed: 3, failed: 0, skipped: 0 };
        let verdict = counted(&ran(Ending::OutOfTime), Some(counts), &mut tally);
        assert!(matches!(verdict, Verdict::Failed(_)));
    }

    #[test]
    fn a_skipped_step_is_counted_as_skipped_and_not_as_passed() {
        let mut course = Course::default();
        course.step("one", |_| Verdict::Passed);
        course.step("two", |_| Verdict::Skipped("nothing there".into()));
        assert_eq!(course.tally, Tally { passed: 1, failed: 0, skipped: 1 });
    }
}
