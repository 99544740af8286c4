//! Which recorded statement counts for a unit instance, and what it amounts to.
//!
//! The newest valid one of this edition, release, unit and entry counts, by when it was true and then by when it was
//! stated. Who may state what is not decided here; whether a second person has to say so too, beside this file.

use std::collections::BTreeMap;

use catalogue::{Catalogue, Kind, Unit};
use model::{Outcome, Statement, Timestamp, Verdict};

use crate::judgement::{Ground, Judgement, Next};
use crate::second::Second;
use crate::view::{Recorded, View};

const DAY_MILLIS: i64 = 86_400_000;

/// The statements of the release under assessment, by unit and entry.
pub(crate) struct Stated<'a> {
    by_instance: BTreeMap<(&'a str, Option<&'a str>), Vec<&'a Recorded<Statement>>>,
    days: Option<u32>,
    at: Timestamp,
    view: View<'a>,
}

/// What the statements on an instance amount to.
#[derive(Debug, Clone)]
pub(crate) enum Word<'a> {
    /// Nobody has stated anything.
    Nobody,
    /// Only statements without a name, a reason or a criterion.
    Void,
    /// The newest statement is too old.
    Stale(&'a Recorded<Statement>, Timestamp),
    /// This one counts, as far as a second person lets it.
    Said(&'a Recorded<Statement>, Second<'a>),
}

impl<'a> Stated<'a> {
    pub(crate) fn of(view: &View<'a>) -> Self {
        let mut by_instance: BTreeMap<_, Vec<_>> = BTreeMap::new();
        let release = view.dossier.release_version();
        for record in &view.evidence.statements {
            if record.body.edition == view.catalogue.edition && record.body.release == release {
                let key = (record.body.unit.as_str(), record.body.entry.as_deref());
                by_instance.entry(key).or_default().push(record);
            }
        }
        let days = view.dossier.policy.as_ref().and_then(|p| p.statement_days.as_ref()).map(|d| d.value);
        Self { by_instance, days, at: view.at, view: *view }
    }

    /// What has been stated on an instance.
    pub(crate) fn on(&self, unit: &str, entry: Option<&str>) -> Word<'a> {
        let Some(records) = self.by_instance.get(&(unit, entry)) else { return Word::Nobody };
        let mut valid: Vec<_> = records.iter().copied().filter(|r| is_valid(&r.body)).collect();
        valid.sort_by_key(|r| (r.body.last_true(), r.body.stated, r.seq));
        let Some(record) = valid.pop() else { return Word::Void };
        let stale = |record: &Recorded<Statement>| stale_since(record.body.last_true(), self.days, self.at);
        if let Some(since) = stale(record) {
            return Word::Stale(record, since);
        }
        let second = Second::of(&self.view, record);
        if !second.stands() && record.body.outcome() != Outcome::Fail {
            // What somebody found broken stays so until two persons say otherwise.
            let fails = |r: &Recorded<Statement>| r.body.outcome() == Outcome::Fail;
            let mut before = valid.into_iter().rev().map(|r| (r, Second::of(&self.view, r)));
            if let Some((found, theirs)) = before.find(|(r, second)| second.stands() || fails(r))
                && fails(found)
                && stale(found).is_none()
            {
                return Word::Said(found, theirs);
            }
        }
        Word::Said(record, second)
    }
}

/// From when on something is too old, if it is by `at`.
pub(crate) fn stale_since(when: Timestamp, days: Option<u32>, at: Timestamp) -> Option<Timestamp> {
    let until = when.millis().saturating_add(i64::from(days?).saturating_mul(DAY_MILLIS));
    (at.millis() > until).then(|| Timestamp::from_millis(until))
}

fn is_valid(statement: &Statement) -> bool {
    let said = |text: &str| !text.trim().is_empty();
    said(&statement.person) && said(&statement.reasoning) && !statement.criteria.is_empty()
}

/// The statement as a ground.
pub(crate) fn ground(record: &Recorded<Statement>) -> Ground {
    let statement = &record.body;
    let by = match statement.role.trim() {
        "" => statement.person.clone(),
        role => format!("{} ({role})", statement.person),
    };
    Ground::Stated { seq: record.seq, by, text: format!("{}: {}", statement.outcome(), statement.reasoning) }
}

/// The statement and what a second person said about it, as grounds.
pub(crate) fn grounds(record: &Recorded<Statement>, second: Second<'_>) -> Vec<Ground> {
    std::iter::once(ground(record)).chain(second.ground()).collect()
}

/// The judgement that statements alone give. `alternative` are criteria of the case that stand for others.
pub(crate) fn judge(
    view: &View<'_>,
    unit: &Unit,
    word: &Word<'_>,
    alternative: &[String],
    ask: Next,
) -> Judgement {
    match word {
        Word::Nobody => Judgement::open("no person has decided it yet", ask),
        Word::Void => Judgement::open("what is stated names no person, no reason or no criterion", ask),
        Word::Stale(record, since) => {
            Judgement::open(format!("the statement is stale since {}", since.date()), ask).on(ground(record))
        }
        Word::Said(record, second) => decided(view, unit, record, *second, alternative, ask),
    }
}

fn decided(
    view: &View<'_>,
    unit: &Unit,
    record: &Recorded<Statement>,
    second: Second<'_>,
    alternative: &[String],
    ask: Next,
) -> Judgement {
    let mut statement = record.body.clone();
    statement.criteria.retain(|c| !names(alternative, &c.criterion));
    let by = &record.body.person;
    let mut judgement = match statement.outcome() {
        Outcome::Pass => match missing_artefacts(view, unit, &record.body).as_slice() {
            [] => match second.objection(&record.body) {
                None => Judgement::pass(format!("{by} states that it holds")),
                Some(because) => {
                    let what = format!("{}: somebody other than {by} confirms record {}", unit.id, record.seq);
                    Judgement::open(because, Next::State { what })
                }
            },
            kinds => {
                let kinds = kinds.join(", ");
                let what = format!("{}: state it again with artefacts attached: {kinds}", unit.id);
                Judgement::open(format!("stated without artefacts: {kinds}"), Next::State { what })
            }
        },
        Outcome::Fail => Judgement::fail(format!("{by} states that it does not hold")),
        Outcome::Inconclusive => Judgement::inconclusive(format!("{by} could not decide it"), ask),
        Outcome::Open | Outcome::NotApplicable => {
            Judgement::open("only the other criterion of the case has been decided", ask)
        }
    };
    judgement.grounds.extend(grounds(record, second));
    judgement
}

/// Kinds of artefact that the guided procedure of a functional unit asks for and the statement lacks.
fn missing_artefacts(view: &View<'_>, unit: &Unit, statement: &Statement) -> Vec<String> {
    let lacks = |kind: &&String| !statement.artefacts.iter().any(|a| a.kind == **kind);
    required_artefacts(view.catalogue, unit).iter().filter(lacks).cloned().collect()
}

/// Kinds of artefact without which a stated pass on a unit stays open: those that the guided procedure of a functional
/// unit asks for.
pub fn required_artefacts(catalogue: &Catalogue, unit: &Unit) -> &'static [String] {
    match catalogue.procedure(&unit.id) {
        Some(procedure) if unit.kind == Kind::Functional => &procedure.artefacts,
        _ => &[],
    }
}

/// The statement that says that an alternative criterion of the case holds, if there is one.
pub(crate) fn alternative<'a>(
    word: &Word<'a>,
    alternative: &[String],
) -> Option<(&'a Recorded<Statement>, Second<'a>)> {
    let Word::Said(record, second) = word else { return None };
    let mut criteria = record.body.criteria.iter();
    let holds = criteria.any(|c| c.verdict == Verdict::Pass && names(alternative, &c.criterion));
    (holds && second.stands()).then_some((*record, *second))
}

fn names(criteria: &[String], text: &str) -> bool {
    criteria.iter().any(|c| c.trim().eq_ignore_ascii_case(text.trim()))
}
