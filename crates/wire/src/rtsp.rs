//! RTSP requests and answers (RFC 2326): whether a camera tells its streams, and to whom.
//!
//! No media is set up or received. Digest and Basic are those of [`crate::http::auth`].

use crate::Malformed;
use crate::http::{Limits, Progress, Request, ResponseReader};

/// The request `OPTIONS`.
#[must_use]
pub fn options(url: &str, sequence: u32) -> Request {
    Request::new("OPTIONS", url).version("RTSP/1.0").header("CSeq", &sequence.to_string())
}

/// The request `DESCRIBE`; add an `Authorization` header to try credentials. Digest uses the method `DESCRIBE` and
/// this very `url` as its target.
#[must_use]
pub fn describe(url: &str, sequence: u32) -> Request {
    Request::new("DESCRIBE", url)
        .version("RTSP/1.0")
        .header("CSeq", &sequence.to_string())
        .header("Accept", "application/sdp")
}

/// Reads an answer piece by piece.
#[derive(Debug, Clone)]
pub struct AnswerReader(ResponseReader);

impl AnswerReader {
    /// A reader for one answer.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self(ResponseReader::new("DESCRIBE", limits).with_length_only())
    }

    /// Takes the next bytes received.
    ///
    /// # Errors
    /// When the bytes are no RTSP answer, or above the limits.
    pub fn feed(&mut self, received: &[u8]) -> Result<Progress, Malformed> {
        self.0.feed(received)
    }
}

/// The media a session description (RFC 8866) names: kind and control address.
#[must_use]
pub fn media(description: &str) -> Vec<(String, Option<String>)> {
    let mut found: Vec<(String, Option<String>)> = Vec::new();
    for line in description.lines().take(2000) {
        if let Some(media) = line.strip_prefix("m=") {
            found.push((media.split(' ').next().unwrap_or_default().to_owned(), None));
        } else if let (Some(control), Some(last)) = (line.strip_prefix("a=control:"), found.last_mut()) {
            last.1 = Some(control.trim().to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::auth;

    const REFUSED: &[u8] =
        b"RTSP/1.0 401 Unauthorized\r\nCSeq: 2\r\nWWW-Authenticate: Digest realm=\"cam\", nonce=\"abc\"\r\n\r\n";

    #[test]
    fn a_refusal_carries_its_challenge_and_ends_without_a_body() {
        let Progress::Done(response) = AnswerReader::new(Limits::default()).feed(REFUSED).unwrap() else {
            panic!()
        };
        assert_eq!(response.status, 401);
        let challenge = &auth::challenges(response.header("www-authenticate").unwrap())[0];
        assert_eq!(auth::DigestChallenge::read(challenge).unwrap().nonce, "abc");
    }

    #[test]
    fn requests_carry_their_sequence() {
        let bytes = options("rtsp://192.0.2.7/", 1).to_bytes();
        assert_eq!(bytes, b"OPTIONS rtsp://192.0.2.7/ RTSP/1.0\r\nCSeq: 1\r\n\r\n");
    }

    #[test]
    fn media_are_listed_with_their_control() {
        let found = media("v=0\r\nm=video 0 RTP/AVP 96\r\na=control:track1\r\nm=audio 0 RTP/AVP 0\r\n");
        assert_eq!(found, [("video".into(), Some("track1".into())), ("audio".into(), None)]);
    }

    #[test]
    fn no_bytes_make_the_reader_panic() {
        crate::hostile::survives(REFUSED, |bytes| AnswerReader::new(Limits::default()).feed(bytes));
    }
}
