//! Which datagrams are worth sending to which UDP port, and what an answer says.
//!
//! UDP has no handshake: only a question in the right protocol brings an answer. Bytes are those of `wire`.

use std::fmt::Write as _;

use wire::dns::{Message, Name, kind, multicast_query, service_discovery};
use wire::service::{Identified, PROBES, ProbeKind, Transport, identify};
use wire::{coap, dhcp, ntp, snmp, ssdp, tftp};

use crate::giveaway::Giveaway;

/// UDP ports on which consumer products are known to listen; asked whatever is declared.
pub(super) const WELL_KNOWN: &[u16] = &[
    53, 67, 69, 111, 123, 137, 161, 443, 500, 514, 520, 546, 547, 623, 1194, 1701, 1812, 1900, 3478, 3702, 4500,
    5060, 5093, 5351, 5353, 5355, 5540, 5683, 5684, 6666, 6667, 8888, 9999, 10001, 20002, 32100, 34567, 37810,
    38899, 49152, 51820, 54321, 56700,
];

/// A datagram to send.
pub(super) struct Question {
    pub(super) name: &'static str,
    pub(super) ports: &'static [u16],
    pub(super) from_any_port: bool,
    pub(super) own_port: Option<u16>,
    /// Whether it says nothing at another port than its own.
    only_usual: bool,
    build: fn() -> Vec<u8>,
}

impl Question {
    pub(super) fn payload(&self) -> Vec<u8> {
        PROBES.iter().find(|probe| probe.name == self.name).map_or_else(self.build, |probe| probe.payload())
    }
}

const fn of_wire(name: &'static str, ports: &'static [u16]) -> Question {
    Question { name, ports, from_any_port: false, own_port: None, only_usual: false, build: Vec::new }
}

/// Every question.
pub(super) const QUESTIONS: &[Question] = &[
    of_wire("dns-version", &[53]),
    of_wire("ntp-client", &[123]),
    Question { build: || ntp::read_variables_request(1).to_vec(), ..of_wire("ntp-variables", &[123]) },
    of_wire("snmp-get", &[161]),
    Question {
        build: || snmp::request(snmp::Version::V1, b"public", snmp::Operation::Get, 0x5a5a, &[snmp::SYS_DESCR]),
        ..of_wire("snmp-v1-get", &[161])
    },
    // Some devices answer a search from another port than 1900.
    Question { from_any_port: true, ..of_wire("ssdp-search", &[1900]) },
    of_wire("coap-core", &[5683]),
    Question { from_any_port: true, ..of_wire("tftp-read", &[69]) },
    of_wire("sip-options-udp", &[5060]),
    Question {
        build: || multicast_query(&[(service_discovery::service_types_name(), kind::PTR)], true).to_bytes(),
        ..of_wire("mdns-services", &[5353])
    },
    Question {
        // A server answers to port 68, whoever asked.
        own_port: Some(68),
        from_any_port: true,
        only_usual: true,
        build: dhcp_discover,
        ..of_wire("dhcp-discover", &[67])
    },
    // It takes no privilege and brings no answer of a server, but the refusal where there is none.
    Question { only_usual: true, build: dhcp_discover, ..of_wire("dhcp-refusal", &[67]) },
];

fn dhcp_discover() -> Vec<u8> {
    dhcp::discover(0x5a5a_5a5a, [2, 0, 0x5e, 0, 0x53, 0x5a])
}

/// The questions for a port: those usual there, or all that can be asked anywhere.
pub(super) fn for_port(port: u16, asked_for: bool) -> impl Iterator<Item = &'static Question> {
    let has_usual = QUESTIONS.iter().any(|question| question.ports.contains(&port));
    QUESTIONS.iter().filter(move |question| {
        question.ports.contains(&port) || (!question.only_usual && (asked_for || !has_usual))
    })
}

/// What to ask next: after the service types their instances, after the instances what stands behind each. One
/// question a datagram, because small responders do not read compressed names.
pub(super) fn next(name: &str, answer: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let Ok(message) = Message::read(answer) else { return Vec::new() };
    let messages = [message];
    let (name, names): (_, Vec<(Name, u16)>) = match name {
        "mdns-services" => {
            let types = service_discovery::service_types(&messages).into_iter();
            ("mdns-instances", types.take(16).map(|name| (name, kind::PTR)).collect())
        }
        "mdns-instances" => {
            let bare = |one: &service_discovery::Instance| one.properties.is_empty();
            let instances = service_discovery::instances(&messages).into_iter().filter(bare).take(16);
            ("mdns-details", instances.map(|one| (one.name, kind::ANY)).collect())
        }
        _ => return Vec::new(),
    };
    names.into_iter().map(|question| (name, multicast_query(&[question], true).to_bytes())).collect()
}

/// Recognises an answer by its question.
pub(super) fn recognise(name: &str, answer: &[u8]) -> Option<Identified> {
    let known = PROBES.iter().find(|probe| probe.transport == Transport::Udp && probe.name == name);
    let kind = match (known, name) {
        (Some(probe), _) => probe.kind,
        (None, "snmp-v1-get") => ProbeKind::Snmp,
        _ => ProbeKind::Greeting,
    };
    identify(answer, kind)
}

/// The protocol of an answer that `wire::service` does not recognise by itself.
pub(super) fn protocol(name: &str, answer: &[u8]) -> Option<&'static str> {
    match name {
        // An ordinary name server answers too, with nothing in it.
        "mdns-services" | "mdns-instances" | "mdns-details" => Message::read(answer)
            .ok()
            .filter(|message| message.is_response() && message.records().next().is_some())
            .map(|_| "mdns"),
        "ntp-variables" => ntp::read_control(answer).ok().map(|_| "ntp"),
        "dhcp-discover" | "dhcp-refusal" => dhcp::Message::read(answer).ok().map(|_| "dhcp"),
        _ => None,
    }
}

/// Whether an agent answers to a community that everybody knows.
pub(super) fn answers_community(name: &str, answer: &[u8]) -> bool {
    name.starts_with("snmp") && snmp::read(answer).is_ok_and(|response| response.is_response)
}

/// What an answer tells by its form, and its content as `name=value` lines for what may be told in passing.
pub(super) fn content(name: &str, answer: &[u8]) -> (Vec<Giveaway>, String) {
    let mut told = Vec::new();
    let mut lines = String::new();
    match name {
        "snmp-get" | "snmp-v1-get" => {
            for (_, value) in snmp::read(answer).map(|response| response.bindings).unwrap_or_default() {
                if let snmp::Value::Text(text) = value {
                    let text = String::from_utf8_lossy(&text).into_owned();
                    told.push(Giveaway::new("product", &text));
                    lines.push_str(&text);
                }
            }
        }
        "ntp-variables" => {
            if let Ok(control) = ntp::read_control(answer) {
                for (name, value) in ntp::variables(&String::from_utf8_lossy(&control.data)) {
                    let _ = writeln!(lines, "{name}={value}");
                }
            }
        }
        "coap-core" => {
            if let Ok(message) = coap::Message::read(answer) {
                let text = String::from_utf8_lossy(&message.payload).into_owned();
                let targets: Vec<String> = coap::links(&text).into_iter().map(|link| link.target).collect();
                if !targets.is_empty() {
                    told.push(Giveaway::new("api-description", &targets.join(" ")));
                }
                lines = text;
            }
        }
        "mdns-services" | "mdns-instances" | "mdns-details" => {
            let messages: Vec<Message> = Message::read(answer).into_iter().collect();
            for instance in service_discovery::instances(&messages) {
                let text = instance.name.to_string();
                told.push(Giveaway::new("model", &text));
                let _ = writeln!(lines, "{text}");
                for (name, value) in instance.properties {
                    let _ = writeln!(lines, "{name}={}", String::from_utf8_lossy(&value.unwrap_or_default()));
                }
            }
        }
        "ssdp-search" => {
            // `OS/version UPnP/version product/version` (UPnP Device Architecture 2.0, 1.3.3).
            let server = ssdp::Announcement::read(answer).ok();
            let server = server.as_ref().and_then(ssdp::Announcement::server).unwrap_or_default();
            let parts = server.split(' ').filter_map(|part| part.trim_matches([',', '(', ')']).split_once('/'));
            for (product, version) in parts.filter(|(product, _)| *product != "UPnP") {
                told.push(Giveaway::new("product", product));
                told.push(Giveaway::new("version", version));
            }
            lines = String::from_utf8_lossy(answer).into_owned();
        }
        "tftp-read" => {
            if let Ok(tftp::Packet::Data { bytes, .. }) = tftp::read(answer) {
                told.push(Giveaway::of_content("configuration", &String::from_utf8_lossy(&bytes)));
            }
        }
        _ => lines = String::from_utf8_lossy(answer).into_owned(),
    }
    (told, lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_has_bytes_and_every_udp_probe_of_wire_is_asked() {
        assert!(QUESTIONS.iter().all(|question| !question.payload().is_empty()));
        for probe in PROBES.iter().filter(|probe| probe.transport == Transport::Udp) {
            assert!(QUESTIONS.iter().any(|question| question.name == probe.name), "{}", probe.name);
        }
    }

    #[test]
    fn a_usual_port_is_asked_what_is_usual_and_a_wanted_one_everything() {
        let names = |port, asked_for| for_port(port, asked_for).map(|one| one.name).collect::<Vec<_>>();
        assert_eq!(names(161, false), ["snmp-get", "snmp-v1-get"]);
        assert_eq!(names(161, true).len(), QUESTIONS.len() - 2);
        assert_eq!(names(47000, false).len(), QUESTIONS.len() - 2);
        assert_eq!(names(67, false), ["dhcp-discover", "dhcp-refusal"]);
    }
}
