//! Verification of a whole log from its leaves, one after another, and its checkpoint; it names the first bad item.
//!
//! Leaves are pushed and not kept, so a log of any length takes the same memory. That a log was cut back to an older,
//! honestly signed checkpoint shows only against a checkpoint that was kept elsewhere: [`Verifier::since`].

mod again;
mod ahead;
mod leaf;
mod misplaced;
mod multiples;
mod signatures;

use std::collections::BTreeMap;
use std::sync::Arc;

use model::Timestamp;

use crate::keyring::{KeyRecord, Signer};
use crate::{
    Digest, Entry, EntryError, EnvelopeError, Frontier, KeyId, Keyring, KnownKey, NoteError, SignedCheckpoint,
    Trust,
};

pub use again::{Again, Sound};
use ahead::Ahead;
pub use broken::{Broken, Why};
use leaf::Read;
use misplaced::Misplaced;
use signatures::{Check, Known};

mod broken;

/// Leaves that are read and checked together: enough for signatures in batches, and few in memory.
const CHUNK_LEAVES: usize = 512;
/// Bytes of leaves that are read and checked together.
const CHUNK_BYTES: usize = 2 << 20;

/// What a sound log holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The log's name. The caller compares it with the log it meant to verify.
    pub origin: String,
    /// Number of leaves.
    pub size: u64,
    /// The root over them.
    pub root: Digest,
    /// The key that signed the checkpoint.
    pub checkpoint_key: KeyId,
    /// The key that trust begins at.
    pub root_key: KnownKey,
    /// Whether that key is trusted because the log begins with it, and for no other reason.
    pub first_use: bool,
    /// Every key there ever was, and the leaves each may sign.
    pub keyring: Keyring,
    /// Number of entries of each kind.
    pub kinds: BTreeMap<String, u64>,
    /// Number of entries each key signed.
    pub signers: BTreeMap<KeyId, u64>,
    /// When the last leaf was recorded.
    pub recorded_until: Option<Timestamp>,
    /// Sizes of the earlier checkpoints that this log was shown to extend.
    pub extends: Vec<u64>,
}

/// A leaf whose signatures, place and time were verified. It counts once [`Verifier::finish`] says `Ok`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Its position.
    pub index: u64,
    /// Its bytes.
    pub body: Vec<u8>,
    /// Its [`crate::leaf_hash`].
    pub hash: Digest,
    /// What it says, and who signed it.
    pub entry: Entry,
}

/// Verifies every signature by the keys the log has at that leaf, every link, the order of times, the root, and the
/// checkpoint over all of it.
///
/// # Errors
/// [`Broken`] with the first bad item: the leaves in their order, then the checkpoint.
pub fn verify_log<L: Into<Vec<u8>>>(
    leaves: impl IntoIterator<Item = L>,
    trust: Trust,
    checkpoint: &str,
) -> Result<Summary, Broken> {
    let mut verifier = Verifier::new(trust);
    for leaf in leaves {
        if !verifier.push(leaf.into()) {
            break;
        }
    }
    verifier.finish(checkpoint)
}

/// Takes the leaves of a log one by one, in the order of the log, and then its checkpoint.
///
/// For a source that can fail (a database, an archive), push what it gives and end with [`Verifier::finish`]:
///
/// ```
/// # use ledger::{Draft, Head, Holder, KeyRecord, PublicKey, Role, SigningKey, Trust, Verifier};
/// # let key = SigningKey::from_seed(&[7; 32]);
/// # let holder = Holder { organisation: "Example Ltd".into(), ..Holder::default() };
/// # let root = KeyRecord::Enter { public_key: PublicKey(key.verifying_key()), holder, role: Role::Log };
/// # let sealed = Head::new().seal(root.draft("2026-03-01T09:00:00Z")?, &key, "assay.example/x", &key)?;
/// # let (leaves, checkpoint) = (vec![sealed.body], sealed.note);
/// let mut records = Vec::new();
/// let mut verifier = Verifier::new(Trust::FirstUse).threads(2).each(|leaf| records.push(leaf.entry));
/// for leaf in leaves {
///     if !verifier.push(leaf) {
///         break; // it is broken, and no further leaf changes that; `finish` says what it is
///     }
/// }
/// let summary = verifier.finish(&checkpoint)?;
/// // Only now do the records count. Keys that may sign something beside the log, such as a manifest:
/// let now = summary.keyring.valid_at(summary.size);
/// assert!(now.author(summary.root_key.id).is_some() && summary.first_use && records.len() == 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Verifier<'a> {
    trust: Trust,
    ahead: Ahead,
    each: Option<Box<dyn FnMut(Verified) + 'a>>,
    /// Earlier checkpoints, the largest first.
    since: Vec<SignedCheckpoint>,
    /// Leaves not yet looked at.
    pending: Vec<Vec<u8>>,
    pending_bytes: usize,
    walk: Walk,
    known: Arc<Known>,
    failed: Option<Failed>,
}

/// How a walk ends early.
enum Failed {
    Broken(Broken),
    /// A leaf of another place; which leaf is at fault shows in those that follow.
    Misplaced(Misplaced),
}

impl<'a> Verifier<'a> {
    /// Begins before the first leaf, on one thread, with nobody to hand the leaves to.
    pub fn new(trust: Trust) -> Self {
        Self {
            trust,
            ahead: Ahead::on(1),
            each: None,
            since: Vec::new(),
            pending: Vec::new(),
            pending_bytes: 0,
            walk: Walk::new(trust),
            known: Arc::default(),
            failed: None,
        }
    }

    /// Checks on so many threads. The answer is the same for any number.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.ahead = Ahead::on(threads);
        self
    }

    /// Hands every verified leaf on, in order.
    #[must_use]
    pub fn each(mut self, each: impl FnMut(Verified) + 'a) -> Self {
        self.each = Some(Box::new(each));
        self
    }

    /// Holds the log against a checkpoint that was kept elsewhere: it has to be one of this log's, signed by a key
    /// that was the log's at that moment, and the log has to extend it. May be called for several.
    #[must_use]
    pub fn since(mut self, earlier: SignedCheckpoint) -> Self {
        self.since.push(earlier);
        self.since.sort_by_key(|checkpoint| std::cmp::Reverse(checkpoint.claimed().size));
        self
    }

    /// Takes the next leaf. False when the log is known to be broken and further leaves change nothing.
    #[must_use]
    pub fn push(&mut self, leaf: Vec<u8>) -> bool {
        match &mut self.failed {
            Some(Failed::Broken(_)) => return false,
            Some(Failed::Misplaced(misplaced)) => {
                misplaced.look_at(&leaf);
                return true;
            }
            None => {}
        }
        self.pending_bytes += leaf.len();
        self.pending.push(leaf);
        if self.pending.len() >= CHUNK_LEAVES || self.pending_bytes >= CHUNK_BYTES {
            self.send_ahead();
        }
        !matches!(self.failed, Some(Failed::Broken(_)))
    }

    /// Checks the leaves that wait, and the checkpoint over all.
    ///
    /// # Errors
    /// [`Broken`] with the first bad item.
    pub fn finish(mut self, checkpoint: &str) -> Result<Summary, Broken> {
        self.walked()?;
        self.walk.finish(self.trust, checkpoint, self.since)
    }

    /// As [`Verifier::finish`], and what the same log is verified from another time.
    ///
    /// # Errors
    /// As [`Verifier::finish`].
    pub fn finish_keeping(mut self, checkpoint: &str) -> Result<(Summary, Sound), Broken> {
        self.walked()?;
        let sound = Sound::new(self.trust, self.walk.clone());
        Ok((self.walk.finish(self.trust, checkpoint, self.since)?, sound))
    }

    /// Walks to the last leaf that was pushed.
    fn walked(&mut self) -> Result<(), Broken> {
        self.send_ahead();
        while let Some(leaves) = self.ahead.next() {
            self.work_off(leaves);
        }
        match self.failed.take() {
            None => Ok(()),
            Some(Failed::Broken(broken)) => Err(broken),
            Some(Failed::Misplaced(misplaced)) => Err(misplaced.explained()),
        }
    }

    /// Has the waiting leaves read, and takes those whose turn it is.
    fn send_ahead(&mut self) {
        self.pending_bytes = 0;
        let bodies = std::mem::take(&mut self.pending);
        if let Some(leaves) = self.ahead.give(bodies, &self.known) {
            self.work_off(leaves);
        }
    }

    /// Walks over leaves that were read, and then checks those of their signatures that were not yet: the first bad leaf
    /// is named, whatever it is bad in.
    fn work_off(&mut self, mut read: Vec<Read>) {
        match &mut self.failed {
            Some(Failed::Broken(_)) => return,
            Some(Failed::Misplaced(misplaced)) => {
                read.iter().for_each(|leaf| misplaced.look_at(&leaf.body));
                return;
            }
            None => {}
        }
        let begin = self.walk.frontier.size();
        let mut checks = Vec::new();
        let mut failed = None;
        let mut walked = 0;
        if begin == 0 {
            failed = self.walk.meet(&mut self.since).err().map(Failed::Broken);
        }
        for leaf in &mut read {
            if failed.is_some() {
                break;
            }
            match self.walk.step(leaf, &mut checks) {
                Ok(()) => {
                    walked += 1;
                    failed = self.walk.meet(&mut self.since).err().map(Failed::Broken);
                }
                Err(step) => failed = Some(step),
            }
        }
        if let Some(check) = signatures::first_bad(checks, self.ahead.threads()) {
            let why = Why::Altered(EnvelopeError::BadSignature(check.key.id()).into());
            failed = Some(Failed::Broken(Broken { index: check.leaf, why }));
            walked = check.leaf - begin;
        }
        self.learn();
        let mut rest = read.into_iter();
        for (index, leaf) in (begin..begin + walked).zip(rest.by_ref()) {
            if let (Some(each), Ok(entry)) = (&mut self.each, leaf.entry) {
                each(Verified { index, body: leaf.body, hash: leaf.hash, entry });
            }
        }
        if let Some(Failed::Misplaced(misplaced)) = &mut failed {
            // The first of the rest is the leaf at fault itself.
            rest.skip(1).for_each(|leaf| misplaced.look_at(&leaf.body));
        }
        self.failed = failed;
    }

    /// Keys that sign much are known from here on.
    fn learn(&mut self) {
        for (id, signed) in &self.walk.signers {
            if self.known.lacks(*id, *signed)
                && let Some(known) = self.walk.ring.get(*id)
            {
                Arc::make_mut(&mut self.known).learn(known.public_key.0);
            }
        }
    }
}

/// What is known after some leaves.
#[derive(Debug, Clone)]
struct Walk {
    ring: Keyring,
    frontier: Frontier,
    last: Option<Digest>,
    recorded: Option<Timestamp>,
    kinds: BTreeMap<String, u64>,
    signers: BTreeMap<KeyId, u64>,
    /// Sizes and names of the earlier checkpoints met.
    met: Vec<(u64, String)>,
}

impl Walk {
    fn new(trust: Trust) -> Self {
        Self {
            ring: Keyring::new(trust),
            frontier: Frontier::new(),
            last: None,
            recorded: None,
            kinds: BTreeMap::new(),
            signers: BTreeMap::new(),
            met: Vec::new(),
        }
    }

    /// Moves on by one leaf, and lists the signatures that are still to be checked with which keys.
    ///
    /// A leaf that is wrong in anything else is asked first whether it is as its keys signed it.
    fn step(&mut self, leaf: &mut Read, checks: &mut Vec<Check>) -> Result<(), Failed> {
        self.take(leaf, checks).map_err(|failed| match altered(&self.ring, leaf) {
            None => failed,
            Some(key) => {
                let why = Why::Altered(EnvelopeError::BadSignature(key).into());
                Failed::Broken(Broken { index: self.frontier.size(), why })
            }
        })
    }

    fn take(&mut self, leaf: &mut Read, checks: &mut Vec<Check>) -> Result<(), Failed> {
        let index = self.frontier.size();
        let bad = |why| Failed::Broken(Broken { index, why });
        let Read { hash, entry, message, claimed, made_by, .. } = leaf;
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let error = std::mem::replace(error, EntryError::NoSubject);
                return Err(bad(Why::Altered(error)));
            }
        };
        let key_record = KeyRecord::of(entry).transpose().map_err(|error| bad(Why::Key(error)))?;
        let place = entry.position();
        if place.index != index {
            return Err(Failed::Misplaced(Misplaced::new(index, place.index, *hash)));
        }
        let mut signers = Vec::new();
        for (claim, made_by) in claimed.iter().zip(made_by) {
            let id: KeyId = claim.keyid.parse().map_err(|_| bad(Why::UnknownKey(broken::shown(&claim.keyid))))?;
            let key = self.ring.signer(id, index, key_record.as_ref()).map_err(|signer| match signer {
                Signer::Unknown if index == 0 && self.ring.root().is_none() => bad(Why::NoRoot),
                Signer::Unknown => bad(Why::UnknownKey(id.to_string())),
                Signer::NotValid { from, until } => bad(Why::KeyNotValid { key: id, from, until }),
            })?;
            signers.push(id);
            // By the whole key: its short name is a hint.
            if *made_by != Some(key) {
                checks.push(Check { leaf: index, key, message: message.clone(), signature: claim.signature });
            }
        }
        if signers.is_empty() {
            return Err(bad(Why::UnknownKey("nobody".to_owned())));
        }
        if place.previous != self.last {
            return Err(bad(Why::Unlinked { names: place.previous, found: self.last }));
        }
        let recorded =
            Timestamp::parse(&place.recorded_at).map_err(|_| bad(Why::Time(broken::shown(&place.recorded_at))))?;
        if let Some(before) = self.recorded.filter(|before| recorded < *before) {
            return Err(bad(Why::BackDated { recorded, before }));
        }
        if let Some(record) = &key_record {
            self.ring.apply(index, record, &signers).map_err(|error| bad(Why::Key(error)))?;
        }
        self.frontier.append(*hash);
        (self.last, self.recorded) = (Some(*hash), Some(recorded));
        count(&mut self.kinds, entry.kind());
        for signer in &signers {
            *self.signers.entry(*signer).or_default() += 1;
        }
        entry.signers = signers;
        Ok(())
    }

    /// Holds the log against the earlier checkpoints of its present size.
    fn meet(&mut self, since: &mut Vec<SignedCheckpoint>) -> Result<(), Broken> {
        let size = self.frontier.size();
        while let Some(earlier) = since.pop_if(|earlier| earlier.claimed().size == size) {
            let bad = |why| Broken { index: size, why };
            let (kept, _) = earlier
                .verify(&self.ring.valid_at(size))
                .map_err(|error| bad(Why::Earlier { size, source: error }))?;
            let root = self.frontier.root();
            if kept.root != root {
                return Err(bad(Why::Forked { size, kept: kept.root, found: root }));
            }
            self.met.push((size, kept.origin.clone()));
        }
        Ok(())
    }

    fn finish(self, trust: Trust, checkpoint: &str, since: Vec<SignedCheckpoint>) -> Result<Summary, Broken> {
        let (size, root) = (self.frontier.size(), self.frontier.root());
        let bad = |index, why| Broken { index, why };
        let read = SignedCheckpoint::parse(checkpoint).map_err(|error| bad(size, Why::Checkpoint(error)))?;
        let claimed = read.claimed();
        let verified = read.verify(&self.ring.valid_at(size));
        if verified.is_ok() || matches!(verified, Err(NoteError::UnknownKey(_))) {
            // A checkpoint over other leaves may well be by a key that is not the log's here.
            if claimed.size > size {
                return Err(bad(size, Why::Dropped));
            }
            if claimed.size < size {
                return Err(bad(claimed.size, Why::Unattested));
            }
        }
        let (signed, checkpoint_key) = verified.map_err(|error| bad(size, Why::Checkpoint(error.into())))?;
        if signed.root != root {
            return Err(bad(size, Why::RootDiffers { signed: signed.root, found: root }));
        }
        let origin = signed.origin.clone();
        if let Some(later) = since.last() {
            return Err(bad(size, Why::RolledBack { kept: later.claimed().size, size }));
        }
        if let Some((size, name)) = self.met.iter().find(|(_, name)| *name != origin) {
            return Err(bad(*size, Why::OtherLog { kept: name.clone(), found: origin }));
        }
        let root_key = self.ring.root().cloned().ok_or_else(|| bad(0, Why::NoRoot))?;
        Ok(Summary {
            origin,
            size,
            root,
            checkpoint_key,
            root_key,
            first_use: trust == Trust::FirstUse,
            keyring: self.ring,
            kinds: self.kinds,
            signers: self.signers,
            recorded_until: self.recorded,
            extends: self.met.into_iter().map(|(size, _)| size).collect(),
        })
    }
}

/// The key of the log, valid or not, or entered by this leaf, that is said to have signed the leaf and did not.
fn altered(ring: &Keyring, leaf: &Read) -> Option<KeyId> {
    let record = leaf.entry.as_ref().ok().and_then(KeyRecord::of).and_then(Result::ok);
    let key_of = |id: KeyId| match ring.get(id) {
        Some(known) => Some(known.public_key.0),
        None => ring.signer(id, u64::MAX, record.as_ref()).ok(),
    };
    let mut keys = leaf.claimed.iter().filter_map(|claim| Some((key_of(claim.keyid.parse().ok()?)?, claim)));
    keys.find(|(key, claim)| !key.verifies(&leaf.message, &claim.signature)).map(|(key, _)| key.id())
}

fn count(kinds: &mut BTreeMap<String, u64>, kind: &str) {
    match kinds.get_mut(kind) {
        Some(number) => *number += 1,
        None => {
            kinds.insert(kind.to_owned(), 1);
        }
    }
}

#[cfg(test)]
mod tests;
