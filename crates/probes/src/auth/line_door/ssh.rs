//! SSH: key exchange and the list of methods first, then the password (RFC 4252, RFC 4256).

use std::time::Duration;

use model::ShortfallKind;
use wire::ssh::login::{Event, Login, Randomness};

use super::{closing, hear, none, opened, say, verdict_wait};
use crate::auth::door::{Door, Guess, Knock};
use crate::auth::session::{Dialogue, Hearing};
use crate::{Bench, LinkId};

/// A login in progress.
#[derive(Default)]
pub(in crate::auth) struct Ssh(Option<Login>);

/// Where the talk stands.
enum Stand {
    Asks,
    Over(Knock),
}

impl Dialogue for Ssh {
    fn open(&mut self, door: &Door, user: &str, bench: &mut dyn Bench) -> Result<LinkId, Knock> {
        let mut randomness = Randomness { cookie: [0; 16], secret: [0; 32] };
        bench.random(&mut randomness.cookie);
        bench.random(&mut randomness.secret);
        opened(door, bench, |link, bench| {
            let (mut login, first) = Login::new(user, randomness);
            say(link, &first, bench)?;
            let wait = bench.wait();
            match talk(&mut login, link, wait, bench)? {
                Stand::Asks => {
                    self.0 = Some(login);
                    Ok(())
                }
                Stand::Over(knock) => Err(knock),
            }
        })
    }

    fn give(&mut self, _: &Door, link: LinkId, guess: Guess<'_>, bench: &mut dyn Bench) -> Result<(), Knock> {
        let bytes = self.0.as_mut().and_then(|login| login.password(guess.secret.reveal()));
        // The bytes are encrypted, so the record shows no secret.
        bytes.map_or_else(
            || Err(none(ShortfallKind::Unsupported, "takes no password")),
            |bytes| say(link, &bytes, bench),
        )
    }

    fn hear(&mut self, link: LinkId, heard: Hearing<'_>, bench: &mut dyn Bench) -> Knock {
        let wait = verdict_wait(heard, bench);
        let unreadable = || none(ShortfallKind::Unreadable, "the login did not come to an end");
        closing(link, bench, |bench| match &mut self.0 {
            Some(login) => match talk(login, link, wait, bench)? {
                Stand::Over(knock) => Ok(knock),
                Stand::Asks => Err(unreadable()),
            },
            None => Err(unreadable()),
        })
    }
}

/// Talks until the server asks for a method or the login is over.
fn talk(login: &mut Login, link: LinkId, wait: Duration, bench: &mut dyn Bench) -> Result<Stand, Knock> {
    for _ in 0..200 {
        let heard = hear(link, wait, bench)?;
        let step = login.feed(&heard).map_err(|error| none(ShortfallKind::Unreadable, error.to_string()))?;
        if !step.send.is_empty() {
            say(link, &step.send, bench)?;
        }
        if let Some(stand) = step.events.into_iter().find_map(stand) {
            return Ok(stand);
        }
    }
    Err(none(ShortfallKind::Unreadable, "the login did not come to an end"))
}

fn stand(event: Event) -> Option<Stand> {
    Some(Stand::Over(match event {
        Event::Methods(_) => return Some(Stand::Asks),
        Event::Accepted { method: "none" } => Knock::Open("let in without any credential".to_owned()),
        Event::Accepted { method } => Knock::Accepted(format!("let in by {method}")),
        Event::PasswordExpired => Knock::Accepted("the password is right and has to be changed".to_owned()),
        Event::Refused { partial_success: true, .. } => {
            Knock::Accepted("the password is right; more is asked for".to_owned())
        }
        Event::Refused { method, .. } => Knock::Rejected(format!("{method} refused")),
        Event::NothingInCommon(what) => none(ShortfallKind::Unsupported, format!("no {what} in common")),
        Event::Disconnected(_, text) => {
            let text: String = text.chars().take(100).collect();
            none(ShortfallKind::Refused, format!("ended: {text}"))
        }
        _ => return None,
    }))
}
