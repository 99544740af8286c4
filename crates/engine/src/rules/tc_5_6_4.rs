//! Test groups 5.6-4A and, in V2.1.1, 5.6-4: debug interfaces are switched off.
//!
//! V3.1.3 accepts protection instead. How its units combine was not seen in print, so a protected interface that
//! is not switched off goes to a person there.

use dossier::{Entry, Exposure, InterfaceFacts, Status};
use model::Edition;

use crate::judgement::{Judgement, Next};
use crate::rule::UnitRule;
use crate::view::View;

use super::said::{about, missing};
use super::said_status::status;
use super::{V2_1_1, V3_1_3, declared};

pub(super) const RULES: &[UnitRule] = &[
    declared("5.6-4A-1c", V3_1_3, permanently),
    declared("5.6-4A-1d", V3_1_3, by_default),
    declared("5.6-4-1b", V2_1_1, permanently),
    declared("5.6-4-1c", V2_1_1, by_default),
];

fn permanently(view: &View<'_>, entry: Option<&Entry>) -> Judgement {
    debug_is_off(
        view,
        entry,
        "permanently",
        |exposure| exposure != Exposure::Intermittent,
        &[Status::DisabledPermanently],
    )
}

fn by_default(view: &View<'_>, entry: Option<&Entry>) -> Judgement {
    debug_is_off(
        view,
        entry,
        "by default",
        |exposure| exposure == Exposure::Intermittent,
        &[Status::Disabled, Status::DisabledByDefault, Status::DisabledPermanently],
    )
}

fn debug_is_off(
    view: &View<'_>,
    entry: Option<&Entry>,
    how: &str,
    concerns: fn(Exposure) -> bool,
    accepted: &[Status],
) -> Judgement {
    about(entry, "PhyIntf", |interface| {
        let id = &interface.id.value;
        let facts = interface.facts::<InterfaceFacts>();
        let Some(exposure) = facts.and_then(|f| f.exposure.as_ref()) else {
            return missing(interface, "exposure");
        };
        if !concerns(exposure.value) {
            return Judgement::not_applicable(format!("exposure of {id} is declared as {}", exposure.value))
                .declared(exposure.span, format!("`exposure = \"{}\"`", exposure.value));
        }
        let status = match status(interface, facts.and_then(|f| f.status.as_ref())) {
            Ok(status) => status,
            Err(judgement) => return judgement,
        };
        let protection = facts.and_then(|f| f.protected.as_ref()).filter(|p| p.value);
        let judgement = if accepted.contains(&status.value) {
            Judgement::pass(format!("debug interface {id} is disabled {how}"))
        } else if let (Some(protection), Edition::V3_1_3) = (protection, view.catalogue.edition) {
            Judgement::inconclusive(
                format!("debug interface {id} is not disabled {how}, but declared as protected"),
                Next::State { what: format!("whether the protection of {id} stands in for disabling it") },
            )
            .declared(protection.span, "`protected = true`")
        } else {
            Judgement::fail(format!("debug interface {id} is not disabled {how}"))
        };
        judgement
            .declared(exposure.span, format!("`exposure = \"{}\"`", exposure.value))
            .declared(status.span, format!("status {}", status.value))
    })
}
