//! A capture file, packet by packet, and what lies in each packet.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::capture::{CaptureReader, Step};
use wire::packet;

fuzz_target!(|bytes: &[u8]| {
    let mut reader = CaptureReader::new();
    let mut rest = bytes;
    loop {
        let dropped = match reader.step(rest) {
            Ok(Step::Packet(frame, dropped)) => {
                let _ = packet::read(frame.link, frame.data);
                dropped
            }
            Ok(Step::Skip(dropped)) => dropped,
            Ok(Step::More(_)) | Err(_) => return,
        };
        // Otherwise a reader of a file would not come to its end.
        assert!(dropped > 0);
        rest = rest.get(dropped..).unwrap_or_default();
    }
});
