//! Recognition of protocols that speak in bytes.

use super::{Identified, ProbeKind, text_lines};
use crate::reader::{Reader, find};
use crate::{Malformed, coap, dns, mqtt, ntp, snmp, ssdp, tftp};

/// Forms that hold only as the answer to their own probe.
pub(super) fn answer_to(answer: &[u8], to: ProbeKind) -> Option<Identified> {
    match to {
        ProbeKind::Mqtt => match mqtt::read(answer, mqtt::Version::V311) {
            Ok(Some((mqtt::Packet::ConnAck { code, .. }, used))) if code <= 5 => {
                Some(Identified::new("mqtt", &answer[..used]))
            }
            _ => None,
        },
        ProbeKind::Rdp => matches!(answer, [3, 0, _, _, _, 0xd0, ..]).then(|| Identified::new("rdp", answer)),
        ProbeKind::Smb => smb(answer),
        ProbeKind::Postgres => (matches!(answer, [b'S' | b'N']) || is_postgres_error(answer))
            .then(|| Identified::new("postgresql", answer)),
        ProbeKind::Modbus => modbus(answer).ok().flatten(),
        ProbeKind::Amqp => amqp(answer),
        ProbeKind::X11 => x11(answer).ok().flatten(),
        ProbeKind::Adb => adb(answer),
        ProbeKind::Socks5 => matches!(answer, [5, 0..=2 | 0xff]).then(|| Identified::new("socks5", answer)),
        ProbeKind::Dns => dns(answer),
        ProbeKind::Ntp => {
            let read = ntp::read_answer(answer).ok()?;
            Some(Identified::new("ntp", format!("version {}, stratum {}", read.version, read.stratum).as_bytes()))
        }
        ProbeKind::Snmp => {
            let read = snmp::read(answer).ok().filter(|read| read.is_response)?;
            Some(match read.bindings.first() {
                Some((_, snmp::Value::Text(text))) => Identified::new("snmp", text),
                _ => Identified::new("snmp", b"an answer without a description"),
            })
        }
        ProbeKind::Ssdp => {
            let read = ssdp::Announcement::read(answer).ok()?;
            let server = read.server().unwrap_or_default().to_owned();
            Some(Identified::new("ssdp", server.as_bytes()).product(&server))
        }
        ProbeKind::Coap => {
            let read =
                coap::Message::read(answer).ok().filter(|read| read.id == 0x5a5a || read.token == [0x5a])?;
            Some(Identified::new("coap", format!("code {}", read.code_text()).as_bytes()))
        }
        ProbeKind::Tftp => {
            tftp::read(answer).ok()?;
            Some(Identified::new("tftp", answer))
        }
        _ => None,
    }
}

/// Forms that need no probe.
pub(super) fn unprompted(answer: &[u8]) -> Option<Identified> {
    if matches!(answer, [0x15 | 0x16, 3, 0..=4, high, ..] if *high <= 0x48) {
        return Some(Identified::new("tls", &answer[..answer.len().min(16)]));
    }
    mysql(answer).ok().flatten().or_else(|| adb(answer)).or_else(|| {
        let is_smb = matches!(answer, [0, _, _, _, 0xfe | 0xff, b'S', b'M', b'B', ..]);
        is_smb.then(|| smb(answer)).flatten()
    })
}

fn is_postgres_error(answer: &[u8]) -> bool {
    matches!(answer, [b'E', 0, 0, _, _, b'S', ..]) && find(answer, b"FATAL").is_some()
}

fn smb(answer: &[u8]) -> Option<Identified> {
    let message = answer.get(4..)?;
    let found = Identified::new("smb", &message[..message.len().min(8)]);
    if message.starts_with(b"\xffSMB") {
        return Some(found.version("1"));
    }
    if !message.starts_with(b"\xfeSMB") {
        return None;
    }
    // MS-SMB2 2.2.4: the dialect stands at byte 4 of the NEGOTIATE response, behind 64 bytes of head.
    let dialect = message.get(68..70).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    Some(match dialect {
        Some(0x0202) => found.version("2.0.2"),
        Some(0x0210) => found.version("2.1"),
        Some(0x02ff) => found.version("2 or later"),
        Some(0x0300) => found.version("3.0"),
        Some(0x0302) => found.version("3.0.2"),
        Some(0x0311) => found.version("3.1.1"),
        _ => found,
    })
}

fn modbus(answer: &[u8]) -> Result<Option<Identified>, Malformed> {
    let mut reader = Reader::new(answer, "modbus answer");
    let (_, protocol, length) = (reader.u16()?, reader.u16()?, usize::from(reader.u16()?));
    if protocol != 0 || length != reader.len() {
        return Ok(None);
    }
    reader.u8()?;
    match reader.u8()? {
        // An exception: a Modbus device that does not know the function.
        0xab => return Ok(Some(Identified::new("modbus", answer))),
        0x2b => {}
        _ => return Ok(None),
    }
    reader.take(5)?;
    let count = reader.u8()?;
    let mut found = Identified::new("modbus", reader.peek());
    for _ in 0..count {
        let (Ok(number), Ok(text)) = (reader.u8(), reader.vec8()) else { break };
        let text = String::from_utf8_lossy(text);
        match number {
            0 => found = found.product(&text),
            2 => found = found.version(&text),
            _ => {}
        }
    }
    Ok(Some(found))
}

fn amqp(answer: &[u8]) -> Option<Identified> {
    if let Some(version) = answer.strip_prefix(b"AMQP").filter(|rest| rest.len() >= 4) {
        let text = format!("{}.{}.{}", version[1], version[2], version[3]);
        return Some(Identified::new("amqp", &answer[..8]).version(&text));
    }
    // A method frame on channel 0 with connection.start (AMQP 0-9-1, 1.4.2.1).
    if !(answer.starts_with(&[1, 0, 0]) && answer.get(7..11) == Some(&[0, 10, 0, 10])) {
        return None;
    }
    let property = |name: &[u8]| -> Option<String> {
        let at = find(answer, name)? + name.len();
        let mut reader = Reader::new(answer.get(at..)?, "amqp property");
        let is_text = reader.u8().ok()? == b'S';
        let value = reader.vec32().ok()?;
        is_text.then(|| String::from_utf8_lossy(value).into_owned())
    };
    let found = Identified::new("amqp", b"connection.start");
    let product = property(b"\x07product").unwrap_or_default();
    let version = property(b"\x07version").unwrap_or_default();
    Some(found.product(&product).version(&version))
}

fn x11(answer: &[u8]) -> Result<Option<Identified>, Malformed> {
    // X Window System Protocol, chapter 8; the answer to a little-endian setup.
    let mut reader = Reader::new(answer, "x11 answer");
    let status = reader.u8()?;
    let reason_length = usize::from(reader.u8()?);
    if status == 2 {
        return Ok(Some(Identified::new("x11", answer)));
    }
    let [major, _, minor, _] = reader.array()?;
    let big_endian_or_little = |major: u8, minor: u8| (major == 11).then(|| format!("11.{minor}"));
    let numbers = big_endian_or_little(major, minor).or_else(|| big_endian_or_little(answer[3], answer[5]));
    let Some(version) = numbers.filter(|_| status <= 1) else { return Ok(None) };
    let evidence = match status {
        0 => reader.peek().get(2..2 + reason_length).unwrap_or(reader.peek()),
        _ => b"connection accepted without authorisation",
    };
    Ok(Some(Identified::new("x11", evidence).version(&version)))
}

fn adb(answer: &[u8]) -> Option<Identified> {
    let head = answer.first_chunk::<24>();
    let command = answer.first_chunk::<4>()?;
    if !matches!(command, b"CNXN" | b"AUTH" | b"STLS") {
        return None;
    }
    // The last word of the head is the command with all bits inverted.
    let is_whole = head.is_some_and(|head| head[20..].iter().zip(command).all(|(a, b)| *a == !*b));
    is_whole.then(|| Identified::new("adb", answer.get(24..).filter(|rest| !rest.is_empty()).unwrap_or(command)))
}

fn mysql(answer: &[u8]) -> Result<Option<Identified>, Malformed> {
    let mut reader = Reader::new(answer, "mysql greeting");
    let [low, middle, high, sequence] = reader.array()?;
    let length = u32::from_le_bytes([low, middle, high, 0]);
    if sequence != 0 || !(5..4096).contains(&length) {
        return Ok(None);
    }
    match reader.u8()? {
        10 => {
            let rest = reader.peek();
            let Some(end) = rest.iter().take(80).position(|byte| *byte == 0) else { return Ok(None) };
            let version = String::from_utf8_lossy(&rest[..end]).into_owned();
            if !version.starts_with(|c: char| c.is_ascii_digit()) {
                return Ok(None);
            }
            let product = if version.contains("MariaDB") { "MariaDB" } else { "MySQL" };
            Ok(Some(Identified::new("mysql", version.as_bytes()).product(product).version(&version)))
        }
        0xff => {
            let text = reader.peek().get(2..).unwrap_or_default();
            let is_refusal = find(text, b"not allowed to connect").is_some() || find(text, b"Too many").is_some();
            Ok(is_refusal.then(|| Identified::new("mysql", text)))
        }
        _ => Ok(None),
    }
}

fn dns(answer: &[u8]) -> Option<Identified> {
    let read = |bytes: &[u8]| dns::Message::read(bytes).ok().filter(dns::Message::is_response);
    let message = read(answer).or_else(|| read(answer.get(2..)?))?;
    let text = message.records().find_map(|record| match &record.data {
        dns::Data::Txt(strings) => strings.first(),
        _ => None,
    });
    let refused = format!("response code {}", message.response_code());
    Some(match text {
        Some(text) => text_lines::dns_software(Identified::new("dns", text), &String::from_utf8_lossy(text)),
        None => Identified::new("dns", refused.as_bytes()),
    })
}
