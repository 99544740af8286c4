//! What was found, what is missing, what was looked at, and the records behind it.

use model::{Digest, Timestamp};

use super::ground::{Ground, Step};
use super::told::{Prose, told, told_words};

told! {
    /// Something that does not meet the standard.
    pub struct Finding {
        /// The provision concerned.
        pub provision: String,
        /// Whether that is a shall.
        pub mandatory: bool,
        /// What failed: `5.6-1-2c @ LogIntf-HTTP`, or `answer`.
        pub about: String,
        /// One sentence that says what is wrong.
        pub because: String,
        /// What it rests on.
        pub grounds: Vec<Ground>,
        /// What to do about it.
        pub next: Vec<Step>,
    }

    /// A next step and everything that waits for it.
    pub struct Gap {
        /// The step.
        pub step: Step,
        /// What is missing, one line each.
        pub missing: Vec<String>,
        /// Unit instances that wait for it.
        pub instances: Vec<String>,
        /// Provisions whose verdict waits for it.
        pub provisions: Vec<String>,
        /// How many of those are mandatory.
        pub mandatory: u64,
        /// Provisions whose claim, not whose verdict, waits for it.
        pub legs: Vec<String>,
    }

    /// What one probe's newest observation of one target covers.
    pub struct Looked {
        /// `dut` or the id of an associated service.
        pub target: String,
        /// The probe.
        pub probe: String,
        /// The other tool whose output was read, with its version; empty where this program measured.
        pub tool: String,
        /// From where it measured.
        pub place: String,
        /// Position of the record in the ledger.
        pub record: u64,
        /// When the measurement ended.
        pub when: Timestamp,
        /// Since when it is too old to settle anything, if it is.
        pub stale_since: Option<Timestamp>,
        /// What was looked at, one line each.
        pub at: Vec<String>,
        /// What should have been looked at and was not.
        pub not: Vec<Missed>,
    }

    /// A declared communication, or a conversation that nothing declares, compared with the captures.
    pub struct Flow {
        /// `match`, `mismatch`, `undeclared`, `insufficient` or `not observed`.
        pub compared: String,
        /// The entry that declares it: `SecComMech-Cloud`; empty where nothing does.
        pub declared: String,
        /// What was compared: `tls at cloud 8883/tcp`.
        pub what: String,
        /// One sentence that says why.
        pub because: String,
        /// What it rests on.
        pub grounds: Vec<Ground>,
    }

    /// Something declared that no measurement of the release met. It is not shown to be off, or absent.
    pub struct Unmet {
        /// The table that declares it, or `service`.
        pub table: String,
        /// Its id: `LogIntf-HTTPS`.
        pub declared: String,
        /// Where it is declared to be, one line.
        pub what: String,
        /// One sentence that says why it counts as not met.
        pub because: String,
        /// Where it is declared, and what was looked at.
        pub grounds: Vec<Ground>,
    }

    /// A function, and what each subject who asked for it got: `granted`, `refused`, `unclear`, empty where nobody asked.
    pub struct Tried {
        /// The function: `GET /api/v1/config`.
        pub function: String,
        /// Where: `443/tcp`.
        pub at: String,
        /// From which place and in which state of the product, where that is not the usual.
        pub place: String,
        /// What named it where nobody declares it: `page`, `description`, `recording`; else empty.
        pub found: String,
        /// Without a credential.
        pub none: String,
        /// With a wrong one, made up for the try.
        pub wrong: String,
        /// With a session that had ended.
        pub ended: String,
        /// With a session that was altered in some way: the worst of all.
        pub altered: String,
        /// As a subject with fewer rights.
        pub weak: String,
        /// With a valid credential.
        pub valid: String,
        /// The record it stands in.
        pub record: u64,
    }

    /// Something that should have been looked at and was not.
    pub struct Missed {
        /// Why, one word: `silence`, `refused`, `limit` …
        pub why: String,
        /// One line.
        pub text: String,
    }

    /// A record of the ledger.
    pub struct Record {
        /// Position in the ledger.
        pub seq: u64,
        /// What kind of record it is.
        pub kind: RecordKind,
        /// What it is of: the probe, the unit instance, the file.
        pub of: String,
        /// What was measured or spoken of; empty when it has no target.
        pub target: String,
        /// The person or the program.
        pub by: String,
        /// The other tool whose output was read, with its version and the file it came in; empty where none was.
        pub tool: String,
        /// When the measurement ended, or the person said it.
        pub when: Timestamp,
        /// The first moment at which what it says was true; none where the record does not say.
        pub from: Option<Timestamp>,
        /// The last moment at which what it says was true, which its age counts from.
        pub until: Option<Timestamp>,
        /// Until when the policy in force at that time lets it count; none when that set no age.
        pub valid_until: Option<Timestamp>,
        /// How far it can be checked without trusting anybody; empty where the record does not say.
        pub level: String,
        /// Who ran the bench; empty where the record does not say.
        pub operator: String,
        /// From where in the network it was seen; empty where the record does not say.
        pub place: String,
        /// Which unit of the product, one line: model, release, serial number, firmware.
        pub unit: String,
        /// The parameters it was measured with, one line each, without secrets.
        pub parameters: Vec<String>,
        /// Digest of the record's bytes.
        pub digest: Digest,
        /// Files kept with it.
        pub files: Vec<File>,
    }

    /// A file kept as evidence.
    pub struct File {
        /// `photo`, `capture`, `raw` …
        pub kind: String,
        /// The name it came with.
        pub name: String,
        /// Size in bytes.
        pub size: u64,
        /// Digest of its bytes.
        pub digest: Digest,
    }

    /// A person whose statements were used.
    pub struct Person {
        /// Name.
        pub name: String,
        /// Role.
        pub role: String,
        /// How many statements.
        pub statements: u64,
    }

    /// What a person decided about a recorded assessment of the release as a whole.
    pub struct Review {
        /// Position of the review in the ledger.
        pub record: u64,
        /// What was reviewed, by the name that the policy gives it.
        pub checkpoint: String,
        /// Whether it was approved; otherwise it was sent back.
        pub approved: bool,
        /// Position of the assessment that was reviewed.
        pub assessment: u64,
        /// Whether its verdicts are those told here, to the last byte but the moment.
        pub current: bool,
        /// Name of the reviewer.
        pub by: String,
        /// Role of the reviewer.
        pub role: String,
        /// When it was decided.
        pub when: Timestamp,
        /// Why, in the reviewer's words.
        pub reasons: Prose,
    }

    /// A file that was written beside this one.
    pub struct Written {
        /// What it is: `report`, `bundle`, `JSON` …
        pub what: String,
        /// Where it lies.
        pub path: String,
    }

    /// What the program's exit code means.
    pub struct Exit {
        /// The code.
        pub code: u8,
        /// One line.
        pub meaning: String,
    }
}

told_words! {
    /// The kind of a record.
    pub enum RecordKind {
        /// A measurement.
        Observation = "observation",
        /// A person's decision.
        Statement = "statement",
        /// A second person's word on a statement.
        Confirmation = "confirmation",
        /// A file that was kept by itself; no verdict rests on it.
        Artefact = "artefact",
        /// The dossier as it was.
        Dossier = "dossier",
        /// Anything else.
        Other = "other",
    }
}
