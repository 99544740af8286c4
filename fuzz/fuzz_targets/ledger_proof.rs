//! Inclusion and consistency proofs: no proof makes the verifier panic, and none by chance is right.
#![no_main]

use ledger::{ConsistencyProof, InclusionProof};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let [leaf, root] = [model::Digest::of(b"leaf"), model::Digest::of(b"root")];
    if let Ok(proof) = serde_json::from_slice::<InclusionProof>(bytes) {
        assert!(proof.verify(leaf, root).is_err());
    }
    if let Ok(proof) = serde_json::from_slice::<ConsistencyProof>(bytes) {
        assert!(proof.verify(leaf, root).is_err());
    }
});
