//! Whether a result of an earlier release stands for the one under assessment, and if not, why.
//!
//! Only a pass is ever carried, and only one that the earlier release's records still show by the present rules. What
//! failed there last has to be measured or decided again, whatever passed before that.

use std::sync::Arc;

use dossier::CarryWhen;
use model::{Method, Outcome, Timestamp};

use super::currency::Carried;
use super::earlier::{Earlier, EarlierInstance};
use super::part::{Part, PartKind, changed};
use super::policy::{self, Rule};
use crate::current::current;
use crate::judgement::{Ground, InstanceId, Judgement};
use crate::stated::stale_since;
use crate::view::{Evidence, Recorded, View};

/// What an earlier release left behind, told as if it were of the release under assessment.
#[derive(Debug)]
pub(crate) struct Past<'a> {
    /// Its version.
    pub(crate) version: &'a str,
    /// Its recorded assessments by this edition, the newest last.
    assessments: Vec<&'a Recorded<Arc<Earlier>>>,
    /// Its statements, and what was measured on it where that may be carried.
    pub(crate) evidence: Evidence,
    /// As much of that as is current; none when all is.
    pub(crate) fresh: Option<Evidence>,
}

/// Every earlier release, the newest first.
pub(crate) fn past<'a>(view: &View<'a>, rules: &[Rule]) -> Vec<Past<'a>> {
    let now = view.dossier.release_version();
    let versions = view.dossier.releases.iter().filter_map(|r| r.version.as_ref()).map(|v| v.value.as_str());
    let mut versions: Vec<&str> = versions.filter(|v| *v != now && !v.is_empty()).collect();
    versions.reverse();
    let measured = rules.iter().any(|r| r.is_of_product() && r.when != CarryWhen::Never);
    let of = |version: &'a str| {
        let known = view.evidence.assessments.iter();
        let of_it = known.filter(|a| a.body.release == version && a.body.edition == view.catalogue.edition);
        let assessments = of_it.collect();
        let evidence = told_as(now, version, view.evidence, measured);
        let fresh = current(&View { evidence: &evidence, ..*view });
        Past { version, assessments, evidence, fresh }
    };
    versions.into_iter().map(of).collect()
}

/// The evidence of an earlier release as if it were of the present one.
fn told_as(now: &str, version: &str, evidence: &Evidence, measured: bool) -> Evidence {
    let mut told = Evidence::default();
    for statement in evidence.statements.iter().filter(|s| s.body.release == version) {
        let mut statement = statement.clone();
        now.clone_into(&mut statement.body.release);
        told.statements.push(statement);
    }
    let confirmed = evidence.confirmations.iter().filter(|c| c.body.release == version);
    told.confirmations.extend(confirmed.cloned());
    for observation in evidence.observations.iter().filter(|o| measured && o.body.dut.release == version) {
        let mut observation = observation.clone();
        now.clone_into(&mut observation.body.dut.release);
        told.observations.push(observation);
    }
    told
}

/// What the past says of an instance that is not decided in this release.
#[derive(Debug)]
pub(crate) enum Found {
    /// It stands.
    Carried(Judgement, Carried),
    /// It was decided, and does not stand; one sentence.
    Stale(String),
}

/// An instance and what it takes to find it in the past.
pub(crate) struct Wanted<'a> {
    pub(crate) id: &'a InstanceId,
    pub(crate) method: Method,
    pub(crate) functional: bool,
    /// Whether what feeds its rule was measured on this release, without deciding it.
    pub(crate) measured: bool,
    /// Places of what it rests on, and the parts they are places in.
    pub(crate) rests_on: &'a [u32],
    pub(crate) parts: &'a [Part],
}

impl Wanted<'_> {
    fn now(&self) -> impl Iterator<Item = &Part> {
        self.rests_on.iter().filter_map(|place| self.parts.get(*place as usize))
    }
}

/// Looks for an instance in earlier releases, the newest first. `again` judges it on the evidence of the release at
/// this index, by the present rules.
pub(crate) fn find(
    past: &[Past<'_>],
    rules: &[Rule],
    wanted: &Wanted<'_>,
    at: Timestamp,
    again: &dyn Fn(usize) -> Judgement,
) -> Option<Found> {
    let rule = rule_of(rules, wanted.method);
    for (index, release) in past.iter().enumerate() {
        let version = release.version;
        let recorded = release.assessments.last().map(|a| (*a, a.body.instance(wanted.id)));
        let was = recorded.and_then(|(_, instance)| instance).map(|i| i.outcome);
        // What nothing may be carried of need not be judged again; that it failed is in the record.
        let judged = (rule.when != CarryWhen::Never).then(|| again(index));
        let is = judged.as_ref().map(|j| j.outcome);
        if was == Some(Outcome::Fail) || is == Some(Outcome::Fail) {
            return Some(Found::Stale(format!("failed in {version}: {} again", renew(wanted))));
        }
        match (recorded, is) {
            (None, Some(Outcome::Pass)) => {
                let because = format!("holds in {version}, for which no assessment was recorded");
                return Some(Found::Stale(because));
            }
            (None, Some(Outcome::Inconclusive)) => return None,
            // A release that nobody assessed says nothing.
            (None, _) => {}
            (Some((_, Some(instance))), _) if instance.outcome == Outcome::Pass => {
                // A pass that was carried itself counts where it was measured or stated.
                if instance.carried_from.is_none() {
                    let (assessment, _) = recorded?;
                    let source = Source { release, assessment, instance };
                    return Some(decide(&source, rules, rule, wanted, at, judged));
                }
                if is == Some(Outcome::Inconclusive) {
                    return None;
                }
            }
            (Some(_), _) => return None,
        }
    }
    None
}

struct Source<'a> {
    release: &'a Past<'a>,
    assessment: &'a Recorded<Arc<Earlier>>,
    instance: &'a EarlierInstance,
}

fn decide(
    source: &Source<'_>,
    rules: &[Rule],
    rule: Rule,
    wanted: &Wanted<'_>,
    at: Timestamp,
    again: Option<Judgement>,
) -> Found {
    let version = source.release.version;
    let earlier = &source.assessment.body;
    let Some(before) = earlier.rests_on(source.instance) else {
        return Found::Stale(format!("passed in {version}, and its record does not say what that rests on"));
    };
    if let [first, rest @ ..] = changed(before, wanted.now()).as_slice() {
        let more = if rest.is_empty() { String::new() } else { format!(", and {} more", rest.len()) };
        return Found::Stale(format!("{first}{more}"));
    }
    let Some(again) = again else {
        let each = if wanted.functional { "is measured on each release" } else { "is decided on each release" };
        return Found::Stale(format!("passed in {version}, and {each}"));
    };
    if rule.needs_same_image(wanted.functional)
        && let Some(because) = other_image(&earlier.parts, wanted.parts)
    {
        return Found::Stale(because);
    }
    if again.outcome != Outcome::Pass {
        return Found::Stale(format!(
            "passed in {version}, and is {} there by now: {}",
            again.outcome, again.because
        ));
    }
    if wanted.measured {
        return Found::Stale(format!("passed in {version}, and was measured on this release without deciding it"));
    }
    let rests = records(&again, &source.release.evidence);
    let Some(first) = rests.first().map(|(seq, _)| *seq) else {
        return Found::Stale(format!("passed in {version}, and no record of it is left"));
    };
    if let Some(because) = changed_since(source, wanted, first) {
        return Found::Stale(because);
    }
    let observed = again.grounds.iter().any(|g| matches!(g, Ground::Observed { .. }));
    let measured = rule_of(rules, Method::Probe);
    let days = if observed { rule.days.min(measured.days) } else { rule.days };
    if observed && measured.when == CarryWhen::Never {
        return Found::Stale(format!("passed in {version} on a measurement, and that is made on each release"));
    }
    if observed && let Some(because) = other_image(&earlier.parts, wanted.parts) {
        return Found::Stale(because);
    }
    if let Some(since) = rests.iter().filter_map(|(_, when)| stale_since(*when, Some(days), at)).min() {
        return Found::Stale(format!(
            "passed in {version}, and is carried for {days} days only: until {}",
            since.date()
        ));
    }
    carried(source, rule, again, rests)
}

/// What changed under a record while its own release was assessed, and may have changed back: an assessment made after
/// the record rests on something else than the result does now.
fn changed_since(source: &Source<'_>, wanted: &Wanted<'_>, record: u64) -> Option<String> {
    source.release.assessments.iter().filter(|a| a.seq > record).find_map(|assessment| {
        let instance = assessment.body.instance(wanted.id)?;
        let then = assessment.body.rests_on(instance)?;
        let first = changed(then, wanted.now()).into_iter().next()?;
        Some(format!("{first} after it was measured or decided in {}", source.release.version))
    })
}

fn carried(source: &Source<'_>, rule: Rule, again: Judgement, rests: Vec<(u64, Timestamp)>) -> Found {
    let policy = rule.words();
    let mut judgement = again;
    judgement.because = format!("carried from {}: {}", source.release.version, judgement.because);
    judgement.grounds.push(match rule.at {
        Some(span) => Ground::Declared { span, text: policy.clone() },
        None => Ground::Rule(policy.clone()),
    });
    let carried = Carried {
        from: source.release.version.to_owned(),
        assessment: source.assessment.seq,
        records: rests.into_iter().map(|(seq, _)| seq).collect(),
        policy,
    };
    Found::Carried(judgement, carried)
}

fn rule_of(rules: &[Rule], method: Method) -> Rule {
    rules.iter().find(|r| r.method == method).copied().unwrap_or_else(|| Rule::default_of(method))
}

fn renew(wanted: &Wanted<'_>) -> &'static str {
    if wanted.functional || policy::is_of_product(wanted.method) { "measure" } else { "decide" }
}

/// Why the firmware image is not known to be the same, if so.
fn other_image(before: &[Part], now: &[Part]) -> Option<String> {
    let image = |parts: &[Part]| parts.iter().find(|p| p.kind == PartKind::Image).cloned();
    let known = |part: &Part| part.says.as_deref() == Some("recorded");
    let (before, now) = (image(before).filter(known), image(now).filter(known));
    match (before, now) {
        (Some(before), Some(now)) if before.digest == now.digest => None,
        (Some(_), Some(_)) => Some("the firmware image changed".to_owned()),
        (None, _) => Some("no firmware image is recorded for the release before".to_owned()),
        (_, None) => Some("no firmware image is recorded for this release".to_owned()),
    }
}

/// The records that a judgement rests on, with the moment each speaks of. None twice.
fn records(judgement: &Judgement, evidence: &Evidence) -> Vec<(u64, Timestamp)> {
    let when = |ground: &Ground| match ground {
        Ground::Observed { seq, .. } => {
            evidence.observations.iter().find(|o| o.seq == *seq).map(|o| (*seq, o.body.ended))
        }
        Ground::Stated { seq, .. } => {
            evidence.statements.iter().find(|s| s.seq == *seq).map(|s| (*seq, s.body.last_true()))
        }
        Ground::Declared { .. } | Ground::Rule(_) => None,
    };
    let mut all: Vec<(u64, Timestamp)> = judgement.grounds.iter().filter_map(when).collect();
    all.sort_unstable();
    all.dedup();
    all
}
