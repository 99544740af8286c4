//! What a probe leaves behind: a reading, and the observation it becomes once the use case has stamped it.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Digest, Endpoint, Fact, Place, ProductState, Timestamp, in_clear};

/// How far a measurement reaches into the product. Ordered: each step includes the harm of those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Touches {
    /// Reads what is already kept: files, captures, another tool's output.
    Nothing,
    /// Listens, or reads a public page that is no part of the product.
    Passive,
    /// Sends well-formed requests that change nothing.
    Active,
    /// Tries credentials or malformed input; may trip a lockout or an error path.
    Intrusive,
    /// May change or break state that has to be restored by hand.
    Destructive,
}

impl Touches {
    /// The word as a bench file and a plan write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Touches::Nothing => "nothing",
            Touches::Passive => "passive",
            Touches::Active => "active",
            Touches::Intrusive => "intrusive",
            Touches::Destructive => "destructive",
        }
    }
}

impl fmt::Display for Touches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a probe looked at, whether or not it found anything there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// What was looked for, in the probe's own vocabulary: `tcp-ports`, `udp-services`, `http-routes`.
    pub of: String,
    /// The endpoint, where the coverage is of one endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Endpoint>,
    /// Inclusive port ranges, where ports were looked at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<(u16, u16)>,
    /// One line for a reader: `tcp 1-65535 at 192.0.2.7 from lan`.
    pub text: String,
}

impl Coverage {
    /// Whether a port lies in the ranges looked at.
    pub fn has_port(&self, port: u16) -> bool {
        self.ports.iter().any(|(low, high)| (*low..=*high).contains(&port))
    }
}

/// Why something that should have been looked at was not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShortfallKind {
    /// No answer within the time allowed.
    Silence,
    /// The peer closed or refused where an answer was needed.
    Refused,
    /// An answer came that could not be read.
    Unreadable,
    /// A limit of the operator stopped the measurement.
    Limit,
    /// The bench lacks something: a privilege, an address, a credential, consent.
    Missing,
    /// The probe does not know how to look there.
    Unsupported,
    /// Changed state could not be shown to be restored.
    NotRestored,
}

/// Something that should have been looked at and was not. Part of the record, never silence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shortfall {
    /// Why.
    pub kind: ShortfallKind,
    /// What was to be looked at, in the vocabulary of [`Coverage::of`].
    pub of: String,
    /// The endpoint concerned, if it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Endpoint>,
    /// One line for a reader.
    pub text: String,
}

/// What a probe's `interpret` returns: always three parts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// What was seen.
    pub facts: Vec<Fact>,
    /// What was looked at.
    pub coverage: Vec<Coverage>,
    /// What should have been looked at and was not.
    pub shortfalls: Vec<Shortfall>,
}

impl Reading {
    /// The reading with its private parts in clear, as records are compared once they are opened.
    ///
    /// # Errors
    /// What serde says where a text in clear no longer is what its place takes.
    pub fn in_clear(&self) -> Result<Self, serde_json::Error> {
        let mut value = serde_json::to_value(self)?;
        for_each_text(&mut value, &mut |text| *text = in_clear(text));
        serde_json::from_value(value)
    }
}

/// Calls a function for every text in a JSON value; names of members are none.
pub fn for_each_text(value: &mut Value, change: &mut dyn FnMut(&mut String)) {
    match value {
        Value::String(text) => change(text),
        Value::Array(items) => items.iter_mut().for_each(|item| for_each_text(item, change)),
        Value::Object(members) => members.values_mut().for_each(|member| for_each_text(member, change)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Which probe ran, with what, and from where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeRun {
    /// The probe's id: `net.tcp-ports`.
    pub probe: String,
    /// The probe's revision.
    pub revision: u32,
    /// Parameters as the operator's plan gave them, as JSON text values.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// The target's name in the bench file: `dut`, or the id of an associated service.
    pub target: String,
    /// From where it was measured.
    pub place: Place,
    /// In which state the product was, where the operator said so; records of early versions do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<ProductState>,
}

impl ProbeRun {
    /// The state of the product: one that is not named is set up and in use.
    pub fn in_state(&self) -> ProductState {
        self.state.unwrap_or(ProductState::Initialized)
    }

    /// The place, with the state of the product where it was not set up and in use: `access-point, factory-default`.
    pub fn standpoint(&self) -> String {
        match self.in_state() {
            ProductState::Initialized => self.place.to_string(),
            other => format!("{}, {other}", self.place),
        }
    }
}

/// Which step of which measuring run an observation is, so that a run that was interrupted goes on where it stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunStep {
    /// The run: 32 hexadecimal digits, drawn when it began.
    pub run: String,
    /// When the run began.
    pub began: Timestamp,
    /// Digest over what was planned: the program, the dossier, the background and every step with its probe's revision.
    pub plan: Digest,
    /// Number of the step in the plan, from 1.
    pub number: u32,
    /// Number of steps in the plan.
    pub of: u32,
    /// Wrong credentials used up per mechanism since the run began, this step included.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attempts: BTreeMap<String, u32>,
}

/// How far evidence can be checked without trusting whoever gave it. Ordered: the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// A command measures it again, on the same or another unit.
    Reproducible,
    /// A named person measured it by hand and kept what was seen.
    Measured,
    /// Another tool measured it; its output was read.
    Imported,
    /// A document says so.
    Document,
    /// A named person says so, with their reasoning.
    Stated,
    /// The supplier says so in the dossier, and nothing else does.
    Claim,
}

impl Level {
    /// The word as records and reports write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Reproducible => "reproducible",
            Level::Measured => "measured",
            Level::Imported => "imported",
            Level::Document => "document",
            Level::Stated => "stated",
            Level::Claim => "claim",
        }
    }

    /// The level of a person's statement, by the strongest kind of artefact that was kept with it.
    pub fn of_statement(artefacts: &[Artefact]) -> Self {
        let level = |artefact: &Artefact| match artefact.kind.as_str() {
            "photo" | "screenshot" | "log" | "capture" | "value" | "sample" => Level::Measured,
            "report" => Level::Imported,
            _ => Level::Document,
        };
        // How a guided unit was carried out is the person's own word too.
        let seen = artefacts.iter().filter(|artefact| artefact.kind != Artefact::WORKING);
        seen.map(level).min().unwrap_or(Level::Stated)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Which product was in front of the bench.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DutIdentity {
    /// Model designation as declared.
    pub model: String,
    /// Release under assessment as declared.
    pub release: String,
    /// Serial number of this very unit, as the bench names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// Version of the firmware on this unit, as the bench read it from the unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firmware: Option<String>,
    /// Digest of the firmware image of the release, as declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firmware_digest: Option<Digest>,
    /// How the identity was proven, one line each; empty when it was not.
    #[serde(default)]
    pub proofs: Vec<String>,
}

/// A reading with everything an auditor asks about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// Which probe, with what, from where.
    pub run: ProbeRun,
    /// Its place in the measuring run; records of early versions do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<RunStep>,
    /// Which product.
    pub dut: DutIdentity,
    /// When the measurement began.
    pub began: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// The version of the program that measured.
    pub tool: String,
    /// Who ran the bench.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// How far it can be checked without trusting anybody; records of early versions do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// Until when the policy in force then lets it count; none when the policy sets no age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
    /// The raw material that `interpret` read, by digest, so that anyone can read it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<Digest>,
    /// Whether the digest of the raw material is over a salt and the material, so that it tells nothing by itself.
    #[serde(default, skip_serializing_if = "is_not")]
    pub salted: bool,
    /// The private blob that opens what the texts of this record withhold; salted like the raw material.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub openings: Option<Digest>,
    /// Whose output was read, where another tool measured; none where this program did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<ImportSource>,
    /// What was seen, looked at and missed.
    pub reading: Reading,
}

/// Another tool whose saved output was read, as far as the output says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportSource {
    /// The tool's name: `nmap`, `testssl`. Hostile text where the file says it.
    pub tool: String,
    /// Its version, as the file says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The name the file came with; hostile text, shown only after sanitising.
    pub file: String,
    /// Its size in bytes.
    pub size: u64,
}

impl fmt::Display for ImportSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.tool)?;
        self.version.as_ref().map_or(Ok(()), |version| write!(f, " {version}"))
    }
}

/// A file kept as evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artefact {
    /// Digest of its bytes, or of a salt and its bytes.
    pub digest: Digest,
    /// Whether the digest is over a salt and the bytes, so that it tells nothing by itself.
    #[serde(default, skip_serializing_if = "is_not")]
    pub salted: bool,
    /// Its size in bytes.
    pub size: u64,
    /// Its kind: photo, screenshot, log, capture, document, value, report, sample.
    pub kind: String,
    /// The name it came with; hostile text, shown only after sanitising.
    pub name: String,
}

impl Artefact {
    /// The kind of the text that a guided unit leaves: how it was carried out, step by step.
    pub const WORKING: &str = "working";
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
pub(crate) fn is_not(told: &bool) -> bool {
    !told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artefact(kind: &str) -> Artefact {
        let (kind, name) = (kind.to_owned(), String::new());
        Artefact { digest: Digest::of(b""), salted: false, size: 0, kind, name }
    }

    #[test]
    fn the_strongest_artefact_gives_a_statement_its_level() {
        assert_eq!(Level::of_statement(&[]), Level::Stated);
        assert_eq!(Level::of_statement(&[artefact("document")]), Level::Document);
        assert_eq!(Level::of_statement(&[artefact("document"), artefact("capture")]), Level::Measured);
        assert!(Level::Reproducible < Level::Measured && Level::Stated < Level::Claim);
    }

    #[test]
    fn an_artefact_of_an_early_record_is_not_salted_and_reads_back_as_it_was() {
        let early = serde_json::to_value(artefact("log")).unwrap();
        assert!(early.get("salted").is_none());
        assert_eq!(serde_json::from_value::<Artefact>(early).unwrap(), artefact("log"));
    }
}
