//! Test group 5.8-1: personal data travels under the declared cryptography.

use crate::rule::UnitRule;

use super::crypto_offer::applied;
use super::crypto_traffic::Carries;
use super::probe_names::{CLIENT_CHECKS, SERVICES, TLS_OFFER, TRAFFIC};
use super::{BOTH, measured};

pub(super) const RULES: &[UnitRule] = &[measured(
    "5.8-1-2a",
    BOTH,
    |view, entry| applied(view, entry, Carries::PersonalData),
    &[TLS_OFFER, SERVICES, TRAFFIC, CLIENT_CHECKS],
)];
