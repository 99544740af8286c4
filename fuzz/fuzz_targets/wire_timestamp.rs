//! A response of a time-stamping authority.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    drop(wire::timestamp::read(bytes));
});
