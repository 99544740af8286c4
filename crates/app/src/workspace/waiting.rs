//! What waits for people in a product, small enough to keep for a thousand products.

use std::collections::{BTreeMap, BTreeSet};

use model::Timestamp;
use workflow::people::folded;

use super::Snapshot;
use crate::requests::State;
use crate::tasks::Told;

/// Tasks that are told of each person and role; of the others, how many there are.
const TASKS: usize = 10;
/// Requests that are told.
const REQUESTS: usize = 50;

/// What waits for people in a product.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Waiting {
    /// Open tasks, by who has them: a person, or the role that answers.
    tasks: BTreeMap<String, Tasks>,
    /// Requests that wait for an answer, by whom they were made to.
    to_answer: BTreeMap<String, Vec<Waits>>,
    /// Requests that were answered, and wait for somebody to decide on the answer.
    to_decide: Vec<Waits>,
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

impl Waiting {
    /// What waits in the product of a snapshot.
    pub fn of(snapshot: &Snapshot) -> Self {
        let mut waiting = Self::default();
        for told in snapshot.tasks.tasks.iter().filter(|told| told.task.is_open()) {
            for name in who(told) {
                let tasks = waiting.tasks.entry(name).or_default();
                tasks.count += 1;
                if tasks.first.len() < TASKS {
                    tasks.first.push(Waits {
                        id: told.task.id.to_string(),
                        what: told.title(),
                        due: told.task.due,
                    });
                }
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
        waiting
    }

    /// The open tasks of a person.
    pub fn tasks_of(&self, person: &str) -> Option<&Tasks> {
        self.tasks.get(&folded(person))
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
