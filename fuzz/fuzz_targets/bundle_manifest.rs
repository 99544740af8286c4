//! The manifest of a bundle. What reads has one byte form.
#![no_main]

use ledger::bundle::Manifest;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(manifest) = Manifest::from_bytes(bytes) {
        assert_eq!(manifest.to_bytes().unwrap(), bytes);
    }
});
