//! A bundle as a user writes it and as a stranger verifies it: from the file alone, with exit codes for scripts.
#![allow(clippy::unwrap_used)]

mod program;

use std::fs;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::process::Command;

use program::Bench;
use serde_json::Value;

/// A bundle of the sample with one statement, moved to a folder where nothing else is.
fn bundled() -> (Bench, tempfile::TempDir) {
    let bench = Bench::new();
    assert_eq!(bench.state(&[]).exit, 0);
    assert_eq!(bench.run(&["judge", "plug", "--record"]).exit, 11);
    let ran = bench.run(&["bundle", "plug", "--out", "x.assay"]);
    assert_eq!(ran.exit, 0, "{}", ran.said);
    assert!(ran.said.contains("holds everything that was recorded") && ran.data.is_empty(), "{}", ran.said);
    let elsewhere = tempfile::tempdir().unwrap();
    fs::copy(bench.path("x.assay"), elsewhere.path().join("x.assay")).unwrap();
    fs::write(elsewhere.path().join("key.pem"), bench.done(&["key", "export", "--folder", "plug"])).unwrap();
    (bench, elsewhere)
}

/// Runs the program in a folder, with no more memory than this many KiB.
fn assay(at: &Path, arguments: &str, kib: u64) -> (i32, String, String) {
    let script = format!("ulimit -v {kib} && exec \"$0\" {arguments}");
    let output = Command::new("sh").args(["-c", &script, env!("CARGO_BIN_EXE_assay")]).current_dir(at).output();
    let output = output.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

/// Virtual memory with which everything here has to go: the program's own and its threads' come on top of 512 MiB.
const KIB: u64 = 900 << 10;

/// Names and contents of a folder.
fn contents(at: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<_> = fs::read_dir(at)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())
        })
        .collect();
    all.sort();
    all
}

#[test]
fn a_stranger_verifies_the_one_file_and_nothing_is_written() {
    let (_, place) = bundled();
    let before = contents(place.path());
    let (exit, data, said) = assay(place.path(), "verify x.assay --key key.pem", KIB);
    assert_eq!(exit, 0, "{said}");
    for line in
        ["ok   root key", "ok   log", "ok   verdicts", "ok   reports", "not  continuation", "not  time stamps"]
    {
        assert!(data.contains(line), "{line}: {data}");
    }
    assert!(said.contains("verified in"), "{said}");
    assert!(before == contents(place.path()));
    let (exit, data, _) = assay(place.path(), "verify x.assay --json", KIB);
    let told: Value = serde_json::from_str(&data).unwrap();
    assert_eq!((exit, &told["verified"], &told["failed"]), (0, &Value::Bool(true), &Value::Null));
    assert_eq!(told["claims"]["release"], "1.4.2");
    let root = told["steps"].as_array().unwrap().iter().find(|step| step["step"] == "root key").unwrap();
    assert_eq!(root["result"], "not-done");
}

#[test]
fn what_is_not_sound_ends_with_20_and_what_cannot_be_read_with_1() {
    let (bench, place) = bundled();
    let at = place.path();
    let mut bytes = fs::read(at.join("x.assay")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(at.join("bad.assay"), &bytes).unwrap();
    let (exit, data, said) = assay(at, "verify bad.assay", KIB);
    assert_eq!(exit, 20);
    assert!(data.contains("FAIL manifest"), "{data}");
    assert!(said.contains("failed to verify bad.assay: reports/report."), "{said}");
    assert!(said.ends_with("nothing in this bundle counts\n"), "{said}");
    let (exit, data, _) = assay(at, "verify bad.assay --json", KIB);
    let told: Value = serde_json::from_str(&data).unwrap();
    assert_eq!((exit, &told["verified"]), (20, &Value::Bool(false)));
    assert!(told["failed"]["item"].as_str().unwrap().starts_with("reports/"));
    for (arguments, says) in [
        ("verify none.assay", "failed to read none.assay"),
        ("verify .", "it is no file"),
        ("verify x.assay --key x.assay", "read"),
        ("verify x.assay --since key.pem", "`checkpoint.txt` of an earlier bundle"),
    ] {
        let (exit, _, said) = assay(at, arguments, KIB);
        assert!(exit == 1 && said.contains(says) && said.ends_with("nothing was verified\n"), "{exit}: {said}");
    }
    assert_eq!(assay(at, "verify x.assay --quick", KIB).0, 2);
    assert!(bench.refused(1, &["bundle", "plug", "--out", "x.assay"]).contains("nothing is overwritten"));
}

/// The header of a file of this size: that of the bundle's first file, with another size and the checksum set right.
fn header(bundle: &[u8], size: u64) -> Vec<u8> {
    let mut block = bundle[..512].to_vec();
    block[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

#[test]
fn a_huge_file_takes_no_more_memory_than_a_small_one() {
    let (_, place) = bundled();
    let bytes = fs::read(place.path().join("x.assay")).unwrap();
    let size = 1_u64 << 30;
    let at = place.path().join("huge.assay");
    let mut file = fs::File::create(&at).unwrap();
    file.write_all(&header(&bytes, size)).unwrap();
    // A hole in the file: zero bytes that take no place on the disk, and the two blocks of the end.
    file.seek(SeekFrom::Start(512 + size + 1023)).unwrap();
    file.write_all(&[0]).unwrap();
    let (exit, _, said) = assay(place.path(), "verify huge.assay", KIB);
    assert!(exit == 20 && said.contains("manifest.json: "), "{exit}: {said}");
    // The same where the end is missing: nothing of the content is read.
    fs::File::options().write(true).open(&at).unwrap().set_len(512 + size).unwrap();
    let (exit, _, said) = assay(place.path(), "verify huge.assay", KIB);
    assert!(exit == 20 && said.contains("cut off"), "{exit}: {said}");
}
