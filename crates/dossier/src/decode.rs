//! Turns spanned TOML into values, collecting every note instead of stopping at the first.

use std::net::IpAddr;

use serde_json::{Value, json};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::note::{Note, Severity, nearest};
use crate::source::{Located, Span};

/// The file being read and the notes so far.
pub(crate) struct Reader<'a> {
    pub(crate) file: u16,
    pub(crate) notes: &'a mut Vec<Note>,
}

/// A TOML item as the parser gives it.
pub(crate) type Item<'i> = Spanned<DeValue<'i>>;

impl Reader<'_> {
    pub(crate) fn span<T>(&self, item: &Spanned<T>) -> Span {
        Span::new(self.file, item.span())
    }

    pub(crate) fn wrong_type(&mut self, item: &Item<'_>, wanted: &str) {
        let (span, found) = (self.span(item), item.get_ref().type_str());
        self.notes.push(Note::new(
            "wrong-type",
            Severity::Error,
            format!("this has to be {wanted}"),
            span,
            if found.starts_with(['a', 'i']) { format!("an {found}") } else { format!("a {found}") },
        ));
    }

    pub(crate) fn unknown_key(&mut self, key: Span, name: &str, inside: &str, known: &[&str]) {
        let note = Note::new(
            "unknown-key",
            Severity::Error,
            format!("{inside} has no key `{name}`"),
            key,
            "nothing reads this",
        );
        let note = match nearest(name, known.iter().copied()) {
            Some(word) => note.hint(format!("did you mean `{word}`?")),
            None => note.hint(format!("known keys: {}", known.join(", "))),
        };
        self.notes.push(note);
    }

    /// Notes every key of a table that is not among the known ones.
    pub(crate) fn only(&mut self, table: &DeTable<'_>, inside: &str, known: &[&str]) {
        for key in table.keys() {
            if !known.contains(&key.get_ref().as_ref()) {
                let span = self.span(key);
                self.unknown_key(span, key.get_ref(), inside, known);
            }
        }
    }

    /// The decoded value of a key, with its place; nothing when absent or not decodable (then noted).
    pub(crate) fn get<T: Decode>(&mut self, table: &DeTable<'_>, key: &str) -> Option<Located<T>> {
        let item = table.get(key)?;
        let span = self.span(item);
        T::decode(item, self).map(|value| Located { value, span })
    }
}

/// A value that a dossier can hold.
pub(crate) trait Decode: Sized {
    /// The value, or nothing after a note.
    fn decode(item: &Item<'_>, reader: &mut Reader<'_>) -> Option<Self>;

    /// JSON Schema of the value.
    fn schema() -> Value;

    /// The value as it was written, without places: what two states of a dossier are compared by.
    fn written(&self) -> Value;
}

impl Decode for String {
    fn decode(item: &Item<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let text = item.get_ref().as_str().map(str::to_owned);
        if text.is_none() {
            reader.wrong_type(item, "a text");
        }
        text
    }

    fn schema() -> Value {
        json!({"type": "string"})
    }

    fn written(&self) -> Value {
        json!(self)
    }
}

impl Decode for bool {
    fn decode(item: &Item<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let value = item.get_ref().as_bool();
        if value.is_none() {
            reader.wrong_type(item, "`true` or `false`");
        }
        value
    }

    fn schema() -> Value {
        json!({"type": "boolean"})
    }

    fn written(&self) -> Value {
        json!(self)
    }
}

macro_rules! integers {
    ($($type:ty),*) => {$(
        impl Decode for $type {
            fn decode(item: &Item<'_>, reader: &mut Reader<'_>) -> Option<Self> {
                let Some(number) = item.get_ref().as_integer() else {
                    reader.wrong_type(item, "a whole number");
                    return None;
                };
                let value = Self::from_str_radix(number.as_str(), number.radix()).ok();
                if value.is_none() {
                    let span = reader.span(item);
                    reader.notes.push(Note::new(
                        "number-out-of-range",
                        Severity::Error,
                        format!("this number has to lie between {} and {}", Self::MIN, Self::MAX),
                        span,
                        "outside",
                    ));
                }
                value
            }

            fn schema() -> Value {
                json!({"type": "integer", "minimum": Self::MIN, "maximum": Self::MAX})
            }

            fn written(&self) -> Value {
                json!(self)
            }
        }
    )*};
}

integers!(u16, u32, u64);

impl Decode for IpAddr {
    fn decode(item: &Item<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let text = String::decode(item, reader)?;
        let address = text.parse().ok();
        if address.is_none() {
            let span = reader.span(item);
            reader.notes.push(
                Note::new(
                    "not-an-address",
                    Severity::Error,
                    "this has to be an IP address",
                    span,
                    "not an address",
                )
                .hint("write 192.0.2.7 or 2001:db8::7"),
            );
        }
        address
    }

    fn schema() -> Value {
        json!({"type": "string", "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]})
    }

    fn written(&self) -> Value {
        json!(self)
    }
}

impl<T: Decode> Decode for Located<T> {
    fn decode(item: &Item<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let span = reader.span(item);
        T::decode(item, reader).map(|value| Located { value, span })
    }

    fn schema() -> Value {
        T::schema()
    }

    fn written(&self) -> Value {
        self.value.written()
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(item: &Item<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let Some(list) = item.get_ref().as_array() else {
            reader.wrong_type(item, "a list");
            return None;
        };
        // A list with an unreadable part is no list: what it would say without that part may be the opposite.
        let read: Vec<Option<T>> = list.iter().map(|i| T::decode(i, reader)).collect();
        read.into_iter().collect()
    }

    fn schema() -> Value {
        json!({"type": "array", "items": T::schema()})
    }

    fn written(&self) -> Value {
        self.iter().map(T::written).collect()
    }
}

/// Declares an enum whose values are words in a dossier.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $variant:ident = $word:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$word_doc])* $variant),* }

        impl $name {
            /// Every word, in the order documentation lists them.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];

            /// The word as a dossier writes it.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl $crate::decode::Decode for $name {
            fn decode(item: &$crate::decode::Item<'_>, reader: &mut $crate::decode::Reader<'_>) -> Option<Self> {
                $crate::decode::word(item, reader, &[$(($word, $name::$variant)),*])
            }

            fn schema() -> serde_json::Value {
                serde_json::json!({"type": "string", "enum": [$($word),*]})
            }

            fn written(&self) -> serde_json::Value {
                self.as_str().into()
            }
        }
    )*};
}

/// Declares a struct of optional, located values that is read from one TOML table.
macro_rules! facts {
    ($($(#[$doc:meta])* $name:ident in $inside:literal {
        $($(#[doc = $field_doc:literal])+ $field:ident: $type:ty = $key:literal),* $(,)?
    })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct $name {
            $($(#[doc = $field_doc])+ pub $field: Option<$crate::Located<$type>>),*
        }

        impl $name {
            /// The keys, in the order documentation lists them.
            pub const KEYS: &'static [&'static str] = &[$($key),*];

            /// What is given, by key, as it was written and without places.
            pub fn written(&self) -> std::collections::BTreeMap<&'static str, serde_json::Value> {
                let mut all = std::collections::BTreeMap::new();
                $(if let Some(value) = &self.$field {
                    all.insert($key, $crate::decode::Decode::written(value));
                })*
                all
            }
        }

        impl $crate::decode::Decode for $name {
            fn decode(item: &$crate::decode::Item<'_>, reader: &mut $crate::decode::Reader<'_>) -> Option<Self> {
                let Some(table) = item.get_ref().as_table() else {
                    reader.wrong_type(item, "a table");
                    return None;
                };
                reader.only(table, $inside, Self::KEYS);
                Some(Self { $($field: reader.get(table, $key)),* })
            }

            fn schema() -> serde_json::Value {
                let mut properties = serde_json::Map::new();
                $({
                    let mut schema = <$type as $crate::decode::Decode>::schema();
                    if let Some(object) = schema.as_object_mut() {
                        let text = [$($field_doc),+].map(str::trim).join(" ");
                        object.insert("description".to_owned(), text.into());
                    }
                    properties.insert($key.to_owned(), schema);
                })*
                serde_json::json!({"type": "object", "additionalProperties": false, "properties": properties})
            }

            fn written(&self) -> serde_json::Value {
                serde_json::json!($name::written(self))
            }
        }
    )*};
}

pub(crate) use {facts, words};

/// Decodes one of a closed list of words.
pub(crate) fn word<T: Copy>(item: &Item<'_>, reader: &mut Reader<'_>, known: &[(&str, T)]) -> Option<T> {
    let text = String::decode(item, reader)?;
    if let Some((_, value)) = known.iter().find(|(word, _)| *word == text) {
        return Some(*value);
    }
    let all: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
    let span = reader.span(item);
    let note = Note::new(
        "unknown-value",
        Severity::Error,
        format!("this has to be one of {}", all.join(", ")),
        span,
        "none of these",
    );
    reader.notes.push(match nearest(&text, all.iter().copied()) {
        Some(word) => note.hint(format!("did you mean `{word}`?")),
        None => note,
    });
    None
}

impl Decode for model::TlsVersion {
    fn decode(item: &Item<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        word(item, reader, &model::TlsVersion::ALL.map(|v| (v.as_str(), v)))
    }

    fn schema() -> Value {
        json!({"type": "string", "enum": model::TlsVersion::ALL.map(model::TlsVersion::as_str)})
    }

    fn written(&self) -> Value {
        self.as_str().into()
    }
}

impl Decode for model::Transport {
    fn decode(item: &Item<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        word(item, reader, &[("tcp", model::Transport::Tcp), ("udp", model::Transport::Udp)])
    }

    fn schema() -> Value {
        json!({"type": "string", "enum": ["tcp", "udp"]})
    }

    fn written(&self) -> Value {
        self.to_string().into()
    }
}

const SCHEMES: [model::AuthScheme; 13] = {
    use model::AuthScheme as S;
    [
        S::HttpBasic,
        S::HttpDigest,
        S::HttpForm,
        S::HttpJson,
        S::HttpBearer,
        S::SshPassword,
        S::SshPublicKey,
        S::TelnetLogin,
        S::Ftp,
        S::Mqtt,
        S::Rtsp,
        S::SnmpCommunity,
        S::TlsClientCertificate,
    ]
};

impl Decode for model::AuthScheme {
    fn decode(item: &Item<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        word(item, reader, &SCHEMES.map(|s| (s.as_str(), s)))
    }

    fn schema() -> Value {
        json!({"type": "string", "enum": SCHEMES.map(model::AuthScheme::as_str)})
    }

    fn written(&self) -> Value {
        self.as_str().into()
    }
}

impl Decode for model::Touches {
    fn decode(item: &Item<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        use model::Touches as T;
        let all = [T::Nothing, T::Passive, T::Active, T::Intrusive, T::Destructive];
        word(item, reader, &all.map(|t| (t.as_str(), t)))
    }

    fn schema() -> Value {
        json!({"type": "string", "enum": ["nothing", "passive", "active", "intrusive", "destructive"]})
    }

    fn written(&self) -> Value {
        self.as_str().into()
    }
}

impl Decode for model::Method {
    fn decode(item: &Item<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        word(item, reader, &model::Method::ALL.map(|m| (m.as_str(), m)))
    }

    fn schema() -> Value {
        json!({"type": "string", "enum": model::Method::ALL.map(model::Method::as_str)})
    }

    fn written(&self) -> Value {
        self.as_str().into()
    }
}

impl Decode for model::Level {
    fn decode(item: &Item<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        use model::Level as L;
        word(item, reader, &[L::Reproducible, L::Measured, L::Imported].map(|l| (l.as_str(), l)))
    }

    fn schema() -> Value {
        json!({"type": "string", "enum": ["reproducible", "measured", "imported"]})
    }

    fn written(&self) -> Value {
        self.as_str().into()
    }
}
