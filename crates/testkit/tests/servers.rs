//! Every server of the kit starts, answers a client that is not ours, and keeps to what the test chose.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use testkit::account::Account;
use testkit::certificate::Certificate;
use testkit::netns::Netns;
use testkit::servers::{
    Avahi, Dnsmasq, Dropbear, Mosquitto, Nginx, NginxTls, OpenSsh, OpenSslServer, Service, Snmpd, Telnet,
    TlsVersion, Vsftpd,
};
use testkit::{Server, Site, ready};

const PATIENCE: Duration = Duration::from_secs(10);

/// A line-wise conversation that is read up to an expected text.
struct Talk {
    stream: TcpStream,
    heard: String,
}

impl Talk {
    fn with(server: &Server) -> Self {
        let stream = TcpStream::connect_timeout(&server.at(), PATIENCE).expect("accepts");
        stream.set_read_timeout(Some(PATIENCE)).expect("is a socket");
        Self { stream, heard: String::new() }
    }

    fn say(&mut self, text: &str) {
        self.heard.clear();
        self.stream.write_all(text.as_bytes()).expect("listens");
    }

    /// Reads until `text` was heard; fails at the end of the stream or of patience.
    fn expect(&mut self, text: &str) {
        let until = Instant::now() + PATIENCE;
        let mut bytes = [0; 1024];
        while !self.heard.contains(text) && Instant::now() < until {
            match self.stream.read(&mut bytes) {
                Ok(0) | Err(_) => break,
                Ok(count) => {
                    let refusals = refused_options(&bytes[..count]);
                    self.stream.write_all(&refusals).expect("listens");
                    self.heard.push_str(&String::from_utf8_lossy(&bytes[..count]));
                }
            }
        }
        assert!(self.heard.contains(text), "wanted {text:?}, heard {:?}", self.heard);
    }
}

/// The refusal of every Telnet option in these bytes, RFC 854; no other protocol here sends the byte 255.
fn refused_options(heard: &[u8]) -> Vec<u8> {
    let answer = |window: &[u8]| match window {
        [255, 251 | 252, option] => vec![255, 254, *option],
        [255, 253 | 254, option] => vec![255, 252, *option],
        _ => Vec::new(),
    };
    heard.windows(3).flat_map(answer).collect()
}

fn output(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).output().expect("is installed")
}

fn text(output: &Output) -> String {
    let both = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8_lossy(&both).into_owned()
}

/// Logs in with OpenSSH's client and a password it asks a program for.
fn ssh_login(server: &Server, user: &str, password: &str) -> bool {
    let asked = server.dir().join("askpass");
    std::fs::write(&asked, format!("#!/bin/sh\necho '{password}'\n")).expect("a file");
    output(Command::new("chmod").arg("755").arg(&asked));
    let mut ssh = Command::new("ssh");
    ssh.args(["-F", "/dev/null", "-o", "StrictHostKeyChecking=no"]);
    ssh.args(["-o", "UserKnownHostsFile=/dev/null", "-o", "ConnectTimeout=10"]);
    ssh.args(["-o", "PreferredAuthentications=password", "-o", "NumberOfPasswordPrompts=1"]);
    ssh.args(["-p", &server.port().to_string(), "-l", user]);
    ssh.arg(server.at().ip().to_string()).arg("true");
    ssh.env("SSH_ASKPASS", &asked).env("SSH_ASKPASS_REQUIRE", "force");
    output(&mut ssh).status.success()
}

/// What `openssl s_client` tells of a handshake; `None` when there was none.
fn handshake(server: &Server, version: &str) -> Option<String> {
    let mut client = Command::new("openssl");
    client.args(["s_client", "-connect", &server.at().to_string(), version]);
    client.args(["-cipher", "ALL:@SECLEVEL=0"]).env("OPENSSL_CONF", "/dev/null");
    let output = output(&mut client);
    let text = text(&output);
    (output.status.success() && !text.contains("Cipher is (NONE)")).then_some(text)
}

#[test]
fn openssh_greets_and_refuses_passwords_unless_asked_to_take_them() {
    let Some(server) = ready(OpenSsh::default().start(&Site::loopback())) else {
        return;
    };
    Talk::with(&server).expect("SSH-2.0-OpenSSH");
    assert!(!ssh_login(&server, "root", "root"));
}

#[test]
fn openssh_lets_the_account_in_with_its_password_only() {
    let Some(account) = ready(Account::create("hunter2")) else {
        return;
    };
    let user = account.name().to_owned();
    let ssh = OpenSsh { password_login: Some(account), ..OpenSsh::default() };
    let Some(server) = ready(ssh.start(&Site::loopback())) else {
        return;
    };
    assert!(ssh_login(&server, &user, "hunter2"), "{}", server.log());
    assert!(!ssh_login(&server, &user, "hunter3"), "{}", server.log());
}

#[test]
fn dropbear_greets_and_lets_the_account_in() {
    let Some(account) = ready(Account::create("hunter2")) else {
        return;
    };
    let user = account.name().to_owned();
    let dropbear = Dropbear { password_login: Some(account) };
    let Some(server) = ready(dropbear.start(&Site::loopback())) else {
        return;
    };
    Talk::with(&server).expect("SSH-2.0-dropbear");
    assert!(ssh_login(&server, &user, "hunter2"), "{}", server.log());
    assert!(!ssh_login(&server, &user, "hunter3"), "{}", server.log());
}

#[test]
fn telnet_asks_for_a_login_and_gives_a_prompt() {
    let Some(server) = ready(Telnet::default().start(&Site::loopback())) else {
        return;
    };
    let mut talk = Talk::with(&server);
    talk.expect("login: ");
    talk.say("admin\r\n");
    talk.expect("Password: ");
    talk.say("wrong\r\n");
    talk.expect("Login incorrect");
    talk.say("admin\r\n");
    talk.expect("Password: ");
    talk.say("admin\r\n");
    talk.expect("# ");
    talk.say("$(id)\r\n");
    talk.expect("$(id)\r\n");
}

#[test]
fn telnet_without_a_login_gives_the_prompt_at_once_inside_a_namespace_too() {
    let Some(netns) = ready(Netns::create()) else {
        return;
    };
    let telnet = Telnet { login: None, ..Telnet::default() };
    let Some(server) = ready(telnet.start(&Site::inside(&netns).port(23))) else {
        return;
    };
    assert_eq!(server.at(), SocketAddr::from((netns.inner(), 23)));
    Talk::with(&server).expect("# ");
}

#[test]
fn vsftpd_takes_anonymous_users_only_when_told() {
    for (anonymous, answer) in [(true, "230"), (false, "530")] {
        let vsftpd = Vsftpd { anonymous, ..Vsftpd::default() };
        let Some(server) = ready(vsftpd.start(&Site::loopback())) else {
            return;
        };
        let mut talk = Talk::with(&server);
        talk.expect("220 Device FTP ready");
        talk.say("USER anonymous\r\n");
        talk.expect("331");
        talk.say("PASS guest@device.example\r\n");
        talk.expect(answer);
    }
}

#[test]
fn nginx_serves_pages_behind_a_password() {
    let nginx = Nginx {
        basic_auth: Some(("admin".into(), "secret".into())),
        pages: vec![("cgi/status.html".into(), "uptime 3 days".into())],
        ..Nginx::default()
    };
    let Some(server) = ready(nginx.start(&Site::loopback())) else {
        return;
    };
    let get = "GET /cgi/status.html HTTP/1.0\r\n";
    let mut talk = Talk::with(&server);
    talk.say(&format!("{get}\r\n"));
    talk.expect("401 Unauthorized");
    let mut talk = Talk::with(&server);
    // admin:secret in Base64.
    talk.say(&format!("{get}Authorization: Basic YWRtaW46c2VjcmV0\r\n\r\n"));
    talk.expect("uptime 3 days");
}

#[test]
fn nginx_speaks_the_tls_versions_it_was_told_with_the_certificate_it_was_given() {
    let nginx = Nginx {
        tls: Some(NginxTls {
            certificate: Certificate::expired(),
            protocols: Some("TLSv1.1".into()),
            ciphers: Some("ALL:@SECLEVEL=0".into()),
        }),
        ..Nginx::default()
    };
    let Some(server) = ready(nginx.start(&Site::loopback())) else {
        return;
    };
    let old = handshake(&server, "-tls1_1").expect("speaks TLS 1.1");
    assert!(old.contains("certificate has expired"), "{old}");
    assert!(handshake(&server, "-tls1_2").is_none());
}

#[test]
fn an_openssl_server_speaks_exactly_the_versions_chosen() {
    let Some(server) = ready(OpenSslServer::outdated().start(&Site::loopback())) else {
        return;
    };
    for (version, spoken) in [("-tls1", true), ("-tls1_1", true), ("-tls1_2", false), ("-tls1_3", false)] {
        assert_eq!(handshake(&server, version).is_some(), spoken, "{version}");
    }
    let modern = OpenSslServer { versions: vec![TlsVersion::V1_3], ..OpenSslServer::default() };
    let Some(server) = ready(modern.start(&Site::loopback())) else {
        return;
    };
    assert!(handshake(&server, "-tls1_3").is_some());
    assert!(handshake(&server, "-tls1_2").is_none());
}

#[test]
fn mosquitto_takes_everybody_or_only_the_one_with_the_password() {
    let publishes = |server: &Server, login: &[&str]| {
        let mut publish = Command::new("mosquitto_pub");
        publish.args(["-h", &server.at().ip().to_string()]);
        publish.args(["-p", &server.port().to_string(), "-t", "t", "-m", "m"]).args(login);
        output(&mut publish).status.success()
    };
    let Some(open) = ready(Mosquitto::default().start(&Site::loopback())) else {
        return;
    };
    assert!(publishes(&open, &[]), "{}", open.log());
    let closed = Mosquitto { login: Some(("device".into(), "secret".into())), tls: None };
    let Some(closed) = ready(closed.start(&Site::loopback())) else {
        return;
    };
    assert!(!publishes(&closed, &[]));
    assert!(!publishes(&closed, &["-u", "device", "-P", "guess"]));
    assert!(publishes(&closed, &["-u", "device", "-P", "secret"]), "{}", closed.log());
}

#[test]
fn snmpd_answers_its_community_only() {
    let Some(server) = ready(Snmpd::default().start(&Site::loopback())) else {
        return;
    };
    let get = |community: &str| {
        let mut get = Command::new("snmpget");
        get.args(["-v2c", "-c", community, "-t", "1", "-r", "1", "-On", "-m", ""]);
        get.arg(format!("udp:{}", server.at())).arg(".1.3.6.1.2.1.1.6.0");
        text(&output(&mut get))
    };
    assert!(get("public").contains("laboratory"));
    assert!(get("private").contains("Timeout"));
}

#[test]
fn dnsmasq_knows_the_names_it_was_given() {
    let dnsmasq = Dnsmasq { names: vec![("update.device.example".into(), [192, 0, 2, 80].into())] };
    let Some(server) = ready(dnsmasq.start(&Site::loopback())) else {
        return;
    };
    let socket = UdpSocket::bind((server.at().ip(), 0)).expect("a free port");
    socket.set_read_timeout(Some(PATIENCE)).expect("is a socket");
    let mut question = vec![0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    question.extend(b"\x06update\x06device\x07example\x00\x00\x01\x00\x01");
    socket.send_to(&question, server.at()).expect("sends");
    let mut answer = [0; 512];
    let count = socket.recv(&mut answer).expect("answers");
    assert_eq!(answer[..2], [0, 7]);
    assert!(answer[..count].ends_with(&[192, 0, 2, 80]), "{:?}", &answer[..count]);
}

#[test]
fn avahi_announces_its_services_on_the_namespace_s_link() {
    let Some(netns) = ready(Netns::create()) else {
        return;
    };
    let avahi = Avahi {
        host: "camera".into(),
        services: vec![Service {
            name: "Porch & garden".into(),
            kind: "_http._tcp".into(),
            port: 80,
            text: vec!["model=A1".into()],
        }],
    };
    let Some(server) = ready(avahi.start(&netns)) else {
        return;
    };
    let socket = UdpSocket::bind((netns.outer(), 0)).expect("the cable's end is ours");
    socket.set_read_timeout(Some(Duration::from_secs(1))).expect("is a socket");
    socket2::SockRef::from(&socket).set_multicast_if_v4(&netns.outer()).expect("the cable carries multicast");
    let mut question = vec![0, 9, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    question.extend(b"\x05_http\x04_tcp\x05local\x00\x00\x0c\x00\x01");
    let mut answer = [0; 1500];
    // The daemon probes for a second whether its name is free before it answers for it.
    let heard = (0..8).find_map(|_| {
        socket.send_to(&question, (Ipv4Addr::new(224, 0, 0, 251), 5353)).expect("sends");
        socket.recv(&mut answer).ok()
    });
    let count = heard.unwrap_or_else(|| panic!("silence; {}", server.log()));
    let text = String::from_utf8_lossy(&answer[..count]);
    assert!(text.contains("Porch & garden"), "{text:?}");
}

#[test]
fn a_server_in_a_namespace_is_reached_over_the_cable_and_from_inside() {
    let Some(netns) = ready(Netns::create()) else {
        return;
    };
    let Some(server) = ready(Nginx::default().start(&Site::inside(&netns).port(80))) else {
        return;
    };
    let at = SocketAddr::from((netns.inner(), 80));
    assert_eq!(server.at(), at);
    Talk::with(&server).stream.shutdown(std::net::Shutdown::Both).expect("was connected");
    let inside = netns.run(move || TcpStream::connect_timeout(&at, PATIENCE).is_ok());
    assert!(inside.expect("can be entered"));
    let local = TcpStream::connect_timeout(&([127, 0, 0, 1], 80).into(), PATIENCE);
    let outside = local.map(|stream| stream.peer_addr());
    assert!(!matches!(outside, Ok(Ok(peer)) if peer == at));
}

#[test]
fn a_namespace_goes_with_the_value_that_holds_it() {
    let Some(netns) = ready(Netns::create()) else {
        return;
    };
    let name = netns.name().to_owned();
    let link = format!("/sys/class/net/{}", netns.outer_link());
    let mut show = netns.command("ip").expect("ip is there");
    let inside = output(show.args(["addr", "show"]));
    assert!(text(&inside).contains(&netns.inner_v6().to_string()), "{}", text(&inside));
    assert!(std::path::Path::new(&link).exists());
    drop(netns);
    assert!(!std::path::Path::new(&link).exists());
    assert!(!std::path::Path::new("/run/netns").join(name).exists());
}
