//! The forms of `ics.toml`: features and conditions, and the answers to a clause.

use catalogue::{Provision, Unmet};
use dossier::{IcsRow, Severity};
use engine::{Applies, Evidence, View};
use model::Timestamp;

use super::form::{Asked, Form, Group, Kind, words};
use super::source::Anchor;
use super::splice::{Order, Said};
use super::{EditError, Opened};

pub(super) const FILE: &str = "ics.toml";

/// A clause and how far it is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClauseRow {
    /// `5.3`.
    pub id: String,
    /// Its heading.
    pub title: String,
    /// How many provisions it has.
    pub provisions: usize,
    /// How many of them are answered.
    pub answered: usize,
    /// The linter's notes on its rows, by weight.
    pub notes: [usize; 3],
}

impl Opened {
    /// The clauses, and how far each is answered.
    pub fn clauses(&self) -> Vec<ClauseRow> {
        let catalogue = self.catalogue();
        let row = |clause: &catalogue::Clause| {
            let provisions: Vec<&Provision> =
                catalogue.provisions.iter().filter(|p| p.clause == clause.id).collect();
            let is_answered =
                |p: &&&Provision| self.dossier.answer(p.id.as_str()).is_some_and(|row| row.support.is_some());
            let notes = provisions.iter().flat_map(|p| self.notes_of(FILE, &provision(p.id.as_str())));
            ClauseRow {
                id: clause.id.clone(),
                title: clause.title.clone(),
                answered: provisions.iter().filter(is_answered).count(),
                notes: weights(notes),
                provisions: provisions.len(),
            }
        };
        catalogue.clauses.iter().map(row).collect()
    }

    /// The weights of the linter's notes on a table.
    pub(super) fn notes_of(&self, path: &str, anchor: &Anchor) -> Vec<Severity> {
        let Ok(Some((file, source))) = self.source(path) else { return Vec::new() };
        let Ok(Some(found)) = source.find(anchor) else { return Vec::new() };
        let notes = self.notes_in(file, &source.extent(found));
        notes.into_iter().map(|(_, noted)| noted.note.severity).collect()
    }

    /// Whether a provision applies, in a sentence.
    pub fn applies(&self, provision: &Provision) -> String {
        let evidence = Evidence::default();
        let at = Timestamp::from_seconds(0);
        let view = View { catalogue: self.catalogue(), dossier: &self.dossier, evidence: &evidence, at };
        match engine::applies(&view, provision) {
            Applies::Yes if provision.is_unconditional() => "It applies to every product.".to_owned(),
            Applies::Yes => "It applies, by what is declared.".to_owned(),
            no @ Applies::No(_) => format!("It does not apply: {}.", no.reason().unwrap_or_default()),
            Applies::Unknown(gaps) => {
                let gaps: Vec<&str> = gaps.iter().map(|gap| gap.missing.as_str()).collect();
                format!("Whether it applies is open: {}.", gaps.join("; "))
            }
        }
    }

    /// Whether a provision does not apply, for certain.
    pub(super) fn is_out(&self, provision: &Provision) -> bool {
        let ics = &self.dossier.ics;
        let condition = |id: &str| ics.conditions.get(id).map(|c| c.value);
        let feature = |id: &str| ics.features.get(id).map(|f| f.value);
        matches!(provision.applicability(condition, feature), catalogue::Applicability::DoesNot(_))
    }

    pub(super) fn features(&self) -> Result<Form, EditError> {
        let catalogue = self.catalogue();
        let is = words("not said", &[("true", "yes"), ("false", "no")]);
        let uses = |unmet: &Unmet| {
            let used = catalogue.provisions.iter().filter(|p| match unmet {
                Unmet::Feature(id) => p.features.contains(id),
                Unmet::Condition(id) => p.conditions.contains(id),
            });
            let used: Vec<&str> = used.map(|p| p.id.as_str()).collect();
            if used.is_empty() { String::new() } else { format!("Asked by {}.", used.join(", ")) }
        };
        let asked = |id: &str, what: &str, summary: &str, unmet: Unmet| {
            Asked::new(id, &format!("{what} {id}: {summary}"), uses(&unmet), Kind::Whether(is.clone()))
        };
        let mut groups = Vec::new();
        if !catalogue.features.is_empty() {
            let all = catalogue.features.iter();
            let all = all.map(|f| asked(&f.id, "Feature", &f.summary, Unmet::Feature(f.id.clone()))).collect();
            let group = self.group(FILE, &Anchor::One("features"), all)?;
            groups.push(Group { id: "features".into(), title: "Features".into(), ..group });
        }
        let all = catalogue.conditions.iter();
        let all = all.map(|c| asked(&c.id, "Condition", &c.summary, Unmet::Condition(c.id.clone()))).collect();
        let group = self.group(FILE, &Anchor::One("conditions"), all)?;
        groups.push(Group { id: "conditions".into(), title: "Conditions".into(), ..group });
        let keys = catalogue.features.iter().map(|f| f.id.clone());
        let keys = keys.chain(catalogue.conditions.iter().map(|c| c.id.clone())).collect();
        let order = Order { keys, skeleton: self.skeleton(FILE), ..Order::default() };
        Ok(Form { groups, orders: vec![(FILE.to_owned(), order)], ..Form::default() })
    }

    pub(super) fn clause(&self, clause: &str) -> Result<Form, EditError> {
        let catalogue = self.catalogue();
        let known = catalogue.clause(clause).ok_or_else(|| EditError::Unknown(format!("clause {clause}")))?;
        let provisions = catalogue.provisions.iter().filter(|p| p.clause == known.id);
        let groups = provisions.map(|p| self.answer(p, answer_fields(self, p))).collect::<Result<_, _>>()?;
        Ok(Form { groups, orders: vec![self.ics_order()], ..Form::default() })
    }

    pub(super) fn ics_order(&self) -> (String, Order) {
        let order = Order {
            keys: IcsRow::KEYS.iter().map(|key| (*key).to_owned()).collect(),
            rows: self.catalogue().provisions.iter().map(|p| p.id.to_string()).collect(),
            skeleton: self.skeleton(FILE),
            ..Order::default()
        };
        (FILE.to_owned(), order)
    }

    /// The row of a provision.
    pub(super) fn answer(&self, of: &Provision, asked: Vec<Asked>) -> Result<Group, EditError> {
        let id = of.id.to_string();
        let group = self.group(FILE, &provision(&id), asked)?;
        let first = vec![("id", Said::Text(id.clone())), ("status", Said::Text(of.status.clone()))];
        let about = vec![of.summary.clone(), self.applies(of)];
        Ok(Group { title: format!("Provision {id}"), about, status: of.status.clone(), first, id, ..group })
    }
}

/// The row of a provision in the ICS.
pub(super) fn provision(id: &str) -> Anchor {
    Anchor::Row { list: "provision", key: "id", id: id.to_owned() }
}

fn answer_fields(opened: &Opened, provision: &Provision) -> Vec<Asked> {
    let mut support = vec![("Y", "Y: supported"), ("N", "N: not supported")];
    if !(provision.is_unconditional() && provision.is_mandatory()) {
        support.push(("N/A", "N/A: not applicable"));
    }
    let row = opened.dossier.answer(provision.id.as_str());
    let mut asked = vec![
        Asked::new("support", "Support", "", Kind::Choice(words("not answered", &support))),
        Asked::new("detail", "Detail", "How it is met, or why not, or why it does not apply.", Kind::Prose),
    ];
    if !provision.is_mandatory()
        || row.is_some_and(|r| r.justification.is_some() || r.compensating.is_some() || r.review.is_some())
    {
        asked.extend(reasons().into_iter().map(|reason| Asked { aside: true, ..reason }));
    }
    if row.is_some_and(|row| row.carried.is_some()) {
        let help = "The provision of another edition that the answer was given for. Empty it to confirm the answer for this one.";
        asked.push(Asked::new("carried", "Carried over from", help, Kind::Line));
    }
    asked
}

/// What the answer to a recommendation rests on that is not met.
pub(super) fn reasons() -> Vec<Asked> {
    vec![
        Asked::new("justification", "Rationale", "For N and N/A: why it is not met.", Kind::Prose),
        Asked::new(
            "compensating",
            "Compensating control",
            "For N: what keeps the remaining risk down.",
            Kind::Prose,
        ),
        Asked::new("review", "Day of review", "When the rationale is looked at again: 2027-01-31.", Kind::Day),
    ]
}

/// How many there are of each weight: errors, warnings, advice.
pub(super) fn weights(all: impl IntoIterator<Item = Severity>) -> [usize; 3] {
    let mut weights = [0; 3];
    for severity in all {
        weights[match severity {
            Severity::Error => 0,
            Severity::Warning => 1,
            Severity::Advice => 2,
        }] += 1;
    }
    weights
}
