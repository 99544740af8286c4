//! A whole bundle: container, parts, manifest, every file read.
#![no_main]

use ledger::bundle::{Bundle, LIMITS, Part};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: Vec<u8>| {
    let Ok(bundle) = Bundle::open(&bytes, LIMITS) else { return };
    if let Ok(manifest) = bundle.manifest() {
        let _ = bundle.is_as_listed(&manifest, &|_| true);
    }
    let parts: Vec<&Part> = bundle.files().map(|(part, _)| part).collect();
    for part in parts {
        let _ = bundle.read(part);
    }
});
