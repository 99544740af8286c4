//! A small disk in memory, for tests that fill it or forbid writing to it. It takes root.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use testkit::StartError;

/// Mounted until it is dropped.
pub(crate) struct Disk {
    at: PathBuf,
}

impl Disk {
    /// A disk of so many MiB in this new folder.
    pub(crate) fn small(at: &Path, mebibytes: u32) -> Result<Self, StartError> {
        let unprivileged = || StartError::Unprivileged { what: format!("mount a disk of {mebibytes} MiB") };
        fs::create_dir_all(at).map_err(|_| unprivileged())?;
        match mount(&["-t", "tmpfs", "-o", &format!("size={mebibytes}m"), "none"], at) {
            true => Ok(Self { at: at.to_owned() }),
            false => Err(unprivileged()),
        }
    }

    pub(crate) fn at(&self) -> &Path {
        &self.at
    }

    pub(crate) fn read_only(&self) {
        assert!(mount(&["-o", "remount,ro"], &self.at));
    }

    pub(crate) fn writable(&self) {
        assert!(mount(&["-o", "remount,rw"], &self.at));
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        Command::new("umount").arg(&self.at).status().ok();
    }
}

fn mount(arguments: &[&str], at: &Path) -> bool {
    Command::new("mount").args(arguments).arg(at).output().is_ok_and(|output| output.status.success())
}
