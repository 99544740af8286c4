//! The ledger: durable appends beside what SQLite alone does, and the verification of very many records.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::judge::{built, peak};
use super::lab::{example, measured};
use super::{Bench, Bound, Peer, Row};

pub(super) const APPEND: Bench = Bench { name: "ledger-append", measure: append };
pub(super) const VERIFY: Bench = Bench { name: "ledger-verify", measure: verify };
pub(super) const VERIFY_MEMORY: Bench = Bench { name: "ledger-verify-memory", measure: verify_memory };

const RECORDS: u64 = 1_000_000;
const APPENDS: u64 = 1000;

fn append(root: &Path) -> Result<Row, String> {
    let folder = empty(root, "append")?;
    let told = bench(root, "append", &folder, APPENDS)?;
    let number = |name: &str| told[name].as_f64().ok_or_else(|| format!("it told no `{name}`: {told}"));
    let row = Row {
        what: format!("records sealed and appended, each with fsync, per second ({APPENDS})"),
        ours: number("ours")?,
        peer: Some(Peer { name: "SQLite alone, same bytes".to_owned(), value: number("sqlite")? }),
        bound: Bound::RatioAtLeast(0.6),
    };
    std::fs::remove_dir_all(&folder).ok();
    Ok(row)
}

fn verify(root: &Path) -> Result<Row, String> {
    with_long_ledger(root, |assay, folder| {
        let began = Instant::now();
        let status = verifying(assay, folder).status().map_err(|error| error.to_string())?;
        let ours = began.elapsed().as_secs_f64();
        if !status.success() {
            return Err(format!("assay records ended with {:?}", status.code()));
        }
        Ok(Row { what: format!("verify {RECORDS} records, s"), ours, peer: None, bound: Bound::AtMost(20.0) })
    })
}

fn verify_memory(root: &Path) -> Result<Row, String> {
    with_long_ledger(root, |assay, folder| {
        let most = peak(&mut verifying(assay, folder))?;
        let ours = f64::from(most) / 1024.0;
        let what = format!("peak memory of verifying {RECORDS} records, MiB");
        Ok(Row { what, ours, peer: None, bound: Bound::AtMost(512.0) })
    })
}

fn verifying(assay: &Path, folder: &Path) -> Command {
    let mut command = Command::new(assay);
    command.args(["records", "--quiet"]).arg(folder);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn with_long_ledger(root: &Path, measure: impl Fn(&Path, &Path) -> Result<Row, String>) -> Result<Row, String> {
    let assay = built(root)?;
    let folder = empty(root, "long")?;
    bench(root, "fill", &folder.join(".assay"), RECORDS)?;
    let row = measure(&assay, &folder);
    // It is large.
    std::fs::remove_dir_all(&folder).map_err(|error| error.to_string())?;
    row
}

/// Runs the example `ledger_bench` of `store`; what it told.
fn bench(root: &Path, verb: &str, folder: &Path, count: u64) -> Result<serde_json::Value, String> {
    let mut command = Command::new(example(root, "store", "ledger_bench")?);
    command.arg(verb).arg(folder).arg(count.to_string());
    let (text, _) = measured(&mut command, Duration::from_secs(900))?;
    serde_json::from_str(&text).map_err(|error| error.to_string())
}

fn empty(root: &Path, name: &str) -> Result<PathBuf, String> {
    let folder = crate::scratch(root).map_err(|error| error.to_string())?.join(format!("ledger-{name}"));
    std::fs::remove_dir_all(&folder).ok();
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    Ok(folder)
}
