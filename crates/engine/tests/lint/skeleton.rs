//! The skeleton of a new dossier.

use dossier::{Severity, SourceText, read};
use engine::lint::check;
use engine::skeleton;
use model::Edition;

#[test]
fn a_skeleton_passes_with_nothing_heavier_than_advice() {
    for edition in Edition::ALL {
        let (dossier, notes) = check(skeleton(edition, "Lamp \"two\" \\ 💡"));
        assert_eq!(dossier.edition(), edition);
        assert_eq!(dossier.product.unwrap().value.name.unwrap().value, "Lamp \"two\" \\ 💡");
        let heavy: Vec<_> = notes.iter().filter(|n| n.severity != Severity::Advice).collect();
        assert!(heavy.is_empty(), "{edition}: {heavy:?}");
        let codes: Vec<&str> = notes.iter().map(|n| n.code).collect();
        assert!(codes.contains(&"unanswered") && codes.contains(&"feature-undeclared"), "{codes:?}");
        assert!(codes.len() < 6, "a beginner is not buried: {codes:?}");
    }
}

#[test]
fn a_skeleton_names_every_provision_table_field_and_feature() {
    for edition in Edition::ALL {
        let catalogue = catalogue::Catalogue::of(edition);
        let files = skeleton(edition, "Lamp");
        let text = |path: &str| files.iter().find(|f| f.path == path).unwrap().text.as_str();
        for provision in &catalogue.provisions {
            let row = format!("id = \"{}\"\nstatus = \"{}\"", provision.id, provision.status);
            assert!(text("ics.toml").contains(&row), "{}", provision.id);
        }
        for feature in &catalogue.features {
            assert!(text("ics.toml").contains(&format!("\n# {} = true\n", feature.id)), "{}", feature.id);
        }
        for table in &catalogue.tables {
            let text = text(&format!("ixit/{}.toml", table.id));
            for field in &table.fields {
                assert!(text.contains(&field.name), "{} of {}", field.name, table.id);
            }
        }
    }
}

/// A commented declaration with its sign removed; other comments stay.
fn uncommented(line: &str) -> String {
    let Some(rest) = line.strip_prefix("# ") else { return line.to_owned() };
    let key = |text: &str| {
        let name = text.trim_matches('"');
        let bare = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_./ ".contains(c));
        bare && (text.starts_with('"') || !text.contains(' '))
    };
    let declares = rest.starts_with('[') || rest.split_once(" = ").is_some_and(|(left, _)| key(left));
    if declares { rest.to_owned() } else { line.to_owned() }
}

#[test]
fn a_skeleton_without_its_comment_signs_is_read_without_an_unknown_word() {
    for edition in Edition::ALL {
        let files = skeleton(edition, "Lamp")
            .into_iter()
            .map(|f| SourceText { text: f.text.lines().map(|l| uncommented(l) + "\n").collect(), path: f.path });
        let files: Vec<SourceText> = files.collect();
        let (dossier, notes) = read(files.clone());
        assert!(notes.is_empty(), "{edition}: {notes:?}");
        let catalogue = catalogue::Catalogue::of(edition);
        assert_eq!(dossier.tables.len(), catalogue.tables.len());
        assert!(dossier.ics.rows.iter().all(|r| r.support.is_some()));
        let (_, notes) = check(files);
        let unknown = ["unknown-table", "unknown-field", "unknown-feature", "unknown-condition", "table-shape"];
        let wrong: Vec<_> = notes.iter().filter(|n| unknown.contains(&n.code)).collect();
        assert!(wrong.is_empty(), "{edition}: {wrong:?}");
    }
}

#[test]
fn comments_stay_within_the_width_of_a_line() {
    for file in skeleton(Edition::V3_1_3, "Lamp") {
        for line in file.text.lines() {
            assert!(line.chars().count() <= 115, "{}: {line}", file.path);
        }
    }
}
