//! Test group 5.3-6 of V2.1.1: the user controls automatic updates and notifications, and both are on at first.

use dossier::{Entry, UpdMechFacts};

use crate::judgement::Judgement;
use crate::rule::UnitRule;
use crate::view::View;

use super::said::{about, has_to_be, one_has_to_be};
use super::tc_5_3_4b::identified;
use super::{V2_1_1, declared};

pub(super) const RULES: &[UnitRule] = &[
    declared("5.3-6-1a", V2_1_1, identified),
    declared("5.3-6-1b", V2_1_1, updates_are_configurable),
    declared("5.3-6-1c", V2_1_1, updates_are_on),
    declared("5.3-6-1d", V2_1_1, notifications_are_configurable),
    declared("5.3-6-1e", V2_1_1, notifications_are_on),
];

fn updates_are_configurable(_: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "UpdMech", |mechanism| {
        let facts = mechanism.facts::<UpdMechFacts>();
        let switches = [
            ("user-can-enable", facts.and_then(|f| f.user_can_enable.as_ref())),
            ("user-can-disable", facts.and_then(|f| f.user_can_disable.as_ref())),
            ("user-can-postpone", facts.and_then(|f| f.user_can_postpone.as_ref())),
        ];
        one_has_to_be(mechanism, &switches, "the user can configure it", "the user cannot configure it")
    })
}

fn updates_are_on(_: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "UpdMech", |mechanism| {
        let fact = mechanism.facts::<UpdMechFacts>().and_then(|f| f.on_by_default.as_ref());
        has_to_be(mechanism, "on-by-default", fact, "on when initialized", "off when initialized")
    })
}

fn notifications_are_configurable(_: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "UpdMech", |mechanism| {
        let facts = mechanism.facts::<UpdMechFacts>();
        let switches = [
            ("notification-can-enable", facts.and_then(|f| f.notification_can_enable.as_ref())),
            ("notification-can-disable", facts.and_then(|f| f.notification_can_disable.as_ref())),
            ("notification-can-postpone", facts.and_then(|f| f.notification_can_postpone.as_ref())),
        ];
        let (yes, no) = ("the user can configure notifications", "the user cannot configure notifications");
        one_has_to_be(mechanism, &switches, yes, no)
    })
}

fn notifications_are_on(_: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "UpdMech", |mechanism| {
        let fact = mechanism.facts::<UpdMechFacts>().and_then(|f| f.notification_on_by_default.as_ref());
        let (yes, no) = ("notifications are on when initialized", "notifications are off when initialized");
        has_to_be(mechanism, "notification-on-by-default", fact, yes, no)
    })
}
