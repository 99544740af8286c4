//! Databases count in signed numbers; no ledger reaches their end.

pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Of a column that admits no negative number.
pub(crate) fn unsigned(number: i64) -> u64 {
    number.unsigned_abs()
}
