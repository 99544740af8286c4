//! Files that programs send inside JSON: a name, and the bytes in base64.

use app::state::KINDS;
use app::upload::{LARGEST, MOST, Upload, UploadError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, de};
use serde_json::{Map, Value, json};

use super::asked::{Asked, Text, asked};
use crate::trouble::Trouble;

/// Largest body with files: 48 MiB of them, in base64, and what stands beside them.
pub(crate) const BODY: usize = 66 << 20;

/// The bytes of a file.
#[derive(Debug, Clone)]
pub(crate) struct Content(pub(crate) Vec<u8>);

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = STANDARD.decode(text.as_bytes());
        bytes.map(Self).map_err(|error| de::Error::custom(format!("the content of a file is no base64: {error}")))
    }
}

impl Asked for Content {
    fn shape(_: &mut Map<String, Value>) -> Value {
        json!({"type": "string", "contentEncoding": "base64", "maxLength": LARGEST.div_ceil(3) * 4})
    }
}

asked! {
    /// A file.
    pub(crate) struct File {
        /// Its name; only what leads nowhere is kept of it.
        pub(crate) name: Text<0, 300>,
        /// Its bytes.
        pub(crate) content: Content,
    }
}

impl From<File> for Upload {
    fn from(file: File) -> Self {
        Self { given: file.name.0, bytes: file.content.0 }
    }
}

/// Files to be kept, each of a kind that its content has to be of: kind, name and bytes.
pub(crate) fn kept(
    files: impl Iterator<Item = (String, String, Content)>,
) -> Result<Vec<(String, String, Vec<u8>)>, Trouble> {
    let mut kept = Vec::new();
    for (number, (kind, given, content)) in files.enumerate() {
        if !KINDS.contains(&kind.as_str()) {
            let what = format!("`{kind}` is no kind of artefact.");
            let hint = format!("Kinds are {}.", KINDS.join(", "));
            return Err(Trouble::form(what, hint).at(format!("#/artefacts/{number}/kind")));
        }
        let upload = Upload { given, bytes: content.0 };
        let name = upload.name();
        upload.check(&kind).map_err(|e| Trouble::from(e).at(format!("#/artefacts/{number}")))?;
        kept.push((kind, name, upload.bytes));
    }
    if kept.len() > MOST {
        return Err(Trouble::from(UploadError::TooMany(kept.len())).at("#/artefacts"));
    }
    Ok(kept)
}
