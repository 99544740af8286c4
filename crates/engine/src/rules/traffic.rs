//! What captures showed of the product's own traffic, for the rules that hold it against a declaration.
//!
//! Something seen in a capture can refute a declaration, and support it. Something not seen decides nothing: no rule
//! concludes from the absence of a conversation, and traffic that nobody could read is never taken for protected.

mod agreed;
mod flows;
mod interface;
mod mechanism;
mod partner;
mod undeclared;

pub use flows::{Compared, Flow, flows};
pub(super) use interface::{answers, mechanisms, opens};
pub(super) use mechanism::{Witness, content_text, witness};
pub(super) use partner::Partner;
pub(crate) use partner::Partners;
pub(super) use undeclared::undeclared;

use std::net::IpAddr;

use model::{CertificateFacts, ClearContent, Conversation, Endpoint, Fact, Opened, Reconnection};

use crate::judgement::{Ground, Next};
use crate::view::View;

use super::probe_names::{DUT, TRAFFIC};
use super::seen::{Record, ground};

/// Something a capture showed, and the record it stands in.
#[derive(Debug)]
pub(crate) struct Shown<'a, T> {
    pub(super) record: Record<'a>,
    pub(crate) fact: &'a T,
}

impl<T> Clone for Shown<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Shown<'_, T> {}

impl<T> Shown<'_, T> {
    pub(super) fn ground(&self, text: impl Into<String>) -> Ground {
        ground(self.record, text)
    }
}

/// Everything that captures of this release showed.
#[derive(Debug, Default)]
pub(crate) struct Traffic<'a> {
    pub(crate) conversations: Vec<Shown<'a, Conversation>>,
    pub(super) contents: Vec<Shown<'a, ClearContent>>,
    /// Certificates that servers showed in clear.
    pub(super) certificates: Vec<Shown<'a, CertificateFacts>>,
    pub(super) reconnections: Vec<Shown<'a, Reconnection>>,
    /// Records of captures, whatever they showed.
    pub(super) captures: Vec<Record<'a>>,
}

impl<'a> Traffic<'a> {
    /// Later captures replace what an earlier one showed of an endpoint only where they show a whole conversation with
    /// the same endpoint: one that shows nothing of it has not looked.
    pub(crate) fn of(view: &View<'a>) -> Self {
        let mut traffic = Self::default();
        let records: Vec<Record<'a>> = view.observations(DUT).collect();
        for (index, record) in records.iter().copied().enumerate() {
            let later = &records[index + 1..];
            let again = |server: &Endpoint| later.iter().any(|l| shows_whole(record, l, server));
            if record.body.run.probe == TRAFFIC {
                traffic.captures.push(record);
            }
            for fact in &record.body.reading.facts {
                match fact {
                    // Attempts that never carried anything show an intention and no communication.
                    Fact::Conversation(fact)
                        if fact.sent == 0 && fact.failed > 0 && fact.failed == fact.connections => {}
                    Fact::Conversation(fact) if !again(&fact.server) => {
                        traffic.conversations.push(Shown { record, fact });
                    }
                    Fact::ClearContent(fact) if !again(&fact.server) => {
                        traffic.contents.push(Shown { record, fact });
                    }
                    Fact::Certificate(fact) if record.body.run.probe == TRAFFIC && !again(&fact.endpoint) => {
                        traffic.certificates.push(Shown { record, fact });
                    }
                    Fact::Reconnection(fact) => traffic.reconnections.push(Shown { record, fact }),
                    _ => {}
                }
            }
        }
        traffic
    }

    /// The service behind an endpoint, by the conversations with it or by its address.
    pub(super) fn service_at<'p>(&self, endpoint: &Endpoint, partners: &'p Partners) -> Option<&'p Partner> {
        let with_it = self.conversations.iter().filter(|s| s.fact.server == *endpoint);
        with_it.filter_map(|s| partners.service(s.fact)).next().or_else(|| partners.service_at(endpoint))
    }

    /// Whether an endpoint is the product's.
    pub(super) fn is_at_product(&self, endpoint: &Endpoint, partners: &Partners) -> bool {
        let mut with_it = self.conversations.iter().filter(|s| s.fact.server == *endpoint);
        partners.product.contains(&endpoint.address) || with_it.any(|s| s.fact.opened == Opened::ByPeer)
    }
}

fn shows_whole(earlier: Record<'_>, later: Record<'_>, server: &Endpoint) -> bool {
    let whole = |fact: &Fact| matches!(fact, Fact::Conversation(c) if c.server == *server && !c.partial && c.failed < c.connections);
    later.body.run.probe == earlier.body.run.probe && later.body.reading.facts.iter().any(whole)
}

/// Whether a fact tells of traffic: its endpoint may be a peer's, so that it says nothing about a port of the target.
pub(super) fn is_traffic(fact: &Fact) -> bool {
    matches!(fact, Fact::Conversation(_) | Fact::ClearContent(_) | Fact::Reconnection(_))
}

/// Whether the product is the side that answers.
pub(super) fn at_product(conversation: &Conversation, product: &[IpAddr]) -> bool {
    match conversation.opened {
        Opened::ByPeer => true,
        Opened::ByProduct => false,
        Opened::Unseen => conversation.product_serves || product.contains(&conversation.server.address),
    }
}

/// The step that would show more traffic.
pub(super) fn capture() -> Next {
    Next::Observe { probe: TRAFFIC.to_owned(), target: DUT.to_owned() }
}
