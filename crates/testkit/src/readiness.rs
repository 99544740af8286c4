//! What a test does when the thing it stands on is not on this machine.
//!
//! A skip is said aloud, entered in the skip log so that the closing count does not call it passed, and turned
//! into a failure where the machine was prepared on purpose. It does not retry and does not install anything.

use std::io::Write as _;

use crate::StartError;

/// Set to `1`: what can be installed or granted was, so a skip is a failure.
const REQUIRED: &str = "ASSAY_REQUIRE_SERVERS";
/// The file that collects one line `test<TAB>reason` per skipped test.
const SKIP_LOG: &str = "ASSAY_SKIP_LOG";

/// Gives the started thing, or `None` when the test has to be skipped.
///
/// Skipped are [`StartError::Missing`] and [`StartError::Unprivileged`] only; with `ASSAY_REQUIRE_SERVERS=1`
/// these too fail the test.
///
/// # Panics
/// When the thing is there and did not start: that is a failure of the test, never a skip.
#[track_caller]
#[expect(clippy::print_stdout, reason = "a skip has to be visible in the test's own output")]
pub fn ready<T>(started: Result<T, StartError>) -> Option<T> {
    let reason = match started {
        Ok(thing) => return Some(thing),
        Err(error @ (StartError::Missing { .. } | StartError::Unprivileged { .. })) => error,
        Err(error) => panic!("{}", told(&error)),
    };
    assert!(std::env::var_os(REQUIRED).is_none_or(|value| value != "1"), "{REQUIRED}=1, yet {reason}");
    println!("skipped: {reason}");
    log(&reason.to_string());
    None
}

/// An error with its causes, outermost first.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

fn log(reason: &str) {
    let Some(path) = std::env::var_os(SKIP_LOG) else {
        return;
    };
    let line = format!("{}\t{}\n", test_name(), reason.replace(['\n', '\t'], " "));
    // One short write to a file opened for appending is not torn by other tests that do the same.
    let written = std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(&path)
        .and_then(|mut file| file.write_all(line.as_bytes()));
    assert!(written.is_ok(), "the skip log cannot be written: {written:?}");
}

/// The test's name, unique across the workspace: nextest says it with its binary, libtest names the thread.
fn test_name() -> String {
    let binary = std::env::var("NEXTEST_BINARY_ID").ok().or_else(|| {
        let path = std::env::current_exe().ok()?;
        Some(path.file_stem()?.to_string_lossy().into_owned())
    });
    let test =
        std::env::var("NEXTEST_TEST_NAME").ok().or_else(|| std::thread::current().name().map(str::to_owned));
    format!("{} {}", binary.as_deref().unwrap_or("?"), test.as_deref().unwrap_or("?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "sshd did not become ready")]
    fn a_thing_that_is_there_but_does_not_start_is_a_failure_and_never_a_skip() {
        let broken: Result<(), _> =
            Err(StartError::NotReady { program: "sshd".into(), log: "bad configuration".into() });
        ready(broken);
    }

    #[test]
    fn what_is_there_is_handed_on() {
        assert_eq!(ready(Ok(7)), Some(7));
    }
}
