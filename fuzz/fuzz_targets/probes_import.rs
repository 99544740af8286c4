//! A file of another tool, read by every importer: no panic, and the same file gives the same reading.
#![no_main]

use libfuzzer_sys::fuzz_target;
use probes::import::{IMPORTERS, SNIFFED};

fuzz_target!(|bytes: &[u8]| {
    let parameters = serde_json::json!({"address": "192.0.2.7", "also": ["2001:db8::7"], "hosts": {"plug.example": "192.0.2.7"}});
    for importer in IMPORTERS {
        let _ = (importer.sniff)(&bytes[..bytes.len().min(SNIFFED)]);
        let first = (importer.interpret)(&mut &bytes[..], &parameters);
        let Ok(first) = first else { continue };
        let again = (importer.interpret)(&mut &bytes[..], &parameters);
        assert!(again.is_ok_and(|again| again == first), "{}: two readings differ", importer.card.id);
    }
});
