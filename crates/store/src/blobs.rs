//! Evidence as files: `blobs/ab/cd/<sha256>`, written whole or not at all, checked when read.
//!
//! It does not know which blobs the ledger speaks of, and it never deletes one.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use ledger::{Digest, DigestStream};

use crate::failure::failed;
use crate::{Blob, StoreError};

/// The folder of unfinished writes, beside the finished ones so that a rename stays on one file system.
const UNFINISHED: &str = "tmp";

/// Bytes that are in memory at a time where they come piece by piece.
const PIECE: usize = 256 << 10;

/// Tells the unfinished writes of one process apart.
static WRITES: AtomicU64 = AtomicU64::new(0);

pub(crate) struct BlobFolder {
    root: PathBuf,
}

/// What the folder holds.
pub(crate) struct Found {
    pub(crate) sound: Vec<Blob>,
    pub(crate) damaged: Vec<PathBuf>,
}

impl BlobFolder {
    pub(crate) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        let [_, inner] = self.folders(digest);
        inner.join(digest.hex())
    }

    fn folders(&self, digest: &Digest) -> [PathBuf; 2] {
        let hex = digest.hex();
        let outer = self.root.join(&hex[..2]);
        let inner = outer.join(&hex[2..4]);
        [outer, inner]
    }

    /// Durable when it returns.
    pub(crate) fn put(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        let digest = Digest::of(bytes);
        let path = self.path(&digest);
        let [outer, inner] = self.folders(&digest);
        // A copy that is already there may be a writer's that has not synced its folder yet, so that is always done.
        if fs::read(&path).ok().is_none_or(|held| Digest::of(&held) != digest) {
            fs::create_dir_all(&inner).map_err(failed("create", &inner))?;
            self.write(&digest, &path, bytes)?;
        }
        for folder in [&inner, &outer, &self.root] {
            sync_folder(folder)?;
        }
        Ok(digest)
    }

    /// Durable when it returns, with the length. Only a piece of the bytes is in memory at a time.
    pub(crate) fn put_from(&self, bytes: &mut dyn Read) -> Result<(Digest, u64), StoreError> {
        let unfinished = self.root.join(UNFINISHED);
        fs::create_dir_all(&unfinished).map_err(failed("create", &unfinished))?;
        let number = WRITES.fetch_add(1, Ordering::Relaxed);
        let partial = unfinished.join(format!("piece-by-piece.{}.{number}", std::process::id()));
        let kept = self.keep_from(&partial, bytes);
        if kept.is_err() {
            fs::remove_file(&partial).ok();
        }
        kept
    }

    fn keep_from(&self, partial: &Path, bytes: &mut dyn Read) -> Result<(Digest, u64), StoreError> {
        let mut file = File::create(partial).map_err(failed("create", partial))?;
        let (mut stream, mut length, mut buffer) = (DigestStream::new(), 0, vec![0; PIECE]);
        loop {
            let count = match bytes.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(failed("read what is to be kept in", partial)(error)),
            };
            stream.update(&buffer[..count]);
            file.write_all(&buffer[..count]).map_err(failed("write", partial))?;
            length += count as u64;
        }
        file.sync_all().map_err(failed("sync", partial))?;
        let digest = stream.finish();
        let path = self.path(&digest);
        let [outer, inner] = self.folders(&digest);
        fs::create_dir_all(&inner).map_err(failed("create", &inner))?;
        // Over a copy that is there already too: it may be damaged.
        fs::rename(partial, &path).map_err(failed("name", &path))?;
        for folder in [&inner, &outer, &self.root] {
            sync_folder(folder)?;
        }
        Ok((digest, length))
    }

    fn write(&self, digest: &Digest, path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
        let unfinished = self.root.join(UNFINISHED);
        fs::create_dir_all(&unfinished).map_err(failed("create", &unfinished))?;
        let number = WRITES.fetch_add(1, Ordering::Relaxed);
        let partial = unfinished.join(format!("{}.{}.{number}", digest.hex(), std::process::id()));
        let written = File::create(&partial).and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        });
        let named = written
            .map_err(failed("write", &partial))
            .and_then(|()| fs::rename(&partial, path).map_err(failed("name", path)));
        if named.is_err() {
            // On a full disk it would take the room that the next attempt needs.
            fs::remove_file(&partial).ok();
        }
        named
    }

    pub(crate) fn get(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        let path = self.path(digest);
        match fs::read(&path) {
            Ok(bytes) if Digest::of(&bytes) == *digest => Ok(bytes),
            Ok(_) => Err(StoreError::BlobDamaged(*digest)),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(StoreError::BlobMissing(*digest)),
            Err(error) => Err(failed("read", &path)(error)),
        }
    }

    /// Whether any file has the name of a blob.
    pub(crate) fn is_empty(&self) -> Result<bool, StoreError> {
        for outer in entries(&self.root)?.into_iter().filter(|outer| !outer.ends_with(UNFINISHED)) {
            for inner in entries(&outer)? {
                if !entries(&inner)?.is_empty() {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// The file and its length.
    pub(crate) fn open(&self, digest: &Digest) -> Result<(u64, File), StoreError> {
        let path = self.path(digest);
        let opened = File::open(&path).and_then(|file| Ok((file.metadata()?.len(), file)));
        opened.map_err(|error| match error.kind() {
            ErrorKind::NotFound => StoreError::BlobMissing(*digest),
            _ => failed("read", &path)(error),
        })
    }

    /// Reads every file. Unfinished writes are removed, so nobody may be writing meanwhile.
    pub(crate) fn scan(&self) -> Result<Found, StoreError> {
        let mut found = Found { sound: Vec::new(), damaged: Vec::new() };
        for outer in entries(&self.root)? {
            if outer.file_name().is_some_and(|name| name == UNFINISHED) {
                for partial in entries(&outer)? {
                    fs::remove_file(&partial).map_err(failed("remove", &partial))?;
                }
                continue;
            }
            for inner in entries(&outer)? {
                for path in entries(&inner)? {
                    let (digest, length) = measured(&path)?;
                    if self.path(&digest) == path {
                        found.sound.push(Blob { digest, length });
                    } else {
                        found.damaged.push(path);
                    }
                }
            }
        }
        Ok(found)
    }
}

/// Digest and length of a file.
fn measured(path: &Path) -> Result<(Digest, u64), StoreError> {
    let mut file = File::open(path).map_err(failed("read", path))?;
    let (mut stream, mut length, mut buffer) = (DigestStream::new(), 0, vec![0; PIECE]);
    loop {
        match file.read(&mut buffer).map_err(failed("read", path))? {
            0 => return Ok((stream.finish(), length)),
            count => {
                stream.update(&buffer[..count]);
                length += count as u64;
            }
        }
    }
}

/// The paths in a folder, in order; none when there is no folder.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let listing = match fs::read_dir(folder) {
        Ok(listing) => listing,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed("list", folder)(error)),
    };
    let paths = listing.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>();
    let mut paths = paths.map_err(failed("list", folder))?;
    paths.sort();
    Ok(paths)
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed("sync", folder))
}
