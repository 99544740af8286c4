//! Recording assessments, and what stands beside them.

use std::collections::BTreeMap;

use dossier::SourceText;
use engine::Assessment;
use ledger::{Draft, Subject, predicate};
use model::Digest;

use super::{Records, RecordsError};
use crate::history::History;
use crate::test_result::{self, TestResult};
use crate::unit_verdicts::UnitVerdicts;
use crate::verdicts::AssessmentRecord;

impl Records {
    /// Records an assessment of these texts on exactly this history. None when the ledger has moved on, or when
    /// another state of the dossier is in force; then nothing was recorded.
    ///
    /// # Errors
    /// [`RecordsError`]; then nothing was recorded.
    pub fn assessment(
        &mut self,
        history: &History,
        sources: &[SourceText],
        assessment: &Assessment,
    ) -> Result<Option<u64>, RecordsError> {
        const WHAT: &str = "the assessment";
        let texts: BTreeMap<String, Digest> =
            sources.iter().map(|s| (s.path.clone(), Digest::of(s.text.as_bytes()))).collect();
        let in_force = history.revisions().last().filter(|revision| revision.files == texts);
        let Some(dossier) = in_force.map(|revision| revision.seq) else {
            // Another process recorded another state of the dossier meanwhile.
            self.revision(sources, assessment.at)?;
            return Ok(None);
        };
        let record = AssessmentRecord::of(assessment, dossier)
            .map_err(|source| RecordsError::Canonical { what: WHAT, source })?;
        let about = format!("{} {}", record.product, record.release);
        let verdicts = record.verdicts;
        let record = serde_json::to_value(record).map_err(|source| RecordsError::Json { what: WHAT, source })?;
        let draft = Draft {
            kind: predicate::ASSESSMENT.to_owned(),
            subjects: vec![Subject::new(about.trim(), verdicts)],
            recorded_at: assessment.at.to_string(),
            record,
        };
        self.append_to(WHAT, draft, Some(history.size()))
    }

    /// Records what stands beside an assessment that was recorded: its verdicts one by one, and its test result for
    /// others' tools. `image` is the digest of the release's firmware, where it is declared.
    ///
    /// # Errors
    /// [`RecordsError`]; then one of the two, or both, were not recorded. The assessment stands without them.
    pub fn beside_assessment(
        &mut self,
        seq: u64,
        sources: &[SourceText],
        image: Option<Digest>,
        assessment: &Assessment,
    ) -> Result<(), RecordsError> {
        const UNITS: &str = "the verdicts on unit instances";
        const RESULT: &str = "the test result";
        let verdicts = crate::verdicts::bytes(assessment);
        let verdicts = Digest::of(&verdicts.map_err(|source| RecordsError::Canonical { what: UNITS, source })?);
        let units = UnitVerdicts::of(assessment, seq);
        let about = format!("unit verdicts of {} {}", assessment.product, assessment.release);
        self.append(UNITS, predicate::UNIT_VERDICT, &[(about, verdicts)], &units, assessment.at)?;
        let files = sources.iter().map(|s| (s.path.clone(), Digest::of(s.text.as_bytes()))).collect();
        let told = TestResult::of(assessment, seq, &files);
        let Subject { name, digest } = test_result::subject(assessment, image, verdicts);
        self.append(RESULT, predicate::TEST_RESULT, &[(name, digest.0)], &told, assessment.at)?;
        Ok(())
    }

    /// The bytes that a record names by this digest, checked against it.
    ///
    /// # Errors
    /// [`RecordsError`] when they are missing or altered.
    pub fn blob(&self, digest: &Digest) -> Result<Vec<u8>, RecordsError> {
        self.store.get_blob(digest).map_err(|e| self.store_error(e))
    }
}
