//! The tasks of a workspace, derived from what happened to them.

use std::collections::BTreeMap;

use model::Timestamp;

use crate::{Event, Events, Subject, TaskId};

/// A task and what has happened to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its name.
    pub id: TaskId,
    /// What it is about.
    pub subject: Subject,
    /// What is to be done and when it counts as done, of one that a person added.
    pub own: Option<(String, String)>,
    /// By when it has to be done.
    pub due: Timestamp,
    /// The person who has it; none when it is with the role that answers for it.
    pub person: Option<String>,
    /// When it opened, closed and opened again, in order; never empty.
    pub turns: Vec<Turn>,
}

/// A time for which a task was open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// When it opened.
    pub opened: Timestamp,
    /// When it closed; none while it is open.
    pub closed: Option<Closed>,
}

/// How a task closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// When.
    pub at: Timestamp,
    /// Position of the record that did it.
    pub by: Option<u64>,
    /// Who ended it and how, where a person did.
    pub said: Option<(String, String)>,
}

impl Task {
    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        self.turns.last().is_some_and(|turn| turn.closed.is_none())
    }

    /// Whether it is open and should have been done.
    pub fn is_overdue(&self, at: Timestamp) -> bool {
        self.is_open() && self.due < at
    }
}

/// An event that cannot have happened to the tasks as they are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The task does not exist.
    #[error("there is no task {0}")]
    Unknown(TaskId),
    /// It exists already.
    #[error("task {0} exists already")]
    Exists(TaskId),
    /// It is open already.
    #[error("task {0} is open")]
    Open(TaskId),
    /// It is closed already.
    #[error("task {0} is closed")]
    Closed(TaskId),
    /// Only its gap closes it.
    #[error("task {0} closes itself when what it waits for is there")]
    NotOwn(TaskId),
    /// A person's task has its own number.
    #[error("the next task is number {expected}, not {given}")]
    Number {
        /// The next that is free.
        expected: u32,
        /// The one given.
        given: u32,
    },
    /// A text that is needed is empty.
    #[error("a task of one's own says {0}")]
    Empty(&'static str),
}

/// All tasks of a workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tasks {
    tasks: BTreeMap<TaskId, Task>,
}

impl Tasks {
    /// Every task, by its name.
    pub fn iter(&self) -> impl Iterator<Item = &Task> {
        self.tasks.values()
    }

    /// The task of a name.
    pub fn get(&self, id: &TaskId) -> Option<&Task> {
        self.tasks.get(id)
    }

    /// The number that the next task of a person's own has.
    pub fn next_number(&self) -> u32 {
        let numbers = self.tasks.values().filter_map(|task| match task.subject {
            Subject::Own { number } => Some(number),
            _ => None,
        });
        numbers.max().unwrap_or(0).saturating_add(1)
    }

    /// Takes what happened at a moment: all of it, or, refused, nothing.
    ///
    /// # Errors
    /// [`Refused`] for the first event that cannot have happened.
    pub fn take(&mut self, events: &Events) -> Result<(), Refused> {
        let mut next = self.clone();
        for event in &events.events {
            next.one(events.at, event)?;
        }
        *self = next;
        Ok(())
    }

    fn one(&mut self, at: Timestamp, event: &Event) -> Result<(), Refused> {
        match event {
            Event::Opened { subject, due } => self.open(subject.clone(), None, *due, at),
            Event::Added { number, title, criterion, due, by } => {
                let expected = self.next_number();
                if *number != expected {
                    return Err(Refused::Number { expected, given: *number });
                }
                let said = [(title, "what is to be done"), (criterion, "when it is done"), (by, "who added it")];
                if let Some((_, what)) = said.iter().find(|(text, _)| text.trim().is_empty()) {
                    return Err(Refused::Empty(what));
                }
                let own = Some((title.clone(), criterion.clone()));
                self.open(Subject::Own { number: *number }, own, *due, at)
            }
            Event::Closed { task, by } => {
                let task = self.known(task)?;
                if task.own.is_some() {
                    return Err(Refused::Closed(task.id.clone()));
                }
                close(task, Closed { at, by: *by, said: None })
            }
            Event::Done { task, how, by } => {
                let task = self.known(task)?;
                if task.own.is_none() {
                    return Err(Refused::NotOwn(task.id.clone()));
                }
                close(task, Closed { at, by: None, said: Some((by.clone(), how.clone())) })
            }
            Event::Reopened { task, due } => {
                let task = self.known(task)?;
                if task.is_open() {
                    return Err(Refused::Open(task.id.clone()));
                }
                task.turns.push(Turn { opened: at, closed: None });
                task.due = *due;
                Ok(())
            }
            Event::Assigned { task, person, .. } => {
                self.known(task)?.person.clone_from(person);
                Ok(())
            }
        }
    }

    fn open(
        &mut self,
        subject: Subject,
        own: Option<(String, String)>,
        due: Timestamp,
        at: Timestamp,
    ) -> Result<(), Refused> {
        let id = subject.id();
        if self.tasks.contains_key(&id) {
            return Err(Refused::Exists(id));
        }
        let turns = vec![Turn { opened: at, closed: None }];
        self.tasks.insert(id.clone(), Task { id, subject, own, due, person: None, turns });
        Ok(())
    }

    fn known(&mut self, id: &TaskId) -> Result<&mut Task, Refused> {
        self.tasks.get_mut(id).ok_or_else(|| Refused::Unknown(id.clone()))
    }
}

fn close(task: &mut Task, closed: Closed) -> Result<(), Refused> {
    match task.turns.last_mut() {
        Some(turn) if turn.closed.is_none() => {
            turn.closed = Some(closed);
            Ok(())
        }
        _ => Err(Refused::Closed(task.id.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn one(event: Event) -> Events {
        Events { at: at(10), release: "1.0".into(), events: vec![event] }
    }

    fn added(number: u32) -> Event {
        Event::Added {
            number,
            title: "ask the vendor for the errata".into(),
            criterion: "the answer is attached".into(),
            due: at(100),
            by: "E. Ngineer".into(),
        }
    }

    #[test]
    fn a_task_of_ones_own_is_ended_by_a_person_and_others_by_their_gap() {
        let mut tasks = Tasks::default();
        tasks.take(&one(added(1))).unwrap();
        let own = TaskId::from_text("T-1");
        let done = Event::Done { task: own.clone(), how: "answered".into(), by: "E. Ngineer".into() };
        tasks.take(&one(done.clone())).unwrap();
        assert!(!tasks.get(&own).unwrap().is_open());
        assert_eq!(tasks.take(&one(done)), Err(Refused::Closed(own)));
        let subject = Subject::Answer { provision: "5.3-13".into() };
        tasks.take(&one(Event::Opened { subject: subject.clone(), due: at(100) })).unwrap();
        let done = Event::Done { task: subject.id(), how: "done".into(), by: "E. Ngineer".into() };
        assert_eq!(tasks.take(&one(done)), Err(Refused::NotOwn(subject.id())));
    }

    #[test]
    fn what_is_refused_changes_nothing() {
        let mut tasks = Tasks::default();
        let before = tasks.clone();
        let events = vec![added(1), added(1)];
        let refused = tasks.take(&Events { at: at(10), release: String::new(), events });
        assert_eq!(refused, Err(Refused::Number { expected: 2, given: 1 }));
        assert_eq!(tasks, before);
    }

    #[test]
    fn a_task_is_overdue_only_while_it_is_open() {
        let mut tasks = Tasks::default();
        tasks.take(&one(added(1))).unwrap();
        let own = TaskId::from_text("T-1");
        assert!(!tasks.get(&own).unwrap().is_overdue(at(100)));
        assert!(tasks.get(&own).unwrap().is_overdue(at(101)));
        tasks.take(&one(Event::Done { task: own.clone(), how: "x".into(), by: "y".into() })).unwrap();
        assert!(!tasks.get(&own).unwrap().is_overdue(at(101)));
    }
}
