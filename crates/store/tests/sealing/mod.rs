//! Entries for the tests of stores: one key, one log, one record after another.

use ledger::{Digest, Draft, Head, Sealed, SigningKey, Subject, Trust};

/// The key that signs entries and checkpoints here.
pub(crate) fn key() -> SigningKey {
    SigningKey::from_seed(&[4; 32])
}

/// What a verifier trusts here.
pub(crate) fn trust() -> Trust {
    Trust::Root(key().verifying_key())
}

/// An entry about one subject, sealed on this head.
pub(crate) fn seal(head: &Head, kind: &str, subject: Digest) -> Sealed {
    let draft = Draft {
        kind: kind.to_owned(),
        subjects: vec![Subject::new("subject", subject)],
        recorded_at: format!("2026-03-01T09:{:02}:{:02}Z", head.size() / 60 % 60, head.size() % 60),
        record: serde_json::json!({ "n": head.size() }),
    };
    head.seal(draft, &key(), "assay.example/store", &key()).unwrap()
}
