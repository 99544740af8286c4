//! The reference page of the dossier's files is written from the schemas, so that it names every key and every fact;
//! the figure of coverage in the read-me is the one that the program prints, and the types in the glossary exist.
//!
//! `UPDATE_EXPECT=1 cargo test -p cli --test reference` writes the page anew below its marked line.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const MARK: &str = "<!-- From here on written from the schemas; see crates/cli/tests/reference.rs. -->\n";

/// The editions, the newest first: where both say something, the newest says it.
const EDITIONS: [&str; 2] = ["3.1.3", "2.1.1"];

#[test]
fn the_page_of_the_dossier_files_names_every_key_of_the_schemas() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/dossier.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let (head, told) = text.split_once(MARK).expect("the page has its marked line");
    let written = written();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&page, format!("{head}{MARK}{written}")).unwrap();
        return;
    }
    assert!(
        told == written,
        "docs/reference/dossier.md differs from the schemas: UPDATE_EXPECT=1 cargo test -p cli --test reference"
    );
}

#[test]
fn the_read_me_gives_the_present_figure_of_coverage() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let page = std::fs::read_to_string(page).unwrap();
    let printed = Command::new(env!("CARGO_BIN_EXE_assay")).arg("coverage").output().unwrap().stdout;
    let printed = String::from_utf8(printed).unwrap();
    let newest: Vec<&str> = printed.lines().skip(1).take(4).collect();
    assert!(page.contains(&newest.join("\n")), "README.md does not hold what `assay coverage` prints:\n{printed}");
}

#[test]
fn the_types_that_the_glossary_names_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = std::fs::read_to_string(root.join("docs/glossary.md")).unwrap();
    let named: BTreeSet<&str> = page.split('`').skip(1).step_by(2).filter(|word| word.contains("::")).collect();
    assert!(named.len() > 30, "the glossary names its types");
    for name in named {
        let (room, item) = name.split_once("::").unwrap();
        let item = item.rsplit("::").next().unwrap();
        // The last is how a part of the dossier is declared, with the keys that it is read from.
        let declared = ["pub struct ", "pub enum ", "pub trait ", ""].map(|kind| format!("{kind}{item}"));
        let found = sources(&root.join("crates").join(room).join("src")).iter().any(|text| {
            text.lines().any(|line| {
                let line = line.trim_start();
                let (part, types) = declared.split_last().unwrap();
                line.starts_with(&format!("{part} in \""))
                    || types.iter().any(|start| {
                        line.strip_prefix(start.as_str())
                            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
                    })
            })
        });
        assert!(found, "{name} is in docs/glossary.md and not in crates/{room}");
    }
}

fn sources(folder: &Path) -> Vec<String> {
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => texts.extend(sources(&path)),
            false => texts.push(std::fs::read_to_string(&path).unwrap_or_default()),
        }
    }
    texts
}

fn written() -> String {
    let folder = tempfile::tempdir().unwrap();
    let both: Vec<PathBuf> = EDITIONS.iter().map(|edition| schemas(folder.path(), edition)).collect();
    let read = |folder: &Path, name: &str| -> Value {
        let text = std::fs::read_to_string(folder.join(format!("{name}.schema.json"))).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    let mut page = String::new();
    for name in ["assay", "ics", "controls", "bench"] {
        let editions: Vec<Value> = both.iter().map(|folder| read(folder, name)).collect();
        let _ = writeln!(page, "\n## `{name}.toml`\n\n{}", editions[0]["description"].as_str().unwrap());
        table(&mut page, "", &editions.iter().map(|s| &s["properties"]).collect::<Vec<_>>());
    }
    let ixit: Vec<Value> = both.iter().map(|folder| read(folder, "ixit")).collect();
    let _ = writeln!(page, "\n## `ixit/*.toml`\n\n{}", ixit[0]["description"].as_str().unwrap());
    for name in names(&ixit.iter().map(|s| &s["properties"]).collect::<Vec<_>>()) {
        let definitions: Vec<&Value> = ixit.iter().map(|s| &s["$defs"][&name]["properties"]).collect();
        let property = ixit.iter().map(|s| &s["properties"][&name]).find(|p| !p.is_null()).unwrap();
        let brackets = if property["type"] == "array" { format!("[[{name}]]") } else { format!("[{name}]") };
        let only = only(&ixit.iter().map(|s| &s["properties"]).collect::<Vec<_>>(), &name);
        let _ = writeln!(page, "\n### `{brackets}`\n\n{}{only}", property["description"].as_str().unwrap());
        table(&mut page, &name, &definitions);
    }
    page
}

fn schemas(folder: &Path, edition: &str) -> PathBuf {
    let at = folder.join(edition);
    let assay = Command::new(env!("CARGO_BIN_EXE_assay"))
        .args(["schema", "--edition", edition, "--dir"])
        .arg(&at)
        .output()
        .unwrap();
    assert!(assay.status.success(), "{}", String::from_utf8_lossy(&assay.stderr));
    at
}

/// Keys of all editions, in the order of the newest that has them.
fn names(editions: &[&Value]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let keys = editions.iter().filter_map(|e| e.as_object()).flat_map(|o| o.keys().cloned());
    keys.filter(|key| seen.insert(key.clone())).collect()
}

/// A sentence, where not every edition has the key.
fn only(editions: &[&Value], key: &str) -> String {
    let having: Vec<&str> =
        editions.iter().zip(EDITIONS).filter(|(e, _)| !e[key].is_null()).map(|(_, edition)| edition).collect();
    if having.len() == editions.len() { String::new() } else { format!(" Only in {}.", having.join(", ")) }
}

/// One level of keys as a table; tables inside follow, each under its name in brackets.
fn table(page: &mut String, path: &str, editions: &[&Value]) {
    let editions: Vec<&Value> = editions.iter().filter(|e| !e.is_null()).copied().collect();
    let mut rows: Vec<(String, String)> = Vec::new();
    let mut inside = String::new();
    for key in names(&editions) {
        let of_key: Vec<&Value> = editions.iter().map(|e| &e[&key]).collect();
        let value = of_key.iter().find(|v| !v.is_null()).unwrap();
        let only = if editions.len() == EDITIONS.len() { only(&editions, &key) } else { String::new() };
        let said = said(&of_key);
        let deeper: Vec<&Value> = of_key
            .iter()
            .map(|v| if v["type"] == "array" { &v["items"]["properties"] } else { &v["properties"] })
            .collect();
        if deeper.iter().all(|d| d.is_null()) || key == "secret" {
            rows.push((format!("| `{key}` | {} | {said}", kind(value)), only));
            continue;
        }
        let full = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        let brackets = if value["type"] == "array" { format!("[[{full}]]") } else { format!("[{full}]") };
        let _ = writeln!(inside, "\n**`{brackets}`** {said}{only}");
        table(&mut inside, &full, &deeper);
    }
    if let [(_, first), rest @ ..] = rows.as_slice() {
        // What holds for every row is said once.
        let once = !first.is_empty() && rest.iter().all(|(_, only)| only == first);
        if once {
            let _ = writeln!(page, "\n{}", first.trim_start());
        }
        page.push_str("\n| key | value | meaning |\n| --- | --- | --- |\n");
        for (row, only) in &rows {
            let _ = writeln!(page, "{row}{} |", if once { "" } else { only });
        }
    }
    page.push_str(&inside);
}

/// What the editions say about a key: once where they agree.
fn said(of_key: &[&Value]) -> String {
    let texts: Vec<String> = of_key
        .iter()
        .filter_map(|v| v["description"].as_str())
        .map(|text| text.split(" Read by ").next().unwrap_or_default().replace('|', "\\|"))
        .collect();
    match texts.as_slice() {
        [newest, older] if newest != older => {
            format!("{newest} In {}: {older}", EDITIONS[1])
        }
        _ => texts.into_iter().next().unwrap_or_default(),
    }
}

/// What a value is, in a few words.
fn kind(value: &Value) -> String {
    if let Some(words) = value["enum"].as_array() {
        if words.len() > 20 {
            return "a provision's id".to_owned();
        }
        let words: Vec<String> = words.iter().filter_map(Value::as_str).map(|w| format!("`{w}`")).collect();
        return words.join(", ");
    }
    if value["properties"].is_object() {
        return "`{ env = \"NAME\" }` or `{ file = \"path\" }`".to_owned();
    }
    match value["type"].as_str() {
        Some("boolean") => "true or false".to_owned(),
        Some("integer") => "number".to_owned(),
        Some("array") if value["items"]["enum"].is_array() => format!("list of {}", kind(&value["items"])),
        Some("array") => "list of texts".to_owned(),
        Some("object") => "names and addresses".to_owned(),
        Some(_) if value["anyOf"].is_array() => "IPv4 or IPv6 address".to_owned(),
        Some(_) => "text".to_owned(),
        None => "text or list of texts".to_owned(),
    }
}
