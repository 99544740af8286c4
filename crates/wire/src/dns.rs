//! DNS messages (RFC 1035), and DNS-SD over multicast on top of them (RFC 6762, RFC 6763).
//!
//! Names are kept as bytes per label, since a device may put anything into one. DNSSEC is not read.

mod message;
mod name;
pub mod service_discovery;

pub use message::{Data, Message, Question, Record, flags, kind};
pub use name::Name;

/// A query with one question.
#[must_use]
pub fn query(id: u16, name: &Name, record_kind: u16) -> Message {
    Message {
        id,
        flags: flags::RECURSION_DESIRED,
        questions: vec![Question { name: name.clone(), kind: record_kind, class: kind::CLASS_IN }],
        ..Message::default()
    }
}

/// The question for the version of a name server: `version.bind TXT CH`.
#[must_use]
pub fn version_query(id: u16) -> Message {
    let name = Name::from_labels([b"version".as_slice(), b"bind"]);
    Message {
        id,
        questions: vec![Question { name, kind: kind::TXT, class: kind::CLASS_CHAOS }],
        ..Message::default()
    }
}

/// A multicast question for these names. With `unicast_answer` the reply is asked to come straight back
/// (RFC 6762 section 5.4).
#[must_use]
pub fn multicast_query(names: &[(Name, u16)], unicast_answer: bool) -> Message {
    let class = if unicast_answer { kind::CLASS_IN | 0x8000 } else { kind::CLASS_IN };
    let question = |(name, record_kind): &(Name, u16)| Question { name: name.clone(), kind: *record_kind, class };
    Message { questions: names.iter().map(question).collect(), ..Message::default() }
}
