//! The laboratory of the benches that measure `assay serve`: products with records, the server itself, nginx with a file
//! of the same bytes, and browsers by the example `load` of `testkit`.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::lab::example;

const SAMPLE: &str = "samples/smart-plug";
const PASSWORD: &str = "kettle marble oboe";
/// How long a server may take to listen.
const START: Duration = Duration::from_secs(20);

/// What nginx's example of a saved scan is for, in the address of the sample.
const SCAN: &str = "crates/probes/src/import/samples/nmap.xml";

/// Makes a product by the program, as its people would: releases, each with an imported scan, decisions of persons and a
/// recorded assessment. Returns its dossier folder.
pub(super) fn product(
    root: &Path,
    assay: &Path,
    at: &Path,
    releases: usize,
    decisions: usize,
) -> Result<(), String> {
    copied(&root.join(SAMPLE), at)?;
    let scan = at.join("scan.xml");
    let text = fs::read_to_string(root.join(SCAN)).map_err(|error| error.to_string())?;
    fs::write(&scan, text.replace("192.0.2.7", "127.0.77.1")).map_err(|error| error.to_string())?;
    let folder = at.to_string_lossy().into_owned();
    let plan = said(assay, &["plan", "--json", &folder])?;
    let plan: Value = serde_json::from_str(&plan).map_err(|error| error.to_string())?;
    let by_person = |instance: &&Value| {
        let settled = &instance["settled_by"];
        settled[0] == "statement" || settled[0] == "document"
    };
    let units: Vec<(String, Option<String>)> = plan["instances"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(by_person)
        .filter_map(|instance| {
            let unit = instance["id"]["unit"]["text"].as_str()?.to_owned();
            let entry = instance["id"]["entry"][1].as_str().map(str::to_owned);
            Some((unit, entry))
        })
        .collect();
    for release in 0..releases {
        if release > 0 {
            said(assay, &["release", "add", &format!("2.{release}.0"), "--folder", &folder])?;
        }
        said(assay, &["import", &folder, &scan.to_string_lossy()])?;
        for (unit, entry) in units.iter().cycle().skip(release * decisions).take(decisions) {
            let mut state = vec!["state", unit, "--folder", &folder, "--verdict", "pass", "--by", "A. Laborant"];
            state.extend(["--because", "Read, and held against what the product does."]);
            if let Some(entry) = entry {
                state.extend(["--entry", entry]);
            }
            said(assay, &state)?;
        }
        said(assay, &["judge", "--record", &folder])?;
    }
    said(assay, &["tasks", "record", &folder])?;
    fs::remove_file(&scan).map_err(|error| error.to_string())
}

/// Copies of a product with its records, each under a name of its own.
pub(super) fn copies(of: &Path, into: &Path, number: usize) -> Result<(), String> {
    let manifest = fs::read_to_string(of.join("assay.toml")).map_err(|error| error.to_string())?;
    for n in 1..=number {
        let at = into.join(format!("plug-{n:04}"));
        copied(of, &at)?;
        let own = manifest.replacen("name = \"", &format!("name = \"No. {n} "), 1);
        fs::write(at.join("assay.toml"), own).map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn copied(from: &Path, to: &Path) -> Result<(), String> {
    let copy = |error: std::io::Error| format!("copy {}: {error}", from.display());
    fs::create_dir_all(to).map_err(copy)?;
    for entry in fs::read_dir(from).map_err(copy)? {
        let entry = entry.map_err(copy)?;
        let inside = to.join(entry.file_name());
        match entry.file_type().map_err(copy)?.is_dir() {
            true => copied(&entry.path(), &inside)?,
            false => drop(fs::copy(entry.path(), inside).map_err(copy)?),
        }
    }
    Ok(())
}

/// Runs a verb to its end; what it printed.
pub(super) fn said(assay: &Path, verb: &[&str]) -> Result<String, String> {
    let output =
        Command::new(assay).args(verb).stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
    match output.status.code() {
        Some(0 | 10 | 11) => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        other => {
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            Err(format!("assay {} ended with {other:?}: {}", verb.join(" "), told.trim()))
        }
    }
}

/// A server that is ended when this is dropped.
pub(super) struct Server {
    child: Child,
    /// Its address, as a browser has it.
    pub(super) base: String,
    /// How long it took until it listened.
    pub(super) ready: Duration,
}

impl Server {
    /// `assay serve --team` over a workspace.
    pub(super) fn assay(assay: &Path, workspace: &Path) -> Result<Self, String> {
        let port = free()?;
        let base = format!("http://127.0.0.1:{port}");
        let mut command = Command::new(assay);
        command.arg("serve").arg(workspace).args(["--team", "--url", &base, "--port", &port.to_string()]);
        let began = Instant::now();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| error.to_string())?;
        let line = child.stdout.take().and_then(|output| BufReader::new(output).lines().next());
        let server = Self { child, base, ready: began.elapsed() };
        match line {
            Some(Ok(line)) if line.contains("is open") => Ok(server),
            _ => Err("assay serve did not start".to_owned()),
        }
    }

    /// nginx with one file.
    pub(super) fn nginx(folder: &Path, page: &[u8]) -> Result<Self, String> {
        let program = crate::command::find("nginx").ok_or("nginx is not installed")?;
        let port = free()?;
        let wrote = |error: std::io::Error| error.to_string();
        fs::create_dir_all(folder.join("html")).map_err(wrote)?;
        fs::write(folder.join("html/page.html"), page).map_err(wrote)?;
        let at = folder.display();
        let configuration = format!(
            "daemon off;\nuser root;\nworker_processes auto;\npid {at}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n  \
             access_log off;\n  client_body_temp_path {at}/body;\n  proxy_temp_path {at}/proxy;\n  fastcgi_temp_path \
             {at}/fast;\n  uwsgi_temp_path {at}/uwsgi;\n  scgi_temp_path {at}/scgi;\n  server {{ listen \
             127.0.0.1:{port}; root {at}/html; }}\n}}\n"
        );
        let file = folder.join("nginx.conf");
        fs::write(&file, configuration).map_err(wrote)?;
        let mut command = Command::new(program);
        command.arg("-e").arg("stderr").arg("-c").arg(&file).stdin(Stdio::null());
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().map_err(wrote)?;
        let server = Self { child, base: format!("http://127.0.0.1:{port}"), ready: Duration::ZERO };
        let until = Instant::now() + START;
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            if Instant::now() > until {
                return Err("nginx did not start".to_owned());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    /// Processor time it took so far, in ticks of the system: hundredths of a second.
    pub(super) fn ticks(&self) -> u64 {
        let text = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        // After the name, which may hold spaces: user and system time are the 12th and 13th.
        let fields = text.rsplit(')').next().unwrap_or_default().split_whitespace();
        fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum()
    }

    /// Its resident memory in MiB: now, and at most so far.
    pub(super) fn memory(&self) -> (f64, f64) {
        let text = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let mib = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            let kib = line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<f64>().ok());
            kib.unwrap_or(f64::NAN) / 1024.0
        };
        (mib("VmRSS:"), mib("VmHWM:"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Asked first: nginx ends its own workers then.
        Command::new("kill").arg(self.child.id().to_string()).stderr(Stdio::null()).status().ok();
        let until = Instant::now() + Duration::from_secs(5);
        while Instant::now() < until && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(20));
        }
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn free() -> Result<u16, String> {
    let listener = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    Ok(listener.map_err(|error| error.to_string())?.port())
}

/// Invites people into a workspace, every role that works in pages among them; the paths of their links.
pub(super) fn people(assay: &Path, workspace: &Path, number: usize) -> Result<Vec<String>, String> {
    const ROLES: [&str; 5] = ["owner", "engineer", "tester", "engineer", "owner"];
    let folder = workspace.to_string_lossy().into_owned();
    let one = |n: usize| {
        let (name, person) = (format!("browser{n}"), format!("Browser No. {n}"));
        let role = ROLES[n % ROLES.len()];
        let invite = ["people", "invite", &name, "--person", &person, "--role", role, "--by", "A. Dmin"];
        let told = said(assay, &[&invite[..], &["--folder", &folder]].concat())?;
        told.lines().next().map(str::to_owned).ok_or_else(|| "an invitation has no link".to_owned())
    };
    (0..number).map(one).collect()
}

/// Browsers, by the example `load` of `testkit`.
pub(super) struct Load {
    program: PathBuf,
}

/// What is asked for, under a name.
pub(super) struct Asked {
    pub(super) kind: &'static str,
    /// How often, out of the sum of all weights.
    pub(super) weight: u32,
    pub(super) paths: Vec<String>,
    /// The fields of a form that is sent.
    pub(super) form: Option<Vec<(&'static str, String)>>,
}

impl Asked {
    /// Pages that are looked at.
    pub(super) fn page(kind: &'static str, weight: u32, paths: Vec<String>) -> Self {
        Self { kind, weight, paths, form: None }
    }
}

/// At which rate, for how long; with a rate of 0, each so many times and one after another.
#[derive(Clone, Copy)]
pub(super) struct Pace {
    pub(super) rate: u64,
    pub(super) seconds: u64,
}

/// What came of one kind of request, in milliseconds.
pub(super) struct Came {
    pub(super) kind: String,
    pub(super) requests: u64,
    pub(super) wrong: Vec<String>,
    pub(super) bytes: u64,
    pub(super) p50: f64,
    pub(super) p90: f64,
    pub(super) p99: f64,
    pub(super) max: f64,
}

impl Load {
    pub(super) fn built(root: &Path) -> Result<Self, String> {
        Ok(Self { program: example(root, "testkit", "load")? })
    }

    /// Asks; what came, of all requests first. The invitations are accepted, so they open once.
    pub(super) fn run(
        &self,
        base: &str,
        invitations: &[String],
        asked: &[Asked],
        pace: Pace,
    ) -> Result<Vec<Came>, String> {
        let asked: Vec<Value> = asked
            .iter()
            .map(|one| {
                let status = if one.form.is_some() { 303 } else { 200 };
                json!({ "kind": one.kind, "weight": one.weight, "paths": one.paths, "form": one.form, "status": status })
            })
            .collect();
        let plan = json!({
            "base": base, "invitations": invitations, "password": PASSWORD, "asked": asked,
            "rate": pace.rate, "seconds": pace.seconds,
        });
        let mut command = Command::new(&self.program);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| error.to_string())?;
        if let Some(mut input) = child.stdin.take() {
            input.write_all(plan.to_string().as_bytes()).map_err(|error| error.to_string())?;
        }
        let output = child.wait_with_output().map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(format!("the browsers ended: {}", String::from_utf8_lossy(&output.stderr).trim()));
        }
        let told: Vec<Value> = serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())?;
        Ok(told.iter().map(came).collect())
    }
}

fn came(told: &Value) -> Came {
    let number = |name: &str| told[name].as_f64().unwrap_or(f64::NAN);
    let wrong = told["wrong"].as_object().into_iter().flatten();
    Came {
        kind: told["kind"].as_str().unwrap_or_default().to_owned(),
        requests: told["requests"].as_u64().unwrap_or(0),
        wrong: wrong.map(|(what, times)| format!("{what} ({times} times)")).collect(),
        bytes: told["bytes"].as_u64().unwrap_or(0),
        p50: number("p50"),
        p90: number("p90"),
        p99: number("p99"),
        max: number("max"),
    }
}

/// A line per kind.
pub(super) fn table(title: &str, came: &[Came]) -> String {
    let mut text = format!(
        "{title}\n{:<26} {:>8} {:>6} {:>8} {:>9} {:>9} {:>9} {:>9}\n",
        "", "requests", "wrong", "KiB", "p50 ms", "p90 ms", "p99 ms", "max ms"
    );
    for one in came {
        text.push_str(&format!(
            "{:<26} {:>8} {:>6} {:>8} {:>9.1} {:>9.1} {:>9.1} {:>9.1}\n",
            one.kind,
            one.requests,
            one.wrong.len(),
            one.bytes.div_ceil(1024),
            one.p50,
            one.p90,
            one.p99,
            one.max
        ));
    }
    for what in came.first().into_iter().flat_map(|all| &all.wrong).take(10) {
        text.push_str(&format!("  wrong: {what}\n"));
    }
    text
}

/// How busy the machine was: a figure that was measured beside other work says so.
pub(super) fn load_average() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let average = text.split(' ').next().unwrap_or("unknown").to_owned();
    let processors = std::thread::available_parallelism().map_or(0, usize::from);
    format!("load average {average} before it began, {processors} processors")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_is_read_and_told_with_what_went_wrong() {
        let told = json!({
            "kind": "all", "requests": 2, "wrong": {"/p/x: 500": 1}, "bytes": 2048, "p50": 1.0, "p90": 2.0, "p99": 3.0,
            "max": 4.5,
        });
        let table = table("Pages", &[came(&told)]);
        assert!(table.contains("wrong: /p/x: 500 (1 times)"), "{table}");
        assert!(table.lines().nth(2).unwrap().ends_with("3.0       4.5"), "{table}");
    }
}
