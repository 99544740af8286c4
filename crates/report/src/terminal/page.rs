//! Lines of a terminal: wrapped at 80 columns, painted only when asked.

use model::Outcome;

const WIDTH: usize = 80;

/// A page that grows line by line.
pub(crate) struct Page {
    text: String,
    colour: bool,
}

impl Page {
    pub(crate) fn new(colour: bool) -> Self {
        Self { text: String::new(), colour }
    }

    pub(crate) fn colour(&self) -> bool {
        self.colour
    }

    pub(crate) fn text(self) -> String {
        self.text
    }

    pub(crate) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// A line that is known to fit.
    pub(crate) fn line(&mut self, text: &str) {
        self.text.push_str(text.trim_end());
        self.text.push('\n');
    }

    /// A heading.
    pub(crate) fn bold(&mut self, text: &str) {
        for line in wrap(text, WIDTH, WIDTH) {
            let line = if self.colour { format!("\x1b[1m{line}\x1b[0m") } else { line };
            self.line(&line);
        }
    }

    /// A mark of one column, painted or not, and `text` behind it; later lines under the beginning of the text.
    pub(crate) fn marked(&mut self, mark: &str, text: &str) {
        for (at, line) in wrap(text, WIDTH - 2, WIDTH - 2).iter().enumerate() {
            let mark = if at == 0 { mark } else { " " };
            self.line(&format!("{mark} {line}"));
        }
    }

    /// `lead` and `text`, later lines under the beginning of the text.
    pub(crate) fn wrapped(&mut self, indent: usize, lead: &str, text: &str) {
        let hang = (indent + lead.chars().count()).min(WIDTH / 2);
        let lines = wrap(&format!("{lead}{text}"), WIDTH - indent, WIDTH - hang);
        for (at, line) in lines.iter().enumerate() {
            let margin = if at == 0 { indent } else { hang };
            self.line(&format!("{}{line}", " ".repeat(margin)));
        }
    }
}

/// Breaks at spaces, and inside a word that is longer than a line; the first line may be of another width.
fn wrap(text: &str, first: usize, rest: usize) -> Vec<String> {
    let (mut lines, mut line, mut used, mut width) = (Vec::new(), String::new(), 0, first);
    for word in text.split_inclusive(' ') {
        let length = word.trim_end().chars().count();
        if used > 0 && used + length > width && length > 0 {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
            (used, width) = (0, rest);
        }
        for character in word.chars() {
            if used == width && character != ' ' {
                lines.push(std::mem::take(&mut line));
                (used, width) = (0, rest);
            }
            if used < width {
                line.push(character);
                used += 1;
            }
        }
    }
    if !line.trim().is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// A text in the colour of an outcome.
pub(crate) fn paint(colour: bool, outcome: Outcome, text: &str) -> String {
    let code = match outcome {
        Outcome::Pass => "32",
        Outcome::Fail => "1;31",
        Outcome::Inconclusive => "33",
        Outcome::Open => "36",
        Outcome::NotApplicable => "2",
    };
    if colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn lines_break_at_spaces_and_long_words_anywhere() {
        assert_eq!(wrap("one two three", 8, 8), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij kl", 4, 3), ["abcd", "efg", "hij", "kl"]);
        assert!(wrap("", 8, 8).is_empty());
    }
}
