//! Time stamps of checkpoints, by a complete authority that really runs: `openssl ts`.
#![allow(clippy::unwrap_used)]

mod program;

use std::fs;
use std::process::Command;

use program::Bench;
use rusqlite::Connection;

/// Runs openssl in the bench's folder.
fn openssl(bench: &Bench, arguments: &str) -> std::process::Output {
    let words = arguments.split_whitespace();
    Command::new("openssl").args(words).current_dir(bench.path("")).output().unwrap()
}

fn made(bench: &Bench, arguments: &str) {
    let output = openssl(bench, arguments);
    assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Makes an authority: its own certificate, and the files that `openssl ts` wants.
fn authority(bench: &Bench) {
    let config = "[req]\ndistinguished_name = dn\nx509_extensions = tsa\nprompt = no\n[dn]\nCN = Example Authority\n\
        [tsa]\nextendedKeyUsage = critical,timeStamping\n[ts]\ndefault_tsa = own\n[own]\nserial = serial\n\
        crypto_device = builtin\nsigner_cert = tsa.pem\nsigner_key = tsa.key\nsigner_digest = sha256\n\
        default_policy = 1.2.3.4.1\ndigests = sha256\naccuracy = secs:1\n";
    fs::write(bench.path("tsa.cnf"), config).unwrap();
    fs::write(bench.path("serial"), "01\n").unwrap();
    made(bench, "req -x509 -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.pem -days 30 -config tsa.cnf");
}

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["ledger", "timestamp", "--folder", "plug"], more].concat()
}

const REPLY: &str = "ts -reply -config tsa.cnf -section own";

#[test]
fn a_checkpoint_is_stamped_by_an_authority_and_the_stamp_verifies_with_openssl() {
    let bench = Bench::new();
    authority(&bench);
    assert_eq!(bench.state(&[]).exit, 0);
    bench.done(&with(&["--request", "out.tsq"]));
    assert!(bench.refused(1, &with(&["--request", "out.tsq"])).contains("out.tsq"), "nothing is overwritten");
    // Another record meanwhile: the stamp is of the checkpoint that was asked for.
    assert_eq!(bench.state(&[]).exit, 0);
    made(&bench, &format!("{REPLY} -queryfile out.tsq -out in.tsr"));
    let taken = bench.run(&with(&["--response", "in.tsr"]));
    assert!(taken.exit == 0 && taken.said.contains("recorded as number 4"), "{}", taken.said);
    assert!(taken.said.contains("over 3 records") && taken.said.contains("was not checked"), "{}", taken.said);
    let verified = bench.run(&["ledger", "verify", "--folder", "plug"]);
    assert!(verified.said.contains("Record 4") && verified.said.contains("1.2.3.4.1"), "{}", verified.said);
    assert!(verified.said.contains("was not checked by this program"));
    fs::create_dir(bench.path("stamps")).unwrap();
    let command = bench.done(&with(&["--export", "stamps"]));
    let command = command.strip_prefix("openssl ").unwrap().replace("AUTHORITY.pem", "tsa.pem");
    made(&bench, &command);
    fs::write(bench.path("stamps/checkpoint-4.txt"), "another checkpoint").unwrap();
    assert!(!openssl(&bench, &command).status.success());
}

#[test]
fn a_stamp_of_something_else_of_another_query_or_of_nobody_is_refused() {
    let bench = Bench::new();
    authority(&bench);
    assert_eq!(bench.state(&[]).exit, 0);
    let take = |file: &str| bench.refused(1, &["ledger", "timestamp", "--folder", "plug", "--response", file]);
    fs::write(bench.path("other"), "other bytes").unwrap();
    made(&bench, "ts -query -data other -sha256 -out other.tsq");
    made(&bench, &format!("{REPLY} -queryfile other.tsq -out other.tsr"));
    assert!(take("other.tsr").contains("no checkpoint of this ledger"));
    let checkpoint = bench.run(&["ledger", "checkpoint", "--folder", "plug"]).data;
    fs::write(bench.path("checkpoint"), checkpoint).unwrap();
    for (query, name) in [("-sha256", "nonce"), ("-sha256 -no_nonce", "none")] {
        made(&bench, &format!("ts -query -data checkpoint {query} -out {name}.tsq"));
        made(&bench, &format!("{REPLY} -queryfile {name}.tsq -out {name}.tsr"));
        assert!(take(&format!("{name}.tsr")).contains("another query"));
    }
    made(&bench, "ts -query -data checkpoint -sha512 -out long.tsq");
    made(&bench, &format!("{REPLY} -queryfile long.tsq -out long.tsr"));
    assert!(take("long.tsr").contains("did not grant"));
    assert!(take("other").contains("RFC 3161"));
    bench.refused(2, &["ledger", "timestamp", "--folder", "plug"]);
}

#[test]
fn a_recorded_stamp_whose_token_was_swapped_is_named() {
    let bench = Bench::new();
    authority(&bench);
    assert_eq!(bench.state(&[]).exit, 0);
    bench.done(&["ledger", "timestamp", "--folder", "plug", "--request", "out.tsq"]);
    made(&bench, &format!("{REPLY} -queryfile out.tsq -out in.tsr"));
    bench.done(&["ledger", "timestamp", "--folder", "plug", "--response", "in.tsr"]);
    let token = fs::read(bench.path("in.tsr")).unwrap();
    let database = Connection::open(bench.path("plug/.assay/ledger.sqlite")).unwrap();
    let length = i64::try_from(token.len()).unwrap();
    let digest: Vec<u8> =
        database.query_row("SELECT digest FROM blob WHERE length = ?1", [length], |row| row.get(0)).unwrap();
    let name: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let at = bench.path("plug/.assay/blobs").join(&name[..2]).join(&name[2..4]).join(&name);
    fs::write(&at, b"another token").unwrap();
    let said = bench.refused(20, &["ledger", "verify", "--folder", "plug"]);
    assert!(said.contains(&name) && said.contains("its bytes were altered"), "{said}");
}

#[test]
fn a_stranger_sees_of_a_bundle_that_its_stamp_is_over_a_checkpoint_of_its_log() {
    let bench = Bench::new();
    authority(&bench);
    assert_eq!(bench.state(&[]).exit, 0);
    bench.done(&["ledger", "timestamp", "--folder", "plug", "--request", "out.tsq"]);
    made(&bench, &format!("{REPLY} -queryfile out.tsq -out in.tsr"));
    bench.done(&["ledger", "timestamp", "--folder", "plug", "--response", "in.tsr"]);
    assert_eq!(bench.run(&["judge", "plug", "--record"]).exit, 11);
    for redacted in [false, true] {
        let name = if redacted { "redacted.assay" } else { "whole.assay" };
        let arguments = ["bundle", "plug", "--out", name, "--redact"];
        let arguments = if redacted { &arguments[..] } else { &arguments[..4] };
        let bundled = bench.run(arguments);
        assert_eq!(bundled.exit, 0, "{}", bundled.said);
        let verified = bench.run(&["verify", name]);
        assert_eq!(verified.exit, 0, "{}", verified.said);
        let line = |begin: &str| {
            let found = verified.data.lines().find(|line| line.starts_with(begin));
            found.unwrap_or_else(|| panic!("{name}: no `{begin}` in\n{}", verified.data)).to_owned()
        };
        assert!(line("ok   time stamps").contains("over 3 records"), "{}", verified.data);
        assert!(line("not  authority").contains("openssl ts -verify"), "{}", verified.data);
        let second = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/verify_bundle.py");
        let second = Command::new("python3").arg(second).arg(bench.path(name)).output().unwrap();
        assert!(second.status.success(), "{name}: {}", String::from_utf8_lossy(&second.stderr));
    }
}
