use model::TlsVersion;

use super::*;

const SAMPLE: &str = include_str!("../samples/nmap.xml");
const SCRIPTS: &str = include_str!("../samples/nmap-scripts.xml");

fn read(text: &str) -> Imported {
    let parameters = serde_json::json!({"address": "192.0.2.7"});
    interpret(&mut text.as_bytes(), &parameters).unwrap()
}

fn open(imported: &Imported) -> Vec<u16> {
    let port = |fact: &Fact| match fact {
        Fact::Port { endpoint, state: PortState::Open, .. } => Some(endpoint.port),
        _ => None,
    };
    imported.reading.facts.iter().filter_map(port).collect()
}

#[test]
fn a_real_scan_is_read_with_its_tool_its_times_and_what_it_covers() {
    let imported = read(SAMPLE);
    assert_eq!((imported.tool.as_deref(), imported.version.as_deref()), (Some("nmap"), Some("7.93")));
    assert_eq!(imported.measured.unwrap().to_string(), "2026-11-30T15:05:46Z/2026-11-30T15:05:58Z");
    assert_eq!(open(&imported), [8022, 8080, 8443]);
    let covered: Vec<_> = imported.reading.coverage.iter().filter(|c| c.of == TCP).collect();
    assert_eq!(covered[0].ports, [(8000, 8100), (8443, 8443)]);
    assert_eq!(imported.reading.shortfalls, []);
    let tls = imported.reading.facts.iter().find_map(|fact| match fact {
        Fact::Service(service) if service.endpoint.port == 8443 => Some((service.protocol.as_str(), service.tls)),
        _ => None,
    });
    assert_eq!(tls, Some(("http", true)));
}

#[test]
fn scripts_tell_versions_suites_certificates_and_algorithms() {
    let imported = read(SCRIPTS);
    let facts = &imported.reading.facts;
    let accepts = |wanted| {
        facts.iter().any(|f| matches!(f, Fact::TlsVersion { version, accepted: true, .. } if *version == wanted))
    };
    assert!(accepts(TlsVersion::Tls10) && accepts(TlsVersion::Tls13) && !accepts(TlsVersion::Ssl3));
    let suites: Vec<u16> =
        facts.iter().filter_map(|f| if let Fact::TlsSuite { id, .. } = f { Some(*id) } else { None }).collect();
    assert!(suites.contains(&0x1301) && suites.contains(&0xc02f), "{suites:x?}");
    let refuses = |id| {
        facts.iter().any(
            |f| matches!(f, Fact::TlsSuitesRefused { version: TlsVersion::Tls12, ids, .. } if ids.contains(&id)),
        )
    };
    assert!(refuses(0x0a) && !refuses(0xc02f) && !refuses(0xd001));
    assert!(!facts.iter().any(|f| matches!(f, Fact::TlsSuitesRefused { version: TlsVersion::Tls13, .. })));
    assert!(facts.iter().any(|f| matches!(f, Fact::Certificate(c) if c.subject.contains("plug.example"))));
    assert!(facts.iter().any(|f| matches!(f, Fact::SshOffer { lists, .. } if lists["key-exchange"].len() > 3)));
}

#[test]
fn a_state_that_says_nothing_covers_nothing() {
    for state in ["filtered", "open|filtered", "unfiltered", "closed|filtered", "", "OPEN"] {
        let text = SAMPLE.replacen("state state=\"open\"", &format!("state state=\"{state}\""), 1);
        let imported = read(&text);
        assert_eq!(open(&imported), [8080, 8443], "{state}");
        assert!(!imported.reading.coverage.iter().any(|c| c.of == TCP && c.has_port(8022)), "{state}");
        assert!(imported.reading.shortfalls.iter().any(|s| s.text.contains("tcp-ports 8022 ")), "{state}");
    }
    let filtered = read(&SAMPLE.replace("extraports state=\"closed\"", "extraports state=\"filtered\""));
    assert_eq!(filtered.reading.coverage.iter().find(|c| c.of == TCP).unwrap().ports.len(), 3);
}

#[test]
fn ports_of_which_the_file_says_nothing_are_not_taken_for_closed() {
    let (before, rest) = SAMPLE.split_once("<extraports").unwrap();
    let without = format!("{before}{}", rest.split_once("</extraports>").unwrap().1);
    let imported = read(&without);
    assert_eq!(imported.reading.coverage.iter().find(|c| c.of == TCP).unwrap().ports.len(), 3);
    assert!(imported.reading.shortfalls[0].text.contains("99 ports): the file does not say"));
    let counted = SAMPLE.replace(" ports=\"8000-8021,8023-8079,8081-8100\"", "");
    assert_eq!(read(&counted).reading.coverage.iter().find(|c| c.of == TCP).unwrap().ports.len(), 2);
    let short = counted.replace("count=\"99\"", "count=\"98\"");
    assert_eq!(read(&short).reading.coverage.iter().find(|c| c.of == TCP).unwrap().ports.len(), 3);
}

#[test]
fn a_scan_that_does_not_speak_with_ports_covers_nothing() {
    for kind in ["ack", "null", "xmas", "fin", "ipproto"] {
        let imported = read(&SAMPLE.replace("type=\"connect\"", &format!("type=\"{kind}\"")));
        assert!(imported.reading.coverage.is_empty() && open(&imported).is_empty(), "{kind}");
        assert!(!imported.reading.shortfalls.is_empty(), "{kind}");
    }
}

#[test]
fn another_host_is_left_out_and_named() {
    let imported = read(&SAMPLE.replace("192.0.2.7\" addrtype", "192.0.2.8\" addrtype"));
    assert!(!imported.about_target && imported.reading.facts.is_empty() && imported.reading.coverage.is_empty());
    assert_eq!(imported.elsewhere, ["192.0.2.8"]);
}

#[test]
fn a_host_that_was_down_has_no_closed_ports() {
    let imported = read(&SAMPLE.replace("status state=\"up\"", "status state=\"down\""));
    assert!(imported.reading.coverage.is_empty() && imported.reading.facts.is_empty());
    assert!(imported.reading.shortfalls[0].text.contains("`down`"));
}

#[test]
fn a_file_that_breaks_off_tells_what_is_whole_and_says_so() {
    let cut = &SAMPLE[..SAMPLE.find("portid=\"8443\"").unwrap()];
    let imported = read(cut);
    assert_eq!(open(&imported), [8022, 8080]);
    assert!(!imported.reading.coverage.iter().any(|c| c.has_port(8443)));
    assert!(imported.reading.shortfalls.iter().any(|s| s.text.contains("ends before the scan does")));
    // Wherever it is cut, nothing is made up and nothing panics.
    for at in (0..SAMPLE.len()).filter(|at| SAMPLE.is_char_boundary(*at)) {
        let parameters = serde_json::json!({"address": "192.0.2.7"});
        if let Ok(imported) = interpret(&mut &SAMPLE.as_bytes()[..at], &parameters) {
            assert!(open(&imported).iter().all(|port| [8022, 8080, 8443].contains(port)));
        }
    }
}

#[test]
fn a_service_named_after_its_port_is_not_taken_for_asked() {
    let imported = read(&SAMPLE.replace("method=\"probed\"", "method=\"table\""));
    assert!(!imported.reading.facts.iter().any(|fact| matches!(fact, Fact::Service(_))));
    assert_eq!(imported.reading.shortfalls.len(), 3);
}
