//! A capture file, packet by packet, and what lies in each packet.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::capture::{CaptureReader, Step};
use wire::packet::{self, Content, Fragments, Parsed};

fuzz_target!(|bytes: &[u8]| {
    let mut reader = CaptureReader::new();
    let mut rest = bytes;
    let mut fragments = Fragments::default();
    loop {
        let dropped = match reader.step(rest) {
            Ok(Step::Packet(frame, dropped)) => {
                if let Ok(Parsed::Ip(packet)) = packet::read(frame.link, frame.data)
                    && let Content::Fragment(part) = &packet.content
                {
                    fragments.hear(&packet, part, (), frame.nanos.unwrap_or(0), &mut |whole| {
                        let _ = whole.content();
                    });
                }
                dropped
            }
            Ok(Step::Skip(dropped)) => dropped,
            Ok(Step::More(_)) | Err(_) => break,
        };
        // Otherwise a reader of a file would not come to its end.
        assert!(dropped > 0);
        rest = rest.get(dropped..).unwrap_or_default();
    }
    fragments.end(&mut |whole| {
        let _ = whole.content();
    });
});
