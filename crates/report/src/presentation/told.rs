//! What every part of a presentation can do: show its texts to a sanitiser, and describe its shape as JSON Schema.
//!
//! One macro writes a struct, its walk over texts and its shape, so that no text and no field can be forgotten. The
//! interface for programs tells by it too.

use model::{Confidence, Digest, Edition, Method, Outcome, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Text of several lines: line ends mean something in it. Any other text is one line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Prose(pub String);

impl Prose {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.0.trim().is_empty()
    }
}

impl From<String> for Prose {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Prose {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// How a text is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// On one line.
    Line,
    /// On as many as it has.
    Prose,
}

/// A part of a presentation.
pub trait Told {
    /// Hands every text inside to `change`.
    fn texts(&mut self, change: &mut dyn FnMut(&mut String, Form));

    /// The JSON Schema of the part; definitions that it refers to are added to `defs`.
    fn shape(defs: &mut Map<String, Value>) -> Value;
}

impl Told for String {
    fn texts(&mut self, change: &mut dyn FnMut(&mut String, Form)) {
        change(self, Form::Line);
    }

    fn shape(_: &mut Map<String, Value>) -> Value {
        json!({"type": "string"})
    }
}

impl Told for Prose {
    fn texts(&mut self, change: &mut dyn FnMut(&mut String, Form)) {
        change(&mut self.0, Form::Prose);
    }

    fn shape(_: &mut Map<String, Value>) -> Value {
        json!({"type": "string"})
    }
}

impl<T: Told> Told for Option<T> {
    fn texts(&mut self, change: &mut dyn FnMut(&mut String, Form)) {
        if let Some(inner) = self {
            inner.texts(change);
        }
    }

    fn shape(defs: &mut Map<String, Value>) -> Value {
        json!({"anyOf": [T::shape(defs), {"type": "null"}]})
    }
}

impl<T: Told> Told for Vec<T> {
    fn texts(&mut self, change: &mut dyn FnMut(&mut String, Form)) {
        for one in self {
            one.texts(change);
        }
    }

    fn shape(defs: &mut Map<String, Value>) -> Value {
        json!({"type": "array", "items": T::shape(defs)})
    }
}

/// Parts without text of their own.
macro_rules! without_text {
    ($($kind:ty: $shape:tt;)+) => {$(
        impl Told for $kind {
            fn texts(&mut self, _: &mut dyn FnMut(&mut String, Form)) {}

            fn shape(_: &mut Map<String, Value>) -> Value {
                json!($shape)
            }
        }
    )+};
}

without_text! {
    bool: {"type": "boolean"};
    u8: {"type": "integer", "minimum": 0, "maximum": 255};
    u32: {"type": "integer", "minimum": 0};
    u64: {"type": "integer", "minimum": 0};
    Timestamp: {"type": "string", "format": "date-time"};
    Digest: {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"};
    Value: {};
    Edition: {"enum": ["2.1.1", "3.1.3"]};
    Outcome: {"enum": ["fail", "inconclusive", "open", "pass", "not-applicable"]};
    Confidence: {"enum": ["low", "medium", "high"]};
    Method: {"enum": ["rule", "probe", "assisted", "judgement", "manual"]};
}

/// Writes structs whose fields are all parts of a presentation. Their doc comments become descriptions in the schema.
#[macro_export]
macro_rules! told {
    ($(
        $(#[doc = $doc:literal])+
        pub struct $name:ident {
            $( $(#[doc = $of_field:literal])+ pub $field:ident: $kind:ty, )+
        }
    )+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $( $(#[doc = $of_field])+ pub $field: $kind, )+
        }

        impl $crate::presentation::told::Told for $name {
            fn texts(&mut self, change: &mut dyn FnMut(&mut String, $crate::presentation::told::Form)) {
                $( $crate::presentation::told::Told::texts(&mut self.$field, change); )+
            }

            fn shape(defs: &mut serde_json::Map<String, serde_json::Value>) -> serde_json::Value {
                let name = stringify!($name);
                if !defs.contains_key(name) {
                    defs.insert(name.to_owned(), serde_json::Value::Null);
                    let mut fields = serde_json::Map::new();
                    $(
                        let shape = <$kind as $crate::presentation::told::Told>::shape(defs);
                        let shape = $crate::presentation::told::described(shape, concat!($($of_field),+));
                        fields.insert(stringify!($field).to_owned(), shape);
                    )+
                    let shape = serde_json::json!({
                        "type": "object",
                        "required": fields.keys().collect::<Vec<_>>(),
                        "properties": fields,
                        "additionalProperties": false,
                    });
                    let shape = $crate::presentation::told::described(shape, concat!($($doc),+));
                    defs.insert(name.to_owned(), shape);
                }
                serde_json::json!({"$ref": format!("#/$defs/{name}")})
            }
        }
    )+};
}
pub use told;

/// Writes enums of plain words. Their doc comments become descriptions in the schema.
#[macro_export]
macro_rules! told_words {
    ($(
        $(#[doc = $doc:literal])+
        pub enum $name:ident {
            $( $(#[doc = $of_word:literal])+ $word:ident = $text:literal, )+
        }
    )+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $( $(#[doc = $of_word])+ #[serde(rename = $text)] $word, )+
        }

        impl $name {
            /// The word as reports write it.
            pub fn as_str(self) -> &'static str {
                match self {
                    $( $name::$word => $text, )+
                }
            }
        }

        impl $crate::presentation::told::Told for $name {
            fn texts(&mut self, _: &mut dyn FnMut(&mut String, $crate::presentation::told::Form)) {}

            fn shape(_: &mut serde_json::Map<String, serde_json::Value>) -> serde_json::Value {
                serde_json::json!({"enum": [$($text),+]})
            }
        }
    )+};
}
pub use told_words;

/// A shape with a sentence about it.
pub fn described(mut shape: Value, text: &str) -> Value {
    if let Some(shape) = shape.as_object_mut() {
        shape.insert("description".to_owned(), text.trim().into());
    }
    shape
}
