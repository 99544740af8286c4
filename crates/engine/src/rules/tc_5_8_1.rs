//! Test group 5.8-1: personal data travels under the declared cryptography.

use crate::rule::UnitRule;

use super::crypto_offer::as_declared;
use super::probe_names::{SERVICES, TLS_OFFER};
use super::{BOTH, measured};

pub(super) const RULES: &[UnitRule] = &[measured("5.8-1-2a", BOTH, as_declared, &[TLS_OFFER, SERVICES])];
