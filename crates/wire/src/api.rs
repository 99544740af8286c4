//! What a program interface takes, as a file describes it: routes, their parameters and messages, and who may call them.
//!
//! [`openapi`] reads descriptions, [`har`] reads recorded requests; both give [`Route`]s. Nothing here says whether
//! the product keeps to it.

pub mod har;
pub mod openapi;
mod reference;
pub mod sample;
mod schema;
mod yaml;

pub use schema::{Kind, Schema};

use serde_json::Value;

/// Why a file gives no routes at all. What could be read in part gives notes instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoDescription {
    /// More bytes than are looked at.
    #[error("the file is larger than {0} MiB")]
    TooLarge(usize),
    /// Neither JSON nor YAML, or nested too deep.
    #[error("the file is neither JSON nor YAML: {0}")]
    Unreadable(String),
    /// Readable, but another kind of file.
    #[error("the file is no {0}")]
    Other(&'static str),
}

/// One method of one path.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// The method in capitals.
    pub method: String,
    /// The path, with `{name}` where a parameter stands in it; the path of the server in front.
    pub path: String,
    /// Parameters outside the message.
    pub parameters: Vec<Parameter>,
    /// The message, if it takes one.
    pub body: Option<Body>,
    /// Which credentials open it.
    pub access: Access,
    /// The answers that are described: `200`, `4XX`, `default`. Empty where nothing is said.
    pub answers: Vec<String>,
}

/// Which credentials a route takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// Nothing is said.
    Unsaid,
    /// Said to be open to everybody.
    Open,
    /// One of these sets of schemes, by their names.
    Schemes(Vec<Vec<String>>),
}

/// A parameter outside the message.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub at: At,
    /// Whether it has to be there.
    pub required: bool,
    /// What it may hold.
    pub schema: Schema,
    /// A value that is well formed, where the file gives one.
    pub example: Option<Value>,
}

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum At {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// In a header.
    Header,
    /// In a cookie.
    Cookie,
}

/// A message that a route takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Body {
    /// Its media type, without parameters.
    pub media: String,
    /// Whether it has to be there.
    pub required: bool,
    /// What it may hold.
    pub schema: Schema,
    /// A well-formed message, where the file gives one; a text where it is no JSON.
    pub example: Option<Value>,
}

impl Body {
    /// Whether the message is JSON: `application/json`, or a type that ends in `+json`.
    #[must_use]
    pub fn is_json(&self) -> bool {
        is_json(&self.media)
    }
}

/// Whether a media type stands for JSON (RFC 6839 section 3.1).
#[must_use]
pub fn is_json(media: &str) -> bool {
    let media = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    media == "application/json" || media.ends_with("+json") || media == "text/json"
}

/// Whether a media type stands for XML (RFC 7303).
#[must_use]
pub fn is_xml(media: &str) -> bool {
    let media = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(media.as_str(), "application/xml" | "text/xml") || media.ends_with("+xml")
}

/// Whether a media type stands for the fields of a form.
#[must_use]
pub fn is_form(media: &str) -> bool {
    media.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}
