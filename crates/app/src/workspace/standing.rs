//! Where a product stands, small enough to keep for a thousand products: one line per release.

use model::{Outcome, Timestamp};

use super::{Snapshot, Waiting, WorkspaceError};
use crate::records::known::is_recent;

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
    /// The moment it was looked at, which what follows is judged for; none where it was not looked at yet, and then
    /// nothing follows.
    pub at: Option<Timestamp>,
    /// When the files behind its records were held against their digests.
    pub(super) files_verified: Option<Timestamp>,
    /// Its releases, the one under assessment first, then the latest first.
    pub releases: Vec<ReleaseStanding>,
    /// What waits for people.
    pub waiting: Waiting,
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
            at: Some(snapshot.at),
            files_verified: Some(snapshot.files_verified),
            releases,
            waiting: Waiting::of(snapshot),
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
            at: Some(crate::now()),
            files_verified: Some(crate::now()),
            releases: Vec::new(),
            waiting: Waiting::default(),
            unreadable: Some(why),
        }
    }

    /// A product that was not looked at yet: its folder's name is all that is known.
    pub fn not_yet(product: &str) -> Self {
        Self {
            product: product.to_owned(),
            name: product.to_owned(),
            model: String::new(),
            edition: String::new(),
            at: None,
            files_verified: None,
            releases: Vec::new(),
            waiting: Waiting::default(),
            unreadable: None,
        }
    }

    /// Whether it may be told at a moment: what was judged for another day is not.
    pub(super) fn is_of_day(&self, now: Timestamp) -> bool {
        self.at.is_some_and(|at| at <= now && at.date() == now.date())
    }

    /// Whether it was judged, and the files behind it were looked at, so recently that neither need be done again.
    pub(super) fn is_recent(&self, now: Timestamp) -> bool {
        let recent = |then: Option<Timestamp>| then.is_some_and(|then| is_recent(then, now));
        self.is_of_day(now) && recent(self.at) && recent(self.files_verified)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_judged_for_another_day_or_for_later_is_not_told() {
        let at = |text: &str| Timestamp::parse(text).unwrap();
        let mut standing = Standing::not_yet("plug");
        assert!(!standing.is_of_day(at("2026-03-01T12:00:00Z")));
        standing.at = Some(at("2026-03-01T22:30:00Z"));
        standing.files_verified = standing.at;
        for (now, told, recent) in [
            ("2026-03-01T22:45:00Z", true, true),
            ("2026-03-01T23:45:00Z", true, false),
            ("2026-03-02T00:00:00Z", false, false),
            // The clock was set back.
            ("2026-03-01T22:00:00Z", false, false),
            ("2026-02-28T22:45:00Z", false, false),
        ] {
            assert_eq!((standing.is_of_day(at(now)), standing.is_recent(at(now))), (told, recent), "{now}");
        }
        // Its files were looked at an hour ago, and it was judged anew since.
        standing.files_verified = Some(at("2026-03-01T21:40:00Z"));
        assert!(!standing.is_recent(at("2026-03-01T22:45:00Z")) && standing.is_of_day(at("2026-03-01T22:45:00Z")));
    }
}
