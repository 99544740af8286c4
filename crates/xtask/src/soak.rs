//! `cargo xtask soak`: the test of `cli` that kills the program, with very many kills.

use std::path::Path;
use std::process::{Command, ExitCode};

const USAGE: &str = "usage: cargo xtask soak [--kills NUMBER] [--seed NUMBER]; nothing was killed";

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    kills: u64,
    seed: u64,
}

impl Asked {
    fn read(arguments: &[&str]) -> Option<Self> {
        let mut asked = Self { kills: 1000, seed: 1 };
        for pair in arguments.chunks(2) {
            match pair {
                ["--kills", number] => asked.kills = number.parse().ok()?,
                ["--seed", number] => asked.seed = number.parse().ok()?,
                _ => return None,
            }
        }
        Some(asked)
    }
}

/// Kills the program of the release build at random moments, and shows how far it is.
pub(crate) fn run(root: &Path, arguments: &[&str]) -> ExitCode {
    let Some(asked) = Asked::read(arguments) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let mut cargo = Command::new("cargo");
    cargo.args(["test", "--release", "--package", "cli", "--test", "kills", "--", "--nocapture"]);
    cargo.env("ASSAY_SOAK_KILLS", asked.kills.to_string()).env("ASSAY_SOAK_SEED", asked.seed.to_string());
    match cargo.current_dir(root).status() {
        Ok(status) if status.success() => {
            println!("{} kills (seed {}), and nothing was lost", asked.kills, asked.seed);
            ExitCode::SUCCESS
        }
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("cargo does not run: {error}; nothing was killed");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kills_and_seed_can_be_chosen_and_nonsense_is_refused() {
        assert_eq!(Asked::read(&[]), Some(Asked { kills: 1000, seed: 1 }));
        assert_eq!(Asked::read(&["--seed", "7", "--kills", "20"]), Some(Asked { kills: 20, seed: 7 }));
        for wrong in [&["--kills"][..], &["--kills", "many"], &["20"]] {
            assert_eq!(Asked::read(wrong), None, "{wrong:?}");
        }
    }
}
