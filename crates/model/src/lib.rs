//! The words every other room shares: ids that carry their edition, outcomes, evidence records.
//!
//! It does no IO, reads no clock and knows no product. What is Declared, Observed or Stated stays apart in types.
#![forbid(unsafe_code)]
#![warn(clippy::disallowed_methods, clippy::disallowed_types)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod batch;
mod canonical;
mod confirmation;
mod digest;
mod edition;
mod evidence;
mod fact;
mod guessing;
mod id;
mod input;
mod kept;
mod outcome;
mod period;
mod place;
mod private;
mod release;
mod review;
mod session;
mod stamped;
mod statement;
mod time;
mod traffic;

pub use batch::{BatchAudit, BatchFinding};
pub use canonical::{CanonicalError, canonical_bytes};
pub use confirmation::{Confirmation, folded_name};
pub use digest::{Digest, DigestError, DigestStream};
pub use edition::{Edition, UnknownEdition};
pub use evidence::{
    Artefact, Coverage, DutIdentity, ImportSource, Level, Observation, ProbeRun, Reading, RunStep, Shortfall,
    ShortfallKind, Touches, for_each_text,
};
pub use fact::{
    Access, AuthScheme, CertificateFacts, Credential, Fact, HttpAnswer, LoginOutcome, PageFacts, PortState,
    ServiceFacts, TlsVersion, Transport,
};
pub use guessing::{Across, Did, Elsewhere, Guessing, Reach, Tried};
pub use id::{CaseId, GroupId, IdError, ProvisionId, TableId, UnitId, natural_cmp};
pub use input::input_class;
pub use kept::KeptArtefact;
pub use outcome::{Confidence, Method, Outcome};
pub use period::{Period, PeriodError};
pub use place::{Endpoint, Place, ProductState};
pub use private::{Piece, in_clear, pieces, private};
pub use release::{Component, Image, Release};
pub use review::{Decision, Review};
pub use session::{ChangeAnswer, CredentialChange, SessionCarrier, SessionFacts, SessionPattern};
pub use stamped::Stamped;
pub use statement::{CriterionVerdict, Statement, Verdict};
pub use time::{Timestamp, TimestampError};
pub use traffic::{
    ClearContent, ClientCertificate, ClientCheck, ClientDid, Conversation, Opened, Protection, Reconnection,
};
