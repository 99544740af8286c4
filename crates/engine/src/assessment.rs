//! The whole result as plain data: every instance, and what it comes to on each level up to the overall verdict.
//!
//! Ordered as the standard orders, and the same for the same input. Presentation is somebody else's.

use std::collections::BTreeMap;

use catalogue::{Group, Provision};
use model::{CaseId, Confidence, Edition, GroupId, Method, Outcome, ProvisionId, Timestamp, UnitId};
use serde::Serialize;

use crate::answer::{Answer, Standing};
use crate::applies::Applies;
use crate::claims::{Claim, claim};
use crate::crypto_policy::PolicyUsed;
use crate::fold::all;
use crate::gaps::{RankedGap, rank};
use crate::judgement::{Gap, Ground, InstanceId, Judgement, Next};
use crate::looked::{Looked, looked};
use crate::plan::Step;
use crate::reading::{Part as CasePart, fold_case, fold_unit};
use crate::release::{Currency, Part};
use crate::rules::{Flow, Unmet, flows, unmet};
use crate::scope::update_mechanisms;
use crate::view::View;

/// The rule set, raised whenever the same input could give another verdict.
pub const RULESET: u32 = 4;

/// What an instance's judgement rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// Computed applicability, or a declared fact that leaves the entry out.
    Computed,
    /// A rule on the declarations.
    Rule,
    /// A measurement, judged by a rule.
    Probe,
    /// A person's statement.
    Person,
    /// A pass of an earlier release that stands for this one.
    Carried,
    /// Nothing yet.
    Nothing,
}

/// One unit instance, judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InstanceResult {
    /// Which.
    pub id: InstanceId,
    /// Its case.
    pub case: CaseId,
    /// The provision it tests.
    pub provision: ProvisionId,
    /// Who or what the catalogue expects to settle it.
    pub method: Method,
    /// Whether it exercises the product; otherwise it reads documents.
    pub functional: bool,
    /// What the judgement rests on.
    pub basis: Basis,
    /// Whether it is one of this release.
    pub currency: Currency,
    /// The judgement.
    pub judgement: Judgement,
    /// Places in [`Assessment::parts`] of everything that the judgement rests on beside records; none where it does
    /// not concern the product.
    pub rests_on: Vec<u32>,
}

impl InstanceResult {
    /// The cheapest step that would settle it, where it is not settled: a measurement before a declaration before a
    /// person's decision.
    pub fn renewed_by(&self) -> Option<&Next> {
        let cost = |next: &Next| match next {
            Next::Observe { .. } => 0,
            Next::Declare { .. } => 1,
            Next::State { .. } => 2,
            Next::Prepare { .. } => 3,
            Next::Mend { .. } => 4,
        };
        self.judgement.gaps.iter().map(|gap| &gap.next).min_by_key(|next| cost(next))
    }
}

/// What a unit comes to over its entries. Ours: the standard gives verdicts from the case upwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnitResult {
    /// Which.
    pub id: UnitId,
    /// Its outcome.
    pub outcome: Outcome,
}

/// A case with its verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CaseResult {
    /// Which.
    pub id: CaseId,
    /// Its verdict.
    pub outcome: Outcome,
    /// How sure the catalogue is of the criteria.
    pub confidence: Confidence,
    /// How its instances were read together.
    pub reading: String,
    /// The other reading and its verdict, where the print leaves both and they differ.
    pub otherwise: Option<(String, Outcome)>,
    /// Whether a person has to confirm the verdict.
    pub needs_person: bool,
}

/// A group with its verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupResult {
    /// Which.
    pub id: GroupId,
    /// Its verdict.
    pub outcome: Outcome,
}

/// A provision: the answer, the verdict, the three legs of the claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProvisionResult {
    /// Which.
    pub id: ProvisionId,
    /// Whether it is a shall.
    pub mandatory: bool,
    /// Whether it applies.
    pub applies: Applies,
    /// Where the supplier's answer puts it.
    pub standing: Standing,
    /// Answer and tests together.
    pub outcome: Outcome,
    /// One sentence that says why.
    pub because: String,
    /// What the answer rests on.
    pub grounds: Vec<Ground>,
    /// Whether a case of it needs a person's confirmation.
    pub needs_person: bool,
    /// What of its own, beside its instances, is in the way.
    pub gaps: Vec<Gap>,
    /// The claim's three legs.
    pub claim: Claim,
}

/// The verdict over the provisions of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Overall {
    /// The verdict.
    pub outcome: Outcome,
    /// One sentence that says why.
    pub because: String,
    /// Provisions by outcome.
    pub tally: BTreeMap<Outcome, usize>,
}

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// A failed unit instance.
    Instance(InstanceId),
    /// A mandatory provision that is not supported.
    Answer,
}

/// Something that does not meet the standard, with its grounds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The provision concerned.
    pub provision: ProvisionId,
    /// Whether that is a shall.
    pub mandatory: bool,
    /// What failed.
    pub about: About,
    /// One sentence that says why.
    pub because: String,
    /// What it rests on.
    pub grounds: Vec<Ground>,
    /// The next steps.
    pub next: Vec<Next>,
}

/// The result of assessing one release of a product against one edition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Assessment {
    /// The edition.
    pub edition: Edition,
    /// The product's name as declared; empty when it is not.
    pub product: String,
    /// Its model designation as declared; empty when it is not.
    pub model: String,
    /// The release as declared; empty when it is not.
    pub release: String,
    /// The moment the verdict is for.
    pub at: Timestamp,
    /// The rule set, [`RULESET`].
    pub ruleset: u32,
    /// The cryptography policy that was judged by.
    pub crypto_policy: PolicyUsed,
    /// Over the mandatory provisions.
    pub mandatory: Overall,
    /// Over the recommendations.
    pub recommended: Overall,
    /// Provisions in order.
    pub provisions: Vec<ProvisionResult>,
    /// Groups in order.
    pub groups: Vec<GroupResult>,
    /// Cases in order.
    pub cases: Vec<CaseResult>,
    /// Units in order.
    pub units: Vec<UnitResult>,
    /// Instances in order.
    pub instances: Vec<InstanceResult>,
    /// What failed, mandatory first.
    pub findings: Vec<Finding>,
    /// What is in the way, what blocks most first.
    pub gaps: Vec<RankedGap>,
    /// What was looked at, and what should have been.
    pub looked: Vec<Looked>,
    /// Captured traffic against the declared communication; empty where no capture is recorded.
    pub flows: Vec<Flow>,
    /// What is declared and no measurement met; empty while nothing was measured.
    pub unmet: Vec<Unmet>,
    /// What the instances rest on beside records, each in its present state.
    pub parts: Vec<Part>,
}

impl Assessment {
    /// The result of a provision.
    pub fn provision(&self, id: &ProvisionId) -> Option<&ProvisionResult> {
        self.provisions.binary_search_by(|p| p.id.cmp(id)).ok().map(|at| &self.provisions[at])
    }

    /// The result of a case.
    pub fn case(&self, id: &CaseId) -> Option<&CaseResult> {
        self.cases.binary_search_by(|c| c.id.cmp(id)).ok().map(|at| &self.cases[at])
    }

    /// The result of a unit instance.
    pub fn instance(&self, id: &InstanceId) -> Option<&InstanceResult> {
        self.instances.binary_search_by(|i| i.id.cmp(id)).ok().map(|at| &self.instances[at])
    }

    /// The instances of a unit, in order.
    pub fn instances_of<'a>(&'a self, unit: &'a UnitId) -> impl Iterator<Item = &'a InstanceResult> {
        self.instances.iter().filter(move |i| i.id.unit == *unit)
    }

    /// Folds judged instances up to the whole.
    pub(crate) fn fold(
        view: &View<'_>,
        steps: &[Step<'_>],
        mut answers: BTreeMap<&ProvisionId, Answer>,
        instances: Vec<InstanceResult>,
        parts: Vec<Part>,
    ) -> Self {
        let catalogue = view.catalogue;
        let (units, cases) = units_and_cases(view, steps, &instances);
        let group_of: BTreeMap<&CaseId, &GroupId> = catalogue.cases.iter().map(|c| (&c.id, &c.group)).collect();
        let mut by_group: BTreeMap<&GroupId, Vec<&CaseResult>> = BTreeMap::new();
        for case in &cases {
            if let Some(group) = group_of.get(&case.id) {
                by_group.entry(group).or_default().push(case);
            }
        }
        let cases_of = |group: &GroupId| by_group.get(group).map_or(&[][..], Vec::as_slice);
        let groups: Vec<GroupResult> = catalogue
            .groups
            .iter()
            .map(|g| GroupResult { id: g.id.clone(), outcome: all(cases_of(&g.id).iter().map(|c| c.outcome)) })
            .collect();
        let mut by_provision: BTreeMap<&ProvisionId, Vec<&InstanceResult>> = BTreeMap::new();
        for instance in &instances {
            by_provision.entry(&instance.provision).or_default().push(instance);
        }
        let mut provisions: Vec<ProvisionResult> = catalogue
            .provisions
            .iter()
            .filter_map(|provision| {
                let group = catalogue.group_of(&provision.id)?;
                let tested = groups.iter().find(|g| g.id == group.id)?;
                let answer = answers.remove(&provision.id)?;
                let of = by_provision.remove(&provision.id).unwrap_or_default();
                let needs = cases_of(&group.id).iter().any(|c| c.needs_person);
                Some(one_provision(view, provision, group, tested.outcome, needs, answer, &of))
            })
            .collect();
        provisions.sort_by(|a, b| a.id.cmp(&b.id));
        let product = view.dossier.product.as_ref();
        let text = |t: Option<&dossier::Located<String>>| t.map(|t| t.value.clone()).unwrap_or_default();
        Self {
            edition: catalogue.edition,
            product: text(product.and_then(|p| p.name.as_ref())),
            model: text(product.and_then(|p| p.model.as_ref())),
            release: view.dossier.release_version().to_owned(),
            at: view.at,
            ruleset: RULESET,
            crypto_policy: PolicyUsed::of(view),
            mandatory: overall(provisions.iter().filter(|p| p.mandatory), "mandatory provision"),
            recommended: overall(provisions.iter().filter(|p| !p.mandatory), "recommendation"),
            findings: findings(&provisions, &instances),
            gaps: rank(&provisions, &instances),
            looked: looked(view),
            flows: flows(view),
            unmet: unmet(view),
            provisions,
            groups,
            cases,
            units,
            instances,
            parts,
        }
    }
}

fn units_and_cases(
    view: &View<'_>,
    steps: &[Step<'_>],
    instances: &[InstanceResult],
) -> (Vec<UnitResult>, Vec<CaseResult>) {
    let mut of_unit: BTreeMap<&UnitId, Vec<&InstanceResult>> = BTreeMap::new();
    for instance in instances {
        of_unit.entry(&instance.id.unit).or_default().push(instance);
    }
    let components = update_mechanisms(view);
    let mut units = Vec::new();
    let mut parts: BTreeMap<&CaseId, Vec<CasePart<'_>>> = BTreeMap::new();
    for step in steps {
        let of = of_unit.remove(&step.unit.id).unwrap_or_default();
        let outcome = fold_unit(step.case, of.iter().map(|i| i.judgement.outcome));
        units.push(UnitResult { id: step.unit.id.clone(), outcome });
        let parts = parts.entry(&step.case.id).or_default();
        parts.extend(of.into_iter().map(|i| CasePart::new(step.unit, of_entry(i), i.judgement.outcome)));
    }
    let mut cases: Vec<CaseResult> = view
        .catalogue
        .cases
        .iter()
        .map(|case| {
            let fold = fold_case(case, parts.get(&case.id).map_or(&[], Vec::as_slice), &components);
            CaseResult {
                id: case.id.clone(),
                outcome: fold.outcome,
                confidence: case.verdict.confidence,
                reading: fold.reading.words().to_owned(),
                otherwise: fold.otherwise.map(|(reading, outcome)| (reading.words().to_owned(), outcome)),
                needs_person: fold.needs_person && fold.outcome != Outcome::NotApplicable,
            }
        })
        .collect();
    units.sort_by(|a, b| a.id.cmp(&b.id));
    cases.sort_by(|a, b| a.id.cmp(&b.id));
    (units, cases)
}

fn of_entry(instance: &InstanceResult) -> Option<&str> {
    instance.id.entry.as_ref().map(|(_, id)| id.as_str())
}

fn one_provision(
    view: &View<'_>,
    provision: &Provision,
    group: &Group,
    tested: Outcome,
    needs_person: bool,
    answer: Answer,
    instances: &[&InstanceResult],
) -> ProvisionResult {
    let claim = claim(view, provision, group, &answer, instances);
    let Answer { applies, standing, judgement } = answer;
    let mut gaps = judgement.gaps;
    let (outcome, because) = match (standing.is_tested(), judgement.outcome, tested) {
        (false, outcome, _) => (outcome, judgement.because),
        (true, Outcome::Fail, _) => (Outcome::Fail, judgement.because),
        (true, Outcome::Pass, Outcome::NotApplicable) if provision.is_unconditional() => {
            (Outcome::NotApplicable, "claimed, and no declared entry falls under its tests".to_owned())
        }
        (true, Outcome::Pass, Outcome::NotApplicable) => {
            let missing = "declared to apply, but no declared entry falls under its tests".to_owned();
            let what = provision.features.iter().map(|f| format!("feature {f}"));
            let what = what.chain(provision.conditions.iter().map(|c| format!("condition {c}")));
            let what = format!("{}, or the entries it is about", what.collect::<Vec<_>>().join(", "));
            gaps.push(Gap {
                missing: missing.clone(),
                next: Next::Declare { place: "ics".into(), entry: None, what },
            });
            (Outcome::Open, missing)
        }
        (true, answered, tested) => {
            let because = if answered == Outcome::Pass || tested == Outcome::Fail {
                tests_say(tested, instances)
            } else {
                judgement.because
            };
            (all([answered, tested]), because)
        }
    };
    ProvisionResult {
        id: provision.id.clone(),
        mandatory: provision.is_mandatory(),
        applies,
        standing,
        outcome,
        because,
        grounds: judgement.grounds,
        needs_person,
        gaps,
        claim,
    }
}

fn tests_say(tested: Outcome, instances: &[&InstanceResult]) -> String {
    let of = |outcome| instances.iter().filter(|i| i.judgement.outcome == outcome).count();
    let count = instances.iter().filter(|i| i.judgement.outcome != Outcome::NotApplicable).count();
    match tested {
        Outcome::Pass => {
            let carried = crate::claims::carried_words(instances);
            format!("all {count} unit instances are decided and its cases pass{carried}")
        }
        Outcome::Fail => {
            let failed = instances.iter().find(|i| i.judgement.outcome == Outcome::Fail);
            let first = failed.map_or_else(String::new, |i| format!(": {}: {}", i.id, i.judgement.because));
            format!("{} of {count} unit instances fail{first}", of(Outcome::Fail))
        }
        _ => format!("{} of {count} unit instances are undecided", of(Outcome::Open) + of(Outcome::Inconclusive)),
    }
}

fn overall<'a>(provisions: impl Iterator<Item = &'a ProvisionResult> + Clone, what: &str) -> Overall {
    let mut tally: BTreeMap<Outcome, usize> = Outcome::ALL.into_iter().map(|o| (o, 0)).collect();
    for provision in provisions.clone() {
        *tally.entry(provision.outcome).or_default() += 1;
    }
    let outcome = all(provisions.clone().map(|p| p.outcome));
    let deciding: Vec<&str> = provisions.filter(|p| p.outcome == outcome).map(|p| p.id.as_str()).collect();
    let because = match outcome {
        Outcome::Pass => format!("every {what} that applies and is claimed passes"),
        Outcome::NotApplicable => format!("no {what} is tested"),
        _ => format!("{outcome}: {what} {}", deciding.join(", ")),
    };
    Overall { outcome, because, tally }
}

fn findings(provisions: &[ProvisionResult], instances: &[InstanceResult]) -> Vec<Finding> {
    let mend = |what: &str| Next::Mend { what: what.to_owned() };
    let answers = provisions.iter().filter(|p| p.standing == Standing::NotSupported).map(|p| Finding {
        provision: p.id.clone(),
        mandatory: p.mandatory,
        about: About::Answer,
        because: p.because.clone(),
        grounds: p.grounds.clone(),
        next: vec![mend(&p.because)],
    });
    let failed = instances.iter().filter(|i| i.judgement.outcome == Outcome::Fail).map(|i| {
        let steps: Vec<Next> = i.judgement.gaps.iter().map(|g| g.next.clone()).collect();
        Finding {
            provision: i.provision.clone(),
            mandatory: provisions.iter().any(|p| p.id == i.provision && p.mandatory),
            about: About::Instance(i.id.clone()),
            because: i.judgement.because.clone(),
            grounds: i.judgement.grounds.clone(),
            next: if steps.is_empty() { vec![mend(&i.judgement.because)] } else { steps },
        }
    });
    let mut findings: Vec<Finding> = answers.chain(failed).collect();
    findings.sort_by(|a, b| b.mandatory.cmp(&a.mandatory).then_with(|| a.provision.cmp(&b.provision)));
    findings
}
