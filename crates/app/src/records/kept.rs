//! Recording files that are evidence by themselves.

use ledger::{Salting, predicate};
use model::{Digest, KeptArtefact, Timestamp};

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
}
