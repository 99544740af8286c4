//! What the device sends beside its declared communication, each only with a fault. Nothing depends on an answer.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

use super::fetch;
use crate::faults::Fault;
use crate::plug::Plug;
use crate::ports;

const DNS: u16 = 53;
const NTP: u16 = 123;

/// Sends it, with each publication.
pub(crate) fn send(plug: &Plug, cloud: IpAddr) {
    let stranger = stranger(cloud);
    if plug.has(Fault::PersonalDataPlain) {
        let at = SocketAddr::new(cloud, ports::CLOUD_HTTP_PLAIN);
        let body = format!("{{\"serial\":\"{}\",\"watts\":42,\"celsius\":31}}", plug.label.serial);
        post(plug.address, at, "/diagnostics", &body);
    }
    if plug.has(Fault::DestinationUndeclared) {
        post(plug.address, SocketAddr::new(stranger, ports::STRANGER_HTTP), "/hello", "{}");
    }
    if plug.has(Fault::DnsUndeclared) {
        datagram(plug.address, SocketAddr::new(stranger, DNS), &dns_query());
    }
    if plug.has(Fault::NtpUndeclared) {
        let mut query = [0; 48];
        // Version 4, mode 3: a client (RFC 5905, section 7.3).
        query[0] = 0x23;
        datagram(plug.address, SocketAddr::new(stranger, NTP), &query);
    }
}

/// Somebody who is neither the device nor its associated service: the address behind the service's.
pub(crate) fn stranger(cloud: IpAddr) -> IpAddr {
    match cloud {
        IpAddr::V4(at) => IpAddr::V4(Ipv4Addr::from(u32::from(at).wrapping_add(1))),
        IpAddr::V6(_) => cloud,
    }
}

fn post(from: IpAddr, at: SocketAddr, path: &str, body: &str) {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {at}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    if let Ok(mut stream) = fetch::connect(from, at) {
        // Whether anybody takes it makes no difference to the device.
        let _ = stream.write_all(format!("{head}{body}").as_bytes());
        let _ = std::io::Read::read(&mut stream, &mut [0; 1024]);
    }
}

fn datagram(from: IpAddr, at: SocketAddr, bytes: &[u8]) {
    if let Ok(socket) = UdpSocket::bind(SocketAddr::new(from, 0)) {
        let _ = socket.send_to(bytes, at);
    }
}

/// A question for the address of `time.lumen.invalid` (RFC 1035, section 4).
fn dns_query() -> Vec<u8> {
    let mut query = vec![0x4c, 0x50, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in ["time", "lumen", "invalid"] {
        query.push(label.len() as u8);
        query.extend(label.as_bytes());
    }
    query.extend([0, 0, 1, 0, 1]);
    query
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_is_one_that_a_name_server_reads() {
        let query = dns_query();
        assert_eq!(query.len(), 12 + 5 + 6 + 8 + 1 + 4);
        assert_eq!(stranger([127, 0, 77, 2].into()), IpAddr::from([127, 0, 77, 3]));
    }
}
