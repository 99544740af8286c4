//! A ledger of 40 leaves, broken in every way, and named.

use super::*;
use crate::{Draft, Head, SigningKey, Subject, predicate};

const LENGTH: u64 = 40;

/// Every byte where signatures are checked fast; in a debug build every byte of the first and the last leaf, and of
/// the others each 32nd from a start that moves on, so that together they cover every place of a leaf.
const STRIDE: usize = if cfg!(debug_assertions) { 32 } else { 1 };

fn author() -> SigningKey {
    SigningKey::from_seed(&[1; 32])
}

fn log_key() -> SigningKey {
    SigningKey::from_seed(&[2; 32])
}

fn keys() -> KeySet {
    KeySet::new().with_author(author().verifying_key()).with_log(log_key().verifying_key())
}

fn draft(n: u64) -> Draft {
    Draft {
        kind: predicate::ALL[(n % 6) as usize].to_owned(),
        subjects: vec![Subject::new("s", Digest::of(&n.to_be_bytes()))],
        recorded_at: format!("2026-03-01T09:00:{n:02}Z"),
        record: serde_json::json!({ "n": n }),
    }
}

/// Leaves by turns from the author and the log, and the checkpoint over them.
fn ledger(length: u64) -> (Vec<Vec<u8>>, String) {
    let (mut head, mut note, mut leaves) = (Head::new(), String::new(), Vec::new());
    for n in 0..length {
        let by = if n % 2 == 0 { author() } else { log_key() };
        let sealed = head.seal(draft(n), &by, "assay.example/test", &log_key()).unwrap();
        (head, note) = (sealed.head, sealed.note);
        leaves.push(sealed.body);
    }
    (leaves, note)
}

fn broken(leaves: &[Vec<u8>], note: &str) -> Broken {
    verify_chain(leaves, &keys(), note).unwrap_err()
}

#[test]
fn a_sound_ledger_is_summed_up() {
    let (leaves, note) = ledger(LENGTH);
    let summary = verify_chain(&leaves, &keys(), &note).unwrap();
    assert_eq!((summary.size, summary.origin.as_str()), (LENGTH, "assay.example/test"));
    assert_eq!(summary.checkpoint_key, log_key().id());
    assert_eq!(summary.kinds[predicate::OBSERVATION], 7);
    assert_eq!(summary.kinds.values().sum::<u64>(), LENGTH);
    assert_eq!(summary.signers, BTreeMap::from([(author().id(), 20), (log_key().id(), 20)]));
    assert_eq!(summary.root, leaves.iter().map(|leaf| leaf_hash(leaf)).collect::<Frontier>().root());
}

#[test]
fn a_flipped_byte_anywhere_in_any_leaf_names_that_leaf() {
    let (leaves, _) = ledger(LENGTH);
    let (mut walk, keys) = (Walk::default(), keys());
    let (mut mutations, mut expected) = (0, 0);
    for (index, leaf) in leaves.iter().enumerate() {
        let (start, stride) = if index == 0 || index == 39 { (0, 1) } else { (index % STRIDE, STRIDE) };
        for at in (start..leaf.len()).step_by(stride) {
            expected += 1;
            let mut altered = leaf.clone();
            altered[at] ^= 1 << (at % 8);
            // The walk up to here is the same for every mutation of this leaf, so it is not walked again.
            match walk.clone().step(&altered, &keys) {
                Err(Misstep::Bad(Why::Altered(_) | Why::UnknownKey(_))) => mutations += 1,
                Err(_) => panic!("leaf {index}, byte {at}: blamed on the order"),
                Ok(()) => panic!("leaf {index}, byte {at}: not noticed"),
            }
        }
        assert!(walk.step(leaf, &keys).is_ok());
    }
    assert_eq!(mutations, expected);
    assert!(mutations > 40 * 600 / STRIDE, "{mutations}");
}

#[test]
fn a_flipped_byte_is_named_by_its_position() {
    let (leaves, note) = ledger(LENGTH);
    for index in 0..leaves.len() {
        let mut altered = leaves.clone();
        altered[index][20] ^= 1;
        let broken = broken(&altered, &note);
        assert_eq!(broken.index, index as u64);
        assert!(matches!(broken.why, Why::Altered(_)), "{broken:?}");
    }
}

#[test]
fn a_dropped_leaf_is_named() {
    let (leaves, note) = ledger(LENGTH);
    for index in 0..leaves.len() {
        let mut fewer = leaves.clone();
        fewer.remove(index);
        let broken = broken(&fewer, &note);
        assert!(
            matches!(broken, Broken { index: at, why: Why::Dropped } if at == index as u64),
            "{index}: {broken:?}"
        );
    }
}

#[test]
fn any_two_swapped_leaves_are_named() {
    let (leaves, note) = ledger(8);
    for (left, right) in (0..8).flat_map(|left| (left + 1..8).map(move |right| (left, right))) {
        let mut swapped = leaves.clone();
        swapped.swap(left, right);
        let broken = broken(&swapped, &note);
        assert_eq!(broken.index, left as u64);
        assert!(
            matches!(broken.why, Why::Reordered(other) if other == right as u64),
            "{left} {right}: {broken:?}"
        );
    }
}

#[test]
fn neighbours_swapped_anywhere_are_named() {
    let (leaves, note) = ledger(LENGTH);
    for left in 0..leaves.len() - 1 {
        let mut swapped = leaves.clone();
        swapped.swap(left, left + 1);
        let broken = broken(&swapped, &note);
        let expected = left as u64;
        assert!(
            matches!(broken, Broken { index, why: Why::Reordered(_) } if index == expected),
            "{left}: {broken:?}"
        );
    }
}

#[test]
fn a_second_copy_of_any_leaf_at_any_place_is_named() {
    let (leaves, note) = ledger(8);
    for (copied, place) in (0..8).flat_map(|copied| (0..=8).map(move |place| (copied, place))) {
        let mut more = leaves.clone();
        more.insert(place, leaves[copied].clone());
        // Beside its original, whichever of the two comes second is the copy.
        let expected = if place == copied { place + 1 } else { place };
        let broken = broken(&more, &note);
        assert_eq!(broken.index, expected as u64, "{copied} at {place}");
        assert!(
            matches!(broken.why, Why::Duplicated(of) if of == copied as u64),
            "{copied} at {place}: {broken:?}"
        );
    }
}

#[test]
fn a_copy_in_place_of_another_leaf_is_named() {
    let (leaves, note) = ledger(8);
    for (copied, place) in (0..8).flat_map(|copied| (0..8).map(move |place| (copied, place))) {
        if copied == place {
            continue;
        }
        let mut replaced = leaves.clone();
        replaced[place] = leaves[copied].clone();
        let broken = broken(&replaced, &note);
        assert_eq!(broken.index, place as u64);
        assert!(
            matches!(broken.why, Why::Duplicated(of) if of == copied as u64),
            "{copied} at {place}: {broken:?}"
        );
    }
}

#[test]
fn a_flipped_byte_anywhere_in_the_checkpoint_is_named() {
    let (leaves, note) = ledger(LENGTH);
    let (mut walk, keys) = (Walk::default(), keys());
    assert!(leaves.iter().all(|leaf| walk.step(leaf, &keys).is_ok()));
    for at in 0..note.len() {
        for bit in 0..8 {
            let mut altered = note.clone().into_bytes();
            altered[at] ^= 1 << bit;
            // A note is text: what is no UTF-8 never reaches verification.
            let Ok(altered) = String::from_utf8(altered) else { continue };
            let broken = walk.clone().finish(&keys, &altered).unwrap_err();
            assert_eq!(broken.index, LENGTH, "byte {at}");
            assert!(matches!(broken.why, Why::Checkpoint(_)), "byte {at}: {broken:?}");
        }
    }
}

#[test]
fn an_unknown_author_is_named() {
    let (mut leaves, note) = ledger(3);
    let head: Head = leaves[..2].iter().map(|leaf| leaf_hash(leaf)).collect();
    let stranger = SigningKey::from_seed(&[9; 32]);
    leaves[2] = head.seal(draft(2), &stranger, "assay.example/test", &log_key()).unwrap().body;
    let broken = broken(&leaves, &note);
    assert_eq!(broken.index, 2);
    assert!(matches!(broken.why, Why::UnknownKey(who) if who == stranger.id().to_string()));
}

#[test]
fn an_author_who_rewrites_a_leaf_is_found_by_the_next_link_or_the_root() {
    let (leaves, note) = ledger(LENGTH);
    for index in (0..leaves.len()).step_by(2) {
        let head: Head = leaves[..index].iter().map(|leaf| leaf_hash(leaf)).collect();
        let mut rewritten = leaves.clone();
        rewritten[index] = head.seal(draft(99), &author(), "assay.example/test", &log_key()).unwrap().body;
        let broken = broken(&rewritten, &note);
        assert_eq!(broken.index, index as u64 + 1);
        assert!(matches!(broken.why, Why::Unlinked { .. }), "{index}: {broken:?}");
    }
    let (mut leaves, note) = ledger(3);
    let head: Head = leaves[..2].iter().map(|leaf| leaf_hash(leaf)).collect();
    leaves[2] = head.seal(draft(99), &author(), "assay.example/test", &log_key()).unwrap().body;
    assert!(matches!(broken(&leaves, &note), Broken { index: 3, why: Why::RootDiffers { .. } }));
}

#[test]
fn a_checkpoint_of_another_moment_or_another_signer_is_named() {
    let (leaves, _) = ledger(LENGTH);
    let (_, older) = ledger(LENGTH - 1);
    assert!(matches!(broken(&leaves, &older), Broken { index: 39, why: Why::Unattested }));
    let (_, newer) = ledger(LENGTH + 1);
    assert!(matches!(broken(&leaves, &newer), Broken { index: 40, why: Why::Dropped }));
    let root = leaves.iter().map(|leaf| leaf_hash(leaf)).collect::<Frontier>().root();
    let checkpoint = crate::Checkpoint { origin: "assay.example/test".to_owned(), size: LENGTH, root };
    let by_author = checkpoint.sign(&author()).unwrap().to_string();
    let refused = broken(&leaves, &by_author);
    assert!(
        matches!(refused.why, Why::Checkpoint(CheckpointError::Note(NoteError::UnknownKey(_)))),
        "{refused:?}"
    );
    assert_eq!(refused.to_string(), "verify the checkpoint after leaf 40");
}
