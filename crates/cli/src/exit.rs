//! Exit codes: the one list, documented in `docs/reference/exit-codes.md` and held to it.

use std::process::ExitCode;

/// What a run came out as, for scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Done; where an assessment was made, nothing failed and nothing mandatory is open.
    Ok = 0,
    /// Could not run: the last line of the error says what was not done.
    CouldNotRun = 1,
    /// The arguments make no sense.
    Usage = 2,
    /// The dossier has errors (`assay check`).
    DossierErrors = 3,
    /// Assessed, and something failed; for `rejudge`, a verdict changed.
    Findings = 10,
    /// Assessed, nothing failed, and mandatory provisions are still open or inconclusive.
    OpenMandatory = 11,
    /// The gate is closed by staleness, a justification, a date or a review, while nothing failed and nothing
    /// mandatory is open.
    GateClosed = 12,
    /// The ledger or the bundle does not verify.
    LedgerBroken = 20,
}

impl Exit {
    /// Every code, with the sentence that documents it.
    pub(crate) const ALL: [(Exit, &'static str); 8] = [
        (Exit::Ok, "done; where an assessment was made, nothing failed and nothing mandatory is open"),
        (Exit::CouldNotRun, "could not run; the last line of the error says what was not done"),
        (Exit::Usage, "the arguments make no sense"),
        (Exit::DossierErrors, "the dossier has errors (`assay check`)"),
        (Exit::Findings, "assessed, and something failed"),
        (Exit::OpenMandatory, "assessed, nothing failed, and mandatory provisions are still open or inconclusive"),
        (
            Exit::GateClosed,
            "the gate is closed by staleness, a justification, a date or a review, while nothing failed and nothing mandatory is open",
        ),
        (Exit::LedgerBroken, "the ledger or the bundle does not verify"),
    ];

    /// The sentence that documents the code.
    pub(crate) fn meaning(self) -> &'static str {
        Self::ALL.iter().find(|(exit, _)| *exit == self).map_or("", |(_, meaning)| meaning)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_exit_codes_says_what_the_program_says() {
        let page = include_str!("../../../docs/reference/exit-codes.md");
        let rows: Vec<&str> = page.lines().skip_while(|line| *line != "| --- | --- |").skip(1).collect();
        for (line, (exit, meaning)) in rows.iter().zip(Exit::ALL) {
            assert_eq!(*line, format!("| {} | {meaning} |", exit as u8));
        }
        assert_eq!(rows[Exit::ALL.len()], "", "the page has a code that the program has not");
    }
}
