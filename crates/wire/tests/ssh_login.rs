//! A login tried against the SSH servers of this machine, on loopback only.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use wire::ssh::login::{Event, Login, Randomness, Signature};

const WITHIN: Duration = Duration::from_secs(15);

struct Server {
    child: Child,
    port: u16,
    folder: PathBuf,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Server {
    fn start(name: &str, build: impl Fn(&Path, u16) -> Command) -> Self {
        let folder = std::env::temp_dir().join(format!("ssh-login-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = build(&folder, port).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Self { child: child.unwrap(), port, folder }
    }

    fn connect(&self) -> TcpStream {
        let end = Instant::now() + WITHIN;
        loop {
            match TcpStream::connect(("127.0.0.1", self.port)) {
                Ok(stream) => {
                    stream.set_read_timeout(Some(WITHIN)).unwrap();
                    return stream;
                }
                Err(error) if Instant::now() > end => panic!("the server does not listen: {error}"),
                Err(_) => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }
}

fn run(program: &str, arguments: &[&str]) {
    let status = Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(status.unwrap().success(), "{program} {arguments:?}");
}

fn dropbear(kind: &'static str) -> Option<Server> {
    if !(Path::new("/usr/sbin/dropbear").exists() && Path::new("/usr/bin/dropbearkey").exists()) {
        println!("skipped: no dropbear on this machine");
        return None;
    }
    Some(Server::start(&format!("dropbear-{kind}"), |folder, port| {
        let key = folder.join("key").display().to_string();
        run("/usr/bin/dropbearkey", &["-t", kind, "-f", &key]);
        let mut command = Command::new("/usr/sbin/dropbear");
        command.args(["-F", "-E", "-r", &key, "-p", &format!("127.0.0.1:{port}"), "-P"]).arg(folder.join("pid"));
        command
    }))
}

fn openssh(kind: &'static str, options: &'static [&'static str]) -> Option<Server> {
    if !(Path::new("/usr/sbin/sshd").exists() && Path::new("/usr/bin/ssh-keygen").exists()) {
        println!("skipped: no sshd on this machine");
        return None;
    }
    // The unprivileged half of sshd needs this folder; without it the server ends every connection.
    if !Path::new("/run/sshd").exists() && std::fs::create_dir("/run/sshd").is_err() {
        println!("skipped: sshd needs /run/sshd");
        return None;
    }
    let name = format!("openssh-{kind}-{}", options.len());
    Some(Server::start(&name, |folder, port| {
        let key = folder.join("key").display().to_string();
        run("/usr/bin/ssh-keygen", &["-q", "-t", kind, "-N", "", "-f", &key]);
        let mut command = Command::new("/usr/sbin/sshd");
        command.args(["-D", "-e", "-f", "/dev/null", "-h", &key]);
        let listen = format!("ListenAddress=127.0.0.1:{port}");
        for option in [listen.as_str(), "PidFile=none", "StrictModes=no"].iter().chain(options) {
            command.args(["-o", option]);
        }
        command
    }))
}

/// Tries one wrong password and gives everything the server told.
fn try_wrong_password(server: &Server) -> Vec<Event> {
    let mut stream = server.connect();
    let randomness = Randomness { cookie: [0x11; 16], secret: [0x77; 32] };
    let (mut login, first) = Login::new("nobody-here", randomness);
    stream.write_all(&first).unwrap();
    let (mut told, mut tries) = (Vec::new(), 0);
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).unwrap();
        assert!(count > 0, "the server ended the connection after {told:?}");
        let step = login.feed(&buffer[..count]).unwrap();
        stream.write_all(&step.send).unwrap();
        let is_refused = step.events.iter().any(|event| matches!(event, Event::Refused { .. }));
        let has_methods = step.events.iter().any(|event| matches!(event, Event::Methods(_)));
        told.extend(step.events);
        if has_methods && tries == 0 {
            tries += 1;
            let request = login.password("wrong").expect("the server takes a password");
            stream.write_all(&request).unwrap();
        }
        if is_refused || login.is_over() {
            return told;
        }
    }
}

fn check(server: &Server, software: &str, kind: &str, method: &str, cipher: &str) {
    let told = try_wrong_password(server);
    let told: Vec<_> = told.into_iter().filter(|event| !matches!(event, Event::Banner(_))).collect();
    let [
        Event::Identified(identification),
        Event::Offered(offered),
        Event::HostKey(host_key),
        Event::Encrypted { cipher: used, .. },
        Event::Methods(methods),
        Event::Refused { method: refused, partial_success: false, .. },
    ] = &told[..]
    else {
        panic!("{told:#?}");
    };
    assert!(identification.software.starts_with(software), "{identification:?}");
    assert!(offered.ciphers_to_client.iter().any(|name| name == cipher));
    assert_eq!((host_key.kind.as_str(), host_key.signature), (kind, Signature::Verified), "{host_key:?}");
    assert_eq!(used, cipher);
    assert!(methods.iter().any(|name| name == method), "{methods:?}");
    assert_eq!(*refused, method);
}

const CHACHA: &str = "chacha20-poly1305@openssh.com";

#[test]
fn dropbear_refuses_a_wrong_password() {
    for (kind, name) in [("ed25519", "ssh-ed25519"), ("rsa", "ssh-rsa"), ("ecdsa", "ecdsa-sha2-nistp256")] {
        let Some(server) = dropbear(kind) else { return };
        check(&server, "dropbear", name, "password", CHACHA);
    }
}

#[test]
fn openssh_refuses_a_wrong_password() {
    let options = &["PasswordAuthentication=yes", "KbdInteractiveAuthentication=no"];
    for (kind, name) in [("ed25519", "ssh-ed25519"), ("ecdsa", "ecdsa-sha2-nistp256")] {
        let Some(server) = openssh(kind, options) else { return };
        check(&server, "OpenSSH", name, "password", CHACHA);
    }
}

#[test]
fn an_old_style_server_is_spoken_to_with_its_old_algorithms() {
    let options = &[
        "PasswordAuthentication=yes",
        "KbdInteractiveAuthentication=no",
        "KexAlgorithms=diffie-hellman-group14-sha1,diffie-hellman-group1-sha1",
        "Ciphers=aes128-ctr",
        "MACs=hmac-sha1",
        "HostKeyAlgorithms=ssh-rsa",
    ];
    let Some(server) = openssh("rsa", options) else { return };
    check(&server, "OpenSSH", "ssh-rsa", "password", "aes128-ctr");
}

#[test]
fn a_password_is_given_to_an_interactive_prompt() {
    let options = &[
        "PasswordAuthentication=no",
        "KbdInteractiveAuthentication=yes",
        "UsePAM=yes",
        "MACs=hmac-sha2-256",
        "Ciphers=aes256-ctr",
    ];
    let Some(server) = openssh("ed25519", options) else { return };
    check(&server, "OpenSSH", "ssh-ed25519", "keyboard-interactive", "aes256-ctr");
}
