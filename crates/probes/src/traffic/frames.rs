//! A capture file of any size, packet by packet, in the memory of one.

use std::io::{self, Read};

use wire::Malformed;
use wire::capture::{CaptureReader, Frame, Step};

/// Bytes read at once: small enough to stay near the processor.
const PIECE: usize = 256 * 1024;

/// How the file ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Behind a packet.
    Whole,
    /// Inside one.
    Inside,
    /// What follows cannot be read.
    Unreadable(Malformed),
}

/// Gives every packet. A file without a single byte has ended whole.
pub(super) fn each(file: &mut dyn Read, take: &mut dyn FnMut(&Frame<'_>)) -> io::Result<End> {
    let mut reader = CaptureReader::new();
    let mut buffer = vec![0; PIECE];
    let (mut start, mut end) = (0, 0);
    // Bytes that are dropped before they are there.
    let mut skip = 0;
    loop {
        let wanted = loop {
            match reader.step(&buffer[start..end]) {
                Ok(Step::Packet(frame, used)) => {
                    take(&frame);
                    start += used;
                }
                Ok(Step::Skip(used)) => {
                    let there = used.min(end - start);
                    start += there;
                    skip = used - there;
                    if skip > 0 {
                        break 1;
                    }
                }
                Ok(Step::More(wanted)) => break wanted,
                Err(error) => return Ok(End::Unreadable(error)),
            }
        };
        buffer.copy_within(start..end, 0);
        (start, end) = (0, end - start);
        if buffer.len() < wanted {
            buffer.resize(wanted.max(PIECE), 0);
        }
        while end < wanted {
            let count = match file.read(&mut buffer[end..]) {
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if count == 0 {
                return Ok(if end == 0 && skip == 0 { End::Whole } else { End::Inside });
            }
            let dropped = skip.min(count);
            skip -= dropped;
            if dropped > 0 {
                buffer.copy_within(end + dropped..end + count, end);
            }
            end += count - dropped;
        }
    }
}
