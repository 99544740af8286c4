//! The Avahi daemon, which announces services by multicast DNS, in a network namespace.
//!
//! Multicast has no place on loopback, so it needs a [`Netns`]. It does not talk to the system's message bus and
//! leaves the machine's own daemon alone.

use crate::Site;
use crate::netns::{INNER_LINK, Netns};
use crate::process::{Ready, Recipe, Server, StartError, find, start, write};

/// What a test chooses about `avahi-daemon`.
#[derive(Debug, Clone)]
pub struct Avahi {
    /// The host name before `.local`.
    pub host: String,
    /// The services it announces.
    pub services: Vec<Service>,
}

/// One announced service.
#[derive(Debug, Clone)]
pub struct Service {
    /// The instance name.
    pub name: String,
    /// The type, for example `_http._tcp`.
    pub kind: String,
    /// The port.
    pub port: u16,
    /// TXT records, `key=value`.
    pub text: Vec<String>,
}

impl Avahi {
    /// Starts it in a namespace; it answers at 224.0.0.251 port 5353 from the namespace's address.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(&self, netns: &Netns) -> Result<Server, StartError> {
        let daemon = find("avahi-daemon", "avahi-daemon")?;
        let failed = |source| StartError::Prepare { program: "avahi-daemon".into(), source };
        start(
            &Recipe {
                program: "sh",
                package: "dash",
                ready: Ready::Says("Server startup complete"),
                lay_out: &|_, dir, command| {
                    for part in ["services", "run"] {
                        std::fs::create_dir(dir.join(part)).map_err(failed)?;
                    }
                    for (number, service) in self.services.iter().enumerate() {
                        let path = dir.join(format!("services/{number}.service"));
                        write("avahi-daemon", &path, &service.xml())?;
                    }
                    let config = dir.join("avahi.conf");
                    write("avahi-daemon", &config, &self.config())?;
                    // Both folders are compiled into the daemon. The namespace command gives us a mount table of
                    // our own, in which they can be laid over without anybody else seeing it.
                    std::fs::create_dir_all("/run/avahi-daemon").map_err(failed)?;
                    std::fs::create_dir_all("/etc/avahi/services").map_err(failed)?;
                    command.args([
                        "-c",
                        "mount --bind \"$1/run\" /run/avahi-daemon && \
                         mount --bind \"$1/services\" /etc/avahi/services && \
                         exec \"$2\" --no-drop-root --no-chroot --no-rlimits -f \"$3\"",
                        "sh",
                    ]);
                    command.arg(dir).arg(&daemon).arg(&config);
                    Ok(())
                },
            },
            &Site::inside(netns).port(5353),
        )
    }

    fn config(&self) -> String {
        format!(
            "[server]\nhost-name={}\nallow-interfaces={INNER_LINK}\nenable-dbus=no\n\
             use-ipv4=yes\nuse-ipv6=yes\n[wide-area]\nenable-wide-area=no\n\
             [publish]\npublish-workstation=no\npublish-hinfo=no\n",
            self.host
        )
    }
}

impl Service {
    fn xml(&self) -> String {
        let text: String =
            self.text.iter().map(|record| format!("<txt-record>{}</txt-record>", escaped(record))).collect();
        format!(
            "<?xml version=\"1.0\" standalone=\"no\"?>\n\
             <!DOCTYPE service-group SYSTEM \"avahi-service.dtd\">\n\
             <service-group><name>{}</name><service><type>{}</type><port>{}</port>{text}</service></service-group>\n",
            escaped(&self.name),
            escaped(&self.kind),
            self.port
        )
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
