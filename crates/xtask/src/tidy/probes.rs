//! Every probe stands in the list of probes, and every importer in that of importers.
//!
//! A file of the probes room is a probe if it has a card. Without `crates/probes/src/list.rs` there is nothing to compare.

use super::{Check, Tree};

pub(super) const CHECK: Check = Check {
    name: "probes",
    holds: "every file with a card is named in crates/probes/src/list.rs, or import.rs",
    problems,
};

const FOLDER: &str = "crates/probes/src/";

fn problems(tree: &Tree) -> Vec<String> {
    let Some(list) = tree.file("crates/probes/src/list.rs") else {
        return Vec::new();
    };
    // Importers are listed where their common shape is: nothing gathers for them.
    let importers = tree.file("crates/probes/src/import.rs").map_or("", |file| file.text.as_str());
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let words: Vec<&str> = list.text.split(|letter| !is_part(letter)).collect();
    let listed = importers.split_once("IMPORTERS: ").map_or("", |(_, list)| list.split(';').next().unwrap_or(""));
    let importers: Vec<&str> = listed.split(|letter| !is_part(letter)).collect();
    tree.rust()
        .filter(|file| file.path.starts_with(FOLDER) && has_card(&file.text))
        .filter(|file| {
            // `net/tcp_ports.rs` is `net::tcp_ports`; `tcp/mod.rs` is `tcp`.
            let module = file.path[FOLDER.len()..].trim_end_matches(".rs").trim_end_matches("/mod");
            let name = module.rsplit('/').next().unwrap_or(module);
            let list = if module.starts_with("import/") { &importers } else { &words };
            !list.contains(&name)
        })
        .map(|file| format!("{}: a probe that is not in the list", file.path))
        .collect()
}

pub(super) fn has_card(text: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim_start();
        let declares = line.starts_with("pub const ")
            || line.starts_with("pub(crate) const ")
            || line.starts_with("pub(super) const ");
        declares && line.contains(": Card ")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARD: &str = "pub const CARD: Card = Card {\n};\n";

    #[test]
    fn a_probe_outside_the_list_is_a_problem() {
        let tree = Tree::of(&[
            ("crates/probes/src/list.rs", "pub const ALL: &[Probe] = &[net::tcp_ports::PROBE];\n"),
            ("crates/probes/src/net/tcp_ports.rs", CARD),
            ("crates/probes/src/net/udp_ports.rs", CARD),
            ("crates/probes/src/net/limits.rs", "pub struct Limits;\n"),
        ]);
        assert_eq!(problems(&tree), ["crates/probes/src/net/udp_ports.rs: a probe that is not in the list"]);
    }

    #[test]
    fn an_importer_outside_the_list_of_importers_is_a_problem() {
        let tree = Tree::of(&[
            ("crates/probes/src/list.rs", "list! { net::zap }\n"),
            (
                "crates/probes/src/import.rs",
                "mod nmap;\nmod zap;\npub const IMPORTERS: &[Importer] = &[nmap::IMPORTER];\n",
            ),
            ("crates/probes/src/import/nmap.rs", CARD),
            ("crates/probes/src/import/zap.rs", CARD),
        ]);
        assert_eq!(problems(&tree), ["crates/probes/src/import/zap.rs: a probe that is not in the list"]);
    }

    #[test]
    fn without_a_list_there_is_nothing_to_compare() {
        assert!(problems(&Tree::of(&[("crates/probes/src/net/udp_ports.rs", CARD)])).is_empty());
    }
}
