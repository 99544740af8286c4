//! What sslyze found, from its JSON (`--json_out`, version 5 and later): versions, suites, certificates.
//!
//! A scan command that did not complete is a shortfall, with sslyze's word for it.

use std::collections::BTreeSet;
use std::io::Read;

use model::{Endpoint, Fact, Period, ShortfallKind, Timestamp, TlsVersion, Touches};
use serde::Deserialize as _;
use serde_json::Value;
use wire::text::visible_str;
use wire::tls::suites::CipherSuite;

use super::about::Book;
use super::json::{self, list, text};
use super::{About, ImportError, Imported, Importer, whole};
use crate::tls::certificate;
use crate::{Card, Need};

/// The card.
pub const CARD: Card = Card {
    id: "import.sslyze",
    revision: 3,
    asks: "Which TLS versions, cipher suites and certificates did sslyze find at this address?",
    yields: &["tls-version", "tls-suite", "tls-suites-refused", "certificate"],
    touches: Touches::Nothing,
    needs: &[Need::File],
};

/// The importer.
pub const IMPORTER: Importer = Importer {
    card: &CARD,
    format: "sslyze",
    reads: "JSON of sslyze (`--json_out FILE`), version 5 and later",
    level: model::Level::Imported,
    per_address: true,
    sniff: |begins| String::from_utf8_lossy(begins).contains("\"server_scan_results\""),
    interpret,
};

const MOST: u64 = 256 << 20;
const VERSIONS: &str = "tls-versions";
const COMMANDS: [(&str, TlsVersion); 6] = [
    ("ssl_2_0_cipher_suites", TlsVersion::Ssl2),
    ("ssl_3_0_cipher_suites", TlsVersion::Ssl3),
    ("tls_1_0_cipher_suites", TlsVersion::Tls10),
    ("tls_1_1_cipher_suites", TlsVersion::Tls11),
    ("tls_1_2_cipher_suites", TlsVersion::Tls12),
    ("tls_1_3_cipher_suites", TlsVersion::Tls13),
];

fn interpret(file: &mut dyn Read, parameters: &Value) -> Result<Imported, ImportError> {
    let about = About::deserialize(parameters)?;
    let (value, broken) = json::read(&whole(file, IMPORTER.format, MOST)?);
    let root = value.filter(|root| root.get("server_scan_results").is_some()).ok_or_else(|| {
        ImportError::NotThis { format: IMPORTER.format, why: "it has no `server_scan_results`".to_owned() }
    })?;
    let mut book = Book::new(&about);
    if let Some(why) = broken {
        book.short(ShortfallKind::Unreadable, VERSIONS, None, format!("the file breaks off: {why}"));
    }
    for server in list(&root, "server_scan_results") {
        let Some(location) = server.get("server_location") else { continue };
        let named = [text(location, "ip_address"), text(location, "hostname")];
        let named = named.into_iter().find(|name| !name.is_empty()).unwrap_or("?");
        let (Some(address), Some(port)) = (book.address(named), json::port(location, "port")) else { continue };
        read_server(Endpoint::tcp(address, port), server, &mut book);
    }
    let time = |name: &str| Timestamp::parse(text(&root, name)).ok();
    let measured = time("date_scans_started").zip(time("date_scans_completed"));
    let version = Some(visible_str(text(&root, "sslyze_version"), 40)).filter(|version| !version.is_empty());
    Ok(Imported {
        tool: Some("sslyze".to_owned()),
        version,
        measured: measured.map(|(from, until)| Period { from, until: until.max(from) }),
        ..book.finish()
    })
}

fn read_server(endpoint: Endpoint, server: &Value, book: &mut Book<'_>) {
    let status = text(server, "connectivity_status");
    let Some(result) = server.get("scan_result").filter(|result| status == "COMPLETED" && result.is_object())
    else {
        let text = format!("{endpoint}: sslyze could not connect: `{}`", visible_str(status, 60));
        book.short(ShortfallKind::Refused, VERSIONS, Some(endpoint), text);
        return;
    };
    let is_done = |command: &str| {
        let found = result.get(command).filter(|one| text(one, "status") == "COMPLETED");
        found.and_then(|one| one.get("result")).filter(|one| one.is_object())
    };
    let supported = |command: &str| {
        is_done(command).and_then(|one| one.get("is_tls_version_supported")).and_then(Value::as_bool)
    };
    if !COMMANDS.iter().any(|(command, _)| supported(command) == Some(true)) {
        let text = format!("{endpoint}: sslyze found no version that is accepted");
        book.short(ShortfallKind::Refused, VERSIONS, Some(endpoint), text);
        return;
    }
    for (command, version) in COMMANDS {
        let (Some(accepted), Some(found)) = (supported(command), is_done(command)) else {
            let status = result.get(command).map_or("missing", |one| text(one, "status"));
            let text = format!("{endpoint}: {version}: sslyze says `{}`", visible_str(status, 60));
            book.short(ShortfallKind::Missing, VERSIONS, Some(endpoint), text);
            continue;
        };
        book.fact(Fact::TlsVersion { endpoint, version, accepted });
        book.covered(VERSIONS, Some(endpoint), Vec::new(), format!("{version} at {endpoint}"));
        for suite in list(found, "accepted_cipher_suites").iter().filter(|_| version != TlsVersion::Ssl2) {
            let name = suite.get("cipher_suite").map_or("", |suite| text(suite, "name"));
            match CipherSuite::named(name) {
                Some(known) => {
                    let name = known.name.to_owned();
                    book.fact(Fact::TlsSuite { endpoint, version, id: known.id, name, rank: None });
                }
                None => {
                    let text = format!("{endpoint}: suite `{}` has no number here", visible_str(name, 80));
                    book.short(ShortfallKind::Unreadable, "tls-suites", Some(endpoint), text);
                }
            }
        }
        if accepted && let Some(fact) = refused(endpoint, version, found) {
            book.fact(fact);
        }
    }
    let Some(certificates) = is_done("certificate_info") else {
        let text = format!("{endpoint}: sslyze read no certificate");
        book.short(ShortfallKind::Missing, "certificates", Some(endpoint), text);
        return;
    };
    for deployment in list(certificates, "certificate_deployments") {
        for (index, one) in (0..).zip(list(deployment, "received_certificate_chain").iter().take(10)) {
            for der in wire::pem::certificates(text(one, "as_pem")) {
                if let Some(facts) = certificate::facts(endpoint, index, &der) {
                    book.fact(Fact::Certificate(facts));
                }
            }
        }
    }
}

/// Suites that sslyze lists as rejected.
fn refused(endpoint: Endpoint, version: TlsVersion, found: &Value) -> Option<Fact> {
    let named = list(found, "rejected_cipher_suites").iter();
    let named = named.filter_map(|one| CipherSuite::named(text(one.get("cipher_suite")?, "name")));
    let ids: BTreeSet<u16> = named.map(|suite| suite.id).collect();
    let is_told = version != TlsVersion::Ssl2 && !ids.is_empty();
    is_told.then(|| Fact::TlsSuitesRefused { endpoint, version, ids: ids.into_iter().collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = include_str!("samples/sslyze.json");

    fn read(text: &str) -> Imported {
        interpret(&mut text.as_bytes(), &serde_json::json!({"address": "192.0.2.7"})).unwrap()
    }

    fn versions(imported: &Imported) -> Vec<(TlsVersion, bool)> {
        let version = |fact: &Fact| match fact {
            Fact::TlsVersion { version, accepted, .. } => Some((*version, *accepted)),
            _ => None,
        };
        imported.reading.facts.iter().filter_map(version).collect()
    }

    #[test]
    fn real_output_is_read_with_its_version_and_times() {
        use TlsVersion::{Ssl2, Ssl3, Tls10, Tls11, Tls12, Tls13};
        let imported = read(SAMPLE);
        let expected = [(Ssl2, false), (Ssl3, false), (Tls10, true), (Tls11, true), (Tls12, true), (Tls13, true)];
        assert_eq!(versions(&imported), expected);
        assert_eq!(imported.version.as_deref(), Some("6.3.1"));
        assert!(imported.measured.unwrap().to_string().starts_with("2026-11-30T15:06:20"));
        let facts = &imported.reading.facts;
        assert!(facts.iter().any(|f| matches!(f, Fact::TlsSuite { version: Tls12, id: 0xc030, .. })));
        assert!(facts.iter().any(|f| matches!(f, Fact::Certificate(c) if c.subject.contains("plug.example"))));
        assert_eq!(imported.reading.shortfalls, []);
    }

    #[test]
    fn suites_that_were_rejected_are_told_of_accepted_versions_alone() {
        let refused = |text: &str| {
            let of = |fact: &Fact| match fact {
                Fact::TlsSuitesRefused { version, ids, .. } => Some((*version, ids.clone())),
                _ => None,
            };
            read(text).reading.facts.iter().filter_map(of).collect::<Vec<_>>()
        };
        let all = refused(SAMPLE);
        assert!(all.contains(&(TlsVersion::Tls12, vec![0x96])), "{all:?}");
        assert!(!all.iter().any(|(version, _)| *version <= TlsVersion::Ssl3), "{all:?}");
        assert_eq!(refused(&SAMPLE.replace("rejected_cipher_suites", "others")), []);
    }

    #[test]
    fn a_command_that_did_not_complete_settles_no_version() {
        for status in ["ERROR", "NOT_SCHEDULED", "completed"] {
            let mut root: Value = serde_json::from_str(SAMPLE).unwrap();
            root["server_scan_results"][0]["scan_result"]["tls_1_0_cipher_suites"]["status"] = status.into();
            let imported = read(&root.to_string());
            assert!(!versions(&imported).iter().any(|(version, _)| *version == TlsVersion::Tls10));
            assert!(imported.reading.shortfalls[0].text.contains(status));
        }
        let mut root: Value = serde_json::from_str(SAMPLE).unwrap();
        root["server_scan_results"][0]["connectivity_status"] = "ERROR".into();
        let imported = read(&root.to_string());
        assert!(imported.reading.facts.is_empty() && imported.about_target);
    }

    #[test]
    fn a_file_that_breaks_off_makes_nothing_up() {
        let whole = versions(&read(SAMPLE));
        for at in (0..SAMPLE.len()).step_by(97).filter(|at| SAMPLE.is_char_boundary(*at)) {
            let parameters = serde_json::json!({"address": "192.0.2.7"});
            let Ok(part) = interpret(&mut &SAMPLE.as_bytes()[..at], &parameters) else { continue };
            assert!(versions(&part).iter().all(|one| whole.contains(one)) && !part.reading.shortfalls.is_empty());
        }
    }
}
