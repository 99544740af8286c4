//! Dossiers told in the other edition, and back: what stays, what goes, and that all of it is told.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use app::convert::{Answer, Report, convert, rewrite};
use app::folder;
use catalogue::{Bridge, Catalogue};
use dossier::{Severity, SourceText};
use model::Edition;
use toml_edit::{DocumentMut, Item, Value};

const OLD: &str = "smart-plug-v2.1.1";
const NEW: &str = "smart-plug";

fn sample(name: &str) -> Vec<SourceText> {
    folder::sources(&path(name)).unwrap()
}

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples").join(name)
}

fn errors(sources: &[SourceText]) -> Vec<String> {
    let (_, notes) = engine::lint::check(sources.to_vec());
    notes
        .into_iter()
        .filter(|n| n.severity == Severity::Error)
        .map(|n| format!("{}: {}", n.code, n.message))
        .collect()
}

/// Every value of a dossier by its place: file kind, table, id and key.
fn values(sources: &[SourceText]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for source in sources {
        let document: DocumentMut = source.text.parse().unwrap();
        let kind = source.path.split('/').next().unwrap();
        for (name, item) in document.iter() {
            let tables: Vec<toml_edit::Table> = match item {
                Item::ArrayOfTables(list) => list.iter().cloned().collect(),
                Item::Table(table) => vec![table.clone()],
                other => {
                    found.insert(format!("{kind} {name}"), plain(other));
                    continue;
                }
            };
            for table in tables {
                let id = ["ID", "id", "provision", "for"]
                    .iter()
                    .find_map(|k| table.get(k)?.as_str().map(str::to_owned));
                flat(&format!("{kind} {name} {}", id.unwrap_or_default()), &table, &mut found);
            }
        }
    }
    found
}

fn flat(at: &str, table: &dyn toml_edit::TableLike, found: &mut BTreeMap<String, String>) {
    for (key, item) in table.iter() {
        match item.as_table_like() {
            Some(inner) => flat(&format!("{at} {key}"), inner, found),
            None => {
                found.insert(format!("{at} {key}"), plain(item));
            }
        }
    }
}

fn plain(item: &Item) -> String {
    let one =
        |value: &Value| value.as_str().map_or_else(|| value.clone().decorated("", "").to_string(), str::to_owned);
    match item.as_value() {
        Some(Value::Array(list)) => list.iter().map(one).collect::<Vec<_>>().join(" | "),
        Some(value) => one(value),
        None => String::new(),
    }
}

/// The places whose values a round trip does not give back as they were.
fn lost(name: &str, to: Edition) -> BTreeSet<String> {
    let original = sample(name);
    let (there, _) = rewrite(&original, to).unwrap();
    let (back, _) = rewrite(&there, to.other()).unwrap();
    assert_eq!(errors(&there), Vec::<String>::new(), "on the way there");
    assert_eq!(errors(&back), Vec::<String>::new(), "on the way back");
    let back = values(&back);
    values(&original).into_iter().filter(|(at, value)| back.get(at) != Some(value)).map(|(at, _)| at).collect()
}

fn report(name: &str, to: Edition) -> Report {
    rewrite(&sample(name), to).unwrap().1
}

#[test]
fn the_older_sample_is_told_in_the_newer_edition_without_errors() {
    let (told, report) = rewrite(&sample(OLD), Edition::V3_1_3).unwrap();
    assert_eq!(errors(&told), Vec::<String>::new());
    assert_eq!(report.count(Answer::Unanswered), 5, "{:?}", report.provisions);
    assert_eq!(report.count(Answer::NotCarried), 0);
}

/// Whether a place of an edition has its like in the other, so that a round trip has to give it back.
fn is_in_both(edition: Edition, at: &str) -> bool {
    let bridge = Bridge::built_in();
    let mut parts = at.splitn(3, ' ');
    let (kind, table, rest) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap_or_default());
    let (id, field) = rest.split_once(' ').unwrap_or((rest, ""));
    let here = Catalogue::of(edition);
    match kind {
        "ixit" => {
            let table = here.table_named(table).unwrap();
            let there: Vec<_> = bridge.tables(&table.id);
            let linked = |name: &str| {
                let of = |place: &catalogue::Place| place.table == table.id.as_str() && place.name == name;
                bridge.fields.iter().any(|l| (of(&l.earlier) || of(&l.later)) && l.earlier.table == l.later.table)
            };
            let known = |name: &str| {
                let there = there.iter().filter_map(|id| Catalogue::of(edition.other()).table(id));
                linked(name) || there.into_iter().any(|t| t.field(name).is_some())
            };
            field.starts_with("facts ") || known(field)
        }
        _ if ["provision", "control"].contains(&table) => {
            let steps = engine::bridge::provision_steps(edition.other());
            let step = steps.iter().find(|s| s.from.iter().any(|p| p.as_str() == id)).unwrap();
            step.from.len() == 1 && !step.to.is_empty()
        }
        _ => !["features", "conditions"].contains(&table),
    }
}

/// What a round trip loses beyond what the other edition does not ask for: these, and nothing else.
fn unexpected(name: &str, edition: Edition, expected: &[&str]) -> Vec<String> {
    let lost = lost(name, edition.other());
    for expected in expected {
        assert!(lost.iter().any(|at| at.contains(expected)), "{expected} is kept after all");
    }
    let told = |at: &String| expected.iter().any(|e| at.contains(e));
    lost.into_iter().filter(|at| is_in_both(edition, at) && !told(at)).collect()
}

#[test]
fn a_round_trip_from_the_older_edition_keeps_all_that_both_editions_have() {
    let expected = [
        // Communication in clear has no table in the newer edition.
        "ComMech ComMech-HTTP ",
        "ComMech ComMech-MDNS ",
        "ComMech ComMech-SSDP ",
        // Connections that the product opens have no interface in the older edition that could take it.
        "ComMech-Telemetry Resilience Measures",
        "ComMech-Update Resilience Measures",
        // The newer edition says it of logical interfaces alone.
        "Intf-Wlan Disclosed Information",
        "Intf-Ble Disclosed Information",
        // Nor can input come from a radio there.
        "InpVal-Uplink facts source",
    ];
    assert_eq!(unexpected(OLD, Edition::V2_1_1, &expected), Vec::<String>::new());
}

#[test]
fn a_round_trip_from_the_newer_edition_keeps_all_that_both_editions_have() {
    let expected = [
        // A mandatory provision of the older edition that has no condition: N/A cannot be its answer.
        "provision 6-3A support",
        "provision 6-3A detail",
        // 15-Intf was one file for both kinds.
        "control 5.6-2 documents",
        "control 5.6-3 documents",
        "control 5.9-3 documents",
    ];
    assert_eq!(unexpected(NEW, Edition::V3_1_3, &expected), Vec::<String>::new());
}

#[test]
fn what_is_lost_stands_in_the_new_folder_as_a_comment() {
    for (name, to) in [(OLD, Edition::V3_1_3), (NEW, Edition::V2_1_1)] {
        let (told, report) = rewrite(&sample(name), to).unwrap();
        let comments: String = told
            .iter()
            .flat_map(|s| s.text.lines())
            .filter_map(|l| l.strip_prefix('#'))
            .collect::<Vec<_>>()
            .join(" ");
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let comments = words(&comments);
        assert!(!report.left.is_empty());
        for left in &report.left {
            assert!(comments.contains(&words(&left.text)), "{left:?}");
        }
    }
}

#[test]
fn comments_of_the_author_go_along() {
    let written = "# Whoever reads the course of power knows when nobody is at home.";
    let (told, _) = rewrite(&sample(OLD), Edition::V3_1_3).unwrap();
    let file = told.iter().find(|s| s.path == "ixit/21-PersData.toml").unwrap();
    assert!(file.text.contains(written), "{}", file.text);
}

#[test]
fn every_provision_of_both_editions_stands_in_the_report_once() {
    for (name, to) in [(OLD, Edition::V3_1_3), (NEW, Edition::V2_1_1)] {
        let report = report(name, to);
        for (edition, side) in [(report.from, 0), (report.to, 1)] {
            let mut told: Vec<&String> =
                report.provisions.iter().flat_map(|p| if side == 0 { &p.from } else { &p.to }).collect();
            let count = told.len();
            told.sort();
            told.dedup();
            assert_eq!(count, told.len(), "one stands twice");
            assert_eq!(count, Catalogue::of(edition).provisions.len());
        }
        assert!(report.provisions.iter().all(|p| p.answers.len() == p.to.len()));
    }
}

#[test]
fn every_entry_stands_in_the_report_once_and_references_lead_somewhere() {
    let report = report(OLD, Edition::V3_1_3);
    let (dossier, _) = dossier::read(sample(OLD));
    let entries: usize = dossier.tables.iter().map(|t| t.entries.len()).sum();
    assert_eq!(report.entries.len(), entries);
    let gone: Vec<&str> = report.entries.iter().filter(|e| e.to.is_empty()).map(|e| e.id.as_str()).collect();
    assert_eq!(gone.iter().filter(|id| id.starts_with("ExtAPI")).count(), 5);
    assert_eq!(gone.len(), 8, "{gone:?}");
}

#[test]
fn an_answer_to_a_changed_provision_counts_as_none_until_it_is_confirmed() {
    let (told, _) = rewrite(&sample(OLD), Edition::V3_1_3).unwrap();
    let outcome = |sources: Vec<SourceText>| {
        let (dossier, _) = engine::lint::check(sources);
        let evidence = engine::Evidence::default();
        let catalogue = Catalogue::of(Edition::V3_1_3);
        let at = model::Timestamp::from_seconds(1_800_000_000);
        let assessment = engine::judge(&engine::View { catalogue, dossier: &dossier, evidence: &evidence, at });
        let standing = |id: &str| {
            let provision = catalogue.provision_named(id).unwrap();
            assessment.provision(&provision.id).unwrap().standing
        };
        (standing("5.3-12"), standing("5.3-13"), standing("5.3-11"))
    };
    use engine::Standing;
    assert_eq!(outcome(told.clone()), (Standing::Unanswered, Standing::Claimed, Standing::Unanswered));
    let mut confirmed = told;
    let ics = confirmed.iter_mut().find(|s| s.path == "ics.toml").unwrap();
    ics.text = ics.text.lines().filter(|l| !l.starts_with("carried = ")).map(|l| format!("{l}\n")).collect();
    assert_eq!(outcome(confirmed), (Standing::Claimed, Standing::Claimed, Standing::NotClaimed));
}

#[test]
fn a_skeleton_is_told_in_either_edition_without_errors() {
    for to in Edition::ALL {
        let blank = engine::skeleton(to.other(), "Nothing yet");
        let (told, report) = rewrite(&blank, to).unwrap();
        assert_eq!(errors(&told), Vec::<String>::new());
        assert_eq!(report.count(Answer::Unanswered), Catalogue::of(to).provisions.len());
        assert_eq!(report.entries.len(), 0);
    }
}

#[test]
fn nothing_is_overwritten_and_what_cannot_be_told_writes_nothing() {
    let at = tempfile::tempdir().unwrap();
    let out = at.path().join("new");
    std::fs::create_dir(&out).unwrap();
    std::fs::write(out.join("notes.txt"), "mine").unwrap();
    let refused = convert(&path(OLD), Edition::V3_1_3, &out).unwrap_err();
    assert!(refused.to_string().contains("already there"), "{refused}");
    let refused = convert(&path(NEW), Edition::V3_1_3, &at.path().join("other")).unwrap_err();
    assert!(refused.to_string().contains("V3.1.3 already"), "{refused}");
    assert!(!at.path().join("other").exists());
    let mut broken = sample(OLD);
    broken[1].text.push_str("[[provision\n");
    let refused = rewrite(&broken, Edition::V3_1_3).unwrap_err();
    assert!(refused.to_string().contains("ics.toml"), "{refused}");
}

#[test]
fn a_damaged_dossier_is_told_or_refused_and_what_is_told_is_toml() {
    let mut state = 7_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below.max(1)
    };
    let mut told = 0;
    for round in 0..120 {
        let (name, to) = if round % 2 == 0 { (OLD, Edition::V3_1_3) } else { (NEW, Edition::V2_1_1) };
        let mut sources = sample(name);
        let file = random(sources.len());
        let mut lines: Vec<&str> = sources[file].text.lines().collect();
        for _ in 0..=random(4) {
            let at = random(lines.len());
            match random(3) {
                _ if lines.is_empty() => {}
                0 => drop(lines.remove(at)),
                1 => lines.insert(at, lines[random(lines.len())]),
                _ => lines.truncate(at.max(1)),
            }
        }
        sources[file].text = lines.join("\n");
        if let Ok((texts, report)) = rewrite(&sources, to) {
            told += 1;
            for text in &texts {
                assert!(text.text.parse::<DocumentMut>().is_ok(), "{}\n{}", text.path, text.text);
            }
            assert_eq!(
                report.provisions.iter().map(|p| p.to.len()).sum::<usize>(),
                Catalogue::of(to).provisions.len()
            );
        }
    }
    assert!(told > 30, "{told}");
}
