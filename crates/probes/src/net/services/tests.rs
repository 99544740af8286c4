use super::*;
use crate::scripted::ScriptedBench;

fn measured(bench: &mut ScriptedBench, ports: &[u16]) -> Reading {
    let known = Known::from([("serial".to_owned(), "SN-0042".to_owned())]);
    let parameters = Parameters { address: bench.device(), ports: ports.to_vec(), host: None, known };
    let log = gather(&parameters, bench);
    // The log alone has to be enough, also after years in a file.
    let log: Log = serde_json::from_str(&serde_json::to_string(&log).unwrap()).unwrap();
    interpret(&log)
}

fn services(reading: &Reading) -> Vec<String> {
    let mut told = Vec::new();
    for fact in &reading.facts {
        if let Fact::Service(ServiceFacts { endpoint, protocol, tls, product, version, .. }) = fact {
            let named = product.as_deref().unwrap_or("-");
            told.push(format!("{} {protocol} {tls} {named} {}", endpoint.port, version.as_deref().unwrap_or("-")));
        }
    }
    told
}

fn asks(reading: &Reading) -> Vec<(u16, AuthScheme)> {
    let asks = |fact: &Fact| match fact {
        Fact::AuthPrompt { endpoint, scheme, .. } => Some((endpoint.port, *scheme)),
        _ => None,
    };
    reading.facts.iter().filter_map(asks).collect()
}

fn web(heard: &[u8]) -> Option<Vec<u8>> {
    heard.starts_with(b"GET").then(|| {
        b"HTTP/1.0 401 No\r\nServer: lighttpd/1.4.35\r\nWWW-Authenticate: Basic realm=\"SN-0042\"\r\n\r\nunit SN-0042"
            .to_vec()
    })
}

#[test]
fn a_scripted_device_is_recognised_port_by_port() {
    let mut bench = ScriptedBench::play("talkative");
    let reading = measured(&mut bench, &[21, 23]);
    assert_eq!(services(&reading), ["21 ftp-or-smtp false - -", "23 telnet false - -"]);
    assert_eq!(asks(&reading), [(23, AuthScheme::TelnetLogin)]);
    assert_eq!(reading.coverage.len(), 2);
}

#[test]
fn a_service_inside_tls_is_recognised_inside() {
    let mut bench = ScriptedBench::refusing().answering(4711, web).inside_tls(4711, b"certificate");
    let reading = measured(&mut bench, &[4711]);
    assert_eq!(services(&reading), ["4711 http true lighttpd 1.4.35"]);
    assert_eq!(asks(&reading), [(4711, AuthScheme::HttpBasic)]);
    assert!(reading.shortfalls.is_empty());
}

#[test]
fn what_a_page_and_its_header_give_away_is_told_with_its_source() {
    let mut bench = ScriptedBench::refusing().answering(80, web);
    let reading = measured(&mut bench, &[80]);
    let told: Vec<_> = reading
        .facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::Disclosure { kind, source, excerpt, .. } => Some(format!("{source} {kind} {excerpt}")),
            _ => None,
        })
        .collect();
    assert_eq!(told, ["banner product lighttpd", "banner version 1.4.35", "/ serial SN-0042"]);
}

#[test]
fn mqtt_on_an_unusual_port_that_refuses_strangers_asks_for_a_credential() {
    let mut bench = ScriptedBench::refusing()
        .answering(4711, |heard| heard.windows(4).any(|w| w == b"MQTT").then(|| b"\x20\x02\x00\x05".to_vec()));
    let reading = measured(&mut bench, &[4711]);
    assert_eq!(services(&reading), ["4711 mqtt false - -"]);
    assert_eq!(asks(&reading), [(4711, AuthScheme::Mqtt)]);
}

#[test]
fn a_port_that_never_speaks_is_unknown_and_a_shortfall() {
    let mut bench = ScriptedBench::refusing().answering(4711, |_| None);
    let reading = measured(&mut bench, &[4711]);
    assert_eq!(services(&reading), ["4711 unknown false - -"]);
    assert_eq!(reading.shortfalls[0].kind, ShortfallKind::Unsupported);
    let listened = bench.elapsed_millis();
    assert!(listened > 300, "it was listened to again, longer: {listened}");
}

#[test]
fn a_port_that_closed_meanwhile_is_a_shortfall_and_no_service() {
    let reading = measured(&mut ScriptedBench::refusing(), &[4711]);
    assert!(reading.facts.is_empty() && reading.coverage.is_empty());
    assert_eq!(reading.shortfalls[0].kind, ShortfallKind::Refused);
}
