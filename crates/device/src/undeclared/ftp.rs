//! FTP (RFC 959) for the user anonymous; the control connection only.

use std::net::TcpStream;

use super::converse;

/// Serves one connection.
pub(crate) fn serve(stream: TcpStream) {
    let mut anonymous = false;
    let mut inside = false;
    converse(stream, b"220 LPC-1 FTP server ready\r\n", |line| {
        let (verb, argument) = line.split_once(' ').unwrap_or((line, ""));
        let verb = verb.to_ascii_uppercase();
        let answer = match verb.as_str() {
            "USER" => {
                anonymous = ["anonymous", "ftp"].contains(&argument.to_ascii_lowercase().as_str());
                inside = false;
                "331 Please specify the password"
            }
            "PASS" if anonymous => {
                inside = true;
                "230 Login successful"
            }
            "PASS" => "530 Login incorrect",
            "QUIT" => return None,
            "SYST" => "215 UNIX Type: L8",
            _ if !inside => "530 Please login",
            "PWD" => "257 \"/\"",
            "SIZE" if argument == "config.bin" => "213 4096",
            _ => "502 Command not implemented",
        };
        Some(format!("{answer}\r\n"))
    });
}
