//! The one property test of every reader: no bytes make it panic.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// Feeds `read` arbitrary bytes, and truncations and mutations of a good message.
pub(crate) fn survives<T>(good: &[u8], read: impl Fn(&[u8]) -> T) {
    let config = Config { cases: 256, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new(config);
    runner
        .run(&prop::collection::vec(any::<u8>(), 0..600), |bytes| {
            read(&bytes);
            Ok(())
        })
        .unwrap();
    for end in 0..good.len().min(2048) {
        read(&good[..end]);
    }
    let edits = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6);
    let cut = any::<prop::sample::Index>();
    let tail = prop::collection::vec(any::<u8>(), 0..8);
    runner
        .run(&(edits, cut, tail), |(edits, cut, tail)| {
            let mut bytes = good.to_vec();
            for (at, value) in edits {
                if !bytes.is_empty() {
                    let at = at.index(bytes.len());
                    bytes[at] = value;
                }
            }
            read(&bytes);
            bytes.truncate(cut.index(good.len() + 1));
            bytes.extend_from_slice(&tail);
            read(&bytes);
            Ok(())
        })
        .unwrap();
}
