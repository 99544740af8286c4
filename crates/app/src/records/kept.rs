//! Recording files that are evidence by themselves, and time stamps of checkpoints.

use ledger::{Salting, predicate};
use model::{Digest, KeptArtefact, Stamped, Timestamp};

use super::{Records, RecordsError};

impl Records {
    /// Records a file as evidence by itself; what its texts withhold is kept beside it. Its bytes have to be kept before,
    /// by [`Records::artefact`]. Durable when it returns.
    ///
    /// # Errors
    /// [`RecordsError`]; then nothing was recorded.
    pub fn keep_artefact(&mut self, kept: &KeptArtefact, at: Timestamp) -> Result<u64, RecordsError> {
        const WHAT: &str = "a file";
        let salting = Salting::of(&self.log_key()?);
        let (mut kept, openings) = self.privacy.kept(&salting, kept.clone());
        kept.openings = self.keep_openings(WHAT, &openings)?;
        let mut subjects = vec![(kept.artefact.name.clone(), kept.artefact.digest)];
        subjects.extend(kept.about.iter().map(|about| (about.clone(), Digest::of(about.as_bytes()))));
        self.append(WHAT, predicate::ARTEFACT, &subjects, &kept, at)
    }

    /// Records an authority's time stamp of a checkpoint. Its token has to be kept before. Durable when it returns.
    ///
    /// # Errors
    /// [`RecordsError`]; then nothing was recorded.
    pub fn stamped(&mut self, stamped: &Stamped, at: Timestamp) -> Result<u64, RecordsError> {
        let about = format!("checkpoint over {} records", stamped.size);
        let subject = (about, Digest::of(stamped.checkpoint.as_bytes()));
        self.append("a time stamp", predicate::TIMESTAMP, &[subject], stamped, at)
    }
}
