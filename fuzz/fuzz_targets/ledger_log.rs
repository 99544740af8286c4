//! A whole log, leaves and note separated by empty lines: what verifies has a sound root key.
#![no_main]

use ledger::{Trust, verify_log};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (leaves, note) = text.split_once("\n\n").unwrap_or((text, ""));
    if let Ok(summary) = verify_log(leaves.lines(), Trust::FirstUse, note) {
        assert!(summary.size > 0 && summary.first_use);
    }
});
