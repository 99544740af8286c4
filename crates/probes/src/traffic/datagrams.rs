//! Datagrams between two sockets in a capture.

use wire::overheard::Side;
use wire::overheard::datagram::{Exchange, form};

use super::ear::{Ear, Kept};
use super::search::Search;
use super::table::{Entry, Socket};

/// Datagrams between two sockets.
#[derive(Debug)]
pub(super) struct Flow {
    pub(super) client: Socket,
    pub(super) server: Socket,
    pub(super) product_is_client: bool,
    /// Whether a datagram of a form that only a client sends came first.
    pub(super) asked_first: bool,
    pub(super) exchange: Exchange,
    pub(super) kept: Kept,
    /// Octets of payload: from the client, from the server.
    octets: [u64; 2],
    pub(super) gaps: bool,
    pub(super) refused: bool,
    pub(super) first: u64,
    pub(super) last: u64,
}

impl Entry for Flow {
    fn last(&self) -> u64 {
        self.last
    }
}

impl Flow {
    /// A flow at its first datagram.
    pub(super) fn new(from: Socket, to: Socket, from_product: bool, payload: &[u8], at: u64) -> Self {
        let form = form([from.1, to.1], payload);
        let sender = form.and_then(|form| form.from);
        // Who speaks first asks, unless the form says otherwise; a group of receivers never asks.
        let answers = sender == Some(Side::Server) || sender.is_none() && from.1 < 1024 && to.1 >= 1024;
        let from_client = to.0.is_multicast() || is_broadcast(to) || !answers;
        let (client, server) = if from_client { (from, to) } else { (to, from) };
        Self {
            client,
            server,
            product_is_client: from_client == from_product,
            asked_first: from_client && sender == Some(Side::Client),
            exchange: Exchange::default(),
            kept: Kept::default(),
            octets: [0; 2],
            gaps: false,
            refused: false,
            first: at,
            last: at,
        }
    }

    /// Hears a datagram.
    pub(super) fn hear(&mut self, from: Socket, payload: &[u8], cut: usize, at: u64, search: &mut Search) {
        self.last = self.last.max(at);
        self.first = self.first.min(at);
        self.gaps |= cut > 0;
        let own = usize::from(from != self.client);
        let side = if own == 0 { Side::Client } else { Side::Server };
        self.octets[own] += (payload.len() + cut) as u64;
        let mut ear = Ear { kept: &mut self.kept, search, at, whole: true };
        self.exchange.hear(
            side,
            [from.1, if own == 0 { self.server.1 } else { self.client.1 }],
            payload,
            &mut ear,
        );
    }

    /// Octets from the product, and to it.
    pub(super) fn octets(&self) -> (u64, u64) {
        let [client, server] = self.octets;
        if self.product_is_client { (client, server) } else { (server, client) }
    }
}

/// Without the mask of the network, only what is a broadcast everywhere, or looks like one.
fn is_broadcast((address, _): Socket) -> bool {
    matches!(address, std::net::IpAddr::V4(v4) if v4.is_broadcast() || v4.octets()[3] == 255)
}
