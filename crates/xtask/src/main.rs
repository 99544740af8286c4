//! The project's own commands: `cargo xtask test`, `tidy`, `setup`, `soak` and `bench`.
//!
//! It depends on no room, so that it still runs, and says so, when a room does not compile. It holds no part of the
//! product.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this program talks to the person who runs it")]

mod bench;
mod command;
mod deny;
mod oidc;
mod schemathesis;
mod setup;
mod soak;
mod tally;
mod test;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask <command>

  test           the one command that decides: format, lints, tests, tidy, dependencies
  tidy           the checks of the source tree alone
  setup          install the servers and tools that the tests use (as root, on Debian)
  soak           kill the program at 1,000 random moments: [--kills N] [--seed N]
  bench [name]   measure, print a table, write target/bench.json: [--seconds N] for those that go on for a time
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let root = root();
    match arguments[..] {
        ["test"] => test::run(&root),
        ["tidy"] => tidy::run(&root),
        ["setup"] => setup::run(&root),
        ["bench", ref names @ ..] => bench::run(&root, names),
        ["soak", ref more @ ..] => soak::run(&root, more),
        _ => {
            eprint!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

/// The workspace this program was built from.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}

/// Files of this program, out of the way of Cargo's own.
fn scratch(root: &Path) -> std::io::Result<PathBuf> {
    let folder = root.join("target/xtask");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}
