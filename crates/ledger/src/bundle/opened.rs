//! A bundle whose container was read: its files by what they are, and the manifest that has to list them all.

use std::collections::{BTreeMap, BTreeSet};

use super::container::{ContainerError, Limits, Member, chunks, members};
use super::layout::Part;
use super::manifest::{Listed, Manifest, ManifestError};
use super::source::{Source, SourceError};
use crate::{Digest, DigestStream};

/// Why a bundle's files cannot be trusted.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The container.
    #[error(transparent)]
    Container(#[from] ContainerError),
    /// The manifest.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A file is no part of a bundle.
    #[error("find a place for `{0}`: it is no part of a bundle")]
    Stray(String),
    /// Two files would fall on each other where names do not tell small letters from capitals.
    #[error("find a place for `{0}`: another file's path differs from it only in capitals")]
    SameButForCapitals(String),
    /// A file of leaves is not what its name says.
    #[error("read `{path}`: {why}")]
    Leaves {
        /// Its path.
        path: String,
        /// What is wrong.
        why: String,
    },
    /// A file is missing.
    #[error("find `{0}`: it is missing")]
    Missing(String),
    /// A file is not in the manifest.
    #[error("find `{0}` in the manifest: it is not listed")]
    Unlisted(String),
    /// A file has other bytes than the manifest says.
    #[error("compare `{path}` with the manifest: its bytes were altered")]
    Altered {
        /// Its path.
        path: String,
    },
    /// A file is larger than what is held in memory.
    #[error("read `{path}`: it has {size} bytes, at most are {most}")]
    TooLarge {
        /// Its path.
        path: String,
        /// Its length.
        size: u64,
        /// The limit.
        most: u64,
    },
    /// A file is no UTF-8.
    #[error("read `{0}`: it is not UTF-8 text")]
    NotText(String),
    /// The bytes cannot be read.
    #[error("read `{path}`")]
    Read {
        /// Its path.
        path: String,
        /// Why.
        #[source]
        source: SourceError,
    },
}

/// The files of a bundle.
pub struct Bundle<'s> {
    source: &'s dyn Source,
    limits: Limits,
    files: BTreeMap<Part, Member>,
}

impl<'s> Bundle<'s> {
    /// Reads the container: every file is found and hashed, none is kept.
    ///
    /// # Errors
    /// [`BundleError::Container`], [`BundleError::Stray`] or [`BundleError::SameButForCapitals`].
    pub fn open(source: &'s dyn Source, limits: Limits) -> Result<Self, BundleError> {
        let mut files = BTreeMap::new();
        let mut folded = BTreeSet::new();
        for member in members(source, &limits)? {
            if !folded.insert(Digest::of(member.path.to_lowercase().as_bytes())) {
                return Err(BundleError::SameButForCapitals(member.path));
            }
            let part = Part::of(&member.path).ok_or_else(|| BundleError::Stray(member.path.clone()))?;
            files.insert(part, member);
        }
        Ok(Self { source, limits, files })
    }

    /// The files, by what they are.
    pub fn files(&self) -> impl Iterator<Item = (&Part, &Member)> {
        self.files.iter()
    }

    /// Whether there is such a file.
    pub fn has(&self, part: &Part) -> bool {
        self.files.contains_key(part)
    }

    /// The digest of a file's bytes.
    pub fn digest(&self, part: &Part) -> Option<Digest> {
        self.files.get(part).map(|member| member.digest)
    }

    /// The length of a file's content in bytes.
    pub fn size(&self, part: &Part) -> Option<u64> {
        self.files.get(part).map(|member| member.size)
    }

    /// The digest over these bytes and those of a file behind them, whatever its length.
    ///
    /// # Errors
    /// [`BundleError::Missing`] or [`BundleError::Container`] when the bytes cannot be read.
    pub fn digest_after(&self, before: &[u8], part: &Part) -> Result<Digest, BundleError> {
        let member = self.files.get(part).ok_or_else(|| BundleError::Missing(part.path()))?;
        let mut stream = DigestStream::new();
        stream.update(before);
        chunks(self.source, member.at, member.at + member.size, |bytes| stream.update(bytes))?;
        Ok(stream.finish())
    }

    /// Hands on the leaves in their order, few of them in memory at once, until `each` says false. They are as they
    /// lie there: nothing of them is verified.
    ///
    /// # Errors
    /// [`BundleError::Leaves`] when a file does not hold what its name says, up to where the next one begins;
    /// [`BundleError::Missing`] when the first file is not there; and as [`Bundle::read`].
    pub fn leaves(&self, each: &mut dyn FnMut(Vec<u8>) -> bool) -> Result<(), BundleError> {
        let (mut count, mut before) = (0, None);
        for part in self.files.keys() {
            let Part::Leaves(first) = part else { continue };
            let wrong = |why: String| BundleError::Leaves { path: part.path(), why };
            if *first != count {
                let Some(path) = before else { return Err(BundleError::Missing(Part::Leaves(0).path())) };
                let why =
                    format!("its leaves end before leaf {count}, and the next file begins with leaf {first}");
                return Err(BundleError::Leaves { path, why });
            }
            let bytes = self.read(part)?;
            let Some((&b'\n', lines)) = bytes.split_last() else {
                return Err(wrong("its last line has no end".to_owned()));
            };
            for line in lines.split(|byte| *byte == b'\n') {
                if line.len() as u64 > self.limits.leaf {
                    return Err(wrong(format!("leaf {count} has more than {} bytes", self.limits.leaf)));
                }
                if !each(line.to_vec()) {
                    return Ok(());
                }
                count += 1;
            }
            before = Some(part.path());
        }
        Ok(())
    }

    /// The bytes of a file, if there are not too many to be held.
    ///
    /// # Errors
    /// [`BundleError::Missing`], [`BundleError::TooLarge`] or [`BundleError::Read`].
    pub fn read(&self, part: &Part) -> Result<Vec<u8>, BundleError> {
        let member = self.files.get(part).ok_or_else(|| BundleError::Missing(part.path()))?;
        let (path, size, most) = (member.path.clone(), member.size, self.limits.held);
        if size > most {
            return Err(BundleError::TooLarge { path, size, most });
        }
        let mut bytes = vec![0; usize::try_from(size).unwrap_or(0)];
        match self.source.read(member.at, &mut bytes) {
            // The source may be a file that somebody changes meanwhile.
            Ok(()) if Digest::of(&bytes) == member.digest => Ok(bytes),
            Ok(()) => Err(BundleError::Read { path, source: "it changed while it was read".into() }),
            Err(source) => Err(BundleError::Read { path, source }),
        }
    }

    /// The bytes of a file one after another, however many there are. They are those that were hashed when the bundle
    /// was opened, unless somebody changes the file meanwhile: [`PartReader::is_as_opened`] tells at the end.
    ///
    /// # Errors
    /// [`BundleError::Missing`].
    pub fn reader(&self, part: &Part) -> Result<PartReader<'s>, BundleError> {
        let member = self.files.get(part).ok_or_else(|| BundleError::Missing(part.path()))?;
        let (at, left, digest) = (member.at, member.size, member.digest);
        Ok(PartReader { source: self.source, at, left, digest, stream: DigestStream::new() })
    }

    /// The text of a file.
    ///
    /// # Errors
    /// As [`Bundle::read`], and [`BundleError::NotText`].
    pub fn text(&self, part: &Part) -> Result<String, BundleError> {
        String::from_utf8(self.read(part)?).map_err(|_| BundleError::NotText(part.path()))
    }

    /// The manifest, which has one form. It says nothing yet about the files.
    ///
    /// # Errors
    /// [`BundleError::Missing`] or [`BundleError::Manifest`].
    pub fn manifest(&self) -> Result<Manifest, BundleError> {
        Ok(Manifest::from_bytes(&self.read(&Part::Manifest)?)?)
    }

    /// Checks that the manifest lists every other file with its size and digest, and no file that is not there; among
    /// the parts that `asked` says.
    ///
    /// # Errors
    /// [`BundleError::Missing`], [`BundleError::Unlisted`] or [`BundleError::Altered`], for the first path.
    pub fn is_as_listed(&self, manifest: &Manifest, asked: &dyn Fn(&Part) -> bool) -> Result<(), BundleError> {
        let mut found = self.listed(asked);
        for (path, listed) in &manifest.files {
            let Some(part) = Part::of(path) else { return Err(BundleError::Stray(path.clone())) };
            if !asked(&part) {
                continue;
            }
            match found.remove(path.as_str()) {
                None => return Err(BundleError::Missing(path.clone())),
                Some(there) if there != *listed => return Err(BundleError::Altered { path: path.clone() }),
                Some(_) => {}
            }
        }
        match found.into_keys().next() {
            Some(path) => Err(BundleError::Unlisted(path.to_owned())),
            None => Ok(()),
        }
    }

    fn listed(&self, asked: &dyn Fn(&Part) -> bool) -> BTreeMap<&str, Listed> {
        let is_listed = |part: &Part| !matches!(part, Part::Manifest | Part::Signature) && asked(part);
        let others = self.files.iter().filter(|(part, _)| is_listed(part));
        others.map(|(_, m)| (m.path.as_str(), Listed { size: m.size, digest: m.digest })).collect()
    }
}

/// Reads one file of a bundle.
pub struct PartReader<'s> {
    source: &'s dyn Source,
    at: u64,
    left: u64,
    digest: Digest,
    stream: DigestStream,
}

impl PartReader<'_> {
    /// Whether the whole file, what was not read yet included, is what it was when the bundle was opened.
    pub fn is_as_opened(mut self) -> bool {
        let mut buffer = vec![0; 256 << 10];
        while std::io::Read::read(&mut self, &mut buffer).is_ok_and(|count| count > 0) {}
        self.left == 0 && self.stream.finish() == self.digest
    }
}

impl std::io::Read for PartReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let piece = &mut buffer[..count];
        self.source.read(self.at, piece).map_err(std::io::Error::other)?;
        self.stream.update(piece);
        self.at += count as u64;
        self.left -= count as u64;
        Ok(count)
    }
}
