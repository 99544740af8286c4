//! Bundling: one file from which a stranger verifies an assessment, offline and without a workspace.
//!
//! The bytes are a function of the ledger and the chosen record: the same ledger gives the same file. What is private
//! is decided by the [`Selection`] that the caller gives.

pub(crate) mod contents;
mod output;
mod redact;
mod write;

use std::path::{Path, PathBuf};

use engine::RULESET;
use ledger::bundle::{FORMAT, LogState, Manifest, ManifestError, PathError, VERSION, Withheld};
use ledger::{OpeningsError, Summary};
use model::Digest;
use store::StoreError;

use crate::TOOL;
use crate::folder::{self, FolderError};
use crate::history::{History, Judged};
use crate::inventory::{Inventory, Selection};
use crate::records::{Records, RecordsError};
use crate::replay::{ReplayError, Replayed, replay};

pub use output::OutputError;

/// Why no bundle was written.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The records.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// The dossier, which says what the current release is.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Nothing is recorded.
    #[error("bundle {}: nothing is recorded there\n\nhint: `assay judge --record {}` records an assessment", .0.display(), .0.display())]
    Nothing(PathBuf),
    /// No assessment of the current release is recorded.
    #[error(
        "bundle {}: no assessment of release `{release}` is recorded\n\nhint: `assay judge --record {}` records \
         one{others}", at.display(), at.display()
    )]
    NotJudged {
        /// The dossier folder.
        at: PathBuf,
        /// The release that its dossier declares.
        release: String,
        /// What else could be bundled, as a half-sentence.
        others: String,
    },
    /// The chosen record is no assessment.
    #[error("bundle record {0}: it is no assessment\n\nhint: `assay records` lists the records with their kinds")]
    NoAssessment(u64),
    /// Another rule set judged the chosen assessment.
    #[error(
        "bundle record {seq}: it was judged by rule set {ruleset} of {tool}, and this program has rule set \
         {RULESET}\n\nhint: `assay judge --record` judges and records it by the present rules; the program that \
         recorded it can bundle it as it is"
    )]
    OtherRules {
        /// Its position.
        seq: u64,
        /// The rule set that judged it.
        ruleset: u32,
        /// The program that did.
        tool: String,
    },
    /// The assessment comes out otherwise than it was recorded.
    #[error("bundle record {0}: judged again by the same rule set, it comes out otherwise than it was recorded")]
    Differs(u64),
    /// Something the assessment was derived from cannot be had.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// Kept bytes that a record names cannot be had.
    #[error("bundle what record {leaf} names")]
    Blob {
        /// The record.
        leaf: u64,
        /// Why.
        #[source]
        source: StoreError,
    },
    /// A record does not read as its kind.
    #[error("read record {leaf} of the ledger")]
    Record {
        /// The record.
        leaf: u64,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// A leaf is gone that was there a moment ago.
    #[error("read record {0} of the ledger: it is not there any more")]
    Gone(u64),
    /// There is more than a bundle holds.
    #[error("bundle the ledger: {0}")]
    TooLarge(String),
    /// A file has no place in a bundle.
    #[error("bundle the ledger")]
    Path(#[from] PathError),
    /// The manifest.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// Something has no canonical form.
    #[error("bundle the ledger")]
    Canonical(#[from] model::CanonicalError),
    /// A public key has no text.
    #[error("bundle the keys")]
    Key(#[from] ledger::KeyError),
    /// The file cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// It is too large to be handed out in one piece.
    #[error("hand out the bundle: it has {0} bytes\n\nhint: `assay bundle --out FILE` writes one of any size")]
    Whole(u64),
    /// The system gives no random bytes.
    #[error("bundle the ledger: the system gives no random bytes")]
    Random,
    /// What a record withholds cannot be read.
    #[error("open what record {leaf} withholds")]
    Openings {
        /// The record.
        leaf: u64,
        /// Why.
        #[source]
        source: OpeningsError,
    },
    /// A record was made before records withheld anything.
    #[error(
        "redact the bundle: record {seq} tells {what} by its plain digest, from which a short secret can be guessed; a \
         program before records withheld anything made it\n\nhint: begin a new ledger: put the folder `.assay` away, \
         then measure and state again"
    )]
    TooOld {
        /// Its position.
        seq: u64,
        /// What it tells.
        what: &'static str,
    },
    /// A secret stands where everybody reads it.
    #[error(
        "redact the bundle: {place} says {what} in clear\n\nhint: the ledger keeps what was recorded; change the secret \
         on the product and take it out of the dossier, then begin a new ledger: put the folder `.assay` away, and \
         measure and state again"
    )]
    Leaks {
        /// Where.
        place: String,
        /// Which secret.
        what: String,
    },
}

/// A bundle that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundled {
    /// Where it is.
    pub at: PathBuf,
    /// Its length in bytes.
    pub bytes: u64,
    /// Number of files in it.
    pub files: usize,
    /// Position of the assessment that it is of.
    pub assessment: u64,
    /// What it says of itself.
    pub manifest: Manifest,
    /// Where secrets of the bench are that could not be had: a redacted bundle was not searched for them.
    pub not_searched: Vec<String>,
}

/// Largest bundle that is handed out in one piece, in bytes.
const WHOLE: u64 = 256 * 1024 * 1024;

/// The bytes of a bundle, for handing out without leaving a file.
///
/// # Errors
/// As [`bundle`], and [`BundleError::TooLarge`].
pub fn whole(folder: &Path, record: Option<u64>, selection: Selection) -> Result<Vec<u8>, BundleError> {
    let mut number = [0; 8];
    getrandom::fill(&mut number).map_err(|_| BundleError::Random)?;
    let name = format!(".bundle-{:016x}", u64::from_le_bytes(number));
    let at = folder.join(crate::records::FOLDER).join(name);
    let written = bundle(folder, &at, record, selection);
    let bytes = match &written {
        Ok(bundled) if bundled.bytes > WHOLE => Err(BundleError::Whole(bundled.bytes)),
        Ok(_) => std::fs::read(&at).map_err(|source| OutputError::Write { at: at.clone(), source }.into()),
        Err(_) => Ok(Vec::new()),
    };
    // It was never anybody's; where it cannot be removed, it lies hidden beside the ledger and is a copy.
    let _ = std::fs::remove_file(&at);
    written?;
    bytes
}

/// Writes the bundle of a recorded assessment: of the newest one of the release that the dossier declares, or of the
/// one at `record`. `out` must not be there yet.
///
/// # Errors
/// [`BundleError`]; then there is no file at `out`.
pub fn bundle(
    folder: &Path,
    out: &Path,
    record: Option<u64>,
    selection: Selection,
) -> Result<Bundled, BundleError> {
    output::is_free(out)?;
    if !Records::exist(folder) {
        return Err(BundleError::Nothing(folder.to_owned()));
    }
    let mut records = Records::open(folder)?;
    let past = Past::of(&records, folder, selection)?;
    let judged = chosen(&past.history, folder, record)?;
    let again = replay(&past.history, judged.seq, &mut |digest| Ok(records.blob(digest)?))?;
    if Digest::of(&again.bytes) != judged.record.verdicts {
        let (seq, ruleset, tool) = (judged.seq, judged.record.ruleset, judged.record.tool.clone());
        return Err(match ruleset == RULESET {
            true => BundleError::Differs(seq),
            false => BundleError::OtherRules { seq, ruleset, tool },
        });
    }
    let manifest = manifest(&past, judged, &again, &selection);
    let key = records.log_key()?;
    let (gate, not_searched) = match selection.is_redacted() {
        true => redact::gate(&records, &past, folder)?,
        false => Default::default(),
    };
    let (records, gate) = (&records, &gate);
    let contents = write::Contents { records, past: &past, judged, again: &again, key: &key, out, gate };
    let (bytes, manifest) = output::write(out, |file| write::write(file, &contents, manifest))?;
    let files = manifest.files.len() + 2;
    Ok(Bundled { at: out.to_owned(), bytes, files, assessment: judged.seq, manifest, not_searched })
}

/// A whole ledger, verified, at one moment.
struct Past {
    history: History,
    inventory: Inventory,
    summary: Summary,
    checkpoint: String,
}

impl Past {
    fn of(records: &Records, folder: &Path, selection: Selection) -> Result<Self, BundleError> {
        loop {
            let (mut history, mut inventory) = (History::default(), Inventory::new(selection));
            let mut failed = None;
            let summary = records.walk(&mut |leaf| {
                if failed.is_none() {
                    let seq = leaf.index;
                    let named = inventory.take(seq, &leaf.entry);
                    let named = named.map_err(|source| BundleError::Record { leaf: seq, source });
                    failed = named.and_then(|()| Ok(history.take(leaf).map_err(RecordsError::from)?)).err();
                }
            })?;
            if let Some(error) = failed {
                return Err(error);
            }
            let summary = summary.ok_or_else(|| BundleError::Nothing(folder.to_owned()))?;
            let stored = records.store.latest_checkpoint().map_err(|e| records.store_error(e))?;
            // Another process may have recorded something meanwhile.
            if let Some(stored) = stored.filter(|stored| stored.size == summary.size) {
                return Ok(Self {
                    history,
                    inventory: settled(inventory, records),
                    summary,
                    checkpoint: stored.note,
                });
            }
        }
    }
}

/// Without what a record of an unknown kind only seemed to name.
fn settled(inventory: Inventory, records: &Records) -> Inventory {
    inventory.without(|digest| records.store.open_blob(digest).is_err())
}

fn chosen<'h>(history: &'h History, folder: &Path, record: Option<u64>) -> Result<&'h Judged, BundleError> {
    if let Some(seq) = record {
        return history.judged_at(seq).ok_or(BundleError::NoAssessment(seq));
    }
    let (dossier, _) = folder::load(folder)?;
    let release = dossier.release_version();
    let newest = history.judged().iter().rev().find(|judged| judged.record.release == release);
    newest.ok_or_else(|| {
        let others = history.judged().last().map(|judged| {
            let release = wire::text::visible_str(&judged.record.release, 100);
            format!("; `--record {}` bundles the one of release `{release}`", judged.seq)
        });
        let others = others.unwrap_or_default();
        BundleError::NotJudged { at: folder.to_owned(), release: wire::text::visible_str(release, 100), others }
    })
}

/// What the bundle says of itself, without its files.
fn manifest(past: &Past, judged: &Judged, again: &Replayed, selection: &Selection) -> Manifest {
    let withheld = past.inventory.iter().filter(|(_, named)| named.withheld).map(|(digest, named)| {
        let kind = named.material.kind.clone();
        Withheld { digest: *digest, kind, leaf: named.leaf }
    });
    let Summary { origin, size, root, .. } = &past.summary;
    Manifest {
        format: FORMAT.to_owned(),
        version: VERSION,
        tool: TOOL.to_owned(),
        product: again.assessment.product.clone(),
        release: again.assessment.release.clone(),
        edition: again.assessment.edition.to_string(),
        recorded: past.history.last_recorded().map(|at| at.to_string()).unwrap_or_default(),
        log: LogState { origin: origin.clone(), size: *size, root: *root },
        assessment: judged.seq,
        redacted: selection.is_redacted(),
        withheld: withheld.collect(),
        files: std::collections::BTreeMap::new(),
    }
}
