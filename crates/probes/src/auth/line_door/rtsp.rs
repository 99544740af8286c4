//! RTSP: a description is asked for, first without and then with a credential (RFC 2326, RFC 7616).

use std::time::Duration;

use model::ShortfallKind;
use wire::http::auth::{DigestChallenge, DigestUse, basic, challenges};
use wire::http::{Limits, Progress, Response};
use wire::rtsp::{AnswerReader, describe};

use super::{PATIENCE, closing, hear, none, opened, say, say_secret, verdict_wait};
use crate::auth::door::{Door, Guess, Knock};
use crate::auth::session::{Dialogue, Hearing};
use crate::{Bench, LinkId};

/// What the stream asked for.
#[derive(Default)]
pub(in crate::auth) struct Rtsp {
    url: String,
    asks: Option<Asks>,
}

enum Asks {
    Digest { challenge: DigestChallenge, client_nonce: String },
    Basic,
}

impl Dialogue for Rtsp {
    fn open(&mut self, door: &Door, _: &str, bench: &mut dyn Bench) -> Result<LinkId, Knock> {
        self.url = format!("rtsp://{}{}", door.server().authority(), door.path_or_root());
        opened(door, bench, |link, bench| {
            say(link, &describe(&self.url, 1).to_bytes(), bench)?;
            let wait = bench.wait() * PATIENCE;
            let first = answer(link, wait, bench)?;
            if first.status == 200 {
                return Err(Knock::Open("the stream is described without a password".to_owned()));
            }
            let offered: Vec<_> = first.headers_named("www-authenticate").flat_map(challenges).collect();
            if let Some(challenge) = offered.iter().find_map(DigestChallenge::read) {
                let mut nonce = [0; 8];
                bench.random(&mut nonce);
                self.asks = Some(Asks::Digest { challenge, client_nonce: hex::encode(nonce) });
            } else if offered.iter().any(|c| c.is("Basic")) {
                self.asks = Some(Asks::Basic);
            } else {
                return Err(Knock::Unclear(format!("status {} without a challenge", first.status)));
            }
            Ok(())
        })
    }

    fn give(&mut self, _: &Door, link: LinkId, guess: Guess<'_>, bench: &mut dyn Bench) -> Result<(), Knock> {
        let (user, secret) = (guess.user, guess.secret.reveal());
        let value = match &self.asks {
            Some(Asks::Digest { challenge, client_nonce }) => challenge.answer(&DigestUse {
                username: user,
                password: secret,
                method: "DESCRIBE",
                target: &self.url,
                client_nonce,
                count: 1,
            }),
            Some(Asks::Basic) | None => basic(user, secret),
        };
        let request = describe(&self.url, 2).header("Authorization", &value).to_bytes();
        say_secret(link, &request, b"DESCRIBE (secret)", guess, bench)
    }

    fn hear(&mut self, link: LinkId, heard: Hearing<'_>, bench: &mut dyn Bench) -> Knock {
        let wait = verdict_wait(heard, bench);
        closing(link, bench, |bench| Ok(verdict(&answer(link, wait, bench)?)))
    }
}

fn verdict(response: &Response) -> Knock {
    let told_by = format!("status {}", response.status);
    match response.status {
        401 => Knock::Rejected(told_by),
        423 | 429 | 453 | 503 => match retry_after(response) {
            Some(seconds) => Knock::Blocked {
                told_by: format!("{told_by}, Retry-After {seconds} s"),
                millis: Some(seconds.saturating_mul(1000)),
            },
            None => Knock::Blocked { told_by, millis: None },
        },
        200..=299 => Knock::Accepted(told_by),
        _ => Knock::Unclear(told_by),
    }
}

/// When to come back, in seconds (RFC 7826 section 18.41); a date is not read.
fn retry_after(response: &Response) -> Option<u64> {
    response.header("retry-after")?.trim().parse().ok()
}

fn answer(link: LinkId, wait: Duration, bench: &mut dyn Bench) -> Result<Response, Knock> {
    let mut reader = AnswerReader::new(Limits::default());
    loop {
        match reader.feed(&hear(link, wait, bench)?) {
            Ok(Progress::Done(response)) => return Ok(response),
            Ok(Progress::NeedMore) => {}
            Err(error) => return Err(none(ShortfallKind::Unreadable, error.to_string())),
        }
    }
}
