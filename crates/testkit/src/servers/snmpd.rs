//! Net-SNMP's agent with one read-only community.
//!
//! SNMP version 1 and 2c over UDP; it does not offer version 3.

use crate::Site;
use crate::process::{Ready, Recipe, Server, StartError, start, write};

/// What a test chooses about `snmpd`.
#[derive(Debug, Clone)]
pub struct Snmpd {
    /// The community that may read everything.
    pub community: String,
}

impl Default for Snmpd {
    /// The community every list of defaults begins with: `public`.
    fn default() -> Self {
        Self { community: "public".into() }
    }
}

impl Snmpd {
    /// Starts it.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(&self, site: &Site) -> Result<Server, StartError> {
        start(
            &Recipe {
                program: "snmpd",
                package: "snmpd",
                ready: Ready::Udp(get_sys_descr(&self.community)),
                lay_out: &|at, dir, command| {
                    let config = dir.join("snmpd.conf");
                    write("snmpd", &config, &format!("rocommunity {}\nsysLocation laboratory\n", self.community))?;
                    command.env("SNMP_PERSISTENT_DIR", dir);
                    command.env("MIBS", "");
                    command.args(["-f", "-Lo", "-C", "-c"]).arg(&config);
                    command.arg("-p").arg(dir.join("pid"));
                    command.arg(format!("udp:{at}"));
                    Ok(())
                },
            },
            site,
        )
    }
}

/// A version 2c GetRequest for sysDescr.0, RFC 3416; the community has to stay under 80 bytes.
fn get_sys_descr(community: &str) -> Vec<u8> {
    let name = [0x06, 0x08, 0x2b, 6, 1, 2, 1, 1, 1, 0];
    let binding = tagged(0x30, &[&name[..], &[0x05, 0x00]].concat());
    let bindings = tagged(0x30, &binding);
    let head = [0x02, 1, 1, 0x02, 1, 0, 0x02, 1, 0];
    let pdu = tagged(0xa0, &[&head[..], &bindings].concat());
    let version = [0x02, 1, 1];
    let community = tagged(0x04, community.as_bytes());
    tagged(0x30, &[&version[..], &community, &pdu].concat())
}

fn tagged(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = u8::try_from(value.len()).unwrap_or(u8::MAX);
    [&[tag, length], value].concat()
}
