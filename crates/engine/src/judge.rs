//! Judges every unit instance and folds the results up to the whole.
//!
//! Pure. What a criterion means is the rules' business; how results come together is `fold`'s and `reading`'s.

use std::collections::BTreeMap;

use catalogue::Kind;
use model::{Outcome, ProvisionId, Statement};

use crate::answer::{Answer, answer};
use crate::assessment::{Assessment, Basis, InstanceResult};
use crate::current::{current, stale_for};
use crate::judgement::{Ground, InstanceId, Judgement, Next};
use crate::plan::{Step, instance, steps};
use crate::reading::is_without_criterion;
use crate::release::Currency;
use crate::release::carry::{self, Found, Past, Wanted};
use crate::release::rests::Rests;
use crate::rule::{InScope, UnitRule};
use crate::rules::Disputes;
use crate::scope::{Ranged, person_decides, ranges};
use crate::stated::{self, Stated, Word};
use crate::view::{Evidence, Recorded, View};

/// Judges a product on everything declared, observed and stated.
pub fn judge(view: &View<'_>) -> Assessment {
    judge_with(view, crate::rules())
}

pub(crate) fn judge_with(view: &View<'_>, rules: &'static [UnitRule]) -> Assessment {
    let steps = steps(view, rules);
    let answers: BTreeMap<&ProvisionId, Answer> =
        view.catalogue.provisions.iter().map(|p| (&p.id, answer(view, p))).collect();
    let fresh = current(view);
    let bench = Bench::of(*view, fresh.as_ref());
    let carrying = crate::release::carry_rules(view.dossier);
    let past = carry::past(view, &carrying);
    let earlier: Vec<Bench<'_, '_>> = past.iter().map(|release| Bench::of_past(view, release)).collect();
    let mut rests = Rests::of(view);
    let mut instances = Vec::new();
    for step in &steps {
        let untested = answers.get(&step.provision.id).and_then(Answer::untested);
        for ranged in ranges(view, step.unit) {
            let id = instance(step.unit, &ranged);
            let mut result = InstanceResult {
                case: step.case.id.clone(),
                provision: step.provision.id.clone(),
                method: step.unit.method,
                functional: step.unit.kind == Kind::Functional,
                basis: Basis::Computed,
                currency: Currency::NotApplicable,
                judgement: Judgement::not_applicable(""),
                rests_on: Vec::new(),
                id,
            };
            match &untested {
                Some(untested) => result.judgement = untested.clone(),
                None => {
                    (result.basis, result.judgement) = bench.judge(step, &ranged);
                    result.currency = bench.currency(step, &ranged, &result.judgement);
                    if result.currency != Currency::NotApplicable {
                        let entry = result.id.entry.as_ref();
                        result.rests_on = rests.on(step, entry.map(|(table, id)| (table.as_str(), id.as_str())));
                    }
                    if result.currency == Currency::Open && bench.is_unsaid(&result.id) {
                        let again = |index: usize| earlier[index].judge(step, &ranged).1;
                        let wanted = Wanted {
                            id: &result.id,
                            method: result.method,
                            functional: result.functional,
                            measured: step.rule.is_some_and(|rule| bench.is_measured(rule)),
                            rests_on: &result.rests_on,
                            parts: rests.parts(),
                        };
                        match carry::find(&past, &carrying, &wanted, view.at, &again) {
                            Some(Found::Carried(judgement, carried)) => {
                                result.basis = Basis::Carried;
                                result.judgement = judgement;
                                result.currency = Currency::Carried(carried);
                            }
                            Some(Found::Stale(because)) => result.currency = Currency::Stale { because },
                            None => {}
                        }
                    }
                }
            }
            instances.push(result);
        }
    }
    bench.alternatives(&steps, &mut instances);
    instances.sort_by(|a, b| a.id.cmp(&b.id));
    Assessment::fold(view, &steps, answers, instances, rests.into_parts())
}

/// Everything that judging one instance looks at.
struct Bench<'a, 'f> {
    /// All evidence.
    full: View<'a>,
    /// Only what is current.
    fresh: View<'f>,
    stated: Stated<'a>,
    /// What tools say otherwise than each other in the current evidence.
    disputes: Disputes,
}

impl<'a: 'f, 'f> Bench<'a, 'f> {
    /// A bench with the evidence of a view; `fresh` is what of it is current, if not all is.
    fn of(view: View<'a>, fresh: Option<&'f Evidence>) -> Self {
        let fresh = fresh.map_or(view, |evidence| View { evidence, ..view });
        Self { full: view, fresh, stated: Stated::of(&view), disputes: Disputes::of(&fresh) }
    }

    /// A bench with the evidence of an earlier release, as if it were of this one.
    fn of_past(view: &View<'a>, release: &'a Past<'_>) -> Self {
        Self::of(View { evidence: &release.evidence, ..*view }, release.fresh.as_ref())
    }
}

impl Bench<'_, '_> {
    /// Whether a result is of this release, before earlier ones are looked at.
    fn currency(&self, step: &Step<'_>, ranged: &Ranged<'_>, judgement: &Judgement) -> Currency {
        match judgement.outcome {
            Outcome::NotApplicable => Currency::NotApplicable,
            Outcome::Pass | Outcome::Fail => Currency::Current,
            Outcome::Inconclusive => Currency::Open,
            Outcome::Open => {
                let word = self.stated.on(step.unit.id.as_str(), ranged.entry.map(|e| e.id.value.as_str()));
                let measured = step.rule.and_then(|rule| stale_for(&self.full, rule));
                if matches!(word, Word::Stale(..)) || measured.is_some() {
                    Currency::Stale { because: judgement.because.clone() }
                } else {
                    Currency::Open
                }
            }
        }
    }

    /// Whether something that feeds a rule was measured on this release.
    fn is_measured(&self, rule: &UnitRule) -> bool {
        let release = self.full.dossier.release_version();
        let mut of_it = self.full.evidence.observations.iter().filter(|o| o.body.dut.release == release);
        of_it.any(|o| rule.probes.contains(&o.body.run.probe.as_str()))
    }

    /// Whether no person has said anything of this instance for this release.
    fn is_unsaid(&self, id: &InstanceId) -> bool {
        matches!(self.stated.on(id.unit.as_str(), id.entry.as_ref().map(|(_, id)| id.as_str())), Word::Nobody)
    }

    fn judge(&self, step: &Step<'_>, ranged: &Ranged<'_>) -> (Basis, Judgement) {
        let (basis, mut judgement) = self.criterion(step, ranged);
        if judgement.outcome == Outcome::Fail && is_without_criterion(step.unit) {
            judgement.outcome = Outcome::Inconclusive;
            judgement.because = format!("not carried out ({}); no criterion rests on it", judgement.because);
            judgement.gaps.push(crate::Gap { missing: judgement.because.clone(), next: ask(step) });
        }
        (basis, judgement)
    }

    fn criterion(&self, step: &Step<'_>, ranged: &Ranged<'_>) -> (Basis, Judgement) {
        let word = self.stated.on(step.unit.id.as_str(), ranged.entry.map(|e| e.id.value.as_str()));
        let alternative = &step.case.verdict.or_when;
        let person = || stated::judge(&self.full, step.unit, &word, alternative, ask(step));
        match (&ranged.scope, step.rule) {
            (InScope::No(reason), _) => {
                let judgement = Judgement::not_applicable(reason.clone());
                let judgement = match ranged.entry {
                    Some(entry) => judgement.declared(entry.span, reason.clone()),
                    None => judgement.on(Ground::Rule(reason.clone())),
                };
                (Basis::Computed, judgement)
            }
            (InScope::Unknown(_), _) if matches!(word, Word::Said(..)) => (Basis::Person, person()),
            (InScope::Unknown(gap), _) => {
                let judgement = Judgement::open(gap.missing.clone(), gap.next.clone());
                let judgement = match ranged.entry {
                    Some(entry) => judgement.declared(entry.span, gap.missing.clone()),
                    None => judgement,
                };
                (Basis::Nothing, judgement)
            }
            (InScope::Yes, None) => {
                let judgement = person();
                let basis = if matches!(word, Word::Said(..)) { Basis::Person } else { Basis::Nothing };
                (basis, judgement)
            }
            (InScope::Yes, Some(rule)) => {
                let basis = if rule.probes.is_empty() { Basis::Rule } else { Basis::Probe };
                let ruled = self.rule(rule, ranged);
                match word {
                    Word::Said(record, _) => self.beside(basis, ruled, record, person()),
                    _ => (basis, ruled),
                }
            }
        }
    }

    /// What a rule says on current evidence; what only old evidence decides is open and says since when.
    fn rule(&self, rule: &UnitRule, ranged: &Ranged<'_>) -> Judgement {
        let again = |evidence: &Evidence| (rule.judge)(&View { evidence, ..self.fresh }, ranged.entry);
        let now = self.disputes.settle((rule.judge)(&self.fresh, ranged.entry), &again);
        if now.outcome.is_decided() {
            return now;
        }
        let Some(stale) = stale_for(&self.full, rule) else { return now };
        let before = (rule.judge)(&self.full, ranged.entry);
        if !before.outcome.is_decided() {
            return now;
        }
        let because = format!("stale since {}{}: {}", stale.since.date(), stale.told, before.because);
        Judgement { outcome: Outcome::Open, because, grounds: before.grounds, gaps: now.gaps }
    }

    /// A rule's judgement with a statement on the same instance beside it.
    fn beside(
        &self,
        basis: Basis,
        mut ruled: Judgement,
        record: &Recorded<Statement>,
        person: Judgement,
    ) -> (Basis, Judgement) {
        let said = person.grounds;
        match (ruled.outcome, person.outcome) {
            (Outcome::Fail, _) => {
                if person.outcome == Outcome::Pass {
                    ruled.because = format!("{} (a statement does not lift it)", ruled.because);
                }
                ruled.grounds.extend(said);
                (basis, ruled)
            }
            (Outcome::Open | Outcome::Inconclusive, Outcome::Pass | Outcome::Fail)
                if self.is_newer(record, &ruled) =>
            {
                let because = format!("{}; by itself it is {}: {}", person.because, ruled.outcome, ruled.because);
                let grounds = ruled.grounds.into_iter().chain(said).collect();
                (Basis::Person, Judgement { outcome: person.outcome, because, grounds, gaps: Vec::new() })
            }
            (Outcome::Pass, Outcome::Fail) => {
                let because = format!("{}, although the rule finds: {}", person.because, ruled.because);
                let grounds = ruled.grounds.into_iter().chain(said).collect();
                (Basis::Person, Judgement { outcome: Outcome::Fail, because, grounds, gaps: ruled.gaps })
            }
            (Outcome::Open | Outcome::Inconclusive, _) => {
                ruled.gaps.extend(person.gaps);
                ruled.grounds.extend(said);
                (basis, ruled)
            }
            _ => (basis, ruled),
        }
    }

    /// Whether a statement speaks of a time after every observation that a judgement rests on.
    fn is_newer(&self, record: &Recorded<Statement>, ruled: &Judgement) -> bool {
        let observed = ruled.grounds.iter().filter_map(|g| match g {
            Ground::Observed { seq, .. } => self.full.evidence.observations.iter().find(|o| o.seq == *seq),
            _ => None,
        });
        observed.map(|o| o.body.ended).all(|ended| record.body.last_true() >= ended)
    }

    /// Where a person has stated that the other criterion of a case holds, what is undecided in it no longer matters.
    fn alternatives(&self, steps: &[Step<'_>], instances: &mut [InstanceResult]) {
        for step in steps.iter().filter(|s| !s.case.verdict.or_when.is_empty()) {
            let criteria = &step.case.verdict.or_when;
            let stated = |i: &InstanceResult| {
                let entry = i.id.entry.as_ref().map(|(_, id)| id.as_str());
                stated::alternative(&self.stated.on(step.unit.id.as_str(), entry), criteria)
            };
            let found = instances.iter().enumerate().find_map(|(at, i)| {
                (i.id.unit == step.unit.id && i.basis != Basis::Computed).then(|| Some((at, stated(i)?)))?
            });
            let Some((at, (record, second))) = found else { continue };
            let because = format!("{} states: {}", record.body.person, criteria.join("; "));
            for (index, instance) in instances.iter_mut().enumerate() {
                if instance.case == step.case.id && !instance.judgement.outcome.is_decided() {
                    let outcome = if index == at { Outcome::Pass } else { Outcome::NotApplicable };
                    instance.basis = Basis::Person;
                    instance.currency = if index == at { Currency::Current } else { Currency::NotApplicable };
                    let mut judgement = Judgement::new(outcome, because.clone());
                    judgement.grounds = stated::grounds(record, second);
                    instance.judgement = judgement;
                }
            }
        }
    }
}

/// Asks a named person for the unit.
fn ask(step: &Step<'_>) -> Next {
    let unit = step.unit;
    let what = match person_decides(unit) {
        Some(also) => format!("{}: {} Decide also {also}.", unit.id, unit.summary),
        None => format!("{}: {}", unit.id, unit.summary),
    };
    Next::State { what }
}

#[cfg(test)]
mod tests;
