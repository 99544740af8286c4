//! What nmap's scripts tell in tables: TLS versions and suites, certificates, SSH algorithms.
//!
//! A script that is not known here is not read: what it prints is meant for people.

use std::collections::BTreeMap;

use model::{Endpoint, Fact, ShortfallKind, TlsVersion};
use wire::text::visible_str;
use wire::tls::suites::CipherSuite;
use wire::xml::Element;

use crate::import::about::Book;
use crate::import::refused::unlisted;
use crate::tls::certificate;

/// The lists of RFC 4253, 7.1, under the names of our own probe. One name stands for both directions where both are
/// the same.
const SSH: [(&str, &[&str]); 11] = [
    ("kex_algorithms", &["key-exchange"]),
    ("server_host_key_algorithms", &["host-key"]),
    ("encryption_algorithms", &["encryption-to-server", "encryption-to-client"]),
    ("encryption_algorithms_client_to_server", &["encryption-to-server"]),
    ("encryption_algorithms_server_to_client", &["encryption-to-client"]),
    ("mac_algorithms", &["mac-to-server", "mac-to-client"]),
    ("mac_algorithms_client_to_server", &["mac-to-server"]),
    ("mac_algorithms_server_to_client", &["mac-to-client"]),
    ("compression_algorithms", &["compression-to-server", "compression-to-client"]),
    ("compression_algorithms_client_to_server", &["compression-to-server"]),
    ("compression_algorithms_server_to_client", &["compression-to-client"]),
];

/// What the table of suites of one nmap or another lacks, by number: GOST, and what became known late.
const LACKS: [u16; 19] = [
    0x1e, 0x80, 0x81, 0x82, 0x83, 0xc6, 0xc7, 0x1301, 0x1302, 0x1303, 0x1304, 0x1305, 0xcc13, 0xcc14, 0xcc15,
    0xd001, 0xd002, 0xd003, 0xd005,
];

pub(super) fn read(endpoint: Endpoint, port: &Element, book: &mut Book<'_>) {
    for script in port.all("script") {
        match script.attribute("id") {
            Some("ssl-enum-ciphers") => suites(endpoint, script, book),
            Some("ssl-cert") => chain(endpoint, script, book),
            Some("ssh2-enum-algos") => ssh(endpoint, script, book),
            _ => {}
        }
    }
}

fn keyed<'a>(element: &'a Element, name: &'a str) -> impl Iterator<Item = &'a Element> {
    element.children.iter().filter(move |child| child.attribute("key") == Some(name))
}

/// The script lists a version only where it was accepted; of one that is not listed it says nothing.
fn suites(endpoint: Endpoint, script: &Element, book: &mut Book<'_>) {
    for table in script.all("table") {
        let version = match table.attribute("key") {
            Some("SSLv3") => TlsVersion::Ssl3,
            Some("TLSv1.0") => TlsVersion::Tls10,
            Some("TLSv1.1") => TlsVersion::Tls11,
            Some("TLSv1.2") => TlsVersion::Tls12,
            Some("TLSv1.3") => TlsVersion::Tls13,
            _ => continue,
        };
        book.fact(Fact::TlsVersion { endpoint, version, accepted: true });
        let mut listed = Vec::new();
        for suite in keyed(table, "ciphers").flat_map(|list| list.all("table")) {
            let name = keyed(suite, "name").next().map_or("", |elem| elem.text.trim());
            // nmap's own name for the suites of TLS 1.3.
            let iana = name.replacen("TLS_AKE_WITH_", "TLS_", 1);
            match CipherSuite::named(&iana) {
                Some(known) => {
                    let name = known.name.to_owned();
                    listed.push(known.id);
                    book.fact(Fact::TlsSuite { endpoint, version, id: known.id, name, rank: None });
                }
                None => {
                    let text = format!("{endpoint}: suite `{}` has no number here", visible_str(name, 80));
                    book.short(ShortfallKind::Unreadable, "tls-suites", Some(endpoint), text);
                }
            }
        }
        if let Some(fact) = unlisted(endpoint, version, &listed, &LACKS) {
            book.fact(fact);
        }
    }
}

fn chain(endpoint: Endpoint, script: &Element, book: &mut Book<'_>) {
    for pem in keyed(script, "pem") {
        match wire::pem::certificates(&pem.text).first().and_then(|der| certificate::facts(endpoint, 0, der)) {
            Some(facts) => book.fact(Fact::Certificate(facts)),
            None => {
                let text = format!("{endpoint}: the certificate in the file cannot be read");
                book.short(ShortfallKind::Unreadable, "tls-versions", Some(endpoint), text);
            }
        }
    }
}

fn ssh(endpoint: Endpoint, script: &Element, book: &mut Book<'_>) {
    let mut lists = BTreeMap::new();
    for (theirs, ours) in SSH {
        let Some(table) = keyed(script, theirs).next() else { continue };
        let names = table.all("elem").take(200).map(|elem| visible_str(elem.text.trim(), 100));
        let names: Vec<String> = names.collect();
        lists.extend(ours.iter().map(|list| ((*list).to_owned(), names.clone())));
    }
    if !lists.is_empty() {
        book.fact(Fact::SshOffer { endpoint, lists });
    }
}
