//! The workspace in a browser: pages, and the interface for programs beside them.
//!
//! It shows what the use cases of `app` tell and passes on what people decide. It judges nothing and reads no file.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod api;
mod assets;
mod doors;
mod guard;
mod headers;
mod page;
mod pages;
mod runs;
mod serve;
mod site;
mod source;
mod table;
mod trouble;
mod visitor;

pub use doors::{Doors, NoUrl};
pub use serve::{Listening, Options, ServeError, TeamOptions, listen};
pub use site::Site;
pub use table::{Access, Route, Verb, router, routes};
pub use visitor::Visitor;
