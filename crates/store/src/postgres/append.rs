//! Writing leaves and checkpoints: one writer at a time, whoever holds the row of `format`.

use ledger::{Checkpoint, Digest, Head, leaf_hash};
use postgres::{Statement, Transaction};

use super::queries;
use super::session::{Link, Session, Trouble};
use crate::follow::{Next, covers, taken_over};
use crate::number::{signed, unsigned};
use crate::{StoreError, StoredCheckpoint};

/// The statements of a writer.
struct Writing {
    turn: Statement,
    hashes: Statement,
}

impl Writing {
    fn prepared(link: &mut Link) -> Result<Self, postgres::Error> {
        Ok(Self { turn: link.prepared(queries::TAKE_TURN)?, hashes: link.prepared(queries::LEAF_HASHES_FROM)? })
    }

    /// Waits until no other writer is at it; tells where the ledger went, if it did.
    fn turn(&self, transaction: &mut Transaction<'_>) -> Result<Option<String>, postgres::Error> {
        transaction.query_one(&self.turn, &[])?.try_get(0)
    }

    fn catch_up(&self, transaction: &mut Transaction<'_>, head: &mut Head) -> Result<(), Trouble> {
        let rows = transaction.query(&self.hashes, &[&signed(head.size())])?;
        rows.iter().try_for_each(|row| {
            head.push(digest(row.try_get(0)?)?);
            Ok(())
        })
    }
}

pub(super) fn digest(bytes: &[u8]) -> Result<Digest, StoreError> {
    let bytes: Result<[u8; 32], _> = bytes.try_into();
    bytes
        .map(Digest::from_bytes)
        .map_err(|error| StoreError::Database { doing: "read a digest", source: Box::new(error) })
}

pub(super) fn head(session: &Session, head: &mut Head) -> Result<(), StoreError> {
    let mut next = head.clone();
    session.run("read the end of the ledger", |link, _| {
        let hashes = link.prepared(queries::LEAF_HASHES_FROM)?;
        for row in link.client.query(&hashes, &[&signed(next.size())])? {
            next.push(digest(row.try_get(0)?)?);
        }
        Ok(())
    })?;
    *head = next;
    Ok(())
}

pub(super) fn append(session: &Session, head: &mut Head, next: &Next<'_>, note: &str) -> Result<u64, StoreError> {
    let (body, place) = (next.body, next.entry.position());
    session.run("append to the ledger", |link, again| {
        let writing = Writing::prepared(link)?;
        let (leaf, checkpoint) =
            (link.prepared(queries::APPEND_LEAF)?, link.prepared(queries::APPEND_CHECKPOINT)?);
        let mut transaction = link.client.transaction()?;
        let moved = writing.turn(&mut transaction)?;
        if again && is_there(&mut transaction, &writing, place.index, leaf_hash(body))? {
            // The connection was lost after the server had committed, and before it could say so.
            return Ok(place.index);
        }
        if let Some(place) = moved {
            return Err(StoreError::Elsewhere { place }.into());
        }
        let mut after = head.clone();
        writing.catch_up(&mut transaction, &mut after)?;
        let seq = after.size();
        let hash = next.follow(&mut after)?;
        let (kind, recorded_at) = (next.entry.kind(), &place.recorded_at);
        transaction.execute(&leaf, &[&signed(seq), &kind, recorded_at, &body, &hash.as_bytes().as_slice()])?;
        transaction.execute(&checkpoint, &[&signed(after.size()), &note])?;
        transaction.commit()?;
        *head = after;
        Ok(seq)
    })
}

fn is_there(
    transaction: &mut Transaction<'_>,
    writing: &Writing,
    seq: u64,
    hash: Digest,
) -> Result<bool, Trouble> {
    let rows = transaction.query(&writing.hashes, &[&signed(seq)])?;
    Ok(match rows.first() {
        Some(row) => digest(row.try_get(0)?)? == hash,
        None => false,
    })
}

pub(super) fn take_over(
    session: &Session,
    bodies: &[Vec<u8>],
    checkpoints: &[StoredCheckpoint],
) -> Result<(), StoreError> {
    // Done a second time, it starts from what is stored, and what is stored already is refused as moved.
    session.run("take over leaves", |link, _| {
        let writing = Writing::prepared(link)?;
        let rows = link.prepared(queries::TAKE_OVER_LEAVES)?;
        let notes = link.prepared(queries::TAKE_OVER_CHECKPOINTS)?;
        let mut transaction = link.client.transaction()?;
        writing.turn(&mut transaction)?;
        let mut head = Head::new();
        writing.catch_up(&mut transaction, &mut head)?;
        let (leaves, _) = taken_over(head, bodies, checkpoints)?;
        let seqs: Vec<i64> = leaves.iter().map(|leaf| signed(leaf.seq)).collect();
        let kinds: Vec<&str> = leaves.iter().map(|leaf| leaf.kind.as_str()).collect();
        let times: Vec<&str> = leaves.iter().map(|leaf| leaf.recorded_at.as_str()).collect();
        let bodies: Vec<&[u8]> = leaves.iter().map(|leaf| leaf.body.as_slice()).collect();
        let hashes: Vec<&[u8]> = leaves.iter().map(|leaf| leaf.leaf_hash.as_bytes().as_slice()).collect();
        transaction.execute(&rows, &[&seqs, &kinds, &times, &bodies, &hashes])?;
        let sizes: Vec<i64> = checkpoints.iter().map(|checkpoint| signed(checkpoint.size)).collect();
        let texts: Vec<&str> = checkpoints.iter().map(|checkpoint| checkpoint.note.as_str()).collect();
        transaction.execute(&notes, &[&sizes, &texts])?;
        Ok(transaction.commit()?)
    })
}

pub(super) fn replace_checkpoints(
    session: &Session,
    checkpoint: &Checkpoint,
    note: &str,
) -> Result<Head, StoreError> {
    session.run("replace the checkpoints", |link, _| {
        let writing = Writing::prepared(link)?;
        let mut transaction = link.client.transaction()?;
        writing.turn(&mut transaction)?;
        let mut head = Head::new();
        writing.catch_up(&mut transaction, &mut head)?;
        covers(checkpoint, &head)?;
        transaction.batch_execute(queries::FORGET_CHECKPOINTS)?;
        transaction.batch_execute(queries::RESTORE_TABLES)?;
        transaction.execute(queries::APPEND_CHECKPOINT, &[&signed(checkpoint.size), &note])?;
        transaction.commit()?;
        Ok(head)
    })
}

/// Says where the ledger goes on from now, if it has this size.
pub(super) fn move_away(session: &Session, size: u64, place: &str) -> Result<(), StoreError> {
    session.run("close the ledger", |link, _| {
        let (writing, sized) = (Writing::prepared(link)?, link.prepared(queries::SIZE)?);
        let mut transaction = link.client.transaction()?;
        writing.turn(&mut transaction)?;
        let found = unsigned(transaction.query_one(&sized, &[])?.try_get(0)?);
        if found != size {
            return Err(StoreError::Moved { sealed: size, size: found }.into());
        }
        transaction.execute(queries::SET_MOVED, &[&Some(place)])?;
        Ok(transaction.commit()?)
    })
}
