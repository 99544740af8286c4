//! Names of probes and targets as the rules refer to them.

/// TCP port scan.
pub(super) const TCP_PORTS: &str = "net.tcp-ports";
/// Search for UDP services.
pub(super) const UDP_SERVICES: &str = "net.udp-services";
/// Whether the product answers over IPv6 on its own link.
pub(super) const NEIGHBOURS: &str = "net.neighbours";
/// What speaks behind an open port.
pub(super) const SERVICES: &str = "net.services";
/// What HTTP gives away and asks for.
pub(super) const HTTP_SURFACE: &str = "http.surface";
/// Declared functions, tried with and without credentials.
pub(super) const HTTP_ACCESS: &str = "http.access";
/// Unexpected input.
pub(super) const HTTP_INPUT: &str = "http.input";
/// Unexpected messages to a broker.
pub(super) const MQTT_INPUT: &str = "mqtt.input";
/// Unexpected datagrams to a CoAP server.
pub(super) const COAP_INPUT: &str = "coap.input";
/// What a service with a protocol of its own does with wrong messages.
pub(super) const RAW_INPUT: &str = "raw.input";
/// Well-known and pre-installed credentials.
pub(super) const AUTH_DEFAULTS: &str = "auth.defaults";
/// Bounded runs of wrong guesses.
pub(super) const AUTH_GUESSING: &str = "auth.guessing";
/// How a login holds its sessions.
pub(super) const AUTH_SESSIONS: &str = "auth.sessions";
/// A credential changed and changed back.
pub(super) const AUTH_CHANGE: &str = "auth.change";
/// What a TLS server accepts.
pub(super) const TLS_OFFER: &str = "tls.server-offer";
/// What the product accepts as a TLS client.
pub(super) const CLIENT_CHECKS: &str = "tls.client-checks";
/// Published pages.
pub(super) const WEB_PAGE: &str = "web.page";

/// What a capture of the product's traffic shows.
pub(super) const TRAFFIC: &str = "traffic.capture";

/// The target under assessment.
pub(super) const DUT: &str = "dut";
