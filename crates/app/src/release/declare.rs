//! The `[[release]]` of a release in `assay.toml`: whether it may be added, and the text with it.
//!
//! Comments, order and spelling of everything else stay as they are.

use dossier::{Dossier, Located};
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

use super::ReleaseError;

/// What is to stand in `assay.toml`.
pub(super) struct Row<'a> {
    pub(super) version: &'a str,
    pub(super) date: Option<&'a str>,
    pub(super) firmware: Option<String>,
    pub(super) notes: Option<&'a str>,
}

impl Row<'_> {
    fn keys(&self) -> [(&'static str, Option<&str>); 4] {
        [
            ("version", Some(self.version)),
            ("date", self.date),
            ("firmware", self.firmware.as_deref()),
            ("notes", self.notes),
        ]
    }
}

/// Whether the release is declared already, as the last one; an error when it may not be added.
pub(super) fn check(dossier: &Dossier, row: &Row<'_>) -> Result<bool, ReleaseError> {
    let version = row.version;
    let not_later = |why: String| Err(ReleaseError::NotLater { version: version.to_owned(), why });
    let text = |t: &Option<Located<String>>| t.as_ref().map(|t| t.value.trim().to_owned()).unwrap_or_default();
    let Some(last) = dossier.release() else { return Ok(false) };
    let newest = text(&last.version);
    if newest == version {
        let declared =
            [("date", text(&last.date)), ("firmware", text(&last.firmware)), ("notes", text(&last.notes))];
        for (key, declared) in declared {
            let given = row.keys().into_iter().find(|(k, _)| *k == key).and_then(|(_, given)| given);
            if !declared.is_empty() && given.is_some_and(|given| given != declared) {
                return Err(ReleaseError::Disagrees { version: version.to_owned(), what: key });
            }
        }
        return Ok(true);
    }
    if dossier.releases.iter().any(|r| text(&r.version) == version) {
        return not_later(format!("assay.toml names it before {newest}"));
    }
    let (new, old) = (numbers(version), numbers(&newest));
    // A version without numbers, such as a name, can be told from another but not put before or behind it.
    if !new.is_empty() && new < old {
        return not_later(format!("it is not later than {newest}"));
    }
    let date = text(&last.date);
    if let Some(given) = row.date.filter(|given| !date.is_empty() && *given < date.as_str()) {
        return not_later(format!("{given} is before {date}, the date of {newest}"));
    }
    Ok(false)
}

/// The numbers a version begins with: what comes after them, such as `-rc1`, may sort either way.
fn numbers(version: &str) -> Vec<u64> {
    let plain = version.trim_start_matches(['v', 'V', 'r', 'R']);
    let end = plain.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(plain.len());
    plain[..end].split('.').map_while(|n| n.parse().ok()).collect()
}

/// The text of `assay.toml` with the release.
pub(super) fn written(text: &str, row: &Row<'_>, declared: bool) -> Result<String, ReleaseError> {
    let mut document: DocumentMut =
        text.parse().map_err(|e: toml_edit::TomlError| ReleaseError::Errors(e.message().to_owned()))?;
    let releases = document.entry("release").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    let Some(releases) = releases.as_array_of_tables_mut() else { return Err(ReleaseError::Form) };
    if declared {
        let last = releases.len().checked_sub(1).and_then(|last| releases.get_mut(last));
        let Some(table) = last else { return Err(ReleaseError::Form) };
        let lacking = row.keys().into_iter().filter_map(|(key, given)| Some((key, given?)));
        for (key, given) in lacking.filter(|(key, _)| *key != "version") {
            if table.get(key).and_then(Item::as_str).is_none_or(|said| said.trim().is_empty()) {
                table.insert(key, value(given));
            }
        }
        return Ok(document.to_string());
    }
    let mut table = Table::new();
    table.decor_mut().set_prefix("\n");
    for (key, given) in row.keys() {
        if let Some(given) = given {
            table.insert(key, value(given));
        }
    }
    releases.push(table);
    Ok(document.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# The plug.\nedition = \"3.1.3\" # the newer\n\n[product]\nname = \"Plug\"\n\n# Shipped first.\n[[release]]\nversion = \"1.4.2\"\n# Of October.\ndate = \"2026-10-12\"\n\n# Who answers.\n[[person]]\nrole = \"firmware\"\n";

    fn row(version: &str) -> Row<'_> {
        Row { version, date: Some("2026-11-30"), firmware: None, notes: None }
    }

    fn dossier(text: &str) -> Dossier {
        dossier::read(vec![dossier::SourceText { path: "assay.toml".into(), text: text.into() }]).0
    }

    #[test]
    fn a_release_is_added_behind_the_last_one_and_nothing_else_changes() {
        let after = written(TEXT, &row("1.4.3"), false).unwrap();
        let added = "\n[[release]]\nversion = \"1.4.3\"\ndate = \"2026-11-30\"\n";
        assert_eq!(after, TEXT.replace("\n\n# Who answers.", &format!("\n{added}\n# Who answers.")));
        assert_eq!(dossier(&after).release_version(), "1.4.3");
    }

    #[test]
    fn the_first_release_of_a_dossier_is_added_at_the_end() {
        let after =
            written("edition = \"3.1.3\"\n[product]\nname = \"Plug\"\n# end\n", &row("1.0"), false).unwrap();
        assert_eq!(dossier(&after).release_version(), "1.0", "{after}");
        assert!(after.contains("# end"));
    }

    #[test]
    fn a_declared_release_is_filled_in_and_never_overwritten() {
        let filled = Row { firmware: Some("sha256:00".into()), ..row("1.4.2") };
        let after = written(TEXT, &filled, true).unwrap();
        assert!(after.contains("# Of October.\ndate = \"2026-10-12\"\nfirmware = \"sha256:00\"\n"), "{after}");
        assert!(matches!(check(&dossier(TEXT), &row("1.4.2")), Err(ReleaseError::Disagrees { what: "date", .. })));
    }

    #[test]
    fn an_earlier_release_is_refused_and_a_candidate_is_not() {
        let known = dossier(TEXT);
        let fault = |row: &Row<'_>| check(&known, row).unwrap_err().to_string();
        assert!(fault(&row("1.4.1")).contains("it is not later than 1.4.2"));
        assert!(fault(&Row { date: Some("2026-10-11"), ..row("1.4.3") }).contains("is before 2026-10-12"));
        for version in ["1.4.2-hotfix", "v1.10", "2.0.0-rc1", "Bismuth"] {
            assert!(matches!(check(&known, &row(version)), Ok(false)), "{version}");
        }
    }

    #[test]
    fn a_list_in_one_line_is_left_alone() {
        let text = "release = [{ version = \"1.0\" }]\n";
        assert!(matches!(written(text, &row("1.1"), false), Err(ReleaseError::Form)));
    }
}
