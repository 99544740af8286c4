//! The rules, one file per test group, and the list of them.

use crate::rule::UnitRule;

/// Every rule.
pub fn rules() -> &'static [UnitRule] {
    &[]
}
