//! net.services beside ssh-audit, at SSH servers that are set up in several ways.
//!
//! What ssh-audit said is kept in `tests/peers`, a line a finding, and the probe runs anew each time. With
//! `ASSAY_PEERS=ssh-audit` the tool is run again and what it says is kept in place of the old.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use model::{Fact, Reading};
use probes::net::services::{Parameters, gather, interpret};
use probes::*;
use serde_json::Value;
use testkit::servers::{AsyncSsh, Dropbear, OpenSsh};
use testkit::{Server, Site, StartError, ready};

/// Algorithms by kind, and the sizes of keys and groups where it told them.
fn ssh_audit(server: &Server) -> String {
    let at = server.at();
    let output =
        Command::new("ssh-audit").args(["-j", "-p", &at.port().to_string(), &at.ip().to_string()]).output();
    let said: Value = serde_json::from_slice(&output.unwrap().stdout).unwrap();
    let mut lines = String::new();
    for kind in ["kex", "key", "enc", "mac"] {
        for one in said[kind].as_array().unwrap() {
            let name = one["algorithm"].as_str().unwrap();
            lines.push_str(&format!("{kind}\t{name}\n"));
            // What it could not measure has size 0; of other keys the name tells it.
            let about = if kind == "kex" { "group" } else { "size" };
            if let Some(size) =
                one["keysize"].as_u64().filter(|size| *size > 0 && (kind == "kex" || name.contains("rsa")))
            {
                lines.push_str(&format!("{about}\t{size}\n"));
            }
        }
    }
    lines
}

fn told(reading: &Reading) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for fact in &reading.facts {
        match fact {
            Fact::SshOffer { lists, .. } => {
                const KINDS: [(&str, &str); 4] = [
                    ("kex", "key-exchange"),
                    ("key", "host-key"),
                    ("enc", "encryption-to-client"),
                    ("mac", "mac-to-client"),
                ];
                let named = KINDS.iter().flat_map(|(kind, list)| lists[*list].iter().map(move |n| (kind, n)));
                found.extend(named.map(|(kind, name)| format!("{kind}\t{name}")));
            }
            Fact::SshGroup { bits: Some(bits), .. } => drop(found.insert(format!("group\t{bits}"))),
            Fact::SshHostKey { bits, .. } => drop(found.insert(format!("size\t{bits}"))),
            _ => {}
        }
    }
    found
}

/// Of OpenSSH, ssh-audit passes over the group of 2048 bits that it falls back to, and tells the next larger: the
/// probe has to tell one that is no larger.
fn is_told(found: &BTreeSet<String>, line: &str) -> bool {
    let group = |line: &str| line.strip_prefix("group\t")?.parse::<u32>().ok();
    match group(line) {
        Some(bits) => found.iter().filter_map(|told| group(told)).any(|told| told <= bits),
        None => found.contains(line),
    }
}

#[track_caller]
fn keeps(name: &str, server: Result<Server, StartError>) {
    let Some(server) = ready(server) else { return };
    let kept = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/peers/ssh-audit.{name}.txt"));
    if std::env::var("ASSAY_PEERS").is_ok_and(|tool| tool == "ssh-audit") {
        std::fs::write(&kept, ssh_audit(&server)).unwrap();
    }
    let at = server.at();
    let mut bench = LiveBench::new(Scope::of([at.ip()]), Limits::default());
    let parameters =
        Parameters { address: at.ip(), ports: vec![at.port()], host: None, known: Default::default() };
    let found = told(&interpret(&gather(&parameters, &mut bench)));
    let said = std::fs::read_to_string(kept).unwrap();
    let missed: Vec<&str> = said.lines().filter(|line| !is_told(&found, line)).collect();
    assert!(!said.is_empty() && missed.is_empty(), "{name}: {missed:?} in {found:#?}");
}

#[test]
fn nothing_that_ssh_audit_finds_is_missed() {
    let site = Site::loopback();
    let openssh = |rsa_bits, lines: &[&str]| {
        let config = lines.iter().map(|line| (*line).to_owned()).collect();
        OpenSsh { config, rsa_bits, ..OpenSsh::default() }.start(&site)
    };
    keeps("openssh", openssh(None, &[]));
    let old = [
        "KexAlgorithms +diffie-hellman-group-exchange-sha1,diffie-hellman-group1-sha1",
        "Ciphers +aes128-cbc,3des-cbc",
        "MACs +hmac-md5,hmac-sha1-96",
        "HostKeyAlgorithms +ssh-rsa",
    ];
    keeps("openssh-old", openssh(Some(2048), &old));
    let narrow = [
        "KexAlgorithms diffie-hellman-group-exchange-sha256,curve25519-sha256",
        "Ciphers aes256-ctr",
        "MACs hmac-sha2-256",
    ];
    keeps("openssh-narrow", openssh(Some(3072), &narrow));
    keeps("dropbear", Dropbear::default().start(&site));
    keeps("asyncssh", AsyncSsh.start(&site));
}
