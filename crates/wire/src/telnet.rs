//! Telnet (RFC 854, RFC 855): takes the text out of a stream and refuses every option politely.
//!
//! Refusing all options leaves a plain line mode in which login prompts appear; only the server's echo and its
//! suppression of go-ahead are agreed to, because some devices wait for that.

const IAC: u8 = 255;
const WILL: u8 = 251;
const WONT: u8 = 252;
const DO: u8 = 253;
const DONT: u8 = 254;
const SUBNEGOTIATION: u8 = 250;
const END: u8 = 240;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    Command,
    Option(u8),
    Subnegotiation,
    SubnegotiationCommand,
}

/// What a feed led to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fed {
    /// Text received.
    pub text: Vec<u8>,
    /// Bytes to send back.
    pub reply: Vec<u8>,
}

/// One connection's negotiation.
#[derive(Debug, Clone, Default)]
pub struct Negotiator {
    state: State,
    answered: Vec<(u8, u8)>,
    negotiated: bool,
}

impl Negotiator {
    /// A negotiation at the start of a connection.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether any telnet command was seen: it is telnet and not mere text.
    #[must_use]
    pub fn has_negotiated(&self) -> bool {
        self.negotiated
    }

    /// Takes the next bytes received.
    pub fn feed(&mut self, received: &[u8]) -> Fed {
        let mut fed = Fed::default();
        for byte in received {
            self.state = match (self.state, *byte) {
                (State::Text, IAC) => State::Command,
                (State::Text, text) => {
                    fed.text.push(text);
                    State::Text
                }
                (State::Command, IAC) => {
                    fed.text.push(IAC);
                    State::Text
                }
                (State::Command, verb @ WILL..=DONT) => State::Option(verb),
                (State::Command, SUBNEGOTIATION) => State::Subnegotiation,
                (State::Command, _) => State::Text,
                (State::Option(verb), option) => {
                    self.answer(verb, option, &mut fed.reply);
                    State::Text
                }
                (State::Subnegotiation, IAC) => State::SubnegotiationCommand,
                (State::Subnegotiation, _) => State::Subnegotiation,
                (State::SubnegotiationCommand, END) => State::Text,
                (State::SubnegotiationCommand, _) => State::Subnegotiation,
            };
        }
        fed
    }

    /// Each request is answered once, so that two stubborn ends do not answer each other for ever.
    fn answer(&mut self, verb: u8, option: u8, reply: &mut Vec<u8>) {
        self.negotiated = true;
        if self.answered.contains(&(verb, option)) {
            return;
        }
        self.answered.push((verb, option));
        match (verb, option) {
            (WILL, 1 | 3) => reply.extend([IAC, DO, option]),
            (WILL, _) => reply.extend([IAC, DONT, option]),
            (DO, _) => reply.extend([IAC, WONT, option]),
            // WONT and DONT only confirm what holds anyway.
            _ => {}
        }
    }
}

/// What a server waits for at the end of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prompt {
    /// A user name.
    Username,
    /// A password.
    Password,
    /// A command: a shell without, or after, a login.
    Shell,
}

/// The prompt this text ends with, if any.
#[must_use]
pub fn prompt(text: &[u8]) -> Option<Prompt> {
    let text = String::from_utf8_lossy(text);
    let line = text.trim_end_matches(' ').rsplit(['\n', '\r']).next().unwrap_or_default();
    let lower = line.to_ascii_lowercase();
    match lower.chars().last()? {
        ':' | '>' if lower.contains("password") || lower.contains("passwd") => Some(Prompt::Password),
        ':' | '>'
            if ["login", "username", "user name", "user", "account"].iter().any(|word| lower.contains(word)) =>
        {
            Some(Prompt::Username)
        }
        '#' | '$' | '>' => Some(Prompt::Shell),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_refused_and_text_is_kept() {
        let mut negotiator = Negotiator::new();
        let fed = negotiator.feed(b"\xff\xfd\x18\xff\xfb\x01\xff\xfa\x18\x01\xff\xf0lamp login: ");
        assert_eq!(fed.text, b"lamp login: ");
        assert_eq!(fed.reply, [IAC, WONT, 0x18, IAC, DO, 1]);
        assert!(negotiator.has_negotiated());
    }

    #[test]
    fn a_command_cut_between_segments_is_joined() {
        let mut negotiator = Negotiator::new();
        assert_eq!(negotiator.feed(b"a\xff"), Fed { text: b"a".to_vec(), reply: vec![] });
        assert_eq!(negotiator.feed(b"\xfd"), Fed::default());
        assert_eq!(negotiator.feed(b"\x01b").reply, [IAC, WONT, 1]);
    }

    #[test]
    fn a_repeated_request_is_answered_once() {
        let mut negotiator = Negotiator::new();
        assert_eq!(negotiator.feed(&[IAC, DO, 1, IAC, DO, 1]).reply.len(), 3);
    }

    #[test]
    fn prompts_are_told_apart() {
        assert_eq!(prompt(b"Welcome\r\nlamp login: "), Some(Prompt::Username));
        assert_eq!(prompt(b"Password:"), Some(Prompt::Password));
        assert_eq!(prompt(b"BusyBox\r\n# "), Some(Prompt::Shell));
        assert_eq!(prompt(b"Login incorrect\r\n"), None);
    }

    #[test]
    fn no_bytes_make_the_negotiator_panic() {
        crate::hostile::survives(b"\xff\xfd\x18\xff\xfa\x18\x01\xff\xf0login: ", |bytes| {
            prompt(&Negotiator::new().feed(bytes).text)
        });
    }
}
