//! Installs the servers and tools that the tests talk to, where this machine lets us.
//!
//! Debian packages, as root; no service is started by it. Elsewhere it says what is missing and what will be skipped.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use crate::command::{Echo, Ran, find, run as run_command};

/// A Debian package, the program it is wanted for, and what is skipped without it.
const PACKAGES: &[(&str, &str, &str)] = &[
    ("openssh-server", "sshd", "tests against OpenSSH"),
    ("openssh-client", "ssh-keygen", "tests against OpenSSH"),
    ("dropbear-bin", "dropbear", "tests against Dropbear"),
    ("python3-asyncssh", "/usr/lib/python3/dist-packages/asyncssh/__init__.py", "tests against AsyncSSH"),
    ("nginx-light", "nginx", "tests against nginx"),
    ("mosquitto", "mosquitto", "tests against an MQTT broker"),
    ("mosquitto-clients", "mosquitto_pub", "cross-checks with an MQTT client"),
    ("libcoap3-bin", "coap-server-notls", "tests against a CoAP server"),
    ("memcached", "memcached", "tests against a service with a protocol in lines of text"),
    ("vsftpd", "vsftpd", "tests against an FTP server"),
    ("dovecot-imapd", "dovecot", "tests against mail servers that turn to TLS"),
    ("dovecot-pop3d", "dovecot", "tests against a POP3 server that turns to TLS"),
    ("dovecot-submissiond", "dovecot", "tests against an SMTP server that turns to TLS"),
    ("busybox", "busybox", "tests with busybox programs"),
    ("inetutils-telnetd", "telnetd", "tests against a Telnet server"),
    ("avahi-daemon", "avahi-daemon", "tests against a multicast DNS responder"),
    ("miniupnpd", "miniupnpd", "tests against a UPnP gateway"),
    ("snmpd", "snmpd", "tests against an SNMP agent"),
    ("snmp", "snmpget", "cross-checks with an SNMP client"),
    ("dnsmasq-base", "dnsmasq", "tests against a DNS server"),
    ("openssl", "openssl", "every test with TLS"),
    ("gnutls-bin", "gnutls-serv", "tests against TLS and DTLS of GnuTLS"),
    ("python3", "python3", "the second verifier of bundles"),
    ("python3-venv", "/var/lib/dpkg/info/python3-venv.list", "requests made up from the OpenAPI document"),
    ("nodejs", "node", "signing in at an OpenID provider"),
    ("npm", "npm", "signing in at an OpenID provider"),
    ("nmap", "nmap", "cross-checks with nmap"),
    ("sslscan", "sslscan", "cross-checks with sslscan"),
    ("testssl.sh", "testssl", "cross-checks with testssl.sh"),
    ("chromium", "chromium", "pictures of the pages"),
    ("chromium-driver", "chromedriver", "tests of the pages in a browser"),
    ("tcpdump", "tcpdump", "tests with captures of real traffic"),
    ("tshark", "tshark", "cross-checks with tshark"),
    ("curl", "curl", "tests with captures of real traffic"),
    ("postgresql", "pg_ctlcluster", "tests against a PostgreSQL server"),
    ("iproute2", "ip", "tests in network namespaces"),
];

/// What this machine offers to the tests.
#[derive(Debug, Default)]
pub(crate) struct Offer {
    /// What is not there, one sentence each.
    pub(crate) lacks: Vec<String>,
}

impl Offer {
    /// Whether a test that skips itself has no excuse.
    pub(crate) fn is_complete(&self) -> bool {
        self.lacks.is_empty()
    }
}

/// `cargo xtask setup`.
pub(crate) fn run(root: &Path) -> ExitCode {
    let offer = prepare();
    for lack in &offer.lacks {
        eprintln!("{lack}");
    }
    let deny = crate::deny::tool(root);
    if let Err(error) = &deny {
        eprintln!("{error}");
    }
    if offer.is_complete() && deny.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Installs what is missing and can be, then looks at what there is.
pub(crate) fn prepare() -> Offer {
    let is_root = is_root();
    let missing = missing();
    let mut offer = Offer::default();
    if !missing.is_empty() {
        match find("apt-get").filter(|_| is_root) {
            Some(apt) => install(&apt, &missing),
            None => eprintln!("nothing is installed: that takes root and apt-get"),
        }
    }
    if let Err(reason) = crate::schemathesis::tool() {
        offer.lacks.push(format!(
            "schemathesis is missing ({reason}); skipped: requests made up from the OpenAPI document"
        ));
    }
    if let Err(reason) = crate::oidc::modules() {
        offer
            .lacks
            .push(format!("oidc-provider is missing ({reason}); skipped: signing in at an OpenID provider"));
    }
    for (package, program, without) in self::missing() {
        offer.lacks.push(format!("{program} is missing (Debian package {package}); skipped: {without}"));
    }
    if !is_root {
        offer.lacks.push("not root; skipped: tests with system accounts, vsftpd or network namespaces".into());
    } else if let Err(reason) = can_make_namespace() {
        offer.lacks.push(format!("no network namespaces ({reason}); skipped: tests in network namespaces"));
    }
    offer
}

type Package = (&'static str, &'static str, &'static str);

fn missing() -> Vec<Package> {
    PACKAGES.iter().copied().filter(|(_, program, _)| find(program).is_none()).collect()
}

/// Never fatal: what is missing afterwards is told by the second look.
fn install(apt: &Path, missing: &[Package]) {
    let _no_services = match NoServices::declare() {
        Ok(declared) => declared,
        Err(error) => {
            eprintln!("nothing is installed: services could not be kept from starting: {error}");
            return;
        }
    };
    report("apt-get update", &get(apt, &["update"], Duration::from_secs(300)));
    let packages: Vec<&str> = missing.iter().map(|(package, _, _)| *package).collect();
    eprintln!("installing {}", packages.join(" "));
    let together = get(apt, &[&["install"], &packages[..]].concat(), Duration::from_secs(1200));
    if together.succeeded() {
        return;
    }
    // One package that cannot be had must not take the others along.
    report("apt-get install", &together);
    for package in packages {
        report(package, &get(apt, &["install", package], Duration::from_secs(300)));
    }
}

fn get(apt: &Path, arguments: &[&str], within: Duration) -> Ran {
    let mut command = Command::new(apt);
    command.args(["--yes", "--quiet=2", "--no-install-recommends"]);
    for option in [
        "Dpkg::Options::=--force-confdef",
        "Dpkg::Options::=--force-confold",
        "DPkg::Lock::Timeout=120",
        "Acquire::Retries=2",
        "Acquire::http::Timeout=30",
    ] {
        command.args(["-o", option]);
    }
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").env("RUNLEVEL", "1");
    run_command(&mut command, within, Echo::No)
}

fn report(what: &str, ran: &Ran) {
    if !ran.succeeded() {
        eprintln!("{what}: {}\n{}", ran.reason(), ran.last_lines(8));
    }
}

/// Debian's way to say that an installation starts nothing; ours is taken back, one that was there is left alone.
struct NoServices(Option<PathBuf>);

impl NoServices {
    fn declare() -> std::io::Result<Self> {
        use std::os::unix::fs::PermissionsExt as _;
        let path = PathBuf::from("/usr/sbin/policy-rc.d");
        if path.exists() {
            return Ok(Self(None));
        }
        std::fs::write(&path, "#!/bin/sh\nexit 101\n")?;
        let declared = Self(Some(path.clone()));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))?;
        Ok(declared)
    }
}

impl Drop for NoServices {
    fn drop(&mut self) {
        if let Some(path) = &self.0
            && let Err(error) = std::fs::remove_file(path)
        {
            eprintln!("{} stays behind and keeps services from starting: {error}", path.display());
        }
    }
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

fn can_make_namespace() -> Result<(), String> {
    let name = format!("assay-setup-{}", std::process::id());
    for verb in ["add", "del"] {
        let mut command = Command::new(find("ip").ok_or("ip is missing")?);
        let ran = run_command(command.args(["netns", verb, &name]), Duration::from_secs(20), Echo::No);
        if !ran.succeeded() {
            return Err(ran.last_lines(1));
        }
    }
    Ok(())
}
