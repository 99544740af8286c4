//! A record as the payload of a leaf holds it: what a reader of records makes of any JSON.
#![no_main]

use ledger::{Draft, Entry, Head, Keyring, SigningKey, Subject, Trust, predicate};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(record) = serde_json::from_slice::<serde_json::Value>(bytes) else { return };
    let _ = serde_json::from_value::<model::Observation>(record.clone());
    let _ = serde_json::from_value::<model::Statement>(record.clone());
    let draft = Draft {
        kind: predicate::KEY.to_owned(),
        subjects: vec![Subject::new("fuzz", model::Digest::of(b"fuzz"))],
        recorded_at: "2026-03-01T09:00:00Z".to_owned(),
        record: record.clone(),
    };
    let key = SigningKey::from_seed(&[1; 32]);
    // What is sealed reads again, and as what it was.
    if let Ok(sealed) = Head::new().seal(draft, &key, "assay.example/fuzz", &key) {
        let entry = Entry::read_unverified(&sealed.body).unwrap();
        assert_eq!(entry.record(), &record);
        let _ = Keyring::new(Trust::FirstUse).follow(&sealed.body);
    }
});
