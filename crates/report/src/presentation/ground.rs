//! What a conclusion rests on. Declared, Observed and Stated are different types and stay so on every page.

use model::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::told::{Form, Told, told, told_words};

told! {
    /// A place in the dossier, with the line that stands there.
    pub struct Place {
        /// Path inside the dossier folder.
        pub path: String,
        /// Line, from 1.
        pub line: u32,
        /// Column in characters, from 1.
        pub column: u32,
        /// The text of that line, as written.
        pub quote: String,
    }

    /// Said by the supplier in the dossier.
    pub struct Declared {
        /// Where.
        pub at: Place,
        /// What it says, one line.
        pub text: String,
    }

    /// Measured by a probe, or read from another tool's output.
    pub struct Observed {
        /// Position of the record in the ledger.
        pub record: u64,
        /// The probe.
        pub probe: String,
        /// The other tool whose output was read, with its version; empty where this program measured.
        pub tool: String,
        /// What was measured: `dut` or the id of an associated service.
        pub target: String,
        /// When the measurement ended.
        pub when: Timestamp,
        /// What was seen or covered, one line.
        pub text: String,
    }

    /// Decided by a named person.
    pub struct Stated {
        /// Position of the record in the ledger.
        pub record: u64,
        /// The person and role.
        pub by: String,
        /// When it was stated.
        pub when: Timestamp,
        /// The verdict and the reasoning.
        pub text: String,
    }

    /// A fact of the standard, or a policy.
    pub struct Ruled {
        /// The fact, one line.
        pub text: String,
    }

    /// What stands in the way of a verdict, and the step that removes it.
    pub struct Step {
        /// What kind of step it is.
        pub verb: Verb,
        /// The step, one line that begins with a verb.
        pub text: String,
        /// The command that does it, where one does.
        pub command: Option<String>,
    }
}

told_words! {
    /// Who has to do something, and what.
    pub enum Verb {
        /// The supplier completes the dossier.
        Declare = "declare",
        /// The laboratory completes the bench file.
        Prepare = "prepare",
        /// The laboratory runs a probe.
        Observe = "observe",
        /// A named person decides.
        State = "state",
        /// The supplier mends the product.
        Mend = "mend",
    }
}

impl Place {
    /// `path:line:column`.
    pub fn position(&self) -> String {
        format!("{}:{}:{}", self.path, self.line, self.column)
    }
}

/// Something that a conclusion rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "source", rename_all = "kebab-case")]
pub enum Ground {
    /// Said by the supplier.
    Declared(Declared),
    /// Measured.
    Observed(Observed),
    /// Decided by a person.
    Stated(Stated),
    /// A fact of the standard, or a policy.
    Rule(Ruled),
}

impl Told for Ground {
    fn texts(&mut self, change: &mut dyn FnMut(&mut String, Form)) {
        match self {
            Ground::Declared(ground) => ground.texts(change),
            Ground::Observed(ground) => ground.texts(change),
            Ground::Stated(ground) => ground.texts(change),
            Ground::Rule(ground) => ground.texts(change),
        }
    }

    fn shape(defs: &mut Map<String, Value>) -> Value {
        if !defs.contains_key("Ground") {
            let _ = (Declared::shape(defs), Observed::shape(defs), Stated::shape(defs), Ruled::shape(defs));
            let sources =
                [("declared", "Declared"), ("observed", "Observed"), ("stated", "Stated"), ("rule", "Ruled")];
            let each = sources.map(|(source, name)| {
                // The tag stands among the fields, so the fields are repeated rather than referred to.
                let mut shape = defs.remove(name).unwrap_or_default();
                shape["properties"]["source"] = json!({"const": source});
                if let Some(required) = shape["required"].as_array_mut() {
                    required.insert(0, "source".into());
                }
                shape
            });
            let text = "Something that a conclusion rests on, by who says so.";
            defs.insert("Ground".to_owned(), json!({"description": text, "oneOf": each}));
        }
        json!({"$ref": "#/$defs/Ground"})
    }
}
