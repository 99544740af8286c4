//! Protocols that speak in lines, with the logins they carry in clear: FTP (RFC 959), SMTP (RFC 5321, 4954), IMAP
//! (RFC 9051), POP3 (RFC 1939), Telnet (RFC 854), XMPP (RFC 6120) and Redis.

use super::{Listener, Side, Turn, bounded};
use crate::base64;
use crate::telnet::{Negotiator, Prompt, prompt};

const MOST_LINE: usize = 1024;

/// A connection.
#[derive(Debug)]
pub(super) struct Overheard {
    name: &'static str,
    client: Line,
    server: Line,
    waits: Waits,
    /// Text of a Telnet server since its last line, for the prompt in it.
    prompt: Vec<u8>,
}

#[derive(Debug, Default)]
struct Line {
    text: Vec<u8>,
    negotiator: Negotiator,
    /// After a gap: up to the end of the line nothing is read.
    lost: bool,
}

/// What the next line means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waits {
    Nothing,
    /// The client has asked for TLS.
    Secure,
    /// The client sends the name, then the secret, in base64.
    Name,
    Secret,
    /// The client sends name and secret in one, in base64.
    Plain,
}

impl Overheard {
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, client: Line::default(), server: Line::default(), waits: Waits::Nothing, prompt: Vec::new() }
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn gap(&mut self, from: Side) {
        let line = if from == Side::Client { &mut self.client } else { &mut self.server };
        line.text.clear();
        line.lost = true;
        self.waits = Waits::Nothing;
        self.prompt.clear();
    }

    pub(super) fn hear(&mut self, from: Side, bytes: &[u8], listener: &mut dyn Listener) -> Turn {
        let is_telnet = self.name == "telnet";
        let half = if from == Side::Client { &mut self.client } else { &mut self.server };
        let text = if is_telnet { half.negotiator.feed(bytes).text } else { bytes.to_vec() };
        if is_telnet && from == Side::Server {
            self.server_text(&text);
            return Turn::Stay;
        }
        let whole = text.len();
        for (at, byte) in text.into_iter().enumerate() {
            let half = if from == Side::Client { &mut self.client } else { &mut self.server };
            let ends = byte == b'\n' || is_telnet && byte == b'\r';
            if !ends {
                if half.text.len() < MOST_LINE {
                    half.text.push(byte);
                }
                continue;
            }
            let line = std::mem::take(&mut half.text);
            if std::mem::take(&mut half.lost) {
                continue;
            }
            let turn = match from {
                Side::Client => self.asked(line.trim_ascii(), listener),
                Side::Server => self.answered(line.trim_ascii()),
            };
            if let Turn::Anew(name, _) = turn {
                return Turn::Anew(name, whole - at - 1);
            }
        }
        // XMPP has no lines.
        if self.name == "xmpp"
            && from == Side::Server
            && crate::reader::find(&self.server.text, b"<proceed").is_some()
        {
            return Turn::Anew("xmpp", 0);
        }
        if self.name == "xmpp" {
            let half = if from == Side::Client { &mut self.client } else { &mut self.server };
            half.text.clear();
        }
        Turn::Stay
    }

    fn server_text(&mut self, text: &[u8]) {
        self.prompt.extend_from_slice(text);
        let keep = self.prompt.len().min(256);
        self.prompt.drain(..self.prompt.len() - keep);
    }

    fn asked(&mut self, line: &[u8], listener: &mut dyn Listener) -> Turn {
        let mut tell = |kind, place: &str, text: &[u8]| {
            if !text.is_empty() {
                listener.found(Side::Client, kind, place, bounded(text));
            }
        };
        let mut words = line.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
        if self.name == "telnet" {
            match prompt(&self.prompt) {
                Some(Prompt::Username) => tell("credential", "login", line),
                Some(Prompt::Password) => tell("credential", "password", line),
                _ => {}
            }
            // The answer to a prompt answers no further one. An empty line (the second half of a line end) does not.
            if !line.is_empty() {
                self.prompt.clear();
            }
            return Turn::Stay;
        }
        match std::mem::replace(&mut self.waits, Waits::Nothing) {
            Waits::Name if line != b"*" => {
                tell("credential", "AUTH user name", &base64::decode(line).unwrap_or_default());
                self.waits = Waits::Secret;
                return Turn::Stay;
            }
            Waits::Secret => tell("credential", "AUTH password", &base64::decode(line).unwrap_or_default()),
            Waits::Plain => tell("credential", "AUTH PLAIN", &plain(line)),
            _ => {}
        }
        let mut word = words.next().unwrap_or_default().to_ascii_uppercase();
        if self.name == "imap" {
            // A tag stands before the command.
            word = words.next().unwrap_or_default().to_ascii_uppercase();
        }
        let rest: Vec<&[u8]> = words.collect();
        let whole = rest.join(&b' ');
        match (self.name, word.as_slice()) {
            ("ftp" | "pop3", b"USER") => tell("credential", "USER", &whole),
            ("ftp" | "pop3", b"PASS") => tell("credential", "PASS", &whole),
            ("pop3", b"APOP") => tell("credential", "APOP", &whole),
            ("imap", b"LOGIN") => tell("credential", "LOGIN", &whole),
            ("redis", b"AUTH") => tell("credential", "AUTH", &whole),
            ("ftp", b"AUTH") | ("smtp" | "imap", b"STARTTLS") | ("pop3", b"STLS") => self.waits = Waits::Secure,
            ("smtp" | "pop3", b"AUTH") | ("imap", b"AUTHENTICATE") => {
                let method = rest.first().map(|word| word.to_ascii_uppercase()).unwrap_or_default();
                match (method.as_slice(), rest.get(1)) {
                    (b"PLAIN", Some(text)) => tell("credential", "AUTH PLAIN", &plain(text)),
                    (b"PLAIN", None) => self.waits = Waits::Plain,
                    (b"LOGIN", Some(name)) => {
                        tell("credential", "AUTH user name", &base64::decode(name).unwrap_or_default());
                        self.waits = Waits::Secret;
                    }
                    (b"LOGIN", None) => self.waits = Waits::Name,
                    (b"XOAUTH2" | b"OAUTHBEARER", Some(text)) => {
                        tell("token", "AUTH", &base64::decode(text).unwrap_or_default());
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        Turn::Stay
    }

    fn answered(&mut self, line: &[u8]) -> Turn {
        if self.waits != Waits::Secure {
            return Turn::Stay;
        }
        let agrees = match self.name {
            "ftp" => line.starts_with(b"234"),
            "smtp" => line.starts_with(b"220"),
            "pop3" => line.starts_with(b"+OK"),
            "imap" => line.split(|byte| *byte == b' ').nth(1).is_some_and(|word| word.eq_ignore_ascii_case(b"OK")),
            _ => false,
        };
        let goes_on = self.name == "imap" && line.starts_with(b"*");
        if !goes_on {
            self.waits = Waits::Nothing;
        }
        if agrees && !goes_on { Turn::Anew(self.name, 0) } else { Turn::Stay }
    }
}

/// Name and password of SASL PLAIN (RFC 4616), joined by colons.
fn plain(text: &[u8]) -> Vec<u8> {
    let mut bytes = base64::decode(text).unwrap_or_default();
    for byte in &mut bytes {
        if *byte == 0 {
            *byte = b':';
        }
    }
    bytes
}
