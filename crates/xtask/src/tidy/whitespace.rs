//! Lines end where their text ends, and files with one line feed.
//!
//! Recorded bytes of other programs are left as they were: only the kinds of text that people write are looked at.

use super::{Check, Tree};

pub(super) const CHECK: Check = Check {
    name: "whitespace",
    holds: "no line ends in blanks, no file without a line feed, no carriage returns",
    problems,
};

const ENDINGS: &[&str] = &[".rs", ".toml", ".md", ".sh", ".css", ".js", ".html", ".yml"];

fn problems(tree: &Tree) -> Vec<String> {
    let mut problems = Vec::new();
    for file in tree.files.iter().filter(|file| ENDINGS.iter().any(|ending| file.path.ends_with(ending))) {
        for (index, line) in file.text.split('\n').enumerate() {
            if line.ends_with([' ', '\t', '\r']) {
                problems.push(format!("{}:{}: ends in a blank", file.path, index + 1));
            }
        }
        if !file.text.is_empty() && !file.text.ends_with('\n') {
            problems.push(format!("{}: does not end in a line feed", file.path));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_at_the_end_are_found_with_their_line() {
        let tree = Tree::of(&[
            ("a.rs", "fn a() {}\n\nlet b; \n"),
            ("b.md", "text"),
            ("c.toml", "a = 1\r\n"),
            ("d.bin", "x "),
            ("e.rs", ""),
        ]);
        let found = problems(&tree);
        assert_eq!(
            found,
            ["a.rs:3: ends in a blank", "b.md: does not end in a line feed", "c.toml:1: ends in a blank"]
        );
    }
}
