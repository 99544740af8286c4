//! FTP: USER, then PASS (RFC 959).

use std::time::Duration;

use model::ShortfallKind;
use wire::ftp::{Reply, command};

use super::{PATIENCE, closing, hear, none, opened, say, say_secret, verdict_wait};
use crate::auth::door::{Door, Guess, Knock};
use crate::auth::session::{Dialogue, Hearing};
use crate::{Bench, LinkId};

/// A conversation in progress: what was received and not yet read.
#[derive(Default)]
pub(in crate::auth) struct Ftp(Vec<u8>);

impl Dialogue for Ftp {
    fn open(&mut self, door: &Door, user: &str, bench: &mut dyn Bench) -> Result<LinkId, Knock> {
        opened(door, bench, |link, bench| {
            let wait = bench.wait() * PATIENCE;
            self.reply(link, wait, bench)?;
            say(link, &command("USER", user), bench)?;
            match self.reply(link, wait, bench)?.code {
                331 => Ok(()),
                230 => Err(Knock::Open(format!("230 to USER {user}, without a password"))),
                code => Err(by_code(code)),
            }
        })
    }

    fn give(&mut self, _: &Door, link: LinkId, guess: Guess<'_>, bench: &mut dyn Bench) -> Result<(), Knock> {
        let pass = command("PASS", guess.secret.reveal());
        say_secret(link, &pass, b"PASS (secret)\r\n", guess, bench)
    }

    fn hear(&mut self, link: LinkId, heard: Hearing<'_>, bench: &mut dyn Bench) -> Knock {
        let wait = verdict_wait(heard, bench);
        closing(link, bench, |bench| Ok(by_code(self.reply(link, wait, bench)?.code)))
    }
}

impl Ftp {
    fn reply(&mut self, link: LinkId, wait: Duration, bench: &mut dyn Bench) -> Result<Reply, Knock> {
        loop {
            match Reply::read(&self.0) {
                Ok(Some((reply, used))) => {
                    self.0.drain(..used);
                    return Ok(reply);
                }
                Ok(None) => self.0.extend(hear(link, wait, bench)?),
                Err(error) => return Err(none(ShortfallKind::Unreadable, error.to_string())),
            }
        }
    }
}

fn by_code(code: u16) -> Knock {
    let told_by = format!("reply {code}");
    match code {
        230 | 232 => Knock::Accepted(told_by),
        421 => Knock::Blocked { told_by, millis: None },
        // Not logged in (RFC 959); other errors are about the command, not the credential.
        430 | 530 => Knock::Rejected(told_by),
        _ => Knock::Unclear(told_by),
    }
}
