//! A software bill of materials, of any of the forms that are read.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    drop(dossier::sbom::read(bytes));
});
