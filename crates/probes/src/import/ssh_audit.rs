//! What ssh-audit found, from its JSON (`-j`): the greeting and the algorithms that the server offers.
//!
//! ssh-audit writes one direction of the lists for encryption, MAC and compression: what the server sends with.

use std::collections::BTreeMap;
use std::io::Read;

use model::{Endpoint, Fact, ServiceFacts, ShortfallKind, Touches};
use serde::Deserialize as _;
use serde_json::Value;
use wire::text::visible_str;

use super::about::Book;
use super::json::{self, list, text};
use super::{About, ImportError, Imported, Importer, whole};
use crate::{Card, Need};

/// The card.
pub const CARD: Card = Card {
    id: "import.ssh-audit",
    revision: 1,
    asks: "Which SSH algorithms did ssh-audit find offered at this address?",
    yields: &["service", "ssh-offer"],
    touches: Touches::Nothing,
    needs: &[Need::File],
};

/// The importer.
pub const IMPORTER: Importer = Importer {
    card: &CARD,
    format: "ssh-audit",
    reads: "JSON of ssh-audit (`-j`)",
    level: model::Level::Imported,
    per_address: true,
    sniff: |begins| {
        let text = String::from_utf8_lossy(begins);
        let begins = text.trim_start().starts_with(['{', '[']);
        begins && ["\"banner\"", "\"algorithm\""].iter().all(|word| text.contains(word))
    },
    interpret,
};

const MOST: u64 = 64 << 20;
const OF: &str = "services";
const LISTS: [(&str, &str); 5] = [
    ("kex", "key-exchange"),
    ("key", "host-key"),
    ("enc", "encryption-to-client"),
    ("mac", "mac-to-client"),
    ("compression", "compression-to-client"),
];

fn interpret(file: &mut dyn Read, parameters: &Value) -> Result<Imported, ImportError> {
    let about = About::deserialize(parameters)?;
    let (value, broken) = json::read(&whole(file, IMPORTER.format, MOST)?);
    let not_this = || ImportError::NotThis { format: IMPORTER.format, why: "it names no `target`".to_owned() };
    let root = value.ok_or_else(not_this)?;
    let mut book = Book::new(&about);
    if let Some(why) = broken {
        book.short(ShortfallKind::Unreadable, OF, None, format!("the file breaks off: {why}"));
    }
    let targets = root.as_array().map_or(std::slice::from_ref(&root), Vec::as_slice);
    if !targets.iter().any(|one| one.get("target").is_some()) {
        return Err(not_this());
    }
    for target in targets {
        let written = text(target, "target");
        let Some((host, port)) = written.rsplit_once(':') else { continue };
        let (Some(address), Ok(port)) = (book.address(host), port.parse()) else { continue };
        read_server(Endpoint::tcp(address, port), target, &mut book);
    }
    Ok(Imported { tool: Some("ssh-audit".to_owned()), ..book.finish() })
}

fn read_server(endpoint: Endpoint, target: &Value, book: &mut Book<'_>) {
    let banner = target.get("banner").filter(|banner| !text(banner, "raw").is_empty());
    if let Some(banner) = banner {
        let software = text(banner, "software");
        let (product, version) = match software.split_once('_') {
            Some((product, version)) => (product, Some(version)),
            None => (software, None),
        };
        let shown = |text: &str| Some(visible_str(text, 120)).filter(|text| !text.is_empty());
        book.fact(Fact::Service(ServiceFacts {
            endpoint,
            protocol: "ssh".to_owned(),
            tls: false,
            product: shown(product),
            version: version.and_then(shown),
            banner: visible_str(text(banner, "raw"), 200),
        }));
    }
    let mut lists: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (theirs, ours) in LISTS {
        let Some(written) = target.get(theirs).filter(|list| list.is_array()) else {
            let text = format!("{endpoint}: the file has no list `{theirs}`");
            book.short(ShortfallKind::Missing, OF, Some(endpoint), text);
            continue;
        };
        let mut names: Vec<String> = Vec::new();
        for one in written.as_array().into_iter().flatten().take(200) {
            let name = one.as_str().unwrap_or_else(|| text(one, "algorithm"));
            let name = visible_str(name, 100);
            if !name.is_empty() && !names.contains(&name) {
                names.push(name);
            }
        }
        lists.insert(ours.to_owned(), names);
    }
    if lists.values().any(|names| !names.is_empty()) {
        book.fact(Fact::SshOffer { endpoint, lists });
        let ports = vec![(endpoint.port, endpoint.port)];
        book.covered(OF, Some(endpoint), ports, format!("{endpoint} speaks ssh"));
    } else {
        let problem = list(target, "additional_notes").first().and_then(Value::as_str).unwrap_or("no algorithm");
        let text = format!("{endpoint}: {}", visible_str(problem, 200));
        book.short(ShortfallKind::Missing, OF, Some(endpoint), text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = include_str!("samples/ssh-audit.json");

    fn read(text: &str) -> Imported {
        interpret(&mut text.as_bytes(), &serde_json::json!({"address": "192.0.2.7"})).unwrap()
    }

    fn offer(imported: &Imported) -> Option<&BTreeMap<String, Vec<String>>> {
        imported.reading.facts.iter().find_map(|fact| match fact {
            Fact::SshOffer { lists, endpoint } if endpoint.port == 8022 => Some(lists),
            _ => None,
        })
    }

    #[test]
    fn real_output_is_read() {
        let imported = read(SAMPLE);
        let lists = offer(&imported).unwrap();
        assert_eq!(lists.len(), 5);
        assert!(lists["encryption-to-client"].contains(&"aes256-gcm@openssh.com".to_owned()));
        assert!(lists["host-key"].contains(&"ssh-ed25519".to_owned()));
        assert!(imported.reading.facts.iter().any(|fact| matches!(fact, Fact::Service(s) if s.protocol == "ssh"
            && s.product.as_deref() == Some("OpenSSH") && s.version.as_deref() == Some("9.2p1"))));
        assert_eq!((imported.measured, &imported.reading.shortfalls[..]), (None, &[][..]));
    }

    #[test]
    fn a_list_that_is_missing_is_said_and_another_target_left_out() {
        let mut root: Value = serde_json::from_str(SAMPLE).unwrap();
        root.as_object_mut().unwrap().remove("mac");
        let imported = read(&root.to_string());
        assert!(!offer(&imported).unwrap().contains_key("mac-to-client"));
        assert!(imported.reading.shortfalls[0].text.contains("`mac`"));
        assert!(!read(&SAMPLE.replace("192.0.2.7", "192.0.2.9")).about_target);
        let both = format!("[{SAMPLE},{}]", SAMPLE.replace("192.0.2.7:8022", "192.0.2.7:22"));
        assert_eq!(read(&both).reading.facts.len(), 4);
    }

    #[test]
    fn a_file_that_breaks_off_says_so() {
        for at in (1..SAMPLE.len()).step_by(31).filter(|at| SAMPLE.is_char_boundary(*at)) {
            let parameters = serde_json::json!({"address": "192.0.2.7"});
            if let Ok(part) = interpret(&mut &SAMPLE.as_bytes()[..at], &parameters) {
                assert!(!part.reading.shortfalls.is_empty());
            }
        }
    }
}
