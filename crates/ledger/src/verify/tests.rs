//! A ledger of 40 leaves, broken in every way, and named.

use super::*;
use crate::{CheckpointError, Draft, Head, Holder, PublicKey, Role, SigningKey, Subject, leaf_hash, predicate};

const LENGTH: u64 = 40;

/// Every byte where signatures are checked fast; in a debug build every byte of the first and the last leaf, and of
/// the others each 32nd from a start that moves on, so that together they cover every place of a leaf.
const STRIDE: usize = if cfg!(debug_assertions) { 32 } else { 1 };

const ORIGIN: &str = "assay.example/test";

fn author() -> SigningKey {
    SigningKey::from_seed(&[1; 32])
}

fn log_key() -> SigningKey {
    SigningKey::from_seed(&[2; 32])
}

fn time(second: u64) -> String {
    Timestamp::from_seconds(1_772_355_600 + i64::try_from(second).unwrap()).to_string()
}

fn enter(key: &SigningKey, role: Role) -> KeyRecord {
    let holder = Holder { organisation: format!("{role} of the test"), ..Holder::default() };
    KeyRecord::Enter { public_key: PublicKey(key.verifying_key()), holder, role }
}

/// The log's key, then the author's, then records of every other kind by turns.
fn draft(n: u64) -> Draft {
    match n {
        0 => enter(&log_key(), Role::Log).draft(time(0)).unwrap(),
        1 => enter(&author(), Role::Supplier).draft(time(1)).unwrap(),
        _ => record(n, n),
    }
}

fn record(n: u64, second: u64) -> Draft {
    Draft {
        kind: predicate::ALL[(n % 5) as usize].to_owned(),
        subjects: vec![Subject::new("s", Digest::of(&n.to_be_bytes()))],
        recorded_at: time(second),
        record: serde_json::json!({ "n": n }),
    }
}

/// Leaves by turns from the author and the log, and the checkpoint over them.
fn ledger(length: u64) -> (Vec<Vec<u8>>, String) {
    let (mut head, mut note, mut leaves) = (Head::new(), String::new(), Vec::new());
    for n in 0..length {
        let by = if n > 1 && n % 2 == 0 { author() } else { log_key() };
        let sealed = head.seal(draft(n), &by, ORIGIN, &log_key()).unwrap();
        (head, note) = (sealed.head, sealed.note);
        leaves.push(sealed.body);
    }
    (leaves, note)
}

fn verified(leaves: &[Vec<u8>], note: &str) -> Result<Summary, Broken> {
    verify_log(leaves.iter().map(Vec::as_slice), Trust::FirstUse, note)
}

fn broken(leaves: &[Vec<u8>], note: &str) -> Broken {
    verified(leaves, note).unwrap_err()
}

/// One leaf after others: what a verifier does with it, without walking over the others again.
fn step(walk: &mut Walk, leaf: &[u8]) -> Result<(), Failed> {
    let mut checks = Vec::new();
    let mut read = leaf::read_all(vec![leaf.to_vec()], &signatures::Known::default()).remove(0);
    let index = walk.frontier.size();
    walk.step(&mut read, &mut checks)?;
    match signatures::first_bad(checks, 1) {
        None => Ok(()),
        Some(bad) => {
            let why = Why::Altered(EnvelopeError::BadSignature(bad.key.id()).into());
            Err(Failed::Broken(Broken { index, why }))
        }
    }
}

#[test]
fn a_sound_ledger_is_summed_up() {
    let (leaves, note) = ledger(LENGTH);
    let summary = verified(&leaves, &note).unwrap();
    assert_eq!((summary.size, summary.origin.as_str()), (LENGTH, ORIGIN));
    assert_eq!(summary.checkpoint_key, log_key().id());
    assert_eq!((summary.root_key.id, summary.first_use), (log_key().id(), true));
    assert_eq!(summary.kinds[predicate::KEY], 2);
    assert_eq!(summary.kinds[predicate::OBSERVATION], 7);
    assert_eq!(summary.kinds.values().sum::<u64>(), LENGTH);
    assert_eq!(summary.signers, BTreeMap::from([(author().id(), 19), (log_key().id(), 21)]));
    assert_eq!(summary.recorded_until.unwrap().to_string(), time(39));
    assert_eq!(summary.root, leaves.iter().map(|leaf| leaf_hash(leaf)).collect::<Frontier>().root());
}

#[test]
fn a_flipped_byte_anywhere_in_any_leaf_names_that_leaf() {
    let (leaves, _) = ledger(LENGTH);
    let mut walk = Walk::new(Trust::FirstUse);
    let (mut mutations, mut expected) = (0, 0);
    for (index, leaf) in leaves.iter().enumerate() {
        let (start, stride) = if index == 0 || index == 39 { (0, 1) } else { (index % STRIDE, STRIDE) };
        for at in (start..leaf.len()).step_by(stride) {
            expected += 1;
            let mut altered = leaf.clone();
            altered[at] ^= 1 << (at % 8);
            // The walk up to here is the same for every mutation of this leaf, so it is not walked again.
            match step(&mut walk.clone(), &altered) {
                Err(Failed::Broken(Broken {
                    why: Why::Altered(_) | Why::UnknownKey(_) | Why::NoRoot, ..
                })) => {
                    mutations += 1;
                }
                // The key that such a leaf enters may be the very byte that was flipped.
                Err(Failed::Broken(Broken { why: Why::Key(_), .. })) if index < 2 => mutations += 1,
                Err(_) => panic!("leaf {index}, byte {at}: blamed on the order"),
                Ok(()) => panic!("leaf {index}, byte {at}: not noticed"),
            }
        }
        assert!(step(&mut walk, leaf).is_ok());
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
    let mut walk = Walk::new(Trust::FirstUse);
    assert!(leaves.iter().all(|leaf| step(&mut walk, leaf).is_ok()));
    for at in 0..note.len() {
        for bit in 0..8 {
            let mut altered = note.clone().into_bytes();
            altered[at] ^= 1 << bit;
            // A note is text: what is no UTF-8 never reaches verification.
            let Ok(altered) = String::from_utf8(altered) else { continue };
            let broken = walk.clone().finish(Trust::FirstUse, &altered, Vec::new()).unwrap_err();
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
    leaves[2] = head.seal(draft(2), &stranger, ORIGIN, &log_key()).unwrap().body;
    let broken = broken(&leaves, &note);
    assert_eq!(broken.index, 2);
    assert!(matches!(broken.why, Why::UnknownKey(who) if who == stranger.id().to_string()));
}

#[test]
fn an_author_who_rewrites_a_leaf_is_found_by_the_next_link_or_the_root() {
    let (leaves, note) = ledger(LENGTH);
    for index in (2..leaves.len() - 1).step_by(2) {
        let head: Head = leaves[..index].iter().map(|leaf| leaf_hash(leaf)).collect();
        let mut rewritten = leaves.clone();
        rewritten[index] = head.seal(record(99, index as u64), &author(), ORIGIN, &log_key()).unwrap().body;
        let broken = broken(&rewritten, &note);
        assert_eq!(broken.index, index as u64 + 1);
        assert!(matches!(broken.why, Why::Unlinked { .. }), "{index}: {broken:?}");
    }
    let (mut leaves, note) = ledger(3);
    let head: Head = leaves[..2].iter().map(|leaf| leaf_hash(leaf)).collect();
    leaves[2] = head.seal(record(99, 2), &author(), ORIGIN, &log_key()).unwrap().body;
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
    let checkpoint = crate::Checkpoint { origin: ORIGIN.to_owned(), size: LENGTH, root };
    let by_author = checkpoint.sign(&author()).unwrap().to_string();
    let refused = broken(&leaves, &by_author);
    assert!(
        matches!(refused.why, Why::Checkpoint(CheckpointError::Note(NoteError::UnknownKey(_)))),
        "{refused:?}"
    );
    assert_eq!(refused.to_string(), "verify the checkpoint after leaf 40");
}

/// Enough leaves by two keys that both are known to sign much, and several lots of them are on their way.
const LONG: usize = 4 * CHUNK_LEAVES + 100;

fn verified_on(threads: usize, leaves: &[Vec<u8>], note: &str) -> Result<Summary, Broken> {
    let mut verifier = Verifier::new(Trust::FirstUse).threads(threads);
    for leaf in leaves {
        if !verifier.push(leaf.clone()) {
            break;
        }
    }
    verifier.finish(note)
}

#[test]
fn a_long_log_gives_the_same_answer_on_any_number_of_threads() {
    let (leaves, note) = ledger(LONG as u64);
    let other = |at: usize, leaf: Vec<u8>| {
        let mut leaves = leaves.clone();
        leaves[at] = leaf;
        leaves
    };
    let by = |key: &SigningKey, at: usize| {
        let envelope = crate::Envelope::from_bytes(&leaves[at]).unwrap();
        let payload = envelope.payload().unwrap();
        crate::Envelope::sign(envelope.payload_type(), &payload, key).to_bytes().unwrap()
    };
    // The name of the one key over the signature of the other; both are known to sign much.
    let under_another_name = |at: usize| {
        let (of, is) = (author().id().to_string(), log_key().id().to_string());
        String::from_utf8(by(&author(), at)).unwrap().replace(&of, &is).into_bytes()
    };
    let swapped = {
        let mut leaves = leaves.clone();
        leaves.swap(3 * CHUNK_LEAVES - 1, 3 * CHUNK_LEAVES);
        leaves
    };
    let late = 3 * CHUNK_LEAVES + 7;
    let edited = [
        (leaves.clone(), None),
        (other(late, under_another_name(late)), Some(late)),
        (other(late, by(&SigningKey::from_seed(&[9; 32]), late)), Some(late)),
        (other(late, leaves[late + 1].clone()), Some(late)),
        (other(late, b"{}".to_vec()), Some(late)),
        (swapped, Some(3 * CHUNK_LEAVES - 1)),
        (leaves[..late].to_vec(), Some(late)),
    ];
    for (number, (leaves, index)) in edited.iter().enumerate() {
        let alone = verified_on(1, leaves, &note);
        assert_eq!(alone.as_ref().err().map(|broken| broken.index), index.map(|at| at as u64), "{number}");
        for threads in [2, 5] {
            let told = |answer: &Result<Summary, Broken>| format!("{answer:?}");
            assert_eq!(told(&verified_on(threads, leaves, &note)), told(&alone), "{number} on {threads}");
        }
    }
}

/// The leaves from a position on, after those before it were found sound another time.
fn verified_again(sound: &Sound, old: &[Vec<u8>], new: &[Vec<u8>], note: &str) -> Option<Result<Summary, Broken>> {
    let mut again = sound.again();
    old.iter().for_each(|leaf| again.push(leaf));
    let mut verifier = again.verifier()?;
    for leaf in new {
        if !verifier.push(leaf.clone()) {
            break;
        }
    }
    Some(verifier.finish(note))
}

fn sound(length: u64) -> Sound {
    let (leaves, note) = ledger(length);
    let mut verifier = Verifier::new(Trust::FirstUse);
    for leaf in leaves {
        assert!(verifier.push(leaf));
    }
    verifier.finish_keeping(&note).unwrap().1
}

#[test]
fn another_time_gives_the_same_answer_as_the_first() {
    let (leaves, note) = ledger(LENGTH);
    let whole = verified(&leaves, &note).unwrap();
    for length in 1..=LENGTH {
        let (old, new) = leaves.split_at(usize::try_from(length).unwrap());
        let sound = sound(length);
        assert_eq!(sound.size(), length);
        assert_eq!(verified_again(&sound, old, new, &note).unwrap().unwrap(), whole, "{length}");
        // A checkpoint over other leaves than these.
        let (_, earlier) = ledger(LENGTH - 1);
        let found = verified_again(&sound, old, new, &earlier).unwrap().unwrap_err();
        assert_eq!(format!("{found:?}"), format!("{:?}", broken(&leaves, &earlier)), "{length}");
    }
}

#[test]
fn another_time_a_changed_byte_is_noticed_wherever_it_is() {
    let (leaves, note) = ledger(LENGTH);
    let length = LENGTH / 2;
    let (old, new) = leaves.split_at(usize::try_from(length).unwrap());
    let sound = sound(length);
    for at in 0..leaves.len() {
        let mut altered = leaves.clone();
        let middle = altered[at].len() / 2;
        altered[at][middle] ^= 1;
        let found = verified_again(&sound, &altered[..old.len()], &altered[old.len()..], &note);
        match found {
            None => assert!(at < old.len(), "{at}"),
            Some(found) => {
                let (found, first) = (found.unwrap_err(), broken(&altered, &note));
                assert_eq!(format!("{found:?}"), format!("{first:?}"), "{at}");
            }
        }
    }
    // One left out, one too many, two swapped.
    assert!(verified_again(&sound, &old[1..], new, &note).is_none());
    assert!(verified_again(&sound, &leaves[..=old.len()], new, &note).is_none());
    let mut swapped = old.to_vec();
    swapped.swap(3, 4);
    assert!(verified_again(&sound, &swapped, new, &note).is_none());
}
