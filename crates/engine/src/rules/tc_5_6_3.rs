//! Test group 5.6-3: physical interfaces that need no exposure are switched off.

use dossier::{Entry, Exposure, InterfaceFacts, Status};

use crate::judgement::Judgement;
use crate::rule::UnitRule;
use crate::view::View;

use super::said::{about, missing};
use super::said_status::status;
use super::{BOTH, V2_1_1, declared};

pub(super) const RULES: &[UnitRule] =
    &[declared("5.6-3-1b", BOTH, unneeded_is_off), declared("5.6-3-1c", V2_1_1, intermittent_is_off)];

fn unneeded_is_off(_: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "PhyIntf", |interface| off(interface, Exposure::Never, "needs no exposure"))
}

fn intermittent_is_off(_: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "Intf", |interface| off(interface, Exposure::Intermittent, "needs exposure from time to time"))
}

fn off(interface: &Entry, concerned: Exposure, need: &str) -> Judgement {
    let id = &interface.id.value;
    let facts = interface.facts::<InterfaceFacts>();
    let Some(exposure) = facts.and_then(|f| f.exposure.as_ref()) else { return missing(interface, "exposure") };
    if exposure.value != concerned {
        return Judgement::not_applicable(format!("exposure of {id} is declared as {}", exposure.value))
            .declared(exposure.span, format!("`exposure = \"{}\"`", exposure.value));
    }
    let status = match status(interface, facts.and_then(|f| f.status.as_ref())) {
        Ok(status) => status,
        Err(judgement) => return judgement,
    };
    let judgement = if status.value == Status::Enabled {
        Judgement::fail(format!("{id} {need} and is enabled"))
    } else {
        Judgement::pass(format!("{id} {need} and is {}", status.value))
    };
    judgement
        .declared(exposure.span, format!("`exposure = \"{}\"`", exposure.value))
        .declared(status.span, format!("status {}", status.value))
}
