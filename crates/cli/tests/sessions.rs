//! The real program, run as a user runs it: what it prints, what it writes, how it ends.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn assay(arguments: &[&str], at: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_assay"))
        .args(arguments)
        .current_dir(at)
        .env_remove("NO_COLOR")
        .env_remove("ASSAY_DEMO_ADMIN_PASSWORD")
        .output()
        .unwrap()
}

fn ended(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn data(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A copy of the sample dossier, so that records of a test stay its own.
fn sample(at: &Path) -> PathBuf {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/smart-plug");
    let to = at.join("plug");
    std::fs::create_dir_all(to.join("ixit")).unwrap();
    for folder in ["", "ixit"] {
        for entry in std::fs::read_dir(from.join(folder)).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_file() {
                std::fs::copy(entry.path(), to.join(folder).join(entry.file_name())).unwrap();
            }
        }
    }
    to
}

#[test]
fn help_and_version_are_answers_and_nonsense_is_usage() {
    let at = tempfile::tempdir().unwrap();
    assert_eq!(ended(&assay(&["--help"], at.path())), 0);
    assert_eq!(ended(&assay(&["--version"], at.path())), 0);
    for nonsense in [&["frobnicate"][..], &["check", "--format", "xml"], &["catalogue", "--edition", "9"], &[]] {
        assert_eq!(ended(&assay(nonsense, at.path())), 2, "{nonsense:?}");
    }
}

#[test]
fn the_documented_exit_codes_are_those_of_the_help() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/exit-codes.md");
    let page = std::fs::read_to_string(page).unwrap();
    let help = data(&assay(&["--help"], Path::new(".")));
    for code in ["0", "1", "2", "3", "10", "11", "12", "20"] {
        assert!(page.contains(&format!("| {code} |")), "{code} is not in docs/reference/exit-codes.md");
        assert!(help.contains(code), "{code} is not in --help");
    }
}

#[test]
fn a_new_dossier_passes_the_linter_in_both_editions_and_overwrites_nothing() {
    let at = tempfile::tempdir().unwrap();
    for edition in ["3.1.3", "2.1.1"] {
        let made = assay(&["new", edition, "--edition", edition], at.path());
        assert_eq!(ended(&made), 0, "{}", said(&made));
        let checked = assay(&["check", edition], at.path());
        assert_eq!(ended(&checked), 0, "{}", data(&checked));
        let again = assay(&["new", edition], at.path());
        assert_eq!(ended(&again), 1);
        assert!(said(&again).contains("nothing was overwritten"), "{}", said(&again));
    }
}

#[test]
fn a_dossier_is_told_in_the_other_edition_and_nothing_is_overwritten() {
    let at = tempfile::tempdir().unwrap();
    sample(at.path());
    let told = assay(&["convert", "plug", "--to", "2.1.1", "--out", "older"], at.path());
    assert_eq!(ended(&told), 0, "{}", said(&told));
    assert!(data(&told).contains("5.13-1A, 5.13-1B   → 5.13-1"), "{}", data(&told));
    assert!(data(&told).contains("nothing is recorded"));
    assert_eq!(ended(&assay(&["check", "older"], at.path())), 0);
    let again = assay(&["convert", "plug", "--to", "2.1.1", "--out", "older"], at.path());
    assert_eq!(ended(&again), 1);
    assert!(said(&again).contains("already there"), "{}", said(&again));
    let same = assay(&["convert", "plug", "--to", "3.1.3", "--out", "newer"], at.path());
    assert_eq!(ended(&same), 1);
    let json: Value = serde_json::from_slice(
        &assay(&["convert", "older", "--to", "3.1.3", "--out", "back", "--json"], at.path()).stdout,
    )
    .unwrap();
    assert_eq!(json["report"]["from"], "2.1.1");
    assert_eq!(json["report"]["checked"]["errors"], 0);
}

#[test]
fn an_error_in_the_dossier_has_its_place_and_its_mend_in_every_format() {
    let at = tempfile::tempdir().unwrap();
    let plug = sample(at.path());
    let file = plug.join("assay.toml");
    let text = std::fs::read_to_string(&file).unwrap().replacen("[product]", "[prodct]", 1);
    let line = text.lines().position(|l| l == "[prodct]").unwrap() + 1;
    std::fs::write(&file, text).unwrap();
    let human = assay(&["check", "plug"], at.path());
    assert_eq!(ended(&human), 3);
    assert!(data(&human).contains(&format!("assay.toml:{line}:2")), "{}", data(&human));
    assert!(data(&human).contains("did you mean `product`?"));
    let json: Value =
        serde_json::from_slice(&assay(&["check", "plug", "--format", "json"], at.path()).stdout).unwrap();
    let note = json["notes"].as_array().unwrap().iter().find(|n| n["code"] == "unknown-key").unwrap();
    assert_eq!(note["labels"][0]["line"], line);
    let sarif: Value =
        serde_json::from_slice(&assay(&["check", "plug", "--format", "sarif"], at.path()).stdout).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
}

#[test]
fn the_sample_without_evidence_is_open_and_never_passes() {
    let at = tempfile::tempdir().unwrap();
    sample(at.path());
    let judged = assay(&["judge", "plug", "--html", "out/report.html", "--json", "out/a.json"], at.path());
    assert_eq!(ended(&judged), 11, "{}{}", data(&judged), said(&judged));
    assert!(!data(&judged).contains('\u{1b}'), "colour without a terminal");
    let json: Value = serde_json::from_slice(&std::fs::read(at.path().join("out/a.json")).unwrap()).unwrap();
    assert_ne!(json["mandatory"]["outcome"], "pass");
    assert!(std::fs::read_to_string(at.path().join("out/report.html")).unwrap().starts_with("<!DOCTYPE html>"));
}

#[test]
fn judging_twice_for_the_same_moment_gives_the_same_bytes() {
    let at = tempfile::tempdir().unwrap();
    sample(at.path());
    let moment = ["judge", "plug", "--at", "2026-11-01T12:00:00Z", "--format", "json"];
    assert_eq!(assay(&moment, at.path()).stdout, assay(&moment, at.path()).stdout);
}

#[test]
fn a_statement_needs_a_person_a_reason_and_an_entry_and_then_counts() {
    let at = tempfile::tempdir().unwrap();
    sample(at.path());
    let state = |more: &[&str]| assay(&[&["state", "--folder", "plug"], more].concat(), at.path());
    let shown = state(&["5.2-2-1a"]);
    assert_eq!(ended(&shown), 0);
    assert!(data(&shown).contains("Decide"), "the procedure is shown");
    let nobody = state(&["5.2-2-1a", "--entry", "VulnTypes-Firmware", "--verdict", "pass", "--because", "read"]);
    assert_eq!(ended(&nobody), 1);
    assert!(said(&nobody).contains("name the person"), "{}", said(&nobody));
    let unknown = state(&["5.2-2-1z", "--verdict", "pass", "--because", "read", "--by", "T"]);
    assert_eq!(ended(&unknown), 1);
    assert!(said(&unknown).contains("did you mean"), "{}", said(&unknown));
    let once = state(&["5.1-4-1a", "--verdict", "pass", "--because", "read", "--by", "T"]);
    assert!(said(&once).contains("add `--entry`"), "{}", said(&once));
    let outcome = |id: &str| {
        let json: Value =
            serde_json::from_slice(&assay(&["judge", "plug", "--format", "json"], at.path()).stdout).unwrap();
        let text = json.to_string();
        let at = text.find(&format!("\"id\":\"{id}\"")).unwrap_or_else(|| panic!("{id} is not in the report"));
        let rest = &text[at..];
        let from = rest.find("\"outcome\":\"").unwrap() + 11;
        rest[from..].split('"').next().unwrap().to_owned()
    };
    assert_eq!(outcome("5.1-4-1a @ AuthMech-Web"), "open");
    let done =
        state(&["5.1-4-1a", "--entry", "AuthMech-Web", "--verdict", "pass", "--because", "read", "--by", "T"]);
    assert_eq!(ended(&done), 0, "{}", said(&done));
    assert_eq!(outcome("5.1-4-1a @ AuthMech-Web"), "pass");
}

#[test]
fn measuring_without_consent_or_secret_sends_nothing() {
    let at = tempfile::tempdir().unwrap();
    let plug = sample(at.path());
    let missing = assay(&["observe", "plug", "--yes"], at.path());
    assert_eq!(ended(&missing), 1);
    assert!(said(&missing).contains("nothing was sent"), "{}", said(&missing));
    std::fs::remove_file(plug.join("bench.toml")).unwrap();
    let no_bench = assay(&["observe", "plug", "--yes"], at.path());
    assert_eq!(ended(&no_bench), 1);
    assert!(said(&no_bench).contains("bench.toml"), "{}", said(&no_bench));
}

#[test]
fn the_catalogue_explains_any_id_and_suggests_near_ones() {
    let at = tempfile::tempdir().unwrap();
    let explain = |name: &str| assay(&["catalogue", name], at.path());
    for name in ["5.1-5-2b", "5.3-15A", "5.1-5-2", "AuthMech", "AuthMech.Description", "5.3"] {
        assert_eq!(ended(&explain(name)), 0, "{name}");
    }
    assert!(data(&explain("5.1-5-2b")).contains("TS 103 701 V2.1.1"));
    let slip = explain("5.1-5-2x");
    assert_eq!(ended(&slip), 2);
    assert!(said(&slip).contains("did you mean"), "{}", said(&slip));
    let older = explain("5.3-15-1a");
    assert!(said(&older).contains("--edition 2.1.1"), "{}", said(&older));
}

#[test]
fn the_coverage_figure_adds_up() {
    let output = assay(&["coverage", "--json"], Path::new("."));
    let all: Value = serde_json::from_slice(&output.stdout).unwrap();
    for (figure, units) in all.as_array().unwrap().iter().zip([258, 226]) {
        let sum: u64 = ["by_rule", "by_probe", "assisted", "stated", "not_yet"]
            .iter()
            .map(|k| figure[*k].as_u64().unwrap())
            .sum();
        assert_eq!((sum, figure["units"].as_u64().unwrap()), (units, units));
    }
}

#[test]
fn the_demonstration_finds_its_faults_and_writes_its_reports() {
    let at = tempfile::tempdir().unwrap();
    let output = assay(&["demo", "--dir", "d"], at.path());
    assert_eq!(ended(&output), 10, "{}{}", data(&output), said(&output));
    let told = data(&output);
    for found in ["5.1-1-2a", "5.1-5-2b", "5.2-1-2a", "5.6-1-2c"] {
        assert!(told.contains(found), "{found} is not told\n{told}");
    }
    for file in ["report.html", "report.md", "assessment.json"] {
        assert!(at.path().join("d").join(file).is_file(), "{file}");
    }
    let records = assay(&["records", "d"], at.path());
    assert_eq!(ended(&records), 0, "{}", said(&records));
    let typo = assay(&["demo", "--dir", "e", "--fault", "telnet-opn"], at.path());
    assert_eq!(ended(&typo), 2);
    assert!(said(&typo).contains("telnet-open"), "{}", said(&typo));
    std::fs::create_dir(at.path().join("mine")).unwrap();
    let foreign = assay(&["demo", "--dir", "mine"], at.path());
    assert_eq!(ended(&foreign), 1, "a folder that is no demonstration's is left alone");
}

#[test]
fn a_plan_is_shown_without_the_secrets_and_measuring_names_how_to_hand_them_over() {
    let at = tempfile::tempdir().unwrap();
    let plug = sample(at.path());
    let bench = plug.join("bench.toml");
    let text = std::fs::read_to_string(&bench).unwrap();
    std::fs::write(&bench, text.replace("background = true", "background = false")).unwrap();
    let planned = assay(&["observe", "plug", "--dry-run"], at.path());
    assert_eq!(ended(&planned), 0, "{}", said(&planned));
    assert!(data(&planned).contains("auth.guessing"), "{}", data(&planned));
    let refused = assay(&["observe", "plug", "--probe", "net.tcp-ports", "--yes"], at.path());
    assert_eq!(ended(&refused), 1, "{}", said(&refused));
    for told in ["AuthMech-Camera", "`export ASSAY_DEMO_ADMIN_PASSWORD=…`", "nothing was sent"] {
        assert!(said(&refused).contains(told), "{told}: {}", said(&refused));
    }
    assert!(!plug.join(".assay/ledger.sqlite").exists());
}

/// A process that is ended with the test.
struct Ended(std::process::Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_demonstration_product_stays_for_a_measurement_by_hand() {
    use std::io::BufRead;

    let at = tempfile::tempdir().unwrap();
    let child = Command::new(env!("CARGO_BIN_EXE_assay"))
        .args(["demo", "--serve", "--fault", "none", "--dir", "plug"])
        .current_dir(at.path())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut child = Ended(child);
    let told = std::io::BufReader::new(child.0.stdout.take().unwrap()).lines().map_while(Result::ok);
    let told: Vec<String> = told.take_while(|line| !line.starts_with("assay judge")).collect();
    let mut observe = Command::new(env!("CARGO_BIN_EXE_assay"));
    observe.args(["observe", "plug", "--probe", "dut.identity", "--yes"]).current_dir(at.path());
    for (name, value) in told.iter().filter_map(|line| line.strip_prefix("export ")?.split_once('=')) {
        observe.env(name, value.trim_matches('\''));
    }
    let measured = observe.output().unwrap();
    assert_eq!(ended(&measured), 0, "{told:?} {}", said(&measured));
    assert!(said(&measured).contains("dut.identity"), "{}", said(&measured));
}

#[test]
fn a_description_for_the_network_agrees_with_the_dossier_it_was_written_from() {
    let at = tempfile::tempdir().unwrap();
    let plug = sample(at.path());
    let written = assay(&["mud", "--url", "https://maker.example/plug.json"], &plug);
    assert_eq!(ended(&written), 0, "{}", said(&written));
    let description: Value = serde_json::from_slice(&written.stdout).unwrap();
    assert_eq!(description["ietf-mud:mud"]["mud-url"], "https://maker.example/plug.json");
    let file = at.path().join("plug.json");
    std::fs::write(&file, &written.stdout).unwrap();
    let compare = || data(&assay(&["mud", "--compare", &file.to_string_lossy()], &plug));
    let same = compare();
    assert!(same.contains(" declared and described") && !same.contains("not declared"), "{same}");
    assert!(!same.contains("not described"), "{same}");
    // A port that the description lets through, and the dossier does not know.
    let other = String::from_utf8(written.stdout).unwrap().replace("28883", "28999");
    std::fs::write(&file, other).unwrap();
    let differs = compare();
    assert!(differs.contains("described, not declared") && differs.contains("28999"), "{differs}");
    assert!(differs.contains("declared, not described") && differs.contains("28883"), "{differs}");
}

#[test]
fn nothing_is_taken_away_from_a_product_whose_bench_does_not_say_how() {
    let at = tempfile::tempdir().unwrap();
    let plug = sample(at.path());
    let file = plug.join("bench.toml");
    let bench = std::fs::read_to_string(&file).unwrap().replace("background = true\n", "");
    std::fs::write(&file, &bench).unwrap();
    let without = assay(&["observe", "--outages", "--yes"], &plug);
    assert_eq!(ended(&without), 1);
    assert!(said(&without).contains("bench.toml has no `[outage]`"), "{}", said(&without));
    let outage = "[outage]\naway = [\"touch\", \"away\"]\nback = [\"touch\", \"back\"]\nrestored = [\"true\"]\n";
    std::fs::write(&file, format!("{bench}\n{outage}")).unwrap();
    // What the bench needs for proving the identity is not all there.
    let incomplete = assay(&["observe", "--outages", "--yes"], &plug);
    assert_eq!(ended(&incomplete), 1, "{}", said(&incomplete));
    assert!(!plug.join("away").exists() && !plug.join("back").exists());
}
