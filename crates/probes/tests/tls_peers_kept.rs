//! tls.server-offer beside testssl.sh and sslyze, at servers that are set up in many ways.
//!
//! Both take minutes, so what they said is kept in `tests/peers`, a line a finding, and the probe runs anew each time.
//! With `ASSAY_PEERS=testssl` or `sslyze`, the tool is run again and what it says is kept in place of the old:
//! `ASSAY_PEERS=testssl cargo nextest run -p probes --test tls_peers_kept keeps`.
#![allow(clippy::unwrap_used)]

mod lab;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use lab::endpoints::{Kind, kinds};
use lab::told::told;
use model::Endpoint;
use probes::tls::server_offer::{Parameters, StartTls, gather, interpret};
use probes::{Limits, LiveBench, Scope};
use serde_json::Value;
use testkit::{Server, ready};
use wire::tls::suites::CipherSuite;

fn kept_at(tool: &str, name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/peers/{tool}.{name}.txt"))
}

fn word(via: StartTls) -> &'static str {
    match via {
        StartTls::Smtp => "smtp",
        StartTls::Imap => "imap",
        StartTls::Pop3 => "pop3",
        StartTls::Ftp => "ftp",
    }
}

/// What testssl.sh says, as `id<TAB>finding`; long ones, such as certificates, are left out.
fn testssl(server: &Server, via: Option<StartTls>) -> Option<String> {
    let to = server.dir().join("testssl.json");
    let mut command = Command::new("testssl");
    command.args(["--quiet", "--color", "0", "--warnings", "off", "--ip", "one", "--jsonfile"]).arg(&to);
    command.args(["-p", "-f", "-P", "-E", "-S", "-U"]);
    if let Some(via) = via {
        command.args(["-t", word(via)]);
    }
    command.arg(server.at().to_string()).output().ok()?;
    let findings: Value = serde_json::from_str(&std::fs::read_to_string(to).ok()?).unwrap();
    let lines = findings.as_array()?.iter().filter_map(|one| {
        let (id, says) = (one["id"].as_str()?, one["finding"].as_str()?);
        (id != "cert" && says.len() < 600).then(|| format!("{id}\t{}\n", says.replace('\n', " ")))
    });
    Some(lines.collect())
}

/// What sslyze says, as `path<TAB>value`, a line for each value that is none of a certificate's own.
fn sslyze(server: &Server, via: Option<StartTls>) -> Option<String> {
    let to = server.dir().join("sslyze.json");
    let mut command = Command::new("sslyze");
    command.arg(format!("--json_out={}", to.display()));
    command.args([
        "--mozilla_config=disable",
        "--certinfo",
        "--sslv2",
        "--sslv3",
        "--tlsv1",
        "--tlsv1_1",
        "--tlsv1_2",
    ]);
    command.args([
        "--tlsv1_3",
        "--compression",
        "--early_data",
        "--fallback",
        "--heartbleed",
        "--openssl_ccs",
        "--robot",
    ]);
    command.args(["--reneg", "--resum", "--elliptic_curves", "--ems"]);
    if let Some(via) = via {
        command.arg(format!("--starttls={}", word(via)));
    }
    command.arg(server.at().to_string()).output().ok()?;
    let text = std::fs::read_to_string(to).ok()?;
    // A modulus is a number beyond what the reader of JSON takes.
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("\"rsa_n\"")).collect::<Vec<_>>();
    let root: Value = serde_json::from_str(&lines.join("\n")).unwrap();
    let result = root["server_scan_results"][0]["scan_result"].as_object()?;
    let mut lines = Vec::new();
    for (command, said) in result {
        flatten(command, &said["result"], &mut lines);
    }
    Some(lines.concat())
}

fn flatten(path: &str, value: &Value, lines: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                // What it knows of the authorities of browsers, what it refused, and the bytes of keys and certificates.
                const LEFT_OUT: [&str; 16] = [
                    "path_validation",
                    "verified",
                    "as_pem",
                    "rejected",
                    "leaf_certificate",
                    "openssl_",
                    "public_bytes",
                    "hpkp",
                    "fingerprint",
                    "serial_number",
                    "attributes",
                    "dotted_string",
                    "ec_",
                    "rsa_",
                    "certificate_deployment_with_sni",
                    "hostname_used",
                ];
                let is_left_out = matches!(name.as_str(), "x" | "y" | "prime" | "generator")
                    || LEFT_OUT.iter().any(|left| name.starts_with(left));
                if !is_left_out {
                    flatten(&format!("{path}.{name}"), value, lines);
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| flatten(path, value, lines)),
        Value::Null => {}
        Value::String(text) if text.len() > 200 => {}
        Value::String(text) => lines.push(format!("{path}\t{text}\n")),
        other => lines.push(format!("{path}\t{other}\n")),
    }
}

/// A word that any of these is.
type Words = Vec<String>;

/// What a finding is for this comparison.
enum Said {
    /// The probe has to tell one of these.
    One(Words),
    /// The probe has to tell each of these.
    Each(Words),
    /// It rests on nothing that the probe is asked for: the reference page says why.
    NotAsked,
    /// Nobody has said yet what it is.
    Unknown,
}

fn one(word: impl Into<String>) -> Said {
    Said::One(vec![word.into()])
}

/// A finding of testssl.sh.
fn of_testssl(id: &str, says: &str) -> Said {
    let version = |id: &str| {
        Some(match id {
            "SSLv2" => "ssl-2.0",
            "SSLv3" => "ssl-3.0",
            "TLS1" => "tls-1.0",
            "TLS1_1" => "tls-1.1",
            "TLS1_2" => "tls-1.2",
            "TLS1_3" => "tls-1.3",
            _ => return None,
        })
    };
    if let Some(version) = version(id) {
        return if says.starts_with("offered") { one(format!("version {version}")) } else { Said::NotAsked };
    }
    if let Some((of, number)) = id.strip_prefix("cipher-").and_then(|rest| rest.split_once("_x")) {
        let number = u16::from_str_radix(number, 16).unwrap();
        return one(format!("suite {} {number:04x}", version(&of.to_uppercase()).unwrap()));
    }
    let curve = |name: &str| match name {
        "prime256v1" => "secp256r1".to_owned(),
        other => other.to_lowercase(),
    };
    match id {
        "PFS_ECDHE_curves" => {
            Said::Each(says.split_whitespace().map(|name| format!("group {}", curve(name))).collect())
        }
        // Named groups of TLS 1.3; before it they are of RFC 7919, of which the probe tells the size that is taken unasked.
        "DH_groups" if says.contains("ffdhe") => {
            Said::Each(says.split_whitespace().map(|name| format!("group {name}|nothing above 1.2")).collect())
        }
        "cert_keySize" => one(format!("key {}", says.split_whitespace().nth(1).unwrap())),
        "cert_signatureAlgorithm" => one(match says.split_once(" with ").unwrap() {
            ("ECDSA", hash) => format!("signed ecdsa-with-{}", hash.to_lowercase()),
            (hash, _) => format!("signed {}withrsaencryption", hash.to_lowercase()),
        }),
        "sessionresumption_ticket" | "sessionresumption_ID" if says == "supported" => {
            one("resumption taken|resumption not looked at")
        }
        "sessionresumption_ticket" | "sessionresumption_ID" => Said::NotAsked,
        "secure_client_renego" if says.starts_with("VULNERABLE") => one("client-renegotiation secure"),
        "secure_client_renego" if says == "not vulnerable" => {
            one("client-renegotiation refused|renegotiation not looked at")
        }
        "secure_client_renego" if says == "not vulnerable, TLS 1.3 only" => one("nothing below 1.3"),
        "secure_renego" if says == "supported" => one("secure-renegotiation supported"),
        "CRIME_TLS" if says.starts_with("not vulnerable") => one("compression none|nothing below 1.3"),
        "fallback_SCSV" if says == "supported" => one("fallback-signal honoured|one version"),
        "OCSP_stapling" if says.starts_with("offered") => one("ocsp-staple present"),
        "TLS_extensions" => {
            let of = [
                ("renegotiation info", "secure-renegotiation supported"),
                ("session ticket", "session-ticket offered"),
                ("heartbeat", "heartbeat offered"),
                ("encrypt-then-mac", "encrypt-then-mac supported"),
                ("extended master secret", "extended-master-secret supported"),
            ];
            Said::Each(
                of.iter().filter(|(name, _)| says.contains(name)).map(|(_, word)| (*word).to_owned()).collect(),
            )
        }
        // What was not found, or could not be.
        "secure_renego" | "CRIME_TLS" | "fallback_SCSV" | "OCSP_stapling" | "DH_groups" => Said::NotAsked,
        // Names of kinds of suites and of attacks on them: each suite by itself is compared.
        _ if id.starts_with("cipherlist_") || id.starts_with("BEAST") || id.starts_with("PFS") => Said::NotAsked,
        "SWEET32" | "FREAK" | "LUCKY13" | "RC4" | "LOGJAM" | "DROWN" | "DROWN_hint" | "POODLE_SSL" => {
            Said::NotAsked
        }
        // The order is told by rank, compared in tls_server_offer.rs.
        _ if id.starts_with("cipher_order") || id.starts_with("cipherorder_") => Said::NotAsked,
        "protocol_negotiated" | "cipher_negotiated" | "optimal_proto" => Said::NotAsked,
        // Named on the reference page as not found.
        "heartbleed"
        | "CCS"
        | "ticketbleed"
        | "ROBOT"
        | "BREACH"
        | "LOGJAM-common_primes"
        | "TLS_session_ticket"
        | "SSL_sessionID_support"
        | "TLS_timestamp"
        | "NPN"
        | "ALPN"
        | "DNS_CAArecord"
        | "certificate_transparency" => Said::NotAsked,
        // What a certificate says of itself is in the facts as it stands there, and trust by browsers is not asked.
        _ if id.starts_with("cert_") || id.starts_with("certs_") => Said::NotAsked,
        // Of the tool itself.
        "engine_problem" | "service" | "pre_128cipher" | "scanTime" | "scanProblem" => Said::NotAsked,
        _ => Said::Unknown,
    }
}

/// A finding of sslyze.
fn of_sslyze(path: &str, says: &str) -> Said {
    let (command, field) = path.split_once('.').unwrap();
    if let Some(version) = command.strip_suffix("_cipher_suites") {
        let version = version.replace("tls_1_", "tls-1.").replace("ssl_", "ssl-").replace("_0", ".0");
        return match field {
            "is_tls_version_supported" if says == "true" => one(format!("version {version}")),
            "accepted_cipher_suites.cipher_suite.name" => {
                one(format!("suite {version} {:04x}", CipherSuite::named(says).unwrap().id))
            }
            "accepted_cipher_suites.ephemeral_key.curve_name" => one(format!("group {}", says.to_lowercase())),
            _ => Said::NotAsked,
        };
    }
    match (command, field, says) {
        ("elliptic_curves", "supported_curves.name", name) => one(format!("group {}", name.to_lowercase())),
        ("session_resumption", _, "FULLY_SUPPORTED") => one("resumption taken|resumption not looked at"),
        ("tls_1_3_early_data", "supports_early_data", "true") => one("early-data accepted"),
        ("tls_compression", _, "false") => one("compression none|nothing below 1.3"),
        ("tls_fallback_scsv", _, "true") => one("fallback-signal honoured|one version"),
        ("session_renegotiation", "supports_secure_renegotiation", "true") => {
            one("secure-renegotiation supported|nothing below 1.3")
        }
        ("session_renegotiation", "is_vulnerable_to_client_renegotiation_dos", "true") => {
            one("client-renegotiation secure")
        }
        ("session_renegotiation", "is_vulnerable_to_client_renegotiation_dos", "false") => {
            one("client-renegotiation refused|renegotiation not looked at|nothing below 1.3")
        }
        ("tls_extended_master_secret", _, "true") => one("extended-master-secret supported|nothing below 1.3"),
        ("certificate_info", path, says) if path.ends_with("public_key.key_size") => one(format!("key {says}")),
        ("certificate_info", path, says) if path.ends_with("signature_algorithm_oid.name") => {
            one(format!("signed {}", says.to_lowercase()))
        }
        ("heartbleed" | "openssl_ccs_injection" | "robot" | "session_resumption" | "tls_1_3_early_data", ..)
        | ("session_renegotiation" | "certificate_info" | "elliptic_curves", ..)
        | ("tls_compression" | "tls_fallback_scsv" | "tls_extended_master_secret", ..) => Said::NotAsked,
        _ => Said::Unknown,
    }
}

/// What the probe tells of a server now; of groups and suites also without the version.
fn tells(kind: &Kind) -> Option<BTreeSet<String>> {
    let server = ready(kind.start())?;
    let to = Endpoint::tcp(server.at().ip(), server.port());
    let mut bench = LiveBench::new(Scope::of([to.address]), Limits { wait_millis: 1500, ..Limits::default() });
    let starttls = kind.via.map(|via| (to, via)).into_iter().collect();
    let log = gather(&Parameters { endpoints: vec![to], host: None, starttls }, &mut bench);
    let reading = interpret(&log);
    let mut words = told(&reading);
    let groups: Vec<String> = words
        .iter()
        .filter_map(|word| word.strip_prefix("group ")?.split_once(' ').map(|(_, name)| format!("group {name}")))
        .collect();
    words.extend(groups);
    // Where there is nothing to fall back to, or nothing that compresses and renegotiates, both tools praise it all the same.
    let versions: Vec<&String> = words.iter().filter(|word| word.starts_with("version ")).collect();
    let (is_one, is_new) = (versions.len() == 1, versions.iter().all(|version| *version == "version tls-1.3"));
    let is_old = !words.contains("version tls-1.3");
    words.extend(is_old.then(|| "nothing above 1.2".to_owned()));
    words.extend(is_one.then(|| "one version".to_owned()));
    words.extend(is_new.then(|| "nothing below 1.3".to_owned()));
    // It takes a suite that the bench's own client speaks.
    let is_looked_at = words.iter().any(|word| word.starts_with("resumption "));
    words.extend((!is_looked_at).then(|| "resumption not looked at".to_owned()));
    // Likewise of the suites that renegotiation is asked with; old versions have none.
    let is_speaking = words.iter().any(|word| {
        let suite = word.strip_prefix("suite tls-1.2 ").and_then(|id| u16::from_str_radix(id, 16).ok());
        suite.is_some_and(|id| wire::tls::whole::SUITES.contains(&id))
    });
    words.extend((!is_speaking).then(|| "renegotiation not looked at".to_owned()));
    Some(words)
}

#[test]
fn what_testssl_and_sslyze_found_is_found() {
    let (mut compared, mut findings, mut wrong) = (0, 0, Vec::new());
    for kind in kinds() {
        let Some(words) = tells(&kind) else { continue };
        let mut is_compared = false;
        for (tool, of) in [("testssl", of_testssl as fn(&str, &str) -> Said), ("sslyze", of_sslyze)] {
            let Ok(kept) = std::fs::read_to_string(kept_at(tool, kind.name)) else { continue };
            is_compared = true;
            for (id, says) in kept.lines().filter_map(|line| line.split_once('\t')) {
                // Several ways to say the same stand beside one another.
                let is_told = |wanted: &String| wanted.split('|').any(|word| words.contains(word));
                let missed = match of(id, says) {
                    Said::One(wanted) | Said::Each(wanted) => {
                        findings += wanted.len();
                        !wanted.iter().all(is_told)
                    }
                    Said::NotAsked => false,
                    Said::Unknown => true,
                };
                if missed {
                    wrong.push(format!("{} {tool}: {id}: {says}", kind.name));
                }
            }
        }
        compared += usize::from(is_compared);
    }
    assert!(wrong.is_empty(), "{}\n{} missed", wrong.join("\n"), wrong.len());
    assert!(compared == 0 || compared >= 12, "only {compared} servers were compared, with {findings} findings");
}

#[test]
fn keeps_what_other_tools_say_where_it_is_asked_to() {
    let Ok(tool) = std::env::var("ASSAY_PEERS") else { return };
    let only = std::env::var("ASSAY_PEERS_AT").ok();
    std::thread::scope(|threads| {
        let mut running = Vec::new();
        for kind in kinds()
            .into_iter()
            .filter(|kind| only.as_deref().is_none_or(|only| only.split(',').any(|one| one == kind.name)))
        {
            let Some(server) = ready(kind.start()) else { continue };
            let tool = tool.clone();
            running.push(threads.spawn(move || {
                let said = match tool.as_str() {
                    "testssl" => testssl(&server, kind.via),
                    _ => sslyze(&server, kind.via),
                };
                // sslyze says nothing of a server whose suites it does not speak.
                if let Some(said) = said {
                    std::fs::write(kept_at(&tool, kind.name), said).unwrap();
                }
            }));
            // testssl.sh mostly waits, so that a few at a time take nothing from one another.
            if running.len() == 4 {
                running.remove(0).join().unwrap();
            }
        }
        for one in running {
            one.join().unwrap();
        }
    });
}
