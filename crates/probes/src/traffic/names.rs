//! Which names led to which address, by the DNS answers that the product got.

use std::collections::BTreeMap;
use std::net::IpAddr;

use wire::dns::{Data, Message};
use wire::text::visible_str;

const MOST_ADDRESSES: usize = 32_768;
const MOST_NAMES: usize = 8;

/// Names by address.
#[derive(Debug, Default)]
pub(super) struct Names {
    known: BTreeMap<IpAddr, Vec<String>>,
    /// Whether there were more addresses than are kept.
    pub(super) cut: bool,
}

impl Names {
    /// Learns from an answer: the name that was asked for and every alias lead to the addresses in it.
    pub(super) fn learn(&mut self, message: &Message) {
        let addresses: Vec<IpAddr> = message
            .records()
            .filter_map(|record| match record.data {
                Data::A(address) => Some(IpAddr::V4(address)),
                Data::Aaaa(address) => Some(IpAddr::V6(address)),
                _ => None,
            })
            .take(64)
            .collect();
        if addresses.is_empty() {
            return;
        }
        let asked = message.questions.iter().map(|question| &question.name);
        let owners = message.answers.iter().filter(|record| !matches!(record.data, Data::Txt(_))).map(|r| &r.name);
        let mut names: Vec<String> = Vec::new();
        for name in asked.chain(owners).take(64) {
            let name = visible_str(name.to_string().trim_end_matches('.'), 255).to_lowercase();
            if !name.is_empty() && !names.contains(&name) {
                names.push(name);
            }
        }
        for address in addresses {
            if self.known.len() >= MOST_ADDRESSES && !self.known.contains_key(&address) {
                self.cut = true;
                continue;
            }
            let known = self.known.entry(address).or_default();
            for name in &names {
                if known.len() < MOST_NAMES && !known.contains(name) {
                    known.push(name.clone());
                }
            }
        }
    }

    /// Names that led to an address, in the order in which they were learned.
    pub(super) fn of(&self, address: IpAddr) -> &[String] {
        self.known.get(&address).map_or(&[], Vec::as_slice)
    }
}
