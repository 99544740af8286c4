//! What every keeper of documents promises: state of a workspace that is no evidence, and may be changed.
//!
//! The promises are tested by one contract suite (`tests/documents`) that each backend runs.

use crate::StoreError;

/// A document as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its name in its collection.
    pub key: String,
    /// Which state of it this is. A version is never given twice, not even after the document was deleted.
    pub version: u64,
    /// What was put there, byte for byte: JSON by convention, and not looked into.
    pub bytes: Vec<u8>,
}

/// Documents in collections, each found by its key and changed only by whoever knows its present version.
///
/// A handle serves one thread at a time; take another with [`Documents::another`]. Reading never waits for writing.
pub trait Documents: Send {
    /// The document with this key, if there is one.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    fn get(&self, collection: &str, key: &str) -> Result<Option<Document>, StoreError>;

    /// Puts bytes under a key and returns their version. `expected` is the version they are to replace; none where
    /// there is to be no document yet.
    ///
    /// Promise: when it returns `Ok`, the bytes survive the end of the process and of the machine; when it returns an
    /// error, the document is as it was. Of several who expect the same version, one succeeds.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the document is at another version; [`StoreError::Busy`] when another process
    /// did not let go; [`StoreError::Database`].
    fn put(&mut self, collection: &str, key: &str, bytes: &[u8], expected: Option<u64>)
    -> Result<u64, StoreError>;

    /// Deletes the document with this key if it is at this version.
    ///
    /// # Errors
    /// As [`Documents::put`].
    fn delete(&mut self, collection: &str, key: &str, expected: u64) -> Result<(), StoreError>;

    /// Every document of a collection, ordered by the bytes of its key.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    fn list(&self, collection: &str) -> Result<Vec<Document>, StoreError>;

    /// Every document with its collection, for another keeper that is to have them.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    fn everything(&self) -> Result<Vec<(String, Document)>, StoreError>;

    /// Puts the documents of another keeper in the place of all that is here, with the versions that they have there;
    /// versions that are given from now on are later than theirs.
    ///
    /// # Errors
    /// [`StoreError::Busy`], [`StoreError::Database`]; then all are as they were.
    fn replace_everything(&mut self, documents: &[(String, Document)]) -> Result<(), StoreError>;

    /// Another handle on the same documents, for another thread.
    ///
    /// # Errors
    /// As opening them.
    fn another(&self) -> Result<Box<dyn Documents>, StoreError>;
}
