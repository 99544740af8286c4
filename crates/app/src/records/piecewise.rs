//! Evidence of any size: kept and checked piece by piece.

use std::io::Read;

use ledger::Salting;
use model::{Digest, DigestStream, Observation, Timestamp};
use store::StoreError;

use super::{Records, RecordsError};

/// Bytes that are in memory at a time.
const PIECE: usize = 256 << 10;

/// A reader that hashes and counts what passes through it.
pub(crate) struct Hashing<R> {
    inner: R,
    stream: DigestStream,
    length: u64,
}

impl<R: Read> Hashing<R> {
    pub(crate) fn new(inner: R) -> Self {
        Self { inner, stream: DigestStream::new(), length: 0 }
    }

    /// Reads what is left, and returns digest and length of the whole.
    pub(crate) fn finish(mut self) -> std::io::Result<(Digest, u64)> {
        let mut buffer = vec![0; PIECE];
        while self.read(&mut buffer)? > 0 {}
        Ok((self.stream.finish(), self.length))
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.stream.update(&buffer[..count]);
        self.length += count as u64;
        Ok(count)
    }
}

impl Records {
    /// Records an observation that was read from a file, and keeps the file. `content` is the digest of what was read:
    /// other bytes are not kept in its name. Durable when it returns.
    ///
    /// # Errors
    /// [`RecordsError`]; then nothing was recorded.
    pub fn observe_file(
        &mut self,
        observation: Observation,
        content: Digest,
        file: &mut dyn Read,
        at: Timestamp,
    ) -> Result<u64, RecordsError> {
        let salt = Salting::of(&self.log_key()?).salt_of(&content);
        let mut hashing = Hashing::new(file);
        let kept = self.store.put_blob_from(&mut salt.as_bytes().chain(&mut hashing));
        let kept = kept.map_err(|e| self.store_error(e))?;
        match hashing.finish() {
            Ok((same, _)) if same == content => self.observe_kept(observation, kept, at),
            _ => Err(RecordsError::Changed),
        }
    }

    /// Whether kept bytes are there and have their digest.
    pub(super) fn check_blob(&self, digest: &Digest) -> Result<(), StoreError> {
        let (_, bytes) = self.store.open_blob(digest)?;
        match Hashing::new(bytes).finish() {
            Ok((found, _)) if found == *digest => Ok(()),
            _ => Err(StoreError::BlobDamaged(*digest)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_through_is_hashed_to_its_end() {
        let mut hashing = Hashing::new(&b"a capture"[..]);
        let mut two = [0; 2];
        hashing.read_exact(&mut two).unwrap();
        assert_eq!(hashing.finish().unwrap(), (Digest::of(b"a capture"), 9));
    }
}
