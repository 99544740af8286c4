//! The rules, one file per test group, and the list of them.
//!
//! A rule settles one test unit. Modules without a clause number hold what several groups ask in the same way.

mod access;
mod batch;
mod client_checks;
mod confirmed;
mod crypto_names;
mod crypto_offer;
mod crypto_ssh;
mod crypto_tls;
mod crypto_traffic;
mod disputed;
mod endpoints;
mod guessing;
mod input;
mod interfaces;
mod ip_versions;
mod lockout;
mod login_evidence;
mod network_search;
mod physical_status;
mod probe_names;
mod published;
mod radio_without_ip;
mod reconnecting;
mod said;
mod said_status;
mod seen;
mod sessions;
mod tc_5_0_1;
mod tc_5_10_1;
mod tc_5_13_1;
mod tc_5_1_1;
mod tc_5_1_2;
mod tc_5_1_2a;
mod tc_5_1_3;
mod tc_5_1_4;
mod tc_5_1_5;
mod tc_5_2_1;
mod tc_5_2_2;
mod tc_5_2_3;
mod tc_5_3_10;
mod tc_5_3_12;
mod tc_5_3_13;
mod tc_5_3_14;
mod tc_5_3_4;
mod tc_5_3_4b;
mod tc_5_3_6;
mod tc_5_3_6a;
mod tc_5_3_6b;
mod tc_5_3_8;
mod tc_5_3_9;
mod tc_5_4_1;
mod tc_5_4_2;
mod tc_5_4_3;
mod tc_5_4_4;
mod tc_5_5_1;
mod tc_5_5_2;
mod tc_5_5_3;
mod tc_5_5_4;
mod tc_5_5_5;
mod tc_5_5_6;
mod tc_5_5_7;
mod tc_5_5_8;
mod tc_5_6_1;
mod tc_5_6_2;
mod tc_5_6_3;
mod tc_5_6_4;
mod tc_5_6_9;
mod tc_5_8_1;
mod tc_5_8_2;
mod tc_5_8_3;
mod tc_5_9_3;
mod together;
mod traffic;
mod undeclared;
mod undeclared_logins;
mod undeclared_ports;
mod unmet;

pub(crate) use disputed::Disputes;
pub use disputed::ruled;
pub use traffic::{Compared, Flow, flows};
pub(crate) use traffic::{Partners, Traffic};
pub use unmet::{Unmet, unmet};

use std::sync::LazyLock;

use model::Edition;

use crate::rule::{JudgeFn, UnitRule};

static ALL: LazyLock<Vec<UnitRule>> = LazyLock::new(|| {
    [
        tc_5_0_1::RULES,
        tc_5_1_1::RULES,
        tc_5_1_2::RULES,
        tc_5_1_2a::RULES,
        tc_5_1_3::RULES,
        tc_5_1_4::RULES,
        tc_5_1_5::RULES,
        tc_5_2_1::RULES,
        tc_5_2_2::RULES,
        tc_5_2_3::RULES,
        tc_5_3_4::RULES,
        tc_5_3_4b::RULES,
        tc_5_3_6::RULES,
        tc_5_3_6a::RULES,
        tc_5_3_6b::RULES,
        tc_5_3_8::RULES,
        tc_5_3_9::RULES,
        tc_5_3_10::RULES,
        tc_5_3_12::RULES,
        tc_5_3_13::RULES,
        tc_5_3_14::RULES,
        tc_5_4_1::RULES,
        tc_5_4_2::RULES,
        tc_5_4_3::RULES,
        tc_5_4_4::RULES,
        tc_5_5_1::RULES,
        tc_5_5_2::RULES,
        tc_5_5_3::RULES,
        tc_5_5_4::RULES,
        tc_5_5_5::RULES,
        tc_5_5_6::RULES,
        tc_5_5_7::RULES,
        tc_5_5_8::RULES,
        tc_5_6_1::RULES,
        tc_5_6_2::RULES,
        tc_5_6_3::RULES,
        tc_5_6_4::RULES,
        tc_5_6_9::RULES,
        tc_5_8_1::RULES,
        tc_5_8_2::RULES,
        tc_5_8_3::RULES,
        tc_5_9_3::RULES,
        tc_5_10_1::RULES,
        tc_5_13_1::RULES,
    ]
    .concat()
});

/// Every rule, in the order of the standard.
pub fn rules() -> &'static [UnitRule] {
    &ALL
}

const BOTH: &[Edition] = &Edition::ALL;
const V2_1_1: &[Edition] = &[Edition::V2_1_1];
const V3_1_3: &[Edition] = &[Edition::V3_1_3];

/// A rule on declarations alone.
const fn declared(unit: &'static str, editions: &'static [Edition], judge: JudgeFn) -> UnitRule {
    UnitRule { unit, editions, judge, probes: &[] }
}

/// A rule on what probes measured.
const fn measured(
    unit: &'static str,
    editions: &'static [Edition],
    judge: JudgeFn,
    probes: &'static [&'static str],
) -> UnitRule {
    UnitRule { unit, editions, judge, probes }
}
