//! Where every unit instance stands with respect to the release under assessment.

use std::path::Path;

use engine::{Assessment, Currency, Next};
use model::{Method, Outcome, Timestamp};
use serde::Serialize;

use crate::assess::{AssessError, assess};
use crate::tell;

/// How many unit instances stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Decided on this release.
    pub current: usize,
    /// Carried over from an earlier one.
    pub carried: usize,
    /// To be measured or decided again.
    pub stale: usize,
    /// Never decided.
    pub open: usize,
    /// Not concerning the product.
    pub not_applicable: usize,
}

/// One unit instance and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// The unit instance: `5.1-5-2b @ AuthMech-Web`.
    pub instance: String,
    /// The provision it tests.
    pub provision: String,
    /// Who or what settles it.
    pub method: Method,
    /// Its outcome.
    pub outcome: Outcome,
    /// Where it stands.
    pub currency: Currency,
    /// The cheapest step that would settle or renew it, as a sentence; none when nothing is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renewed_by: Option<String>,
    /// The command that takes the step, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// The step itself.
    #[serde(skip)]
    pub next: Option<Next>,
}

/// Where everything stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Status {
    /// The release under assessment.
    pub release: String,
    /// The release before it, where one is declared.
    pub follows: Option<String>,
    /// How many stand where.
    pub counts: Counts,
    /// Every unit instance, in the order of the standard.
    pub instances: Vec<Standing>,
}

/// Where every unit instance of a dossier folder stands at a moment.
///
/// # Errors
/// [`AssessError`] when the dossier or its ledger cannot be read.
pub fn status(folder: &Path, at: Timestamp) -> Result<Status, AssessError> {
    let assessed = assess(folder, at)?;
    let mut status = of(&assessed.assessment);
    let versions = assessed.dossier.releases.iter().rev().filter_map(|r| r.version.as_ref());
    status.follows = versions.map(|v| v.value.clone()).find(|v| *v != status.release);
    Ok(status)
}

/// What an assessment says of where each unit instance stands. Pure.
pub fn of(assessment: &Assessment) -> Status {
    let mut counts = Counts::default();
    let instances = assessment.instances.iter().map(|instance| {
        *match instance.currency {
            Currency::Current => &mut counts.current,
            Currency::Carried(_) => &mut counts.carried,
            Currency::Stale { .. } => &mut counts.stale,
            Currency::Open => &mut counts.open,
            Currency::NotApplicable => &mut counts.not_applicable,
        } += 1;
        let next = instance.renewed_by().filter(|_| instance.currency.is_due());
        let step = next.map(|next| tell::step(next, Some(&instance.id)));
        Standing {
            instance: instance.id.to_string(),
            provision: instance.provision.to_string(),
            method: instance.method,
            outcome: instance.judgement.outcome,
            currency: instance.currency.clone(),
            renewed_by: step.as_ref().map(|s| s.text.clone()),
            command: step.and_then(|s| s.command),
            next: next.cloned(),
        }
    });
    let instances = instances.collect();
    Status { release: assessment.release.clone(), follows: None, counts, instances }
}
