//! The container: a canonical tar of plain files in the order of their paths, each hashed as it is read.
//!
//! Memory is bounded by the number of files, time by the length: no content is kept, unpacked or followed.

use std::collections::BTreeMap;

use super::header::{BLOCK, END, PathError, header, padding, read};
use super::source::{Source, SourceError};
use crate::{Digest, DigestStream};

/// What a reader accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the whole file.
    pub bytes: u64,
    /// Files in it.
    pub files: u64,
    /// Bytes of a file that has to be held in memory: leaves, manifest, text, report, raw log.
    pub held: u64,
    /// Bytes of one leaf.
    pub leaf: u64,
}

/// What this program accepts, and writes.
pub const LIMITS: Limits = Limits { bytes: 16 << 30, files: 250_000, held: 64 << 20, leaf: 8 << 20 };

/// A file of a bundle: its place in the container and its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Path inside the bundle.
    pub path: String,
    /// Where its content begins.
    pub at: u64,
    /// Length of its content.
    pub size: u64,
    /// Digest of its content.
    pub digest: Digest,
}

/// Why bytes are no bundle's container.
#[derive(Debug, thiserror::Error)]
pub enum ContainerError {
    /// The bytes cannot be read.
    #[error("read the bytes at {at}")]
    Read {
        /// From where.
        at: u64,
        /// Why.
        #[source]
        source: SourceError,
    },
    /// There is more than this program reads.
    #[error("accept the bundle: {0}")]
    TooLarge(String),
    /// It is too short for the first file of a bundle.
    #[error("recognise a bundle: {0} bytes are no bundle; `assay bundle` writes one")]
    NoBundle(u64),
    /// The container ends inside something.
    #[error("find the end of {0}: the bundle is cut off")]
    Truncated(String),
    /// A header is not the one that its file has in a bundle.
    #[error("read the header at byte {at}: {why}")]
    Header {
        /// Where it begins.
        at: u64,
        /// What is wrong.
        why: String,
    },
    /// A file stands at another place than its path asks for.
    #[error("read `{path}`: {why}")]
    Order {
        /// Its path.
        path: String,
        /// What is wrong.
        why: String,
    },
    /// The bytes after a content are not zero.
    #[error("read `{0}`: the bytes that fill its last block are not zero")]
    Padding(String),
    /// Something stands after the end.
    #[error("find the end of the bundle: after `{last}`, at byte {at}, stands something that is no file")]
    Trailing {
        /// The last file.
        last: String,
        /// Where.
        at: u64,
    },
}

/// Lists the files of a container, and makes sure that there is nothing else in it.
///
/// # Errors
/// [`ContainerError`] for the first thing that a canonical container does not have.
pub fn members(source: &dyn Source, limits: &Limits) -> Result<Vec<Member>, ContainerError> {
    let length = source.length();
    if length > limits.bytes {
        return Err(ContainerError::TooLarge(format!("it has {length} bytes, at most are {}", limits.bytes)));
    }
    let mut members: Vec<Member> = Vec::new();
    let mut at = 0;
    loop {
        let last = members.last().map_or("the beginning", |m| m.path.as_str());
        if length < BLOCK {
            return Err(ContainerError::NoBundle(length));
        }
        let Some(block) = block(source, at, length)? else {
            return Err(ContainerError::Truncated(format!("the bundle after `{last}`")));
        };
        if block == [0; BLOCK as usize] {
            return end(source, at, length, members);
        }
        let (path, size) = read(&block).map_err(|why| ContainerError::Header { at, why })?;
        let order = |why: String| ContainerError::Order { path: path.clone(), why };
        match members.last() {
            Some(last) if last.path == path => return Err(order("it is there twice".to_owned())),
            Some(last) if last.path > path => {
                return Err(order(format!("it is out of order: it stands after `{}`", last.path)));
            }
            _ => {}
        }
        if members.len() as u64 >= limits.files {
            return Err(ContainerError::TooLarge(format!("it holds more than {} files", limits.files)));
        }
        let content = at + BLOCK;
        // Both are far below 2^64: the size by its octal digits, the place by the length of the bundle.
        let next = content + size + padding(size);
        if next > length {
            return Err(ContainerError::Truncated(format!("`{path}`")));
        }
        let digest = digest(source, content, size)?;
        if !is_zero(source, content + size, next)? {
            return Err(ContainerError::Padding(path));
        }
        members.push(Member { path, at: content, size, digest });
        at = next;
    }
}

fn block(source: &dyn Source, at: u64, length: u64) -> Result<Option<[u8; BLOCK as usize]>, ContainerError> {
    if length - at < BLOCK {
        return Ok(None);
    }
    let mut block = [0; BLOCK as usize];
    source.read(at, &mut block).map_err(|source| ContainerError::Read { at, source })?;
    Ok(Some(block))
}

fn end(source: &dyn Source, at: u64, length: u64, members: Vec<Member>) -> Result<Vec<Member>, ContainerError> {
    let last = members.last().map_or_else(String::new, |m| m.path.clone());
    let whole = at + END.len() as u64;
    if length < whole {
        return Err(ContainerError::Truncated(format!("the bundle after `{last}`")));
    }
    if length > whole || !is_zero(source, at, whole)? {
        return Err(ContainerError::Trailing { last, at });
    }
    Ok(members)
}

/// Bytes that are read at once.
const CHUNK: u64 = 64 << 10;

/// Hands on the bytes between two places piece by piece.
pub(super) fn chunks(
    source: &dyn Source,
    from: u64,
    to: u64,
    mut each: impl FnMut(&[u8]),
) -> Result<(), ContainerError> {
    let mut buffer = vec![0; usize::try_from((to - from).min(CHUNK)).unwrap_or(0)];
    let mut at = from;
    while at < to {
        let count = usize::try_from((to - at).min(CHUNK)).unwrap_or(0);
        let part = &mut buffer[..count];
        source.read(at, part).map_err(|source| ContainerError::Read { at, source })?;
        each(part);
        at += count as u64;
    }
    Ok(())
}

fn digest(source: &dyn Source, at: u64, size: u64) -> Result<Digest, ContainerError> {
    let mut stream = DigestStream::new();
    chunks(source, at, at + size, |part| stream.update(part))?;
    Ok(stream.finish())
}

fn is_zero(source: &dyn Source, from: u64, to: u64) -> Result<bool, ContainerError> {
    let mut zero = true;
    chunks(source, from, to, |part| zero &= part.iter().all(|byte| *byte == 0))?;
    Ok(zero)
}

/// The container of these files, in memory: what a writer of files produces piece by piece.
///
/// # Errors
/// [`PathError`] when a path or size has no header.
pub fn encode(files: &BTreeMap<String, Vec<u8>>) -> Result<Vec<u8>, PathError> {
    let mut bytes = Vec::new();
    for (path, content) in files {
        let size = content.len() as u64;
        bytes.extend_from_slice(&header(path, size)?);
        bytes.extend_from_slice(content);
        bytes.resize(bytes.len() + usize::try_from(padding(size)).unwrap_or(0), 0);
    }
    bytes.extend_from_slice(&END);
    Ok(bytes)
}
