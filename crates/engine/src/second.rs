//! Which statements ask for a second person, and what a second person has said about one.
//!
//! It only ever takes weight from a statement: an unconfirmed pass is none, and an unconfirmed fail stays a fail.

use std::collections::BTreeMap;

use catalogue::{Catalogue, Unit};
use dossier::Dossier;
use model::{Confirmation, Decision, Method, Statement, folded_name};

use crate::judgement::Ground;
use crate::view::{Recorded, View};

/// The word of `[policy] two-persons` that stands for every unit.
const EVERY: &str = "all";

/// What a second person's word on a statement amounts to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Second<'a> {
    /// The policy asks for none, and nobody sent the statement back.
    Unasked,
    /// It is asked for, and nobody has given it.
    Missing,
    /// Somebody else stands by the statement.
    Confirmed(&'a Recorded<Confirmation>),
    /// Somebody else sent it back.
    Returned(&'a Recorded<Confirmation>),
}

impl<'a> Second<'a> {
    /// What is said about a statement on a unit.
    pub(crate) fn of(view: &View<'a>, record: &Recorded<Statement>) -> Self {
        let mut by_person: BTreeMap<String, &Recorded<Confirmation>> = BTreeMap::new();
        for said in view.evidence.confirmations.iter().filter(|c| is_on(c, record)) {
            by_person.insert(folded_name(&said.body.person), said);
        }
        let newest = |decision| by_person.values().copied().rfind(|c| c.body.decision == decision);
        if let Some(returned) = newest(Decision::Return) {
            return Second::Returned(returned);
        }
        if let Some(confirmed) = newest(Decision::Approve) {
            return Second::Confirmed(confirmed);
        }
        match view.catalogue.unit_named(&record.body.unit) {
            Some(unit) if !wants_second(view.dossier, view.catalogue, unit) => Second::Unasked,
            _ => Second::Missing,
        }
    }

    /// Whether the statement stands as far as a second person is concerned.
    pub(crate) fn stands(self) -> bool {
        matches!(self, Second::Unasked | Second::Confirmed(_))
    }

    /// Why the statement is no pass, if so.
    pub(crate) fn objection(self, statement: &Statement) -> Option<String> {
        let first = &statement.person;
        match self {
            Second::Unasked | Second::Confirmed(_) => None,
            Second::Missing => Some(format!(
                "{first} states that it holds, and no second person has confirmed it, which the policy asks for"
            )),
            Second::Returned(said) => Some(format!(
                "{first} states that it holds, and {} sends that back: {}",
                said.body.person, said.body.reasons
            )),
        }
    }

    /// What a second person said, as a ground.
    pub(crate) fn ground(self) -> Option<Ground> {
        let (said, word) = match self {
            Second::Unasked | Second::Missing => return None,
            Second::Confirmed(said) => (said, "confirms"),
            Second::Returned(said) => (said, "sends back"),
        };
        let body = &said.body;
        let by = match body.role.trim() {
            "" => body.person.clone(),
            role => format!("{} ({role})", body.person),
        };
        let text = format!("{word} record {}: {}", body.statement, body.reasons);
        Some(Ground::Stated { seq: said.seq, by, text })
    }
}

/// Whether a confirmation is one of this very statement, by somebody else than who made it.
fn is_on(said: &Recorded<Confirmation>, record: &Recorded<Statement>) -> bool {
    let second = folded_name(&said.body.person);
    said.body.statement == record.seq
        && said.body.digest == record.id
        && said.seq > record.seq
        && !second.is_empty()
        && second != folded_name(&record.body.person)
        && !said.body.reasons.trim().is_empty()
}

/// Whether the policy asks for a second person on statements about a unit. A word that nothing in the edition has is
/// taken to mean every unit: a slip of the pen takes no protection away.
pub fn wants_second(dossier: &Dossier, catalogue: &Catalogue, unit: &Unit) -> bool {
    let asked = dossier.policy.as_ref().and_then(|policy| policy.two_persons.as_ref());
    let Some(asked) = asked else { return false };
    asked.value.iter().any(|word| match scope(catalogue, &word.value) {
        Some(Scope::Every) | None => true,
        Some(Scope::Method(method)) => unit.method == method,
        Some(Scope::Part(part)) => is_part(catalogue, unit, &part),
    })
}

/// What a word of `[policy] two-persons` names.
pub(crate) enum Scope {
    /// Every unit.
    Every,
    /// The units that the catalogue expects to be settled in one way.
    Method(Method),
    /// A clause, a provision, a case or a unit, in the catalogue's spelling.
    Part(String),
}

/// What a word names in an edition, if anything.
pub(crate) fn scope(catalogue: &Catalogue, word: &str) -> Option<Scope> {
    let word = word.trim();
    if word == EVERY {
        return Some(Scope::Every);
    }
    if let Some(method) = Method::ALL.into_iter().find(|method| method.as_str() == word) {
        return Some(Scope::Method(method));
    }
    match catalogue.find(word).ok()? {
        catalogue::Item::Clause(clause) => Some(Scope::Part(clause.id.clone())),
        catalogue::Item::Provision(provision, _) => Some(Scope::Part(provision.id.to_string())),
        catalogue::Item::Case(case) => Some(Scope::Part(case.id.to_string())),
        catalogue::Item::Unit(unit) => Some(Scope::Part(unit.id.to_string())),
        _ => None,
    }
}

fn is_part(catalogue: &Catalogue, unit: &Unit, part: &str) -> bool {
    if unit.id.as_str() == part || unit.case.as_str() == part {
        return true;
    }
    let group = catalogue.case(&unit.case).and_then(|case| catalogue.group(&case.group));
    group.is_none_or(|group| group.provision.as_str() == part || group.clause == part)
}
