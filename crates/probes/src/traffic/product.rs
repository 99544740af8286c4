//! Which of the two ends of a packet is the product: by its addresses, or by its hardware addresses.

use std::collections::BTreeSet;
use std::net::IpAddr;

use wire::capture::Frame;
use wire::packet::hardware;

/// Addresses learned from hardware addresses.
const MOST_LEARNED: usize = 64;

/// The product, as the caller names it.
#[derive(Debug)]
pub(super) struct Product {
    /// Few: looked through one by one.
    addresses: Vec<IpAddr>,
    hardware: Vec<[u8; 6]>,
    seen: BTreeSet<IpAddr>,
    seen_hardware: bool,
}

/// The product's end of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Source,
    Destination,
}

impl Product {
    pub(super) fn new(addresses: Vec<IpAddr>, hardware: Vec<[u8; 6]>) -> Self {
        Self { addresses, hardware, seen: BTreeSet::new(), seen_hardware: false }
    }

    /// The product's end, if it has one.
    #[inline]
    pub(super) fn end(&mut self, frame: &Frame<'_>, source: IpAddr, destination: IpAddr) -> Option<End> {
        if self.addresses.contains(&source) {
            self.saw(source);
            return Some(End::Source);
        }
        if self.addresses.contains(&destination) {
            self.saw(destination);
            return Some(End::Destination);
        }
        if self.hardware.is_empty() {
            return None;
        }
        let (from, to) = hardware(frame.link, frame.data);
        if from.is_some_and(|from| self.hardware.contains(&from)) {
            self.seen_hardware = true;
            let is_own = !source.is_unspecified() && !source.is_multicast();
            if is_own && self.seen.len() < MOST_LEARNED {
                self.addresses.push(source);
                self.saw(source);
            }
            return Some(End::Source);
        }
        if to.is_some_and(|to| self.hardware.contains(&to)) {
            self.seen_hardware = true;
            return Some(End::Destination);
        }
        None
    }

    fn saw(&mut self, address: IpAddr) {
        if !self.seen.contains(&address) {
            self.seen.insert(address);
        }
    }

    /// Addresses of it that packets had.
    pub(super) fn seen(&self) -> &BTreeSet<IpAddr> {
        &self.seen
    }

    /// Whether any packet was its.
    pub(super) fn is_seen(&self) -> bool {
        self.seen_hardware || !self.seen.is_empty()
    }
}
