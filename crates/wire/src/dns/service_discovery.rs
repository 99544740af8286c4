//! DNS-SD (RFC 6763): which service types are announced, and their instances put together from several messages.

use std::net::IpAddr;

use super::{Data, Message, Name};

/// The name whose PTR records list the service types (RFC 6763 section 9).
#[must_use]
pub fn service_types_name() -> Name {
    Name::from_labels([b"_services".as_slice(), b"_dns-sd", b"_udp", b"local"])
}

/// An instance of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// The whole name, such as `Lamp._http._tcp.local`.
    pub name: Name,
    /// Its type, such as `_http._tcp.local`.
    pub service: Name,
    /// Host and port, where an SRV record was seen.
    pub at: Option<(Name, u16)>,
    /// Addresses of the host.
    pub addresses: Vec<IpAddr>,
    /// Properties in order, as bytes; a property without a value has none.
    pub properties: Vec<(String, Option<Vec<u8>>)>,
}

/// The service types these messages list.
#[must_use]
pub fn service_types(messages: &[Message]) -> Vec<Name> {
    let root = service_types_name();
    let mut found = Vec::new();
    for record in messages.iter().flat_map(Message::records) {
        if let Data::Ptr(name) = &record.data
            && record.name.is(&root)
            && !found.contains(name)
        {
            found.push(name.clone());
        }
    }
    found
}

/// The instances these messages tell of, at most 256, by name.
#[must_use]
pub fn instances(messages: &[Message]) -> Vec<Instance> {
    let root = service_types_name();
    let records = || messages.iter().flat_map(Message::records);
    let mut found: Vec<Instance> = Vec::new();
    for record in records() {
        let name = match &record.data {
            Data::Ptr(name) if !record.name.is(&root) && name.ends_with(&record.name) => name,
            Data::Srv { .. } => &record.name,
            _ => continue,
        };
        if found.len() < 256 && !found.iter().any(|instance| instance.name.is(name)) {
            let (name, service) = (name.clone(), name.parent());
            found.push(Instance { name, service, at: None, addresses: Vec::new(), properties: Vec::new() });
        }
    }
    for instance in &mut found {
        for record in records().filter(|record| record.name.is(&instance.name)) {
            match &record.data {
                Data::Srv { port, target, .. } => instance.at = Some((target.clone(), *port)),
                Data::Txt(strings) => {
                    instance.properties = strings.iter().filter_map(|one| property(one)).collect()
                }
                _ => {}
            }
        }
        let Some((host, _)) = &instance.at else { continue };
        for record in records().filter(|record| record.name.is(host)) {
            let address = match &record.data {
                Data::A(address) => IpAddr::V4(*address),
                Data::Aaaa(address) => IpAddr::V6(*address),
                _ => continue,
            };
            if !instance.addresses.contains(&address) {
                instance.addresses.push(address);
            }
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

/// RFC 6763 section 6.4; a string without a key says nothing.
fn property(string: &[u8]) -> Option<(String, Option<Vec<u8>>)> {
    let at = string.iter().position(|byte| *byte == b'=');
    let key = &string[..at.unwrap_or(string.len())];
    let value = at.map(|at| string[at + 1..].to_vec());
    (!key.is_empty()).then(|| (String::from_utf8_lossy(key).into_owned(), value))
}

#[cfg(test)]
mod tests {
    use super::super::Record;
    use super::*;

    fn message(records: Vec<(&str, Data)>) -> Message {
        let record = |(name, data)| Record { name: Name::parse(name).unwrap(), class: 1, ttl: 1, data };
        Message { answers: records.into_iter().map(record).collect(), ..Message::default() }
    }

    #[test]
    fn an_instance_is_put_together_from_several_messages() {
        let name = |text: &str| Name::parse(text).unwrap();
        let first = message(vec![("_http._tcp.local", Data::Ptr(name("Lamp._http._tcp.local")))]);
        let second = message(vec![
            ("Lamp._http._tcp.local", Data::Srv { priority: 0, weight: 0, port: 80, target: name("lamp.local") }),
            ("Lamp._http._tcp.local", Data::Txt(vec![b"model=L1".to_vec(), b"on".to_vec(), b"=x".to_vec()])),
            ("LAMP.local", Data::A([192, 0, 2, 7].into())),
        ]);
        let found = instances(&[first, second]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].service, name("_http._tcp.local"));
        assert_eq!(found[0].at, Some((name("lamp.local"), 80)));
        assert_eq!(found[0].addresses, [IpAddr::from([192, 0, 2, 7])]);
        assert_eq!(found[0].properties, [("model".to_owned(), Some(b"L1".to_vec())), ("on".to_owned(), None)]);
    }

    #[test]
    fn service_types_are_listed_once() {
        let pointer = || ("_services._dns-sd._udp.local", Data::Ptr(Name::parse("_http._tcp.local").unwrap()));
        let messages = [message(vec![pointer(), pointer()])];
        assert_eq!(service_types(&messages).len(), 1);
        assert!(instances(&messages).is_empty());
    }
}
