//! Protocol messages: the first byte chooses the reader, the rest is the message.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::{coap, dhcp, dns, ftp, http, mqtt, ntp, quic, rtsp, snmp, ssdp, ssh, telnet, tftp, tls};

fuzz_target!(|bytes: &[u8]| {
    let Some((which, bytes)) = bytes.split_first() else { return };
    let text = String::from_utf8_lossy(bytes);
    match which % 25 {
        0 => drop(dhcp::Message::read(bytes)),
        1 => drop(ntp::read_answer(bytes)),
        2 => drop(ntp::read_private(bytes)),
        3 => drop(ntp::read_control(bytes)),
        4 => drop(coap::Message::read(bytes)),
        5 => drop(coap::links(&text)),
        6 => drop(ssh::Identification::read(bytes)),
        7 => drop(
            ssh::read_plain_packet(bytes).map(|found| found.map(|(payload, _)| ssh::Algorithms::read(payload))),
        ),
        8 => drop(ssdp::Announcement::read(bytes)),
        9 => drop(ssdp::DeviceDescription::read(&text)),
        10 => drop(dns::Message::read(bytes)),
        11 => drop(tftp::read(bytes)),
        12 => drop(ftp::Reply::read(bytes)),
        13 => drop(snmp::read(bytes)),
        14 => drop(quic::read(bytes)),
        15 => drop(tls::ClientHello::read(bytes)),
        16 => drop(telnet::prompt(&telnet::Negotiator::new().feed(bytes).text)),
        17 => drop(rtsp::AnswerReader::new(http::Limits::default()).feed(bytes)),
        18 => {
            let mut reader = tls::FlightReader::new();
            reader.feed(bytes);
            while let Ok(Some(_)) = reader.next_message() {}
        }
        19 => drop(tls::certificate::read(bytes)),
        20 => {
            let mut reader = http::ResponseReader::new("GET", http::Limits::default());
            drop(reader.feed(bytes));
            drop(reader.finish());
        }
        21 => drop((http::page::forms(&text), http::page::links(&text), http::page::title(&text))),
        22 => drop((http::auth::challenges(&text), http::cookie::SetCookie::read(&text))),
        23 => drop([mqtt::Version::V311, mqtt::Version::V5].map(|version| mqtt::read(bytes, version))),
        _ => {
            let random = tls::whole::Random { hello: [1; 32], key: [2; 32] };
            let mut client = tls::whole::Client::new(None, random);
            client.feed(bytes);
            while let Ok(Some(_)) = client.next_event() {}
        }
    }
});
