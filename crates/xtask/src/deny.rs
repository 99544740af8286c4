//! Licences, banned crates and sources of the dependencies, by `cargo-deny` and `deny.toml`.
//!
//! cargo-deny itself and no imitation: licence expressions and the graph with its features have corners, and building
//! it takes four minutes once. Known advisories are not checked: their database is a download of its own.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::command::{Echo, Ran, find, run};

/// The version that the continuous run and a new machine get.
const VERSION: &str = "0.20.2";

/// What is left out, said wherever the check is told about.
pub(crate) const WITHOUT: &str = "advisories are not checked: their database is not part of this tree";

/// Why cargo-deny cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("failed to install cargo-deny {VERSION}: {reason}")]
pub(crate) struct NoTool {
    reason: String,
}

/// The program, built into `target/tools` if it is nowhere.
pub(crate) fn tool(root: &Path) -> Result<PathBuf, NoTool> {
    let tools = root.join("target/tools");
    let own = tools.join("bin/cargo-deny");
    if own.is_file() {
        return Ok(own);
    }
    if let Some(installed) = find("cargo-deny") {
        return Ok(installed);
    }
    eprintln!("building cargo-deny {VERSION} into {}, which takes some minutes once", tools.display());
    let mut install = Command::new("cargo");
    install.args(["install", "cargo-deny", "--locked", "--quiet", "--version", VERSION, "--root"]);
    install.arg(&tools).env("CARGO_TARGET_DIR", tools.join("build"));
    let ran = run(&mut install, Duration::from_secs(1500), Echo::No);
    // The program alone is wanted; what it was built from takes half a gigabyte.
    std::fs::remove_dir_all(tools.join("build")).ok();
    if ran.succeeded() {
        return Ok(own);
    }
    Err(NoTool { reason: format!("{}\n{}", ran.reason(), ran.last_lines(8)) })
}

/// Checks bans, licences and sources.
pub(crate) fn check(root: &Path, tool: &Path) -> Ran {
    let mut command = Command::new(tool);
    command.args(["--all-features", "--log-level", "warn", "check", "--hide-inclusion-graph"]);
    command.args(["bans", "licenses", "sources"]).current_dir(root);
    run(&mut command, Duration::from_secs(300), Echo::Yes)
}
