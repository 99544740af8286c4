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

/// The answer of a server that knows these names alone: an address where one was asked for, nothing for another kind
/// of record of a known name, no such name for the rest. None for what is no question.
#[must_use]
pub fn answer(question: &Message, address_of: &dyn Fn(&Name) -> Option<std::net::IpAddr>) -> Option<Message> {
    if question.is_response() || question.questions.is_empty() {
        return None;
    }
    let mut reply = Message {
        id: question.id,
        flags: flags::RESPONSE | flags::AUTHORITATIVE | question.flags & flags::RECURSION_DESIRED,
        questions: question.questions.iter().take(1).cloned().collect(),
        ..Message::default()
    };
    let asked = &reply.questions[0];
    match address_of(&asked.name) {
        None => reply.flags |= 3,
        Some(address) => {
            let data = match (address, asked.kind) {
                (std::net::IpAddr::V4(address), kind::A) => Some(Data::A(address)),
                (std::net::IpAddr::V6(address), kind::AAAA) => Some(Data::Aaaa(address)),
                _ => None,
            };
            let name = asked.name.clone();
            // A second to live: what was answered is over when the bench stops answering.
            reply.answers.extend(data.map(|data| Record { name, class: kind::CLASS_IN, ttl: 1, data }));
        }
    }
    Some(reply)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_name_has_its_address_and_another_does_not_exist() {
        let known = Name::parse("cloud.example").unwrap();
        let address = |name: &Name| name.is(&known).then(|| "192.0.2.1".parse().unwrap());
        let ask = |name: &str, kind| answer(&query(9, &Name::parse(name).unwrap(), kind), &address).unwrap();
        let found = ask("CLOUD.example", kind::A);
        assert_eq!((found.id, found.response_code(), found.answers.len()), (9, 0, 1));
        assert_eq!(Message::read(&found.to_bytes()).unwrap(), found);
        assert_eq!(
            (ask("cloud.example", kind::AAAA).answers.len(), ask("other.example", kind::A).response_code()),
            (0, 3)
        );
        assert_eq!(answer(&found, &address), None);
    }
}
