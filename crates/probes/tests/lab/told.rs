//! What a reading of tls.server-offer tells, as words that what other tools say can be put into.

use std::collections::BTreeSet;

use model::{Fact, Reading};

/// Everything that is told, as words.
pub(crate) type Found = BTreeSet<String>;

pub(crate) fn told(reading: &Reading) -> Found {
    let mut found = Found::new();
    for fact in &reading.facts {
        match fact {
            Fact::TlsVersion { version, accepted: true, .. } => {
                found.insert(format!("version {version}"));
            }
            Fact::TlsSuite { version, id, .. } => {
                found.insert(format!("suite {version} {id:04x}"));
            }
            Fact::TlsGroup { name, version, .. } => {
                found.insert(format!("group {version} {name}"));
            }
            Fact::TlsTrait { name, value, .. } if name == "signature" => {
                found.insert(format!("signature {value}"));
            }
            Fact::TlsTrait { name, value, .. } => {
                found.insert(format!("{name} {value}"));
            }
            Fact::Certificate(leaf) if leaf.index == 0 => {
                found.insert(format!("key {}", leaf.key_bits));
                found.insert(format!("signed {}", leaf.signature.to_lowercase()));
            }
            _ => {}
        }
    }
    found
}
