//! Every crate inherits the lints of the workspace.

use super::{Check, Tree};

pub(super) const CHECK: Check =
    Check { name: "lints", holds: "every Cargo.toml has `[lints]` with `workspace = true`", problems };

fn problems(tree: &Tree) -> Vec<String> {
    let inherits = |text: &str| {
        let manifest: toml::Table = text.parse().ok()?;
        manifest.get("lints")?.get("workspace")?.as_bool()
    };
    tree.crates()
        .map(|(name, _)| format!("crates/{name}/Cargo.toml"))
        .filter(|path| tree.file(path).and_then(|file| inherits(&file.text)) != Some(true))
        .map(|path| format!("{path}: does not inherit them"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_with_lints_of_its_own_or_none_is_a_problem() {
        let tree = Tree::of(&[
            ("crates/a/Cargo.toml", "[lints]\nworkspace = true\n"),
            ("crates/b/Cargo.toml", "[package]\nname = \"b\"\n"),
            ("crates/c/Cargo.toml", "[lints]\nworkspace = false\n"),
            ("crates/d/Cargo.toml", "[lints.rust]\nunsafe_code = \"allow\"\n"),
        ]);
        assert_eq!(problems(&tree).len(), 3);
    }
}
