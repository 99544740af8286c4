//! What a probe says about itself before it runs: the plan shows it to the operator.
//!
//! A card holds no provision: which verdicts need a probe is the engine's business.

use model::Touches;

/// A probe's card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Card {
    /// Its id: `net.tcp-ports`.
    pub id: &'static str,
    /// Raised whenever the same world would give another reading.
    pub revision: u32,
    /// The question it answers.
    pub asks: &'static str,
    /// Kinds of facts it yields, as `model::Fact` tags them.
    pub yields: &'static [&'static str],
    /// How far it reaches into the product.
    pub touches: Touches,
    /// What it needs to begin.
    pub needs: &'static [Need],
}

/// What a probe needs to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// An authorised address that packets can reach.
    IpReach,
    /// Endpoints to look at, usually from an earlier probe.
    Endpoints,
    /// Credentials from the bench.
    Accounts,
    /// Requests that the plan wants tried.
    Requests,
    /// A published address and how its name resolves.
    Url,
    /// What is expected of this very unit.
    Expectations,
    /// A file that another tool wrote.
    File,
}

impl Need {
    /// The word as a plan writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Need::IpReach => "ip-reach",
            Need::Endpoints => "endpoints",
            Need::Accounts => "accounts",
            Need::Requests => "requests",
            Need::Url => "url",
            Need::Expectations => "expectations",
            Need::File => "file",
        }
    }
}
