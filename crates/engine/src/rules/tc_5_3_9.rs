//! Test group 5.3-9: the device itself verifies that updates are authentic and intact.
//!
//! Who verifies is settled here; how well is for a person.

use dossier::{Actor, Entry, Located, UpdMechFacts};

use crate::judgement::Judgement;
use crate::rule::UnitRule;
use crate::view::View;

use super::said::{about, missing};
use super::{BOTH, declared};

pub(super) const RULES: &[UnitRule] =
    &[declared("5.3-9-1c", BOTH, authenticity), declared("5.3-9-1d", BOTH, integrity)];

fn authenticity(_: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "UpdMech", |mechanism| {
        let by = mechanism.facts::<UpdMechFacts>().and_then(|f| f.authenticity_by.as_ref());
        verified_by(mechanism, "authenticity", "authenticity-by", by)
    })
}

fn integrity(_: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "UpdMech", |mechanism| {
        let by = mechanism.facts::<UpdMechFacts>().and_then(|f| f.integrity_by.as_ref());
        verified_by(mechanism, "integrity", "integrity-by", by)
    })
}

fn verified_by(mechanism: &Entry, what: &str, key: &str, by: Option<&Located<Actor>>) -> Judgement {
    let Some(by) = by else { return missing(mechanism, key) };
    let text = format!("`{key} = \"{}\"`", by.value);
    match by.value {
        Actor::Device => Judgement::pass(format!("the device itself verifies {what}")).declared(by.span, text),
        Actor::Nobody => Judgement::fail(format!("nobody verifies {what}")).declared(by.span, text),
        other => {
            Judgement::fail(format!("{what} is verified by the {other}, not the device")).declared(by.span, text)
        }
    }
}
