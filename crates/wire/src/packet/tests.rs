//! Frames of every link type, built here, and everything that can be wrong with them.

use super::*;

fn v4(protocol: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![0x45, 0];
    out.extend(u16::try_from(20 + payload.len()).unwrap().to_be_bytes());
    out.extend([0, 0, 0, 0, 64, protocol, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2]);
    out.extend_from_slice(payload);
    out
}

fn v6(next: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![0x60, 0, 0, 0];
    out.extend(u16::try_from(payload.len()).unwrap().to_be_bytes());
    out.extend([next, 64]);
    out.extend([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    out.extend([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
    out.extend_from_slice(payload);
    out
}

fn tcp(payload: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x90, 0, 80, 0, 0, 0, 7, 0, 0, 0, 9, 0x60, 0x18, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1];
    out.extend_from_slice(payload);
    out
}

fn ethernet(ether_type: &[u8], packet: &[u8]) -> Vec<u8> {
    [&[2; 12], ether_type, packet].concat()
}

fn segment(link: LinkType, frame: &[u8]) -> (u16, u32, Vec<u8>) {
    match read(link, frame).unwrap() {
        Parsed::Ip(Packet { content: Content::Tcp(s), .. }) => (s.destination, s.sequence, s.payload.to_vec()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_segment_is_found_behind_every_link_layer() {
    let packet = v4(6, &tcp(b"hi"));
    let expected = (80, 7, b"hi".to_vec());
    let cases = [
        (LinkType::ETHERNET, ethernet(&[8, 0], &packet)),
        (LinkType::ETHERNET, ethernet(&[0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 8, 0], &packet)),
        (LinkType::ETHERNET, ethernet(&[0x88, 0x64, 0x11, 0, 0, 1, 0, 40, 0, 0x21], &packet)),
        (LinkType::ETHERNET, ethernet(&[0, 50, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &packet)),
        (LinkType::LINUX_SLL, [&[0; 14][..], &[8, 0], &packet].concat()),
        (LinkType::LINUX_SLL2, [&[8, 0][..], &[0; 18], &packet].concat()),
        (LinkType::NULL, [&[2, 0, 0, 0][..], &packet].concat()),
        (LinkType::LOOP, [&[0, 0, 0, 2][..], &packet].concat()),
        (LinkType::RAW, packet.clone()),
        (LinkType::RAW, v6(6, &tcp(b"hi"))),
        // Hop-by-hop options, then destination options.
        (LinkType::RAW, v6(0, &[&[60, 0, 1, 4, 0, 0, 0, 0, 6, 0, 1, 4, 0, 0, 0, 0][..], &tcp(b"hi")].concat())),
    ];
    for (link, frame) in cases {
        assert_eq!(segment(link, &frame), expected, "{link}");
    }
}

#[test]
fn the_padding_of_short_frames_is_no_payload() {
    let mut frame = ethernet(&[8, 0], &v4(6, &tcp(b"")));
    frame.resize(70, 0);
    assert_eq!(segment(LinkType::ETHERNET, &frame).2, b"");
}

#[test]
fn fragments_and_cut_packets_are_told() {
    let mut later = v4(17, &[0; 30]);
    later[7] = 5;
    let is_at_40 = |frame: &[u8]| match read(LinkType::RAW, frame) {
        Ok(Parsed::Ip(Packet { content: Content::Fragment(part), .. })) => part.offset == 40,
        _ => false,
    };
    assert!(is_at_40(&later));
    assert!(is_at_40(&v6(44, &[17, 0, 0, 40, 0, 0, 0, 1, 9, 9])));
    let alone = v6(44, &[&[6, 0, 0, 0, 0, 0, 0, 1][..], &tcp(b"hi")].concat());
    assert_eq!(segment(LinkType::RAW, &alone).2, b"hi", "a fragment alone is whole");
    let whole = v4(6, &tcp(b"hello"));
    match read(LinkType::RAW, &whole[..whole.len() - 3]).unwrap() {
        Parsed::Ip(Packet { cut: 3, content: Content::Tcp(segment), .. }) => assert_eq!(segment.payload, b"he"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_icmp_error_names_the_packet_it_is_about() {
    let inner = v4(17, &[0, 1, 0, 53, 0, 8, 0, 0]);
    let error = v4(1, &[&[3, 3, 0, 0, 0, 0, 0, 0][..], &inner].concat());
    let Ok(Parsed::Ip(Packet { content: Content::Icmp { kind: 3, code: 3, about }, .. })) =
        read(LinkType::RAW, &error)
    else {
        panic!("no icmp");
    };
    let (_, to, protocol, from_port, to_port) = quoted(about).unwrap();
    assert_eq!((to.to_string().as_str(), protocol, from_port, to_port), ("192.0.2.2", Protocol::Udp, 1, 53));
}

#[test]
fn hardware_addresses_are_read_where_the_link_has_them() {
    let (sender, receiver) = ([2, 0, 0x5e, 0, 0, 1], [2, 0, 0x5e, 0, 0, 2]);
    let frame = [&receiver[..], &sender, &[8, 0]].concat();
    assert_eq!(hardware(LinkType::ETHERNET, &frame), (Some(sender), Some(receiver)));
    let cooked = [&[0, 0, 0, 1, 0, 6][..], &sender, &[0, 0, 8, 0]].concat();
    assert_eq!(hardware(LinkType::LINUX_SLL, &cooked), (Some(sender), None));
    let cooked = [&[8, 0, 0, 0, 0, 0, 0, 2, 0, 1, 4, 6][..], &sender, &[0, 0]].concat();
    assert_eq!(hardware(LinkType::LINUX_SLL2, &cooked), (Some(sender), None));
    assert_eq!(hardware(LinkType::RAW, &frame), (None, None));
    assert_eq!(hardware(LinkType::ETHERNET, &frame[..8]).0, None);
}

#[test]
fn radio_frames_are_refused_by_name() {
    let error = read(LinkType::IEEE802_11_RADIOTAP, &[0; 60]).unwrap_err();
    assert!(error.to_string().contains("802.11"), "{error}");
    assert!(read(LinkType(147), &[0; 60]).is_err());
}

#[test]
fn no_bytes_make_the_reader_panic() {
    let frames = [
        (LinkType::ETHERNET, ethernet(&[0x81, 0, 0, 6, 8, 0], &v4(6, &tcp(b"hi")))),
        (
            LinkType::RAW,
            v6(0, &[&[44, 0, 1, 4, 0, 0, 0, 0, 51, 0, 0, 1, 0, 0, 0, 1, 6, 1][..], &tcp(b"hi")].concat()),
        ),
        (LinkType::LINUX_SLL2, [&[8, 0][..], &[0; 18], &v4(1, &[3; 40])].concat()),
        (LinkType::NULL, [&[2, 0, 0, 0][..], &v4(17, &[0; 9])].concat()),
    ];
    for (link, frame) in frames {
        crate::hostile::survives(&frame, |bytes| {
            if let Ok(Parsed::Ip(Packet { content: Content::Icmp { about, .. }, .. })) = read(link, bytes) {
                let _ = quoted(about);
            }
        });
    }
}
