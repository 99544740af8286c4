//! Very many: a thousand recorded dossiers judged again, and the standing of ten thousand unit instances of a release.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::Value;

use super::judge::built;
use super::{Bench, Bound, Row};

pub(super) const REJUDGE: Bench = Bench { name: "rejudge", measure: rejudge };
pub(super) const RELEASE: Bench = Bench { name: "release-status", measure: release };

const SAMPLE: &str = "samples/smart-plug";
const DOSSIERS: usize = 1000;
/// How often each IXIT entry of the sample is there, each time under another name: more than 10,000 unit instances.
const COPIES: usize = 16;

fn rejudge(root: &Path) -> Result<Row, String> {
    let assay = built(root)?;
    let folder = copied(root, "rejudge", 1)?;
    let at = folder.join("assay.toml");
    let text = fs::read_to_string(&at).map_err(|error| error.to_string())?;
    for number in 0..DOSSIERS {
        // Another state of the dossier for each assessment.
        fs::write(&at, format!("{text}# state {number}\n")).map_err(|error| error.to_string())?;
        ran(&assay, &["judge", "--record"], &folder)?;
    }
    let (told, ours) = ran(&assay, &["rejudge", "--json"], &folder)?;
    let again = told["assessments"].as_array().map_or(0, Vec::len);
    fs::remove_dir_all(&folder).ok();
    if again != DOSSIERS {
        return Err(format!("{again} assessments were judged again, not {DOSSIERS}"));
    }
    Ok(Row { what: format!("judge {DOSSIERS} dossiers again, s"), ours, peer: None, bound: Bound::AtMost(30.0) })
}

fn release(root: &Path) -> Result<Row, String> {
    let assay = built(root)?;
    let folder = copied(root, "release", COPIES)?;
    ran(&assay, &["judge", "--record"], &folder)?;
    let (told, _) = ran(&assay, &["plan", "--json"], &folder)?;
    let instances = told["instances"].as_array().map_or(0, Vec::len);
    let (_, ours) = ran(&assay, &["release", "status", "--json"], &folder)?;
    fs::remove_dir_all(&folder).ok();
    if instances < 10_000 {
        return Err(format!("the dossier has {instances} unit instances, fewer than 10000"));
    }
    let what = format!("assay release status on {instances} unit instances, s");
    Ok(Row { what, ours, peer: None, bound: Bound::AtMost(1.0) })
}

/// Runs a verb on a folder; the JSON that it told, if it did, and its seconds.
fn ran(assay: &Path, verb: &[&str], folder: &Path) -> Result<(Value, f64), String> {
    let mut command = Command::new(assay);
    command.args(verb).arg(folder).stdin(Stdio::null());
    let began = Instant::now();
    let output = command.output().map_err(|error| error.to_string())?;
    let seconds = began.elapsed().as_secs_f64();
    match output.status.code() {
        Some(0 | 10 | 11) => Ok((serde_json::from_slice(&output.stdout).unwrap_or_default(), seconds)),
        other => Err(format!("assay {} ended with {other:?}", verb.join(" "))),
    }
}

/// The sample in a folder of its own, with each IXIT entry so many times.
fn copied(root: &Path, name: &str, times: usize) -> Result<PathBuf, String> {
    let folder = crate::scratch(root).map_err(|error| error.to_string())?.join(format!("dossier-{name}"));
    fs::remove_dir_all(&folder).ok();
    copy(&root.join(SAMPLE), &folder, times).map_err(|error| error.to_string())?;
    Ok(folder)
}

fn copy(from: &Path, to: &Path, times: usize) -> std::io::Result<()> {
    fs::create_dir_all(to.join("ixit"))?;
    for inside in ["", "ixit"] {
        for entry in fs::read_dir(from.join(inside))? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                let text = fs::read_to_string(entry.path())?;
                let text = if inside.is_empty() { text } else { repeated(&text, times) };
                fs::write(to.join(inside).join(entry.file_name()), text)?;
            }
        }
    }
    Ok(())
}

/// The entries of an IXIT table, so many times, each time under another name.
fn repeated(text: &str, times: usize) -> String {
    let mut all = text.to_owned();
    for number in 1..times {
        all.push('\n');
        for line in text.lines() {
            match line.strip_prefix("ID = \"").and_then(|rest| rest.strip_suffix('"')) {
                Some(id) => all.push_str(&format!("ID = \"{id}-{number}\"")),
                None => all.push_str(line),
            }
            all.push('\n');
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_repeated_under_names_of_their_own() {
        let text = "[[A]]\nID = \"x\"\n\n[A.facts]\nn = 1\n";
        assert_eq!(repeated(text, 1), text);
        assert_eq!(repeated(text, 2), format!("{text}\n[[A]]\nID = \"x-1\"\n\n[A.facts]\nn = 1\n"));
    }
}
