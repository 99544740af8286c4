//! Test group 5.1-4: the value of a mechanism can be changed, the new one works and the old one does not.
//!
//! A program changes it by the declared request. That the documentation leads a user there is for a person.

use dossier::{AuthMechFacts, Entry};
use model::{ChangeAnswer, CredentialChange, Fact};

use crate::judgement::{Judgement, Next};
use crate::rule::UnitRule;
use crate::view::View;

use super::login_evidence::reached;
use super::probe_names::{AUTH_CHANGE, DUT};
use super::said::{about, declare};
use super::seen::{Look, Seen, Sight, ground, key, port_text};
use super::together::together;
use super::{BOTH, measured};

pub(super) const RULES: &[UnitRule] = &[
    measured("5.1-4-2a", BOTH, it_can_be_changed, &[AUTH_CHANGE]),
    measured("5.1-4-2b", BOTH, the_change_holds, &[AUTH_CHANGE]),
];

fn it_can_be_changed(view: &View<'_>, entry: Option<&Entry>) -> Judgement {
    each(view, entry, |id, fact| match fact.answered {
        ChangeAnswer::NotThere => {
            Judgement::fail(format!("{} is not there: {id} cannot be changed by it", fact.request))
        }
        ChangeAnswer::Refused => Judgement::inconclusive(
            format!("{} was refused with a value of ours", fact.request),
            Next::State { what: format!("the change of {id} by the steps of the documentation") },
        ),
        ChangeAnswer::Done => Judgement::open(
            format!("{} was carried out; whether the documentation leads there is for a person", fact.request),
            Next::State { what: format!("the change of {id} by the steps of the documentation") },
        ),
    })
}

fn the_change_holds(view: &View<'_>, entry: Option<&Entry>) -> Judgement {
    each(view, entry, |id, fact| {
        let again = || Next::Observe { probe: AUTH_CHANGE.to_owned(), target: DUT.to_owned() };
        if fact.answered != ChangeAnswer::Done {
            return Judgement::inconclusive(
                format!("the value of {id} was not changed: {}", fact.told_by),
                Next::State { what: format!("which value of {id} is taken after a change") },
            );
        }
        match (fact.new_accepted, fact.old_accepted) {
            (Some(false), _) => Judgement::fail(format!("{id} was changed, and the new value is refused")),
            (_, Some(true)) => Judgement::fail(format!("{id} was changed, and the old value is still taken")),
            (Some(true), Some(false)) => {
                Judgement::pass(format!("after a change {id} takes the new value and refuses the old one"))
            }
            (None, _) => {
                Judgement::inconclusive(format!("whether {id} takes the new value was not told"), again())
            }
            (_, None) => {
                Judgement::inconclusive(format!("whether {id} refuses the old value was not told"), again())
            }
        }
    })
}

/// A judgement of each change seen at the mechanism; open where there is none.
fn each(
    view: &View<'_>,
    entry: Option<&Entry>,
    judge: impl Fn(&str, &CredentialChange) -> Judgement,
) -> Judgement {
    about(entry, "AuthMech", |mechanism| {
        let reached = reached(view, mechanism);
        let (seen, id) = (Seen::of(view, DUT), &mechanism.id.value);
        let all = seen.facts();
        let mut parts = Vec::new();
        for port in &reached.ports {
            let here: Vec<(&Sight<'_>, &CredentialChange)> = all
                .iter()
                .filter_map(|sight| match sight.fact {
                    Fact::CredentialChange(fact)
                        if key(&fact.endpoint) == port.at && reached.is_at(port.at, fact.scheme) =>
                    {
                        Some((sight, fact))
                    }
                    _ => None,
                })
                .collect();
            if here.is_empty() {
                parts.push(not_tried(mechanism, &seen, port.at));
            }
            parts.extend(
                here.into_iter().map(|(sight, fact)| judge(id, fact).on(sight.ground(fact.told_by.clone()))),
            );
        }
        let nothing = format!("the change of {id} is for a person");
        together(parts, &nothing, Next::State { what: nothing.clone() })
            .declared(mechanism.span, format!("{id} as declared"))
    })
}

fn not_tried(mechanism: &Entry, seen: &Seen<'_>, at: super::seen::PortKey) -> Judgement {
    let id = &mechanism.id.value;
    let text = format!("{id} was not changed at {}", port_text(at));
    let declared = mechanism.facts::<AuthMechFacts>().is_some_and(|facts| facts.change_request.is_some());
    let next = match declared {
        true => Next::Observe { probe: AUTH_CHANGE.to_owned(), target: DUT.to_owned() },
        false => declare(mechanism, "change-request"),
    };
    match seen.look(AUTH_CHANGE, "credential-change", at) {
        Look::Short(record, short) => {
            Judgement::inconclusive(format!("{text}: {}", short.text), next).on(ground(record, short.text.clone()))
        }
        _ => Judgement::open(text, next),
    }
}
