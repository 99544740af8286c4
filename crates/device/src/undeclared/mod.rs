//! Services that run only because of a fault, one a file. None of them touches anything outside this process.

pub(crate) mod console;
pub(crate) mod ftp;
pub(crate) mod snmp;
pub(crate) mod telnet;
pub(crate) mod tftp;
pub(crate) mod ws_discovery;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

const IDLE: Duration = Duration::from_secs(10);
const MAX_LINE: usize = 256;
const MAX_LINES: usize = 50;

/// A conversation in lines: a greeting, then an answer to every line until `reply` gives none.
fn converse(mut stream: TcpStream, greeting: &[u8], mut reply: impl FnMut(&str) -> Option<String>) {
    let _ = stream.set_read_timeout(Some(IDLE));
    let _ = stream.set_write_timeout(Some(IDLE));
    if stream.write_all(greeting).is_err() {
        return;
    }
    for _ in 0..MAX_LINES {
        let Some(line) = read_line(&mut stream) else {
            return;
        };
        let Some(answer) = reply(&line) else {
            return;
        };
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// One line without its end; Telnet commands (RFC 854) inside it are skipped.
fn read_line(stream: &mut TcpStream) -> Option<String> {
    let mut line = Vec::new();
    let mut command_bytes = 0;
    while line.len() < MAX_LINE {
        let mut byte = [0];
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        match byte[0] {
            _ if command_bytes > 0 => command_bytes -= 1,
            0xff => command_bytes = 2,
            b'\n' => return Some(String::from_utf8_lossy(&line).trim().to_owned()),
            b'\r' | 0 => {}
            other => line.push(other),
        }
    }
    None
}
