//! Reads the built-in text of an edition into rows. The text itself is held by the fact sheet's own checks.

use model::{CaseId, Confidence, Edition, GroupId, Method, ProvisionId, TableId, UnitId};
use serde::Deserialize;

use crate::rows::{Case, CaseVerdict, Field, Group, Kind, Modal, Provision, Rule, Table, Unit};
use crate::{Catalogue, Clause, Condition, Document, Feature};

#[derive(Deserialize)]
struct RequirementsText {
    document: Document,
    condition: Vec<Condition>,
    #[serde(default)]
    feature: Vec<Feature>,
    clause: Vec<Clause>,
    provision: Vec<ProvisionRow>,
}

#[derive(Deserialize)]
struct ProvisionRow {
    id: String,
    clause: String,
    modal: Modal,
    status: String,
    conditions: Vec<String>,
    features: Vec<String>,
    condition_rule: Option<Rule>,
    summary: String,
    v2: Option<String>,
    change: Option<String>,
    note: Option<String>,
}

#[derive(Deserialize)]
struct TestsText {
    document: Document,
    ixit: Vec<TableRow>,
    group: Vec<GroupRow>,
    case: Vec<CaseRow>,
    unit: Vec<UnitRow>,
    verdict: Vec<VerdictRow>,
}

#[derive(Deserialize)]
struct TableRow {
    id: String,
    number: u32,
    name: String,
    title: String,
    repeating: bool,
    entry_prefix: String,
    summary: String,
    field: Vec<FieldRow>,
}

#[derive(Deserialize)]
struct FieldRow {
    name: String,
    summary: String,
    required_by: Vec<String>,
    references: Option<String>,
    #[serde(default)]
    references_also: Vec<String>,
    #[serde(default)]
    values: Vec<String>,
    applies_when: Option<String>,
    confidence: Confidence,
    note: Option<String>,
}

#[derive(Deserialize)]
struct GroupRow {
    id: String,
    provision: String,
    tso: String,
    ts_clause: Option<String>,
    ixit: Vec<String>,
}

#[derive(Deserialize)]
struct CaseRow {
    id: String,
    group: String,
    kind: Kind,
    purpose: String,
}

#[derive(Deserialize)]
struct UnitRow {
    id: String,
    case: String,
    summary: String,
    for_each: String,
    #[serde(default)]
    for_each_also: Vec<String>,
    where_: String,
    reads: Vec<String>,
    #[serde(default)]
    reads_other: Vec<String>,
    method: Method,
    tools: String,
    verb: String,
    depends_on: Vec<String>,
    kind: Option<Kind>,
    confidence: Confidence,
    note: Option<String>,
}

#[derive(Deserialize)]
struct VerdictRow {
    case: String,
    pass_when: Vec<String>,
    #[serde(default)]
    or_when: Vec<String>,
    confidence: Confidence,
    note: Option<String>,
}

/// Reads an edition. The texts are part of the program, so a fault in them is a fault of the build and stops it loudly.
pub(crate) fn load(edition: Edition) -> Catalogue {
    let (requirements, tests) = match edition {
        Edition::V2_1_1 => {
            (include_str!("../data/en303645-v2.1.1.toml"), include_str!("../data/ts103701-v1.1.1.toml"))
        }
        Edition::V3_1_3 => {
            (include_str!("../data/en303645-v3.1.3.toml"), include_str!("../data/ts103701-v2.1.1.toml"))
        }
    };
    let ids = Ids { edition };
    let requirements: RequirementsText = built_in(requirements);
    let tests: TestsText = built_in(tests);
    let mut verdicts: std::collections::BTreeMap<String, VerdictRow> =
        tests.verdict.into_iter().map(|v| (v.case.clone(), v)).collect();
    let cases: Vec<Case> = tests
        .case
        .into_iter()
        .map(|row| {
            let verdict =
                verdicts.remove(&row.id).unwrap_or_else(|| broken(&format!("case {} has no verdict", row.id)));
            ids.case_row(row, verdict)
        })
        .collect();
    let units = tests.unit.into_iter().map(|row| ids.unit_row(row, &cases)).collect();
    Catalogue {
        edition,
        requirements: requirements.document,
        tests: tests.document,
        conditions: requirements.condition,
        features: requirements.feature,
        clauses: requirements.clause,
        provisions: requirements.provision.into_iter().map(|row| ids.provision_row(row)).collect(),
        tables: tests.ixit.into_iter().map(|row| ids.table_row(row)).collect(),
        groups: tests.group.into_iter().map(|row| ids.group_row(row)).collect(),
        cases,
        units,
    }
}

pub(crate) fn built_in<'a, T: Deserialize<'a>>(text: &'a str) -> T {
    toml::from_str(text).unwrap_or_else(|error| broken(&error.to_string()))
}

pub(crate) fn broken(why: &str) -> ! {
    panic!("the built-in catalogue cannot be read: {why}")
}

struct Ids {
    edition: Edition,
}

impl Ids {
    fn unit(&self, text: &str) -> UnitId {
        UnitId::new(self.edition, text).unwrap_or_else(|e| broken(&e.to_string()))
    }

    fn case(&self, text: &str) -> CaseId {
        CaseId::new(self.edition, text).unwrap_or_else(|e| broken(&e.to_string()))
    }

    fn group(&self, text: &str) -> GroupId {
        GroupId::new(self.edition, text).unwrap_or_else(|e| broken(&e.to_string()))
    }

    fn provision(&self, text: &str) -> ProvisionId {
        ProvisionId::new(self.edition, text).unwrap_or_else(|e| broken(&e.to_string()))
    }

    fn table(&self, text: &str) -> TableId {
        TableId::new(self.edition, text).unwrap_or_else(|e| broken(&e.to_string()))
    }

    fn tables(&self, texts: &[String]) -> Vec<TableId> {
        texts.iter().map(|t| self.table(t)).collect()
    }

    fn provision_row(&self, row: ProvisionRow) -> Provision {
        Provision {
            id: self.provision(&row.id),
            clause: row.clause,
            modal: row.modal,
            status: row.status,
            conditions: row.conditions,
            features: row.features,
            rule: row.condition_rule.unwrap_or(Rule::All),
            summary: row.summary,
            earlier: row.v2.filter(|v| !v.is_empty()),
            change: row.change,
            note: row.note,
        }
    }

    fn table_row(&self, row: TableRow) -> Table {
        let fields = row.field.into_iter().map(|f| self.field_row(f)).collect();
        Table {
            id: self.table(&row.id),
            number: row.number,
            name: row.name,
            title: row.title,
            repeating: row.repeating,
            entry_prefix: row.entry_prefix,
            summary: row.summary,
            fields,
        }
    }

    fn field_row(&self, row: FieldRow) -> Field {
        Field {
            name: row.name,
            summary: row.summary,
            required_by: row.required_by.iter().map(|u| self.unit(u)).collect(),
            references: row.references.iter().chain(&row.references_also).map(|t| self.table(t)).collect(),
            values: row.values,
            applies_when: row.applies_when,
            confidence: row.confidence,
            note: row.note,
        }
    }

    fn group_row(&self, row: GroupRow) -> Group {
        Group {
            id: self.group(&row.id),
            provision: self.provision(&row.provision),
            clause: row.tso,
            ts_clause: row.ts_clause.filter(|c| !c.is_empty()),
            tables: self.tables(&row.ixit),
        }
    }

    fn case_row(&self, row: CaseRow, verdict: VerdictRow) -> Case {
        Case {
            id: self.case(&row.id),
            group: self.group(&row.group),
            kind: row.kind,
            purpose: row.purpose,
            verdict: CaseVerdict {
                pass_when: verdict.pass_when,
                or_when: verdict.or_when,
                confidence: verdict.confidence,
                note: verdict.note,
            },
        }
    }

    fn unit_row(&self, row: UnitRow, cases: &[Case]) -> Unit {
        let case = self.case(&row.case);
        let kind = row.kind.or_else(|| cases.iter().find(|c| c.id == case).map(|c| c.kind));
        let reads = row.reads.iter().map(|read| {
            let (table, field) =
                read.split_once('.').unwrap_or_else(|| broken(&format!("unit {} reads `{read}`", row.id)));
            (self.table(table), field.to_owned())
        });
        Unit {
            id: self.unit(&row.id),
            reads: reads.collect(),
            case,
            summary: row.summary,
            for_each: Some(row.for_each).filter(|t| !t.is_empty()).map(|t| self.table(&t)),
            for_each_also: self.tables(&row.for_each_also),
            which: row.where_,
            reads_other: row.reads_other,
            method: row.method,
            tools: row.tools,
            verb: row.verb,
            depends_on: row.depends_on,
            kind: kind.unwrap_or_else(|| broken(&format!("unit {} has no case", row.id))),
            confidence: row.confidence,
            note: row.note,
        }
    }
}
