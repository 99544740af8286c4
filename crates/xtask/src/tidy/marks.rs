//! Nothing is left in the tree marked as unfinished.

use super::{Check, Tree};

pub(super) const CHECK: Check =
    Check { name: "marks", holds: "what is left to do stands in an issue, not in the tree", problems };

// Put together here, so that this file does not find itself.
const MARKS: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
const ENDINGS: &[&str] = &[".rs", ".toml", ".md", ".sh", ".css", ".js", ".html", ".yml"];

fn problems(tree: &Tree) -> Vec<String> {
    let mut problems = Vec::new();
    for file in tree.files.iter().filter(|file| ENDINGS.iter().any(|ending| file.path.ends_with(ending))) {
        for (number, line) in file.lines() {
            let mut words = line.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
            if let Some(mark) = words.find(|word| MARKS.contains(word)) {
                problems.push(format!("{}:{number}: {mark}", file.path));
            }
        }
    }
    problems
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
}
