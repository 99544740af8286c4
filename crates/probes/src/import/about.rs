//! Which address an import is about, and what becomes of the others.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use model::{Coverage, Digest, Endpoint, Fact, Reading, Shortfall, ShortfallKind};
use serde::{Deserialize, Serialize};
use wire::text::visible_str;

use super::Imported;

/// Addresses outside the target that are named; more are counted.
const MOST_NAMED: usize = 20;
/// Facts that are kept of one file.
const MOST_FACTS: usize = 100_000;

/// The parameters that every importer takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The address of the target that is read.
    pub address: IpAddr,
    /// Further addresses of the target.
    #[serde(default)]
    pub also: Vec<IpAddr>,
    /// Host names of the target, each with its address.
    #[serde(default)]
    pub hosts: BTreeMap<String, IpAddr>,
}

impl About {
    /// The address that a tool wrote, as an address or as a name of the target; none for another.
    pub fn address_of(&self, text: &str) -> Option<IpAddr> {
        let text = text.trim().trim_matches(['[', ']']);
        let plain = text.split_once('%').map_or(text, |(address, _)| address);
        let named = || self.hosts.iter().find(|(name, _)| name.eq_ignore_ascii_case(text.trim_end_matches('.')));
        plain.parse().ok().or_else(|| named().map(|(_, address)| *address))
    }
}

/// A reading in the making: what is about the address goes in, what is about another is counted.
pub(crate) struct Book<'a> {
    about: &'a About,
    reading: Reading,
    elsewhere: BTreeMap<String, u64>,
    about_target: bool,
    left_out: u64,
    /// What was said already: each thing is said once.
    said: BTreeSet<Digest>,
}

impl<'a> Book<'a> {
    pub(crate) fn new(about: &'a About) -> Self {
        let (reading, elsewhere, said) = (Reading::default(), BTreeMap::new(), BTreeSet::new());
        Self { about, reading, elsewhere, about_target: false, left_out: 0, said }
    }

    /// The address, where what a tool wrote is the one that is read. One that is not the target's is remembered.
    pub(crate) fn address(&mut self, text: &str) -> Option<IpAddr> {
        match self.about.address_of(text) {
            Some(address) if address == self.about.address => {
                self.about_target = true;
                Some(address)
            }
            Some(address) if self.about.also.contains(&address) => None,
            _ => {
                *self.elsewhere.entry(visible_str(text, 100)).or_default() += 1;
                None
            }
        }
    }

    pub(crate) fn fact(&mut self, fact: Fact) {
        match self.reading.facts.len() < MOST_FACTS {
            true if !self.said.insert(Digest::of(format!("{fact:?}").as_bytes())) => {}
            true => self.reading.facts.push(fact),
            false => self.left_out += 1,
        }
    }

    pub(crate) fn covered(&mut self, of: &str, endpoint: Option<Endpoint>, ports: Vec<(u16, u16)>, text: String) {
        self.reading.coverage.push(Coverage { of: of.to_owned(), endpoint, ports, text });
    }

    pub(crate) fn short(&mut self, kind: ShortfallKind, of: &str, endpoint: Option<Endpoint>, text: String) {
        let shortfall = Shortfall { kind, of: of.to_owned(), endpoint, text };
        if self.reading.shortfalls.len() < MOST_FACTS && !self.reading.shortfalls.contains(&shortfall) {
            self.reading.shortfalls.push(shortfall);
        }
    }

    /// The reading, with what was left out said in it.
    pub(crate) fn finish(mut self) -> Imported {
        let named: Vec<String> = self.elsewhere.keys().take(MOST_NAMED).cloned().collect();
        if !named.is_empty() {
            let more = self.elsewhere.len() - named.len();
            let more = if more == 0 { String::new() } else { format!(" and {more} more") };
            let text = format!("what the file says of {}{more} is left out: not the target's", named.join(", "));
            self.short(ShortfallKind::Missing, "hosts", None, text);
        }
        if self.left_out > 0 {
            let text = format!("{} facts beyond {MOST_FACTS} are left out", self.left_out);
            self.short(ShortfallKind::Limit, "file", None, text);
        }
        Imported {
            reading: self.reading,
            elsewhere: named,
            about_target: self.about_target,
            ..Imported::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_the_targets_by_number_or_by_name_and_others_are_named() {
        let (one, two) = ("192.0.2.7".parse().unwrap(), "2001:db8::7".parse().unwrap());
        let hosts = BTreeMap::from([("plug.example".to_owned(), one)]);
        let about = About { address: one, also: vec![two], hosts };
        let mut book = Book::new(&about);
        assert_eq!(book.address("192.0.2.7"), Some(one));
        assert_eq!(book.address("Plug.example."), Some(one));
        assert_eq!(book.address("[2001:db8::7]"), None);
        assert_eq!(book.address("192.0.2.8"), None);
        assert_eq!(book.address("other.example\u{1b}"), None);
        let imported = book.finish();
        assert_eq!(imported.elsewhere, ["192.0.2.8", "other.example\\x1b"]);
        assert!(imported.about_target && imported.reading.shortfalls[0].text.contains("192.0.2.8"));
    }
}
