//! Runs another program with a bound on its time and keeps what it said.
//!
//! It does not interpret what was said: see [`crate::tally`].

use std::io::{BufRead as _, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// How a program ended and what it said.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) ending: Ending,
    /// Standard output and standard error, line by line as they came.
    pub(crate) text: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ending {
    Success,
    /// With its exit status in words, or why it could not be started.
    Failure(String),
    /// It was ended by us.
    OutOfTime,
}

/// Whether its lines are passed on to standard error as they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Echo {
    Yes,
    No,
}

impl Ran {
    pub(crate) fn succeeded(&self) -> bool {
        self.ending == Ending::Success
    }

    /// One sentence about a failure; the last lines that were said, if they were not passed on.
    pub(crate) fn reason(&self) -> String {
        match &self.ending {
            Ending::Success => "it succeeded".into(),
            Ending::Failure(how) => how.clone(),
            Ending::OutOfTime => "it was ended because it took too long".into(),
        }
    }

    pub(crate) fn last_lines(&self, count: usize) -> String {
        let lines: Vec<&str> = self.text.lines().collect();
        lines[lines.len().saturating_sub(count)..].join("\n")
    }
}

/// Runs to the end, or to the end of `within`.
pub(crate) fn run(command: &mut Command, within: Duration, echo: Echo) -> Ran {
    let mut text = String::new();
    let mut child = match command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn() {
        Ok(child) => child,
        Err(error) => {
            let program = command.get_program().to_string_lossy();
            return Ran { ending: Ending::Failure(format!("{program} could not be started: {error}")), text };
        }
    };
    let (sender, lines) = channel();
    if let Some(output) = child.stdout.take() {
        pass_lines(output, sender.clone());
    }
    if let Some(error) = child.stderr.take() {
        pass_lines(error, sender);
    }
    let until = Instant::now() + within;
    let mut ended = None;
    loop {
        match lines.recv_timeout(Duration::from_millis(50)) {
            Ok(line) => {
                if echo == Echo::Yes {
                    eprintln!("{line}");
                }
                text.push_str(&line);
                text.push('\n');
            }
            // All that could still write is gone.
            Err(RecvTimeoutError::Disconnected) => break,
            // A server left behind by a test may hold the pipe for ever; its starter has ended, which is enough.
            Err(RecvTimeoutError::Timeout) if ended.is_some() => break,
            Err(RecvTimeoutError::Timeout) => {}
        }
        if ended.is_none() {
            ended = child.try_wait().ok().flatten();
        }
        if ended.is_none() && Instant::now() >= until {
            end(&mut child);
            return Ran { ending: Ending::OutOfTime, text };
        }
    }
    let status = match ended.map_or_else(|| child.wait(), Ok) {
        Ok(status) if status.success() => Ending::Success,
        Ok(status) => Ending::Failure(status.to_string()),
        Err(error) => Ending::Failure(error.to_string()),
    };
    Ran { ending: status, text }
}

/// Asks first, since cargo and nextest end their own children when asked.
fn end(child: &mut Child) {
    let asked = Command::new("kill").arg(child.id().to_string()).stderr(Stdio::null()).status();
    let until = Instant::now() + Duration::from_secs(10);
    while asked.is_ok() && Instant::now() < until && matches!(child.try_wait(), Ok(None)) {
        std::thread::sleep(Duration::from_millis(50));
    }
    // It may be gone by now, which is what was wanted.
    child.kill().ok();
    child.wait().ok();
}

fn pass_lines(stream: impl Read + Send + 'static, to: Sender<String>) {
    std::thread::spawn(move || {
        let mut stream = BufReader::new(stream);
        let mut line = Vec::new();
        while let Ok(1..) = stream.read_until(b'\n', &mut line) {
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            if to.send(text).is_err() {
                break;
            }
            line.clear();
        }
    });
}

/// Where a program lies; servers are often outside a plain user's search path.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let home = std::env::home_dir().map(|home| home.join(".cargo/bin"));
    std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/sbin".into(), "/usr/local/sbin".into()])
        .chain(home)
        .map(|folder| folder.join(program))
        .find(|candidate| candidate.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, within: Duration) -> Ran {
        run(Command::new("sh").args(["-c", script]), within, Echo::No)
    }

    #[test]
    fn both_streams_are_kept_and_the_status_is_told() {
        let ran = shell("echo out; echo err >&2; exit 3", Duration::from_secs(20));
        assert!(ran.text.contains("out\n") && ran.text.contains("err\n"));
        assert!(ran.reason().contains('3'), "{ran:?}");
    }

    #[test]
    fn a_program_that_takes_too_long_is_ended_and_not_a_success() {
        let begun = Instant::now();
        let ran = shell("echo begun; exec sleep 60", Duration::from_millis(300));
        assert_eq!(ran.ending, Ending::OutOfTime);
        assert!(begun.elapsed() < Duration::from_secs(30));
        assert!(ran.text.contains("begun"));
    }

    #[test]
    fn a_child_left_behind_does_not_hold_us_up() {
        let begun = Instant::now();
        let ran = shell("sleep 20 & echo done", Duration::from_secs(60));
        assert!(ran.succeeded());
        assert!(begun.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn a_program_that_is_not_there_is_a_failure() {
        let ran = run(&mut Command::new("no-such-program"), Duration::from_secs(1), Echo::No);
        assert!(ran.reason().contains("no-such-program"), "{ran:?}");
    }
}
