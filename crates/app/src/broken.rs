//! Whether an error says that the ledger does not verify, wherever it came up.

use std::error::Error;

use ledger::Broken;
use store::StoreError;

use crate::records::NotOurs;

/// Whether the cause of an error is a ledger that does not verify, or whose database or evidence is damaged.
pub fn is_broken_ledger(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let damaged = error.downcast_ref::<StoreError>().is_some_and(StoreError::is_damage);
        if damaged || error.is::<Broken>() || error.is::<Box<Broken>>() || error.is::<NotOurs>() {
            return true;
        }
        next = error.source();
    }
    false
}
