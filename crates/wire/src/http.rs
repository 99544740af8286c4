//! HTTP/1.1 (RFC 9110, RFC 9112): requests as exact bytes, answers read piece by piece.
//!
//! Not a client: no connections, redirects or cookie jar. HTTP/2 is not spoken.

pub mod auth;
pub mod cookie;
pub mod page;
mod request;
mod response;
pub mod token;

pub use request::{Request, form_pairs, form_urlencoded, percent_encoded};
pub(crate) use response::parse_head;
pub use response::{Limits, Progress, Response, ResponseReader};
