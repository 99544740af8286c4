//! In which order a port is asked, and when it has been asked enough.
//!
//! All ports are asked side by side, each port by one connection at a time at first: a small device may take no
//! more. Only what stays unrecognised is asked several things at once.

use std::time::Duration;

use model::Endpoint;
use wire::service::{PROBES, ProbeKind, ServiceProbe, Transport};

use super::{GREETING, Parameters, Question};
use crate::{Ask, Bench, Bytes, Ended, TlsWish};

/// A greeting usually comes at once; who greets later is asked meanwhile and listened to again at the end.
const GREETING_WAIT: Duration = Duration::from_millis(250);
const MOST_BYTES: usize = 64 * 1024;
/// Rounds with one question per port; after them several.
const SINGLE_ROUNDS: usize = 3;
const AT_ONCE: usize = 6;

/// Asks all ports, in clear and then, where TLS is spoken, inside TLS.
pub(super) fn ask(parameters: &Parameters, wish: &TlsWish, bench: &mut dyn Bench) -> Vec<Question> {
    let mut questions = Vec::new();
    run(parameters, None, wish, parameters.ports.clone(), bench, &mut questions);
    let secured: Vec<u16> = parameters
        .ports
        .iter()
        .copied()
        .filter(|port| questions.iter().any(|one| one.port == *port && matches!(one.asked.tls, Some(Ok(_)))))
        .collect();
    run(parameters, Some(wish), wish, secured, bench, &mut questions);
    questions
}

fn run(
    parameters: &Parameters,
    inside: Option<&TlsWish>,
    wish: &TlsWish,
    ports: Vec<u16>,
    bench: &mut dyn Bench,
    questions: &mut Vec<Question>,
) {
    let wait = bench.wait();
    let mut open: Vec<(u16, Vec<&str>)> =
        ports.iter().map(|port| (*port, order(*port, inside.is_some()))).collect();
    let mut round = 0;
    while !open.is_empty() {
        let share = if round < SINGLE_ROUNDS { 1 } else { AT_ONCE };
        let mut batch: Vec<(u16, &str, Ask)> = Vec::new();
        for (port, order) in &mut open {
            let names: Vec<&str> = order.drain(..share.min(order.len())).collect();
            for name in names {
                let within = match (name, order.is_empty()) {
                    (GREETING, false) => wait.min(GREETING_WAIT),
                    (GREETING, true) => wait * 3,
                    _ => wait,
                };
                let tls = if name == "tls" { Some(wish) } else { inside };
                batch.push((*port, name, question(parameters, *port, name, tls, within)));
            }
        }
        let asks: Vec<Ask> = batch.iter().map(|(.., ask)| ask.clone()).collect();
        let answers = bench.ask(&asks);
        for ((port, name, _), asked) in batch.iter().zip(answers) {
            let question = Question { port: *port, name: (*name).to_owned(), tls: inside.is_some(), asked };
            settle(&mut open, &question);
            questions.push(question);
        }
        open.retain(|(_, order)| !order.is_empty());
        round += 1;
        bench.progress((ports.len() - open.len()) as u64, ports.len() as u64);
    }
}

/// Takes a port off the list, or changes what it is asked next, by what it answered.
fn settle(open: &mut [(u16, Vec<&str>)], question: &Question) {
    let Some((_, order)) = open.iter_mut().find(|(port, _)| *port == question.port) else { return };
    if matches!(question.asked.tls, Some(Ok(_))) && !question.tls {
        // Whatever else it is, it is asked inside TLS.
        order.clear();
        return;
    }
    match question.identified() {
        // It complains in TLS about what it was asked in clear, or in clear about missing TLS.
        Some(found) if !question.tls && (found.protocol == "tls" || wants_tls(question)) => {
            let tls_is_open = order.contains(&"tls");
            order.clear();
            if tls_is_open {
                order.push("tls");
            }
        }
        Some(_) => order.clear(),
        None if question.asked.not_connected.is_some() => order.clear(),
        // Who hangs up on a question reads what comes in, and is not one who greets late.
        None if question.name != GREETING && hung_up(question) => order.retain(|name| *name != GREETING),
        None => {}
    }
}

fn hung_up(question: &Question) -> bool {
    question.asked.said.0.is_empty() && matches!(question.asked.ended, Ended::Closed | Ended::Reset)
}

fn wants_tls(question: &Question) -> bool {
    let said = &question.asked.said.0;
    question.is_http() && said.get(8..12) == Some(b" 400")
}

/// The questions for a port: greeting, what is usual there, what is usual anywhere, the rest, and once more the
/// greeting for those who take their time.
fn order(port: u16, inside: bool) -> Vec<&'static str> {
    let mut order = Vec::new();
    let usual = ServiceProbe::for_port(Transport::Tcp, port);
    let general = ["http-get", "tls-hello", "empty-lines", "mqtt-connect", "rtsp-options"];
    let rest = PROBES.iter().filter(|probe| probe.transport == Transport::Tcp).map(|probe| probe.name);
    let is_usual = |probe: &&&ServiceProbe| probe.typical_ports.contains(&port);
    let all = usual.iter().filter(is_usual).map(|probe| probe.name).chain(general).chain(rest);
    let is_tls_port = usual.iter().any(|probe| probe.kind == ProbeKind::Tls && is_usual(&probe));
    if inside || !is_tls_port {
        order.push(GREETING);
    }
    for name in all {
        // A hello of our own is worth more than a recognised answer to one: the talk can go on behind it.
        let name = if name == "tls-hello" { "tls" } else { name };
        if order.contains(&name) || (inside && name == "tls") {
            continue;
        }
        order.push(name);
    }
    order.push(GREETING);
    order
}

fn question(parameters: &Parameters, port: u16, name: &str, tls: Option<&TlsWish>, within: Duration) -> Ask {
    let payload = PROBES.iter().find(|probe| probe.name == name).map(|probe| match probe.kind {
        ProbeKind::Http => http_request(parameters, port),
        _ => probe.payload(),
    });
    let shakes_hands = name == "tls";
    Ask {
        to: Endpoint::tcp(parameters.address, port),
        tls: tls.cloned(),
        send: Bytes(payload.unwrap_or_default()),
        max: if shakes_hands { 0 } else { MOST_BYTES },
        within,
        quiet: within.min(GREETING_WAIT),
    }
}

/// With a Host header, which the virtual hosts of some devices insist on.
fn http_request(parameters: &Parameters, port: u16) -> Vec<u8> {
    let endpoint = Endpoint::tcp(parameters.address, port);
    let server = crate::http::exchange::Server { endpoint, tls: false, host: parameters.host.clone() };
    server.request("GET", "/").to_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_usual_at_a_port_is_asked_first() {
        assert_eq!(order(443, false)[..2], ["tls", "http-get"]);
        assert_eq!(order(1883, false)[..3], [GREETING, "mqtt-connect", "http-get"]);
        assert_eq!(order(4711, false)[..3], [GREETING, "http-get", "tls"]);
        assert!(!order(443, true).contains(&"tls"));
    }

    #[test]
    fn only_who_may_still_greet_is_listened_to_again() {
        let question = |name: &str, ended| {
            let said = Bytes::default();
            let asked = crate::Asked { not_connected: None, tls: None, said, ended };
            Question { port: 4711, name: name.into(), tls: false, asked }
        };
        let mut open = [(4711, vec!["redis-ping", GREETING])];
        settle(&mut open, &question(GREETING, Ended::Silence));
        settle(&mut open, &question("http-get", Ended::Silence));
        assert_eq!(open[0].1, ["redis-ping", GREETING]);
        settle(&mut open, &question("http-get", Ended::Closed));
        assert_eq!(open[0].1, ["redis-ping"]);
    }

    #[test]
    fn every_question_is_asked_once_and_the_greeting_twice() {
        let mut order = order(4711, false);
        assert_eq!(order.iter().filter(|name| **name == GREETING).count(), 2);
        assert_eq!(order.pop(), Some(GREETING));
        let tcp = PROBES.iter().filter(|probe| probe.transport == Transport::Tcp).count();
        assert_eq!(order.len(), tcp + 1);
    }
}
