//! The fault matrix: the good product fails nothing, and each fault fails exactly what the table says.
//!
//! Every trial is the whole thread: product on a loopback network of its own, all probes, all rules. Faults that no
//! probe of this family can see (the inside of the update client, what a factory reset leaves, …) are not in the table.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use app::demo::{SAMPLE, trial};
use catalogue::Catalogue;
use dossier::SourceText;
use engine::{Evidence, View};
use model::{Outcome, Timestamp};

/// What an offer of the product's web server below the declared one breaks: every unit that applies 5.5-1-2a to it.
const TLS: &[&str] = &[
    "5.1-3-2a @ AuthMech-Web",
    "5.5-1-2a @ SecComMech-HTTPS",
    "5.5-4-2c @ SoftServ-Administration",
    "5.5-4-2c @ SoftServ-Socket",
    "5.5-4-2c @ SoftServ-UserData",
    "5.5-5-2a @ SoftServ-Administration",
    "5.5-6-2a @ SecComMech-HTTPS",
    "5.5-7-2a @ SecComMech-HTTPS",
    "5.8-1-2a @ SecComMech-HTTPS",
];
/// The same for the two mechanisms that lead to the associated service.
const CLOUD_TLS: &[&str] = &[
    "5.1-3-2a @ AuthMech-Cloud",
    "5.5-1-2a @ SecComMech-Telemetry",
    "5.5-1-2a @ SecComMech-Update",
    "5.8-1-2a @ SecComMech-Telemetry",
    "5.8-2-2a @ SecComMech-Telemetry",
];

/// Fault of the product, and the unit instances that fail with it.
const PRODUCT: &[(&str, &[&str])] = &[
    ("", &[]),
    ("password-default", &["5.1-1-2c @ AuthMech-Web", "5.1-2-2a @ AuthMech-Web"]),
    ("backdoor-account", &["5.1-1-2c @ AuthMech-Web", "5.1-2-2a @ AuthMech-Web"]),
    ("no-lockout", &["5.1-5-2b @ AuthMech-Camera", "5.1-5-2b @ AuthMech-Web"]),
    ("lockout-per-connection", &["5.1-5-2b @ AuthMech-Camera", "5.1-5-2b @ AuthMech-Web"]),
    ("config-unauthenticated", &["5.5-4-2a @ SoftServ-Administration", "5.5-5-2a @ SoftServ-Administration"]),
    ("guest-can-configure", &["5.5-4-2a @ SoftServ-Administration", "5.5-5-2a @ SoftServ-Administration"]),
    ("login-empty-password", &["5.1-1-2c @ AuthMech-Web", "5.1-2-2a @ AuthMech-Web"]),
    ("state-unauthenticated", &["5.5-4-2a @ SoftServ-Socket"]),
    ("userdata-unauthenticated", &["5.5-4-2a @ SoftServ-UserData"]),
    ("telnet-open", &["5.1-1-2a", "5.1-2A-2a", "5.1-5-2a", "5.5-5-2b", "5.6-1-2c"]),
    ("telnet-root-shell", &["5.5-5-2b", "5.6-1-2c"]),
    ("ftp-anonymous", &["5.1-1-2a", "5.1-2A-2a", "5.1-5-2a", "5.5-5-2b", "5.6-1-2c"]),
    ("debug-port-open", &["5.5-5-2b", "5.6-1-2c"]),
    ("mqtt-broker-open", &["5.5-5-2b", "5.6-1-2c"]),
    ("info-disclosure-status", &["5.6-2-2a @ LogIntf-HTTPS"]),
    ("openapi-public", &["5.5-4-2a @ SoftServ-Administration", "5.6-2-2a @ LogIntf-HTTPS"]),
    ("server-banner", &["5.5-2-2a @ NetSecImpl-Services", "5.6-2-2a @ LogIntf-HTTP", "5.6-2-2a @ LogIntf-HTTPS"]),
    ("mdns-leaks-serial", &["5.6-2-2a @ LogIntf-MDNS"]),
    ("ssdp-leaks-serial", &["5.6-2-2a @ LogIntf-HTTP", "5.6-2-2a @ LogIntf-SSDP"]),
    ("config-backup-public", &["5.6-2-2a @ LogIntf-HTTPS"]),
    ("tls-1.0", TLS),
    ("tls-1.1", TLS),
    ("tls-sslv3", TLS),
    ("tls-rc4", TLS),
    ("tls-null", TLS),
    ("tls-export", TLS),
    ("tls-anon", TLS),
    ("tls-weak-key", TLS),
    ("tls-expired-cert", TLS),
    ("cloud-tls-1.0", CLOUD_TLS),
    ("cloud-tls-rc4", CLOUD_TLS),
    ("policy-behind-login", &["5.2-1-2a"]),
    ("policy-missing", &["5.2-1-2a"]),
    ("support-period-behind-login", &["5.3-13-2b"]),
    ("sensors-doc-missing", &["5.8-3-1a"]),
    ("input-oversize-crash", &["5.13-1B-2a @ InpVal-Configuration", "5.13-1B-2a @ InpVal-State"]),
    ("input-type-confusion", &["5.13-1B-2a @ InpVal-Configuration", "5.13-1B-2a @ InpVal-State"]),
    ("input-reflected", &["5.13-1A-2b @ InpVal-Page"]),
    ("input-command-injection", &["5.13-1B-2a @ InpVal-Configuration"]),
    ("path-traversal", &["5.13-1B-2a @ InpVal-Files"]),
];

/// Fault of the dossier: file, text, what stands there instead, and the unit instances that fail with it.
const PAPER: &[(&str, &str, &str, &[&str])] = &[
    ("ixit/4-Conf.toml", "Vulnerability Actions\" = \"Yes\"", "Vulnerability Actions\" = \"No\"", &["5.2-2-1b"]),
    (
        "ixit/4-Conf.toml",
        "Vulnerability Monitoring\" = \"Yes\"",
        "Vulnerability Monitoring\" = \"No\"",
        &["5.2-3-1d"],
    ),
    ("ixit/4-Conf.toml", "Update Procedures\" = \"Yes\"", "Update Procedures\" = \"No\"", &["5.3-8-1b"]),
    ("ixit/4-Conf.toml", "Secure Management\" = \"Yes\"", "Secure Management\" = \"No\"", &["5.5-8-1b"]),
    ("ixit/4-Conf.toml", "Secure Development\" = \"Yes\"", "Secure Development\" = \"No\"", &["5.6-9-1b"]),
    (
        "ixit/10-SecParam.toml",
        "guarantees = [\"confidentiality\", \"integrity\"]",
        "guarantees = [\"integrity\"]",
        &["5.4-1-1b @ SecParam-AdminPassword"],
    ),
    (
        "ixit/15-PhyIntf.toml",
        "status = \"disabled-permanently\"\ndebug = false",
        "status = \"enabled\"\ndebug = false",
        &["5.6-3-1b @ PhyIntf-Ble"],
    ),
];

/// Unit instances that fail when the product runs with these faults.
fn failing(faults: &str, network: &str) -> BTreeSet<String> {
    let at = tempfile::tempdir().unwrap();
    let done = trial(&at.path().join("d"), faults, network, &mut |_| ()).unwrap();
    let instances = &done.assessed.assessment.instances;
    instances.iter().filter(|i| i.judgement.outcome == Outcome::Fail).map(|i| i.id.to_string()).collect()
}

#[test]
fn each_fault_of_the_product_fails_exactly_its_unit_instances_and_the_good_product_none() {
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((fault, expected)) = PRODUCT.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let number = PRODUCT.iter().position(|(name, _)| name == fault).unwrap();
                    let seen = failing(fault, &format!("127.0.{}", 100 + number));
                    if seen != expected.iter().map(|e| (*e).to_owned()).collect() {
                        wrong.lock().unwrap().insert(*fault, seen);
                    }
                }
            });
        }
    });
    // On a busy machine a lockout of two seconds can end between two guesses: what differs is tried again, alone.
    let mut wrong = wrong.into_inner().unwrap();
    wrong.retain(|fault, seen| {
        let number = PRODUCT.iter().position(|(name, _)| name == fault).unwrap();
        *seen = failing(fault, &format!("127.0.{}", 180 + number));
        *seen != PRODUCT[number].1.iter().map(|e| (*e).to_owned()).collect::<BTreeSet<_>>()
    });
    assert!(wrong.is_empty(), "other instances fail than the table says:\n{wrong:#?}");
}

#[test]
fn at_least_thirty_faults_are_told_apart_across_the_clauses() {
    let named: BTreeMap<String, String> = app::demo::faults().map(|(name, clause, _)| (name, clause)).collect();
    let clauses: BTreeSet<&str> = PRODUCT
        .iter()
        .filter(|(name, _)| !name.is_empty())
        .map(|(name, _)| named.get(*name).unwrap_or_else(|| panic!("{name} is no fault")))
        .filter_map(|clause| clause.split('-').next())
        .collect();
    assert!(PRODUCT.len() > 30);
    for clause in ["5.1", "5.2", "5.5", "5.6", "5.8", "5.13"] {
        assert!(clauses.contains(clause), "no fault of {clause}");
    }
}

/// Unit instances that fail on the sample's declarations alone, with one edit.
fn declared(edit: Option<(&str, &str, &str)>) -> BTreeSet<String> {
    let sources = SAMPLE.iter().map(|(path, text)| {
        let text = match edit {
            Some((file, from, to)) if file == *path => {
                assert!(text.contains(from), "{file} has no `{from}`");
                text.replacen(from, to, 1)
            }
            _ => (*text).to_owned(),
        };
        SourceText { path: (*path).to_owned(), text }
    });
    let (dossier, _) = dossier::read(sources.collect());
    let evidence = Evidence::default();
    let catalogue = Catalogue::of(dossier.edition());
    let at = Timestamp::from_seconds(1_790_000_000);
    let assessment = engine::judge(&View { catalogue, dossier: &dossier, evidence: &evidence, at });
    let failed = assessment.instances.iter().filter(|i| i.judgement.outcome == Outcome::Fail);
    failed.map(|i| i.id.to_string()).collect()
}

#[test]
fn each_fault_of_the_dossier_fails_exactly_its_unit_instances_and_the_good_dossier_none() {
    assert!(declared(None).is_empty(), "{:?}", declared(None));
    for (file, from, to, expected) in PAPER {
        let expected: BTreeSet<String> = expected.iter().map(|e| (*e).to_owned()).collect();
        assert_eq!(declared(Some((file, from, to))), expected, "{file}: {to}");
    }
}

#[test]
fn the_built_in_sample_is_the_sample_of_the_tree() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/smart-plug");
    let mut files = BTreeSet::new();
    for part in ["", "ixit"] {
        for entry in std::fs::read_dir(folder.join(part)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.ends_with(".toml") {
                files.insert(if part.is_empty() { name } else { format!("{part}/{name}") });
            }
        }
    }
    assert_eq!(files, SAMPLE.iter().map(|(path, _)| (*path).to_owned()).collect());
}
