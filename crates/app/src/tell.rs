//! Turns the engine's assessment into the one presentation that every writer writes. No verdict is computed here.

mod access;
mod place;
mod provision;
mod records;
mod step;

use catalogue::Catalogue;
use dossier::Dossier;
use engine::{About, Assessment, Evidence, Recorded};
use model::{Confidence, Decision, KeptArtefact, Outcome};
use report::presentation::{
    Counts, CryptoPolicy, Document, Exit, Figures, Finding, Flow, Gap, Head, Ledger, Looked, Missed, Person,
    Presentation, Review, Tally, Total, Unmet, Written,
};

use crate::history::LedgerState;
use crate::review::Told as ReviewTold;
use place::grounds;
pub(crate) use place::place;
use provision::clauses;
pub(crate) use step::step;
use step::steps_of;

/// What a presentation is made from, beside the assessment.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// The dossier that was judged.
    pub dossier: &'a Dossier,
    /// The evidence it was judged on.
    pub evidence: &'a Evidence,
    /// Files that were kept as evidence by themselves.
    pub kept: &'a [Recorded<KeptArtefact>],
    /// The ledger's state, when anything is recorded.
    pub ledger: Option<&'a LedgerState>,
    /// Reviews of recorded assessments of the release.
    pub reviews: &'a [ReviewTold],
    /// Files that are written beside the report: what and where.
    pub written: &'a [(String, String)],
    /// Exit code and its meaning.
    pub exit: (u8, &'a str),
}

/// The presentation of an assessment.
pub fn presentation(assessment: &Assessment, told: Told<'_>) -> Presentation {
    let catalogue = Catalogue::of(assessment.edition);
    let clauses = clauses(catalogue, assessment, told);
    let figures = Figures::of(&clauses);
    Presentation {
        head: head(catalogue, assessment, told),
        mandatory: total(&assessment.mandatory),
        recommended: total(&assessment.recommended),
        limits: limits(assessment, &figures, told),
        figures,
        findings: assessment
            .findings
            .iter()
            .map(|finding| Finding {
                provision: finding.provision.to_string(),
                mandatory: finding.mandatory,
                about: match &finding.about {
                    About::Instance(id) => id.to_string(),
                    About::Answer => "answer".to_owned(),
                },
                because: finding.because.clone(),
                grounds: grounds(&finding.grounds, told),
                next: steps_of(finding, told),
            })
            .collect(),
        gaps: assessment
            .gaps
            .iter()
            .map(|gap| Gap {
                step: step(&gap.next, gap.instances.first()),
                missing: gap.missing.clone(),
                instances: gap.instances.iter().map(ToString::to_string).collect(),
                provisions: gap.provisions.iter().map(ToString::to_string).collect(),
                mandatory: gap.mandatory as u64,
                legs: gap.legs.iter().map(ToString::to_string).collect(),
            })
            .collect(),
        looked: assessment
            .looked
            .iter()
            .map(|looked| Looked {
                target: looked.target.clone(),
                probe: looked.probe.clone(),
                tool: looked.tool.clone().unwrap_or_default(),
                place: looked.standpoint(),
                record: looked.seq,
                when: looked.ended,
                stale_since: looked.stale_since,
                at: looked.at.clone(),
                not: looked.not.iter().map(|(why, text)| Missed { why: word(why), text: text.clone() }).collect(),
            })
            .collect(),
        unmet: assessment.unmet.iter().map(|one| unmet_told(one, told)).collect(),
        traffic: assessment.flows.iter().map(|flow| flow_told(flow, told)).collect(),
        access: access::access(assessment, told),
        records: records::records(told),
        people: people(told.evidence),
        reviews: told.reviews.iter().map(review).collect(),
        written: told
            .written
            .iter()
            .map(|(what, path)| Written { what: what.clone(), path: path.clone() })
            .collect(),
        exit: Exit { code: told.exit.0, meaning: told.exit.1.to_owned() },
        clauses,
    }
}

fn unmet_told(one: &engine::Unmet, told: Told<'_>) -> Unmet {
    Unmet {
        table: one.table.clone(),
        declared: one.id.clone(),
        what: one.what.clone(),
        because: one.because.clone(),
        grounds: grounds(&one.grounds, told),
    }
}

fn flow_told(flow: &engine::Flow, told: Told<'_>) -> Flow {
    Flow {
        compared: flow.compared.as_str().to_owned(),
        declared: flow.declared.as_ref().map(|(_, id)| id.clone()).unwrap_or_default(),
        what: flow.what.clone(),
        because: flow.because.clone(),
        grounds: grounds(&flow.grounds, told),
    }
}

/// The kebab-case word that a serialised enum writes.
fn word<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

fn head(catalogue: &Catalogue, assessment: &Assessment, told: Told<'_>) -> Head {
    let document = |d: &catalogue::Document| Document {
        id: d.id.clone(),
        version: d.version.clone(),
        published: d.published.clone(),
        title: d.title.clone(),
        url: d.url.clone(),
    };
    let product = told.dossier.product.as_ref();
    let supplier = product.and_then(|p| p.manufacturer.as_ref()).map(|m| m.value.clone()).unwrap_or_default();
    let laboratory = told.dossier.people.iter().find(|p| {
        p.role.as_ref().is_some_and(|r| r.value.to_lowercase().contains("laborator")) && p.name.is_some()
    });
    let assessor = laboratory
        .and_then(|p| p.name.as_ref())
        .map_or_else(|| "the supplier organization itself".to_owned(), |n| n.value.clone());
    Head {
        product: assessment.product.clone(),
        model: assessment.model.clone(),
        release: assessment.release.clone(),
        supplier,
        assessor,
        edition: assessment.edition,
        requirements: document(&catalogue.requirements),
        tests: document(&catalogue.tests),
        at: assessment.at,
        ruleset: assessment.ruleset,
        crypto_policy: CryptoPolicy {
            name: assessment.crypto_policy.name.clone(),
            version: assessment.crypto_policy.version.clone(),
            digest: assessment.crypto_policy.digest,
            replaced: assessment.crypto_policy.replaced,
        },
        tool: crate::TOOL.to_owned(),
        ledger: told.ledger.map(|state| Ledger {
            records: state.records,
            root: state.root,
            signers: state.signers.iter().cloned().collect(),
        }),
    }
}

fn total(overall: &engine::Overall) -> Total {
    let outcomes = overall.tally.iter().flat_map(|(outcome, count)| std::iter::repeat_n(*outcome, *count));
    Total { outcome: overall.outcome, because: overall.because.clone(), counts: Counts::over(outcomes) }
}

fn limits(assessment: &Assessment, figures: &Figures, told: Told<'_>) -> Vec<String> {
    let mut limits = vec![
        "This is an assessment report, not a certificate: schemes and authorities decide what it is worth to them."
            .to_owned(),
        format!(
            "{} of the {} unit instances that concern the product are decided; nothing that is open or inconclusive \
             counts as passed.",
            figures.instances.pass + figures.instances.fail,
            figures.instances.total() - figures.instances.not_applicable
        ),
    ];
    if !figures.decided_by.is_empty() {
        let by = figures.decided_by.iter().map(|Tally { what, count }| format!("{count} by {what}"));
        limits
            .push(format!("Passed or failed unit instances were decided {}.", by.collect::<Vec<_>>().join(", ")));
    }
    let carried =
        assessment.instances.iter().filter(|i| matches!(i.currency, engine::Currency::Carried(_))).count();
    if carried > 0 {
        limits.push(format!(
            "{carried} unit instances are carried over from an earlier release: they were not measured or decided on \
             this one. Each says from which release and record, and which policy allows it."
        ));
    }
    let missed: usize = assessment.looked.iter().map(|l| l.not.len()).sum();
    limits.push(match (assessment.looked.is_empty(), missed) {
        (true, _) => {
            "Nothing was measured: every functional unit is undecided unless a person stated it.".to_owned()
        }
        (false, 0) => {
            "The measurements met everything they set out to look at; what they set out for is listed.".to_owned()
        }
        (false, n) => format!("The measurements could not look at {n} things they should have; each is listed."),
    });
    let unsure = assessment.cases.iter().filter(|c| c.outcome != Outcome::NotApplicable);
    let (medium, low) = unsure.fold((0, 0), |(m, l), c| match c.confidence {
        Confidence::Medium => (m + 1, l),
        Confidence::Low => (m, l + 1),
        Confidence::High => (m, l),
    });
    if medium + low > 0 {
        limits.push(format!(
            "The printed criteria of {medium} test cases are derived from their units, and those of {low} leave a \
             reading that decides the verdict: a person who has the standard confirms them."
        ));
    }
    if told.evidence.statements.is_empty() {
        limits.push("No person has stated anything yet; units that ask for judgement are open.".to_owned());
    }
    limits
}

fn review(told: &ReviewTold) -> Review {
    let body = &told.review.body;
    Review {
        record: told.review.seq,
        checkpoint: body.checkpoint.clone(),
        approved: body.decision == Decision::Approve,
        assessment: body.assessment,
        current: told.current,
        by: body.person.clone(),
        role: body.role.clone(),
        when: body.reviewed,
        reasons: body.reasons.clone().into(),
    }
}

fn people(evidence: &Evidence) -> Vec<Person> {
    let mut people: Vec<Person> = Vec::new();
    for statement in &evidence.statements {
        let (name, role) = (&statement.body.person, &statement.body.role);
        match people.iter_mut().find(|p| p.name == *name && p.role == *role) {
            Some(person) => person.statements += 1,
            None => people.push(Person { name: name.clone(), role: role.clone(), statements: 1 }),
        }
    }
    people
}
