//! mqtt.input at mosquitto, coap.input at libcoap's server, raw.input at memcached and vsftpd: careful programs turn
//! wrong input away, and live. Beside them a service of our own with planted faults.
#![allow(clippy::unwrap_used)]

use std::net::SocketAddr;

use model::{Endpoint, Fact, Reading};
use probes::{Limits, LiveBench, Scope, Secret, coap, mqtt, raw};
use testkit::servers::{CoapServer, Memcached, Mosquitto, Vsftpd};
use testkit::{Site, ready};

fn bench(at: SocketAddr) -> LiveBench {
    LiveBench::new(Scope::of([at.ip()]), Limits { wait_millis: 600, ..Limits::default() })
}

/// Violation, packet or request, and result of whatever was neither rejected nor ignored.
fn noticed(reading: &Reading) -> Vec<String> {
    let told = |fact: &Fact| match fact {
        Fact::Input { target, violation, result, told_by, .. }
            if !["rejected", "ignored"].contains(&result.as_str()) =>
        {
            Some(format!("{violation} {target} {result}: {told_by}"))
        }
        _ => None,
    };
    reading.facts.iter().filter_map(told).collect()
}

fn at_broker(at: SocketAddr, account: Option<(&str, &str)>) -> Reading {
    let endpoint = Endpoint::tcp(at.ip(), at.port());
    let account = account.map(|(user, secret)| (user.to_owned(), Secret::new(secret.to_owned())));
    let broker = mqtt::input::Broker { endpoint, tls: false, host: None, account };
    let parameters = mqtt::input::Parameters { brokers: vec![broker] };
    mqtt::input::interpret(&mqtt::input::gather(&parameters, &mut bench(at)))
}

#[test]
fn mosquitto_turns_wrong_packets_away() {
    let Some(server) = ready(Mosquitto::default().start(&Site::loopback())) else { return };
    let reading = at_broker(server.at(), None);
    assert_eq!(reading.shortfalls, []);
    assert!(reading.facts.len() > 35, "{}", reading.facts.len());
    assert_eq!(noticed(&reading), Vec::<String>::new());
}

#[test]
fn without_an_account_only_what_comes_before_one_is_tried() {
    let login = Some(("plug".to_owned(), "s3cret-words".to_owned()));
    let Some(server) = ready(Mosquitto { login, tls: None }.start(&Site::loopback())) else { return };
    let reading = at_broker(server.at(), None);
    assert!(reading.facts.len() > 8 && reading.facts.len() < 20, "{}", reading.facts.len());
    assert_eq!(reading.shortfalls.len(), 1);
    assert!(at_broker(server.at(), Some(("plug", "s3cret-words"))).shortfalls.is_empty());
}

#[test]
fn libcoap_turns_wrong_datagrams_away() {
    let Some(server) = ready(CoapServer.start(&Site::loopback())) else { return };
    let at = server.at();
    let endpoint = Endpoint::udp(at.ip(), at.port());
    let parameters = coap::input::Parameters { endpoints: vec![endpoint], path: "/.well-known/core".to_owned() };
    let reading = coap::input::interpret(&coap::input::gather(&parameters, &mut bench(at)));
    assert_eq!(reading.shortfalls, []);
    assert!(reading.facts.len() > 30, "{}", reading.facts.len());
    // libcoap 4.3.1 answers these two with 2.05; RFC 7252 section 5.10.4 and RFC 7959 section 2.2 forbid it.
    let known = ["an accept of a format", "block size exponent 7"];
    let unknown = |line: &&String| !line.contains("accepted") || !known.iter().any(|words| line.contains(words));
    assert_eq!(noticed(&reading).iter().find(unknown), None);
}

fn at_service(at: SocketAddr, frame: &[&str], refusals: &[&str]) -> Reading {
    let owned = |list: &[&str]| list.iter().map(|line| (*line).to_owned()).collect();
    let service = raw::input::Service {
        endpoint: Endpoint::tcp(at.ip(), at.port()),
        tls: false,
        host: None,
        name: "message".to_owned(),
        frame: owned(frame),
        refusals: owned(refusals),
    };
    let parameters = raw::input::Parameters { services: vec![service] };
    raw::input::interpret(&raw::input::gather(&parameters, &mut bench(at)))
}

#[test]
fn memcached_turns_wrong_lines_away() {
    let Some(server) = ready(Memcached.start(&Site::loopback())) else { return };
    let frame = ["bytes 67 65 74 20", "text key 1..250 = assay", "bytes 0d 0a"];
    let reading = at_service(server.at(), &frame, &["ERROR", "CLIENT_ERROR", "SERVER_ERROR"]);
    assert_eq!(reading.shortfalls, []);
    assert!(reading.facts.len() > 25, "{}", reading.facts.len());
    assert_eq!(but_line_ends(&reading), Vec::<String>::new());
}

/// Both take a line that ends in a line feed alone, whatever comes before it.
fn but_line_ends(reading: &Reading) -> Vec<String> {
    noticed(reading).into_iter().filter(|line| !line.starts_with("reserved message bytes 3 accepted")).collect()
}

#[test]
fn vsftpd_which_speaks_first_turns_wrong_lines_away() {
    let Some(server) = ready(Vsftpd::default().start(&Site::loopback())) else { return };
    let reading = at_service(server.at(), &["text command = NOOP", "bytes 0d 0a"], &["5"]);
    // It asks for a login before anything else, with 530: that is a refusal of the good message itself.
    assert_eq!((reading.facts.len(), reading.shortfalls.len()), (0, 1), "{:?}", reading.shortfalls);
    let reading = at_service(server.at(), &["bytes 55 53 45 52 20", "text name = ftp", "bytes 0d 0a"], &["5"]);
    assert_eq!(reading.shortfalls, []);
    assert_eq!(but_line_ends(&reading), Vec::<String>::new());
}

/// A service of our own: `7e`, the length behind it, a level of at most 100 and a name. `fault` is what is wrong with it.
fn planted(fault: &'static str) -> SocketAddr {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let at = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut down_until = std::time::Instant::now();
        for link in listener.incoming().flatten() {
            let mut link = link;
            link.set_read_timeout(Some(std::time::Duration::from_millis(100))).unwrap();
            let mut heard = vec![0; 100_000];
            let Ok(count) = std::io::Read::read(&mut link, &mut heard) else { continue };
            let heard = &heard[..count];
            if std::time::Instant::now() < down_until {
                continue;
            }
            let answer = match heard {
                [0x7e, length, ..] if fault == "length" && usize::from(*length) > heard.len() => {
                    down_until = std::time::Instant::now() + std::time::Duration::from_secs(4);
                    continue;
                }
                [0x7e, length, level, name @ ..] if usize::from(*length) == name.len() + 1 => {
                    let text = String::from_utf8_lossy(name).into_owned();
                    match text.split_once("$(expr ") {
                        Some((_, inside)) if fault == "command" => {
                            let factors = inside.trim_end_matches(')').split(" \\* ").flat_map(str::parse::<u64>);
                            format!("NO {}", factors.product::<u64>())
                        }
                        _ if fault == "trace" && name.contains(&0) => {
                            "NO Traceback (most recent call last):\n  File \"x.py\", line 7".to_owned()
                        }
                        _ if (*level <= 100 || fault == "range") && name.len() <= 8 && name.is_ascii() => {
                            "OK".to_owned()
                        }
                        _ => "NO".to_owned(),
                    }
                }
                _ => "NO".to_owned(),
            };
            std::io::Write::write_all(&mut link, answer.as_bytes()).ok();
        }
    });
    at
}

#[test]
fn planted_faults_of_a_protocol_of_its_own_are_found_each_alone() {
    let frame = ["bytes 7e", "length 1", "number 1 level 0..100 = 50", "text name ..8 = plug"];
    let found = |fault: &'static str| {
        let told: std::collections::BTreeSet<(String, String)> = at_service(planted(fault), &frame, &["NO"])
            .facts
            .into_iter()
            .filter_map(|fact| match fact {
                Fact::Input { target, violation, result, .. }
                    if !["rejected", "ignored"].contains(&result.as_str()) =>
                {
                    Some((target, format!("{violation} {result}")))
                }
                _ => None,
            })
            .collect();
        told.into_iter().collect::<Vec<_>>()
    };
    let one = |target: &str, what: &str| vec![(format!("message {target}"), what.to_owned())];
    assert_eq!(found("none"), []);
    // Whatever else looks like a length that is too large brings it down as well.
    let length = found("length");
    assert!(length.contains(&one("length 2", "wrong-length crash")[0]), "{length:?}");
    assert!(length.iter().all(|(_, what)| what.ends_with("crash")), "{length:?}");
    assert_eq!(found("range"), one("level", "out-of-range accepted"));
    assert_eq!(found("command"), one("name", "command-canary effect"));
    assert_eq!(found("trace"), one("name", "control-characters error"));
}
