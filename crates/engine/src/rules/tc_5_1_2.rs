//! Test group 5.1-2: pre-installed passwords follow the described generation.
//!
//! A person compares the passwords of units; a well-known password that the product accepts, or a
//! rule that an audit of a batch found, refutes any generation.

use dossier::Entry;

use crate::judgement::Judgement;
use crate::rule::UnitRule;
use crate::view::View;

use super::login_evidence::refuted_by_values;
use super::probe_names::AUTH_DEFAULTS;
use super::{BOTH, measured};

pub(super) const RULES: &[UnitRule] = &[measured("5.1-2-2a", BOTH, generated_as_described, &[AUTH_DEFAULTS])];

fn generated_as_described(view: &View<'_>, entry: Option<&Entry>) -> Judgement {
    let remains = "whether the passwords of several units follow the described generation";
    refuted_by_values(view, entry, "contradicts the described generation", remains)
}
