//! The requests of a workspace, derived from what happened to them.

use std::collections::BTreeMap;

use model::{Digest, Timestamp};

use super::{Ask, Event, Events, Evidence, RequestId};
use crate::people::folded;

/// A request and what has happened to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Its name.
    pub id: RequestId,
    /// Its number.
    pub number: u32,
    /// For what it asks.
    pub ask: Ask,
    /// Who asked.
    pub by: String,
    /// When.
    pub asked: Timestamp,
    /// The release under assessment then.
    pub release: String,
    /// Digest of the secret in its link.
    pub link: Option<Digest>,
    /// Every answer, in order.
    pub answers: Vec<Answer>,
    /// How it was withdrawn: when, by whom and why.
    pub withdrawn: Option<Decision>,
}

/// An answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// When.
    pub at: Timestamp,
    /// The release under assessment then.
    pub release: String,
    /// Who answered.
    pub by: String,
    /// In which role or for which organization.
    pub role: String,
    /// What was handed over.
    pub with: Vec<Evidence>,
    /// What they say about it.
    pub remark: String,
    /// Whether it was accepted, and what was decided; none while nobody has.
    pub decided: Option<(bool, Decision)>,
}

/// What a person decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// What they say.
    pub said: String,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// It waits for an answer.
    Asked,
    /// Its answer waits for a decision.
    Answered,
    /// Its answer was returned; it waits for another one.
    Returned,
    /// Its answer was accepted.
    Accepted,
    /// It is needed no longer.
    Withdrawn,
}

impl State {
    /// Every state.
    pub const ALL: [State; 5] =
        [State::Asked, State::Answered, State::Returned, State::Accepted, State::Withdrawn];

    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Asked => "asked",
            State::Answered => "answered",
            State::Returned => "returned",
            State::Accepted => "accepted",
            State::Withdrawn => "withdrawn",
        }
    }

    /// Whether something is still to happen.
    pub fn is_open(self) -> bool {
        matches!(self, State::Asked | State::Answered | State::Returned)
    }

    /// Whether it waits for whoever was asked.
    pub fn awaits_answer(self) -> bool {
        matches!(self, State::Asked | State::Returned)
    }
}

impl Request {
    /// Where it stands.
    pub fn state(&self) -> State {
        if self.withdrawn.is_some() {
            return State::Withdrawn;
        }
        match self.answers.last().map(|answer| &answer.decided) {
            None => State::Asked,
            Some(None) => State::Answered,
            Some(Some((true, _))) => State::Accepted,
            Some(Some((false, _))) => State::Returned,
        }
    }

    /// Whether it should have been answered.
    pub fn is_overdue(&self, at: Timestamp) -> bool {
        self.state().awaits_answer() && self.ask.due < at
    }

    /// The answer that was accepted.
    pub fn accepted(&self) -> Option<&Answer> {
        self.answers.last().filter(|_| self.state() == State::Accepted)
    }
}

/// An event that cannot have happened to the requests as they are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The request does not exist.
    #[error("there is no request {0}")]
    Unknown(RequestId),
    /// A request has its own number.
    #[error("the next request is number {expected}, not {given}")]
    Number {
        /// The next that is free.
        expected: u32,
        /// The one given.
        given: u32,
    },
    /// A text that is needed is empty.
    #[error("a request says {0}")]
    Empty(&'static str),
    /// It has ended.
    #[error("request {request} is {}", .state.as_str())]
    Ended {
        /// The request.
        request: RequestId,
        /// How.
        state: State,
    },
    /// There is no answer to decide on.
    #[error("request {request} is {}: there is no answer to decide on", .state.as_str())]
    NoAnswer {
        /// The request.
        request: RequestId,
        /// Where it stands.
        state: State,
    },
    /// The decision is on an answer that another one has followed.
    #[error("request {request} has answer {last} by now: look at it before you decide")]
    Followed {
        /// The request.
        request: RequestId,
        /// Number of its last answer.
        last: usize,
    },
    /// An answer hands nothing over.
    #[error("an answer to request {0} has a file, a reference or a record")]
    Nothing(RequestId),
    /// Who answered decides.
    #[error("request {0} is accepted by somebody else than who answered it")]
    Own(RequestId),
}

/// All requests of a workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Requests {
    requests: BTreeMap<u32, Request>,
}

impl Requests {
    /// Every request, in the order in which they were made.
    pub fn iter(&self) -> impl Iterator<Item = &Request> {
        self.requests.values()
    }

    /// The request of a name.
    pub fn get(&self, id: &RequestId) -> Option<&Request> {
        self.iter().find(|request| request.id == *id)
    }

    /// The request whose link has a secret with this digest.
    pub fn linked(&self, link: &Digest) -> Option<&Request> {
        self.iter().find(|request| request.link.as_ref() == Some(link))
    }

    /// Those made from a task.
    pub fn of_task<'a>(&'a self, task: &'a crate::TaskId) -> impl Iterator<Item = &'a Request> {
        self.iter().filter(move |request| request.ask.task.as_ref() == Some(task))
    }

    /// Those about a unit instance, an entry or a provision, as they name it.
    pub fn about<'a>(&'a self, about: &'a str) -> impl Iterator<Item = &'a Request> {
        self.iter().filter(move |request| request.ask.about.iter().any(|one| one == about))
    }

    /// The number that the next request has.
    pub fn next_number(&self) -> u32 {
        self.requests.keys().next_back().copied().unwrap_or(0).saturating_add(1)
    }

    /// Takes what happened at a moment: all of it, or, refused, nothing.
    ///
    /// # Errors
    /// [`Refused`] for the first event that cannot have happened.
    pub fn take(&mut self, events: &Events) -> Result<(), Refused> {
        let mut next = self.clone();
        for event in &events.events {
            next.one(events, event)?;
        }
        *self = next;
        Ok(())
    }

    fn one(&mut self, events: &Events, event: &Event) -> Result<(), Refused> {
        let at = events.at;
        match event {
            Event::Asked { number, ask, link, by } => {
                let expected = self.next_number();
                if *number != expected {
                    return Err(Refused::Number { expected, given: *number });
                }
                said(&ask.kind, "what kind of evidence is needed")?;
                said(&ask.scope, "what the evidence has to show")?;
                named(&ask.of, "who is asked")?;
                named(by, "who asks")?;
                let request = Request {
                    id: RequestId::of(*number),
                    number: *number,
                    ask: ask.clone(),
                    by: by.clone(),
                    asked: at,
                    release: events.release.clone(),
                    link: *link,
                    answers: Vec::new(),
                    withdrawn: None,
                };
                self.requests.insert(*number, request);
            }
            Event::Linked { request, link, by } => {
                named(by, "who changed its link")?;
                self.open(request)?.link = *link;
            }
            Event::Answered { request, with, remark, by, role } => {
                named(by, "who answered")?;
                let open = self.open(request)?;
                let is_nothing =
                    |one: &Evidence| matches!(one, Evidence::Reference { text } if text.trim().is_empty());
                if with.is_empty() || with.iter().any(is_nothing) {
                    return Err(Refused::Nothing(request.clone()));
                }
                open.answers.push(Answer {
                    at,
                    release: events.release.clone(),
                    by: by.clone(),
                    role: role.clone(),
                    with: with.clone(),
                    remark: remark.clone(),
                    decided: None,
                });
            }
            Event::Accepted { request, answer, remark, by } => {
                named(by, "who accepted it")?;
                let last = self.undecided(request, *answer)?;
                if folded(&last.by) == folded(by) {
                    return Err(Refused::Own(request.clone()));
                }
                last.decided = Some((true, Decision { at, by: by.clone(), said: remark.clone() }));
            }
            Event::Returned { request, answer, because, by } => {
                named(by, "who returned it")?;
                said(because, "why its answer was returned")?;
                let last = self.undecided(request, *answer)?;
                last.decided = Some((false, Decision { at, by: by.clone(), said: because.clone() }));
            }
            Event::Withdrawn { request, because, by } => {
                named(by, "who withdrew it")?;
                said(because, "why it was withdrawn")?;
                let decision = Decision { at, by: by.clone(), said: because.clone() };
                self.open(request)?.withdrawn = Some(decision);
            }
        }
        Ok(())
    }

    /// A request to which something can still happen.
    fn open(&mut self, id: &RequestId) -> Result<&mut Request, Refused> {
        let found = self.requests.values_mut().find(|request| request.id == *id);
        let found = found.ok_or_else(|| Refused::Unknown(id.clone()))?;
        match found.state() {
            state if state.is_open() => Ok(found),
            state => Err(Refused::Ended { request: id.clone(), state }),
        }
    }

    /// The last answer of a request, which has to be the one that was looked at.
    fn undecided(&mut self, id: &RequestId, answer: usize) -> Result<&mut Answer, Refused> {
        let request = self.open(id)?;
        let (state, last) = (request.state(), request.answers.len());
        match request.answers.last_mut().filter(|_| state == State::Answered) {
            None => Err(Refused::NoAnswer { request: id.clone(), state }),
            Some(_) if answer != last => Err(Refused::Followed { request: id.clone(), last }),
            Some(found) => Ok(found),
        }
    }
}

/// A name of which nothing is left when it is compared names nobody.
fn named(name: &str, what: &'static str) -> Result<(), Refused> {
    said(&folded(name), what)
}

fn said(text: &str, what: &'static str) -> Result<(), Refused> {
    if text.trim().is_empty() { Err(Refused::Empty(what)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn take(requests: &mut Requests, event: Event) -> Result<(), Refused> {
        requests.take(&Events { at: at(10), release: "1.0".into(), events: vec![event] })
    }

    fn asked(number: u32) -> Event {
        let ask = Ask {
            kind: "document".into(),
            scope: "the errata of the radio".into(),
            period: None,
            about: vec!["5.3-2-1a".into()],
            criterion: Vec::new(),
            of: "S. Upplier".into(),
            due: at(100),
            task: None,
        };
        Event::Asked { number, ask, link: Some(Digest::of(&number.to_be_bytes())), by: "E. Ngineer".into() }
    }

    fn answered() -> Event {
        let with = vec![Evidence::Reference { text: "errata 7".into() }];
        let (request, by) = (RequestId::of(1), "S. Upplier".into());
        Event::Answered { request, with, remark: String::new(), by, role: String::new() }
    }

    fn accepted(answer: usize, by: &str) -> Event {
        Event::Accepted { request: RequestId::of(1), answer, remark: String::new(), by: by.into() }
    }

    fn returned(answer: usize, because: &str) -> Event {
        let (request, by) = (RequestId::of(1), "E. Ngineer".into());
        Event::Returned { request, answer, because: because.into(), by }
    }

    fn state(requests: &Requests) -> State {
        requests.get(&RequestId::of(1)).unwrap().state()
    }

    #[test]
    fn an_answer_is_returned_with_a_reason_answered_again_and_accepted() {
        let mut requests = Requests::default();
        take(&mut requests, asked(1)).unwrap();
        assert_eq!(state(&requests), State::Asked);
        take(&mut requests, answered()).unwrap();
        assert_eq!(state(&requests), State::Answered);
        let silent = take(&mut requests, returned(1, " "));
        assert_eq!(silent, Err(Refused::Empty("why its answer was returned")));
        take(&mut requests, returned(1, "it is of another chip")).unwrap();
        assert_eq!(state(&requests), State::Returned);
        take(&mut requests, answered()).unwrap();
        take(&mut requests, accepted(2, "E. Ngineer")).unwrap();
        let request = requests.get(&RequestId::of(1)).unwrap();
        assert_eq!((request.state(), request.accepted()), (State::Accepted, request.answers.get(1)));
        let ended = Refused::Ended { request: RequestId::of(1), state: State::Accepted };
        assert_eq!(take(&mut requests, answered()), Err(ended));
    }

    #[test]
    fn nobody_decides_on_an_answer_that_they_have_not_seen_or_that_is_their_own() {
        let mut requests = Requests::default();
        take(&mut requests, asked(1)).unwrap();
        let early = Refused::NoAnswer { request: RequestId::of(1), state: State::Asked };
        assert_eq!(take(&mut requests, accepted(1, "E. Ngineer")), Err(early));
        take(&mut requests, answered()).unwrap();
        take(&mut requests, answered()).unwrap();
        let followed = Refused::Followed { request: RequestId::of(1), last: 2 };
        assert_eq!(take(&mut requests, accepted(1, "E. Ngineer")), Err(followed));
        assert_eq!(take(&mut requests, accepted(2, "s upplier ")), Err(Refused::Own(RequestId::of(1))));
        take(&mut requests, accepted(2, "E. Ngineer")).unwrap();
    }

    #[test]
    fn a_link_opens_its_request_until_another_one_takes_its_place() {
        let mut requests = Requests::default();
        take(&mut requests, asked(1)).unwrap();
        take(&mut requests, asked(2)).unwrap();
        let (old, new) = (Digest::of(&1u32.to_be_bytes()), Digest::of(b"another"));
        assert_eq!(requests.linked(&old).unwrap().id, RequestId::of(1));
        let linked = Event::Linked { request: RequestId::of(1), link: Some(new), by: "E. Ngineer".into() };
        take(&mut requests, linked).unwrap();
        assert_eq!(requests.linked(&old), None);
        assert_eq!(requests.linked(&new).unwrap().id, RequestId::of(1));
    }

    #[test]
    fn it_is_overdue_only_while_it_waits_for_who_was_asked() {
        let mut requests = Requests::default();
        take(&mut requests, asked(1)).unwrap();
        let overdue = |requests: &Requests, seconds| requests.iter().next().unwrap().is_overdue(at(seconds));
        assert!(!overdue(&requests, 100));
        assert!(overdue(&requests, 101));
        take(&mut requests, answered()).unwrap();
        assert!(!overdue(&requests, 101));
    }

    proptest! {
        /// Whatever is tried: what is refused changes nothing, and what has ended stays as it ended.
        #[test]
        fn what_has_ended_stays_ended(tries in prop::collection::vec((0u8..6, 0usize..4), 0..24)) {
            let mut requests = Requests::default();
            for (what, n) in tries {
                let before = requests.clone();
                let event = match what {
                    0 => asked(n as u32),
                    1 => answered(),
                    2 => accepted(n, "E. Ngineer"),
                    3 => returned(n, "no"),
                    4 => Event::Linked { request: RequestId::of(1), link: None, by: "E. Ngineer".into() },
                    _ => Event::Withdrawn { request: RequestId::of(1), because: "x".into(), by: "y".into() },
                };
                if take(&mut requests, event).is_err() {
                    prop_assert_eq!(&requests, &before);
                }
                for request in before.iter().filter(|request| !request.state().is_open()) {
                    prop_assert_eq!(requests.get(&request.id), Some(request));
                }
                for request in requests.iter() {
                    let (last, earlier) = match request.answers.split_last() {
                        Some(split) => split,
                        None => continue,
                    };
                    prop_assert!(earlier.iter().all(|a| !matches!(a.decided, Some((true, _)))));
                    let is_accepted = request.state() == State::Accepted;
                    prop_assert_eq!(matches!(last.decided, Some((true, _))), is_accepted);
                }
            }
        }
    }
}
