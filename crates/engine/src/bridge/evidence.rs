//! Which recorded evidence is still worth something in the other edition.
//!
//! Observations are: a measurement does not know the claim. A statement is a person's decision on a criterion of one
//! edition; it is never carried over, only named for confirmation where the other edition asks the same.

use catalogue::Catalogue;
use model::{Edition, UnitId};
use serde::Serialize;

use super::counterparts;
use crate::view::Evidence;

/// Where an entry of a table went: table and id in the other edition, the first one first; none when it has no place.
pub type Moves<'a> = &'a dyn Fn(&str, &str) -> Vec<(String, String)>;

/// An observation on its way to the other edition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MovedObservation {
    /// Its position in the ledger.
    pub seq: u64,
    /// The digest of the signed record.
    pub record: String,
    /// The probe.
    pub probe: String,
    /// The target in the bench file.
    pub target: String,
    /// The release it was measured on.
    pub release: String,
}

/// A statement on its way to the other edition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MovedStatement {
    /// Its position in the ledger.
    pub seq: u64,
    /// The unit it decides.
    pub unit: String,
    /// The entry it decides it for.
    pub entry: Option<String>,
    /// Who decided.
    pub person: String,
    /// The unit instances that ask the same, for confirmation by a person; none when nothing does.
    pub confirm: Vec<(String, Option<String>)>,
    /// Why, in one sentence.
    pub because: String,
}

/// Every observation: each carries, whatever the edition.
pub fn observations(evidence: &Evidence) -> Vec<MovedObservation> {
    let all = evidence.observations.iter().map(|o| MovedObservation {
        seq: o.seq,
        record: o.id.to_string(),
        probe: o.body.run.probe.clone(),
        target: o.body.run.target.clone(),
        release: o.body.dut.release.clone(),
    });
    all.collect()
}

/// Every statement on a unit of the edition that is left, with what would have to be confirmed in this one.
pub fn statements(to: Edition, evidence: &Evidence, moves: Moves<'_>) -> Vec<MovedStatement> {
    let from = to.other();
    let mut found = Vec::new();
    for statement in evidence.statements.iter().filter(|s| s.body.edition == from) {
        let body = &statement.body;
        let (confirm, because) = match UnitId::new(from, &body.unit) {
            Ok(unit) => confirmable(&unit, body.entry.as_deref(), moves),
            Err(error) => (Vec::new(), error.to_string()),
        };
        found.push(MovedStatement {
            seq: statement.seq,
            unit: body.unit.clone(),
            entry: body.entry.clone(),
            person: body.person.clone(),
            confirm,
            because,
        });
    }
    found
}

fn confirmable(unit: &UnitId, entry: Option<&str>, moves: Moves<'_>) -> (Vec<(String, Option<String>)>, String) {
    let to = unit.edition().other();
    let alike = counterparts(unit);
    if alike.is_empty() {
        return (Vec::new(), format!("no unit of V{to} has the criterion of {unit}: it has to be judged anew"));
    }
    let Some(entry) = entry else {
        let units = alike.into_iter().map(|c| (c.unit.to_string(), None)).collect();
        return (units, "the criterion is the same: the person confirms it".to_owned());
    };
    let catalogue = Catalogue::of(unit.edition());
    let tables = catalogue.unit(unit).into_iter().flat_map(|u| u.for_each.iter().chain(&u.for_each_also));
    let there: Vec<(String, String)> = tables.flat_map(|table| moves(table.name(), entry)).collect();
    let mut found = Vec::new();
    for counterpart in &alike {
        let ranges = |table: &str| counterpart.tables.iter().any(|t| t.name() == table);
        found.extend(
            there
                .iter()
                .filter(|(table, _)| ranges(table))
                .map(|(_, id)| (counterpart.unit.to_string(), Some(id.clone()))),
        );
    }
    let because = match found.is_empty() {
        true => format!("{unit} has a counterpart, but not for `{entry}`: it has to be judged anew"),
        false => "the criterion is the same: the person confirms it".to_owned(),
    };
    (found, because)
}

#[cfg(test)]
mod tests {
    use model::{CriterionVerdict, Digest, Statement, Timestamp, Verdict};

    use super::*;
    use crate::view::Recorded;

    fn stated(unit: &str, entry: Option<&str>) -> Evidence {
        let body = Statement {
            edition: Edition::V2_1_1,
            unit: unit.into(),
            entry: entry.map(Into::into),
            release: "1".into(),
            person: "A. Tester".into(),
            role: "test laboratory".into(),
            stated: Timestamp::from_seconds(0),
            effective: None,
            criteria: vec![CriterionVerdict { criterion: "c".into(), verdict: Verdict::Pass }],
            reasoning: "looked".into(),
            artefacts: Vec::new(),
            level: None,
            valid_until: None,
            dut: None,
            place: None,
            tool: None,
            openings: None,
        };
        let statements = vec![Recorded { seq: 3, id: Digest::of(b"leaf"), body }];
        Evidence { statements, ..Evidence::default() }
    }

    fn moved(evidence: &Evidence) -> MovedStatement {
        let moves = |table: &str, id: &str| match (table, id) {
            ("AuthMech", id) => vec![("AuthMech".to_owned(), id.to_owned())],
            ("ComMech", "ComMech-Tls") => vec![("SecComMech".to_owned(), "SecComMech-Tls".to_owned())],
            _ => Vec::new(),
        };
        statements(Edition::V3_1_3, evidence, &moves).remove(0)
    }

    #[test]
    fn a_decision_on_the_same_criterion_is_named_for_confirmation() {
        let moved = moved(&stated("5.1-1-1a", Some("AuthMech-Web")));
        assert_eq!(moved.confirm, [("5.1-1-1a".to_owned(), Some("AuthMech-Web".to_owned()))]);
    }

    #[test]
    fn a_decision_on_another_criterion_has_to_be_made_anew() {
        let moved = moved(&stated("5.3-5-1a", Some("AuthMech-Web")));
        assert!(moved.confirm.is_empty());
        assert!(moved.because.contains("anew"), "{}", moved.because);
    }

    #[test]
    fn an_entry_that_went_where_the_unit_does_not_look_takes_no_decision_along() {
        // In the newer edition communication in clear has no table that the unit could look at.
        let moved = moved(&stated("5.5-1-1a", Some("ComMech-Clear")));
        assert!(moved.confirm.is_empty());
        assert!(moved.because.contains("`ComMech-Clear`"), "{}", moved.because);
    }
}
