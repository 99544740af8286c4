//! A request as programs are told it.

use model::{Digest, Timestamp};
use report::presentation::told::{Prose, Told, told, told_words};
use serde_json::{Map, Value};

use app::requests;
use app::workspace::Snapshot;

use crate::api::asked::Asked;

told_words! {
    /// Where a request stands.
    pub enum Stands {
        /// It waits for an answer.
        Asked = "asked",
        /// Its answer waits for a decision.
        Answered = "answered",
        /// Its answer was returned; it waits for another one.
        Returned = "returned",
        /// Its answer was accepted.
        Accepted = "accepted",
        /// It is needed no longer.
        Withdrawn = "withdrawn",
    }
}

impl Asked for Stands {
    fn shape(defs: &mut Map<String, Value>) -> Value {
        let mut shape = <Self as Told>::shape(defs);
        shape["type"] = "string".into();
        shape
    }
}

impl From<requests::State> for Stands {
    fn from(state: requests::State) -> Self {
        match state {
            requests::State::Asked => Stands::Asked,
            requests::State::Answered => Stands::Answered,
            requests::State::Returned => Stands::Returned,
            requests::State::Accepted => Stands::Accepted,
            requests::State::Withdrawn => Stands::Withdrawn,
        }
    }
}

told! {
    /// A request for evidence.
    pub struct Request {
        /// Its name: `R-7`.
        pub id: String,
        /// Where it stands.
        pub state: Stands,
        /// Whether something is still to happen.
        pub open: bool,
        /// Whether it should have been answered.
        pub overdue: bool,
        /// What kind of evidence.
        pub kind: String,
        /// What it has to show.
        pub scope: Prose,
        /// Since when that has to have been true, where it matters.
        pub from: Option<Timestamp>,
        /// Until when.
        pub until: Option<Timestamp>,
        /// For which unit instances, entries or provisions; none for the whole product.
        pub about: Vec<String>,
        /// When it is accepted.
        pub criterion: Vec<Prose>,
        /// From whom.
        pub of: String,
        /// By when.
        pub due: Timestamp,
        /// The task that waits for it.
        pub task: Option<String>,
        /// Who asked.
        pub by: String,
        /// When.
        pub asked: Timestamp,
        /// The release under assessment then.
        pub release: String,
        /// Whether it has a link that answers it without an account.
        pub has_link: bool,
        /// Every answer, in order.
        pub answers: Vec<Answered>,
        /// How it was withdrawn; null where it was not.
        pub withdrawn: Option<Decided>,
    }

    /// An answer to a request.
    pub struct Answered {
        /// When.
        pub at: Timestamp,
        /// Who answered.
        pub by: String,
        /// In which role or for which organization.
        pub role: String,
        /// What was handed over.
        pub with: Vec<Piece>,
        /// What they say about it.
        pub remark: Prose,
        /// Whether it was accepted; null while nobody has decided.
        pub accepted: Option<bool>,
        /// The decision.
        pub decision: Option<Decided>,
    }

    /// One piece of what was handed over.
    pub struct Piece {
        /// Position of its record, where it has one and the reader sees records.
        pub record: Option<u64>,
        /// What it is, one line.
        pub text: String,
        /// Digest of the file, where it is one.
        pub digest: Option<Digest>,
    }

    /// What a person decided.
    pub struct Decided {
        /// When.
        pub at: Timestamp,
        /// Who.
        pub by: String,
        /// What they say.
        pub said: Prose,
    }

    /// A request that was made.
    pub struct Made {
        /// The request.
        pub request: Request,
        /// The path of its link, below the address of the workspace; told this once, null without one.
        pub link: Option<String>,
    }

    /// A link.
    pub struct Link {
        /// Its path, below the address of the workspace; told this once.
        pub link: String,
    }

    /// A request that is not made yet.
    pub struct Draft {
        /// What kind of evidence.
        pub kind: String,
        /// What it has to show.
        pub scope: Prose,
        /// For which unit instances or provisions.
        pub about: Vec<String>,
        /// When it is accepted.
        pub criterion: Vec<Prose>,
        /// By when.
        pub due: Timestamp,
        /// The task.
        pub task: Option<String>,
    }
}

/// A request, for whoever sees evidence.
pub(super) fn request(request: &requests::Request, snapshot: &Snapshot) -> Request {
    let ask = &request.ask;
    Request {
        id: request.id.to_string(),
        state: request.state().into(),
        open: request.state().is_open(),
        overdue: request.is_overdue(snapshot.at),
        kind: ask.kind.clone(),
        scope: ask.scope.clone().into(),
        from: ask.period.map(|period| period.from),
        until: ask.period.map(|period| period.until),
        about: ask.about.clone(),
        criterion: ask.criterion.iter().cloned().map(Prose).collect(),
        of: ask.of.clone(),
        due: ask.due,
        task: ask.task.as_ref().map(ToString::to_string),
        by: request.by.clone(),
        asked: request.asked,
        release: request.release.clone(),
        has_link: request.link.is_some(),
        answers: request.answers.iter().map(|answer| answered(answer, snapshot)).collect(),
        withdrawn: request.withdrawn.as_ref().map(decided),
    }
}

/// A request, for whoever answers it and sees no records.
pub(super) fn outside(one: &requests::Request, snapshot: &Snapshot) -> Request {
    let mut told = request(one, snapshot);
    told.task = None;
    for piece in told.answers.iter_mut().flat_map(|answer| &mut answer.with) {
        piece.record = None;
    }
    told
}

fn answered(answer: &requests::Answer, snapshot: &Snapshot) -> Answered {
    let piece = |evidence| {
        let shown = requests::shown(&snapshot.history, evidence);
        Piece { record: shown.record, text: shown.text, digest: shown.file.map(|file| file.digest) }
    };
    Answered {
        at: answer.at,
        by: answer.by.clone(),
        role: answer.role.clone(),
        with: answer.with.iter().map(piece).collect(),
        remark: answer.remark.clone().into(),
        accepted: answer.decided.as_ref().map(|(accepted, _)| *accepted),
        decision: answer.decided.as_ref().map(|(_, decision)| decided(decision)),
    }
}

fn decided(decision: &requests::Decision) -> Decided {
    Decided { at: decision.at, by: decision.by.clone(), said: decision.said.clone().into() }
}

/// A request that is not made yet.
pub(super) fn draft(ask: &requests::Ask) -> Draft {
    Draft {
        kind: ask.kind.clone(),
        scope: ask.scope.clone().into(),
        about: ask.about.clone(),
        criterion: ask.criterion.iter().cloned().map(Prose).collect(),
        due: ask.due,
        task: ask.task.as_ref().map(ToString::to_string),
    }
}
