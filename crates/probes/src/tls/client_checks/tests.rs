use model::{ClientDid, Fact};
use wire::tls::{ClientHello, Version};

use model::private;

use super::*;
use crate::scripted::ScriptedBench;

fn parameters() -> Parameters {
    let endpoint = Endpoint::tcp("192.0.2.7".parse().unwrap(), 8883);
    Parameters {
        listen: "192.0.2.1".parse().unwrap(),
        names_port: None,
        services: vec![Service { endpoint, host: "cloud.example".to_owned() }],
        clear: vec![(8883, 1883)],
        clients: vec!["192.0.2.7".parse().unwrap()],
        rounds: 1,
        seconds: 5,
        return_seconds: 1,
        authority: None,
    }
}

fn hello(version: Version) -> Vec<u8> {
    let mut hello = ClientHello::offering(version, &[0x1301, 0xc02f, 0x2f], [7; 32], Some((29, vec![9; 32])));
    hello.server_name = Some("cloud.example".to_owned());
    hello.to_bytes()
}

fn read_of(calls: Vec<u16>, says: impl FnMut(u16, &str) -> Vec<u8> + 'static) -> Reading {
    let mut bench = ScriptedBench::refusing().coming(calls, says);
    interpret(&gather(&parameters(), &mut bench))
}

fn did(reading: &Reading, shown: &str) -> Option<ClientDid> {
    reading.facts.iter().find_map(|fact| match fact {
        Fact::ClientCheck(check) if check.shown == shown => Some(check.did),
        _ => None,
    })
}

#[test]
fn application_data_over_a_bad_chain_is_evidence_and_private() {
    let reading = read_of(vec![8883; 8], |_, shown| match shown {
        "" => hello(Version::TLS13),
        "self-signed" => b"CONNECT me".to_vec(),
        _ => Vec::new(),
    });
    assert_eq!(did(&reading, "self-signed"), Some(ClientDid::Sent));
    assert_eq!(did(&reading, "unknown-authority"), Some(ClientDid::Refused));
    let Fact::ClientCheck(check) = &reading.facts[0] else { panic!("{reading:#?}") };
    assert_eq!((check.octets, check.excerpt.as_str()), (10, private("excerpt", "CONNECT me").as_str()));
    assert!(check.chain.is_some() && !check.trusted);
    let told: Vec<&str> = reading.shortfalls.iter().map(|s| s.text.as_str()).collect();
    assert!(told[0].contains("genuine, wrong-host, expired"), "{told:#?}");
}

#[test]
fn what_comes_in_clear_counts_only_after_tls_was_tried() {
    let says = |port: u16, shown: &str| match (port, shown) {
        (1883, "") => b"\x10\x0cMQTT".to_vec(),
        (_, "") => hello(Version::TLS12),
        _ => Vec::new(),
    };
    assert_eq!(did(&read_of(vec![8883, 1883], says), "plain"), Some(ClientDid::SentInClear));
    assert_eq!(did(&read_of(vec![1883, 1883], says), "plain"), None);
}

#[test]
fn an_address_that_is_not_set_apart_is_a_shortfall() {
    let mut bench = ScriptedBench::refusing();
    let reading = interpret(&gather(&parameters(), &mut bench));
    assert!(reading.facts.is_empty() && reading.coverage.is_empty());
    assert!(reading.shortfalls[0].text.contains("not authorised"), "{reading:#?}");
}

#[test]
fn words_that_are_no_tls_and_silence_decide_nothing() {
    let reading = read_of(vec![8883, 8883], |_, _| Vec::new());
    assert!(reading.facts.is_empty() && reading.coverage.is_empty());
    assert!(reading.shortfalls[0].text.contains("did not come"), "{reading:#?}");
}
