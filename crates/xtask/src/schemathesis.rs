//! The tool that makes up requests from the OpenAPI document: found, or taken from PyPI into a folder of our own.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::command::{Echo, find, run};

/// The version that is taken.
const WANTED: &str = "schemathesis==4.32.5";
/// Where another machine may keep it.
const KEPT: &str = "/opt/peers/bin/schemathesis";

/// Where the tool is. `crates/web/tests/schemathesis.rs` looks at the same places.
pub(crate) fn tool() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/xtask/schemathesis");
    let ours = folder.join("bin/schemathesis");
    let known = find("schemathesis").or_else(|| [ours.clone(), KEPT.into()].into_iter().find(|at| at.is_file()));
    if let Some(known) = known {
        return Ok(known);
    }
    let python = find("python3").ok_or("python3 is missing")?;
    let made = run(Command::new(python).args(["-m", "venv"]).arg(&folder), Duration::from_secs(120), Echo::No);
    if !made.succeeded() {
        return Err(format!("no folder for it: {}", made.reason()));
    }
    let mut pip = Command::new(folder.join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:", WANTED]);
    let taken = run(&mut pip, Duration::from_secs(300), Echo::No);
    match taken.succeeded() && ours.is_file() {
        true => Ok(ours),
        false => Err(format!("pip could not take it: {}", taken.reason())),
    }
}
