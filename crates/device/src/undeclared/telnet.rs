//! Telnet: a login that never succeeds, or a shell of root for everybody.

use std::net::TcpStream;

use super::converse;

/// WILL ECHO, WILL SUPPRESS-GO-AHEAD (RFC 857, RFC 858).
const NEGOTIATION: &[u8] = &[0xff, 0xfb, 0x01, 0xff, 0xfb, 0x03];

/// Asks for a name and a password and refuses both.
pub(crate) fn login(stream: TcpStream) {
    let greeting = [NEGOTIATION, b"\r\nLumen LPC-1\r\nlpc login: "].concat();
    let mut asked_password = false;
    let mut failed = 0;
    converse(stream, &greeting, |_| {
        asked_password = !asked_password;
        if asked_password {
            return Some("Password: ".to_owned());
        }
        failed += 1;
        (failed < 3).then(|| "\r\nLogin incorrect\r\nlpc login: ".to_owned())
    });
}

/// A shell without a password; answers a few commands with fixed text and executes nothing.
pub(crate) fn shell(stream: TcpStream) {
    let greeting = [NEGOTIATION, b"\r\nBusyBox v1.19.4 built-in shell (ash)\r\n\r\n# "].concat();
    converse(stream, &greeting, |line| {
        let answer = match line {
            "exit" => return None,
            "" => String::new(),
            "id" => "uid=0(root) gid=0(root)\r\n".to_owned(),
            "uname -a" => "Linux lpc 3.10.14 mips GNU/Linux\r\n".to_owned(),
            other => format!("-sh: {}: not found\r\n", other.split(' ').next().unwrap_or_default()),
        };
        Some(format!("{answer}# "))
    });
}
