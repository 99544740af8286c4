//! A leaf: envelope, entry, KEY record, observation, statement. What reads has one byte form.
#![no_main]

use ledger::{Entry, Envelope, Keyring, Trust};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(envelope) = Envelope::from_bytes(bytes) {
        assert_eq!(envelope.to_bytes().unwrap(), bytes);
    }
    if let Ok(entry) = Entry::read_unverified(bytes) {
        let _ = Keyring::new(Trust::FirstUse).follow(bytes);
        let _ = serde_json::from_value::<model::Observation>(entry.record().clone());
        let _ = serde_json::from_value::<model::Statement>(entry.record().clone());
    }
});
