//! Captures of real programs, made here with tcpdump on the cable of a namespace, and held against what was really done.
//!
//! The test's end of the cable is the product, a client; the servers are inside. Where tshark is there, it counts too.
#![expect(clippy::print_stderr, reason = "what was skipped is said")]
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use model::{Conversation, Fact, Opened, Protection, TlsVersion, in_clear};
use probes::traffic::capture::{Canary, Heard, Parameters, Pattern, read};
use testkit::netns::Netns;
use testkit::servers::*;
use testkit::{Site, ready};

/// Captures what passes on the cable while something happens; false where there is no tcpdump.
fn captured(netns: &Netns, file: &Path, during: impl FnOnce()) -> bool {
    let mut tcpdump = Command::new("tcpdump");
    tcpdump.args(["-Z", "root", "-n", "-U", "--immediate-mode", "-i", netns.outer_link(), "-w"]).arg(file);
    let started = tcpdump.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let Ok(mut child) = started else {
        eprintln!("skipped: tcpdump is missing");
        return false;
    };
    let mut says = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(says.any(|line| line.is_ok_and(|line| line.contains("listening on"))), "tcpdump does not listen");
    during();
    // What is on its way arrives.
    std::thread::sleep(Duration::from_millis(500));
    let id = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
    child.wait().unwrap();
    true
}

/// Runs a client to its end, whatever it comes to.
fn client(program: &str, arguments: &[&str]) -> bool {
    let run = Command::new(program).args(arguments).stdin(Stdio::null()).output();
    if run.is_err() {
        eprintln!("without {program}: it is missing");
    }
    run.is_ok()
}

fn conversations(heard: &Heard) -> BTreeMap<u16, &Conversation> {
    let all = heard.reading.facts.iter();
    all.filter_map(|fact| if let Fact::Conversation(one) = fact { Some((one.server.port, one)) } else { None })
        .collect()
}

fn contents(heard: &Heard, port: u16) -> Vec<String> {
    let of = |fact: &Fact| match fact {
        Fact::ClearContent(one) if one.server.port == port => {
            Some(format!("{} {} {}", one.kind, one.place, in_clear(&one.excerpt)))
        }
        _ => None,
    };
    heard.reading.facts.iter().filter_map(of).collect()
}

#[test]
fn what_real_clients_and_servers_did_is_what_is_read() {
    let Some(netns) = ready(Netns::create()) else { return };
    let site = || Site::inside(&netns);
    let page = ("state".to_owned(), "<p>write to anna@home.example</p>".to_owned());
    let basic_auth = Some(("anna".to_owned(), "s3cret".to_owned()));
    let Some(web) = ready(Nginx { basic_auth, pages: vec![page], ..Nginx::default() }.start(&site())) else {
        return;
    };
    let Some(secure) = ready(OpenSslServer::default().start(&site())) else { return };
    let login = Some(("plug".to_owned(), "hunter2".to_owned()));
    let Some(broker) = ready(Mosquitto { login, tls: None }.start(&site())) else { return };
    let Some(shell) = ready(Dropbear { password_login: None }.start(&site())) else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("made.pcap");
    let address = netns.inner().to_string();
    let [web, secure, broker, shell] = [web.port(), secure.port(), broker.port(), shell.port()];
    let nobody = 9;
    let mut done = Vec::new();
    let made = captured(&netns, &file, || {
        let url = |scheme: &str, port: u16, path: &str| format!("{scheme}://{address}:{port}/{path}");
        let curl =
            |arguments: &[&str]| client("curl", &[&["-s", "-m", "10", "-o", "/dev/null"], arguments].concat());
        done.push(("http", curl(&["-u", "anna:s3cret", &url("http", web, "state")])));
        curl(&["-d", "user=anna&password=h%40nd", &url("http", web, "state")]);
        let tls = format!("cloud.example:{secure}:{address}");
        let there = format!("https://cloud.example:{secure}/");
        done.push(("tls", curl(&["-k", "--resolve", &tls, &there])));
        curl(&["-k", "--tls-max", "1.2", "--resolve", &tls, &there]);
        // A client that does not trust the certificate and sends nothing.
        curl(&["--resolve", &tls, &there]);
        curl(&[&url("http", nobody, "")]);
        let port = broker.to_string();
        let publish = ["-h", &address, "-p", &port, "-u", "plug", "-P", "hunter2", "-t", "t", "-m", "canary-4711"];
        done.push(("mqtt", client("mosquitto_pub", &publish)));
        let port = shell.to_string();
        let known = "UserKnownHostsFile=/dev/null";
        let options = ["-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", known, "-p", &port];
        done.push(("ssh", client("ssh", &[&options[..], &[&format!("root@{address}"), "true"]].concat())));
    });
    if !made {
        return;
    }
    let parameters = Parameters {
        address: Some(netns.outer().into()),
        patterns: vec![Pattern {
            name: "e-mail".into(),
            regex: r"[a-z]+@[a-z]+\.example".into(),
            kind: "personal-data".into(),
        }],
        canaries: vec![Canary { name: "telemetry".into(), value: "canary-4711".into(), kind: "canary".into() }],
        ..Parameters::default()
    };
    let heard = read(&parameters, &mut File::open(&file).unwrap()).unwrap();
    let all = conversations(&heard);
    let was_done = |what: &str| done.contains(&(what, true));
    assert!(was_done("http") || !was_done("tls"), "one curl makes both");
    if was_done("http") {
        let http = all[&web];
        assert_eq!(
            (http.protocol.as_str(), http.protection, http.opened),
            ("http", Protection::Clear, Opened::ByProduct)
        );
        assert_eq!((http.connections, http.failed, http.partial), (2, 0, false));
        let found = contents(&heard, web);
        for expected in [
            "credential Authorization Basic anna:s3cret",
            "credential form password h@nd",
            "personal-data e-mail anna@home.example",
        ] {
            assert!(found.iter().any(|one| one == expected), "{expected} is not in {found:?}");
        }
        let tls = all[&secure];
        assert_eq!((tls.protocol.as_str(), tls.protection, tls.connections), ("tls", Protection::Tls, 3));
        assert_eq!(
            (&tls.versions[..], &tls.names[..]),
            (&[TlsVersion::Tls12, TlsVersion::Tls13][..], &["cloud.example".to_owned()][..])
        );
        assert!(
            tls.suites.len() == tls.suite_names.len() && tls.suite_names.iter().all(|s| s.starts_with("TLS_"))
        );
        assert!(contents(&heard, secure).is_empty());
        let is_shown = |fact: &Fact| matches!(fact, Fact::Certificate(one) if one.endpoint.port == secure);
        assert!(heard.reading.facts.iter().any(is_shown), "TLS 1.2 shows its certificate");
        assert_eq!((all[&nobody].failed, all[&nobody].protection), (1, Protection::Unknown));
        let is_outage = |fact: &Fact| matches!(fact, Fact::Reconnection(one) if one.server.port == nobody);
        assert!(heard.reading.facts.iter().any(is_outage));
    }
    if was_done("mqtt") {
        assert_eq!((all[&broker].protocol.as_str(), all[&broker].protection), ("mqtt", Protection::Clear));
        let expected = [
            "credential CONNECT password hunter2",
            "credential CONNECT user name plug",
            "canary telemetry canary-4711",
        ];
        let found = contents(&heard, broker);
        assert!(expected.iter().all(|one| found.iter().any(|found| found == one)), "{found:?}");
    }
    if was_done("ssh") {
        assert_eq!((all[&shell].protocol.as_str(), all[&shell].protection), ("ssh", Protection::Ssh));
        assert!(contents(&heard, shell).is_empty());
    }
    assert!(heard.reading.shortfalls.is_empty(), "{:?}", heard.reading.shortfalls);
    beside_tshark(&parameters, &file, &heard);
}

#[test]
fn http2_without_tls_is_read_as_curl_and_nginx_speak_it() {
    let Some(netns) = ready(Netns::create()) else { return };
    let address = netns.inner().to_string();
    let port = 8088;
    // What is handed on is read to its end first; otherwise the answer may come before the form is sent. That nobody takes
    // it behind the server does not matter.
    let config = vec![
        format!("listen {address}:{port} http2;"),
        "add_header Set-Cookie sid=s-4711 always;".to_owned(),
        "location /form { proxy_pass http://127.0.0.1:9; }".to_owned(),
    ];
    let Some(_web) = ready(Nginx { config, ..Nginx::default() }.start(&Site::inside(&netns))) else { return };
    let curl = Command::new("curl").arg("--version").output();
    if !curl.is_ok_and(|curl| String::from_utf8_lossy(&curl.stdout).contains("HTTP2")) {
        eprintln!("skipped: curl is missing, or does not speak HTTP/2");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("made.pcap");
    let url = |path: &str| format!("http://{address}:{port}/{path}");
    let made = captured(&netns, &file, || {
        let shared = ["-s", "-m", "10", "--http2-prior-knowledge", "-H", "Authorization: Bearer abc.def"];
        let (one, other) = (url("form?token=t-17"), url("index.html"));
        let output = ["-o", "/dev/null", "-o", "/dev/null"];
        // Two requests on one connection: the second one by indices into the table alone.
        client("curl", &[&shared[..], &output, &["-d", "user=anna&password=h%40nd", &one, &other]].concat());
    });
    if !made {
        return;
    }
    let parameters = Parameters {
        address: Some(netns.outer().into()),
        canaries: vec![Canary { name: "kind".into(), value: "text/html".into(), kind: "canary".into() }],
        ..Parameters::default()
    };
    let heard = read(&parameters, &mut File::open(&file).unwrap()).unwrap();
    let one = conversations(&heard)[&port];
    assert_eq!((one.protocol.as_str(), one.protection, one.connections), ("http2", Protection::Clear, 1));
    let found = contents(&heard, port);
    for expected in
        ["token Authorization Bearer abc.def", "token query token t-17", "credential form password h@nd"]
    {
        assert!(found.iter().any(|one| one == expected), "{expected} is not in {found:?}");
    }
    eprintln!("{found:?}");
    assert!(heard.reading.shortfalls.is_empty(), "{:?}", heard.reading.shortfalls);
}

/// tshark counts the same connections, and what it writes as pcapng reads the same.
fn beside_tshark(parameters: &Parameters, file: &Path, heard: &Heard) {
    let counted = Command::new("tshark").args(["-n", "-q", "-z", "conv,tcp", "-r"]).arg(file).output();
    let Ok(counted) = counted else {
        eprintln!("not cross-checked: tshark is missing");
        return;
    };
    let theirs = String::from_utf8_lossy(&counted.stdout).lines().filter(|line| line.contains("<->")).count();
    let of_tcp = conversations(heard).into_values().filter(|one| one.server.transport == model::Transport::Tcp);
    let ours: u32 = of_tcp.map(|one| one.connections).sum();
    assert_eq!(usize::try_from(ours).unwrap(), theirs);
    let again = file.with_extension("pcapng");
    let converted =
        Command::new("tshark").args(["-n", "-F", "pcapng", "-r"]).arg(file).arg("-w").arg(&again).output();
    assert!(converted.unwrap().status.success());
    assert_eq!(&read(parameters, &mut File::open(&again).unwrap()).unwrap(), heard);
}
