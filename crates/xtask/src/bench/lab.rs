//! The laboratory of the benches that measure servers: real ones, started and ended by a program of its own, and one
//! probe run against them as a process, so that its start counts as that of a peer's does.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::command::{Echo, Ending, Ran, find, run};

/// Servers that live until this is dropped.
pub(super) struct Lab {
    child: Child,
    stdin: Option<ChildStdin>,
    /// Their address.
    pub(super) address: String,
    /// Their ports, ascending.
    pub(super) ports: Vec<u16>,
}

impl Lab {
    /// Starts the servers of this kind; see the example `laboratory` of `probes`.
    pub(super) fn start(root: &Path, kind: &str) -> Result<Self, String> {
        let mut command = Command::new(built(root, "laboratory")?);
        command.arg(kind).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| error.to_string())?;
        let stdin = child.stdin.take();
        let output = child.stdout.take();
        let mut lab = Self { child, stdin, address: String::new(), ports: Vec::new() };
        for line in output.into_iter().flat_map(|output| BufReader::new(output).lines()).map_while(Result::ok) {
            match line.split(' ').collect::<Vec<_>>()[..] {
                [_, address, port] => {
                    lab.address = address.to_owned();
                    lab.ports.push(port.parse().map_err(|_| format!("no port: {port}"))?);
                }
                ["ready"] => {
                    lab.ports.sort_unstable();
                    return Ok(lab);
                }
                _ => {}
            }
        }
        Err(format!("the servers called {kind} did not start; see `laboratory {kind}`"))
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        drop(self.stdin.take());
        self.child.wait().ok();
    }
}

/// Builds an example of `probes` and says where it lies.
fn built(root: &Path, name: &str) -> Result<PathBuf, String> {
    example(root, "probes", name)
}

/// Builds an example of a room and says where it lies.
pub(super) fn example(root: &Path, room: &str, name: &str) -> Result<PathBuf, String> {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--quiet", "--release", "--package", room, "--example", name]).current_dir(root);
    let ran = run(&mut cargo, Duration::from_secs(900), Echo::No);
    if !ran.succeeded() {
        return Err(format!("the release build failed: {}", ran.last_lines(3)));
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Ok(target.join("release/examples").join(name))
}

/// One of our probes as a program.
pub(super) struct Probe {
    program: PathBuf,
}

impl Probe {
    pub(super) fn built(root: &Path) -> Result<Self, String> {
        Ok(Self { program: built(root, "probe")? })
    }

    /// Runs a probe with these parameters at this address; what it read, and the seconds of the whole process.
    pub(super) fn run(&self, id: &str, parameters: &Value, address: &str) -> Result<(Value, f64), String> {
        let mut command = Command::new(&self.program);
        command.args([id, &parameters.to_string(), address]);
        let (ran, seconds) = timed(&mut command, Duration::from_secs(120));
        if !ran.succeeded() {
            return Err(format!("{id}: {}", ran.last_lines(2)));
        }
        let told: Value = serde_json::from_str(&ran.text).map_err(|error| error.to_string())?;
        Ok((told["reading"].clone(), seconds))
    }
}

/// Facts of a reading that carry this tag.
pub(super) fn facts<'a>(reading: &'a Value, tag: &'a str) -> impl Iterator<Item = &'a Value> {
    reading["facts"].as_array().into_iter().flatten().filter(move |fact| fact["fact"] == tag)
}

/// A program that is measured against, or the sentence that it is not there.
pub(super) fn peer(program: &str) -> Result<Command, String> {
    find(program).map(Command::new).ok_or_else(|| format!("{program} is not installed"))
}

/// Runs a peer to its end; what it said, and its seconds.
pub(super) fn measured(command: &mut Command, within: Duration) -> Result<(String, f64), String> {
    let (ran, seconds) = timed(command, within);
    match ran.ending {
        Ending::Success => Ok((ran.text, seconds)),
        _ => Err(format!("{}: {}", command.get_program().to_string_lossy(), ran.reason())),
    }
}

fn timed(command: &mut Command, within: Duration) -> (Ran, f64) {
    let begun = Instant::now();
    let ran = run(command, within, Echo::No);
    (ran, begun.elapsed().as_secs_f64())
}

/// The value in the middle.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The value of an attribute in a line of XML, as nmap and sslscan write it.
pub(super) fn attribute<'a>(element: &'a str, name: &str) -> Option<&'a str> {
    let start = element.find(&format!(" {name}=\""))? + name.len() + 3;
    element[start..].split('"').next()
}

/// An error that names what a peer found and we did not; a faster look that sees less is no answer.
pub(super) fn nothing_missed<T: Ord + std::fmt::Debug>(
    ours: &BTreeSet<T>,
    peers: &BTreeSet<T>,
    peer: &str,
) -> Result<(), String> {
    if peers.is_empty() {
        return Err(format!("{peer} found nothing to compare with"));
    }
    let missed: Vec<&T> = peers.difference(ours).collect();
    if missed.is_empty() { Ok(()) } else { Err(format!("{peer} found what we did not: {missed:?}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_is_found_by_its_whole_name() {
        let line = "<port protocol=\"tcp\" portid=\"22\"><state state=\"open\"/></port>";
        assert_eq!(attribute(line, "portid"), Some("22"));
        assert_eq!(attribute(line, "id"), None);
    }

    #[test]
    fn what_only_a_peer_found_is_an_error_and_so_is_a_peer_that_found_nothing() {
        let set = |list: &[u8]| list.iter().copied().collect::<BTreeSet<_>>();
        assert!(nothing_missed(&set(&[1, 2]), &set(&[2]), "peer").is_ok());
        assert!(nothing_missed(&set(&[1]), &set(&[1, 3]), "peer").is_err_and(|why| why.contains("[3]")));
        assert!(nothing_missed(&set(&[1]), &set(&[]), "peer").is_err());
    }

    #[test]
    fn the_median_is_in_the_middle() {
        assert!((median(vec![3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!(median(vec![]).is_nan());
    }
}
