//! Where a product stands, small enough to keep for a thousand products: one line per release.

use model::{Outcome, Timestamp};

use super::{Snapshot, WorkspaceError};

/// Where a product stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its name in the workspace.
    pub product: String,
    /// The product's name as declared.
    pub name: String,
    /// Its model designation as declared.
    pub model: String,
    /// The edition it is assessed against, as it is cited.
    pub edition: String,
    /// The moment it was looked at.
    pub at: Timestamp,
    /// Its releases, the one under assessment first, then the latest first.
    pub releases: Vec<ReleaseStanding>,
    /// Why nothing can be told, where that is so.
    pub unreadable: Option<String>,
}

/// Where a release stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseStanding {
    /// Its version.
    pub version: String,
    /// Whether it is the one under assessment; then what follows is judged for the present moment, else recorded.
    pub under_assessment: bool,
    /// Over the mandatory provisions; none where it was never assessed.
    pub mandatory: Option<Outcome>,
    /// Over the recommendations that are claimed.
    pub recommended: Option<Outcome>,
    /// Unit instances by outcome, in the order of [`Outcome::ALL`].
    pub instances: Vec<(Outcome, usize)>,
    /// What failed; counted for the release under assessment alone.
    pub findings: usize,
    /// Open tasks; counted for the release under assessment alone.
    pub tasks: usize,
    /// The step that blocks most, as a sentence; empty where nothing does.
    pub blocked_by: String,
    /// Number of its newest recorded assessment.
    pub recorded: Option<u64>,
}

impl Standing {
    /// Where the product of a snapshot stands.
    pub fn of(snapshot: &Snapshot) -> Self {
        let assessment = &snapshot.assessment;
        let history = &snapshot.history;
        let newest = |version: &str| history.judged().iter().rev().find(|j| j.record.release == version);
        let open = snapshot.tasks.tasks.iter().filter(|told| told.task.is_open());
        let mut releases = vec![ReleaseStanding {
            version: assessment.release.clone(),
            under_assessment: true,
            mandatory: Some(assessment.mandatory.outcome),
            recommended: Some(assessment.recommended.outcome),
            instances: count(assessment.instances.iter().map(|i| i.judgement.outcome)),
            findings: assessment.findings.len(),
            tasks: open.clone().count(),
            blocked_by: open
                .filter_map(|told| told.wanted.as_ref())
                .map(|wanted| wanted.step.text.clone())
                .next()
                .unwrap_or_default(),
            recorded: newest(&assessment.release).map(|j| j.seq),
        }];
        let declared = snapshot.dossier.releases.iter().rev().filter_map(|r| r.version.as_ref()).map(|v| &v.value);
        let judged = history.judged().iter().rev().map(|j| &j.record.release);
        for version in declared.chain(judged) {
            if releases.iter().any(|r| r.version == *version) {
                continue;
            }
            let recorded = newest(version);
            releases.push(ReleaseStanding {
                version: version.clone(),
                under_assessment: false,
                mandatory: recorded.map(|j| j.record.mandatory),
                recommended: recorded.map(|j| j.record.recommended),
                instances: recorded.map_or_else(Vec::new, |j| count(j.record.outcomes.iter().map(|o| o.outcome))),
                findings: 0,
                tasks: 0,
                blocked_by: String::new(),
                recorded: recorded.map(|j| j.seq),
            });
        }
        Self {
            product: snapshot.product.clone(),
            name: snapshot.told.head.product.clone(),
            model: snapshot.told.head.model.clone(),
            edition: snapshot.told.head.edition.citation().to_owned(),
            at: snapshot.at,
            releases,
            unreadable: None,
        }
    }

    /// A product that cannot be read.
    pub fn unreadable(product: &str, error: &WorkspaceError) -> Self {
        let mut why = error.to_string();
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            why.push_str(": ");
            why.push_str(&cause.to_string());
            source = cause.source();
        }
        Self {
            product: product.to_owned(),
            name: product.to_owned(),
            model: String::new(),
            edition: String::new(),
            at: crate::now(),
            releases: Vec::new(),
            unreadable: Some(why),
        }
    }

    /// The release under assessment.
    pub fn current(&self) -> Option<&ReleaseStanding> {
        self.releases.iter().find(|release| release.under_assessment)
    }
}

fn count(outcomes: impl Iterator<Item = Outcome>) -> Vec<(Outcome, usize)> {
    let mut counts: Vec<(Outcome, usize)> = Outcome::ALL.into_iter().map(|outcome| (outcome, 0)).collect();
    for outcome in outcomes {
        if let Some((_, number)) = counts.iter_mut().find(|(o, _)| *o == outcome) {
            *number += 1;
        }
    }
    counts
}
