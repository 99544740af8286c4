//! The files of a bundle, one after another in the order of their paths; kept bytes pass through in pieces.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Read, Write as _};
use std::path::Path;

use ledger::SigningKey;
use ledger::bundle::{END, LIMITS, Listed, Manifest, Part, header, padding};
use model::{Digest, DigestStream};
use store::StoreError;

use super::output::OutputError;
use super::{BundleError, Past, contents};
use crate::history::Judged;
use crate::inventory::Named;
use crate::privacy::{Gate, Leak, Search};
use crate::records::Records;
use crate::replay::Replayed;

/// What the files are made from.
pub(super) struct Contents<'a> {
    pub(super) records: &'a Records,
    pub(super) past: &'a Past,
    pub(super) judged: &'a Judged,
    pub(super) again: &'a Replayed,
    pub(super) key: &'a SigningKey,
    pub(super) out: &'a Path,
    /// What everything passes before it is written.
    pub(super) gate: &'a Gate,
}

/// Leaves in one file: as many as a reader likes to look through, and to hold.
const LEAVES: u64 = 1000;
/// Bytes after which a file of leaves ends, whatever their number.
const LEAVES_BYTES: usize = 1 << 20;

/// Writes all files, and returns the manifest with its list.
pub(super) fn write(
    file: &mut BufWriter<File>,
    from: &Contents<'_>,
    manifest: Manifest,
) -> Result<Manifest, BundleError> {
    let Contents { past, again, .. } = from;
    let mut to = Container { file, out: from.out, gate: from.gate, files: BTreeMap::new() };
    to.put(&Part::Readme, contents::readme(&manifest).as_bytes())?;
    let dossier = from.dossier();
    for (digest, named) in past.inventory.iter().filter(|(digest, named)| {
        // The texts of the dossier that was judged lie in their own folder.
        !named.withheld && !dossier.values().any(|of| of == *digest)
    }) {
        to.blob(from.records, digest, named)?;
    }
    to.put(&Part::Checkpoint, past.checkpoint.as_bytes())?;
    for (path, digest) in &dossier {
        to.put(&Part::Dossier(path.clone()), &from.records.blob(digest)?)?;
    }
    to.put(&Part::Keys, &contents::keys(&past.summary.keyring)?)?;
    for known in past.summary.keyring.keys() {
        to.put(&Part::Key(known.id), known.public_key.0.to_pem()?.as_bytes())?;
    }
    to.leaves(from.records, past.summary.size)?;
    // These two precede the last files by their path, and list them.
    let last = contents::reports(again, &past.history)?.into_iter().chain([(Part::Verdicts, again.bytes.clone())]);
    let last: Vec<(Part, Vec<u8>)> = last.collect();
    let mut manifest = Manifest { files: std::mem::take(&mut to.files), ..manifest };
    manifest.files.extend(last.iter().map(|(part, bytes)| (part.path(), listed(bytes))));
    to.put(&Part::Signature, &manifest.sign(from.key)?)?;
    to.put(&Part::Manifest, &manifest.to_bytes()?)?;
    for (part, bytes) in &last {
        to.put(part, bytes)?;
    }
    to.file.write_all(&END).map_err(|e| to.failed(e))?;
    match manifest.files.len() as u64 + 2 {
        files if files > LIMITS.files => {
            Err(BundleError::TooLarge(format!("it takes {files} files, at most are {}", LIMITS.files)))
        }
        _ => Ok(manifest),
    }
}

fn listed(bytes: &[u8]) -> Listed {
    Listed { size: bytes.len() as u64, digest: Digest::of(bytes) }
}

impl Contents<'_> {
    /// The files of the dossier that was judged.
    fn dossier(&self) -> BTreeMap<String, Digest> {
        self.past.history.revision_before(self.judged.seq).map(|r| r.files.clone()).unwrap_or_default()
    }
}

struct Container<'a> {
    file: &'a mut BufWriter<File>,
    out: &'a Path,
    gate: &'a Gate,
    files: BTreeMap<String, Listed>,
}

impl Container<'_> {
    fn failed(&self, source: std::io::Error) -> BundleError {
        OutputError::Write { at: self.out.to_owned(), source }.into()
    }

    fn begin(&mut self, path: &str, size: u64) -> Result<(), BundleError> {
        self.file.write_all(&header(path, size)?).map_err(|e| self.failed(e))
    }

    fn end(&mut self, path: String, listed: Listed) -> Result<(), BundleError> {
        let zero = [0; 512];
        let fill = usize::try_from(padding(listed.size)).unwrap_or(0);
        self.file.write_all(&zero[..fill]).map_err(|e| self.failed(e))?;
        self.files.insert(path, listed);
        Ok(())
    }

    /// Nothing that everybody may read says a secret.
    fn pass(&self, path: &str, bytes: &[u8]) -> Result<(), BundleError> {
        match self.gate.leak(path, bytes) {
            None => Ok(()),
            Some(Leak { place, what }) => Err(BundleError::Leaks { place, what }),
        }
    }

    /// A file that is at hand.
    fn put(&mut self, part: &Part, bytes: &[u8]) -> Result<(), BundleError> {
        let (path, size) = (part.path(), bytes.len() as u64);
        if size > LIMITS.held {
            return Err(BundleError::TooLarge(format!("{path} has {size} bytes, at most are {}", LIMITS.held)));
        }
        self.pass(&path, bytes)?;
        self.begin(&path, size)?;
        self.file.write_all(bytes).map_err(|e| self.failed(e))?;
        self.end(path, listed(bytes))
    }

    /// Kept bytes, and their salt.
    fn blob(&mut self, records: &Records, digest: &Digest, named: &Named) -> Result<(), BundleError> {
        let failed = |source| BundleError::Blob { leaf: named.leaf, source };
        let (length, mut kept) = records.store.open_blob(digest).map_err(failed)?;
        let damaged = || failed(StoreError::BlobDamaged(*digest));
        let unreadable = |_| damaged();
        let mut whole = DigestStream::new();
        let mut salt = [0; 32];
        let mut size = length;
        if named.material.salted {
            kept.read_exact(&mut salt).map_err(unreadable)?;
            whole.update(&salt);
            size = length.checked_sub(32).ok_or_else(damaged)?;
        }
        let path = Part::Blob(*digest).path();
        let mut search = Search::new(self.gate, &path);
        self.begin(&path, size)?;
        let mut content = DigestStream::new();
        let mut buffer = vec![0; 64 << 10];
        let mut copied = 0;
        loop {
            let count = kept.read(&mut buffer).map_err(unreadable)?;
            if count == 0 {
                break;
            }
            let part = &buffer[..count];
            whole.update(part);
            content.update(part);
            search.feed(part);
            copied += count as u64;
            self.file.write_all(part).map_err(|e| self.failed(e))?;
        }
        if whole.finish() != *digest || copied != size {
            return Err(damaged());
        }
        if let Some(Leak { place, what }) = search.finish() {
            return Err(BundleError::Leaks { place, what });
        }
        self.end(path, Listed { size, digest: content.finish() })?;
        match named.material.salted {
            true => self.put(&Part::Salt(*digest), &salt),
            false => Ok(()),
        }
    }

    /// Every leaf, one a line.
    fn leaves(&mut self, records: &Records, size: u64) -> Result<(), BundleError> {
        let (mut first, mut at, mut lines) = (0, 0, Vec::new());
        while at < size {
            let leaves = records.store.leaves(at..size.min(at + 64)).map_err(|e| records.store_error(e))?;
            if leaves.is_empty() {
                return Err(BundleError::Gone(at));
            }
            for leaf in leaves {
                if leaf.body.len() as u64 > LIMITS.leaf {
                    let most = LIMITS.leaf;
                    return Err(BundleError::TooLarge(format!("record {at} has more than {most} bytes")));
                }
                lines.extend_from_slice(&leaf.body);
                lines.push(b'\n');
                at += 1;
                if at - first == LEAVES || lines.len() >= LEAVES_BYTES || at == size {
                    self.put(&Part::Leaves(first), &lines)?;
                    (first, lines) = (at, Vec::new());
                }
            }
        }
        Ok(())
    }
}
