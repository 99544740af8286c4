//! Nothing is left in the tree marked as unfinished, and no half of a merge.
//!
//! A mark that is a whole string literal is data: the linter of dossiers looks for the same words.

use super::{Check, Tree};

pub(super) const CHECK: Check =
    Check { name: "marks", holds: "what is left to do stands in an issue, not in the tree", problems };

// Put together here, so that this file does not find itself.
const MARKS: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
const MERGE: &[&str] = &[concat!("<<<<", "<<< "), concat!(">>>>", ">>> ")];
const ENDINGS: &[&str] = &[".rs", ".toml", ".md", ".sh", ".css", ".js", ".html", ".yml"];

fn problems(tree: &Tree) -> Vec<String> {
    let mut problems = Vec::new();
    for file in tree.files.iter().filter(|file| ENDINGS.iter().any(|ending| file.path.ends_with(ending))) {
        for (number, line) in file.lines() {
            let words =
                line.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_' && letter != '"');
            if MERGE.iter().any(|mark| line.starts_with(mark)) {
                problems.push(format!("{}:{number}: a merge was not finished", file.path));
            }
            if let Some(mark) = words.map(unquoted).find(|word| MARKS.contains(word)) {
                problems.push(format!("{}:{number}: {mark}", file.path));
            }
        }
    }
    problems
}

/// A word in one quotation mark stands at an end of a longer literal; in two it is the whole of one and left alone.
fn unquoted(word: &str) -> &str {
    let is_whole = word.len() > 1 && word.starts_with('"') && word.ends_with('"');
    if is_whole { word } else { word.trim_matches('"') }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_found_as_a_word_and_not_inside_one() {
        let text = format!("// {}: later\nlet {}_LIST = 1;\n", MARKS[0], MARKS[0]);
        let tree = Tree::of(&[("a.rs", &text), ("b.md", &format!("({})\n", MARKS[2])), ("c.bin", MARKS[1])]);
        assert_eq!(problems(&tree), [format!("a.rs:1: {}", MARKS[0]), format!("b.md:1: {}", MARKS[2])]);
    }

    #[test]
    fn a_merge_that_was_not_finished_is_found() {
        let text = format!("a\n{}one\n=======\nb\n{}two\n", MERGE[0], MERGE[1]);
        let tree = Tree::of(&[("a.md", &text)]);
        assert_eq!(problems(&tree), ["a.md:2: a merge was not finished", "a.md:5: a merge was not finished"]);
    }

    #[test]
    fn a_literal_that_is_nothing_but_the_mark_is_data() {
        let text = |literal: &str| format!("let word = {literal};\n");
        let whole = text(&format!("[\"{}\", \"{}\"]", MARKS[0], MARKS[1]));
        let longer = text(&format!("\"{}: later\"", MARKS[0]));
        let tree = Tree::of(&[("a.rs", &whole), ("b.rs", &longer)]);
        assert_eq!(problems(&tree), [format!("b.rs:1: {}", MARKS[0])]);
    }
}
