//! The real program for tests: run as a user runs it, in a clean environment, on a copy of the sample.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder with the sample dossier in `plug`, and the program to run in it.
pub(crate) struct Bench {
    at: tempfile::TempDir,
    environment: Vec<(String, String)>,
}

/// What a run came to.
pub(crate) struct Ran {
    pub(crate) exit: i32,
    pub(crate) data: String,
    pub(crate) said: String,
}

impl Bench {
    /// With a copy of the sample, so that records of a test stay its own.
    pub(crate) fn new() -> Self {
        Self::at(tempfile::tempdir().unwrap())
    }

    /// The same where writing through to the disk costs nothing, if the machine has such a place: for tests that record
    /// by the hundred and are about something else than what survives.
    pub(crate) fn quick() -> Self {
        let memory = Path::new("/dev/shm");
        Self::at(if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap())
    }

    fn at(at: tempfile::TempDir) -> Self {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/smart-plug");
        for folder in ["", "ixit"] {
            let to = at.path().join("plug").join(folder);
            std::fs::create_dir_all(&to).unwrap();
            for entry in std::fs::read_dir(from.join(folder)).unwrap() {
                let entry = entry.unwrap();
                if entry.file_type().unwrap().is_file() {
                    std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
                }
            }
        }
        Self { at, environment: Vec::new() }
    }

    /// The same with a variable of the environment set.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn path(&self, inside: &str) -> PathBuf {
        self.at.path().join(inside)
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
        command.args(arguments).current_dir(self.at.path());
        for name in ["NO_COLOR", "ASSAY_KEY", "ASSAY_KEY_FILE", "ASSAY_DEMO_ADMIN_PASSWORD"] {
            command.env_remove(name);
        }
        let output = command.envs(self.environment.iter().cloned()).output().unwrap();
        Ran::of(&output)
    }

    /// Runs what has to succeed, and returns its data without the last newline.
    pub(crate) fn done(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.exit, 0, "{arguments:?}: {}", ran.said);
        ran.data.trim_end().to_owned()
    }

    /// Runs what has to end with this code, and returns what it said.
    pub(crate) fn refused(&self, exit: i32, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.exit, exit, "{arguments:?}: {}", ran.said);
        ran.said
    }

    /// Records a statement, with further arguments.
    pub(crate) fn state(&self, more: &[&str]) -> Ran {
        let usual = [
            "state",
            "5.2-2-1a",
            "--folder",
            "plug",
            "--entry",
            "VulnTypes-Firmware",
            "--verdict",
            "pass",
            "--because",
            "read",
            "--by",
            "T",
        ];
        self.run(&[&usual, more].concat())
    }
}

impl Ran {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { exit: output.status.code().unwrap(), data: text(&output.stdout), said: text(&output.stderr) }
    }
}
