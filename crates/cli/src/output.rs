//! Where words go: data to stdout, everything else to stderr, colour only on a terminal that wants it.

use std::io::{IsTerminal, Write};

/// The two streams of the program.
#[derive(Debug)]
pub(crate) struct Output {
    colour: bool,
    progress: bool,
}

impl Output {
    /// Streams of this process. Colour is off when `NO_COLOR` is set, when stdout is no terminal, or when asked.
    pub(crate) fn new(no_colour: bool) -> Self {
        let wanted = !no_colour && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
        Self { colour: wanted && std::io::stdout().is_terminal(), progress: std::io::stderr().is_terminal() }
    }

    /// Whether stdout takes colour.
    pub(crate) fn colour(&self) -> bool {
        self.colour
    }

    /// Data that a script may read. A reader that went away is no error.
    pub(crate) fn data(&mut self, text: &str) {
        let _ = std::io::stdout().lock().write_all(text.as_bytes());
    }

    /// A JSON document.
    pub(crate) fn json(&mut self, value: &serde_json::Value) {
        self.data(&format!("{value:#}\n"));
    }

    /// A line for a person.
    pub(crate) fn say(&mut self, text: &str) {
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }

    /// What is to be said when records were made while the clock was behind the ones before them.
    pub(crate) fn clock_behind(&mut self, millis: Option<i64>) {
        if let Some(millis) = millis {
            let seconds = millis.div_euclid(1000);
            self.say(&format!(
                "The clock is {seconds}.{:03} s behind the last record. What was recorded now carries that record's time; set the clock.",
                millis.rem_euclid(1000)
            ));
        }
    }

    /// An error with its mend.
    pub(crate) fn error(&mut self, text: &str, hint: Option<&str>) {
        let mut stderr = std::io::stderr().lock();
        let _ = writeln!(stderr, "error: {text}");
        if let Some(hint) = hint {
            let _ = writeln!(stderr, "\nhint: {hint}");
        }
    }

    /// A failure that ends the program.
    pub(crate) fn failure(&mut self, failure: &crate::failure::Failure) {
        self.say(&format!("error: {failure}"));
    }

    /// A line that the next one overwrites; nothing unless stderr is a terminal.
    pub(crate) fn progress(&mut self, text: &str) {
        if self.progress {
            let _ = write!(std::io::stderr().lock(), "\r\x1b[K{text}");
        }
    }

    /// Ends a line of progress.
    pub(crate) fn progress_done(&mut self) {
        if self.progress {
            let _ = write!(std::io::stderr().lock(), "\r\x1b[K");
        }
    }
}
