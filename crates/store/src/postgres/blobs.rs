//! Evidence in pieces, written whole or not at all, checked when read. One piece is in memory at a time.

use std::io::{ErrorKind, Read};
use std::path::PathBuf;

use ledger::{Digest, DigestStream};
use postgres::{Statement, Transaction};

use super::append::digest;
use super::queries;
use super::session::{Link, Session, Trouble};
use crate::number::{signed, unsigned};
use crate::{Rebuilt, StoreError};

/// Bytes of a piece.
const PIECE: usize = 256 << 10;

/// The statements that keep and read pieces.
struct Keeping {
    next: Statement,
    piece: Statement,
    keep: Statement,
    held: Statement,
    place: Statement,
    replace: Statement,
    forget: Statement,
    index: Statement,
}

impl Keeping {
    fn prepared(link: &mut Link) -> Result<Self, postgres::Error> {
        Ok(Self {
            next: link.prepared(queries::NEXT_CONTENT)?,
            piece: link.prepared(queries::PIECE)?,
            keep: link.prepared(queries::KEEP_PIECE)?,
            held: link.prepared(queries::CONTENT)?,
            place: link.prepared(queries::KEEP_CONTENT)?,
            replace: link.prepared(queries::REPLACE_CONTENT)?,
            forget: link.prepared(queries::FORGET_PIECES)?,
            index: link.prepared(queries::INDEX_BLOB)?,
        })
    }

    /// Digest and length of the pieces of a content.
    fn measured(&self, transaction: &mut Transaction<'_>, number: i64) -> Result<(Digest, u64), postgres::Error> {
        let (mut stream, mut length) = (DigestStream::new(), 0);
        for place in 0_i32.. {
            let Some(row) = transaction.query_opt(&self.piece, &[&number, &place])? else { break };
            let bytes: &[u8] = row.try_get(0)?;
            stream.update(bytes);
            length += bytes.len() as u64;
        }
        Ok((stream.finish(), length))
    }

    fn held(&self, transaction: &mut Transaction<'_>, digest: &Digest) -> Result<Option<i64>, postgres::Error> {
        let row = transaction.query_opt(&self.held, &[&digest.as_bytes().as_slice()])?;
        row.map(|row| row.try_get(0)).transpose()
    }

    /// Makes pieces the content of a digest, unless sound ones are.
    fn place(
        &self,
        transaction: &mut Transaction<'_>,
        digest: &Digest,
        number: i64,
        length: u64,
    ) -> Result<(), postgres::Error> {
        let name = digest.as_bytes().as_slice();
        // Whoever keeps the same bytes at the same time is waited for here.
        if transaction.execute(&self.place, &[&name, &number])? == 0
            && let Some(held) = self.held(transaction, digest)?
        {
            let unneeded = if self.measured(transaction, held)?.0 == *digest {
                number
            } else {
                transaction.execute(&self.replace, &[&name, &number])?;
                held
            };
            transaction.execute(&self.forget, &[&unneeded])?;
        }
        transaction.execute(&self.index, &[&name, &signed(length)])?;
        Ok(())
    }
}

/// Keeps bytes whose digest is known; nothing is sent of what is there already.
pub(super) fn put(session: &Session, bytes: &[u8]) -> Result<Digest, StoreError> {
    let digest = Digest::of(bytes);
    session.run("keep evidence", |link, _| {
        let keeping = Keeping::prepared(link)?;
        let mut transaction = link.client.transaction()?;
        if let Some(held) = keeping.held(&mut transaction, &digest)?
            && keeping.measured(&mut transaction, held)?.0 == digest
        {
            let name = digest.as_bytes().as_slice();
            transaction.execute(&keeping.index, &[&name, &signed(bytes.len() as u64)])?;
            return Ok(transaction.commit()?);
        }
        let number: i64 = transaction.query_one(&keeping.next, &[])?.try_get(0)?;
        for (place, piece) in (0_i32..).zip(bytes.chunks(PIECE)) {
            transaction.execute(&keeping.keep, &[&number, &place, &piece])?;
        }
        keeping.place(&mut transaction, &digest, number, bytes.len() as u64)?;
        Ok(transaction.commit()?)
    })?;
    Ok(digest)
}

/// Keeps bytes that come piece by piece.
pub(super) fn put_from(session: &Session, bytes: &mut dyn Read) -> Result<Digest, StoreError> {
    let mut begun = false;
    session.run("keep evidence", |link, _| {
        if begun {
            // What was read is gone with the connection; only who gave it can begin again.
            let place = session.place();
            let source = "the connection ended while evidence was sent".into();
            return Err(StoreError::Unreachable { place, source }.into());
        }
        let keeping = Keeping::prepared(link)?;
        let mut transaction = link.client.transaction()?;
        let number: i64 = transaction.query_one(&keeping.next, &[])?.try_get(0)?;
        begun = true;
        let (mut stream, mut length, mut buffer) = (DigestStream::new(), 0, vec![0; PIECE]);
        for place in 0_i32.. {
            let count = fill(bytes, &mut buffer).map_err(|source| StoreError::File {
                doing: "read what is to be kept in",
                path: session.place().into(),
                source,
            })?;
            if count == 0 {
                break;
            }
            stream.update(&buffer[..count]);
            length += count as u64;
            transaction.execute(&keeping.keep, &[&number, &place, &&buffer[..count]])?;
        }
        let digest = stream.finish();
        keeping.place(&mut transaction, &digest, number, length)?;
        transaction.commit()?;
        Ok(digest)
    })
}

/// Reads until the buffer is full or there is no more.
fn fill(bytes: &mut dyn Read, buffer: &mut [u8]) -> Result<usize, std::io::Error> {
    let mut filled = 0;
    while filled < buffer.len() {
        match bytes.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// A reader of evidence, and its length.
pub(super) fn open(session: &Session, digest: &Digest) -> Result<(u64, Pieces), StoreError> {
    let (number, length) = session.run("find evidence", |link, _| {
        let (content, length) = (link.prepared(queries::CONTENT)?, link.prepared(queries::CONTENT_LENGTH)?);
        let row = link.client.query_opt(&content, &[&digest.as_bytes().as_slice()])?;
        let number: i64 = row.ok_or(StoreError::BlobMissing(*digest))?.try_get(0)?;
        let length = link.client.query_one(&length, &[&number])?.try_get(0)?;
        Ok((number, unsigned(length)))
    })?;
    Ok((length, Pieces { session: session.clone(), number, place: 0, piece: Vec::new(), read: 0 }))
}

/// Reads a content piece by piece, on the connection of the store it came from.
pub(super) struct Pieces {
    session: Session,
    number: i64,
    place: i32,
    piece: Vec<u8>,
    read: usize,
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.read == self.piece.len() {
            let (number, place) = (self.number, self.place);
            let next = self.session.run("read evidence", |link, _| {
                let piece = link.prepared(queries::PIECE)?;
                let row = link.client.query_opt(&piece, &[&number, &place])?;
                Ok(row.map(|row| row.try_get::<_, Vec<u8>>(0)).transpose()?)
            });
            let Some(next) = next.map_err(std::io::Error::other)? else { return Ok(0) };
            (self.piece, self.read) = (next, 0);
            self.place += 1;
        }
        let count = buffer.len().min(self.piece.len() - self.read);
        buffer[..count].copy_from_slice(&self.piece[self.read..self.read + count]);
        self.read += count;
        Ok(count)
    }
}

pub(super) fn get(session: &Session, digest: &Digest) -> Result<Vec<u8>, StoreError> {
    let (_, mut pieces) = open(session, digest)?;
    let mut bytes = Vec::new();
    let read = pieces.read_to_end(&mut bytes);
    read.map_err(|source| StoreError::File { doing: "read evidence in", path: session.place().into(), source })?;
    if Digest::of(&bytes) == *digest { Ok(bytes) } else { Err(StoreError::BlobDamaged(*digest)) }
}

/// Lists anew the contents whose bytes fit their digest.
pub(super) fn rebuild(
    rebuilding: &Rebuilding,
    transaction: &mut Transaction<'_>,
    rebuilt: &mut Rebuilt,
) -> Result<(), Trouble> {
    // What is kept meanwhile is listed by who keeps it: the list is emptied before the contents are read.
    transaction.execute(queries::FORGET_BLOBS, &[])?;
    let mut after: Vec<u8> = Vec::new();
    loop {
        let contents = transaction.query(&rebuilding.contents, &[&after])?;
        let Some(last) = contents.last() else { return Ok(()) };
        after = last.try_get(0)?;
        for row in &contents {
            let name = digest(row.try_get(0)?)?;
            let (found, length) = rebuilding.keeping.measured(transaction, row.try_get(1)?)?;
            if found == name {
                let name = name.as_bytes().as_slice();
                transaction.execute(&rebuilding.keeping.index, &[&name, &signed(length)])?;
                rebuilt.blobs += 1;
            } else {
                rebuilt.damaged.push(PathBuf::from(name.hex()));
            }
        }
    }
}

/// The statements of a rebuilding.
pub(super) struct Rebuilding {
    contents: Statement,
    keeping: Keeping,
}

impl Rebuilding {
    pub(super) fn prepared(link: &mut Link) -> Result<Self, postgres::Error> {
        Ok(Self { contents: link.prepared(queries::CONTENTS)?, keeping: Keeping::prepared(link)? })
    }
}
