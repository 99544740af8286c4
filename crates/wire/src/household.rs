//! Questions over UDP that household products and their neighbours answer, beyond the protocols that have a file each.
//!
//! Each asks and changes nothing. What an answer says is told as `name=value` lines or as it came; whether it is true is
//! not asked.

/// The encrypted form in which plugs of one maker speak JSON: each byte is combined with the one before it.
fn chained(plain: &[u8]) -> Vec<u8> {
    let mut key = 171;
    plain
        .iter()
        .map(|byte| {
            key ^= byte;
            key
        })
        .collect()
}

/// The JSON behind an answer in that form.
#[must_use]
pub fn unchained(answer: &[u8]) -> String {
    let mut key = 171;
    let plain: Vec<u8> = answer
        .iter()
        .take(4096)
        .map(|byte| {
            let plain = byte ^ key;
            key = *byte;
            plain
        })
        .collect();
    String::from_utf8_lossy(&plain).into_owned()
}

/// Asks a plug for its system information (port 9999).
#[must_use]
pub fn kasa_system() -> Vec<u8> {
    chained(br#"{"system":{"get_sysinfo":{}}}"#)
}

/// Asks a lamp for its configuration (port 38899).
#[must_use]
pub fn wiz_configuration() -> Vec<u8> {
    br#"{"method":"getSystemConfig","params":{}}"#.to_vec()
}

/// Greets a product of one maker (port 54321); old software gives its key away in the answer.
#[must_use]
pub fn miio_hello() -> Vec<u8> {
    let mut hello = vec![0x21, 0x31, 0, 0x20];
    hello.extend([0xff; 28]);
    hello
}

/// The key in the answer to [`miio_hello`]; none where it is blanked out, as it is once the product is set up.
#[must_use]
pub fn miio_token(answer: &[u8]) -> Option<&[u8]> {
    let token = answer.get(16..32).filter(|_| answer.starts_with(&[0x21, 0x31]))?;
    let blank = token.iter().all(|byte| *byte == 0xff) || token.iter().all(|byte| *byte == 0);
    (!blank).then_some(token)
}

/// Asks a radio module for address, hardware address and model (port 48899).
#[must_use]
pub fn module_search() -> Vec<u8> {
    b"HF-A11ASSISTHREAD".to_vec()
}

/// Asks network equipment of one maker who it is (port 10001).
#[must_use]
pub fn equipment_search() -> Vec<u8> {
    vec![1, 0, 0, 0]
}

/// Asks a router for its outer address (NAT-PMP, RFC 6886, 3.2; port 5351).
#[must_use]
pub fn outer_address() -> Vec<u8> {
    vec![0, 0]
}

/// Whether an answer is one of NAT-PMP.
#[must_use]
pub fn is_nat_pmp(answer: &[u8]) -> bool {
    answer.len() >= 8 && answer[0] == 0 && answer[1] & 0x80 != 0
}

/// Asks a STUN server for the asker's address (RFC 8489; port 3478).
#[must_use]
pub fn stun_binding() -> Vec<u8> {
    let mut message = vec![0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42];
    message.extend([0x5a; 12]);
    message
}

/// Whether an answer is one of STUN.
#[must_use]
pub fn is_stun(answer: &[u8]) -> bool {
    answer.len() >= 20 && matches!(answer[..2], [1, 1] | [1, 0x11]) && answer[4..8] == [0x21, 0x12, 0xa4, 0x42]
}

/// Asks for the names of a host (NetBIOS node status, RFC 1002, 4.2.17; port 137).
#[must_use]
pub fn netbios_status() -> Vec<u8> {
    let mut message = vec![0x5a, 0x5a, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0x20];
    message.extend(b"CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\0");
    message.extend([0, 0x21, 0, 1]);
    message
}

/// The names in an answer to [`netbios_status`], and the hardware address behind them.
#[must_use]
pub fn netbios_names(answer: &[u8]) -> (Vec<String>, Option<[u8; 6]>) {
    let Some(count) = answer.get(56).filter(|_| answer.get(2).is_some_and(|flags| flags & 0x80 != 0)) else {
        return (Vec::new(), None);
    };
    let count = usize::from(*count).min(32);
    let names = (0..count).filter_map(|at| answer.get(57 + at * 18..57 + at * 18 + 15));
    let names = names.map(|name| String::from_utf8_lossy(name).trim_end().to_owned()).collect();
    let hardware = answer.get(57 + count * 18..63 + count * 18).and_then(|bytes| bytes.try_into().ok());
    (names, hardware.filter(|address: &[u8; 6]| address.iter().any(|byte| *byte != 0)))
}

/// Asks which programs a port mapper knows (ONC RPC, RFC 1833, `DUMP`; port 111).
#[must_use]
pub fn portmap_dump() -> Vec<u8> {
    let words: [u32; 10] = [0x5a5a_5a5a, 0, 2, 100_000, 2, 4, 0, 0, 0, 0];
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

/// Whether an answer is one to [`portmap_dump`].
#[must_use]
pub fn is_rpc_reply(answer: &[u8]) -> bool {
    answer.len() >= 24 && answer[..4] == [0x5a; 4] && answer[4..8] == [0, 0, 0, 1]
}

/// Asks a management controller whether it is there (ASF presence ping; port 623).
#[must_use]
pub fn asf_ping() -> Vec<u8> {
    vec![6, 0, 0xff, 6, 0, 0, 0x11, 0xbe, 0x80, 0, 0, 0]
}

/// Whether an answer is one of ASF or RMCP.
#[must_use]
pub fn is_rmcp(answer: &[u8]) -> bool {
    answer.len() >= 8 && answer[0] == 6 && answer[2..4] == [0xff, 6] && answer != asf_ping()
}

/// Asks a building controller for its description (KNXnet/IP search; port 3671).
#[must_use]
pub fn knx_search() -> Vec<u8> {
    vec![6, 0x10, 2, 3, 0, 14, 8, 1, 0, 0, 0, 0, 0, 0]
}

/// Whether an answer is one of KNXnet/IP.
#[must_use]
pub fn is_knx(answer: &[u8]) -> bool {
    answer.len() > 14 && answer.starts_with(&[6, 0x10, 2])
}

/// Asks a building controller who it is (BACnet Who-Is in BVLC; port 47808).
#[must_use]
pub fn bacnet_who_is() -> Vec<u8> {
    vec![0x81, 0x0a, 0, 8, 1, 0, 0x10, 8]
}

/// Whether an answer is one of BACnet/IP, and not the question come back.
#[must_use]
pub fn is_bacnet(answer: &[u8]) -> bool {
    answer.len() > 8 && answer[0] == 0x81 && answer[2..4] == [(answer.len() >> 8) as u8, answer.len() as u8]
}

/// Asks a cache for its version over UDP (port 11211).
#[must_use]
pub fn memcached_version() -> Vec<u8> {
    b"\x5a\x5a\0\0\0\x01\0\0version\r\n".to_vec()
}

/// Asks a camera of one maker who it is (port 37020).
#[must_use]
pub fn camera_inquiry() -> Vec<u8> {
    b"<?xml version=\"1.0\" encoding=\"utf-8\"?><Probe><Uuid>5A5A5A5A-5A5A-5A5A-5A5A-5A5A5A5A5A5A</Uuid>\
      <Types>inquiry</Types></Probe>"
        .to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chained_form_reads_back() {
        assert_eq!(unchained(&kasa_system()), r#"{"system":{"get_sysinfo":{}}}"#);
        assert_eq!(kasa_system()[..4], [0xd0, 0xf2, 0x81, 0xf8]);
    }

    #[test]
    fn a_key_is_found_in_a_greeting_and_a_blanked_one_is_none() {
        let mut answer = miio_hello();
        assert_eq!(miio_token(&answer), None);
        answer[16..].copy_from_slice(&[7; 16]);
        assert_eq!(miio_token(&answer), Some([7; 16].as_slice()));
    }

    #[test]
    fn names_and_hardware_address_of_a_host_are_read() {
        let mut answer = vec![0x5a, 0x5a, 0x84, 0];
        answer.resize(56, 0);
        answer.push(1);
        answer.extend(b"LAMP           \0\x04\0");
        answer.extend([2, 0, 0x5e, 0, 0x53, 7]);
        assert_eq!(netbios_names(&answer), (vec!["LAMP".to_owned()], Some([2, 0, 0x5e, 0, 0x53, 7])));
    }

    #[test]
    fn no_question_is_its_own_answer() {
        assert!(!is_rpc_reply(&portmap_dump()) && !is_rmcp(&asf_ping()) && !is_knx(&knx_search()));
        assert!(!is_bacnet(&bacnet_who_is()) && !is_stun(&stun_binding()) && !is_nat_pmp(&outer_address()));
    }

    #[test]
    fn no_bytes_make_a_reader_panic() {
        let mut answer = vec![0x5a, 0x5a, 0x84, 0];
        answer.resize(90, 2);
        crate::hostile::survives(&answer, |bytes| {
            (netbios_names(bytes), unchained(bytes), miio_token(bytes).is_some(), is_rpc_reply(bytes))
        });
        crate::hostile::survives(&[6, 0x10, 0xff, 6, 0, 9, 0, 0, 0, 0], |bytes| {
            (is_rmcp(bytes), is_knx(bytes), is_bacnet(bytes), is_stun(bytes), is_nat_pmp(bytes))
        });
    }
}
