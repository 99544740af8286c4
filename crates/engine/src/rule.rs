//! What a rule is: the unit it settles, in which editions, and the function that settles it.
//!
//! A rule judges one unit instance and nothing else: whether the provision applies, which entries a unit ranges over
//! and what the results come to together are answered elsewhere.

use dossier::Entry;
use model::Edition;
use serde::Serialize;

use crate::judgement::{Gap, Judgement};
use crate::view::View;

/// Whether a unit concerns an entry of the table it ranges over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum InScope {
    /// It does.
    Yes,
    /// It does not, for this reason read off the declared facts.
    No(String),
    /// The declaration lacks the fact that decides it; the entry stays in scope and open.
    Unknown(Gap),
}

/// Judges one unit instance. The entry is absent for units that are judged once.
pub type JudgeFn = for<'a> fn(&View<'a>, Option<&'a Entry>) -> Judgement;

/// A rule: what settles a unit without a person.
#[derive(Debug, Clone, Copy)]
pub struct UnitRule {
    /// The unit's id: `5.6-1-2a`.
    pub unit: &'static str,
    /// Editions in which the rule settles that unit.
    pub editions: &'static [Edition],
    /// The function.
    pub judge: JudgeFn,
    /// Ids of the probes that feed it; empty for a rule on declarations alone.
    pub probes: &'static [&'static str],
}
