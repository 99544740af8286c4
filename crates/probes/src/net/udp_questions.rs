//! Which datagrams are worth sending to which UDP port, and what an answer says.
//!
//! UDP has no handshake: only a question in the right protocol brings an answer. Bytes are those of `wire`.

use std::fmt::Write as _;

use wire::dns::{Message, Name, kind, multicast_query, service_discovery};
use wire::service::{Identified, PROBES, ProbeKind, Transport, identify};
use wire::{coap, dhcp, discovery, household, ntp, snmp, ssdp, tftp};

use crate::giveaway::Giveaway;

/// UDP ports on which consumer products and their neighbours are known to listen; asked whatever is declared.
pub(super) const WELL_KNOWN: &[u16] = &[
    7, 9, 13, 17, 19, 37, 53, 67, 69, 80, 88, 111, 123, 135, 137, 138, 161, 162, 177, 389, 427, 443, 500, 514,
    515, 518, 520, 546, 547, 554, 623, 631, 1025, 1194, 1434, 1645, 1646, 1701, 1718, 1719, 1812, 1813, 1883,
    1900, 1982, 2049, 2222, 2427, 3283, 3478, 3671, 3702, 4003, 4500, 5000, 5004, 5060, 5093, 5351, 5353, 5355,
    5540, 5632, 5678, 5683, 5684, 6666, 6667, 7400, 8000, 8883, 8888, 9522, 9600, 9999, 10000, 10001, 11211,
    17185, 20002, 27036, 30718, 31337, 32100, 32410, 32414, 34567, 34964, 37020, 37810, 38899, 41794, 44818,
    47808, 48899, 49152, 49153, 51820, 54321, 56700, 57621,
];

/// Where else than at its usual ports a question is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Elsewhere {
    /// Wherever it is not known what is usual.
    Anywhere,
    /// Where the port itself was asked for.
    Wanted,
    /// Nowhere: it says nothing there.
    Never,
}

/// A datagram to send.
pub(super) struct Question {
    pub(super) name: &'static str,
    pub(super) ports: &'static [u16],
    pub(super) from_any_port: bool,
    pub(super) own_port: Option<u16>,
    elsewhere: Elsewhere,
    build: fn() -> Vec<u8>,
}

impl Question {
    pub(super) fn payload(&self) -> Vec<u8> {
        PROBES.iter().find(|probe| probe.name == self.name).map_or_else(self.build, |probe| probe.payload())
    }
}

const fn of_wire(name: &'static str, ports: &'static [u16]) -> Question {
    Question { name, ports, from_any_port: false, own_port: None, elsewhere: Elsewhere::Anywhere, build: Vec::new }
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
        elsewhere: Elsewhere::Never,
        build: dhcp_discover,
        ..of_wire("dhcp-discover", &[67])
    },
    Question { from_any_port: true, build: discovery::probe, ..of_wire("ws-discovery", &[3702]) },
    at_home("kasa-system", &[9999, 20002], household::kasa_system),
    at_home("wiz-configuration", &[38899], household::wiz_configuration),
    at_home("miio-hello", &[54321], household::miio_hello),
    at_home("module-search", &[48899], household::module_search),
    at_home("equipment-search", &[10001], household::equipment_search),
    at_home("nat-pmp", &[5351], household::outer_address),
    at_home("stun-binding", &[3478], household::stun_binding),
    at_home("netbios-status", &[137], household::netbios_status),
    at_home("portmap-dump", &[111], household::portmap_dump),
    at_home("asf-ping", &[623], household::asf_ping),
    at_home("knx-search", &[3671], household::knx_search),
    at_home("bacnet-who-is", &[47808], household::bacnet_who_is),
    at_home("memcached-udp", &[11211], household::memcached_version),
    at_home("camera-inquiry", &[37020], household::camera_inquiry),
    // It takes no privilege and brings no answer of a server, but the refusal where there is none.
    Question { elsewhere: Elsewhere::Never, build: dhcp_discover, ..of_wire("dhcp-refusal", &[67]) },
];

const fn at_home(name: &'static str, ports: &'static [u16], build: fn() -> Vec<u8>) -> Question {
    Question { name, ports, from_any_port: false, own_port: None, elsewhere: Elsewhere::Wanted, build }
}

fn dhcp_discover() -> Vec<u8> {
    dhcp::discover(0x5a5a_5a5a, [2, 0, 0x5e, 0, 0x53, 0x5a])
}

/// The questions for a port: those usual there, or all that can be asked anywhere.
pub(super) fn for_port(port: u16, asked_for: bool) -> impl Iterator<Item = &'static Question> {
    let has_usual = QUESTIONS.iter().any(|question| question.ports.contains(&port));
    QUESTIONS.iter().filter(move |question| {
        question.ports.contains(&port)
            || match question.elsewhere {
                Elsewhere::Anywhere => asked_for || !has_usual,
                Elsewhere::Wanted => asked_for,
                Elsewhere::Never => false,
            }
    })
}

/// Resources of a CoAP server that are opened, and objects of an agent that are walked to.
const MOST_OPENED: usize = 16;
const MOST_WALKED: usize = 24;
/// Before the path of a resource, in the name of the question that opens it.
const OPENS: &str = "coap-get ";

/// What to ask next: after the service types their instances, after the instances what stands behind each; after a
/// list of resources each of them; after the description of a system the rest of it and its interfaces. One question a
/// datagram, because small responders do not read compressed names.
pub(super) fn next(name: &str, answer: &[u8], asked: &[&str]) -> Vec<(String, Vec<u8>)> {
    match name {
        "mdns-services" | "mdns-instances" => next_of_mdns(name, answer),
        "coap-core" => next_of_coap(answer),
        "snmp-get" | "snmp-v1-get" if !asked.contains(&"snmp-system") => {
            let version = if name == "snmp-get" { snmp::Version::V2c } else { snmp::Version::V1 };
            let one = |name: &str, operation, objects: &[&[u32]]| {
                (name.to_owned(), snmp::request(version, b"public", operation, 0x5a5a, objects))
            };
            vec![
                one("snmp-system", snmp::Operation::Get, &[snmp::SYS_NAME, snmp::SYS_CONTACT, snmp::SYS_LOCATION]),
                one("snmp-walk", snmp::Operation::GetNext, &[snmp::IF_DESCR]),
                one("snmp-walk", snmp::Operation::GetNext, &[snmp::IF_PHYS_ADDRESS]),
                one("snmp-walk", snmp::Operation::GetNext, &[snmp::SERIAL_NUMBER]),
            ]
        }
        "snmp-walk" if asked.iter().filter(|name| **name == "snmp-walk").count() < MOST_WALKED => {
            next_of_walk(answer)
        }
        _ => Vec::new(),
    }
}

fn next_of_mdns(name: &str, answer: &[u8]) -> Vec<(String, Vec<u8>)> {
    let Ok(message) = Message::read(answer) else { return Vec::new() };
    let messages = [message];
    let (name, names): (_, Vec<(Name, u16)>) = match name {
        "mdns-services" => {
            let types = service_discovery::service_types(&messages).into_iter();
            ("mdns-instances", types.take(16).map(|name| (name, kind::PTR)).collect())
        }
        _ => {
            let bare = |one: &service_discovery::Instance| one.properties.is_empty();
            let instances = service_discovery::instances(&messages).into_iter().filter(bare).take(16);
            ("mdns-details", instances.map(|one| (one.name, kind::ANY)).collect())
        }
    };
    let one = |question| (name.to_owned(), multicast_query(&[question], true).to_bytes());
    names.into_iter().map(one).collect()
}

/// A GET of each resource that the list names.
fn next_of_coap(answer: &[u8]) -> Vec<(String, Vec<u8>)> {
    let Ok(message) = coap::Message::read(answer) else { return Vec::new() };
    let text = String::from_utf8_lossy(&message.payload).into_owned();
    let targets = coap::links(&text).into_iter().map(|link| link.target);
    let targets = targets.filter(|target| target.starts_with('/') && target.len() < 200 && !target.contains('?'));
    let open = |(at, target): (usize, String)| {
        let get = coap::get(&target, 0x5b00 + at as u16, &[0x5b, at as u8]);
        (format!("{OPENS}{}", wire::text::visible_str(&target, 200)), get.to_bytes())
    };
    targets.take(MOST_OPENED).enumerate().map(open).collect()
}

/// The object behind the one in an answer, while it is of the same column.
fn next_of_walk(answer: &[u8]) -> Vec<(String, Vec<u8>)> {
    let Ok(response) = snmp::read(answer) else { return Vec::new() };
    let version = if response.version == 0 { snmp::Version::V1 } else { snmp::Version::V2c };
    let Some((object, value)) = response.bindings.first() else { return Vec::new() };
    let walks = [snmp::IF_DESCR, snmp::IF_PHYS_ADDRESS, snmp::SERIAL_NUMBER].iter().any(|c| object.starts_with(c));
    if !walks || response.error != 0 || *value == snmp::Value::Missing {
        return Vec::new();
    }
    let request = snmp::request(version, b"public", snmp::Operation::GetNext, 0x5a5a, &[object]);
    vec![("snmp-walk".to_owned(), request)]
}

/// What the answer to the opening of a resource says of who may read it: the function, whether it was granted, and how
/// that was told. None where it says nothing of it.
pub(super) fn opened(name: &str, answer: &[u8]) -> Option<(String, bool, String)> {
    let path = name.strip_prefix(OPENS)?;
    let message = coap::Message::read(answer).ok()?;
    let granted = match message.code {
        (2, _) => true,
        (4, 1 | 3) => false,
        _ => return None,
    };
    let told = format!("{} with {} bytes", message.code_text(), message.payload.len());
    Some((format!("GET {path}"), granted, told))
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
        "ws-discovery" => (!discovery::matches(answer).is_empty()).then_some("ws-discovery"),
        "kasa-system" => household::unchained(answer).starts_with('{').then_some("kasa"),
        "wiz-configuration" => answer.starts_with(b"{\"").then_some("wiz"),
        "miio-hello" => answer.starts_with(&[0x21, 0x31]).then_some("miio"),
        "module-search" => (answer.iter().filter(|byte| **byte == b',').count() == 2).then_some("hf-module"),
        "equipment-search" => (answer.len() > 8 && answer.starts_with(&[1, 0])).then_some("ubnt-discovery"),
        "nat-pmp" => household::is_nat_pmp(answer).then_some("nat-pmp"),
        "stun-binding" => household::is_stun(answer).then_some("stun"),
        "netbios-status" => (!household::netbios_names(answer).0.is_empty()).then_some("netbios"),
        "portmap-dump" => household::is_rpc_reply(answer).then_some("portmap"),
        "asf-ping" => household::is_rmcp(answer).then_some("rmcp"),
        "knx-search" => household::is_knx(answer).then_some("knx"),
        "bacnet-who-is" => household::is_bacnet(answer).then_some("bacnet"),
        "memcached-udp" => {
            answer.get(8..).is_some_and(|text| text.starts_with(b"VERSION ")).then_some("memcached")
        }
        "camera-inquiry" => answer.windows(11).any(|part| part == b"<ProbeMatch").then_some("sadp"),
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
        "snmp-system" | "snmp-walk" => {
            for (object, value) in snmp::read(answer).map(|response| response.bindings).unwrap_or_default() {
                let snmp::Value::Text(bytes) = value else { continue };
                let text = String::from_utf8_lossy(&bytes).into_owned();
                match object.as_slice() {
                    object if object.starts_with(snmp::IF_PHYS_ADDRESS) => told.extend(hardware(&bytes)),
                    object if object.starts_with(snmp::SERIAL_NUMBER) && !text.trim().is_empty() => {
                        told.push(Giveaway::new("serial", &text));
                    }
                    object
                        if (object == snmp::SYS_CONTACT || object == snmp::SYS_LOCATION)
                            && !text.trim().is_empty() =>
                    {
                        told.push(Giveaway::of_content("configuration", &text));
                    }
                    object if object == snmp::SYS_NAME => lines.push_str(&text),
                    _ => {}
                }
            }
        }
        "ws-discovery" => {
            for one in discovery::matches(answer) {
                told.extend(one.scope("hardware").map(|text| Giveaway::new("model", &text)));
                told.extend(one.scope("name").map(|text| Giveaway::new("model", &text)));
                told.extend(one.scope("serial").map(|text| Giveaway::new("serial", &text)));
                told.extend(one.scope("mac").map(|text| Giveaway::new("mac", &text)));
                let _ = writeln!(lines, "{} {}", one.address, one.scopes.join(" "));
            }
        }
        "kasa-system" => lines = household::unchained(answer),
        "miio-hello" => {
            told.extend(household::miio_token(answer).map(|token| Giveaway::new("key", &hex::encode(token))));
        }
        "module-search" => {
            // `address,hardware address,model`, as the module writes it.
            let text = String::from_utf8_lossy(answer).into_owned();
            if let [_, mac, model] = text.split(',').collect::<Vec<_>>()[..] {
                told.push(Giveaway::new("mac", mac));
                told.push(Giveaway::new("model", model));
            }
        }
        "netbios-status" => {
            let (names, address) = household::netbios_names(answer);
            told.extend(address.and_then(|bytes| hardware(&bytes)));
            lines = names.join("\n");
        }
        "memcached-udp" => {
            let text = String::from_utf8_lossy(answer.get(16..).unwrap_or_default()).into_owned();
            told.push(Giveaway::new("version", text.trim()));
        }
        // Read by its question: the rest of such an answer is no text.
        "equipment-search" | "nat-pmp" | "stun-binding" | "portmap-dump" | "asf-ping" | "knx-search"
        | "bacnet-who-is" => {}
        name if name.starts_with(OPENS) => {
            if let Ok(message) = coap::Message::read(answer) {
                lines = String::from_utf8_lossy(&message.payload).into_owned();
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

/// A hardware address of six bytes that is not all zero, as text.
fn hardware(bytes: &[u8]) -> Option<Giveaway> {
    let fits = bytes.len() == 6 && bytes.iter().any(|byte| *byte != 0);
    let text = bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":");
    fits.then(|| Giveaway::new("mac", &text))
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
        let anywhere = QUESTIONS.iter().filter(|question| question.elsewhere == Elsewhere::Anywhere);
        assert_eq!(names(47000, false).len(), anywhere.count());
        assert_eq!(names(3702, false), ["ws-discovery"]);
        assert_eq!(names(67, false), ["dhcp-discover", "dhcp-refusal"]);
    }
}
