//! A server process that lives exactly as long as the value that holds it.
//!
//! Started in its own process group and temporary directory, waited for with a bound, killed with its descendants on
//! drop, and also when the test itself is killed. It does not know any particular server: see [`crate::servers`].

use std::fs::File;
use std::io::{self, Write as _};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tempfile::TempDir;

use crate::Site;

/// How long a server may take until it answers.
const READY_WITHIN: Duration = Duration::from_secs(15);
/// How long a server may take to end after it was asked to.
const END_WITHIN: Duration = Duration::from_millis(1500);
/// How often a port lost to somebody else is replaced by another.
const TRIES: usize = 3;

/// Why something this test needs is not running.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The program is not installed.
    #[error("{program} is not installed (Debian package {package})")]
    Missing {
        /// The program looked for.
        program: String,
        /// The Debian package that holds it.
        package: String,
    },
    /// The test would have to run as root, or the machine does not grant it.
    #[error("no privilege to {what}")]
    Unprivileged {
        /// What could not be done, as a verb with its object.
        what: String,
    },
    /// Its files could not be laid out.
    #[error("failed to prepare {program}")]
    Prepare {
        /// The program.
        program: String,
        /// What went wrong.
        #[source]
        source: io::Error,
    },
    /// The program is there and could not be started, or ended with an error.
    #[error("failed to run {program}")]
    Run {
        /// The program.
        program: String,
        /// What went wrong.
        #[source]
        source: io::Error,
    },
    /// It was started and did not answer in time, or ended by itself.
    #[error("{program} did not become ready; its last words: {log}")]
    NotReady {
        /// The program.
        program: String,
        /// The end of what it wrote.
        log: String,
    },
}

/// A running server. Dropping it ends the server and removes its files.
#[derive(Debug)]
pub struct Server {
    at: SocketAddr,
    // Invariant: fields are dropped in this order; the process ends before what it stands on goes.
    _process: Option<Process>,
    keeps: Vec<Box<dyn Keep>>,
    dir: TempDir,
}

/// Something that has to outlive the server and is undone after it, for example a system account.
pub(crate) trait Keep: std::fmt::Debug + Send + Sync {}

impl Server {
    /// The address and port it answers on.
    #[must_use]
    pub fn at(&self) -> SocketAddr {
        self.at
    }

    /// The port it answers on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.at.port()
    }

    /// Its temporary directory: configuration, keys, log.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Everything it wrote to its standard output and standard error so far.
    #[must_use]
    pub fn log(&self) -> String {
        read_log(self.dir.path())
    }

    /// Wraps something that is not one process, with the directory it works in.
    pub(crate) fn around(at: SocketAddr, dir: TempDir, keep: Box<dyn Keep>) -> Self {
        Self { at, _process: None, keeps: vec![keep], dir }
    }

    /// Ties the life of `keep` to the server's.
    pub(crate) fn keeping(mut self, keep: Box<dyn Keep>) -> Self {
        self.keeps.push(keep);
        self
    }
}

/// How one sees that a server is ready.
#[derive(Debug, Clone)]
pub(crate) enum Ready {
    /// A TCP connection is accepted.
    Tcp,
    /// This datagram is answered.
    Udp(Vec<u8>),
    /// This text stands in what it wrote.
    Says(&'static str),
}

/// What it takes to start one server.
pub(crate) struct Recipe<'a> {
    /// The program, as it is searched for.
    pub(crate) program: &'static str,
    /// The Debian package that holds it.
    pub(crate) package: &'static str,
    /// How one sees that it is ready.
    pub(crate) ready: Ready,
    /// Writes its files into the directory and completes the command line.
    pub(crate) lay_out: &'a dyn Fn(SocketAddr, &Path, &mut Command) -> Result<(), StartError>,
}

/// Starts a server at a site and waits until it is ready.
pub(crate) fn start(recipe: &Recipe<'_>, site: &Site) -> Result<Server, StartError> {
    let path = find(recipe.program, recipe.package)?;
    let mut last = None;
    for _ in 0..if site.chooses_port() { TRIES } else { 1 } {
        match start_once(recipe, site, &path) {
            Err(error @ StartError::NotReady { .. }) => last = Some(error),
            other => return other,
        }
    }
    Err(last.unwrap_or_else(|| StartError::NotReady { program: recipe.program.into(), log: String::new() }))
}

fn start_once(recipe: &Recipe<'_>, site: &Site, path: &Path) -> Result<Server, StartError> {
    let preparing = |source| StartError::Prepare { program: recipe.program.into(), source };
    let at = site.address().map_err(preparing)?;
    let dir = public_dir().map_err(preparing)?;
    let mut command = command_in(site.netns(), path)?;
    (recipe.lay_out)(at, dir.path(), &mut command)?;
    let mut process = Process::spawn(recipe.program, &mut command, dir.path())?;
    if !process.becomes_ready(&recipe.ready, at, site.netns(), dir.path()) {
        drop(process);
        return Err(StartError::NotReady {
            program: recipe.program.into(),
            log: last_lines(&read_log(dir.path())),
        });
    }
    Ok(Server { at, _process: Some(process), keeps: Vec::new(), dir })
}

/// The full path of a program; servers often lie outside a plain user's search path.
pub(crate) fn find(program: &str, package: &str) -> Result<PathBuf, StartError> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/sbin".into(), "/usr/local/sbin".into()])
        .map(|dir| dir.join(program))
        .find(|candidate| candidate.is_file())
        .ok_or_else(|| StartError::Missing { program: program.into(), package: package.into() })
}

/// Runs a short program to its end; its output is part of the error.
pub(crate) fn run(program: &str, package: &str, command: &mut Command) -> Result<String, StartError> {
    let failed = |source| StartError::Run { program: program.into(), source };
    let path = find(program, package)?;
    let output = Command::new(path).args(command.get_args()).stdin(Stdio::null()).output().map_err(failed)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(failed(io::Error::other(format!("{}: {}", output.status, last_lines(&said)))))
}

/// A temporary directory that servers which drop their privileges can still enter.
pub(crate) fn public_dir() -> io::Result<TempDir> {
    use std::os::unix::fs::PermissionsExt as _;
    tempfile::Builder::new().prefix("assay-testkit-").permissions(std::fs::Permissions::from_mode(0o755)).tempdir()
}

fn command_in(netns: Option<&str>, path: &Path) -> Result<Command, StartError> {
    let Some(netns) = netns else {
        return Ok(Command::new(path));
    };
    let mut command = Command::new(find("ip", "iproute2")?);
    command.args(["netns", "exec", netns]).arg(path);
    Ok(command)
}

/// A process group, and a watchdog that ends it when this test does not get to it.
#[derive(Debug)]
struct Process {
    child: Child,
    watchdog: Option<Watchdog>,
}

impl Process {
    fn spawn(program: &str, command: &mut Command, dir: &Path) -> Result<Self, StartError> {
        let failed = |source| StartError::Run { program: program.into(), source };
        let log = File::create(dir.join("log")).map_err(failed)?;
        let child = command
            .stdin(Stdio::null())
            .stdout(log.try_clone().map_err(failed)?)
            .stderr(log)
            .process_group(0)
            .spawn()
            .map_err(failed)?;
        let mut process = Self { child, watchdog: None };
        let group = process.child.id();
        process.watchdog = Some(Watchdog::set(&format!("kill -KILL -- -{group}")).map_err(failed)?);
        Ok(process)
    }

    fn becomes_ready(&mut self, ready: &Ready, at: SocketAddr, netns: Option<&str>, dir: &Path) -> bool {
        let until = Instant::now() + READY_WITHIN;
        while Instant::now() < until {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return false;
            }
            if is_ready(ready, at, netns, dir) {
                // Somebody else may be the one that answered: ours has then ended over the taken port.
                std::thread::sleep(Duration::from_millis(30));
                return matches!(self.child.try_wait(), Ok(None));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let Some(leader) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) else {
            return;
        };
        // A server that gives each session a group of its own leaves children that the group signal misses.
        let family = descendants(leader);
        // Errors mean that it is gone already, which is what was asked for.
        kill_process_group(leader, Signal::TERM).ok();
        let until = Instant::now() + END_WITHIN;
        while Instant::now() < until && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(5));
        }
        kill_process_group(leader, Signal::KILL).ok();
        for member in &family {
            kill_process(*member, Signal::KILL).ok();
        }
        self.child.wait().ok();
        // A signal is delivered after the call that sends it; what a test looks at next has to be gone.
        let until = Instant::now() + END_WITHIN;
        while Instant::now() < until && family.iter().any(|member| is_alive(*member)) {
            std::thread::sleep(Duration::from_millis(2));
        }
        drop(self.watchdog.take());
    }
}

/// A shell that runs a script if this process ends before the watchdog was dropped.
#[derive(Debug)]
pub(crate) struct Watchdog {
    shell: Child,
}

impl Watchdog {
    /// Arms a watchdog. The script must not fail loudly when there is nothing left to undo.
    pub(crate) fn set(script: &str) -> io::Result<Self> {
        let shell = Command::new("/bin/sh")
            .arg("-c")
            // The pipe closes, and the read ends, when the last holder of its other end is gone.
            .arg(format!("read _; {script}"))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        Ok(Self { shell })
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        // Killed before its pipe closes, so that the script does not run.
        self.shell.kill().ok();
        self.shell.wait().ok();
    }
}

fn is_ready(ready: &Ready, at: SocketAddr, netns: Option<&str>, dir: &Path) -> bool {
    let answers: Box<dyn FnOnce() -> bool + Send> = match ready {
        Ready::Says(text) => return read_log(dir).contains(text),
        Ready::Tcp => Box::new(move || TcpStream::connect_timeout(&at, Duration::from_millis(500)).is_ok()),
        Ready::Udp(ask) => {
            let ask = ask.clone();
            Box::new(move || answers_datagram(at, &ask).unwrap_or(false))
        }
    };
    match netns {
        None => answers(),
        Some(netns) => crate::netns::run_inside(netns, answers).unwrap_or(false),
    }
}

fn answers_datagram(at: SocketAddr, ask: &[u8]) -> io::Result<bool> {
    let any: SocketAddr = match at {
        SocketAddr::V4(_) => ([0, 0, 0, 0], 0).into(),
        SocketAddr::V6(_) => ([0u16; 8], 0).into(),
    };
    let socket = UdpSocket::bind(any)?;
    socket.connect(at)?;
    socket.set_read_timeout(Some(Duration::from_millis(300)))?;
    socket.send(ask)?;
    Ok(socket.recv(&mut [0; 2048])? > 0)
}

/// All processes below `ancestor`, read from /proc; empty where that is not possible.
fn descendants(ancestor: Pid) -> Vec<Pid> {
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    let parents: Vec<(i32, i32)> = entries
        .flatten()
        .filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
            // The name, in brackets, may hold anything; the parent is the second field after it.
            let parent = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?;
            Some((pid, parent.parse().ok()?))
        })
        .collect();
    let mut found = vec![ancestor.as_raw_nonzero().get()];
    let mut next = 0;
    while let Some(&parent) = found.get(next) {
        found.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(pid, _)| *pid));
        next += 1;
    }
    found.into_iter().skip(1).filter_map(Pid::from_raw).collect()
}

/// Whether a process still runs; one that ended and waits to be noticed does not.
fn is_alive(pid: Pid) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    !stat.is_empty() && !stat.contains(") Z ")
}

fn read_log(dir: &Path) -> String {
    let bytes = std::fs::read(dir.join("log")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.trim().lines().collect();
    lines[lines.len().saturating_sub(8)..].join("\n")
}

/// Writes a file of a server's layout.
pub(crate) fn write(program: &str, path: &Path, text: &str) -> Result<(), StartError> {
    File::create(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|source| StartError::Prepare { program: program.into(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sleeper<'a>() -> Recipe<'a> {
        Recipe {
            program: "sh",
            package: "dash",
            ready: Ready::Says("up"),
            lay_out: &|_, _, command| {
                // The grandchild leaves the group, as a login session does.
                command.args(["-c", "setsid sleep 300 & echo up; wait"]);
                Ok(())
            },
        }
    }

    #[test]
    fn a_dropped_server_takes_its_descendants_and_its_files_along() {
        let server = start(&sleeper(), &Site::loopback()).expect("a shell starts");
        let leader = server._process.as_ref().expect("has a process").child.id();
        let leader = Pid::from_raw(i32::try_from(leader).expect("fits")).expect("not zero");
        let family = descendants(leader);
        let dir = server.dir().to_owned();
        assert!(!family.is_empty() && family.iter().all(|pid| is_alive(*pid)));
        drop(server);
        assert!(family.iter().all(|pid| !is_alive(*pid)), "{family:?}");
        assert!(!dir.exists());
    }

    #[test]
    fn a_program_that_is_not_installed_is_missing_with_its_package() {
        let error = start(
            &Recipe { program: "no-such-server", package: "no-such-package", ..sleeper() },
            &Site::loopback(),
        )
        .expect_err("it is not there");
        assert!(matches!(error, StartError::Missing { .. }), "{error}");
        assert!(error.to_string().contains("no-such-package"));
    }

    #[test]
    fn a_server_that_ends_by_itself_is_not_ready_and_its_last_words_are_kept() {
        let error = start(
            &Recipe {
                lay_out: &|_, _, command| {
                    command.args(["-c", "echo cannot bind >&2; exit 1"]);
                    Ok(())
                },
                ready: Ready::Tcp,
                ..sleeper()
            },
            &Site::loopback(),
        )
        .expect_err("it ended");
        assert!(error.to_string().contains("cannot bind"), "{error}");
    }

    #[test]
    fn a_watchdog_acts_when_its_test_is_killed_and_not_when_it_is_called_off() {
        let dir = public_dir().expect("a temporary directory");
        let path = |name: &str| dir.path().join(name);
        let script = |name: &str| format!("touch {}", path(name).display());
        drop(Watchdog::set(&script("called-off")).expect("a shell starts"));
        let mut bereft = Watchdog::set(&script("bereft")).expect("a shell starts");
        // The kernel closes the pipe of a killed process in the same way.
        drop(bereft.shell.stdin.take());
        bereft.shell.wait().expect("ends by itself");
        assert!(path("bereft").exists());
        assert!(!path("called-off").exists());
    }
}
