//! Requests for evidence: asking for it, answering, accepting or returning, and the one link that opens a request.
//!
//! What happened to requests is kept in the ledger; of a link it has the digest alone. No verdict rests on a request.

mod answer;
mod ask;
mod told;

use std::path::Path;
use std::sync::Arc;

use dossier::Dossier;
use model::{Digest, Timestamp};
use workflow::requests::{Event, Events, Refused};

use crate::attach::AttachError;
use crate::folder::{self, FolderError};
use crate::history::{History, HistoryError};
pub use crate::people::Secret;
use crate::records::{Records, RecordsError};
use crate::state::KINDS;
use crate::tasks::TasksError;
use crate::upload::UploadError;
pub use answer::{Handed, answer};
pub(crate) use ask::checked;
pub use ask::{Asked, ask, ask_of_task, due, due_in, for_instance, for_task};
pub use told::{Shown, at_instance, at_provision, shown};
pub use workflow::requests::{Answer, Ask, Decision, Evidence, Request, RequestId, Requests, State};

/// What is asked for when a probe is to measure it.
pub const OBSERVATION: &str = "observation";
/// The most characters of a text that says something.
pub const LONGEST_TEXT: usize = 4000;
/// The most characters of a name.
pub const LONGEST_NAME: usize = 200;
/// The most answers that a request takes.
pub const MOST_ANSWERS: usize = 20;
/// The most bytes that the files of all answers to a request have together.
pub const MOST_BYTES: u64 = 256 << 20;

/// Why requests were not told or not changed.
#[derive(Debug, thiserror::Error)]
pub enum RequestsError {
    /// The dossier.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The records.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// A record does not read.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// A record of the ledger says what cannot have happened.
    #[error(transparent)]
    Follow(#[from] FollowError),
    /// What was asked for cannot happen.
    #[error("change a request")]
    Refused(#[from] Refused),
    /// A file is not taken.
    #[error("answer a request")]
    Upload(#[from] UploadError),
    /// It is about nothing that is there.
    #[error(transparent)]
    About(#[from] AttachError),
    /// The tasks that a request is made from.
    #[error(transparent)]
    Tasks(#[from] Box<TasksError>),
    /// The kind is not known.
    #[error("ask for a `{0}`: kinds are {list}, {OBSERVATION}", list = KINDS.join(", "))]
    Kind(String),
    /// A text is too long.
    #[error("change a request: {what} has more than {most} characters")]
    TooLong {
        /// Which.
        what: &'static str,
        /// How many it may have.
        most: usize,
    },
    /// There are too many answers.
    #[error("answer request {0}: it has {MOST_ANSWERS} answers\n\nhint: withdraw it and ask anew")]
    TooMany(RequestId),
    /// There is too much.
    #[error(
        "answer request {0}: the files of its answers would have more than {most} MiB together\n\nhint: say where the rest is, \
         as a reference",
        most = MOST_BYTES >> 20
    )]
    TooMuch(RequestId),
    /// The record that is to answer is none of what a probe measured.
    #[error("answer with record {0}: it is no observation\n\nhint: `assay ledger list` lists the records")]
    NoObservation(u64),
    /// No secret could be made.
    #[error("make the link of a request: the system gives no random numbers")]
    Random,
}

/// A record of the ledger says what cannot have happened to requests.
#[derive(Debug, thiserror::Error)]
#[error("follow the requests through record {seq}")]
pub struct FollowError {
    /// Its position.
    seq: u64,
    /// Why it cannot have happened.
    #[source]
    source: Refused,
}

/// Requests as they are at a moment.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The moment.
    pub at: Timestamp,
    /// The requests.
    pub requests: Requests,
    /// What their answers hand over is told from this.
    pub history: Arc<History>,
}

/// A change that was recorded.
#[derive(Debug, Clone)]
pub struct Changed {
    /// Position of its record.
    pub seq: u64,
    /// When it was recorded.
    pub at: Timestamp,
    /// The requests as they are then.
    pub requests: Requests,
}

/// The requests that a history tells of.
///
/// # Errors
/// [`FollowError`] for a record that says what cannot have happened.
pub fn of(history: &History) -> Result<Requests, FollowError> {
    let mut requests = Requests::default();
    for recorded in history.requests() {
        let take = requests.take(&recorded.body);
        take.map_err(|source| FollowError { seq: recorded.seq, source })?;
    }
    Ok(requests)
}

/// Tells the requests as they are at a moment.
///
/// # Errors
/// [`RequestsError`] when the ledger cannot be read.
pub fn list(folder: &Path, at: Timestamp) -> Result<Listed, RequestsError> {
    // A folder without a dossier has no requests to tell, and is to be named.
    folder::sources(folder)?;
    let history = match Records::exist(folder) {
        true => Records::open(folder)?.history()?,
        false => Arc::default(),
    };
    Ok(Listed { at, requests: of(&history)?, history })
}

/// Accepts an answer: the last one, or, where a number is given, that one, which has to be the last.
///
/// # Errors
/// [`RequestsError`]; then nothing was recorded.
pub fn accept(
    folder: &Path,
    request: &RequestId,
    answer: Option<usize>,
    remark: &str,
    by: &str,
    at: Timestamp,
) -> Result<Changed, RequestsError> {
    let (remark, by) = (text(remark, "the remark")?, name(by)?);
    let (dossier, _) = folder::load(folder)?;
    // What is accepted has to be there.
    let accepted = |requests: &Requests| Event::Accepted {
        request: request.clone(),
        answer: answer.unwrap_or_else(|| last(requests, request)),
        remark: remark.clone(),
        by: by.clone(),
    };
    record(&mut Records::open_sound(folder)?, &dossier, at, |requests| Ok(vec![accepted(requests)]))
}

/// Returns an answer with a reason, so that the request waits for another one.
///
/// # Errors
/// [`RequestsError`]; then nothing was recorded.
pub fn send_back(
    folder: &Path,
    request: &RequestId,
    answer: Option<usize>,
    because: &str,
    by: &str,
    at: Timestamp,
) -> Result<Changed, RequestsError> {
    let (because, by) = (text(because, "the reason")?, name(by)?);
    change(folder, at, |requests| Event::Returned {
        request: request.clone(),
        answer: answer.unwrap_or_else(|| last(requests, request)),
        because: because.clone(),
        by: by.clone(),
    })
}

/// Withdraws a request that is needed no longer. Where a number is given, it has as many answers as were looked at.
///
/// # Errors
/// [`RequestsError`]; then nothing was recorded.
pub fn withdraw(
    folder: &Path,
    request: &RequestId,
    answers: Option<usize>,
    because: &str,
    by: &str,
    at: Timestamp,
) -> Result<Changed, RequestsError> {
    let (because, by) = (text(because, "the reason")?, name(by)?);
    let (dossier, _) = folder::load(folder)?;
    record(&mut Records::open_sound_lately(folder)?, &dossier, at, |requests| {
        let last = last(requests, request);
        if answers.is_some_and(|seen| seen != last) {
            return Err(Refused::Followed { request: request.clone(), last }.into());
        }
        Ok(vec![Event::Withdrawn { request: request.clone(), because: because.clone(), by: by.clone() }])
    })
}

/// Gives a request a new link; the one before opens nothing any more.
///
/// # Errors
/// [`RequestsError`]; then nothing was recorded.
pub fn renew_link(
    folder: &Path,
    request: &RequestId,
    by: &str,
    at: Timestamp,
) -> Result<(Secret, Changed), RequestsError> {
    let (secret, by) = (Secret::new().ok_or(RequestsError::Random)?, name(by)?);
    let link = Some(link_of(&secret));
    let changed = change(folder, at, |_| Event::Linked { request: request.clone(), link, by: by.clone() })?;
    Ok((secret, changed))
}

/// What a request keeps of the secret in its link.
pub fn link_of(secret: &Secret) -> Digest {
    Digest::of(secret.text().as_bytes())
}

/// What is another text once anything that is told of a request has changed.
pub fn version(request: &Request) -> String {
    // It only ever goes forward: asked, answered, decided, withdrawn.
    format!("{}.{}", request.answers.len(), request.state().as_str())
}

/// The path of the link to a request, below the address of the workspace.
pub fn path(product: &str, secret: &Secret) -> String {
    format!("/answer/{product}/{}", secret.text())
}

/// A text of a request in a form in which no character moves a cursor or hides.
pub fn visible(text: &str) -> String {
    wire::text::visible_str(text, 2 * LONGEST_TEXT)
}

fn last(requests: &Requests, id: &RequestId) -> usize {
    requests.get(id).map_or(0, |request| request.answers.len())
}

fn change(folder: &Path, at: Timestamp, asked: impl Fn(&Requests) -> Event) -> Result<Changed, RequestsError> {
    let (dossier, _) = folder::load(folder)?;
    record(&mut Records::open_sound_lately(folder)?, &dossier, at, |requests| Ok(vec![asked(requests)]))
}

/// Records what is to happen, on exactly the requests that it was decided on.
fn record(
    records: &mut Records,
    dossier: &Dossier,
    at: Timestamp,
    asked: impl Fn(&Requests) -> Result<Vec<Event>, RequestsError>,
) -> Result<Changed, RequestsError> {
    loop {
        let (history, _) = records.history_lately()?;
        let at = history.last_recorded().map_or(at, |last| last.max(at));
        let mut requests = of(&history)?;
        let events = Events { at, release: dossier.release_version().to_owned(), events: asked(&requests)? };
        requests.take(&events)?;
        // Another process may have recorded something meanwhile; then it is looked at again, with that.
        if let Some(seq) = records.requests(&history, &events)? {
            return Ok(Changed { seq, at, requests });
        }
    }
}

/// A text without blanks around it, of bounded length.
fn text(text: &str, what: &'static str) -> Result<String, RequestsError> {
    bounded(text, what, LONGEST_TEXT)
}

fn name(text: &str) -> Result<String, RequestsError> {
    bounded(text, "a name", LONGEST_NAME)
}

fn bounded(text: &str, what: &'static str, most: usize) -> Result<String, RequestsError> {
    let text = text.trim();
    match text.chars().count() > most {
        true => Err(RequestsError::TooLong { what, most }),
        false => Ok(text.to_owned()),
    }
}
