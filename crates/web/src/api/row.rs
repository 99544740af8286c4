//! What the interface for programs says about a route: data, from which the guard checks requests and the OpenAPI
//! document is written.

use report::presentation::told::Told;
use serde_json::{Map, Value, json};

/// A JSON Schema; definitions that it refers to are added to the map.
pub type Shape = fn(&mut Map<String, Value>) -> Value;

/// A route for programs.
#[derive(Debug, Clone, Copy)]
pub struct Api {
    /// The name of the operation.
    pub id: &'static str,
    /// What it does, one sentence.
    pub about: &'static str,
    /// An object whose properties are the parameters of the query.
    pub query: Option<Shape>,
    /// What is sent with it.
    pub asks: Asks,
    /// The status of an answer that is no refusal.
    pub status: u16,
    /// What is answered.
    pub gives: Gives,
    /// How two who change the same thing are told apart.
    pub tagged: Tagged,
    /// Statuses of refusals beside those that follow from the rest.
    pub refuses: &'static [u16],
}

/// What is sent.
#[derive(Debug, Clone, Copy)]
pub enum Asks {
    /// Nothing.
    Nothing,
    /// JSON that keeps to a schema.
    Json(Shape),
    /// The bytes of a file, of a media type.
    Bytes(&'static str),
}

/// What is answered.
#[derive(Debug, Clone, Copy)]
pub enum Gives {
    /// Nothing.
    Nothing,
    /// JSON that keeps to a schema.
    Json(Shape),
    /// Bytes of a media type.
    Bytes(&'static str),
}

/// Whether an answer has a tag, and whether a change has to name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tagged {
    /// Neither.
    No,
    /// The answer has an `ETag`.
    Tag,
    /// A request names in `If-Match` the `ETag` it was made from.
    Match,
}

impl Api {
    /// A route that answers JSON and asks for nothing.
    pub const fn new(id: &'static str, about: &'static str, gives: Shape) -> Self {
        Self {
            id,
            about,
            query: None,
            asks: Asks::Nothing,
            status: 200,
            gives: Gives::Json(gives),
            tagged: Tagged::No,
            refuses: &[],
        }
    }

    /// With parameters in the query.
    #[must_use]
    pub const fn query(mut self, query: Shape) -> Self {
        self.query = Some(query);
        self
    }

    /// With JSON that is sent.
    #[must_use]
    pub const fn asks(mut self, asks: Shape) -> Self {
        self.asks = Asks::Json(asks);
        self
    }

    /// With a file that is sent.
    #[must_use]
    pub const fn takes(mut self, media: &'static str) -> Self {
        self.asks = Asks::Bytes(media);
        self
    }

    /// With bytes as the answer.
    #[must_use]
    pub const fn gives(mut self, media: &'static str) -> Self {
        self.gives = Gives::Bytes(media);
        self
    }

    /// With nothing as the answer.
    #[must_use]
    pub const fn silent(mut self) -> Self {
        self.status = 204;
        self.gives = Gives::Nothing;
        self
    }

    /// Makes something new.
    #[must_use]
    pub const fn makes(mut self) -> Self {
        self.status = 201;
        self
    }

    /// Begins something that goes on by itself.
    #[must_use]
    pub const fn accepted(mut self) -> Self {
        self.status = 202;
        self
    }

    /// With a tag, or asking for one.
    #[must_use]
    pub const fn tagged(mut self, tagged: Tagged) -> Self {
        self.tagged = tagged;
        self
    }

    /// With further refusals.
    #[must_use]
    pub const fn refuses(mut self, statuses: &'static [u16]) -> Self {
        self.refuses = statuses;
        self
    }
}

/// One part of a list, and how the next is asked for.
pub(crate) fn page<T: Told>(defs: &mut Map<String, Value>) -> Value {
    json!({
        "type": "object",
        "required": ["items", "next", "total"],
        "properties": {
            "items": {"type": "array", "items": T::shape(defs)},
            "next": {
                "anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}],
                "description": "The `cursor` of the next part; null at the end."
            },
            "total": {"type": "integer", "minimum": 0, "description": "How many there are altogether."},
        },
        "additionalProperties": false,
    })
}

/// A document that brings its own schema.
pub(crate) fn document(defs: &mut Map<String, Value>, schema: Value) -> Value {
    let Value::Object(mut schema) = schema else { return schema };
    if let Some(Value::Object(own)) = schema.remove("$defs") {
        defs.extend(own);
    }
    schema.remove("$schema");
    Value::Object(schema)
}
