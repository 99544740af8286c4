//! What programs send: bodies and queries as structs, whose one macro writes their schema too.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::trouble::Trouble;

/// A part of what is sent.
pub(crate) trait Asked {
    /// Whether it may be left out.
    const OPTIONAL: bool = false;

    /// Its JSON Schema.
    fn shape(defs: &mut Map<String, Value>) -> Value;
}

/// A text with so many characters.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(transparent)]
pub(crate) struct Text<const LEAST: usize, const MOST: usize>(pub(crate) String);

/// A line that is needed.
pub(crate) type Line = Text<1, 300>;
/// Prose that is needed.
pub(crate) type Words = Text<1, 20_000>;
/// Prose that may be empty.
pub(crate) type Remark = Text<0, 20_000>;

impl<const LEAST: usize, const MOST: usize> Asked for Text<LEAST, MOST> {
    fn shape(_: &mut Map<String, Value>) -> Value {
        json!({"type": "string", "minLength": LEAST, "maxLength": MOST})
    }
}

impl<T: Asked> Asked for Option<T> {
    const OPTIONAL: bool = true;

    fn shape(defs: &mut Map<String, Value>) -> Value {
        T::shape(defs)
    }
}

impl<T: Asked> Asked for Vec<T> {
    fn shape(defs: &mut Map<String, Value>) -> Value {
        json!({"type": "array", "maxItems": 100, "items": T::shape(defs)})
    }
}

macro_rules! plain {
    ($($kind:ty: $shape:tt;)+) => {$(
        impl Asked for $kind {
            fn shape(_: &mut Map<String, Value>) -> Value {
                json!($shape)
            }
        }
    )+};
}

plain! {
    bool: {"type": "boolean"};
    u32: {"type": "integer", "minimum": 0, "maximum": 4_294_967_295_u32};
    u64: {"type": "integer", "minimum": 0, "maximum": 9_007_199_254_740_991_u64};
    model::Timestamp: {
        "type": "string",
        "description": "A moment in UTC, `2026-01-31T12:00:00Z`, or a date alone",
        "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?Z)?$"
    };
    model::Outcome: {"type": "string", "enum": ["fail", "inconclusive", "open", "pass", "not-applicable"]};
    model::Verdict: {"type": "string", "enum": ["pass", "fail", "inconclusive"]};
    model::Decision: {"type": "string", "enum": ["approve", "return"]};
}

/// Writes structs that are read from what programs send. Their doc comments become descriptions in the schema; a field
/// of an optional type may be left out.
macro_rules! asked {
    ($(
        $(#[doc = $doc:literal])+
        $vis:vis struct $name:ident {
            $( $(#[doc = $of_field:literal])+ $of_vis:vis $field:ident: $kind:ty, )*
        }
    )+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        $vis struct $name {
            $( $(#[doc = $of_field])+ $of_vis $field: $kind, )*
        }

        impl $crate::api::asked::Asked for $name {
            fn shape(defs: &mut serde_json::Map<String, serde_json::Value>) -> serde_json::Value {
                use $crate::api::asked::Asked;
                let mut fields = serde_json::Map::new();
                let mut required: Vec<&str> = Vec::new();
                $(
                    if !<$kind as Asked>::OPTIONAL {
                        required.push(stringify!($field));
                    }
                    let shape = <$kind as Asked>::shape(defs);
                    let text = concat!($($of_field),+);
                    let shape = report::presentation::told::described(shape, text);
                    fields.insert(stringify!($field).to_owned(), shape);
                )*
                let shape = serde_json::json!({
                    "type": "object",
                    "required": required,
                    "properties": fields,
                    "additionalProperties": false,
                });
                report::presentation::told::described(shape, concat!($($doc),+))
            }
        }
    )+};
}
pub(crate) use asked;

/// What the guard has read and checked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Checked {
    /// The parameters of the query.
    pub(crate) query: Value,
    /// What was sent as JSON.
    pub(crate) sent: Value,
    /// The tag that the change was made from.
    pub(crate) tag: String,
}

/// What was sent as JSON.
#[derive(Debug)]
pub(crate) struct Sent<T>(pub(crate) T);

/// The parameters of the query.
#[derive(Debug)]
pub(crate) struct Queried<T>(pub(crate) T);

/// The tag in `If-Match`.
#[derive(Debug)]
pub(crate) struct Tag(pub(crate) String);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Sent<T> {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Trouble> {
        read(checked(parts)?.sent).map(Self)
    }
}

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Queried<T> {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Trouble> {
        read(checked(parts)?.query).map(Self)
    }
}

impl<S: Sync> FromRequestParts<S> for Tag {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Trouble> {
        checked(parts).map(|checked| Self(checked.tag))
    }
}

fn checked(parts: &mut Parts) -> Result<Checked, Trouble> {
    parts.extensions.get::<Checked>().cloned().ok_or_else(|| Trouble::ours("the request was not looked at"))
}

/// What keeps to its schema reads, but for what a schema cannot say: the thirtieth of February.
fn read<T: DeserializeOwned>(value: Value) -> Result<T, Trouble> {
    serde_json::from_value(value).map_err(|error| {
        let what = format!("It cannot be read: {error}.");
        Trouble::new(StatusCode::UNPROCESSABLE_ENTITY, what, "Mend the value.")
    })
}
