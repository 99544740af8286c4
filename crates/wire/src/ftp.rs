//! Replies of FTP (RFC 959 section 4.2), which SMTP (RFC 5321 section 4.2) shares.

use crate::Malformed;

const MOST_BYTES: usize = 64 * 1024;

/// A reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The code: 220 ready, 230 logged in, 331 password wanted, 530 not logged in.
    pub code: u16,
    /// Its lines without codes, hostile text.
    pub lines: Vec<String>,
}

impl Reply {
    /// Reads the first reply of `received` and says how many bytes it took; none while more are needed.
    ///
    /// # Errors
    /// When the bytes are no reply, or it does not end within 64 KiB.
    pub fn read(received: &[u8]) -> Result<Option<(Self, usize)>, Malformed> {
        let (mut at, mut lines, mut code) = (0, Vec::new(), None);
        while let Some(length) = received[at..].iter().position(|byte| *byte == b'\n') {
            let line = received[at..at + length].trim_ascii_end();
            at += length + 1;
            let own = line.first_chunk::<3>().filter(|digits| digits.iter().all(u8::is_ascii_digit));
            let own_code =
                own.map(|digits| digits.iter().fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0')));
            let separator = line.get(3).copied().unwrap_or(b' ');
            let text = |from: usize| String::from_utf8_lossy(line.get(from..).unwrap_or_default()).into_owned();
            match (code, own_code, separator) {
                (None, Some(first), b' ') => return Ok(Some((Self { code: first, lines: vec![text(4)] }, at))),
                (None, Some(first), b'-') => {
                    code = Some(first);
                    lines.push(text(4));
                }
                (None, ..) => return Err(Malformed::Invalid("ftp reply")),
                (Some(code), Some(last), b' ') if last == code => {
                    lines.push(text(4));
                    return Ok(Some((Self { code, lines }, at)));
                }
                (Some(code), Some(same), b'-') if same == code => lines.push(text(4)),
                (Some(_), ..) => lines.push(text(0)),
            }
            if at > MOST_BYTES {
                return Err(Malformed::TooLarge("ftp reply"));
            }
        }
        if received.len() > MOST_BYTES {
            return Err(Malformed::TooLarge("ftp reply"));
        }
        Ok(None)
    }
}

/// A command line; line ends inside are left out.
#[must_use]
pub fn command(verb: &str, argument: &str) -> Vec<u8> {
    let line = if argument.is_empty() { verb.to_owned() } else { format!("{verb} {argument}") };
    format!("{}\r\n", line.replace(['\r', '\n'], "")).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_of_one_and_several_lines_are_read() {
        let bytes = b"220-Hello\r\n230 not yet\r\n220-more\r\n220 ready\r\n331 pw\r\n";
        let (reply, used) = Reply::read(bytes).unwrap().unwrap();
        assert_eq!((reply.code, used), (220, bytes.len() - 8));
        assert_eq!(reply.lines, ["Hello", "230 not yet", "more", "ready"]);
        assert_eq!(Reply::read(&bytes[used..]).unwrap().unwrap().0.code, 331);
    }

    #[test]
    fn an_unfinished_reply_waits_and_another_protocol_is_refused() {
        assert_eq!(Reply::read(b"220-Hello\r\n"), Ok(None));
        assert!(Reply::read(b"SSH-2.0-x\r\n").is_err());
    }

    #[test]
    fn a_command_is_one_line() {
        assert_eq!(command("USER", "a\r\nDELE x"), b"USER aDELE x\r\n");
    }

    #[test]
    fn no_bytes_make_the_reader_panic() {
        crate::hostile::survives(b"220-Hello\r\n220 ready\r\n", Reply::read);
    }
}
