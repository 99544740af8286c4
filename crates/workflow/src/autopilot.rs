//! Tasks follow gaps: what has none opens, what has lost its gap closes, what has it again opens again.

use std::collections::BTreeMap;

use model::Timestamp;

use crate::{Due, Event, Subject, Task, Tasks};

/// A gap as far as a task needs to know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// Whether a mandatory provision waits for it.
    pub mandatory: bool,
}

/// What has to happen to the tasks so that exactly the gaps have open ones. Asked again after it happened, nothing.
///
/// `did` names the record that may have closed the gap of a task; one that was there when the tasks were last recorded,
/// at `since`, has not. Tasks that people added are left alone.
pub fn follow(
    tasks: &Tasks,
    needs: &BTreeMap<Subject, Need>,
    due: Due,
    at: Timestamp,
    since: Option<u64>,
    did: impl Fn(&Task) -> Option<u64>,
) -> Vec<Event> {
    let opened = needs.iter().filter_map(|(subject, need)| {
        let due = due.after(at, need.mandatory);
        match tasks.get(&subject.id()) {
            None => Some(Event::Opened { subject: subject.clone(), due }),
            Some(task) if !task.is_open() => Some(Event::Reopened { task: task.id.clone(), due }),
            Some(_) => None,
        }
    });
    let gone = |task: &&Task| task.is_open() && task.own.is_none() && !needs.contains_key(&task.subject);
    let by = |task: &Task| did(task).filter(|seq| Some(*seq) > since);
    let closed = tasks.iter().filter(gone).map(|task| Event::Closed { task: task.id.clone(), by: by(task) });
    closed.chain(opened).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Events;

    const DUE: Due = Due { mandatory_days: 14, recommended_days: 30 };

    fn subject(n: u8) -> Subject {
        match n % 3 {
            0 => Subject::Measure { probe: format!("net.{n}"), target: "dut".into() },
            1 => Subject::Mend { unit: format!("5.1-{n}-1a"), entry: None },
            _ => Subject::Declare { place: "ics".into(), entry: None, what: format!("feature {n}") },
        }
    }

    fn needs(of: &[u8]) -> BTreeMap<Subject, Need> {
        of.iter().map(|n| (subject(*n), Need { mandatory: n.is_multiple_of(2) })).collect()
    }

    proptest! {
        /// Whatever comes and goes: the open tasks are the gaps, nothing doubles, and asking twice does nothing.
        #[test]
        fn open_tasks_are_the_gaps(rounds in prop::collection::vec(prop::collection::vec(0u8..12, 0..8), 1..12)) {
            let mut tasks = Tasks::default();
            for (round, of) in rounds.iter().enumerate() {
                let (needs, at) = (needs(of), Timestamp::from_seconds(round as i64));
                let events = follow(&tasks, &needs, DUE, at, None, |_| Some(round as u64));
                tasks.take(&Events { at, release: "1.0".into(), events }).unwrap();
                let open: Vec<&Subject> = tasks.iter().filter(|t| t.is_open()).map(|t| &t.subject).collect();
                prop_assert_eq!(open.len(), needs.len());
                prop_assert!(open.into_iter().all(|subject| needs.contains_key(subject)));
                prop_assert_eq!(follow(&tasks, &needs, DUE, at, None, |_| None), []);
                for task in tasks.iter() {
                    let (last, before) = task.turns.split_last().unwrap();
                    prop_assert!(before.iter().all(|turn| turn.closed.is_some()));
                    prop_assert_eq!(last.closed.is_none(), needs.contains_key(&task.subject));
                }
            }
        }
    }

    #[test]
    fn a_closed_task_names_its_record_and_comes_back_with_a_new_date() {
        let (first, later) = (Timestamp::from_seconds(0), Timestamp::from_seconds(86_400));
        let mut tasks = Tasks::default();
        let mut turn = |needs: &BTreeMap<Subject, Need>, at| {
            let events = follow(&tasks, needs, DUE, at, None, |_| Some(12));
            tasks.take(&Events { at, release: "1.0".into(), events: events.clone() }).unwrap();
            events
        };
        turn(&needs(&[2]), first);
        let id = subject(2).id();
        assert_eq!(turn(&needs(&[]), first), [Event::Closed { task: id.clone(), by: Some(12) }]);
        assert_eq!(turn(&needs(&[2]), later), [Event::Reopened { task: id, due: DUE.after(later, true) }]);
    }

    #[test]
    fn a_record_that_was_there_before_has_closed_nothing_since() {
        let at = Timestamp::from_seconds(0);
        let mut tasks = Tasks::default();
        let events = follow(&tasks, &needs(&[2]), DUE, at, None, |_| None);
        tasks.take(&Events { at, release: "1.0".into(), events }).unwrap();
        let by = |since| match follow(&tasks, &needs(&[]), DUE, at, since, |_| Some(12)).as_slice() {
            [Event::Closed { by, .. }] => *by,
            other => panic!("{other:?}"),
        };
        assert_eq!((by(Some(11)), by(Some(12)), by(Some(13))), (Some(12), None, None));
    }
}
