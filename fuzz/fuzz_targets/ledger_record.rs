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
        record,
    };
    let key = SigningKey::from_seed(&[1; 32]);
    // What is sealed reads again, and is sealed again as the same bytes: one record has one form.
    let seal = |draft| Head::new().seal(draft, &key, "assay.example/fuzz", &key);
    if let Ok(sealed) = seal(draft.clone()) {
        let record = Entry::read_unverified(&sealed.body).unwrap().into_record();
        assert_eq!(seal(Draft { record, ..draft }).unwrap().body, sealed.body);
        let _ = Keyring::new(Trust::FirstUse).follow(&sealed.body);
    }
});
