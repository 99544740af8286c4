//! The fixed ports of the demonstration product. All are unprivileged; which of them answer depends on the faults.

use std::net::SocketAddr;

/// Plain HTTP of the device: redirects to HTTPS, serves the SSDP description document.
pub const HTTP: u16 = 27080;
/// Web page and JSON API of the device.
pub const HTTPS: u16 = 27443;
/// mDNS responder (UDP, unicast questions are answered).
pub const MDNS: u16 = 27353;
/// SSDP responder (UDP).
pub const SSDP: u16 = 27900;
/// Camera stream.
pub const RTSP: u16 = 27554;
/// CoAP provisioning (UDP).
pub const COAP: u16 = 27683;
/// Web pages and update service of the associated service.
pub const CLOUD_HTTPS: u16 = 28443;
/// MQTT over TLS of the associated service.
pub const CLOUD_MQTT: u16 = 28883;

/// Telnet, only with a fault.
pub const TELNET: u16 = 27023;
/// FTP control connection, only with a fault.
pub const FTP: u16 = 27021;
/// TFTP (UDP), only with a fault.
pub const TFTP: u16 = 27069;
/// SNMP (UDP), only with a fault.
pub const SNMP: u16 = 27161;
/// WS-Discovery (UDP), only with a fault.
pub const WS_DISCOVERY: u16 = 30702;
/// MQTT broker on the device itself, only with a fault.
pub const BROKER: u16 = 27883;
/// Debug console, only with a fault.
pub const DEBUG: u16 = 27999;
/// MQTT without TLS at the associated service, only with a fault.
pub const CLOUD_MQTT_PLAIN: u16 = 28884;

/// Web pages of the associated service without TLS, only with a fault.
pub const CLOUD_HTTP_PLAIN: u16 = 28080;
/// HTTP of somebody who is neither the device nor its associated service, only with a fault.
pub const STRANGER_HTTP: u16 = 29080;

/// The transport protocol of a listening port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Transport {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

/// One port that a running product listens on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listening {
    /// What listens, in a word: `https`, `telnet`, `cloud-mqtt`.
    pub service: &'static str,
    /// TCP or UDP.
    pub transport: Transport,
    /// Address and port.
    pub at: SocketAddr,
    /// False when the port is open only because of a fault.
    pub intended: bool,
}
