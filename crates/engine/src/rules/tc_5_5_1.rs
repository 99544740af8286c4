//! Test group 5.5-1: communication uses the cryptography declared for it.

use crate::rule::UnitRule;

use super::crypto_offer::as_declared;
use super::probe_names::{CLIENT_CHECKS, SERVICES, TLS_OFFER, TRAFFIC};
use super::{BOTH, measured};

pub(super) const RULES: &[UnitRule] =
    &[measured("5.5-1-2a", BOTH, as_declared, &[TLS_OFFER, SERVICES, TRAFFIC, CLIENT_CHECKS])];
