//! Test group 5.5-7: critical security parameters stay confidential over remotely accessible interfaces.

use crate::rule::UnitRule;

use super::crypto_offer::as_declared;
use super::probe_names::{SERVICES, TLS_OFFER};
use super::{BOTH, measured};

pub(super) const RULES: &[UnitRule] = &[measured("5.5-7-2a", BOTH, as_declared, &[TLS_OFFER, SERVICES])];
