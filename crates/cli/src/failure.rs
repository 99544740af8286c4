//! An error that ends the program: what we were doing, why it failed, and what therefore did not happen.

use std::error::Error;
use std::fmt;

use crate::exit::Exit;

/// Why the program cannot go on.
#[derive(Debug)]
pub(crate) struct Failure {
    cause: Box<dyn Error>,
    not_done: &'static str,
    exit: Exit,
}

impl Failure {
    /// An error and the sentence that says what was not done. A ledger that does not verify has an exit code of its
    /// own, whichever verb met it.
    pub(crate) fn new(cause: impl Error + 'static, not_done: &'static str) -> Self {
        let exit = if app::is_broken_ledger(&cause) { Exit::LedgerBroken } else { Exit::CouldNotRun };
        Self { cause: Box::new(cause), not_done, exit }
    }

    /// The same failure with another exit code.
    pub(crate) fn with(self, exit: Exit) -> Self {
        Self { exit, ..self }
    }

    /// The exit code it ends with.
    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A message may carry its mend after a blank line; the chain of causes goes between.
        let whole = self.cause.to_string();
        let (first, hint) = whole.split_once("\n\n").map_or((whole.as_str(), None), |(a, b)| (a, Some(b)));
        write!(f, "failed to {first}")?;
        let mut hints: Vec<String> = hint.map(str::to_owned).into_iter().collect();
        let mut next = self.cause.source();
        while let Some(cause) = next {
            let text = cause.to_string();
            let (message, hint) = text.split_once("\n\n").map_or((text.as_str(), None), |(a, b)| (a, Some(b)));
            write!(f, ": {message}")?;
            hints.extend(hint.map(str::to_owned));
            next = cause.source();
        }
        for hint in hints {
            write!(f, "\n\n{hint}")?;
        }
        write!(f, "\n{}", self.not_done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Outer(std::io::Error);
    impl fmt::Display for Outer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("read dossier/assay.toml\n\nhint: look there")
        }
    }
    impl Error for Outer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }

    #[test]
    fn the_chain_is_printed_once_and_the_last_line_says_what_did_not_happen() {
        let cause = Outer(std::io::Error::other("no such file"));
        assert_eq!(
            Failure::new(cause, "nothing was measured").to_string(),
            "failed to read dossier/assay.toml: no such file\n\nhint: look there\nnothing was measured"
        );
    }
}
