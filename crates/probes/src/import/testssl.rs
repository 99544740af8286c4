//! What testssl.sh found, from its JSON, flat (`--jsonfile`) or pretty (`--jsonfile-pretty`), whole or broken off.
//!
//! Versions, suites and certificates are read, each in the words testssl has for it: `offered` and `not offered`. Any
//! other word settles nothing. What testssl thinks of it is not read.

use std::io::Read;

use model::{Endpoint, Fact, Period, ShortfallKind, Timestamp, TlsVersion, Touches};
use serde::Deserialize as _;
use serde_json::Value;
use wire::text::visible_str;
use wire::tls::suites::suite_name;

use super::about::Book;
use super::json::{self, flat_objects, list, text};
use super::refused::unlisted;
use super::{About, ImportError, Imported, Importer, whole};
use crate::tls::certificate;
use crate::{Card, Need};

/// The card.
pub const CARD: Card = Card {
    id: "import.testssl",
    revision: 2,
    asks: "Which TLS versions, cipher suites and certificates did testssl.sh find at this address?",
    yields: &["tls-version", "tls-suite", "tls-suites-refused", "certificate"],
    touches: Touches::Nothing,
    needs: &[Need::File],
};

/// The importer.
pub const IMPORTER: Importer = Importer {
    card: &CARD,
    format: "testssl",
    reads: "JSON of testssl.sh (`--jsonfile` or `--jsonfile-pretty`)",
    level: model::Level::Imported,
    per_address: true,
    sniff: |begins| {
        let text = String::from_utf8_lossy(begins);
        let text = text.trim_start_matches('\u{feff}').trim_start();
        let flat = text.starts_with('[') && ["\"severity\"", "\"finding\""].iter().all(|word| text.contains(word));
        flat || (text.starts_with('{') && text.contains("\"Invocation\"") && text.contains("testssl"))
    },
    interpret,
};

const MOST: u64 = 64 << 20;
const VERSIONS: &str = "tls-versions";
/// What testssl's table of suites lacks, by number.
const LACKS: [u16; 6] = [0xc6, 0xc7, 0xd001, 0xd002, 0xd003, 0xd005];
const NAMES: [(&str, TlsVersion); 6] = [
    ("SSLv2", TlsVersion::Ssl2),
    ("SSLv3", TlsVersion::Ssl3),
    ("TLS1", TlsVersion::Tls10),
    ("TLS1_1", TlsVersion::Tls11),
    ("TLS1_2", TlsVersion::Tls12),
    ("TLS1_3", TlsVersion::Tls13),
];

/// One finding, with the endpoint it is of.
struct Finding {
    endpoint: Endpoint,
    id: String,
    says: String,
}

fn interpret(file: &mut dyn Read, parameters: &Value) -> Result<Imported, ImportError> {
    let about = About::deserialize(parameters)?;
    let bytes = whole(file, IMPORTER.format, MOST)?;
    let not_this = |why: &str| ImportError::NotThis { format: IMPORTER.format, why: why.to_owned() };
    let mut book = Book::new(&about);
    let is_pretty = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    let (findings, ended, version, measured) = match is_pretty {
        true => {
            let (value, broken) = json::read(&bytes);
            let root = value.filter(|root| root.get("Invocation").is_some());
            let root = root.ok_or_else(|| not_this("it has no `Invocation`"))?;
            if let Some(why) = &broken {
                book.short(ShortfallKind::Unreadable, VERSIONS, None, format!("the file breaks off: {why}"));
            }
            (pretty(&root, &mut book), root.get("scanTime").is_some(), version(&root), measured(&root))
        }
        false => {
            let (objects, broken) = flat_objects(&bytes);
            if objects.iter().all(|one| text(one, "id").is_empty() || one.get("finding").is_none()) {
                return Err(not_this("it holds no finding"));
            }
            if broken > 0 {
                let text = format!("{broken} findings in the file cannot be read");
                book.short(ShortfallKind::Unreadable, VERSIONS, None, text);
            }
            let ended = objects.iter().any(|one| text(one, "id") == "scanTime");
            (flat(&objects, &mut book), ended, None, None)
        }
    };
    if !ended {
        let text = "the file names no end of the scan: testssl was aborted, or wrote no more".to_owned();
        book.short(ShortfallKind::Missing, VERSIONS, None, text);
    }
    let mut endpoints: Vec<Endpoint> = findings.iter().map(|finding| finding.endpoint).collect();
    endpoints.sort_unstable();
    endpoints.dedup();
    for endpoint in endpoints {
        let of_it: Vec<&Finding> = findings.iter().filter(|finding| finding.endpoint == endpoint).collect();
        read_endpoint(endpoint, &of_it, ended, &mut book);
    }
    Ok(Imported { tool: Some("testssl".to_owned()), version, measured, ..book.finish() })
}

fn version(root: &Value) -> Option<String> {
    text(root, "version").split_whitespace().next().map(|version| visible_str(version, 40))
}

fn measured(root: &Value) -> Option<Period> {
    let from: i64 = text(root, "startTime").parse().ok().filter(|seconds| (1..1 << 40).contains(seconds))?;
    let took = root.get("scanTime");
    let took =
        took.and_then(|t| t.as_i64().or_else(|| t.as_str()?.parse().ok())).filter(|t| (0..1 << 30).contains(t));
    let at = Timestamp::from_seconds;
    Some(Period { from: at(from), until: at(from + took.unwrap_or(0)) })
}

fn flat(objects: &[Value], book: &mut Book<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for one in objects {
        let (id, ip) = (text(one, "id"), text(one, "ip"));
        let Some(says) = one.get("finding").and_then(Value::as_str) else { continue };
        // `name/address`; what is of no host, such as a problem of the tool's own, has a bare slash.
        let address = ip.rsplit_once('/').map_or(ip, |(_, address)| address);
        if address.is_empty() {
            continue;
        }
        let (Some(address), Some(port)) = (book.address(address), json::port(one, "port")) else { continue };
        let endpoint = Endpoint::tcp(address, port);
        findings.push(Finding { endpoint, id: id.to_owned(), says: says.trim().to_owned() });
    }
    findings
}

fn pretty(root: &Value, book: &mut Book<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for host in list(root, "scanResult") {
        let (Some(address), Some(port)) = (book.address(text(host, "ip")), json::port(host, "port")) else {
            continue;
        };
        let endpoint = Endpoint::tcp(address, port);
        for part in host.as_object().into_iter().flat_map(|members| members.values()).filter_map(Value::as_array) {
            for one in part {
                if let Some(says) = one.get("finding").and_then(Value::as_str) {
                    let (id, says) = (text(one, "id").to_owned(), says.trim().to_owned());
                    findings.push(Finding { endpoint, id, says });
                }
            }
        }
    }
    findings
}

fn read_endpoint(endpoint: Endpoint, findings: &[&Finding], ended: bool, book: &mut Book<'_>) {
    let said = |version: &str| findings.iter().find(|finding| finding.id == version).map(|f| f.says.as_str());
    let settled: Vec<_> =
        NAMES.iter().map(|(name, version)| (*version, said(name), said(name).and_then(accepted))).collect();
    if !settled.iter().any(|(_, _, accepted)| *accepted == Some(true)) {
        // What refuses everything may as well be no TLS.
        let text = format!("{endpoint}: testssl found no version that is accepted");
        book.short(ShortfallKind::Refused, VERSIONS, Some(endpoint), text);
        return;
    }
    for (version, says, accepted) in settled {
        match accepted {
            Some(accepted) => {
                book.fact(Fact::TlsVersion { endpoint, version, accepted });
                book.covered(VERSIONS, Some(endpoint), Vec::new(), format!("{version} at {endpoint}"));
            }
            None => {
                let says = says.map_or("nothing".to_owned(), |says| format!("`{}`", visible_str(says, 80)));
                let text = format!("{endpoint}: {version}: testssl says {says}");
                book.short(ShortfallKind::Missing, VERSIONS, Some(endpoint), text);
            }
        }
    }
    for (_, version) in NAMES.into_iter().filter(|_| ended) {
        let of_it = findings.iter().filter_map(|finding| suite(&finding.id)).filter(|(of, _)| *of == version);
        let listed: Vec<u16> = of_it.map(|(_, id)| id).collect();
        if let Some(fact) = unlisted(endpoint, version, &listed, &LACKS) {
            book.fact(fact);
        }
    }
    for finding in findings {
        if let Some((version, id)) = suite(&finding.id) {
            book.fact(Fact::TlsSuite { endpoint, version, id, name: suite_name(id), rank: None });
        } else if let Some(index) = certificate_index(&finding.id) {
            for der in wire::pem::certificates(&finding.says) {
                if let Some(facts) = certificate::facts(endpoint, index, &der) {
                    book.fact(Fact::Certificate(facts));
                }
            }
        } else if finding.id == "scanProblem" {
            let text = format!("{endpoint}: {}", visible_str(&finding.says, 200));
            book.short(ShortfallKind::Missing, VERSIONS, Some(endpoint), text);
        }
    }
}

/// Whether a version is accepted; none where testssl could not tell.
fn accepted(says: &str) -> Option<bool> {
    match says {
        _ if says == "not offered" || says.starts_with("not offered ") => Some(false),
        _ if says == "offered" || says.starts_with("offered ") || says.starts_with("offered,") => Some(true),
        _ => None,
    }
}

/// `cipher-tls1_2_xc030`.
fn suite(id: &str) -> Option<(TlsVersion, u16)> {
    let (version, digits) = id.strip_prefix("cipher-")?.split_once("_x")?;
    let version = NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(version))?.1;
    (version != TlsVersion::Ssl2).then_some((version, u16::from_str_radix(digits, 16).ok()?))
}

/// `cert`, `cert <hostCert#2>`: leaves, each of a chain of its own; `intermediate_cert <#1>`: the chain behind.
fn certificate_index(id: &str) -> Option<u16> {
    match id.split_once(' ').map_or(id, |(name, _)| name) {
        "cert" => Some(0),
        "intermediate_cert" => {
            let number: String = id.chars().filter(char::is_ascii_digit).collect();
            Some(number.parse().unwrap_or(1))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAT: &str = include_str!("samples/testssl-flat.json");
    const PRETTY: &str = include_str!("samples/testssl-pretty.json");

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
    fn both_forms_of_real_output_say_the_same_versions() {
        use TlsVersion::{Ssl2, Ssl3, Tls10, Tls11, Tls12, Tls13};
        let expected = [(Ssl2, false), (Ssl3, false), (Tls10, true), (Tls11, true), (Tls12, true), (Tls13, true)];
        let (flat, pretty) = (read(FLAT), read(PRETTY));
        assert_eq!((versions(&flat), versions(&pretty)), (expected.to_vec(), expected.to_vec()));
        assert_eq!((&flat.reading.shortfalls[..], &pretty.reading.shortfalls[..]), (&[][..], &[][..]));
        assert_eq!((flat.measured, pretty.version.as_deref()), (None, Some("3.0.8")));
        assert_eq!(pretty.measured.unwrap().to_string(), "2026-11-30T15:07:20Z/2026-11-30T15:07:38Z");
    }

    #[test]
    fn suites_and_certificates_are_read() {
        let facts = read(FLAT).reading.facts;
        let is_there = |wanted, id| {
            facts.iter().any(
                |f| matches!(f, Fact::TlsSuite { version, id: found, .. } if *version == wanted && *found == id),
            )
        };
        assert!(
            is_there(TlsVersion::Tls12, 0xc030)
                && is_there(TlsVersion::Tls13, 0x1301)
                && is_there(TlsVersion::Tls10, 0x2f)
        );
        assert!(facts.iter().any(|f| matches!(f, Fact::Certificate(c) if c.subject.contains("plug.example"))));
    }

    #[test]
    fn a_suite_that_a_whole_listing_leaves_out_is_refused() {
        let refuses = |text: &str, wanted: u16| {
            read(text).reading.facts.iter().any(|fact| {
                matches!(fact, Fact::TlsSuitesRefused { version: TlsVersion::Tls12, ids, .. } if ids.contains(&wanted))
            })
        };
        assert!(refuses(FLAT, 0x0a) && !refuses(PRETTY, 0x0a), "the second lists no suites");
        assert!(!refuses(FLAT, 0xc030) && !refuses(FLAT, 0xd001));
        // Nothing is told of a version without a listing, nor by a file without an end.
        assert!(!refuses(&FLAT.replace("cipher-tls1_2_x", "other-"), 0x0a));
        assert!(!refuses(&FLAT.replace("\"scanTime\"", "\"other\""), 0x0a));
    }

    #[test]
    fn a_word_that_settles_nothing_is_a_shortfall() {
        for word in ["not tested", "", "supported but couldn't detect a cipher", "Offered", "check failed"] {
            let changed = FLAT.replacen("\"offered (deprecated)\"", &format!("\"{word}\""), 1);
            let imported = read(&changed);
            assert!(!versions(&imported).iter().any(|(version, _)| *version == TlsVersion::Tls10), "{word}");
            assert!(
                imported.reading.shortfalls.iter().any(|s| s.text.contains("tls-1.0: testssl says")),
                "{word}"
            );
        }
    }

    #[test]
    fn a_host_that_accepts_nothing_refuses_nothing() {
        let none = read(&FLAT.replace("\"offered", "\"not offered"));
        assert!(versions(&none).is_empty() && !none.reading.shortfalls.is_empty());
    }

    #[test]
    fn broken_output_tells_what_is_whole_and_that_it_is_not_all() {
        for sample in [FLAT, PRETTY] {
            let whole = versions(&read(sample));
            for at in (0..sample.len()).step_by(7).filter(|at| sample.is_char_boundary(*at)) {
                let parameters = serde_json::json!({"address": "192.0.2.7"});
                let Ok(part) = interpret(&mut &sample.as_bytes()[..at], &parameters) else { continue };
                assert!(versions(&part).iter().all(|one| whole.contains(one)), "cut at {at}");
                let is_cut = at < sample.len() - 20;
                assert!(!is_cut || !part.reading.shortfalls.is_empty(), "cut at {at}: nothing is said");
            }
        }
        let odd = FLAT.replacen("\"not offered\"", "\"not \"offered\"", 1);
        assert!(!versions(&read(&odd)).iter().any(|(version, _)| *version == TlsVersion::Ssl2));
    }

    #[test]
    fn another_host_is_left_out() {
        let imported = read(&FLAT.replace("192.0.2.7", "192.0.2.8"));
        assert!(!imported.about_target && imported.elsewhere == ["192.0.2.8"]);
    }
}
