//! One handshake attempt over DTLS: a hello, the same with the cookie that the server asks for, and what it chose.
//!
//! It ends with an alert, so that the server does not go on sending to somebody who left.

use std::time::Duration;

use wire::tls::dtls::{FlightReader, Heard, client_hello, fatal_alert};

use super::{Answer, Choice, Offer, asks_more, hello_of, take, wire_version};
use crate::{Bench, ConnectError, LinkId, Received, SendError};

/// user_canceled.
const CANCELED: u8 = 90;
/// Cookies that are given back; a server that asks for more does not mean to answer.
const MOST_COOKIES: u16 = 3;

/// Asks over a link of datagrams.
pub(super) fn ask(
    link: LinkId,
    host: Option<&str>,
    offer: &Offer,
    random: [u8; 32],
    whole: bool,
    bench: &mut dyn Bench,
) -> Answer {
    let hello = hello_of(host, offer, random);
    let mut number = 0;
    let mut datagram = client_hello(&hello, &[], number);
    let mut reader = FlightReader::new();
    let mut choice: Option<Choice> = None;
    // A datagram may be lost on the way, so that a silent server is asked once more (RFC 6347, 4.2.4).
    let wait = bench.wait();
    let mut patience = [wait / 2, wait].into_iter();
    let answer = 'asked: loop {
        let Some(within) = patience.next() else { break choice.take().map_or(Answer::Silence, Answer::Chosen) };
        match bench.send(link, &datagram) {
            Ok(()) => {}
            Err(SendError::Gone) => break Answer::NotConnected(ConnectError::Refused),
            Err(SendError::Limit) => break Answer::NotConnected(ConnectError::Limit),
        }
        let began = bench.elapsed_millis();
        loop {
            let left = within.saturating_sub(Duration::from_millis(bench.elapsed_millis() - began));
            match bench.receive(link, 64 * 1024, left) {
                Received::Data(bytes) => {
                    if let Err(error) = reader.feed(&bytes.0) {
                        break 'asked choice.take().map_or(Answer::Unreadable(error.to_string()), Answer::Chosen);
                    }
                }
                Received::Silence if choice.is_some() => {
                    break 'asked choice.take().map_or(Answer::Silence, Answer::Chosen);
                }
                Received::Silence => break,
                Received::Closed | Received::Reset => {
                    break 'asked choice
                        .take()
                        .map_or(Answer::NotConnected(ConnectError::Refused), Answer::Chosen);
                }
            }
            while let Some(heard) = reader.next_heard() {
                match heard {
                    Heard::Message(message) => {
                        if let Some(answer) = take(message, &mut choice, whole, asks_more(offer)) {
                            break 'asked answer;
                        }
                    }
                    Heard::Cookie(cookie) if number < MOST_COOKIES => {
                        number += 1;
                        datagram = client_hello(&hello, &cookie, number);
                        patience = [wait / 2, wait].into_iter();
                        continue 'asked;
                    }
                    Heard::Cookie(_) => break 'asked Answer::Unreadable("a cookie for each cookie".to_owned()),
                }
            }
        }
    };
    if let Answer::Chosen(choice) = &answer {
        // Where the farewell does not leave, the server gives up by itself.
        bench.send(link, &fatal_alert(wire_version(choice.version), CANCELED, number + 1)).ok();
    }
    answer
}
