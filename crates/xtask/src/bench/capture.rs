//! A large capture, read by `traffic.capture` and by tshark: time, at no less knowledge, and memory.
//!
//! The capture is made here: HTTP, MQTT and TLS connections side by side, DNS between them, as a busy product would have
//! them. For memory it is a hostile one: connections that never end, with holes that have to be waited for.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::lab::{example, facts, measured, median, peer};
use super::{Bench, Bound, Peer, Row};

pub(super) const TIME: Bench = Bench { name: "capture", measure: time };
pub(super) const MEMORY: Bench = Bench { name: "capture-memory", measure: memory };

/// Bytes of the capture.
const SIZE: u64 = 500 * 1024 * 1024;
const PRODUCT: [u8; 4] = [192, 0, 2, 7];
/// Logins, tokens and keys are always looked for; with a canary, and without patterns, each of which takes its time.
const PARAMETERS: &str =
    r#"{"address": "192.0.2.7", "canaries": [{"name": "canary", "value": "assay-canary-0042"}]}"#;
const WITHIN: Duration = Duration::from_secs(900);

fn time(root: &Path) -> Result<Row, String> {
    with_capture(root, Kind::Busy, |program, file, made| {
        let mut ours = Vec::new();
        for _ in 0..5 {
            let (reading, seconds) = read(program, file)?;
            let connections: u64 = facts(&reading, "conversation")
                .filter(|fact| fact["server"]["transport"] == "tcp")
                .filter_map(|fact| fact["connections"].as_u64())
                .sum();
            if connections != made.connections {
                return Err(format!("we found {connections} connections of {}", made.connections));
            }
            if !facts(&reading, "clear-content").any(|fact| fact["kind"] == "canary") {
                return Err("we did not find the canary".to_owned());
            }
            ours.push(seconds);
        }
        let mut tshark = peer("tshark")?;
        let (text, theirs) = measured(tshark.args(["-n", "-q", "-z", "conv,tcp", "-r"]).arg(file), WITHIN)?;
        let found = text.lines().filter(|line| line.contains("<->")).count() as u64;
        if found != made.connections {
            return Err(format!("tshark found {found} connections of {}", made.connections));
        }
        Ok(Row {
            what: format!(
                "capture of {} MB, {} packets, s (looked through for secrets; {} connections, both found all)",
                SIZE / 1_000_000,
                made.packets,
                made.connections
            ),
            ours: median(ours),
            peer: Some(Peer { name: "tshark -n -q -z conv,tcp".to_owned(), value: theirs }),
            bound: Bound::RatioAtMost(1.0 / 20.0),
        })
    })
}

fn memory(root: &Path) -> Result<Row, String> {
    with_capture(root, Kind::Hostile, |program, file, made| {
        let mut command = Command::new(program);
        let (text, _) = measured(command.arg(file).arg(PARAMETERS), WITHIN)?;
        let told: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        let peak = told["peak-kib"].as_f64().ok_or("it told no peak")?;
        let what = format!(
            "peak memory of reading a hostile capture of {} MB, {} connections, MiB",
            SIZE / 1_000_000,
            made.connections
        );
        Ok(Row { what, ours: peak / 1024.0, peer: None, bound: Bound::AtMost(256.0) })
    })
}

/// One run of ours as a process; its reading and its seconds.
fn read(program: &Path, file: &Path) -> Result<(Value, f64), String> {
    let (text, seconds) = measured(Command::new(program).arg(file).arg(PARAMETERS), WITHIN)?;
    let told: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    Ok((told["reading"].clone(), seconds))
}

fn with_capture(
    root: &Path,
    kind: Kind,
    measure: impl Fn(&Path, &Path, &Made) -> Result<Row, String>,
) -> Result<Row, String> {
    let program = example(root, "probes", "capture")?;
    let file: PathBuf = crate::scratch(root).map_err(|error| error.to_string())?.join("bench.pcap");
    let made = Capture::make(&file, kind, SIZE).map_err(|error| format!("the capture was not made: {error}"))?;
    let row = measure(&program, &file, &made);
    // It is large.
    std::fs::remove_file(&file).map_err(|error| error.to_string())?;
    row
}

/// What a capture is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Busy,
    Hostile,
}

/// What was made.
#[derive(Debug, Clone, Copy, Default)]
struct Made {
    packets: u64,
    connections: u64,
}

struct Capture<W: Write> {
    out: W,
    written: u64,
    made: Made,
    micros: u64,
    /// A stream of numbers that is the same every time.
    state: u64,
}

/// A connection of the product in the making: its port, where it leads, its numbers.
struct Talk {
    port: u16,
    peer: ([u8; 4], u16),
    numbers: [u32; 2],
}

impl Capture<BufWriter<File>> {
    fn make(file: &Path, kind: Kind, size: u64) -> std::io::Result<Made> {
        let mut capture = Capture::new(BufWriter::with_capacity(1 << 20, File::create(file)?))?;
        let mut port = 1024_u16;
        let mut turn = 0_u8;
        while capture.written < size {
            (port, turn) = (port.checked_add(1).unwrap_or(1024), turn.wrapping_add(1));
            match kind {
                Kind::Busy => capture.busy(port, turn)?,
                Kind::Hostile => capture.hostile(port, turn)?,
            }
        }
        capture.out.flush()?;
        Ok(capture.made)
    }
}

impl<W: Write> Capture<W> {
    fn new(mut out: W) -> std::io::Result<Self> {
        out.write_all(&[0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0])?;
        Ok(Self { out, written: 24, made: Made::default(), micros: 1_790_000_000_000_000, state: 1 })
    }

    fn random(&mut self) -> u64 {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.state >> 24
    }

    fn packet(&mut self, protocol: u8, out: bool, peer: [u8; 4], body: &[&[u8]]) -> std::io::Result<()> {
        let length: usize = body.iter().map(|part| part.len()).sum();
        let (from, to) = if out { (PRODUCT, peer) } else { (peer, PRODUCT) };
        let mut head = Vec::with_capacity(50);
        self.micros += 90;
        let whole = (length + 34) as u32;
        head.extend(((self.micros / 1_000_000) as u32).to_le_bytes());
        head.extend(((self.micros % 1_000_000) as u32).to_le_bytes());
        head.extend(whole.to_le_bytes());
        head.extend(whole.to_le_bytes());
        head.extend([2, 0, 0x5e, 0, 0, u8::from(out), 2, 0, 0x5e, 0, 0, u8::from(!out), 8, 0]);
        head.extend([0x45, 0]);
        head.extend(((length + 20) as u16).to_be_bytes());
        head.extend([0, 0, 0x40, 0, 64, protocol, 0, 0]);
        head.extend(from);
        head.extend(to);
        self.out.write_all(&head)?;
        for part in body {
            self.out.write_all(part)?;
        }
        self.written += u64::from(whole) + 16;
        self.made.packets += 1;
        Ok(())
    }

    fn segment(&mut self, talk: &mut Talk, out: bool, flags: u8, payload: &[u8]) -> std::io::Result<()> {
        let (own, other) = if out { (0, 1) } else { (1, 0) };
        let ports = if out { [talk.port, talk.peer.1] } else { [talk.peer.1, talk.port] };
        let mut head = Vec::with_capacity(20);
        head.extend(ports[0].to_be_bytes());
        head.extend(ports[1].to_be_bytes());
        head.extend(talk.numbers[own].to_be_bytes());
        head.extend(talk.numbers[other].to_be_bytes());
        head.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
        self.packet(6, out, talk.peer.0, &[&head, payload])?;
        let counted = payload.len() as u32 + u32::from(flags & 3 != 0);
        talk.numbers[own] = talk.numbers[own].wrapping_add(counted);
        Ok(())
    }

    /// Says something in segments, with an acknowledgement for every second one.
    fn say(&mut self, talk: &mut Talk, out: bool, bytes: &[u8]) -> std::io::Result<()> {
        for (count, piece) in bytes.chunks(1460).enumerate() {
            self.segment(talk, out, 0x18, piece)?;
            if count % 2 == 1 {
                self.segment(talk, !out, 0x10, b"")?;
            }
        }
        Ok(())
    }

    fn open(&mut self, port: u16, peer: ([u8; 4], u16)) -> std::io::Result<Talk> {
        let numbers = [self.random() as u32, self.random() as u32];
        let mut talk = Talk { port, peer, numbers };
        self.segment(&mut talk, true, 0x02, b"")?;
        self.segment(&mut talk, false, 0x12, b"")?;
        self.segment(&mut talk, true, 0x10, b"")?;
        self.made.connections += 1;
        Ok(talk)
    }

    fn close(&mut self, talk: &mut Talk) -> std::io::Result<()> {
        self.segment(talk, true, 0x11, b"")?;
        self.segment(talk, false, 0x11, b"")?;
        self.segment(talk, true, 0x10, b"")
    }

    fn noise(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(length + 8);
        while bytes.len() < length {
            bytes.extend(self.random().to_le_bytes());
        }
        bytes.truncate(length);
        bytes
    }

    fn busy(&mut self, port: u16, turn: u8) -> std::io::Result<()> {
        let cloud = [198, 51, 100, turn % 40 + 1];
        self.dns(port, turn)?;
        match turn % 4 {
            0 => {
                let mut talk = self.open(port, (cloud, 80))?;
                let request = format!("GET /state/{turn} HTTP/1.1\r\nHost: c{turn}.vendor.example\r\n\r\n");
                let line =
                    "{\"lamp\":\"kitchen\",\"state\":\"on\",\"level\":73,\"since\":\"2026-01-31T12:00:00Z\"},\n";
                let body = line.repeat(1200);
                self.say(&mut talk, true, request.as_bytes())?;
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
                self.say(&mut talk, false, [head.as_bytes(), body.as_bytes()].concat().as_slice())?;
                self.close(&mut talk)
            }
            1 => {
                let mut talk = self.open(port, (cloud, 1883))?;
                self.say(&mut talk, true, b"\x10\x10\0\x04MQTT\x04\x02\0\x1e\0\x04plug")?;
                self.say(&mut talk, false, &[0x20, 2, 0, 0])?;
                for number in 0..150 {
                    let secret = if turn == 1 && number == 9 { "assay-canary-0042" } else { "watt" };
                    let text = format!("{{\"{secret}\":{},\"at\":{}}}", self.random() % 2000, self.micros);
                    let length = (text.len() + 9) as u8;
                    let publish = [&[0x32, length, 0, 5][..], b"power", &[0, number], text.as_bytes()].concat();
                    self.say(&mut talk, true, &publish)?;
                    self.say(&mut talk, false, &[0x40, 2, 0, number])?;
                }
                self.close(&mut talk)
            }
            _ => {
                let mut talk = self.open(port, (cloud, 443))?;
                self.handshake(&mut talk)?;
                for _ in 0..6 {
                    let data = self.noise(16_000);
                    let up = self.noise(400);
                    self.say(&mut talk, true, &record(23, &up))?;
                    self.say(&mut talk, false, &record(23, &data))?;
                }
                self.close(&mut talk)
            }
        }
    }

    /// TLS 1.3 up to where both sides encrypt.
    fn handshake(&mut self, talk: &mut Talk) -> std::io::Result<()> {
        let (hello, finished) = (client_hello(), self.noise(53));
        let mut server = vec![2, 0, 0, 46, 3, 3];
        server.extend(self.noise(32));
        server.extend([0, 0x13, 0x01, 0, 0, 6, 0, 43, 0, 2, 3, 4]);
        let certificate = self.noise(2500);
        self.say(talk, true, &record(22, &hello))?;
        self.say(talk, false, &[record(22, &server), record(23, &certificate)].concat())?;
        self.say(talk, true, &record(23, &finished))
    }

    fn dns(&mut self, port: u16, turn: u8) -> std::io::Result<()> {
        let name = format!("c{turn}");
        let mut query = vec![0, turn, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, name.len() as u8];
        query.extend(name.as_bytes());
        query.extend(b"\x06vendor\x07example\0\0\x01\0\x01");
        let mut answer = query.clone();
        (answer[2], answer[7]) = (0x81, 1);
        answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 198, 51, 100, turn % 40 + 1]);
        for (out, payload) in [(true, query), (false, answer)] {
            let ports = if out { [port, 53] } else { [53, port] };
            let mut head = [ports[0].to_be_bytes(), ports[1].to_be_bytes()].concat();
            head.extend(((payload.len() + 8) as u16).to_be_bytes());
            head.extend([0, 0]);
            self.packet(17, out, [192, 0, 2, 1], &[&head, &payload])?;
        }
        Ok(())
    }

    /// A connection that never ends: half a message of a handshake, or data behind a hole.
    fn hostile(&mut self, port: u16, turn: u8) -> std::io::Result<()> {
        let random = self.random().to_le_bytes();
        let mut talk = self.open(port, ([198, 18, random[0], random[1]], 443))?;
        match turn % 3 {
            0 => {
                // A message that says it has a megabyte.
                let part = [&[1, 0x0f, 0xff, 0xff][..], &self.noise(16_000)].concat();
                self.say(&mut talk, true, &record(22, &part))
            }
            1 => {
                talk.numbers[0] = talk.numbers[0].wrapping_add(100);
                let data = self.noise(60_000);
                self.say(&mut talk, true, &data)
            }
            _ => {
                let line = "x".repeat(30_000);
                self.say(&mut talk, true, format!("GET / HTTP/1.1\r\nX: {line}").as_bytes())
            }
        }
    }
}

fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![kind, 3, 3];
    out.extend((body.len() as u16).to_be_bytes());
    out.extend_from_slice(body);
    out
}

fn client_hello() -> Vec<u8> {
    let name = b"mqtt.vendor.example";
    let mut extensions = vec![0, 0, 0, name.len() as u8 + 5, 0, name.len() as u8 + 3, 0, 0, name.len() as u8];
    extensions.extend_from_slice(name);
    extensions.extend([0, 43, 0, 3, 2, 3, 4]);
    let mut body = vec![3, 3];
    body.extend([7; 32]);
    body.extend([0, 0, 2, 0x13, 0x01, 1, 0]);
    body.extend((extensions.len() as u16).to_be_bytes());
    body.extend(extensions);
    let mut out = vec![1, 0, 0, body.len() as u8];
    out.extend(body);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capture_is_the_same_every_time_and_as_large_as_it_was_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        for kind in [Kind::Busy, Kind::Hostile] {
            let make = |name: &str| {
                let file = folder.path().join(name);
                let made = Capture::make(&file, kind, 400_000).unwrap();
                (made.packets, made.connections, std::fs::read(file).unwrap())
            };
            let (one, other) = (make("a"), make("b"));
            assert!(one == other && one.2.len() >= 400_000 && one.1 > 1);
        }
    }
}
