//! Starts real servers to be measured, prints what listens where, and ends them when its standard input ends:
//! `cargo run --release -p probes --example laboratory -- services`.
//!
//! `tls` is one `openssl s_server` with everything it can still offer, `services` are real servers of many kinds on one
//! loopback address, `ports` are forty listeners and `datagrams` a name server and an agent in a network namespace. One line each, `NAME ADDRESS PORT`, then `ready`.
#![expect(clippy::print_stdout, reason = "its output is read by the benches and by a person at a terminal")]

use std::error::Error;
use std::io::Read as _;
use std::net::TcpListener;

use testkit::certificate::{Certificate, Key};
use testkit::netns::Netns;
use testkit::servers::*;
use testkit::{Server, Site, StartError};

fn main() -> Result<(), Box<dyn Error>> {
    let what = std::env::args().nth(1).ok_or("usage: laboratory tls|services|ports|datagrams")?;
    match what.as_str() {
        "tls" => serve(&[("tls", everything_of_openssl().start(&Site::loopback())?)]),
        "services" => serve(&services()?),
        "ports" => {
            let netns = Netns::create()?;
            let at = netns.inner();
            let listeners = netns.run(move || {
                // Spread over the whole range, some below 1024.
                (1..=40_u16).map(|number| TcpListener::bind((at, number * 1601))).collect::<Result<Vec<_>, _>>()
            })??;
            for listener in &listeners {
                println!("listener {at} {}", listener.local_addr()?.port());
            }
            wait();
        }
        "datagrams" => {
            // Across a cable the system answers for closed ports as rarely as a device does.
            let netns = Netns::create()?;
            let at = |port| Site::inside(&netns).port(port);
            let snmpd = Snmpd::default().start(&at(161))?;
            let dnsmasq = Dnsmasq::default().start(&at(53))?;
            serve(&[("snmpd", snmpd), ("dnsmasq", dnsmasq)]);
        }
        other => return Err(format!("there is no laboratory {other}").into()),
    }
    Ok(())
}

fn serve(servers: &[(&str, Server)]) {
    for (name, server) in servers {
        println!("{name} {} {}", server.at().ip(), server.port());
    }
    wait();
}

fn wait() {
    println!("ready");
    // Its end is all that counts.
    std::io::stdin().read_to_end(&mut Vec::new()).ok();
}

fn everything_of_openssl() -> OpenSslServer {
    OpenSslServer {
        versions: vec![TlsVersion::V1_0, TlsVersion::V1_1, TlsVersion::V1_2, TlsVersion::V1_3],
        ciphers: "ALL:@SECLEVEL=0".to_owned(),
        certificate: rsa(),
        arguments: Vec::new(),
    }
}

fn rsa() -> Certificate {
    Certificate { key: Key::Rsa(2048), ..Certificate::default() }
}

fn services() -> Result<Vec<(&'static str, Server)>, StartError> {
    let site = Site::at(Site::loopback().ip());
    let secured = Nginx { tls: Some(NginxTls { certificate: rsa(), ..NginxTls::default() }), ..Nginx::default() };
    let guarded = Nginx { basic_auth: Some(("admin".to_owned(), "admin".to_owned())), ..Nginx::default() };
    Ok(vec![
        ("dropbear", Dropbear::default().start(&site)?),
        ("openssh", OpenSsh::default().start(&site)?),
        ("http", guarded.start(&site)?),
        ("https", secured.start(&site)?),
        ("mqtt", Mosquitto::default().start(&site)?),
        ("ftp", Vsftpd { anonymous: true, ..Vsftpd::default() }.start(&site)?),
        ("telnet", Telnet::default().start(&site)?),
        ("tls", OpenSslServer::default().start(&site)?),
    ])
}
