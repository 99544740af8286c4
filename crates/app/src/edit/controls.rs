//! The form of a control: what was decided, how it is tested, what shows it; and for a recommendation why it is not met.

use catalogue::Provision;
use dossier::Control;

use super::form::{Asked, Form, Group, Kind};
use super::ics::{self, weights};
use super::source::Anchor;
use super::splice::{Order, Said};
use super::{EditError, Opened};

const FILE: &str = "controls.toml";

/// A provision and whether it has a control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlRow {
    /// The provision.
    pub provision: String,
    /// The clause it stands in.
    pub clause: String,
    /// Whether it is a shall.
    pub mandatory: bool,
    /// What it asks.
    pub summary: String,
    /// The supplier's answer; empty where there is none.
    pub answer: String,
    /// Whether it has a control.
    pub designed: bool,
    /// The linter's notes on it, by weight.
    pub notes: [usize; 3],
}

impl Opened {
    /// Each provision, and whether it has a control.
    pub fn controls(&self) -> Vec<ControlRow> {
        let row = |p: &Provision| {
            let answer = self.dossier.answer(p.id.as_str()).and_then(|row| row.support);
            ControlRow {
                provision: p.id.to_string(),
                clause: p.clause.clone(),
                mandatory: p.is_mandatory(),
                summary: p.summary.clone(),
                answer: answer.map(|answer| answer.value.to_string()).unwrap_or_default(),
                designed: self.dossier.control(p.id.as_str()).is_some(),
                notes: weights(self.notes_of(FILE, &control(p.id.as_str()))),
            }
        };
        self.catalogue().provisions.iter().map(row).collect()
    }

    pub(super) fn control(&self, provision: &str) -> Result<Form, EditError> {
        let unknown = || EditError::Unknown(format!("provision {provision}"));
        let known = self.catalogue().provision_named(provision).ok_or_else(unknown)?;
        let roles: Vec<&str> =
            self.dossier.people.iter().filter_map(|p| p.role.as_ref()).map(|role| role.value.as_str()).collect();
        let roles = match roles.is_empty() {
            true => "A role.".to_owned(),
            false => format!("A role: {}.", roles.join(", ")),
        };
        let asked = vec![
            Asked::new("design", "Decision", "The design decision.", Kind::Prose),
            Asked::new("pattern", "Pattern", "How it is implemented.", Kind::Prose),
            Asked::new(
                "acceptance",
                "Test plan",
                "What has to hold for it to be accepted, a criterion a line.",
                Kind::Lines,
            ),
            Asked::new("documents", "Evidence", "Documents that show it, a path or URL a line.", Kind::Lines),
            Asked::new("owner", "Owner", roles, Kind::Line),
        ];
        let group = self.group(FILE, &control(provision), asked)?;
        let mut groups = vec![Group {
            id: provision.to_owned(),
            title: "Control".to_owned(),
            first: vec![("provision", Said::Text(provision.to_owned()))],
            ..group
        }];
        let mut orders = vec![(FILE.to_owned(), self.controls_order())];
        if !known.is_mandatory() {
            let group = self.answer(known, ics::reasons())?;
            groups.push(Group {
                title: "Where the recommendation is not met".to_owned(),
                about: Vec::new(),
                ..group
            });
            orders.push(self.ics_order());
        }
        Ok(Form { groups, orders, ..Form::default() })
    }

    fn controls_order(&self) -> Order {
        Order {
            keys: Control::KEYS.iter().map(|key| (*key).to_owned()).collect(),
            rows: self.catalogue().provisions.iter().map(|p| p.id.to_string()).collect(),
            skeleton: self.skeleton(FILE),
            ..Order::default()
        }
    }
}

fn control(provision: &str) -> Anchor {
    Anchor::Row { list: "control", key: "provision", id: provision.to_owned() }
}
