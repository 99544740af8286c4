//! The client against bytes that are no server of it; a real server answers it in the tests of the probe.

use super::*;

fn client() -> Client {
    Client::new(None, Random { hello: [1; 32], key: [2; 32] })
}

fn heard(client: &mut Client, bytes: &[u8]) -> Result<Vec<Event>, Malformed> {
    client.feed(bytes);
    let mut events = Vec::new();
    while let Some(event) = client.next_event()? {
        events.push(event);
    }
    Ok(events)
}

fn server_hello(suite: u16, extensions: &[u8]) -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend([5; 32]);
    body.push(0);
    body.extend(suite.to_be_bytes());
    body.push(0);
    put_vec(&mut body, 2, extensions);
    handshake(SERVER_HELLO, &body)
}

/// A flight up to its end, with a key of x25519.
fn flight() -> Vec<u8> {
    let mut messages = server_hello(0xc02f, &[0xff, 1, 0, 1, 0]);
    messages.extend(handshake(CERTIFICATE, &[0, 0, 0]));
    let mut key = vec![NAMED_CURVE, 0, 29];
    put_vec(&mut key, 1, &[9; 32]);
    messages.extend(handshake(SERVER_KEY_EXCHANGE, &key));
    messages.extend(handshake(SERVER_HELLO_DONE, &[]));
    records(content_type::HANDSHAKE, VERSION, &messages)
}

#[test]
fn the_first_hello_offers_what_it_speaks_and_the_flight_is_answered() {
    let mut client = client();
    let hello = super::super::parse_client_hello_record(&client.take_output()).unwrap().unwrap();
    assert_eq!((hello.suites, hello.groups), (SUITES.to_vec(), GROUPS.to_vec()));
    assert_eq!(heard(&mut client, &flight()).unwrap(), [Event::Chose { secure: true }]);
    let out = client.take_output();
    let mut reader = RecordReader::default();
    reader.feed(&out);
    let kinds: Vec<u8> = std::iter::from_fn(|| reader.next_record().unwrap()).map(|r| r.content_type).collect();
    assert_eq!(kinds, [22, 20, 22]);
}

#[test]
fn a_finished_in_clear_or_a_wrong_one_ends_no_handshake() {
    for before in [vec![], flight()] {
        let mut bytes = before;
        bytes.extend(records(content_type::HANDSHAKE, VERSION, &handshake(FINISHED, &[0; PROOF])));
        assert!(heard(&mut client(), &bytes).is_err());
    }
    let mut bytes = flight();
    bytes.extend(records(content_type::CHANGE_CIPHER_SPEC, VERSION, &[1]));
    bytes.extend(records(content_type::HANDSHAKE, VERSION, &[0; 40]));
    assert!(heard(&mut client(), &bytes).is_err());
}

#[test]
fn another_suite_and_application_data_in_clear_are_refused() {
    let other = records(content_type::HANDSHAKE, VERSION, &server_hello(0x002f, &[]));
    assert!(heard(&mut client(), &other).is_err());
    assert!(heard(&mut client(), &records(content_type::APPLICATION_DATA, VERSION, b"hello")).is_err());
    let alert = heard(&mut client(), &super::super::fatal_alert(VERSION, 40)).unwrap();
    assert_eq!(alert, [Event::Alert(Alert { is_fatal: true, description: 40 })]);
}

#[test]
fn no_bytes_make_the_client_panic() {
    crate::hostile::survives(&flight(), |bytes| heard(&mut client(), bytes).map(|events| events.len()));
}
