//! Where the bytes of a bundle come from: a file, or memory.

/// Why bytes could not be read.
pub type SourceError = Box<dyn std::error::Error + Send + Sync>;

/// Bytes of known length that can be read in any order.
pub trait Source {
    /// How many there are.
    fn length(&self) -> u64;

    /// Fills the buffer with the bytes that begin at `at`.
    ///
    /// # Errors
    /// [`SourceError`] when they cannot be read, or there are not as many.
    fn read(&self, at: u64, into: &mut [u8]) -> Result<(), SourceError>;
}

impl Source for [u8] {
    fn length(&self) -> u64 {
        self.len() as u64
    }

    fn read(&self, at: u64, into: &mut [u8]) -> Result<(), SourceError> {
        let from = usize::try_from(at)?;
        let part = from.checked_add(into.len()).and_then(|to| self.get(from..to));
        into.copy_from_slice(part.ok_or("the bytes end before")?);
        Ok(())
    }
}

impl Source for Vec<u8> {
    fn length(&self) -> u64 {
        self.as_slice().length()
    }

    fn read(&self, at: u64, into: &mut [u8]) -> Result<(), SourceError> {
        self.as_slice().read(at, into)
    }
}
