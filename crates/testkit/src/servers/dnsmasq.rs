//! dnsmasq as a DNS server that knows the names the test gives it and asks nobody else.
//!
//! It does not serve DHCP.

use std::net::IpAddr;

use crate::Site;
use crate::process::{Ready, Recipe, Server, StartError, start};

/// What a test chooses about `dnsmasq`.
#[derive(Debug, Clone, Default)]
pub struct Dnsmasq {
    /// Names and their addresses.
    pub names: Vec<(String, IpAddr)>,
}

impl Dnsmasq {
    /// Starts it.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(&self, site: &Site) -> Result<Server, StartError> {
        start(
            &Recipe {
                program: "dnsmasq",
                package: "dnsmasq-base",
                ready: Ready::Udp(ask_version()),
                lay_out: &|at, dir, command| {
                    command.args(["--keep-in-foreground", "--log-facility=-"]);
                    command.args(["--conf-file=/dev/null", "--no-resolv", "--no-hosts"]);
                    command.args(["--bind-interfaces", "--user=root"]);
                    command.arg(format!("--port={}", at.port()));
                    command.arg(format!("--listen-address={}", at.ip()));
                    command.arg(format!("--pid-file={}", dir.join("pid").display()));
                    for (name, address) in &self.names {
                        command.arg(format!("--address=/{name}/{address}"));
                    }
                    Ok(())
                },
            },
            site,
        )
    }
}

/// The question version.bind TXT CH, which dnsmasq answers by itself.
fn ask_version() -> Vec<u8> {
    let mut message = vec![0x61, 0x73, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0];
    message.extend(b"\x07version\x04bind\x00\x00\x10\x00\x03");
    message
}
