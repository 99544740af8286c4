//! PostgreSQL: a cluster of its own in a temporary directory, with one user that has a password.
//!
//! It refuses to run as root; then it runs as the user that Debian's package makes. It listens over TCP, and at a
//! socket in its directory.

use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Site;
use crate::certificate::Certificate;
use crate::process::{Ready, Recipe, Server, StartError, run, start, write};

/// Debian keeps the programs of each version in a folder of their own.
const VERSIONS: &str = "/usr/lib/postgresql";
const PACKAGE: &str = "postgresql";

/// What a test chooses about `postgres`.
#[derive(Debug, Clone, Default)]
pub struct Postgres {
    /// The certificate with which it speaks TLS; without one it does not.
    pub tls: Option<Certificate>,
    /// Further settings, `name=value`.
    pub settings: Vec<String>,
}

impl Postgres {
    /// The user that may do everything in it.
    pub const USER: &str = "assay";
    /// The user's password.
    pub const PASSWORD: &str = "correct horse battery staple";

    /// Starts it.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(&self, site: &Site) -> Result<Server, StartError> {
        let programs = programs()?;
        let is_root = rustix::process::geteuid().is_root();
        start(
            &Recipe {
                program: "sh",
                package: "dash",
                ready: Ready::Says("database system is ready to accept connections"),
                lay_out: &|at, dir, command| {
                    let data = dir.join("data");
                    self.make(&programs, dir, &data)?;
                    // Asked politely it waits for its clients; this way it does not.
                    command.args(["-c", "trap 'kill -INT $child' TERM; \"$@\" & child=$!; wait; wait", "sh"]);
                    command.args(as_user(is_root)).arg(programs.join("postgres")).arg("-D").arg(&data);
                    command.args(["-h", &at.ip().to_string(), "-p", &at.port().to_string()]).arg("-k").arg(&data);
                    for setting in SETTINGS.iter().copied().chain(self.settings.iter().map(String::as_str)) {
                        command.args(["-c", setting]);
                    }
                    if self.tls.is_some() {
                        command.args(["-c", "ssl=on"]);
                        command.arg("-c").arg(format!("ssl_cert_file={}", data.join("server.crt").display()));
                        command.arg("-c").arg(format!("ssl_key_file={}", data.join("server.key").display()));
                    }
                    Ok(())
                },
            },
            site,
        )
    }

    /// The URL of the database that is there from the start.
    #[must_use]
    pub fn url(server: &Server) -> String {
        format!("postgres://{}@{}/postgres", Self::USER, server.at())
    }

    fn make(&self, programs: &Path, dir: &Path, data: &Path) -> Result<(), StartError> {
        let preparing = |source| StartError::Prepare { program: "postgres".into(), source };
        let owner = owner()?;
        let give = |path: &Path, mode| {
            let given = owner.map_or(Ok(()), |(user, group)| chown(path, Some(user), Some(group)));
            given.and_then(|()| fs::set_permissions(path, Permissions::from_mode(mode))).map_err(preparing)
        };
        fs::create_dir(data).map_err(preparing)?;
        give(data, 0o700)?;
        let password = dir.join("password");
        write("postgres", &password, Self::PASSWORD)?;
        give(&password, 0o600)?;
        let mut make = Command::new("env");
        make.args(as_user(owner.is_some())).arg(programs.join("initdb"));
        make.args(["--no-sync", "--no-instructions", "--locale=C.UTF-8", "--encoding=UTF8"]);
        make.args(["--auth=scram-sha-256", "-U", Self::USER]).arg("--pwfile").arg(&password).arg("-D").arg(data);
        run("env", "coreutils", &mut make)?;
        if let Some(certificate) = &self.tls {
            let files = certificate.make(dir)?;
            for (from, name) in [(&files.key, "server.key"), (&files.certificate, "server.crt")] {
                fs::copy(from, data.join(name)).map_err(preparing)?;
                give(&data.join(name), 0o600)?;
            }
        }
        Ok(())
    }
}

/// Little memory and little work beside what is asked; a commit still is on the disk when it returns.
const SETTINGS: [&str; 6] = [
    "shared_buffers=16MB",
    "max_connections=50",
    "wal_level=minimal",
    "max_wal_senders=0",
    "autovacuum=off",
    "jit=off",
];

/// The folder of the latest version's programs.
fn programs() -> Result<PathBuf, StartError> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir(VERSIONS)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, programs)| programs.join("initdb").is_file() && programs.join("postgres").is_file())
        .collect();
    versions.sort();
    let latest = versions.pop().map(|(_, programs)| programs);
    latest.ok_or_else(|| StartError::Missing { program: "postgres".into(), package: PACKAGE.into() })
}

fn as_user(is_root: bool) -> Vec<OsString> {
    let arguments: &[&str] = if is_root {
        &["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]
    } else {
        &["env"]
    };
    arguments.iter().map(OsString::from).collect()
}

/// User and group that are to own its files, where this process is root.
fn owner() -> Result<Option<(u32, u32)>, StartError> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let ids = accounts.lines().find_map(|line| {
        let mut fields = line.strip_prefix("postgres:")?.split(':').skip(1);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    });
    let missing = || StartError::Missing { program: "postgres's user".into(), package: PACKAGE.into() };
    ids.map(Some).ok_or_else(missing)
}
