//! Real servers, one file each: a struct of what a test may choose, and `start`, which gives a running one.
//!
//! `start` answers [`crate::StartError::Missing`] where the program is not installed; hand the result to
//! [`crate::ready`] and return on `None`. No server here is configured well or badly by default beyond what its
//! file says: the test chooses the weakness it wants to see.

mod asyncssh;
mod avahi;
mod chromedriver;
mod coap;
mod dnsmasq;
mod dovecot;
mod dropbear;
mod gnutls;
mod memcached;
mod miniupnpd;
mod mosquitto;
mod nginx;
mod oidc;
mod openssh;
mod postgres;
mod snmpd;
mod telnet;
mod tls;
mod vsftpd;

pub use asyncssh::AsyncSsh;
pub use avahi::{Avahi, Service};
pub use chromedriver::Chromedriver;
pub use coap::{CoapServer, SecureCoapServer};
pub use dnsmasq::Dnsmasq;
pub use dovecot::Dovecot;
pub use dropbear::Dropbear;
pub use gnutls::GnuTlsServer;
pub use memcached::Memcached;
pub use miniupnpd::{Miniupnpd, OUTER as GATEWAY_OUTER, SERIAL as GATEWAY_SERIAL};
pub use mosquitto::Mosquitto;
pub use nginx::{Nginx, NginxTls};
pub use oidc::OpenIdProvider;
pub use openssh::OpenSsh;
pub use postgres::Postgres;
pub use snmpd::Snmpd;
pub use telnet::Telnet;
pub use tls::{OpenSslDatagramServer, OpenSslServer, TlsVersion};
pub use vsftpd::Vsftpd;
