//! What the world does to a ledger: a full disk, one that cannot be written to, damaged and missing files, several
//! processes at once. Each is told with its place and its mend, and nothing that was acknowledged is lost.
#![allow(clippy::unwrap_used)]

mod disk;
mod program;

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use disk::Disk;
use program::Bench;
use serde_json::Value;

/// Positions and digests of all records, of a ledger that verifies.
fn records(bench: &Bench, folder: &str) -> Vec<(u64, String)> {
    let told: Value = serde_json::from_str(&bench.done(&["records", folder, "--json"])).unwrap();
    let record = |r: &Value| (r["seq"].as_u64().unwrap(), r["digest"].as_str().unwrap().to_owned());
    told["records"].as_array().unwrap().iter().map(record).collect()
}

fn ledger(bench: &Bench) -> PathBuf {
    bench.path("plug/.assay/ledger.sqlite")
}

/// The files kept as evidence.
fn blobs(at: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(at).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() { found.extend(blobs(&entry)) } else { found.push(entry) }
    }
    found
}

#[test]
fn a_full_disk_refuses_the_next_record_keeps_the_others_and_goes_on_once_there_is_room() {
    let bench = Bench::new();
    let Some(disk) = testkit::ready(Disk::small(&bench.path("disk"), 1)) else { return };
    copy(&bench.path("plug"), &disk.at().join("plug"));
    fs::write(disk.at().join("filler"), vec![0; 300_000]).unwrap();
    let mut acknowledged = Vec::new();
    let refused = (0..100).find_map(|n| {
        fs::write(bench.path("photo.jpg"), vec![n; 20_000]).unwrap();
        let stated = bench.run(&state("disk/plug", &["--attach", "photo=photo.jpg"]));
        if stated.exit == 0 {
            acknowledged = records(&bench, "disk/plug");
            return None;
        }
        Some(stated)
    });
    let refused = refused.expect("a disk of 1 MiB holds no hundred photos");
    assert_eq!(refused.exit, 1, "{}", refused.said);
    assert!(refused.said.contains("no room is left on the disk"), "{}", refused.said);
    assert!(refused.said.contains("plug/.assay"), "{}", refused.said);
    assert!(refused.said.trim_end().ends_with("nothing was recorded"), "{}", refused.said);
    assert!(acknowledged.len() > 2, "{acknowledged:?}");
    fs::remove_file(disk.at().join("filler")).unwrap();
    assert_eq!(records(&bench, "disk/plug"), acknowledged);
    bench.done(&state("disk/plug", &["--attach", "photo=photo.jpg"]));
    let after = records(&bench, "disk/plug");
    assert_eq!(after[..acknowledged.len()], acknowledged);
    assert_eq!(after.len(), acknowledged.len() + 1);
}

#[test]
fn a_disk_that_cannot_be_written_to_is_named_with_the_mend_and_changes_nothing() {
    let bench = Bench::new();
    let Some(disk) = testkit::ready(Disk::small(&bench.path("disk"), 4)) else { return };
    copy(&bench.path("plug"), &disk.at().join("plug"));
    bench.done(&state("disk/plug", &[]));
    let before = records(&bench, "disk/plug");
    disk.read_only();
    for arguments in [&state("disk/plug", &[])[..], &["judge", "disk/plug", "--record"], &["judge", "disk/plug"]] {
        let said = bench.refused(1, arguments);
        assert!(said.contains("plug/.assay") && said.contains("cannot be written to"), "{arguments:?}: {said}");
        assert!(said.contains("hint: mount it for writing"), "{said}");
    }
    disk.writable();
    assert_eq!(records(&bench, "disk/plug"), before);
}

#[test]
fn a_database_that_was_cut_or_scribbled_on_is_damaged_whatever_is_left_of_it() {
    let bench = Bench::new();
    for _ in 0..6 {
        assert_eq!(bench.state(&[]).exit, 0);
    }
    let whole = fs::read(ledger(&bench)).unwrap();
    let before = records(&bench, "plug");
    let wal = bench.path("plug/.assay/ledger.sqlite-wal");
    assert!(!wal.exists(), "the last one to close the database writes everything into it");
    let tried = |bytes: &[u8], what: &str| {
        fs::write(ledger(&bench), bytes).unwrap();
        let ran = bench.run(&["records", "plug", "--json"]);
        match ran.exit {
            // Room that no record lies in.
            0 => assert_eq!(records(&bench, "plug"), before, "{what}"),
            exit => {
                assert_eq!(exit, 20, "{what}: {}", ran.said);
                assert!(ran.said.contains("plug/.assay"), "{what}: {}", ran.said);
                let judged = bench.refused(20, &["judge", "plug"]);
                assert!(judged.contains("nothing was judged"), "{what}: {judged}");
            }
        }
        ran.exit == 20
    };
    for length in [0, 1, 16, 100, 4096, whole.len() / 2, whole.len() - 4096] {
        assert!(tried(&whole[..length], &format!("cut to {length}")), "cut to {length} and not noticed");
    }
    let mut noticed = 0;
    let pages = whole.len() / 4096;
    for page in 0..pages {
        let mut bytes = whole.clone();
        for byte in &mut bytes[page * 4096..page * 4096 + 512] {
            *byte ^= 0x5a;
        }
        noticed += usize::from(tried(&bytes, &format!("page {page} scribbled on")));
    }
    assert!(noticed > pages / 2, "{noticed} of {pages} pages");
    fs::write(ledger(&bench), &whole).unwrap();
    assert_eq!(records(&bench, "plug"), before);
}

#[test]
fn a_database_that_is_gone_is_not_a_ledger_without_records() {
    let bench = Bench::new();
    assert_eq!(bench.state(&["--attach", "document=plug/assay.toml"]).exit, 0);
    fs::remove_file(ledger(&bench)).unwrap();
    for arguments in [&["records", "plug"][..], &["judge", "plug"], &["plan", "plug"], &["rejudge", "plug"]] {
        let ran = bench.run(arguments);
        assert!(ran.said.contains("evidence lies beside it"), "{arguments:?}: {}", ran.said);
        assert!(matches!(ran.exit, 1 | 20), "{arguments:?}: {}", ran.exit);
    }
    assert_ne!(bench.state(&[]).exit, 0, "a second ledger was begun over the evidence of the first");
}

#[test]
fn a_blob_that_is_gone_or_empty_is_named_and_nothing_is_judged_or_bundled_from_it() {
    let bench = Bench::new();
    assert_eq!(bench.run(&["judge", "plug", "--record"]).exit, 11);
    let whole = blobs(&bench.path("plug/.assay/blobs"));
    let assay_toml = fs::read(bench.path("plug/assay.toml")).unwrap();
    let blob = whole.iter().find(|at| fs::read(at).unwrap() == assay_toml).unwrap();
    let name = blob.file_name().unwrap().to_str().unwrap();
    for (spoil, says) in [
        (Box::new(|| fs::remove_file(blob).unwrap()) as Box<dyn Fn()>, "find blob"),
        (Box::new(|| fs::write(blob, b"").unwrap()), "its bytes were altered"),
    ] {
        spoil();
        let said = bench.refused(20, &["rejudge", "plug"]);
        assert!(said.contains(name) && said.contains(says), "{said}");
        let said = bench.refused(20, &["bundle", "plug", "--out", "out.assay"]);
        assert!(said.contains(name), "{said}");
        assert!(!bench.path("out.assay").exists());
    }
    // Keeping the same bytes again mends it.
    assert_eq!(bench.run(&["judge", "plug", "--record"]).exit, 11);
    bench.done(&["rejudge", "plug"]);
}

#[test]
fn a_file_in_the_place_of_the_ledgers_folder_is_an_error_and_not_an_empty_ledger() {
    let bench = Bench::new();
    fs::write(bench.path("plug/.assay"), "not a folder").unwrap();
    for arguments in [&["judge", "plug"][..], &["records", "plug"], &["judge", "plug", "--record"]] {
        let said = bench.refused(1, arguments);
        assert!(said.contains("plug/.assay"), "{arguments:?}: {said}");
    }
    assert_eq!(bench.state(&[]).exit, 1);
    assert_eq!(fs::read(bench.path("plug/.assay")).unwrap(), b"not a folder");
}

#[test]
fn without_its_key_a_ledger_takes_no_record_and_still_judges() {
    let bench = Bench::new();
    assert_eq!(bench.state(&[]).exit, 0);
    let before = records(&bench, "plug");
    let key = bench.path("plug/.assay/key.pem");
    fs::rename(&key, bench.path("kept.pem")).unwrap();
    let refused = bench.state(&[]);
    assert_eq!(refused.exit, 1);
    assert!(
        refused.said.contains("its key is not there") && refused.said.contains("ASSAY_KEY"),
        "{}",
        refused.said
    );
    assert!(!key.exists(), "another key was made in its place");
    assert_eq!(bench.run(&["judge", "plug"]).exit, 11);
    assert_eq!(records(&bench, "plug"), before);
    fs::rename(bench.path("kept.pem"), &key).unwrap();
    permit(&key, 0o644);
    let refused = bench.state(&[]);
    assert_eq!(refused.exit, 1);
    assert!(refused.said.contains("key.pem") && refused.said.contains("chmod 600"), "{}", refused.said);
    permit(&key, 0o600);
    assert_eq!(records(&bench, "plug"), before);
}

fn permit(at: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(at, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn many_processes_at_once_each_get_their_record_and_the_ledger_stays_one() {
    let bench = Bench::new();
    let (bench, spawned) = (&bench, 4);
    thread::scope(|scope| {
        for _ in 0..spawned {
            scope.spawn(|| {
                for _ in 0..3 {
                    assert_eq!(bench.state(&["--attach", "document=plug/ics.toml"]).exit, 0);
                }
            });
        }
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..2 {
                    assert_eq!(bench.run(&["judge", "plug", "--record"]).exit, 11);
                    records(bench, "plug");
                }
            });
        }
    });
    let told: Value = serde_json::from_str(&bench.done(&["records", "plug", "--json"])).unwrap();
    let kinds: Vec<&str> =
        told["records"].as_array().unwrap().iter().map(|r| r["kind"].as_str().unwrap()).collect();
    let count = |kind: &str| kinds.iter().filter(|k| **k == kind).count();
    assert_eq!((count("statement"), count("assessment"), count("key")), (12, 4, 1), "{kinds:?}");
    bench.done(&["rejudge", "plug"]);
}

fn state<'a>(folder: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let usual = ["state", "5.2-2-1a", "--folder", folder, "--entry", "VulnTypes-Firmware", "--verdict", "pass"];
    [&usual[..], &["--because", "read", "--by", "T"], more].concat()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => assert!(fs::copy(entry.path(), target).is_ok()),
        }
    }
}
