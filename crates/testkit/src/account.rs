//! A system account with a known password, for servers that ask the system who may enter.
//!
//! Made with `useradd` and `chpasswd`, removed on drop. It does not touch any account that was there before.

use std::io::{self, Write as _};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::StartError;
use crate::process::{Keep, Watchdog, find};

/// A temporary system account; removed on drop.
#[derive(Debug)]
pub struct Account {
    name: String,
    password: String,
    _watchdog: Watchdog,
}

impl Keep for Account {}

impl Account {
    /// Makes an account `assaytest-…` with this password, a shell and no home directory.
    ///
    /// # Errors
    /// [`StartError::Unprivileged`] without root, [`StartError::Missing`] without the account programs, others
    /// when these fail.
    pub fn create(password: &str) -> Result<Self, StartError> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        if !rustix::process::geteuid().is_root() {
            return Err(StartError::Unprivileged { what: "make a system account (not root)".into() });
        }
        let count = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("assaytest-{}-{count}", std::process::id());
        patiently("useradd", &["-M", "-N", "-d", "/", "-s", "/bin/sh", &name], "")?;
        let watchdog = Watchdog::set(&format!("userdel {name}"))
            .map_err(|source| StartError::Run { program: "sh".into(), source })?;
        let account = Self { name, password: password.into(), _watchdog: watchdog };
        patiently("chpasswd", &[], &format!("{}:{password}\n", account.name))?;
        Ok(account)
    }

    /// The account's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The account's password.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.password
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        patiently("userdel", &[&self.name], "").ok();
    }
}

/// Runs one of the account programs; they lock the account files, so that a second test may have to wait.
fn patiently(program: &str, arguments: &[&str], input: &str) -> Result<(), StartError> {
    let path = find(program, "passwd")?;
    let failed = |source| StartError::Run { program: program.into(), source };
    let mut last = String::new();
    for _ in 0..40 {
        let mut child = Command::new(&path)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        if let Some(mut pipe) = child.stdin.take() {
            // A program that gave up before reading says why in its status.
            pipe.write_all(input.as_bytes()).ok();
        }
        let output = child.wait_with_output().map_err(failed)?;
        if output.status.success() {
            return Ok(());
        }
        last = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        if !last.contains("lock") {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Err(failed(io::Error::other(last)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_known(name: &str) -> bool {
        std::fs::read_to_string("/etc/passwd")
            .unwrap_or_default()
            .lines()
            .any(|line| line.split(':').next() == Some(name))
    }

    #[test]
    fn an_account_is_there_while_it_is_held_and_gone_afterwards() {
        let Some(account) = crate::ready(Account::create("correct horse")) else {
            return;
        };
        let name = account.name().to_owned();
        assert!(is_known(&name));
        drop(account);
        assert!(!is_known(&name));
    }
}
