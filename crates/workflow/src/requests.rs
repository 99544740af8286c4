//! Requests for evidence: what is needed, from whom and by when, how it was answered, and whether that was accepted.
//!
//! Events and the state that follows from them. Who holds the link of a request is not known here: a record has its digest.

mod ask;
mod event;
mod request;

pub use ask::{Ask, Evidence, RequestId};
pub use event::{Event, Events};
pub use request::{Answer, Decision, Refused, Request, Requests, State};
