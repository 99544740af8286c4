//! No module is called by a name that says nothing.

use super::{Check, Tree};

pub(super) const CHECK: Check = Check { name: "names", holds: "if three things need it, it has a name", problems };

const EMPTY: &[&str] =
    &["util", "utils", "helper", "helpers", "common", "manager", "managers", "misc", "shared", "stuff"];

fn problems(tree: &Tree) -> Vec<String> {
    let mut problems = Vec::new();
    for file in tree.rust() {
        let parts = file.path.trim_end_matches(".rs").split('/');
        problems.extend(
            parts
                .filter(|part| EMPTY.contains(part))
                .map(|part| format!("{}: a module called `{part}`", file.path)),
        );
        for (number, line) in file.lines() {
            let mut words = line.trim_start().split([' ', ';', '{', '(']).filter(|word| !word.is_empty());
            let declared = words.by_ref().find(|word| !matches!(*word, "pub" | "crate)" | "super)"));
            if declared == Some("mod")
                && let Some(name) = words.next()
                && EMPTY.contains(&name)
                && line.trim_end().ends_with('{')
            {
                problems.push(format!("{}:{number}: a module called `{name}`", file.path));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_name_is_found_as_a_file_a_folder_and_an_inline_module() {
        let tree = Tree::of(&[
            ("crates/a/src/utils.rs", ""),
            ("crates/a/src/common/port.rs", ""),
            ("crates/a/tests/helpers/mod.rs", ""),
            ("crates/a/src/lib.rs", "pub(crate) mod manager {\n}\n"),
            ("crates/a/src/port.rs", "mod ports;\nfn common() {}\n"),
        ]);
        assert_eq!(problems(&tree).len(), 4, "{:?}", problems(&tree));
    }
}
