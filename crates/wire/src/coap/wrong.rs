//! CoAP datagrams that are wrong in one way, to be sent to a server.
//!
//! Reading requests alone go to a path that is there; what could change something goes to a path that is not.

use super::{Kind, Message, get, option};

/// A wrong datagram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// What it would be: `GET /a`.
    pub request: String,
    /// What is wrong, by its class.
    pub violation: &'static str,
    /// What is wrong, in words.
    pub shown: &'static str,
    /// Whether the standard lets a server answer it with success.
    pub allowed: bool,
    /// The bytes.
    pub bytes: Vec<u8>,
}

const BLOCK1: u16 = 27;

/// Every wrong datagram for a path that is there and one that is not; `id` is the first of as many message ids.
#[must_use]
pub fn all(path: &str, absent: &str, id: u16, token: &[u8]) -> Vec<Wrong> {
    let mut found: Vec<Wrong> = Vec::new();
    let mut id = id;
    let mut next = || {
        id = id.wrapping_add(1);
        id
    };
    let there = |id: u16| get(path, id, token);
    let post = |id: u16, options: Vec<(u16, Vec<u8>)>, payload: &[u8]| {
        let mut message = get(absent, id, token);
        message.code = (0, 2);
        message.options.extend(options);
        message.options.sort_by_key(|(number, _)| *number);
        message.payload = payload.to_vec();
        message.to_bytes()
    };
    let with = |id: u16, number: u16, value: &[u8]| {
        let mut message = get(path, id, token);
        message.options.push((number, value.to_vec()));
        message.options.sort_by_key(|(number, _)| *number);
        message.to_bytes()
    };
    let first = |bytes: Vec<u8>, head: u8| {
        let mut bytes = bytes;
        if let Some(byte) = bytes.first_mut() {
            *byte = head;
        }
        bytes
    };
    let tail = |bytes: Vec<u8>, tail: &[u8]| [bytes.as_slice(), tail].concat();
    let plain = |id: u16| there(id).to_bytes();
    let (read, write) = (format!("GET {path}"), format!("POST {absent}"));
    let mut add = |request: &String, violation, shown, bytes: Vec<u8>| {
        found.push(Wrong { request: request.clone(), violation, shown, allowed: false, bytes });
    };
    let token_length = (token.len().min(8)) as u8;
    for (version, shown) in [(0x00, "version 0"), (0x80, "version 2"), (0xc0, "version 3")] {
        add(&read, "wrong-version", shown, first(plain(next()), version | token_length));
    }
    add(&read, "wrong-length", "a token of 9 bytes", first(plain(next()), 0x49));
    add(&read, "wrong-length", "a token of 15 bytes", first(plain(next()), 0x4f));
    add(
        &read,
        "wrong-length",
        "an option longer than the datagram",
        tail(plain(next()), &[0x0e, 0xff, 0xff, b'a']),
    );
    add(&read, "malformed", "cut after three bytes", plain(next()).into_iter().take(3).collect());
    add(&read, "reserved", "option delta 15", tail(plain(next()), &[0xf1, b'a']));
    add(&read, "reserved", "option length 15", tail(plain(next()), &[0x1f, b'a']));
    add(&read, "malformed", "a payload marker without payload", tail(plain(next()), &[0xff]));
    for (code, shown) in [((1, 1), "code class 1"), ((6, 1), "code class 6"), ((7, 31), "code class 7")] {
        add(&read, "reserved", shown, Message { code, ..there(next()) }.to_bytes());
    }
    add(&read, "reserved", "method 0.31", Message { code: (0, 31), ..there(next()) }.to_bytes());
    add(&read, "malformed", "an empty message with options", Message { code: (0, 0), ..there(next()) }.to_bytes());
    add(&read, "unknown-option", "a critical option that nobody knows", with(next(), 65_001, b"assay"));
    add(&read, "unknown-option", "an accept of a format that nobody knows", with(next(), 17, &[0xfd, 0xe9]));
    add(&read, "invalid-text", "a path with c0 af ff", with(next(), option::URI_PATH, b"\xc0\xaf\xff"));
    add(&read, "control-characters", "a path with NUL and line ends", with(next(), option::URI_PATH, b"a\0\r\n"));
    add(&read, "traversal-canary", "a path with ..", with(next(), option::URI_PATH, b"../../etc/passwd"));
    add(&read, "oversize", "a path segment of 1,000 bytes", with(next(), option::URI_PATH, &[b'a'; 1000]));
    let many = (0..300).map(|_| (option::URI_QUERY, b"a=b".to_vec()));
    let many = Message { options: [there(0).options, many.collect()].concat(), ..there(next()) };
    found.push(Wrong { allowed: true, ..one(&read, "oversize", "300 pieces of a query", many.to_bytes()) });
    let mut add = |request: &String, violation, shown, bytes: Vec<u8>| {
        found.push(one(request, violation, shown, bytes));
    };
    add(&read, "out-of-range", "block size exponent 7", with(next(), option::BLOCK2, &[0x07]));
    add(
        &read,
        "out-of-order",
        "block 60 000 of the answer first",
        with(next(), option::BLOCK2, &[0x0e, 0xa6, 0x02]),
    );
    add(
        &write,
        "out-of-order",
        "block 9 of the message first",
        post(next(), vec![(BLOCK1, vec![0x9a])], &[b'a'; 64]),
    );
    add(&write, "out-of-range", "block size exponent 7", post(next(), vec![(BLOCK1, vec![0x0f])], b"a"));
    add(&write, "oversize", "a payload of 1,280 bytes", post(next(), Vec::new(), &[b'a'; 1280]));
    add(&write, "oversize", "a payload of 32 KiB", post(next(), Vec::new(), &[b'a'; 32 * 1024]));
    add(
        &write,
        "wrong-media",
        "a content format that nobody knows",
        post(next(), vec![(12, vec![0xfd, 0xe9])], b"a"),
    );
    let answer = Message { code: (2, 5), payload: b"assay".to_vec(), ..there(next()) };
    add(&read, "out-of-order", "an answer that nobody asked for", answer.to_bytes());
    let nothing =
        Message { kind: Kind::Acknowledgement, code: (0, 0), token: vec![], options: vec![], ..there(next()) };
    add(&read, "out-of-order", "an acknowledgement of nothing", nothing.to_bytes());
    // The same message again has to be answered alike (RFC 7252 section 4.5).
    let twice = plain(next());
    found.push(Wrong { allowed: true, ..one(&read, "repeated", "a message", twice.clone()) });
    found.push(Wrong { allowed: true, ..one(&read, "repeated", "the same message again", twice) });
    found
}

fn one(request: &str, violation: &'static str, shown: &'static str, bytes: Vec<u8>) -> Wrong {
    Wrong { request: request.to_owned(), violation, shown, allowed: false, bytes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_wrong_in_its_options_can_be_read_and_message_ids_differ() {
        let all = all("/a", "/b", 100, &[1, 2]);
        assert!(all.len() > 30, "{}", all.len());
        let unreadable = ["wrong-version", "wrong-length"];
        for wrong in all.iter().filter(|wrong| unreadable.contains(&wrong.violation)) {
            assert!(Message::read(&wrong.bytes).is_err(), "{}", wrong.shown);
        }
        let ids: Vec<_> = all.iter().filter_map(|wrong| Message::read(&wrong.bytes).ok()).map(|m| m.id).collect();
        let mut once = ids.clone();
        once.dedup();
        assert_eq!(once.len() + 1, ids.len(), "one message goes twice");
    }
}
