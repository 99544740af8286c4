//! Wrong input to an interface with planted faults, sent by `http.input` and by schemathesis: what is found, and how soon.
//!
//! `planted/api.py` is the interface; it names each fault beside the function that has it. Both are given its description
//! and its token. Without schemathesis our own numbers stand alone, against bounds of their own.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::lab::{example, measured, median, peer};
use super::{Bench, Bound, Peer, Row};

pub(super) const FOUND: Bench = Bench { name: "input-found", measure: found };
pub(super) const TIME: Bench = Bench { name: "input-time", measure: time };

/// The planted faults: the operation, what we call them, and the codes under which schemathesis may tell them.
const PLANTED: &[(&str, &[&str], &[&str])] = &[
    ("GET /items", &["wrong-type"], &["ST101"]),
    ("GET /search", &["too-long", "oversize"], &["ST101", "ST201"]),
    ("PUT /levels", &["out-of-range"], &["ST201"]),
    ("GET /greet", &["template-canary"], &["ST101", "ST201"]),
    ("GET /files", &["traversal-canary"], &["ST101", "ST201"]),
    ("GET /users", &["query-canary"], &["ST101", "ST201"]),
    ("GET /admin", &["no-session"], &["ST401"]),
    ("GET /kinds", &["undescribed-answer"], &["ST103"]),
    ("POST /config", &["null"], &["ST101"]),
    ("GET /go", &["header-canary"], &["ST101", "ST201"]),
    ("POST /form", &["missing"], &["ST101"]),
    ("PUT /plan", &["entity-canary"], &["ST101", "ST201"]),
    ("POST /tree", &["deep-nesting"], &["ST101"]),
    ("GET /ping", &["delay-canary"], &["ST101", "ST201"]),
    ("POST /text", &["invalid-text"], &["ST101"]),
];

fn found(root: &Path) -> Result<Row, String> {
    let interface = Interface::start(root)?;
    let (ours, ..) = interface.ours(root)?;
    let what = format!("planted faults of an interface that are found, of {}", PLANTED.len());
    let peer = interface.theirs(root)?.map(|(value, _)| Peer { name: "schemathesis".to_owned(), value });
    Ok(Row { what, ours, peer, bound: Bound::AtLeast(PLANTED.len() as f64) })
}

fn time(root: &Path) -> Result<Row, String> {
    let interface = Interface::start(root)?;
    let mut seconds = Vec::new();
    let mut requests = 0;
    for _ in 0..3 {
        let (_, time, sent) = interface.ours(root)?;
        seconds.push(time);
        requests = sent;
    }
    let what = format!("wrong input to an interface, s ({requests} requests)");
    let peer = interface.theirs(root)?.map(|(_, value)| Peer { name: "schemathesis".to_owned(), value });
    let bound = if peer.is_some() { Bound::RatioAtMost(1.0) } else { Bound::AtMost(15.0) };
    Ok(Row { what, ours: median(seconds), peer, bound })
}

/// The interface with its faults, until this is dropped.
struct Interface {
    child: Child,
    port: u16,
}

impl Interface {
    fn start(root: &Path) -> Result<Self, String> {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = free.map_err(|error| error.to_string())?.port();
        let mut command = peer("python3")?;
        command.arg(root.join("crates/xtask/src/bench/planted/api.py")).arg(port.to_string());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| error.to_string())?;
        let line = child.stdout.take().and_then(|output| BufReader::new(output).lines().next());
        let interface = Self { child, port };
        match line {
            Some(Ok(line)) if line == "ready" => Ok(interface),
            _ => Err("the interface did not start".to_owned()),
        }
    }

    /// How many planted faults our probe found, its seconds and its requests.
    fn ours(&self, root: &Path) -> Result<(f64, f64, u64), String> {
        let program = example(root, "probes", "interface")?;
        let described = crate::scratch(root).map_err(|error| error.to_string())?.join("planted.json");
        let mut print = peer("python3")?;
        let script =
            "import json, sys; sys.path.insert(0, sys.argv[1]); import api; print(json.dumps(api.DESCRIPTION))";
        print.args(["-B", "-c", script]).arg(root.join("crates/xtask/src/bench/planted"));
        let (text, _) = measured(&mut print, Duration::from_secs(20))?;
        std::fs::write(&described, text).map_err(|error| error.to_string())?;
        let mut command = Command::new(program);
        command.arg(&described).args(["127.0.0.1", &self.port.to_string(), "planted-token"]);
        let (text, seconds) = measured(&mut command, Duration::from_secs(120))?;
        let told: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        let found = PLANTED.iter().filter(|(operation, names, _)| {
            told["noticed"].as_array().into_iter().flatten().any(|one| {
                one["target"].as_str().is_some_and(|target| target.starts_with(operation))
                    && one["violation"].as_str().is_some_and(|violation| names.contains(&violation))
                    && one["result"] != "unclear"
            })
        });
        Ok((found.count() as f64, seconds, told["requests"].as_u64().unwrap_or(0)))
    }

    /// The same of schemathesis, as it is; none where it is not installed.
    fn theirs(&self, root: &Path) -> Result<Option<(f64, f64)>, String> {
        let Ok(mut command) = peer("schemathesis") else { return Ok(None) };
        let scratch = crate::scratch(root).map_err(|error| error.to_string())?;
        let report = scratch.join("planted.xml");
        let url = format!("http://127.0.0.1:{}/openapi.json", self.port);
        command.current_dir(&scratch).args(["run", &url, "-H", "Authorization: Bearer planted-token"]);
        command.args(["--no-color", "--report", "junit", "--report-junit-path"]).arg(&report);
        let begun = std::time::Instant::now();
        // It ends with 1 where it found something.
        let ran = crate::command::run(&mut command, Duration::from_secs(300), crate::command::Echo::No);
        let seconds = begun.elapsed().as_secs_f64();
        let text = std::fs::read_to_string(&report).map_err(|_| format!("schemathesis: {}", ran.last_lines(2)))?;
        Ok(Some((theirs_found(&text), seconds)))
    }
}

impl Drop for Interface {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Planted faults that a report of JUnit's form tells, by operation and code.
fn theirs_found(report: &str) -> f64 {
    let cases: Vec<&str> = report.split("<testcase").skip(1).collect();
    let found = PLANTED.iter().filter(|(operation, _, codes)| {
        cases.iter().any(|case| {
            case.contains(&format!("name=\"{operation}")) && codes.iter().any(|code| case.contains(code))
        })
    });
    found.count() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_told_at_its_operation_and_by_its_code() {
        let report = "<testcase name=\"GET /admin\"><failure>- ST401 open</failure></testcase>\
                      <testcase name=\"GET /items/{id}\"><failure>- ST204 TRACE</failure></testcase>";
        assert!((theirs_found(report) - 1.0).abs() < 0.1);
    }
}
