//! Files of both formats, built here byte by byte, and everything that can be wrong with them.

use super::*;

/// A packet as a file holds it: nanoseconds, link type, bytes.
type Found = (Option<u64>, u32, Vec<u8>);

/// What a file holds, packet by packet.
fn read_all(file: &[u8]) -> Result<Vec<Found>, Malformed> {
    let mut reader = CaptureReader::new();
    let (mut at, mut found) = (0, Vec::new());
    while at < file.len() {
        match reader.step(&file[at..])? {
            Step::Packet(frame, used) => {
                assert_eq!(&file[at + frame.at..at + frame.at + frame.data.len()], frame.data);
                found.push((frame.nanos, frame.link.0, frame.data.to_vec()));
                at += used;
            }
            Step::Skip(used) => at += used,
            Step::More(_) => break,
        }
    }
    Ok(found)
}

fn pcap(magic: u32, big: bool, fraction: u32) -> Vec<u8> {
    let put = |n: u32| if big { n.to_be_bytes() } else { n.to_le_bytes() };
    let mut file = Vec::new();
    for number in [magic, 0x0004_0002, 0, 0, 65535, 1, 7, fraction, 3, 60] {
        file.extend(put(number));
    }
    file.extend(b"abc");
    file
}

fn block(kind: u32, body: &[u8], big: bool) -> Vec<u8> {
    let put = |n: u32| if big { n.to_be_bytes() } else { n.to_le_bytes() };
    let padded = body.len().next_multiple_of(4);
    let length = u32::try_from(padded + 12).unwrap();
    let mut out = put(kind).to_vec();
    out.extend(put(length));
    out.extend_from_slice(body);
    out.resize(8 + padded, 0);
    out.extend(put(length));
    out
}

fn pcapng(big: bool, option: &[u8]) -> Vec<u8> {
    let put = |n: u32| if big { n.to_be_bytes() } else { n.to_le_bytes() };
    let put16 = |n: u16| if big { n.to_be_bytes() } else { n.to_le_bytes() };
    let mut head = put(0x1a2b_3c4d).to_vec();
    head.extend([0; 12]);
    let mut file = block(0x0a0d_0d0a, &head, big);
    let mut interface = put16(113).to_vec();
    interface.extend([0, 0, 0, 0, 0, 0]);
    interface.extend_from_slice(option);
    file.extend(block(1, &interface, big));
    file.extend(block(5, &[9; 17], big));
    let mut packet = Vec::new();
    for number in [0, 0, 5_000_000, 3, 90] {
        packet.extend(put(number));
    }
    packet.extend(b"xyz");
    file.extend(block(6, &packet, big));
    let mut simple = put(5).to_vec();
    simple.extend(b"hello");
    file.extend(block(3, &simple, big));
    file
}

#[test]
fn pcap_is_read_in_both_orders_and_resolutions() {
    for big in [true, false] {
        let micro = read_all(&pcap(0xa1b2_c3d4, big, 5)).unwrap();
        assert_eq!(micro, [(Some(7_000_005_000), 1, b"abc".to_vec())]);
        let nano = read_all(&pcap(0xa1b2_3c4d, big, 5)).unwrap();
        assert_eq!(nano[0].0, Some(7_000_000_005));
    }
}

#[test]
fn pcapng_is_read_in_both_orders_with_the_clock_of_its_interface() {
    for big in [true, false] {
        let found = read_all(&pcapng(big, &[])).unwrap();
        assert_eq!(found[0], (Some(5_000_000_000), 113, b"xyz".to_vec()));
        assert_eq!(found[1], (None, 113, b"hello".to_vec()));
        let option = if big { [0, 9, 0, 1, 9, 0, 0, 0] } else { [9, 0, 1, 0, 9, 0, 0, 0] };
        assert_eq!(read_all(&pcapng(big, &option)).unwrap()[0].0, Some(5_000_000));
    }
}

#[test]
fn a_file_cut_inside_a_packet_asks_for_the_rest() {
    let file = pcap(0xa1b2_c3d4, true, 0);
    let mut reader = CaptureReader::new();
    assert_eq!(reader.step(&file[..2]), Ok(Step::More(4)));
    assert_eq!(reader.step(&file[..20]), Ok(Step::More(24)));
    assert_eq!(reader.step(&file), Ok(Step::Skip(24)));
    assert_eq!(reader.step(&file[24..30]), Ok(Step::More(16)));
    assert_eq!(reader.step(&file[24..41]), Ok(Step::More(19)));
}

#[test]
fn what_is_no_capture_and_what_is_too_large_is_refused() {
    assert!(read_all(b"<html>this is no capture file</html>").is_err());
    let mut file = pcap(0xa1b2_c3d4, true, 0);
    file[32..36].copy_from_slice(&0x7fff_ffff_u32.to_be_bytes());
    assert_eq!(read_all(&file), Err(Malformed::TooLarge("captured packet")));
}

#[test]
fn no_bytes_make_the_reader_panic() {
    crate::hostile::survives(&pcap(0xa1b2_c3d4, true, 5), |bytes| read_all(bytes).is_ok());
    crate::hostile::survives(&pcapng(false, &[9, 0, 1, 0, 9, 0, 0, 0]), |bytes| read_all(bytes).is_ok());
}
