//! A client in a network namespace, a service of its own, and the bench in between.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use model::{ClientCheck, ClientDid, Endpoint, Fact, Reading};
use probes::tls::client_checks::{Lent, Parameters, Service, gather, interpret};
use probes::{Limits, LiveBench, Scope, Secret};
use testkit::netns::Netns;
use testkit::{StartError, ready};

/// The name that every client means to reach.
pub(crate) const HOST: &str = "cloud.maker.example";
/// What every client sends when it trusts its peer.
pub(crate) const SENT: &str = "s3cret-reading";

/// A namespace whose name server is the bench, and a service whose authority the client trusts.
pub(crate) struct Lab {
    netns: Netns,
    pub(crate) dir: tempfile::TempDir,
    pub(crate) port: u16,
    resolver: PathBuf,
    service: Option<Child>,
}

impl Drop for Lab {
    fn drop(&mut self) {
        if let Some(mut service) = self.service.take() {
            service.kill().ok();
            service.wait().ok();
        }
        std::fs::remove_dir_all(&self.resolver).ok();
    }
}

impl Lab {
    /// With a service that speaks for itself, or none.
    pub(crate) fn make(with_service: bool) -> Option<Self> {
        let netns = ready(Netns::create())?;
        let resolver = PathBuf::from(format!("/etc/netns/{}", netns.name()));
        std::fs::create_dir_all(&resolver).unwrap();
        std::fs::write(resolver.join("resolv.conf"), format!("nameserver {}\noptions timeout:1\n", netns.outer()))
            .unwrap();
        let dir = tempfile::tempdir().unwrap();
        authority(dir.path());
        let port = free_port();
        let mut lab = Self { netns, dir, port, resolver, service: None };
        if with_service {
            let child = Command::new("openssl")
                .args(["s_server", "-quiet", "-www", "-accept", &format!("127.0.0.1:{port}")])
                .args(["-cert", "service.pem", "-key", "service.key"])
                .current_dir(lab.dir.path())
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            lab.service = Some(child);
            let until = Instant::now() + Duration::from_secs(10);
            while std::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
                assert!(Instant::now() < until, "the real service does not start");
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        Some(lab)
    }

    /// A command inside the namespace, in the directory with the authority's certificate; skipped where the program is
    /// not on this machine.
    pub(crate) fn command(&self, program: &'static str, package: &str) -> Option<Command> {
        let there = std::env::var_os("PATH")
            .is_some_and(|path| std::env::split_paths(&path).any(|d| d.join(program).is_file()));
        if !there {
            let missing = StartError::Missing { program: program.into(), package: package.into() };
            ready::<()>(Err(missing));
            return None;
        }
        let mut command = self.netns.command(program).unwrap();
        command.current_dir(self.dir.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Some(command)
    }

    /// Runs the interception while the client tries again and again.
    pub(crate) fn intercept(&self, lent: bool, client: &(dyn Fn() -> Command + Sync)) -> Reading {
        self.intercept_for(60, lent, client)
    }

    /// The same, with so many seconds for the checks.
    pub(crate) fn intercept_for(
        &self,
        seconds: u32,
        lent: bool,
        client: &(dyn Fn() -> Command + Sync),
    ) -> Reading {
        let own = IpAddr::from(self.netns.outer());
        let real = Endpoint::tcp(Ipv4Addr::LOCALHOST.into(), self.port);
        let scope = Scope::of([real.address]).and_standing_at(own);
        let pem = |name: &str| std::fs::read_to_string(self.dir.path().join(name)).unwrap();
        let parameters = Parameters {
            listen: own,
            names_port: Some(53),
            services: vec![Service { endpoint: real, host: HOST.to_owned() }],
            clear: vec![(self.port, self.clear_port())],
            clients: vec![self.netns.inner().into()],
            rounds: 2,
            seconds,
            return_seconds: 5,
            authority: lent
                .then(|| Lent { certificate: pem("authority.pem"), secret: Secret::new(pem("authority.key")) }),
        };
        let over = AtomicBool::new(false);
        std::thread::scope(|scope_of| {
            scope_of.spawn(|| {
                while !over.load(Ordering::SeqCst) {
                    run(client(), Duration::from_secs(8));
                }
            });
            let mut bench = LiveBench::new(scope, Limits { wait_millis: 1500, ..Limits::default() });
            let log = gather(&parameters, &mut bench);
            over.store(true, Ordering::SeqCst);
            let kept = serde_json::to_vec(&log).unwrap();
            let reading = interpret(&log);
            assert_eq!(interpret(&serde_json::from_slice(&kept).unwrap()), reading);
            reading
        })
    }

    pub(crate) fn clear_port(&self) -> u16 {
        self.port ^ 1
    }
}

/// Runs a command to its end, or until the time is over.
fn run(mut command: Command, within: Duration) {
    let Ok(mut child) = command.spawn() else { return };
    let until = Instant::now() + within;
    while child.try_wait().is_ok_and(|ended| ended.is_none()) {
        if Instant::now() > until {
            child.kill().ok();
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A port whose neighbour is free as well, outside the range that the machine hands out.
fn free_port() -> u16 {
    let first = 20_000 + (std::process::id() % 5000) as u16 * 2;
    (first..32_000)
        .step_by(2)
        .find(|port| std::net::TcpListener::bind((Ipv4Addr::UNSPECIFIED, *port)).is_ok())
        .unwrap()
}

/// An authority, and a service's certificate from it, made by openssl.
fn authority(dir: &Path) {
    let mut settings = std::fs::File::create(dir.join("service.cnf")).unwrap();
    write!(
        settings,
        "subjectAltName=DNS:{HOST}\nbasicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth\n"
    )
    .unwrap();
    let openssl = |arguments: &str| {
        let done = Command::new("openssl").args(arguments.split(' ')).current_dir(dir).output().unwrap();
        assert!(done.status.success(), "{arguments}: {}", String::from_utf8_lossy(&done.stderr));
    };
    openssl(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout authority.key -out authority.pem -days 30 -subj /O=Maker/CN=Authority -addext keyUsage=critical,keyCertSign,cRLSign",
    );
    openssl(
        "req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout service.key -out service.csr -subj /O=Maker/CN=service",
    );
    openssl(
        "x509 -req -in service.csr -CA authority.pem -CAkey authority.key -CAcreateserial -out service.pem -days 20 -extfile service.cnf",
    );
}

/// What a client did, by check.
pub(crate) fn table(reading: &Reading) -> BTreeMap<String, ClientDid> {
    checks(reading).map(|check| (check.shown.clone(), check.did)).collect()
}

pub(crate) fn checks(reading: &Reading) -> impl Iterator<Item = &ClientCheck> {
    reading.facts.iter().filter_map(|fact| match fact {
        Fact::ClientCheck(check) => Some(check),
        _ => None,
    })
}
