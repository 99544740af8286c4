//! A small HTTP/1.1 server side (RFC 9112): requests in, responses out, every size and time bounded.
//!
//! No chunked request bodies, no ranges, no compression.

mod request;
mod response;
mod serve;

pub(crate) use request::{Body, Request, decoded, form};
pub(crate) use response::{Reply, Response, escape};
pub(crate) use serve::{Site, Visit, linger, serve};
