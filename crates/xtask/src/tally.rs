//! Counts of tests and steps, read from what the test runners print.
//!
//! A run that cannot be read gives no counts, which its reader has to treat as a failure.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::AddAssign;

/// How many passed, failed and were skipped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

impl Tally {
    pub(crate) fn total(self) -> usize {
        self.passed + self.failed + self.skipped
    }

    /// Reads the summary of `cargo nextest run`.
    pub(crate) fn of_nextest(text: &str) -> Option<Self> {
        let summary = text.lines().rev().find_map(|line| line.trim_start().strip_prefix("Summary ["))?;
        let (_, counts) = summary.split_once("] ")?;
        let (run, parts) = counts.split_once(" run: ")?;
        let mut tally = Self::default();
        for part in without_brackets(parts).split(',') {
            let (number, what) = part.trim().split_once(' ')?;
            let number: usize = number.parse().ok()?;
            match what.trim() {
                "passed" => tally.passed += number,
                "skipped" => tally.skipped += number,
                // Failed, timed out, could not be executed: whatever it is called, it did not pass.
                _ => tally.failed += number,
            }
        }
        // "3/5 tests": two were never begun.
        let run = run.split_whitespace().next()?;
        if let Some((begun, all)) = run.split_once('/') {
            let (begun, all): (usize, usize) = (begun.parse().ok()?, all.parse().ok()?);
            tally.failed += all.checked_sub(begun)?;
        }
        Some(tally)
    }

    /// Adds up the result lines of `cargo test`, one for each test binary.
    pub(crate) fn of_libtest(text: &str) -> Option<Self> {
        let mut tally = None;
        for line in text.lines() {
            let Some(result) = line.trim_start().strip_prefix("test result: ") else {
                continue;
            };
            let (_, counts) = result.split_once(". ")?;
            let tally: &mut Self = tally.get_or_insert_default();
            for part in counts.split(';') {
                match part.trim().split_once(' ') {
                    Some((number, "passed")) => tally.passed += number.parse::<usize>().ok()?,
                    Some((number, "failed")) => tally.failed += number.parse::<usize>().ok()?,
                    Some((number, "ignored")) => tally.skipped += number.parse::<usize>().ok()?,
                    _ => {}
                }
            }
        }
        tally
    }

    /// Moves the tests that skipped themselves, which their runner counted as passed. One line of the log is
    /// `test<TAB>reason`; a test may have more than one.
    pub(crate) fn without_skips(self, log: &str) -> Self {
        let tests: BTreeSet<&str> = log.lines().filter_map(|line| Some(line.split_once('\t')?.0)).collect();
        let skipped = tests.len().min(self.passed);
        Self { passed: self.passed - skipped, failed: self.failed, skipped: self.skipped + skipped }
    }
}

fn without_brackets(text: &str) -> String {
    let mut depth = 0_usize;
    text.chars()
        .filter(|letter| match letter {
            '(' => {
                depth += 1;
                false
            }
            ')' => {
                depth = depth.saturating_sub(1);
                false
            }
            _ => depth == 0,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(passed: usize, failed: usize, skipped: usize) -> Option<Tally> {
        Some(Tally { passed, failed, skipped })
    }

    #[test]
    fn a_nextest_summary_is_read_with_all_its_shapes() {
        let of = |line: &str| Tally::of_nextest(&format!("  Starting 3 tests\n     Summary [   0.1s] {line}\n"));
        assert_eq!(of("1 test run: 1 passed, 0 skipped"), tally(1, 0, 0));
        assert_eq!(of("5 tests run: 3 passed (1 slow, 1 leaky), 2 failed, 4 skipped"), tally(3, 2, 4));
        assert_eq!(of("4 tests run: 1 passed, 1 timed out, 2 exec failed, 0 skipped"), tally(1, 3, 0));
        assert_eq!(of("2/5 tests run: 1 passed, 1 failed, 0 skipped"), tally(1, 4, 0));
    }

    #[test]
    fn the_result_lines_of_cargo_test_are_added_up() {
        let text = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.0s\n\
                    noise\n\
                    test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished\n";
        assert_eq!(Tally::of_libtest(text), tally(4, 2, 1));
    }

    #[test]
    fn a_run_that_says_nothing_gives_no_counts() {
        assert_eq!(Tally::of_nextest("error: could not compile"), None);
        assert_eq!(Tally::of_libtest("error: could not compile"), None);
        assert_eq!(Tally::of_nextest("Summary [ 1s] gibberish"), None);
    }

    #[test]
    fn a_test_that_skipped_itself_is_not_passed() {
        let counted = Tally { passed: 3, failed: 1, skipped: 0 };
        let log = "a::x\tno sshd\nb::y\tno nginx\na::x\tno dropbear\n";
        assert_eq!(Some(counted.without_skips(log)), tally(1, 1, 2));
    }

    #[test]
    fn skips_are_told_only_when_there_are_any() {
        assert_eq!(Tally { passed: 2, failed: 0, skipped: 0 }.to_string(), "2 passed, 0 failed");
        assert_eq!(Tally { passed: 2, failed: 1, skipped: 3 }.to_string(), "2 passed, 1 failed, 3 skipped");
    }
}
