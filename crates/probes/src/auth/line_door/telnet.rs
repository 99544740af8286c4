//! Telnet: prompts and lines (RFC 854).

use std::time::Duration;

use model::ShortfallKind;
use wire::telnet::{Negotiator, Prompt, prompt};

use super::{MOST, closing, hear, none, opened, say, say_secret, verdict_wait};
use crate::auth::door::{Door, Guess, Knock};
use crate::auth::session::{Dialogue, Hearing};
use crate::{Bench, LinkId};

/// A conversation in progress.
pub(in crate::auth) struct Telnet(Negotiator);

impl Default for Telnet {
    fn default() -> Self {
        Self(Negotiator::new())
    }
}

impl Dialogue for Telnet {
    fn open(&mut self, door: &Door, user: &str, bench: &mut dyn Bench) -> Result<LinkId, Knock> {
        opened(door, bench, |link, bench| {
            let wait = bench.wait();
            let (mut asked, _) = self.next(link, wait, bench)?;
            if asked == Prompt::Username {
                say(link, format!("{user}\r\n").as_bytes(), bench)?;
                asked = self.next(link, wait, bench)?.0;
            }
            match asked {
                Prompt::Password => Ok(()),
                Prompt::Shell => Err(Knock::Open("a command prompt without a password".to_owned())),
                Prompt::Username => Err(Knock::Unclear("asks for no password".to_owned())),
            }
        })
    }

    fn give(&mut self, _: &Door, link: LinkId, guess: Guess<'_>, bench: &mut dyn Bench) -> Result<(), Knock> {
        let line = format!("{}\r\n", guess.secret.reveal());
        say_secret(link, line.as_bytes(), b"(secret)\r\n", guess, bench)
    }

    fn hear(&mut self, link: LinkId, heard: Hearing<'_>, bench: &mut dyn Bench) -> Knock {
        let wait = verdict_wait(heard, bench);
        closing(link, bench, |bench| match self.next(link, wait, bench) {
            Ok((Prompt::Shell, text)) if !text.contains("incorrect") && !text.contains("denied") => {
                Ok(Knock::Accepted("a command prompt".to_owned()))
            }
            Ok(_) => Ok(Knock::Rejected("asked to log in again".to_owned())),
            Err(Knock::NoAnswer { kind: ShortfallKind::Refused, .. }) => {
                Ok(Knock::Rejected("the connection ended after the password".to_owned()))
            }
            Err(other) => Err(other),
        })
    }
}

impl Telnet {
    /// The next prompt and what was said before it.
    fn next(&mut self, link: LinkId, wait: Duration, bench: &mut dyn Bench) -> Result<(Prompt, String), Knock> {
        let mut text = Vec::new();
        loop {
            match prompt(&text) {
                // More may follow a prompt-like line of a banner; a prompt ends the text.
                Some(prompt) => return Ok((prompt, String::from_utf8_lossy(&text).to_lowercase())),
                None if text.len() > MOST => return Err(none(ShortfallKind::Unreadable, "no prompt")),
                None => {
                    let fed = self.0.feed(&hear(link, wait, bench)?);
                    if !fed.reply.is_empty() {
                        say(link, &fed.reply, bench)?;
                    }
                    text.extend(fed.text);
                }
            }
        }
    }
}
