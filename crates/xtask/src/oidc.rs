//! The OpenID provider that people sign in at in tests: taken from npm into a folder of our own.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::command::{Echo, find, run};

/// The version that is taken: the last one that Debian's Node.js runs.
const WANTED: &str = "oidc-provider@8.8.1";

/// Where it is. `crates/testkit/src/servers/oidc.rs` looks at the same place.
pub(crate) fn modules() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/xtask/oidc");
    let package = folder.join("node_modules/oidc-provider/package.json");
    if package.is_file() {
        return Ok(folder);
    }
    let npm = find("npm").ok_or("npm is missing")?;
    std::fs::create_dir_all(&folder).map_err(|error| format!("no folder for it: {error}"))?;
    let mut take = Command::new(npm);
    take.args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-save", "--prefix"])
        .arg(&folder)
        .arg(WANTED);
    let taken = run(&mut take, Duration::from_secs(300), Echo::No);
    match taken.succeeded() && package.is_file() {
        true => Ok(folder),
        false => Err(format!("npm could not take it: {}", taken.reason())),
    }
}
