//! All TCP ports of a host, and the services behind them, found by our probes and by nmap: time, at no less knowledge.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use serde_json::json;

use super::lab::{Lab, Probe, attribute, facts, measured, median, nothing_missed, peer};
use super::{Bench, Bound, Peer, Row};

pub(super) const PORTS: Bench = Bench { name: "tcp-ports", measure: ports };
pub(super) const SERVICES: Bench = Bench { name: "services", measure: services };

pub(super) const DATAGRAMS: Bench = Bench { name: "udp-services", measure: datagrams };

const NMAP_WITHIN: Duration = Duration::from_secs(300);

fn ports(root: &Path) -> Result<Row, String> {
    let lab = Lab::start(root, "ports")?;
    let probe = Probe::built(root)?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        let (open, time) = open_ports(&probe, &lab)?;
        if open != lab.ports {
            return Err(format!("we found {open:?} open, not {:?}", lab.ports));
        }
        ours.push(time);
        let mut nmap = peer("nmap")?;
        nmap.args(["-n", "-Pn", "-sT", "-p-", "-oX", "-"]).arg(&lab.address);
        let (text, time) = measured(&mut nmap, NMAP_WITHIN)?;
        let open: Vec<u16> = nmap_ports(&text).map(|(port, _)| port).collect();
        if open != lab.ports {
            return Err(format!("nmap found {open:?} open, not {:?}", lab.ports));
        }
        theirs.push(time);
    }
    Ok(Row {
        what: format!("all TCP ports of a host, s ({} open, both found all)", lab.ports.len()),
        ours: median(ours),
        peer: Some(Peer { name: "nmap -n -Pn -sT -p-".to_owned(), value: median(theirs) }),
        bound: Bound::RatioAtMost(1.0 / 3.0),
    })
}

fn open_ports(probe: &Probe, lab: &Lab) -> Result<(Vec<u16>, f64), String> {
    let (reading, seconds) = probe.run("net.tcp-ports", &json!({ "address": lab.address }), &lab.address)?;
    let port = |fact: &serde_json::Value| u16::try_from(fact["endpoint"]["port"].as_u64()?).ok();
    Ok((facts(&reading, "port").filter(|fact| fact["state"] == "open").filter_map(port).collect(), seconds))
}

fn services(root: &Path) -> Result<Row, String> {
    let lab = Lab::start(root, "services")?;
    let probe = Probe::built(root)?;
    let mut seconds = Vec::new();
    let mut ours = BTreeSet::new();
    for _ in 0..3 {
        let (open, sweep) = open_ports(&probe, &lab)?;
        let parameters = json!({ "address": lab.address, "ports": open });
        let (reading, talk) = probe.run("net.services", &parameters, &lab.address)?;
        seconds.push(sweep + talk);
        ours = facts(&reading, "service").filter_map(our_service).collect();
    }
    let mut nmap = peer("nmap")?;
    nmap.args(["-n", "-Pn", "-sT", "-sV", "-p-", "-oX", "-"]).arg(&lab.address);
    let (text, time) = measured(&mut nmap, NMAP_WITHIN)?;
    let theirs: BTreeSet<(u16, String)> = nmap_ports(&text)
        // Other listeners of this machine may answer at every loopback address; they come and go.
        .filter(|(port, _)| lab.ports.contains(port))
        .filter_map(|(port, element)| Some((port, nmap_service(element)?)))
        .collect();
    nothing_missed(&ours, &theirs, "nmap")?;
    Ok(Row {
        what: format!("all TCP ports and their services, s ({} named by nmap, all by us)", theirs.len()),
        ours: median(seconds),
        peer: Some(Peer { name: "nmap -n -Pn -sT -sV -p-".to_owned(), value: time }),
        bound: Bound::RatioAtMost(0.1),
    })
}

fn our_service(fact: &serde_json::Value) -> Option<(u16, String)> {
    let port = u16::try_from(fact["endpoint"]["port"].as_u64()?).ok()?;
    let name = fact["protocol"].as_str()?;
    let tls = if fact["tls"] == true && name != "tls" { "tls " } else { "" };
    Some((port, format!("{tls}{name}")))
}

/// Open ports in nmap's XML, each with its element.
fn nmap_ports(xml: &str) -> impl Iterator<Item = (u16, &str)> {
    xml.split("<port ").skip(1).filter_map(|element| {
        let element = element.split("</port>").next()?;
        let number = attribute(&format!(" {element}"), "portid")?.parse().ok()?;
        element.contains("state=\"open\"").then_some((number, element))
    })
}

/// The service nmap recognised by what it said, not by its port number, in our words.
fn nmap_service(element: &str) -> Option<String> {
    let service = &element[element.find("<service ")?..];
    let service = service.split('>').next()?;
    if attribute(service, "method") != Some("probed") {
        return None;
    }
    let tls = if attribute(service, "tunnel") == Some("ssl") { "tls " } else { "" };
    Some(format!("{tls}{}", attribute(service, "name")?))
}

fn datagrams(root: &Path) -> Result<Row, String> {
    let lab = Lab::start(root, "datagrams")?;
    let probe = Probe::built(root)?;
    let open = |reading: &serde_json::Value| -> Vec<u16> {
        let port = |fact: &serde_json::Value| u16::try_from(fact["endpoint"]["port"].as_u64()?).ok();
        facts(reading, "port").filter(|fact| fact["state"] == "open").filter_map(port).collect()
    };
    let mut seconds = Vec::new();
    for _ in 0..3 {
        let (reading, time) = probe.run("net.udp-services", &json!({ "address": lab.address }), &lab.address)?;
        if open(&reading) != lab.ports {
            return Err(format!("we found {:?} open, not {:?}", open(&reading), lab.ports));
        }
        seconds.push(time);
    }
    let mut nmap = peer("nmap")?;
    nmap.args(["-n", "-Pn", "-sU", "--top-ports", "100", "-oX", "-"]).arg(&lab.address);
    let (text, time) = measured(&mut nmap, NMAP_WITHIN)?;
    let theirs: Vec<u16> = nmap_ports(&text).map(|(port, _)| port).collect();
    if let Some(missed) = theirs.iter().find(|port| !lab.ports.contains(port)) {
        return Err(format!("nmap found {missed} open, which nobody opened"));
    }
    Ok(Row {
        what: format!("a hundred UDP ports asked in their protocols, s ({} open)", lab.ports.len()),
        ours: median(seconds),
        peer: Some(Peer { name: "nmap -n -Pn -sU --top-ports 100".to_owned(), value: time }),
        bound: Bound::RatioAtMost(0.25),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const XML: &str = r#"<ports><port protocol="tcp" portid="22"><state state="open" reason="x"/><service name="ssh"
product="OpenSSH" method="probed" conf="10"/></port><port protocol="tcp" portid="23"><state state="open"/><service
name="telnet" method="table" conf="3"/></port><port protocol="tcp" portid="24"><state state="closed"/></port>
<port protocol="tcp" portid="443"><state state="open"/><service name="http" tunnel="ssl" method="probed"/></port>"#;

    #[test]
    fn open_ports_and_recognised_services_are_read_from_nmap() {
        let found: Vec<_> =
            nmap_ports(XML).map(|(port, element)| (port, nmap_service(&element.replace('\n', " ")))).collect();
        let named = |name: &str| Some(name.to_owned());
        assert_eq!(found, [(22, named("ssh")), (23, None), (443, named("tls http"))]);
    }

    #[test]
    fn our_service_is_named_in_the_same_words() {
        let fact = json!({ "endpoint": { "port": 443 }, "protocol": "http", "tls": true });
        assert_eq!(our_service(&fact), Some((443, "tls http".to_owned())));
    }
}
