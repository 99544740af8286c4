//! Logs whose keys come and go, and what each key may sign of them.

use super::*;
use crate::{Broken, Head, SigningKey, Summary, Why, verify_log};

const ORIGIN: &str = "assay.example/keys";

fn key(n: u8) -> SigningKey {
    SigningKey::from_seed(&[n; 32])
}

/// The keys of these tests: the first of the log, the one after it, a laboratory's and the one after it, a stranger's.
const LOG: u8 = 1;
const LOG2: u8 = 2;
const LAB: u8 = 3;
const LAB2: u8 = 4;
const STRANGER: u8 = 9;

fn enter(n: u8, role: Role) -> KeyRecord {
    let holder = Holder { organisation: format!("{role} {n}"), ..Holder::default() };
    KeyRecord::Enter { public_key: PublicKey(key(n).verifying_key()), holder, role }
}

fn rotate(old: u8, new: u8) -> KeyRecord {
    KeyRecord::Rotate { replaces: key(old).id(), public_key: PublicKey(key(new).verifying_key()) }
}

fn revoke(n: u8) -> KeyRecord {
    KeyRecord::Revoke { key: key(n).id(), reason: "the laptop was lost".to_owned() }
}

/// A log in the making, which seals whatever it is told to.
#[derive(Default, Clone)]
struct Making {
    head: Head,
    leaves: Vec<Vec<u8>>,
    note: String,
}

impl Making {
    fn seal(mut self, draft: Draft, by: &[u8], log: u8) -> Self {
        let keys: Vec<SigningKey> = by.iter().copied().map(key).collect();
        let sealed = self.head.seal_by(draft, &keys.iter().collect::<Vec<_>>(), ORIGIN, &key(log)).unwrap();
        (self.head, self.note) = (sealed.head, sealed.note);
        self.leaves.push(sealed.body);
        self
    }

    fn key(self, record: &KeyRecord, by: &[u8], log: u8) -> Self {
        let draft = record.draft("2026-03-01T09:00:00Z").unwrap();
        self.seal(draft, by, log)
    }

    fn record(self, by: u8, log: u8) -> Self {
        let draft = Draft {
            kind: predicate::STATEMENT.to_owned(),
            subjects: vec![Subject::new("s", Digest::of(b"s"))],
            recorded_at: "2026-03-01T09:00:00Z".to_owned(),
            record: serde_json::json!({ "n": self.head.size() }),
        };
        self.seal(draft, &[by], log)
    }

    fn verified(&self, trust: Trust) -> Result<Summary, Broken> {
        // The index of a store follows the KEY leaves alone; it has to come to the same.
        let mut followed = Keyring::new(trust);
        let all = self.leaves.iter().all(|leaf| followed.follow(leaf).is_ok());
        let verified = verify_log(self.leaves.iter().map(Vec::as_slice), trust, &self.note);
        if let Ok(summary) = &verified {
            assert!(all);
            assert_eq!(summary.keyring, followed);
        }
        verified
    }

    fn sound(&self) -> Summary {
        self.verified(Trust::FirstUse).unwrap()
    }

    fn refused(&self) -> (u64, Why) {
        let broken = self.verified(Trust::FirstUse).unwrap_err();
        (broken.index, broken.why)
    }

    fn rule(&self) -> (u64, KeyRuleError) {
        match self.refused() {
            (index, Why::Key(rule)) => (index, rule),
            other => panic!("{other:?}"),
        }
    }
}

/// Leaf 0: the log's key. Leaf 1: the laboratory's. Leaf 2: a record of the laboratory.
fn making() -> Making {
    Making::default()
        .key(&enter(LOG, Role::Log), &[LOG], LOG)
        .key(&enter(LAB, Role::Laboratory), &[LOG], LOG)
        .record(LAB, LOG)
}

#[test]
fn trust_begins_at_the_key_of_the_first_leaf_and_says_so() {
    let summary = making().sound();
    assert!(summary.first_use && summary.root_key.root);
    assert_eq!((summary.root_key.id, summary.root_key.from), (key(LOG).id(), 0));
    assert_eq!(summary.root_key.holder.to_string(), "log 1");
    let lab = summary.keyring.get(key(LAB).id()).unwrap();
    assert_eq!((lab.role, lab.from, lab.until, lab.root), (Role::Laboratory, 2, None, false));
    assert_eq!(summary.signers[&key(LAB).id()], 1);
}

#[test]
fn a_root_key_that_was_given_is_the_only_one_to_begin_with() {
    let pinned = making().verified(Trust::Root(key(LOG).verifying_key())).unwrap();
    assert!(!pinned.first_use);
    assert!(pinned.keyring.keys().eq(making().sound().keyring.keys()));
    let broken = making().verified(Trust::Root(key(STRANGER).verifying_key())).unwrap_err();
    let expected = KeyRuleError::OtherRoot { found: key(LOG).id(), trusted: key(STRANGER).id() };
    assert!(matches!(broken, Broken { index: 0, why: Why::Key(rule) } if rule == expected));
}

#[test]
fn a_log_that_never_entered_a_key_verifies_with_the_key_it_was_signed_by() {
    let early = Making::default().record(LOG, LOG).record(LOG, LOG);
    assert!(matches!(early.refused(), (0, Why::NoRoot)));
    let summary = early.verified(Trust::Root(key(LOG).verifying_key())).unwrap();
    assert_eq!((summary.root_key.id, summary.root_key.holder.to_string()), (key(LOG).id(), "nobody named".into()));
    let other = early.verified(Trust::Root(key(STRANGER).verifying_key())).unwrap_err();
    assert!(matches!(other, Broken { index: 0, why: Why::UnknownKey(id) } if id == key(LOG).id().to_string()));
    // From there on it has keys like any other.
    let later = early.key(&enter(LAB, Role::Laboratory), &[LOG], LOG).record(LAB, LOG);
    let later = later.key(&rotate(LOG, LOG2), &[LOG, LOG2], LOG2).record(LOG2, LOG2);
    assert_eq!(later.verified(Trust::Root(key(LOG).verifying_key())).unwrap().size, 6);
}

#[test]
fn the_first_key_enters_itself_alone_and_for_the_log() {
    let by_another = Making::default().key(&enter(LOG, Role::Log), &[STRANGER], STRANGER);
    assert!(matches!(by_another.refused(), (0, Why::NoRoot)));
    for making in [
        Making::default().key(&enter(LOG, Role::Supplier), &[LOG], LOG),
        Making::default().key(&enter(LOG, Role::Log), &[LOG, LOG], LOG),
    ] {
        assert_eq!(making.rule(), (0, KeyRuleError::Root));
    }
    let ends = Making::default().key(&revoke(LOG), &[LOG], LOG);
    assert!(matches!(ends.refused(), (0, Why::NoRoot)));
}

#[test]
fn a_key_signs_nothing_before_it_is_entered() {
    let early = Making::default().key(&enter(LOG, Role::Log), &[LOG], LOG).record(LAB, LOG);
    assert!(matches!(early.refused(), (1, Why::UnknownKey(id)) if id == key(LAB).id().to_string()));
    // Nor beside a key that may, nor the very leaf that enters it unless it enters a key.
    let draft = Draft { recorded_at: "2026-03-01T09:00:00Z".into(), ..making_draft() };
    let beside = Making::default().key(&enter(LOG, Role::Log), &[LOG], LOG).seal(draft, &[LOG, LAB], LOG);
    assert!(matches!(beside.refused(), (1, Why::UnknownKey(id)) if id == key(LAB).id().to_string()));
}

fn making_draft() -> Draft {
    Draft {
        kind: predicate::STATEMENT.to_owned(),
        subjects: vec![Subject::new("s", Digest::of(b"s"))],
        recorded_at: String::new(),
        record: serde_json::Value::Null,
    }
}

#[test]
fn only_a_key_of_the_log_enters_keys() {
    let by_lab = making().key(&enter(STRANGER, Role::Laboratory), &[LAB], LOG);
    assert_eq!(by_lab.rule(), (3, KeyRuleError::NotAllowed { key: key(STRANGER).id() }));
    let by_itself = making().key(&enter(STRANGER, Role::Laboratory), &[STRANGER], LOG);
    assert_eq!(by_itself.rule(), (3, KeyRuleError::NotAllowed { key: key(STRANGER).id() }));
    assert_eq!(making().key(&enter(LAB2, Role::Reviewer), &[LOG, LAB2], LOG).sound().size, 4);
}

#[test]
fn no_key_is_entered_twice() {
    let again = making().key(&enter(LAB, Role::Supplier), &[LOG], LOG);
    assert_eq!(again.rule(), (3, KeyRuleError::Known(key(LAB).id())));
    let ended = making().key(&revoke(LAB), &[LOG], LOG).key(&enter(LAB, Role::Laboratory), &[LOG], LOG);
    assert_eq!(ended.rule(), (4, KeyRuleError::Known(key(LAB).id())));
    let onto = making().key(&rotate(LOG, LAB), &[LOG, LAB], LAB);
    assert_eq!(onto.rule(), (3, KeyRuleError::Known(key(LAB).id())));
}

#[test]
fn a_further_key_of_the_log_proves_that_somebody_holds_it() {
    let unproven = making().key(&enter(LOG2, Role::Log), &[LOG], LOG);
    assert_eq!(unproven.rule(), (3, KeyRuleError::NotHeld(key(LOG2).id())));
    let proven = making().key(&enter(LOG2, Role::Log), &[LOG, LOG2], LOG).record(LAB, LOG2);
    assert_eq!(proven.sound().checkpoint_key, key(LOG2).id());
}

#[test]
fn a_revoked_key_signs_nothing_more_and_what_it_signed_stays() {
    let revoked = making().key(&revoke(LAB), &[LOG], LOG).record(LOG, LOG);
    let summary = revoked.sound();
    let lab = summary.keyring.get(key(LAB).id()).unwrap();
    assert_eq!((lab.from, lab.until), (2, Some(4)));
    assert_eq!(lab.ended, Some(Ended::Revoked("the laptop was lost".to_owned())));
    assert_eq!(summary.signers[&key(LAB).id()], 1);
    let after = revoked.record(LAB, LOG);
    assert!(
        matches!(after.refused(), (5, Why::KeyNotValid { key: id, from: 2, until: Some(4) }) if id == key(LAB).id())
    );
}

#[test]
fn a_key_is_ended_by_the_log_or_by_itself() {
    assert_eq!(making().key(&revoke(LAB), &[LAB], LOG).sound().size, 4);
    let two = making().key(&enter(LAB2, Role::Laboratory), &[LOG], LOG);
    let by_other = two.key(&revoke(LAB2), &[LAB], LOG);
    assert_eq!(by_other.rule(), (4, KeyRuleError::NotAllowed { key: key(LAB2).id() }));
    let twice = making().key(&revoke(LAB), &[LOG], LOG).key(&revoke(LAB), &[LOG], LOG);
    assert_eq!(twice.rule(), (4, KeyRuleError::NotValid(key(LAB).id())));
    let never = making().key(&revoke(STRANGER), &[LOG], LOG);
    assert_eq!(never.rule(), (3, KeyRuleError::NotValid(key(STRANGER).id())));
    let last = making().key(&revoke(LOG), &[LOG], LOG);
    assert_eq!(last.rule(), (3, KeyRuleError::LastOfLog(key(LOG).id())));
}

#[test]
fn a_rotation_is_signed_by_both_keys_and_keeps_holder_and_role() {
    let rotated = making().key(&rotate(LAB, LAB2), &[LAB, LAB2], LOG).record(LAB2, LOG);
    let summary = rotated.sound();
    let (old, new) = (summary.keyring.get(key(LAB).id()).unwrap(), summary.keyring.get(key(LAB2).id()).unwrap());
    assert_eq!((&new.holder, new.role, new.from), (&old.holder, old.role, 4));
    assert_eq!((old.until, &old.ended), (Some(4), &Some(Ended::ReplacedBy(key(LAB2).id()))));
    assert!(matches!(rotated.record(LAB, LOG).refused(), (5, Why::KeyNotValid { .. })));
    let both = KeyRuleError::NotBoth { old: key(LAB).id(), new: key(LAB2).id() };
    for by in [&[LAB][..], &[LAB2], &[LOG], &[LOG, LAB2], &[LAB, LOG]] {
        assert_eq!(making().key(&rotate(LAB, LAB2), by, LOG).rule(), (3, both.clone()), "{by:?}");
    }
}

#[test]
fn after_the_log_s_key_was_replaced_its_checkpoints_are_the_new_one_s() {
    let rotated = making().key(&rotate(LOG, LOG2), &[LOG, LOG2], LOG2);
    assert_eq!(rotated.sound().checkpoint_key, key(LOG2).id());
    assert_eq!(rotated.clone().record(LOG2, LOG2).sound().root_key.id, key(LOG).id());
    // The old one vouches for nothing any more, not even for the leaf that ended it.
    let late = making().key(&rotate(LOG, LOG2), &[LOG, LOG2], LOG);
    assert!(matches!(late.refused(), (4, Why::Checkpoint(_))));
    assert!(matches!(rotated.record(LOG, LOG2).refused(), (4, Why::KeyNotValid { .. })));
}

#[test]
fn a_laboratory_vouches_for_no_checkpoint() {
    assert!(matches!(making().record(LOG, LAB).refused(), (4, Why::Checkpoint(_))));
}

#[test]
fn a_key_record_with_more_in_it_than_is_known_is_refused() {
    let mut draft = enter(LAB2, Role::Laboratory).draft("2026-03-01T09:00:00Z").unwrap();
    draft.record["notBefore"] = "2027-01-01T00:00:00Z".into();
    assert!(matches!(making().seal(draft.clone(), &[LOG], LOG).rule(), (3, KeyRuleError::Form(_))));
    draft.record = serde_json::json!({"action": "bless", "key": key(LAB).id().to_string()});
    assert!(matches!(making().seal(draft, &[LOG], LOG).rule(), (3, KeyRuleError::Form(_))));
}

#[test]
fn any_byte_flipped_in_a_key_record_is_named() {
    let rotated = making().key(&rotate(LAB, LAB2), &[LAB, LAB2], LOG).key(&revoke(LAB2), &[LAB2], LOG);
    let sound = rotated.sound().keyring;
    for index in [1, 3, 4] {
        for at in (0..rotated.leaves[index].len()).step_by(19) {
            let mut altered = rotated.clone();
            altered.leaves[index][at] ^= 1 << (at % 8);
            let (named, why) = altered.refused();
            assert_eq!(named, index as u64, "byte {at}: {why:?}");
            let mut ring = Keyring::new(Trust::FirstUse);
            let refused = altered.leaves.iter().any(|leaf| ring.follow(leaf).is_err());
            // A leaf that became one of another kind is passed over, so its key is missing.
            assert!(refused || ring != sound, "byte {at} was followed");
        }
    }
}

#[test]
fn a_log_is_held_against_earlier_checkpoints_by_the_keys_of_their_time() {
    use crate::{SignedCheckpoint, Verifier};
    let before = making();
    let after = before.clone().key(&rotate(LOG, LOG2), &[LOG, LOG2], LOG2).record(LOG2, LOG2);
    let held = |log: &Making, kept: &[&str]| {
        let mut verifier = Verifier::new(Trust::FirstUse);
        for note in kept {
            verifier = verifier.since(SignedCheckpoint::parse(note).unwrap());
        }
        for leaf in &log.leaves {
            let _ = verifier.push(leaf.clone());
        }
        verifier.finish(&log.note)
    };
    assert_eq!(held(&after, &[&before.note, &after.note]).unwrap().extends, [3, 5]);
    // Rolled back, forked, signed by somebody else, of another log.
    assert!(matches!(held(&before, &[&after.note]).unwrap_err().why, Why::RolledBack { kept: 5, size: 3 }));
    let fork = Making::default().key(&enter(LOG, Role::Log), &[LOG], LOG).record(LOG, LOG).record(LOG, LOG);
    assert!(matches!(held(&fork, &[&before.note]).unwrap_err().why, Why::Forked { size: 3, .. }));
    let root = before.head.root();
    let forged = |origin: &str, by: u8| {
        let checkpoint = crate::Checkpoint { origin: origin.to_owned(), size: 3, root };
        checkpoint.sign(&key(by)).unwrap().to_string()
    };
    for by in [LAB, LOG2, STRANGER] {
        let why = held(&after, &[&forged(ORIGIN, by)]).unwrap_err().why;
        assert!(matches!(why, Why::Earlier { size: 3, .. }), "{by}: {why:?}");
    }
    let other = held(&after, &[&forged("assay.example/other", LOG)]).unwrap_err();
    assert!(matches!(other.why, Why::OtherLog { .. }), "{other:?}");
    assert_eq!(other.to_string(), "hold the log against an earlier checkpoint");
}

#[test]
fn public_keys_in_records_are_the_line_of_their_pem_form() {
    let public = PublicKey(key(LAB).verifying_key());
    let pem = key(LAB).verifying_key().to_pem().unwrap();
    let text = serde_json::to_value(public).unwrap();
    assert_eq!(text, pem.lines().nth(1).unwrap());
    assert_eq!(serde_json::from_value::<PublicKey>(text).unwrap(), public);
    for bad in ["", "AAAA", "MCowBQYDK2VwAyEAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="] {
        assert!(serde_json::from_value::<PublicKey>(bad.into()).is_err(), "{bad}");
    }
    let known = making().sound().root_key;
    let json = serde_json::to_value(&known).unwrap();
    assert_eq!(json["role"], "log");
    assert_eq!(serde_json::from_value::<KnownKey>(json).unwrap(), known);
}
