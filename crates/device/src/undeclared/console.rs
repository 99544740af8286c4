//! A debug console of the developers that was left open.

use std::net::TcpStream;

use super::converse;
use crate::label::FIRMWARE;

/// Serves one connection.
pub(crate) fn serve(stream: TcpStream) {
    let greeting = format!("LPC debug console, build {FIRMWARE}-dev\r\n> ");
    converse(stream, greeting.as_bytes(), |line| {
        let answer = match line {
            "quit" => return None,
            "help" => "help mem ver quit",
            "mem" => "free 11284 kB",
            "ver" => FIRMWARE,
            _ => "?",
        };
        Some(format!("{answer}\r\n> "))
    });
}
