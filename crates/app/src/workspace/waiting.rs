//! What waits for people in a product, small enough to keep for a thousand products.

use std::collections::{BTreeMap, BTreeSet};

use engine::Recorded;
use model::{Statement, Timestamp};
use workflow::people::folded;

use super::Snapshot;
use crate::requests::State;
use crate::tasks::Told;
use crate::{checkpoints, confirm};

/// Tasks that are told of each person and role; of the others, how many there are.
const TASKS: usize = 10;
/// Requests that are told.
const REQUESTS: usize = 50;

/// What waits for people in a product.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Waiting {
    /// Open tasks, by who has them: a person, or the role that answers.
    tasks: BTreeMap<String, Tasks>,
    /// Open tasks that no person has: they were given to none, and whoever answers for them is a role without a name.
    nobodys: Tasks,
    /// Requests that wait for an answer, by whom they were made to.
    to_answer: BTreeMap<String, Vec<Waits>>,
    /// Requests that were answered, and wait for somebody to decide on the answer.
    to_decide: Vec<Waits>,
    /// Statements that wait for a second person.
    seconds: Vec<Second>,
    /// The checkpoint that waits for somebody.
    checkpoint: Option<checkpoints::Waiting>,
}

/// A statement that waits for a second person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Second {
    /// Position of its record.
    pub record: u64,
    /// The unit that it decides.
    pub unit: String,
    /// The IXIT entry, for a unit that ranges over a table.
    pub entry: Option<String>,
    /// Who made it.
    pub person: String,
}

/// The open tasks of a person or a role.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tasks {
    /// How many there are.
    pub count: usize,
    /// The first of them.
    pub first: Vec<Waits>,
}

/// A task or a request that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waits {
    /// Its name.
    pub id: String,
    /// What it is.
    pub what: String,
    /// By when.
    pub due: Timestamp,
}

impl Tasks {
    fn count_in(&mut self, told: &Told) {
        self.count += 1;
        if self.first.len() < TASKS {
            self.first.push(Waits { id: told.task.id.to_string(), what: told.title(), due: told.task.due });
        }
    }
}

impl Waiting {
    /// What waits in the product of a snapshot.
    pub fn of(snapshot: &Snapshot) -> Self {
        let mut waiting = Self::default();
        for told in snapshot.tasks.tasks.iter().filter(|told| told.task.is_open()) {
            for name in who(told) {
                waiting.tasks.entry(name).or_default().count_in(told);
            }
            if told.person().is_none() {
                waiting.nobodys.count_in(told);
            }
        }
        for request in snapshot.tasks.requests.iter() {
            let waits =
                || Waits { id: request.id.to_string(), what: request.ask.scope.clone(), due: request.ask.due };
            let state = request.state();
            let list = match state {
                State::Answered => &mut waiting.to_decide,
                _ if state.awaits_answer() => waiting.to_answer.entry(folded(&request.ask.of)).or_default(),
                _ => continue,
            };
            if list.len() < REQUESTS {
                list.push(waits());
            }
        }
        let seconds = confirm::unconfirmed(&snapshot.dossier, &snapshot.history).into_iter().take(REQUESTS);
        let second = |one: &Recorded<Statement>| Second {
            record: one.seq,
            unit: one.body.unit.clone(),
            entry: one.body.entry.clone(),
            person: one.body.person.clone(),
        };
        waiting.seconds = seconds.map(second).collect();
        // Where a ledger cannot be read, the page of the checkpoints says why.
        waiting.checkpoint = checkpoints::waiting(snapshot).unwrap_or_default();
        waiting
    }

    /// The statements of others that wait for a second person.
    pub fn seconds_for(&self, person: &str) -> impl Iterator<Item = &Second> {
        let name = folded(person);
        self.seconds.iter().filter(move |one| folded(&one.person) != name)
    }

    /// The checkpoint that a person can move on.
    pub fn checkpoint_for(&self, person: &str) -> Option<&checkpoints::Waiting> {
        self.checkpoint.as_ref().filter(|one| one.is_for(person))
    }

    /// The open tasks of a person.
    pub fn tasks_of(&self, person: &str) -> Option<&Tasks> {
        self.tasks.get(&folded(person))
    }

    /// The open tasks that no person has.
    pub fn tasks_of_nobody(&self) -> Option<&Tasks> {
        Some(&self.nobodys).filter(|tasks| tasks.count > 0)
    }

    /// The requests that a person is to answer.
    pub fn to_answer_by(&self, person: &str) -> &[Waits] {
        self.to_answer.get(&folded(person)).map_or(&[], Vec::as_slice)
    }

    /// The requests whose answers are to be decided on.
    pub fn to_decide(&self) -> &[Waits] {
        &self.to_decide
    }
}

/// Who has a task: the person it was given to, else the role that answers for it and whoever has that.
fn who(told: &Told) -> BTreeSet<String> {
    let owner = told.wanted.as_ref().and_then(|wanted| wanted.owner.as_ref());
    match (&told.task.person, owner) {
        (Some(person), _) => BTreeSet::from([folded(person)]),
        (None, Some(owner)) => {
            [Some(&owner.role), owner.person.as_ref()].into_iter().flatten().map(|n| folded(n)).collect()
        }
        (None, None) => BTreeSet::new(),
    }
}
