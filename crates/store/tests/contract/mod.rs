//! What every store promises, as tests that any backend runs.
//!
//! Durability against kills and several processes at once need processes, and have a test of their own.

use ledger::predicate::{ARTEFACT, OBSERVATION, STATEMENT};
use ledger::{Checkpoint, Digest, Head, leaf_hash, verify_log};
use store::{Rebuilt, Store, StoreError, StoredCheckpoint};

use crate::sealing::{key, seal, trust};

/// How many times the suite asks for a new one.
pub(crate) const MADE: u64 = 10;

/// Runs the whole suite; `make` gives a new, empty store each time.
pub(crate) fn contract(make: impl Fn() -> Box<dyn Store>) {
    an_empty_store_holds_nothing(make());
    entries_come_back_as_they_were_appended(make());
    an_entry_sealed_on_an_old_head_is_refused(make());
    what_does_not_continue_the_ledger_is_refused(make());
    every_handle_sees_what_another_appended(make());
    writers_at_once_lose_nothing(make());
    blobs_come_back_by_their_digest(make());
    rebuilding_the_index_of_a_sound_store_changes_nothing(make());
    leaves_are_taken_over_from_another_keeper(make(), make());
}

fn append(store: &mut dyn Store, kind: &str) -> u64 {
    let sealed = seal(&store.head().unwrap(), kind, Digest::of(b"subject"));
    store.append(kind, &sealed.body, &sealed.note).unwrap()
}

fn assert_verifies(store: &dyn Store, size: u64) {
    let bodies: Vec<Vec<u8>> = store.leaves(0..u64::MAX).unwrap().into_iter().map(|leaf| leaf.body).collect();
    let checkpoint = store.latest_checkpoint().unwrap().unwrap();
    let summary = verify_log(bodies, trust(), &checkpoint.note).unwrap();
    assert_eq!((summary.size, checkpoint.size), (size, size));
}

fn an_empty_store_holds_nothing(mut store: Box<dyn Store>) {
    assert_eq!(store.size().unwrap(), 0);
    assert_eq!(store.head().unwrap(), Head::new());
    assert_eq!(store.leaf(0).unwrap(), None);
    assert_eq!(store.leaves(0..u64::MAX).unwrap(), []);
    assert_eq!(store.by_kind(OBSERVATION).unwrap(), []);
    assert_eq!(store.latest_checkpoint().unwrap(), None);
    assert_eq!(store.blobs().unwrap(), []);
    assert_eq!(store.rebuild_index().unwrap(), Rebuilt::default());
}

fn entries_come_back_as_they_were_appended(mut store: Box<dyn Store>) {
    let (mut head, mut bodies, mut note) = (Head::new(), Vec::new(), String::new());
    for (seq, kind) in (0..).zip([OBSERVATION, STATEMENT, OBSERVATION, ARTEFACT]) {
        let sealed = seal(&head, kind, Digest::of(b"subject"));
        assert_eq!(store.append(kind, &sealed.body, &sealed.note).unwrap(), seq);
        bodies.push(sealed.body);
        (head, note) = (sealed.head, sealed.note);
    }
    assert_eq!(store.size().unwrap(), 4);
    assert_eq!(store.head().unwrap(), head);
    assert_eq!(store.latest_checkpoint().unwrap(), Some(StoredCheckpoint { size: 4, note }));
    let leaves = store.leaves(0..4).unwrap();
    for (seq, (leaf, body)) in (0..).zip(leaves.iter().zip(&bodies)) {
        assert_eq!((leaf.seq, &leaf.body, leaf.leaf_hash), (seq, body, leaf_hash(body)));
        assert_eq!(leaf.recorded_at, format!("2026-03-01T09:00:{seq:02}Z"));
        assert_eq!(store.leaf(seq).unwrap().as_ref(), Some(leaf));
    }
    assert_eq!(store.leaves(1..3).unwrap(), leaves[1..3]);
    assert_eq!(store.leaves(3..9).unwrap(), leaves[3..]);
    assert_eq!(store.leaves(4..9).unwrap(), []);
    assert_eq!(store.leaf(u64::MAX).unwrap(), None);
    assert_eq!(store.by_kind(OBSERVATION).unwrap(), [leaves[0].clone(), leaves[2].clone()]);
    assert_verifies(store.as_ref(), 4);
}

fn an_entry_sealed_on_an_old_head_is_refused(mut store: Box<dyn Store>) {
    let first = seal(&Head::new(), OBSERVATION, Digest::of(b"one"));
    let rival = seal(&Head::new(), OBSERVATION, Digest::of(b"two"));
    store.append(OBSERVATION, &first.body, &first.note).unwrap();
    for late in [&rival, &first] {
        let refused = store.append(OBSERVATION, &late.body, &late.note);
        assert!(matches!(refused, Err(StoreError::Moved { sealed: 0, size: 1 })), "{refused:?}");
    }
    let ahead = seal(&seal(&first.head, OBSERVATION, Digest::of(b"x")).head, OBSERVATION, Digest::of(b"y"));
    let refused = store.append(OBSERVATION, &ahead.body, &ahead.note);
    assert!(matches!(refused, Err(StoreError::Moved { sealed: 2, size: 1 })), "{refused:?}");
    assert_eq!(store.size().unwrap(), 1);
    assert_eq!(append(store.as_mut(), OBSERVATION), 1);
    assert_verifies(store.as_ref(), 2);
}

fn what_does_not_continue_the_ledger_is_refused(mut store: Box<dyn Store>) {
    append(store.as_mut(), OBSERVATION);
    let head = store.head().unwrap();
    let good = seal(&head, STATEMENT, Digest::of(b"good"));
    let other = seal(&head, STATEMENT, Digest::of(b"other"));
    let foreign = seal(&[Digest::of(b"another ledger")].into_iter().collect(), STATEMENT, Digest::of(b"good"));
    let mut try_append = |kind: &str, body: &[u8], note: &str| store.append(kind, body, note).unwrap_err();
    let refused = try_append(STATEMENT, &foreign.body, &foreign.note);
    assert!(matches!(refused, StoreError::DoesNotFollow { seq: 1, .. }), "{refused}");
    let refused = try_append(STATEMENT, &good.body, &other.note);
    assert!(matches!(refused, StoreError::DoesNotFollow { seq: 1, .. }), "{refused}");
    let too_far = Checkpoint { origin: "o".to_owned(), size: 3, root: good.head.root() };
    let refused = try_append(STATEMENT, &good.body, &too_far.sign(&key()).unwrap().to_string());
    assert!(matches!(refused, StoreError::DoesNotFollow { seq: 1, .. }), "{refused}");
    assert!(matches!(try_append(OBSERVATION, &good.body, &good.note), StoreError::Kind { .. }));
    assert!(matches!(try_append(STATEMENT, b"{}", &good.note), StoreError::Entry(_)));
    assert!(matches!(try_append(STATEMENT, &good.body, "no note"), StoreError::Checkpoint(_)));
    assert_eq!((store.size().unwrap(), store.head().unwrap()), (1, head));
    assert_eq!(store.append(STATEMENT, &good.body, &good.note).unwrap(), 1);
    assert_verifies(store.as_ref(), 2);
}

fn every_handle_sees_what_another_appended(mut one: Box<dyn Store>) {
    let mut two = one.another().unwrap();
    for round in 0..3 {
        assert_eq!(append(one.as_mut(), OBSERVATION), 2 * round);
        assert_eq!(append(two.as_mut(), STATEMENT), 2 * round + 1);
    }
    assert_eq!(one.leaves(0..9).unwrap(), two.leaves(0..9).unwrap());
    let digest = one.put_blob(b"shared").unwrap();
    assert_eq!(two.get_blob(&digest).unwrap(), b"shared");
    assert_eq!(two.blobs().unwrap(), one.blobs().unwrap());
    assert_verifies(two.as_ref(), 6);
}

fn writers_at_once_lose_nothing(store: Box<dyn Store>) {
    let writers: Vec<_> = (0..4).map(|_| store.another().unwrap()).collect();
    let threads = writers.into_iter().map(|mut writer| {
        std::thread::spawn(move || (0..5).map(|_| append_at_last(writer.as_mut())).collect::<Vec<u64>>())
    });
    let threads: Vec<_> = threads.collect();
    let mut given: Vec<u64> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    given.sort_unstable();
    assert!(given.iter().copied().eq(0..20), "{given:?}");
    assert_verifies(store.as_ref(), 20);
}

fn append_at_last(store: &mut dyn Store) -> u64 {
    loop {
        let sealed = seal(&store.head().unwrap(), OBSERVATION, Digest::of(b"subject"));
        match store.append(OBSERVATION, &sealed.body, &sealed.note) {
            Ok(seq) => return seq,
            Err(StoreError::Moved { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

fn blobs_come_back_by_their_digest(mut store: Box<dyn Store>) {
    let large: Vec<u8> = (0..3_000_000_u32).flat_map(u32::to_le_bytes).collect();
    for bytes in [b"".as_slice(), b"a capture", &large] {
        let digest = store.put_blob(bytes).unwrap();
        assert_eq!(digest, Digest::of(bytes));
        assert_eq!(store.get_blob(&digest).unwrap(), bytes);
        assert_eq!(store.put_blob(bytes).unwrap(), digest);
        assert_eq!(store.put_blob_from(&mut &bytes[..]).unwrap(), digest);
        assert_eq!(store.get_blob(&digest).unwrap(), bytes);
    }
    assert_eq!(store.put_blob_from(&mut b"piece by piece".as_slice()).unwrap(), Digest::of(b"piece by piece"));
    let listed = store.blobs().unwrap();
    assert_eq!(listed.len(), 4);
    assert!(listed.is_sorted_by_key(|blob| blob.digest));
    assert!(listed.iter().any(|blob| blob.digest == Digest::of(b"a capture") && blob.length == 9));
    let absent = store.get_blob(&Digest::of(b"absent"));
    assert!(matches!(absent, Err(StoreError::BlobMissing(digest)) if digest == Digest::of(b"absent")));
}

fn rebuilding_the_index_of_a_sound_store_changes_nothing(mut store: Box<dyn Store>) {
    for kind in [OBSERVATION, STATEMENT, ARTEFACT] {
        append(store.as_mut(), kind);
    }
    store.put_blob(b"one").unwrap();
    store.put_blob(b"two").unwrap();
    let before = (store.leaves(0..9).unwrap(), store.blobs().unwrap(), store.latest_checkpoint().unwrap());
    let rebuilt = Rebuilt { leaves: 3, blobs: 2, ..Rebuilt::default() };
    assert_eq!(store.rebuild_index().unwrap(), rebuilt);
    assert_eq!(store.rebuild_index().unwrap(), rebuilt);
    assert_eq!((store.leaves(0..9).unwrap(), store.blobs().unwrap(), store.latest_checkpoint().unwrap()), before);
    assert_eq!(append(store.as_mut(), OBSERVATION), 3);
    assert_verifies(store.as_ref(), 4);
}

/// Piece by piece, with gaps among the checkpoints; then the ledger goes on there, and comes back.
fn leaves_are_taken_over_from_another_keeper(mut from: Box<dyn Store>, mut to: Box<dyn Store>) {
    for kind in [OBSERVATION, STATEMENT, OBSERVATION, ARTEFACT, OBSERVATION] {
        append(from.as_mut(), kind);
    }
    let bodies = |range| -> Vec<Vec<u8>> {
        from.leaves(range).unwrap().into_iter().map(|leaf: store::Leaf| leaf.body).collect()
    };
    let checkpoints = from.checkpoints().unwrap();
    to.take_over(&bodies(0..2), &checkpoints[..1]).unwrap();
    assert_eq!((to.size().unwrap(), to.latest_checkpoint().unwrap()), (2, Some(checkpoints[0].clone())));
    let refused = to.take_over(&bodies(0..2), &[]);
    assert!(matches!(refused, Err(StoreError::Moved { sealed: 0, size: 2 })), "{refused:?}");
    let refused = to.take_over(&bodies(2..4), &checkpoints[2..5]);
    assert!(matches!(refused, Err(StoreError::DoesNotFollow { .. })), "{refused:?}");
    let other = seal(&to.head().unwrap(), STATEMENT, Digest::of(b"another"));
    let wrong = StoredCheckpoint { size: 3, note: other.note };
    let refused = to.take_over(&bodies(2..3), &[wrong]);
    assert!(matches!(refused, Err(StoreError::DoesNotFollow { seq: 2, .. })), "{refused:?}");
    assert_eq!(to.size().unwrap(), 2, "all or none");
    to.take_over(&bodies(2..5), &checkpoints[2..5]).unwrap();
    assert_eq!(to.leaves(0..9).unwrap(), from.leaves(0..9).unwrap());
    assert_verifies(to.as_ref(), 5);

    let moved = from.move_away(4, "elsewhere");
    assert!(matches!(moved, Err(StoreError::Moved { sealed: 4, size: 5 })), "{moved:?}");
    assert_eq!(from.moved_to().unwrap(), None);
    let place = "postgres://anna@db.example/it's \"here\"?a=b');";
    from.move_away(5, place).unwrap();
    assert_eq!(from.moved_to().unwrap().as_deref(), Some(place));
    assert_eq!(from.another().unwrap().moved_to().unwrap().as_deref(), Some(place));
    let sealed = seal(&to.head().unwrap(), STATEMENT, Digest::of(b"next"));
    let refused = from.append(STATEMENT, &sealed.body, &sealed.note);
    assert!(matches!(&refused, Err(StoreError::Elsewhere { place: told }) if told == place), "{refused:?}");
    assert_eq!(from.rebuild_index().unwrap().leaves, 5);

    to.append(STATEMENT, &sealed.body, &sealed.note).unwrap();
    let last = StoredCheckpoint { size: 6, note: sealed.note.clone() };
    from.take_over(&[sealed.body], &[last]).unwrap();
    let again = seal(&from.head().unwrap(), STATEMENT, Digest::of(b"again"));
    let refused = from.append(STATEMENT, &again.body, &again.note);
    assert!(matches!(refused, Err(StoreError::Elsewhere { .. })), "taking over opens nothing: {refused:?}");
    from.move_back().unwrap();
    assert_eq!(from.moved_to().unwrap(), None);
    assert_eq!(from.append(STATEMENT, &again.body, &again.note).unwrap(), 6);
    assert_verifies(from.as_ref(), 7);
}
