//! Reading, checking, planning and judging the full sample dossier, as a user runs it: time and peak memory.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::{Bench, Bound, Row, median_seconds};

pub(super) const TIME: Bench = Bench { name: "judge-time", measure: time };
pub(super) const MEMORY: Bench = Bench { name: "judge-memory", measure: memory };

/// The sample that a user meets first: 78 provisions answered, every table filled.
const SAMPLE: &str = "samples/smart-plug";
const RUNS: usize = 21;

fn time(root: &Path) -> Result<Row, String> {
    let assay = built(root)?;
    // One run reads and checks the dossier, goes through the plan, judges and writes the summary.
    let judge = median_seconds(RUNS, || run(&assay, root, "judge").map(drop))?;
    Ok(Row {
        what: "check, plan, judge and tell a full dossier, ms".to_owned(),
        ours: judge * 1000.0,
        peer: None,
        bound: Bound::AtMost(50.0),
    })
}

fn memory(root: &Path) -> Result<Row, String> {
    let assay = built(root)?;
    let mut most = 0;
    for verb in ["judge", "plan", "check"] {
        for _ in 0..RUNS {
            most = most.max(peak(&mut command(&assay, root, verb))?);
        }
    }
    Ok(Row {
        what: "peak memory of check, plan and judge, MiB".to_owned(),
        ours: f64::from(most) / 1024.0,
        peer: None,
        bound: Bound::AtMost(64.0),
    })
}

/// The release binary, built now.
pub(super) fn built(root: &Path) -> Result<PathBuf, String> {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--quiet", "--release", "--package", "cli"]).current_dir(root);
    let status = cargo.status().map_err(|error| error.to_string())?;
    if !status.success() {
        return Err("the release build failed".to_owned());
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Ok(target.join("release/assay"))
}

fn run(assay: &Path, root: &Path, verb: &str) -> Result<(), String> {
    let status = command(assay, root, verb).status().map_err(|error| error.to_string())?;
    // Without evidence the sample has open mandatory provisions; any other end is not what is measured.
    match status.code() {
        Some(0 | 11) => Ok(()),
        other => Err(format!("assay {verb} ended with {other:?}")),
    }
}

fn command(assay: &Path, root: &Path, verb: &str) -> Command {
    let mut command = Command::new(assay);
    command.args([verb, SAMPLE]).current_dir(root).stdin(Stdio::null());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// The high-water mark of resident memory in KiB, read again and again until the program ends.
pub(super) fn peak(command: &mut Command) -> Result<u32, String> {
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    let ended = loop {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let mark = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = mark.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok());
        most = most.max(kib.unwrap_or(0));
        if let Some(ended) = child.try_wait().map_err(|error| error.to_string())? {
            break ended;
        }
        std::thread::sleep(Duration::from_micros(200));
    };
    if !matches!(ended.code(), Some(0 | 11)) {
        return Err(format!("the program ended with {:?}", ended.code()));
    }
    if most == 0 { Err("no high-water mark could be read".to_owned()) } else { Ok(most) }
}
