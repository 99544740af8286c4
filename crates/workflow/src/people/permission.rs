//! Who may do what: one table, which pages, the interface for programs and their tests all read.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Role;
use Role::{Auditor, Engineer, Laboratory, Owner, Reviewer, Supplier, Tester};

/// Something that only some may do. A token's scopes are these, by the same names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Permission {
    /// One's own account: password, sessions, tokens.
    OwnAccount,
    /// That a product exists, what is declared of it, and the procedures of its test units.
    SeeDeclared,
    /// What was found and decided: verdicts, findings, tasks, controls, answers, reports.
    SeeVerdicts,
    /// Records, evidence files and their proofs.
    SeeEvidence,
    /// Who is in the workspace, and as what.
    SeePeople,
    /// Change the files of a dossier, enter releases, take over from another product.
    EditDossier,
    /// Plan, consent to and start measurements.
    Measure,
    /// State a verdict on a unit, with artefacts.
    State,
    /// Record an assessment.
    Assess,
    /// Take, give out, add and end tasks.
    ManageTasks,
    /// Make requests for evidence, accept or return what comes back.
    Request,
    /// Answer the requests made to oneself.
    Answer,
    /// Approve or send back at a checkpoint.
    Review,
    /// Write bundles and reports for somebody outside.
    Export,
    /// Invite and remove people, give and take roles.
    ManagePeople,
    /// The settings of the workspace.
    ManageSettings,
}

/// The table: each permission, what it lets one do, and the roles that have it.
const TABLE: [(Permission, &str, &str, &[Role]); 16] = {
    use Permission as P;
    const ALL: &[Role] = &[Owner, Engineer, Tester, Reviewer, Auditor, Supplier, Laboratory];
    const READERS: &[Role] = &[Owner, Engineer, Tester, Reviewer, Auditor];
    [
        (P::OwnAccount, "own-account", "Change one's own password, sessions and tokens", ALL),
        (
            P::SeeDeclared,
            "see-declared",
            "See products, what is declared of them, and procedures",
            &[Owner, Engineer, Tester, Reviewer, Auditor, Laboratory],
        ),
        (P::SeeVerdicts, "see-verdicts", "See verdicts, findings, tasks, controls and reports", READERS),
        (P::SeeEvidence, "see-evidence", "See records, evidence and proofs", READERS),
        (P::SeePeople, "see-people", "See who is in the workspace", READERS),
        (P::EditDossier, "edit-dossier", "Change the dossier and enter releases", &[Owner, Engineer]),
        (P::Measure, "measure", "Plan, consent to and start measurements", &[Owner, Engineer, Tester]),
        (P::State, "state", "State verdicts, with artefacts", &[Owner, Engineer, Tester, Laboratory]),
        (P::Assess, "assess", "Record assessments", &[Owner, Engineer, Tester]),
        (
            P::ManageTasks,
            "manage-tasks",
            "Take, give out, add and end tasks",
            &[Owner, Engineer, Tester, Reviewer],
        ),
        (P::Request, "request", "Ask for evidence, accept or return it", &[Owner, Engineer, Tester, Reviewer]),
        (
            P::Answer,
            "answer",
            "Answer the requests made to oneself",
            &[Owner, Engineer, Tester, Supplier, Laboratory],
        ),
        (P::Review, "review", "Approve at a checkpoint, or send back", &[Owner, Reviewer]),
        (P::Export, "export", "Write bundles and reports", READERS),
        (P::ManagePeople, "manage-people", "Invite and remove people, give roles", &[Owner]),
        (P::ManageSettings, "manage-settings", "Change the settings of the workspace", &[Owner]),
    ]
};

impl Permission {
    /// Every permission, in the order of tables.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| row.0)
    }

    /// The permission as it is written, which is the name of the scope too.
    pub fn as_str(self) -> &'static str {
        self.row().1
    }

    /// What it lets one do, one sentence.
    pub fn meaning(self) -> &'static str {
        self.row().2
    }

    /// Whether a role has it.
    pub fn is_of(self, role: Role) -> bool {
        self.row().3.contains(&role)
    }

    fn row(self) -> &'static (Self, &'static str, &'static str, &'static [Role]) {
        // The rows stand in the order of the variants; a test holds that.
        &TABLE[self as usize]
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text names no permission.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no permission")]
pub struct UnknownPermission(pub String);

impl FromStr for Permission {
    type Err = UnknownPermission;

    fn from_str(text: &str) -> Result<Self, UnknownPermission> {
        Self::all().find(|p| p.as_str() == text).ok_or_else(|| UnknownPermission(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_stand_in_the_order_of_the_variants_under_the_names_that_json_uses() {
        for (at, (permission, name, ..)) in TABLE.iter().enumerate() {
            assert_eq!(*permission as usize, at);
            assert_eq!(serde_json::to_value(permission).unwrap(), *name);
            assert_eq!(name.parse(), Ok(*permission));
        }
        assert!("root".parse::<Permission>().is_err());
    }

    #[test]
    fn an_owner_may_everything_and_whoever_is_outside_sees_no_verdict() {
        assert!(Permission::all().all(|p| p.is_of(Owner)));
        for outside in [Supplier, Laboratory] {
            for seen in [Permission::SeeVerdicts, Permission::SeeEvidence, Permission::Export] {
                assert!(!seen.is_of(outside), "{outside} {seen}");
            }
        }
        let supplier: Vec<Permission> = Permission::all().filter(|p| p.is_of(Supplier)).collect();
        assert_eq!(supplier, [Permission::OwnAccount, Permission::Answer]);
    }

    #[test]
    fn an_auditor_changes_nothing_and_a_reviewer_makes_nothing_that_is_reviewed() {
        use Permission as P;
        let changes = [P::EditDossier, P::Measure, P::State, P::Assess];
        assert!(changes.iter().all(|p| !p.is_of(Auditor) && !p.is_of(Reviewer)));
        assert!([P::ManageTasks, P::Request, P::Answer, P::Review].iter().all(|p| !p.is_of(Auditor)));
    }
}
