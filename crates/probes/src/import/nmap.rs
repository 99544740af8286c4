//! What nmap found, from its XML (`-oX`): ports by their state, services that were probed, and what a few scripts tell.
//!
//! A port counts as looked at where nmap says `open` or `closed` of it, alone or summed up in `extraports`. `filtered`
//! and the states with a bar say nothing. A service that was named from a table of ports was not looked at.

mod scripts;

use std::io::Read;
use std::net::IpAddr;

use model::{Endpoint, Fact, Period, PortState, ServiceFacts, ShortfallKind, Timestamp, Touches, Transport};
use serde::Deserialize as _;
use serde_json::Value;
use wire::text::visible_str;
use wire::xml::{self, Element};

use super::about::Book;
use super::{About, ImportError, Imported, Importer, whole};
use crate::{Card, Need, port_ranges};

/// The card.
pub const CARD: Card = Card {
    id: "import.nmap",
    revision: 2,
    asks: "Which ports, services and algorithms did nmap find at this address?",
    yields: &["port", "service", "tls-version", "tls-suite", "tls-suites-refused", "certificate", "ssh-offer"],
    touches: Touches::Nothing,
    needs: &[Need::File],
};

/// The importer.
pub const IMPORTER: Importer = Importer {
    card: &CARD,
    format: "nmap",
    reads: "XML of nmap (`-oX FILE`)",
    level: model::Level::Imported,
    per_address: true,
    sniff: |begins| begins.windows(8).any(|window| window == b"<nmaprun"),
    interpret,
};

const MOST: u64 = 64 << 20;
const TCP: &str = "tcp-ports";
const UDP: &str = "udp-services";
const SERVICES: &str = "services";
/// Scans whose `open` and `closed` are what a connection would find.
const SPEAKING: [&str; 3] = ["connect", "syn", "udp"];

fn interpret(file: &mut dyn Read, parameters: &Value) -> Result<Imported, ImportError> {
    let about = About::deserialize(parameters)?;
    let document = xml::read(&whole(file, IMPORTER.format, MOST)?);
    let not_this = |why: &str| ImportError::NotThis { format: IMPORTER.format, why: why.to_owned() };
    let root =
        document.root.filter(|root| root.name == "nmaprun").ok_or_else(|| not_this("it has no `nmaprun`"))?;
    let mut book = Book::new(&about);
    let mut times = Vec::new();
    for host in root.all("host") {
        if let Some(address) = address(host, &mut book) {
            times.extend(["starttime", "endtime"].iter().filter_map(|name| seconds(host.attribute(name))));
            read_host(address, host, &root, &mut book);
        }
    }
    let finished = root.child("runstats").and_then(|stats| stats.child("finished"));
    let ended_well = finished.and_then(|f| f.attribute("exit")).is_none_or(|exit| exit == "success");
    if let Some(why) = document.broken.or_else(|| finished.is_none().then(|| "it names no end".to_owned())) {
        let text = format!("the file ends before the scan does: {}", visible_str(&why, 200));
        book.short(ShortfallKind::Missing, TCP, None, text);
    } else if !ended_well {
        book.short(ShortfallKind::Missing, TCP, None, "nmap ended with an error".to_owned());
    }
    times.extend(finished.and_then(|f| seconds(f.attribute("time"))));
    times.extend(seconds(root.attribute("start")));
    let measured = times.iter().min().zip(times.iter().max());
    Ok(Imported {
        tool: root.attribute("scanner").map(|text| visible_str(text, 40)),
        version: root.attribute("version").map(|text| visible_str(text, 40)),
        measured: measured.map(|(from, until)| Period { from: *from, until: *until }),
        ..book.finish()
    })
}

fn seconds(text: Option<&str>) -> Option<Timestamp> {
    text?.parse().ok().filter(|seconds| (1..1 << 40).contains(seconds)).map(Timestamp::from_seconds)
}

/// The address of a host, where it is the one that is read.
fn address(host: &Element, book: &mut Book<'_>) -> Option<IpAddr> {
    let addresses = host.all("address").filter(|a| a.attribute("addrtype").is_some_and(|kind| kind != "mac"));
    addresses.filter_map(|a| book.address(a.attribute("addr").unwrap_or_default())).next()
}

fn read_host(address: IpAddr, host: &Element, root: &Element, book: &mut Book<'_>) {
    let state = host.child("status").and_then(|status| status.attribute("state")).unwrap_or("unknown");
    if state != "up" {
        let text = format!("nmap says `{}` of {address}: its ports were not tried", visible_str(state, 40));
        book.short(ShortfallKind::Silence, TCP, None, text);
        return;
    }
    let ports: Vec<&Element> = host.all("ports").collect();
    for transport in [Transport::Tcp, Transport::Udp] {
        let scan = root.all("scaninfo").find(|info| info.attribute("protocol") == Some(word(transport)));
        let Some(scan) = scan else { continue };
        Scan { address, transport, scan, ports: &ports, is_alone: root.all("scaninfo").count() == 1 }.read(book);
    }
    for scan in root.all("scaninfo").filter(|info| !matches!(info.attribute("protocol"), Some("tcp" | "udp"))) {
        let protocol = visible_str(scan.attribute("protocol").unwrap_or("?"), 40);
        let text = format!("a scan of protocol `{protocol}` is not read");
        book.short(ShortfallKind::Unsupported, TCP, None, text);
    }
}

fn word(transport: Transport) -> &'static str {
    match transport {
        Transport::Tcp => "tcp",
        Transport::Udp => "udp",
    }
}

/// The scan of one transport at one host.
struct Scan<'a> {
    address: IpAddr,
    transport: Transport,
    scan: &'a Element,
    ports: &'a [&'a Element],
    /// Whether nmap scanned nothing else, so that sums are of this scan.
    is_alone: bool,
}

impl Scan<'_> {
    fn read(&self, book: &mut Book<'_>) {
        let of = if self.transport == Transport::Tcp { TCP } else { UDP };
        let kind = self.scan.attribute("type").unwrap_or("unknown");
        if !SPEAKING.contains(&kind) {
            let text = format!("a scan of type `{}` does not tell open from closed", visible_str(kind, 40));
            book.short(ShortfallKind::Unsupported, of, None, text);
            return;
        }
        let Some(asked) = ranges(self.scan.attribute("services").unwrap_or_default()) else {
            let text = "the list of ports that were asked for cannot be read".to_owned();
            book.short(ShortfallKind::Unreadable, of, None, text);
            return;
        };
        let asked: Vec<u16> = asked.into_iter().flat_map(|(low, high)| low..=high).collect();
        let (mut covered, mut silent, mut open) = (Vec::new(), Vec::new(), 0_usize);
        for port in self.ports.iter().flat_map(|ports| ports.all("port")) {
            if port.attribute("protocol") != Some(word(self.transport)) {
                continue;
            }
            let Some(number) = port.attribute("portid").and_then(|id| id.parse::<u16>().ok()) else { continue };
            let endpoint = Endpoint { address: self.address, transport: self.transport, port: number };
            match port.child("state").and_then(|state| state.attribute("state")) {
                Some("open") => {
                    covered.push(number);
                    open += 1;
                    book.fact(Fact::Port { endpoint, state: PortState::Open, background: false });
                    read_service(endpoint, port, book);
                    scripts::read(endpoint, port, book);
                }
                Some("closed") => covered.push(number),
                _ => silent.push(number),
            }
        }
        let told: Vec<u16> = covered.iter().chain(&silent).copied().collect();
        let others: Vec<u16> = asked.iter().filter(|port| !told.contains(port)).copied().collect();
        let untold = self.summed_up(&others, &mut covered, &mut silent);
        self.tell(of, &covered, open, book);
        for (ports, kind, why) in [
            (&silent, ShortfallKind::Silence, "nmap could not tell open from closed"),
            (&untold, ShortfallKind::Missing, "the file does not say what became of it"),
        ] {
            if !ports.is_empty() {
                let ranges = port_ranges(ports);
                let text = format!("{of} {} at {} ({} ports): {why}", named(&ranges), self.address, ports.len());
                book.short(kind, of, None, text);
            }
        }
    }

    /// Sorts the ports that are only summed up, where the sums leave no doubt which they are. Returns the others.
    fn summed_up(&self, others: &[u16], covered: &mut Vec<u16>, silent: &mut Vec<u16>) -> Vec<u16> {
        let extra: Vec<&Element> = self.ports.iter().flat_map(|ports| ports.all("extraports")).collect();
        let mut left = others.to_vec();
        for one in &extra {
            let sort = if one.attribute("state") == Some("closed") { &mut *covered } else { &mut *silent };
            for reasons in one.all("extrareasons").filter(|r| r.attribute("proto") == Some(word(self.transport))) {
                let Some(listed) = ranges(reasons.attribute("ports").unwrap_or_default()) else { continue };
                let is_listed = |port: &u16| listed.iter().any(|(low, high)| (low..=high).contains(&port));
                let (here, rest): (Vec<u16>, Vec<u16>) = left.into_iter().partition(is_listed);
                sort.extend(here);
                left = rest;
            }
        }
        // Early versions count and do not list; one state for all that are left leaves no doubt.
        let counted = |one: &Element| one.attribute("count").and_then(|count| count.parse::<usize>().ok());
        let lists = |one: &Element| one.all("extrareasons").any(|reasons| reasons.attribute("ports").is_some());
        if let [one] = extra.as_slice()
            && self.is_alone
            && !left.is_empty()
            && !lists(one)
            && counted(one) == Some(left.len())
        {
            let sort = if one.attribute("state") == Some("closed") { covered } else { silent };
            sort.append(&mut left);
        }
        left
    }

    fn tell(&self, of: &str, covered: &[u16], open: usize, book: &mut Book<'_>) {
        if covered.is_empty() {
            return;
        }
        let ranges = port_ranges(covered);
        let text = format!(
            "{} {} at {}: {open} open, {} closed",
            self.transport,
            named(&ranges),
            self.address,
            covered.len() - open
        );
        book.covered(of, None, ranges, text);
    }
}

/// `1,3-4,6` as nmap writes it; none where it is something else.
fn ranges(text: &str) -> Option<Vec<(u16, u16)>> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let ranges: Option<Vec<(u16, u16)>> = parts
        .map(|part| {
            let (low, high) = part.split_once('-').unwrap_or((part, part));
            let range = (low.parse().ok()?, high.parse().ok()?);
            (range.0 <= range.1).then_some(range)
        })
        .collect();
    ranges.filter(|ranges| !ranges.is_empty())
}

fn named(ranges: &[(u16, u16)]) -> String {
    let name = |(low, high): &(u16, u16)| if low == high { low.to_string() } else { format!("{low}-{high}") };
    let mut names: Vec<String> = ranges.iter().take(20).map(name).collect();
    if ranges.len() > 20 {
        names.push(format!("and {} more ranges", ranges.len() - 20));
    }
    names.join(",")
}

fn read_service(endpoint: Endpoint, port: &Element, book: &mut Book<'_>) {
    let service = port.child("service");
    let probed = service.filter(|service| service.attribute("method") == Some("probed"));
    let Some(service) = probed else {
        let text = format!("{endpoint}: nmap named the service after its port and did not ask it");
        book.short(ShortfallKind::Missing, SERVICES, Some(endpoint), text);
        return;
    };
    let name = service.attribute("name").unwrap_or("unknown");
    let tls = service.attribute("tunnel") == Some("ssl") || matches!(name, "https" | "ssl");
    let protocol = match name {
        "domain" => "dns",
        "https" | "http-proxy" | "http-alt" => "http",
        "ssl" | "tcpwrapped" | "unknown" => "unknown",
        other => other,
    };
    let protocol = visible_str(&protocol.to_lowercase(), 40);
    let text = |name: &str| service.attribute(name).map(|text| visible_str(text, 120));
    let told = format!("{endpoint} speaks {protocol}{}", if tls { " inside TLS" } else { "" });
    if protocol == "unknown" {
        let text = format!("{endpoint}: nmap recognised no protocol");
        book.short(ShortfallKind::Unsupported, SERVICES, Some(endpoint), text);
    } else {
        book.covered(SERVICES, Some(endpoint), vec![(endpoint.port, endpoint.port)], told);
    }
    // Behind the version nmap writes what it knows besides: a package, a range.
    let version = text("version").and_then(|text| text.split_whitespace().next().map(str::to_owned));
    let product = text("product");
    book.fact(Fact::Service(ServiceFacts { endpoint, protocol, tls, product, version, banner: String::new() }));
}

#[cfg(test)]
mod tests;
