//! A signed note, and the checkpoint in it. What reads has one text.
#![no_main]

use ledger::{KeySet, SignedCheckpoint, SignedNote, SigningKey};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(note) = SignedNote::parse(text) {
        assert_eq!(note.to_string(), text);
    }
    if let Ok(checkpoint) = SignedCheckpoint::parse(text) {
        let keys = KeySet::new().with_log(SigningKey::from_seed(&[1; 32]).verifying_key());
        let _ = checkpoint.verify(&keys);
    }
});
