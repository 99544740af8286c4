//! The words by which a conversation in clear turns into TLS: SMTP (RFC 3207), IMAP and POP3 (RFC 2595), FTP (RFC 4217).
//!
//! MQTT has no such words: it speaks TLS from the first byte, at a port of its own. No credential is ever given.

use crate::text::visible;

/// Lines of a server before the words are through; a chatty server is given up.
const MOST: usize = 16 * 1024;

/// A protocol that can turn to TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// SMTP.
    Smtp,
    /// IMAP.
    Imap,
    /// POP3.
    Pop3,
    /// FTP.
    Ftp,
}

impl Protocol {
    /// The protocol of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "smtp" => Self::Smtp,
            "imap" => Self::Imap,
            "pop3" => Self::Pop3,
            "ftp" => Self::Ftp,
            _ => return None,
        })
    }
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Wait for more bytes.
    Wait,
    /// Send this, then wait.
    Send(Vec<u8>),
    /// The next byte of either side is TLS.
    Ready,
    /// The server will not, in its own words.
    Refused(String),
}

/// One conversation up to TLS.
#[derive(Debug, Clone)]
pub struct StartTls {
    protocol: Protocol,
    heard: Vec<u8>,
    said: usize,
}

impl StartTls {
    /// A conversation at its start: the server speaks first.
    #[must_use]
    pub fn new(protocol: Protocol) -> Self {
        Self { protocol, heard: Vec::new(), said: 0 }
    }

    /// Takes what the server said.
    pub fn feed(&mut self, received: &[u8]) -> Step {
        self.heard.extend_from_slice(received);
        if self.heard.len() > MOST {
            return Step::Refused("it talks without end".to_owned());
        }
        let Some(answer) = self.answer() else { return Step::Wait };
        self.heard.clear();
        let words: &[&str] = match self.protocol {
            Protocol::Smtp => &["EHLO assay.invalid\r\n", "STARTTLS\r\n"],
            Protocol::Imap => &["a1 STARTTLS\r\n"],
            Protocol::Pop3 => &["STLS\r\n"],
            Protocol::Ftp => &["AUTH TLS\r\n"],
        };
        if !self.is_good(&answer) {
            return Step::Refused(visible(answer.as_bytes(), 80));
        }
        match words.get(self.said) {
            Some(word) => {
                self.said += 1;
                Step::Send(word.as_bytes().to_vec())
            }
            None => Step::Ready,
        }
    }

    /// The line that ends the answer, once it is there.
    fn answer(&self) -> Option<String> {
        let whole = self.heard.iter().rposition(|byte| *byte == b'\n')?;
        let text = String::from_utf8_lossy(&self.heard[..=whole]).into_owned();
        let mut lines = text.lines();
        match self.protocol {
            // Of several lines the last has a space behind the code.
            Protocol::Smtp | Protocol::Ftp => lines
                .find(|line| {
                    line.len() >= 3
                        && line.as_bytes()[..3].iter().all(u8::is_ascii_digit)
                        && line.as_bytes().get(3).is_none_or(|byte| *byte == b' ')
                })
                .map(str::to_owned),
            Protocol::Imap if self.said > 0 => lines.find(|line| line.starts_with("a1 ")).map(str::to_owned),
            Protocol::Imap | Protocol::Pop3 => lines.next().map(str::to_owned),
        }
    }

    fn is_good(&self, answer: &str) -> bool {
        let begins: &str = match (self.protocol, self.said) {
            (Protocol::Smtp, 1) => "250",
            (Protocol::Smtp, _) | (Protocol::Ftp, 0) => "220",
            (Protocol::Ftp, _) => "234",
            (Protocol::Imap, 0) => "* OK",
            (Protocol::Imap, _) => "a1 OK",
            (Protocol::Pop3, _) => "+OK",
        };
        answer.starts_with(begins)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn talk(protocol: Protocol, server: &[&str]) -> Vec<Step> {
        let mut talk = StartTls::new(protocol);
        server.iter().map(|line| talk.feed(line.as_bytes())).collect()
    }

    fn sends(text: &str) -> Step {
        Step::Send(text.as_bytes().to_vec())
    }

    #[test]
    fn each_protocol_comes_to_tls() {
        assert_eq!(
            talk(Protocol::Smtp, &["220 mail\r\n", "250-mail\r\n250-STARTTLS\r\n", "250 HELP\r\n", "220 go\r\n"]),
            [sends("EHLO assay.invalid\r\n"), Step::Wait, sends("STARTTLS\r\n"), Step::Ready]
        );
        assert_eq!(
            talk(Protocol::Imap, &["* OK [CAPABILITY STARTTLS] ready\r\n", "* x\r\na1 OK begin\r\n"]),
            [sends("a1 STARTTLS\r\n"), Step::Ready]
        );
        assert_eq!(talk(Protocol::Pop3, &["+OK ready\r\n", "+OK\r\n"]), [sends("STLS\r\n"), Step::Ready]);
        let ftp = talk(Protocol::Ftp, &["220-hello\r\n", "220 ready\r\n", "234 go\r\n"]);
        assert_eq!(ftp, [Step::Wait, sends("AUTH TLS\r\n"), Step::Ready]);
    }

    #[test]
    fn a_server_that_will_not_says_so() {
        let refused = talk(Protocol::Ftp, &["220 ready\r\n", "530 Please login with USER and PASS.\r\n"]);
        assert_eq!(refused[1], Step::Refused("530 Please login with USER and PASS.".to_owned()));
        assert!(matches!(talk(Protocol::Imap, &["* BYE\r\n"])[0], Step::Refused(_)));
    }

    #[test]
    fn no_bytes_make_it_panic_or_listen_for_ever() {
        let mut talk = StartTls::new(Protocol::Smtp);
        assert!(matches!(talk.feed(&[b'x'; 20_000]), Step::Refused(_)));
        for protocol in [Protocol::Smtp, Protocol::Imap, Protocol::Pop3, Protocol::Ftp] {
            let mut talk = StartTls::new(protocol);
            talk.feed(b"\xff\n22\n\xc3\xa9\xc3\xa9 \n");
        }
    }
}
