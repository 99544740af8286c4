//! Keys in text: PEM of both kinds, key ids.
#![no_main]

use ledger::{KeyId, SigningKey, VerifyingKey};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = SigningKey::from_pem(text);
    if let Ok(key) = VerifyingKey::from_pem(text) {
        assert!(VerifyingKey::from_pem(&key.to_pem().unwrap()).unwrap() == key);
    }
    if let Ok(id) = text.parse::<KeyId>() {
        assert_eq!(id.to_string(), text);
    }
});
