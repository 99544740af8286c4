//! The bytes of a bundle in a file, which is opened for reading and for nothing else.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use ledger::bundle::{Source, SourceError};

use super::VerifyError;

pub(super) struct FileSource {
    file: File,
    length: u64,
}

impl FileSource {
    pub(super) fn open(at: &Path) -> Result<Self, VerifyError> {
        let read = |source| VerifyError::Read { at: at.to_owned(), source };
        let file = File::open(at).map_err(read)?;
        let metadata = file.metadata().map_err(read)?;
        if !metadata.is_file() {
            return Err(read(std::io::Error::other("it is no file")));
        }
        Ok(Self { file, length: metadata.len() })
    }
}

impl Source for FileSource {
    fn length(&self) -> u64 {
        self.length
    }

    fn read(&self, at: u64, into: &mut [u8]) -> Result<(), SourceError> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(at))?;
        Ok(file.read_exact(into)?)
    }
}
