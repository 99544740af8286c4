//! Hears what `wire` makes of one conversation and keeps what is worth telling, until the conversation can be named.

use wire::overheard::{Listener, Readable, Side};

use super::search::{Match, Search, Tail};

/// Names kept of a conversation.
const MOST_NAMES: usize = 16;
/// Finds kept of one conversation: beyond them nothing new is said.
const MOST_FINDS: usize = 64;
/// Certificates kept of a chain.
const MOST_CHAIN: usize = 10;

/// Something found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Find {
    pub(super) from: Side,
    pub(super) kind: String,
    pub(super) place: String,
    pub(super) text: Vec<u8>,
    /// When, in nanoseconds.
    pub(super) at: u64,
}

/// What was kept of a conversation.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) finds: Vec<Find>,
    pub(super) finds_cut: bool,
    pub(super) names: Vec<String>,
    pub(super) chains: Vec<(Side, Vec<Vec<u8>>)>,
    tails: [Tail; 2],
}

/// The listener for one piece.
pub(super) struct Ear<'a> {
    pub(super) kept: &'a mut Kept,
    pub(super) search: &'a mut Search,
    pub(super) at: u64,
    /// Whether a piece stands by itself, as datagrams do.
    pub(super) whole: bool,
}

impl Kept {
    fn find(&mut self, from: Side, one: Match, at: u64) {
        let Match { kind, place, text } = one;
        let is_known =
            |find: &Find| find.from == from && find.kind == kind && find.place == place && find.text == text;
        if self.finds.iter().any(is_known) {
            return;
        }
        if self.finds.len() >= MOST_FINDS {
            self.finds_cut = true;
            return;
        }
        self.finds.push(Find { from, kind, place, text, at });
    }

    /// A direction is over, or bytes are missing in it.
    pub(super) fn finish(&mut self, from: Side, search: &mut Search) {
        let mut tail = std::mem::take(&mut self.tails[usize::from(from == Side::Server)]);
        let at = tail.at;
        search.finish(&mut tail, &mut |one| self.find(from, one, at));
    }
}

impl Listener for Ear<'_> {
    fn found(&mut self, from: Side, kind: &'static str, place: &str, text: &[u8]) {
        let one = Match { kind: kind.to_owned(), place: place.to_owned(), text: text.to_vec() };
        self.kept.find(from, one, self.at);
    }

    fn readable(&mut self, from: Side, bytes: &[u8], what: Readable) {
        let side = usize::from(from == Side::Server);
        let mut tail = std::mem::take(&mut self.kept.tails[side]);
        let (kept, at) = (&mut *self.kept, self.at);
        self.search.look(&mut tail, bytes, what, self.whole, &mut |one| kept.find(from, one, at));
        tail.at = at;
        self.kept.tails[side] = tail;
    }

    fn name(&mut self, name: &str) {
        let name = wire::text::visible_str(name, 255).to_lowercase();
        let is_name = !name.is_empty() && name.parse::<std::net::IpAddr>().is_err();
        if is_name && self.kept.names.len() < MOST_NAMES && !self.kept.names.contains(&name) {
            self.kept.names.push(name);
        }
    }

    fn certificates(&mut self, from: Side, chain: &[Vec<u8>]) {
        if self.kept.chains.len() < 2 {
            self.kept.chains.push((from, chain.iter().take(MOST_CHAIN).cloned().collect()));
        }
    }
}
