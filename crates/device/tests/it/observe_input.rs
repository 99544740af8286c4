//! One observation per fault in what the product does with its input: does it show?

use std::time::{Duration, Instant};

use device::{Fault, ports};
use serde_json::json;

use crate::bench::Bench;
use crate::observe::either;

const JSON: (&str, &str) = ("Content-Type", "application/json");

pub(crate) fn shows(fault: Fault, bench: &Bench) -> bool {
    match fault {
        Fault::InputRangeIgnored => either(set_timer(bench, None, 99_999), 200, 400),
        Fault::InputNestingCrash => {
            let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
            let answer = bench.web().send("POST", "/api/v1/login", &[JSON], deep);
            let during = bench.get("/").status;
            match answer {
                Some(answer) => {
                    assert_eq!((answer.status, during), (400, 200));
                    false
                }
                None => {
                    std::thread::sleep(Duration::from_millis(1100));
                    assert_eq!((during, bench.get("/").status), (503, 200));
                    true
                }
            }
        }
        Fault::InputDuplicateError => {
            let body = "{\"relay\":false,\"relay\":false}";
            either(bench.with(&bench.admin(), "PUT", "/api/v1/state", body).status, 500, 200)
        }
        Fault::InputTextError => {
            let answer = bench.web().send("POST", "/api/v1/login", &[JSON], b"{\"username\":\"\xc0\xaf\"}");
            either(answer.unwrap().status, 500, 400)
        }
        Fault::InputTemplate => {
            let answer = bench.get("/?user=%7B%7B7*191%7D%7D");
            assert!(answer.body.contains("Welcome back"));
            answer.body.contains("1337")
        }
        Fault::InputHeaderSplit => {
            let answer = bench.get("/files?name=x%0d%0aX-Canary:%20b");
            assert!([400, 404].contains(&answer.status));
            answer.field("x-canary").is_some()
        }
        Fault::InputQuery => {
            let asked = |condition: &str| {
                bench.get(&format!("/files?name=manual.txt%27%20AND%20%271%27=%27{condition}")).status
            };
            assert_eq!(asked("2"), 404);
            either(asked("1"), 200, 404)
        }
        Fault::InputBlindCommand => {
            let begun = Instant::now();
            let body = json!({ "ntp_server": "ntp.example;sleep 2" }).to_string();
            assert_eq!(bench.with(&bench.admin(), "PUT", "/api/v1/config", &body).status, 400);
            begun.elapsed() >= Duration::from_secs(2)
        }
        Fault::InputEntity => {
            let bearer = format!("Bearer {}", bench.admin());
            let fields = [("Content-Type", "application/xml"), ("Authorization", bearer.as_str())];
            let body = "<!DOCTYPE s [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>\
                        <schedule><on>&a;</on><off>22:00</off></schedule>";
            let answer = bench.web().send("PUT", "/api/v1/schedule", &fields, body).unwrap();
            either(answer.status, 200, 400) && answer.body.contains("root:")
        }
        Fault::InputUndeclared => {
            let answer = bench.with(&bench.admin(), "GET", "/api/v1/history?day=assay", "");
            either(answer.status, 500, 404)
        }
        Fault::TicketReused => {
            let ticket = ticket(bench);
            assert_eq!(set_timer(bench, Some(&ticket), 5), 200);
            either(set_timer(bench, Some(&ticket), 0), 200, 409)
        }
        Fault::TicketIgnored => either(set_timer(bench, Some("invented"), 5), 200, 409),
        Fault::GuardByPath => {
            assert_eq!(bench.get("/api/v1/config").status, 401);
            either(bench.get("/%61pi/v1/config").status, 200, 404)
        }
        Fault::CoapOversizeCrash => {
            let get = wire::coap::get("/.well-known/core", 7, &[1]).to_bytes();
            let mut large = wire::coap::get("/x", 8, &[2]);
            large.payload = vec![b'a'; 1100];
            let answered = bench.udp(ports::COAP, &large.to_bytes()).is_some();
            let lives = bench.udp(ports::COAP, &get).is_some();
            assert_eq!(answered, lives);
            !lives
        }
        Fault::CoapOptionPassed => {
            let mut get = wire::coap::get("/.well-known/core", 7, &[1]);
            get.options.push((65_001, vec![1]));
            let reply = bench.udp(ports::COAP, &get.to_bytes()).unwrap();
            let code = wire::coap::Message::read(&reply).unwrap().code_text();
            assert!(["2.05", "4.02"].contains(&code.as_str()), "{code}");
            code == "2.05"
        }
        other => panic!("{} is observed elsewhere", other.name()),
    }
}

fn ticket(bench: &Bench) -> String {
    let answer = bench.with(&bench.admin(), "POST", "/api/v1/timer/begin", "");
    answer.json()["ticket"].as_str().unwrap().to_owned()
}

/// The status of setting the timer, with a fresh ticket where none is given.
fn set_timer(bench: &Bench, with: Option<&str>, minutes: i64) -> u16 {
    let ticket = with.map_or_else(|| ticket(bench), str::to_owned);
    let body = json!({ "ticket": ticket, "minutes": minutes }).to_string();
    bench.with(&bench.admin(), "POST", "/api/v1/timer", &body).status
}
