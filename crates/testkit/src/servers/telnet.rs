//! The Telnet daemon of GNU inetutils behind a listener of ours, with a login program that knows one password.
//!
//! The daemon serves one connection on its standard input, as under inetd. It does not ask the system for accounts.

use std::io;
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::Site;
use crate::process::{Keep, Server, StartError, find, public_dir, write};

/// What a test chooses about the Telnet service.
#[derive(Debug, Clone)]
pub struct Telnet {
    /// What is written before the login prompt.
    pub banner: String,
    /// User and password that reach the prompt `# `; none, and everybody does without being asked.
    pub login: Option<(String, String)>,
}

impl Default for Telnet {
    /// `admin` with the password `admin`.
    fn default() -> Self {
        Self { banner: "Device".into(), login: Some(("admin".into(), "admin".into())) }
    }
}

const PROGRAM: &str = "telnetd";

impl Telnet {
    /// Starts it.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(&self, site: &Site) -> Result<Server, StartError> {
        let daemon = find(PROGRAM, "inetutils-telnetd")?;
        let failed = |source| StartError::Prepare { program: PROGRAM.into(), source };
        let dir = public_dir().map_err(failed)?;
        let login = dir.path().join("login");
        write(PROGRAM, &login, &self.script())?;
        make_executable(&login).map_err(failed)?;
        let listener = site.listen().map_err(failed)?;
        let at = listener.local_addr().map_err(failed)?;
        let acceptor = Acceptor::start(listener, daemon, login).map_err(failed)?;
        Ok(Server::around(at, dir, Box::new(acceptor)))
    }

    fn script(&self) -> String {
        let asks = self.login.as_ref().map_or_else(String::new, |(user, password)| {
            format!(
                "tries=0\nuntil [ \"$user:$password\" = {} ]; do\n\
                 [ $tries -lt 3 ] || exit 1\n\
                 [ $tries -eq 0 ] || echo 'Login incorrect'\n\
                 tries=$((tries+1))\n\
                 printf 'login: '; read -r user || exit 1\n\
                 printf 'Password: '; read -r password || exit 1\ndone\n",
                quoted(&format!("{user}:{password}"))
            )
        });
        // The shell only repeats what is typed: a test must not be able to run anything on this machine.
        format!(
            "#!/bin/sh\nstty -echo 2>/dev/null\nprintf '%s\\n' {}\n{asks}\
             while printf '# '; read -r line; do [ \"$line\" != exit ] || break; printf '%s\\n' \"$line\"; done\n",
            quoted(&self.banner)
        )
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

fn make_executable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))
}

/// Accepts connections and gives each to a daemon of its own, eight at most at a time.
#[derive(Debug)]
struct Acceptor {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Keep for Acceptor {}

impl Acceptor {
    fn start(listener: TcpListener, daemon: PathBuf, login: PathBuf) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::Builder::new()
            .name("telnet acceptor".into())
            .spawn(move || accept(&listener, &stopped, &daemon, &login))?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

impl Drop for Acceptor {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

fn accept(listener: &TcpListener, stopped: &AtomicBool, daemon: &Path, login: &Path) {
    let mut sessions: Vec<Child> = Vec::new();
    while !stopped.load(Ordering::SeqCst) {
        sessions.retain_mut(|session| matches!(session.try_wait(), Ok(None)));
        match listener.accept() {
            Ok((connection, _)) if sessions.len() < 8 => {
                sessions.extend(serve(connection, daemon, login).ok());
            }
            Ok(_) => {}
            Err(_) => std::thread::sleep(Duration::from_millis(5)),
        }
    }
    for mut session in sessions {
        // A daemon that is gone hangs up the terminal of its login program.
        session.kill().ok();
        session.wait().ok();
    }
}

fn serve(connection: TcpStream, daemon: &Path, login: &Path) -> io::Result<Child> {
    let error = OwnedFd::from(connection.try_clone()?);
    let output = OwnedFd::from(connection.try_clone()?);
    Command::new(daemon)
        .arg("--no-hostinfo")
        .arg(format!("--exec-login={}", login.display()))
        .stdin(Stdio::from(OwnedFd::from(connection)))
        .stdout(Stdio::from(output))
        .stderr(Stdio::from(error))
        .spawn()
}
