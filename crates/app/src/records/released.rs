//! Recording releases.

use ledger::predicate;
use model::{Digest, Release, Timestamp};

use super::{Records, RecordsError};

impl Records {
    /// Records a release. What it names has to be kept before. Durable when it returns.
    ///
    /// # Errors
    /// [`RecordsError`]; then nothing was recorded.
    pub fn release(&mut self, release: &Release, at: Timestamp) -> Result<u64, RecordsError> {
        let version = Digest::of(release.version.as_bytes());
        let image = release.firmware.as_ref();
        let mut subjects = vec![(release.version.clone(), image.map_or(version, |image| image.digest))];
        subjects.extend(release.sbom.iter().map(|sbom| (sbom.name.clone(), sbom.digest)));
        self.append("a release", predicate::RELEASE, &subjects, release, at)
    }

    /// Position of the state of the dossier that was recorded last.
    ///
    /// # Errors
    /// [`RecordsError`] when the ledger cannot be read, or holds none.
    pub fn revision_in_force(&self) -> Result<u64, RecordsError> {
        let known = self.store.by_kind(predicate::DOSSIER_REVISION).map_err(|e| self.store_error(e))?;
        Ok(known.last().map_or(0, |leaf| leaf.seq))
    }
}
