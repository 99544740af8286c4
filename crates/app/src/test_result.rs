//! An assessment in in-toto's own words: the predicate test-result v0.1, for tools that know none of our kinds.
//!
//! The words are narrower than ours. What is open or inconclusive is no test that passed with warnings and none that
//! failed: it stands in a member of its own, and no result is PASSED while there is any.

use std::collections::{BTreeMap, BTreeSet};

use engine::Assessment;
use ledger::{Subject, SubjectDigest};
use model::{Digest, Outcome};
use serde::{Deserialize, Serialize};

use crate::unit_verdicts::name;

/// The predicate. Members that in-toto does not define are ignored by those who do not know them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TestResult {
    /// How it came out.
    pub result: Result,
    /// What was tested with: the files of the dossier that was judged, and the rule set.
    pub configuration: Vec<Resource>,
    /// Unit instances that passed.
    pub passed_tests: Vec<String>,
    /// Unit instances that passed in a test case whose verdict a person has to confirm.
    pub warned_tests: Vec<String>,
    /// Unit instances that failed.
    pub failed_tests: Vec<String>,
    /// Unit instances that are open or inconclusive; no member of in-toto's.
    pub undecided_tests: Vec<String>,
    /// Where in the ledger the assessment is; no member of in-toto's.
    pub record: Told,
}

/// in-toto's three results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Result {
    /// Every provision that is mandatory or claimed passes, and no verdict waits for a person.
    Passed,
    /// The same, but a person has to confirm some verdict; or only recommendations fail or are undecided.
    Warned,
    /// A mandatory provision fails or is undecided.
    Failed,
}

/// in-toto's resource descriptor, as far as it is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// A name for a reader.
    pub name: String,
    /// What it is, where it has no digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// Its digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<SubjectDigest>,
}

/// Where the assessment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Position of its record.
    pub assessment: u64,
}

impl TestResult {
    /// Of an assessment recorded at this position, of a dossier of these files.
    pub fn of(assessment: &Assessment, seq: u64, files: &BTreeMap<String, Digest>) -> Self {
        let unsure: BTreeSet<_> = assessment.cases.iter().filter(|c| c.needs_person).map(|c| &c.id).collect();
        let mut told = Self {
            result: result(assessment, !unsure.is_empty()),
            configuration: configuration(assessment, files),
            passed_tests: Vec::new(),
            warned_tests: Vec::new(),
            failed_tests: Vec::new(),
            undecided_tests: Vec::new(),
            record: Told { assessment: seq },
        };
        for instance in &assessment.instances {
            let list = match instance.judgement.outcome {
                Outcome::Pass if unsure.contains(&instance.case) => &mut told.warned_tests,
                Outcome::Pass => &mut told.passed_tests,
                Outcome::Fail => &mut told.failed_tests,
                Outcome::Open | Outcome::Inconclusive => &mut told.undecided_tests,
                Outcome::NotApplicable => continue,
            };
            list.push(name(&instance.id));
        }
        told
    }
}

fn result(assessment: &Assessment, unsure: bool) -> Result {
    let clear = |outcome| matches!(outcome, Outcome::Pass | Outcome::NotApplicable);
    match (assessment.mandatory.outcome, assessment.recommended.outcome) {
        (Outcome::Pass, recommended) if clear(recommended) && !unsure => Result::Passed,
        (Outcome::Pass, _) => Result::Warned,
        _ => Result::Failed,
    }
}

fn configuration(assessment: &Assessment, files: &BTreeMap<String, Digest>) -> Vec<Resource> {
    let rules = Resource {
        name: format!("rule set {}", assessment.ruleset),
        uri: Some(format!("urn:assay:ruleset:{}", assessment.ruleset)),
        digest: None,
    };
    let file = |(name, digest): (&String, &Digest)| Resource {
        name: name.clone(),
        uri: None,
        digest: Some(SubjectDigest(*digest)),
    };
    files.iter().map(file).chain([rules]).collect()
}

/// What was tested: the firmware's image where its digest is declared, else the verdicts themselves.
pub(crate) fn subject(assessment: &Assessment, image: Option<Digest>, verdicts: Digest) -> Subject {
    let whole = format!("{} {}", assessment.product, assessment.release);
    match image {
        Some(image) => Subject::new(format!("firmware of {}", whole.trim()), image),
        None => Subject::new(format!("verdicts on {}", whole.trim()), verdicts),
    }
}
