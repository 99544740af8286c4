//! miniupnpd, an Internet gateway device of UPnP as many home routers run it, in a network namespace.
//!
//! Its outer side is a cable that leads nowhere. It answers searches, describes itself and tells its state; where the
//! kernel of the machine has no address translation it holds no port mapping.

use crate::Site;
use crate::netns::{INNER_LINK, Netns};
use crate::process::{Ready, Recipe, Server, StartError, find, start, write};

/// The gateway's serial number.
pub const SERIAL: &str = "12345678";
/// Its outer address: it takes none of those that are set apart, and nothing is ever sent there.
pub const OUTER: &str = "128.66.9.9";

/// What a test chooses about `miniupnpd`: nothing.
#[derive(Debug, Clone, Default)]
pub struct Miniupnpd;

impl Miniupnpd {
    /// Starts it in a namespace; its description is at `/rootDesc.xml`, and it hears searches at port 1900.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(&self, netns: &Netns) -> Result<Server, StartError> {
        let daemon = find("miniupnpd", "miniupnpd")?;
        start(
            &Recipe {
                program: "sh",
                package: "dash",
                ready: Ready::Tcp,
                lay_out: &|at, dir, command| {
                    let config = dir.join("miniupnpd.conf");
                    let port = at.port();
                    let text = format!(
                        "ext_ifname=wan0\next_ip={OUTER}\nlistening_ip={INNER_LINK}\nhttp_port={port}\n\
                         enable_upnp=yes\nsecure_mode=yes\nnotify_interval=600\nserial={SERIAL}\nmodel_number=1\n\
                         uuid=fbc463bb-23b7-4f10-97e9-01068fa3eea2\nallow 1024-65535 0.0.0.0/0 1024-65535\n"
                    );
                    write("miniupnpd", &config, &text)?;
                    command.args([
                        "-c",
                        "ip link add wan0 type veth peer name wan0p; ip addr add \"$3/24\" dev wan0; \
                         ip link set wan0 up; ip link set wan0p up; exec \"$1\" -d -f \"$2\" -P \"$2.pid\"",
                        "sh",
                    ]);
                    command.arg(&daemon).arg(&config).arg(OUTER);
                    Ok(())
                },
            },
            &Site::inside(netns),
        )
    }
}
