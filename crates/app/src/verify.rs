//! Verifying a bundle: from the file alone, offline, without a workspace, and without writing anything.
//!
//! Every step is listed with what it came to, those that could not be taken too. Nothing that is asked for can make a
//! step go away.

mod evidence;
mod failed;
mod files;
mod judged;
mod log;
mod marks;
mod readings;
mod source;
mod stamps;

use std::path::{Path, PathBuf};

use ledger::bundle::{Bundle, BundleError, LIMITS, Manifest, Source};
use ledger::{CheckpointError, KeyError, SignedCheckpoint, Trust, VerifyingKey};
use serde::Serialize;

pub use failed::Failed;
use failed::Stop;

/// What the reader of a bundle brings along, which can only make more be checked.
#[derive(Debug, Clone, Default)]
pub struct Against {
    /// The public key that the log has to begin with. Without it the bundle's own is taken.
    pub key: Option<VerifyingKey>,
    /// A checkpoint of an earlier day, which the log has to extend.
    pub since: Option<SignedCheckpoint>,
}

/// Why a bundle could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The file cannot be read.
    #[error("read {}", at.display())]
    Read {
        /// Which.
        at: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The key that was brought along is none.
    #[error("read the key in {}\n\nhint: give the public key as PEM; `assay key export` writes it", at.display())]
    Key {
        /// Which file.
        at: PathBuf,
        /// Why.
        #[source]
        source: KeyError,
    },
    /// The checkpoint that was brought along is none.
    #[error("read the checkpoint in {}\n\nhint: it is the file `checkpoint.txt` of an earlier bundle", at.display())]
    Since {
        /// Which file.
        at: PathBuf,
        /// Why.
        #[source]
        source: CheckpointError,
    },
    /// The bundle is larger than this program reads, or its bytes cannot be had.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The bundle holds more than this program judges.
    #[error("judge the evidence in the bundle: it has more than {0} bytes")]
    TooMuchEvidence(u64),
}

impl Against {
    /// Reads the key and the checkpoint from files.
    ///
    /// # Errors
    /// [`VerifyError`] when one of them is no such thing.
    pub fn read(key: Option<&Path>, since: Option<&Path>) -> Result<Self, VerifyError> {
        let text = |at: &Path| {
            std::fs::read_to_string(at).map_err(|source| VerifyError::Read { at: at.to_owned(), source })
        };
        let key = key.map(|at| {
            let read = VerifyingKey::from_pem(&text(at)?);
            read.map_err(|source| VerifyError::Key { at: at.to_owned(), source })
        });
        let since = since.map(|at| {
            let read = SignedCheckpoint::parse(&text(at)?);
            read.map_err(|source| VerifyError::Since { at: at.to_owned(), source })
        });
        Ok(Self { key: key.transpose()?, since: since.transpose()? })
    }

    fn trust(&self) -> Trust {
        self.key.map_or(Trust::FirstUse, Trust::Root)
    }
}

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Taken {
    /// It was taken, and everything is sound.
    Done,
    /// It could not be taken: what it would have shown is not shown.
    NotDone,
    /// It was taken, and something is not sound.
    Failed,
}

/// One step of the verification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What was looked at, in a word or two; a script may rely on it.
    pub step: &'static str,
    /// What became of it.
    pub result: Taken,
    /// What it showed, or why it could not be taken.
    pub says: String,
}

/// What the verification of a bundle came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verification {
    /// What the bundle says of itself; none when it does not get as far. Nothing of it counts unless it verifies.
    pub claims: Option<Claims>,
    /// Every step, in order.
    pub steps: Vec<Step>,
    /// The first item that is not sound.
    pub failed: Option<Failed>,
}

impl Verification {
    /// Whether everything that could be looked at is sound.
    pub fn is_sound(&self) -> bool {
        self.failed.is_none()
    }
}

/// What a bundle says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Claims {
    /// The product's name.
    pub product: String,
    /// The release.
    pub release: String,
    /// The edition.
    pub edition: String,
    /// When the last record was made.
    pub recorded: String,
    /// The program that wrote it.
    pub tool: String,
    /// The log's name.
    pub log: String,
    /// Number of records.
    pub records: u64,
    /// Position of the assessment.
    pub assessment: u64,
    /// Whether something was left out.
    pub redacted: bool,
}

/// A text of a bundle in the form in which it moves no cursor and hides nothing.
pub fn shown(text: &str) -> String {
    wire::text::visible_str(text, 200)
}

impl Claims {
    fn of(manifest: &Manifest) -> Self {
        Self {
            product: shown(&manifest.product),
            release: shown(&manifest.release),
            edition: shown(&manifest.edition),
            recorded: shown(&manifest.recorded),
            tool: shown(&manifest.tool),
            log: shown(&manifest.log.origin),
            records: manifest.log.size,
            assessment: manifest.assessment,
            redacted: manifest.redacted,
        }
    }
}

/// Verifies the bundle in a file.
///
/// # Errors
/// [`VerifyError`] when it could not be read, or is larger than what this program reads. That something in it is not
/// sound is no error but the answer.
pub fn verify(file: &Path, against: &Against) -> Result<Verification, VerifyError> {
    let source = source::FileSource::open(file)?;
    verify_source(&source, against)
}

/// Verifies a bundle whose bytes are anywhere.
///
/// # Errors
/// As [`verify`].
pub fn verify_source(source: &dyn Source, against: &Against) -> Result<Verification, VerifyError> {
    let mut check = Check { steps: Vec::new(), claims: None };
    let failed = match check.all(source, against) {
        Ok(()) => None,
        Err(Stop::Failed(failed)) => {
            check.steps.push(Step { step: failed.step, result: Taken::Failed, says: failed.to_string() });
            Some(*failed)
        }
        Err(Stop::Unreadable(error)) => return Err(*error),
    };
    Ok(Verification { claims: check.claims, steps: check.steps, failed })
}

/// A verification under way.
struct Check {
    steps: Vec<Step>,
    claims: Option<Claims>,
}

impl Check {
    fn done(&mut self, step: &'static str, says: impl Into<String>) {
        self.steps.push(Step { step, result: Taken::Done, says: says.into() });
    }

    fn not_done(&mut self, step: &'static str, says: impl Into<String>) {
        self.steps.push(Step { step, result: Taken::NotDone, says: says.into() });
    }

    /// Every step. What is not yet vouched for by a key is compared first, so that a changed file is named as itself.
    fn all(&mut self, source: &dyn Source, against: &Against) -> Result<(), Stop> {
        let bundle = Bundle::open(source, LIMITS).map_err(|error| Stop::of("container", error))?;
        self.done("container", format!("{} files in {} bytes", bundle.files().count(), source.length()));
        let manifest = self.manifest(&bundle)?;
        self.claims = Some(Claims::of(&manifest));
        let log = self.log(&bundle, against)?;
        self.signature(&bundle, &manifest, &log)?;
        self.keys(&bundle, &log)?;
        self.assessment(&manifest, &log)?;
        let dossier = self.dossier(&bundle, &manifest, &log)?;
        self.evidence(&bundle, &manifest, &log, &dossier)?;
        self.marks(&bundle, &log)?;
        self.readme(&bundle, &manifest)?;
        self.readings(&bundle, &log)?;
        self.judged_again(&bundle, &manifest, &log, &dossier)?;
        self.stamps(&bundle, &log)
    }
}
