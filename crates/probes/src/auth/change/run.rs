//! Changing one credential, looking at what holds, and changing it back.

use std::time::Duration;

use model::ShortfallKind;
use wire::http::percent_encoded;

use super::super::door::{Control, Guess, Knock, control, knock};
use super::{ChangeLog, PlaceLog, Target, Why};
use crate::http::access::{Login, media_of};
use crate::http::answer::Answer;
use crate::http::session::{Session, place};
use crate::{Bench, Secret};

/// How often changing back is tried.
const MOST_TRIES: u32 = 3;
/// How long a login that is blocked is waited for, and how often: longer than the minute that blocks are let last.
const BLOCK_WAIT: Duration = Duration::from_secs(5);
const MOST_WAITS: u32 = 13;

pub(super) fn change(target: &Target, bench: &mut dyn Bench) -> ChangeLog {
    let log = ChangeLog {
        door: target.login.door.clone(),
        request: target.request.clone(),
        not_begun: None,
        answered: None,
        places: Vec::new(),
        session: None,
        restored: None,
    };
    let not_begun = |why: Why| ChangeLog { not_begun: Some(why), ..log.clone() };
    if !target.body.contains("{new}") || target.request.trim().split_once(char::is_whitespace).is_none() {
        return not_begun((ShortfallKind::Unsupported, "the request has no place for a new value".to_owned()));
    }
    let (other, acting) =
        match open(&target.login, bench).and_then(|other| Ok((other, open(&target.login, bench)?))) {
            Ok(sessions) => sessions,
            Err(why) => return not_begun(why),
        };
    let before = look(target, &other, bench);
    let fresh = fresh(&target.login.secret, bench);
    let escrow = escrow_name(target);
    if !bench.escrow(&escrow, fresh.reveal()) {
        let text = "there is no place to keep the new value in while it holds";
        return not_begun((ShortfallKind::Missing, text.to_owned()));
    }
    let mut run = Run { target, fresh, log };
    run.log.answered = Some(run.ask(&acting, &target.login.secret, &run.fresh, bench));
    if run.is_said_done() {
        run.log.session = before.map(|before| {
            let before = before?;
            if !before.is_success() {
                return Err((ShortfallKind::Missing, format!("before the change: {}", before.told())));
            }
            // There was an answer before, so there is a page to ask for.
            look(target, &other, bench).unwrap_or_else(|| Err(unanswered())).map(|after| (before, after))
        });
        run.log.places.push(run.at(&target.login, bench));
        for login in &target.also {
            let place = run.at(login, bench);
            run.log.places.push(place);
        }
    }
    let restored = run.restore(bench);
    if restored.is_ok() {
        bench.release_escrow(&escrow);
    }
    ChangeLog { restored: Some(restored), ..run.log }
}

fn unanswered() -> Why {
    (ShortfallKind::Missing, "no page is known that shows whether a session holds".to_owned())
}

/// How the file that keeps the new value is called.
fn escrow_name(target: &Target) -> String {
    format!("{} at {}", target.login.user, target.login.door.name())
}

struct Run<'a> {
    target: &'a Target,
    fresh: Secret,
    log: ChangeLog,
}

impl Run<'_> {
    fn is_said_done(&self) -> bool {
        matches!(&self.log.answered, Some(Ok(answer)) if answer.status < 400 && !answer.says_error)
    }

    /// Sends the request that changes one value into another.
    fn ask(&self, session: &Session, old: &Secret, new: &Secret, bench: &mut dyn Bench) -> Result<Answer, Why> {
        let (method, path) = self.target.request.trim().split_once(char::is_whitespace).unwrap_or_default();
        let body = filled(&self.target.body, &self.target.login.user, old.reveal(), new.reveal());
        let body = (media_of(body.as_bytes()), body.as_bytes());
        let (server, _) = place(&self.target.login.door);
        let written = |secret: &Secret| {
            let value = secret.reveal();
            [value.to_owned(), percent_encoded(value), quoted(value)]
        };
        let written = [written(old), written(new)].concat();
        let secrets: Vec<&str> = written.iter().map(String::as_str).collect();
        let response = session.send_hiding(&server, (method, path.trim()), body, &secrets, bench);
        response.map(|r| Answer::of(&r, path.trim())).map_err(|e| (e.shortfall(), e.to_string()))
    }

    /// What a door does with the new value, and then with the old one.
    fn at(&self, login: &Login, bench: &mut dyn Bench) -> PlaceLog {
        let door = &login.door;
        let spent = || Knock::NoAnswer {
            kind: ShortfallKind::Limit,
            told_by: "the allowance of wrong credentials is used up".to_owned(),
        };
        let mut place = PlaceLog { door: door.clone(), control: Control::none(), new: spent(), old: spent() };
        if !bench.attempt(&door.name()) {
            return place;
        }
        place.control = control(door, &login.user, bench);
        for is_new in [true, false] {
            // Either of the two may be the wrong one.
            if !bench.attempt(&door.name()) {
                break;
            }
            let secret = if is_new { &self.fresh } else { &login.secret };
            let guess = Guess { user: &login.user, secret, hidden: true, forwarded: None };
            let came = knock(door, guess, &place.control, bench);
            if matches!(came, Knock::Accepted(_)) {
                place.control.is_now_told_apart();
            }
            *(if is_new { &mut place.new } else { &mut place.old }) = came;
        }
        place
    }

    /// Makes the old value hold again, and shows that it does and that the new one does not.
    fn restore(&self, bench: &mut dyn Bench) -> Result<(), String> {
        let login = &self.target.login;
        let with_fresh = Login { secret: self.fresh.clone(), ..login.clone() };
        let mut last = String::new();
        for _ in 0..MOST_TRIES {
            // What the product said does not matter here: the new value is looked for first, as it may hold all the same.
            let holds = match self.log.places.first() {
                Some(place) => matches!(place.new, Knock::Accepted(_)) && last.is_empty(),
                None => false,
            };
            if !holds && open(login, bench).is_ok() {
                return self.is_gone(&with_fresh, bench);
            }
            let session = match open(&with_fresh, bench) {
                Ok(session) => session,
                Err((_, why)) => {
                    last = format!("neither value opens: {why}");
                    continue;
                }
            };
            last = match self.ask(&session, &self.fresh, &login.secret, bench) {
                Ok(answer) => format!("changing back was answered {}", answer.told()),
                Err((_, why)) => format!("changing back got no answer: {why}"),
            };
        }
        if open(login, bench).is_ok() {
            return self.is_gone(&with_fresh, bench);
        }
        Err(format!("the old value does not open; {last}"))
    }

    /// Whether the new value is refused, as it was before.
    fn is_gone(&self, with_fresh: &Login, bench: &mut dyn Bench) -> Result<(), String> {
        // It was never taken, so that there is nothing to show.
        let was_taken = self.log.places.first().is_some_and(|place| matches!(place.new, Knock::Accepted(_)));
        if !was_taken {
            return Ok(());
        }
        let door = &with_fresh.door;
        if !bench.attempt(&door.name()) {
            return Err(
                "the old value opens again; whether the new one does was not tried: no attempt was left".into()
            );
        }
        match Session::open(with_fresh, bench) {
            Err((ShortfallKind::Missing, _)) => Ok(()),
            Err((_, why)) => {
                Err(format!("the old value opens again; whether the new one does is not known: {why}"))
            }
            Ok(_) => Err("the new value still opens beside the old one".to_owned()),
        }
    }
}

/// The page of a target as this session sees it; none where there is no page.
fn look(target: &Target, session: &Session, bench: &mut dyn Bench) -> Option<Result<Answer, Why>> {
    let guarded = target.guarded.as_ref().filter(|_| session.is_handed_out())?;
    let response = session.send(&guarded.server, "GET", &guarded.path, None, bench);
    Some(response.map(|r| Answer::of(&r, &guarded.path)).map_err(|e| (e.shortfall(), e.to_string())))
}

/// Logs in; a block is waited for.
fn open(login: &Login, bench: &mut dyn Bench) -> Result<Session, Why> {
    let mut opened = Session::open(login, bench);
    for _ in 0..MOST_WAITS {
        match &opened {
            Err((ShortfallKind::Limit, _)) if bench.pause(BLOCK_WAIT) => opened = Session::open(login, bench),
            _ => break,
        }
    }
    opened
}

/// A value that nobody has, of the kind of the old one: digits for digits, else with letters of both cases, digits and a
/// sign, as rules for passwords ask for.
fn fresh(old: &Secret, bench: &mut dyn Bench) -> Secret {
    let old = old.reveal();
    let mut random = [0; 24];
    bench.random_secret(&mut random);
    let is_number = !old.is_empty() && old.bytes().all(|byte| byte.is_ascii_digit());
    let made = match is_number {
        true => random.iter().take(old.len()).map(|byte| char::from(b'0' + byte % 10)).collect(),
        false => {
            const SIGNS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz234567892";
            let rest: String =
                random.iter().take(16).map(|byte| char::from(SIGNS[usize::from(byte % 32)])).collect();
            format!("Kq7-{rest}")
        }
    };
    bench.conceal(made.as_bytes());
    Secret::new(made)
}

/// A value as it stands between the quotes of a JSON string.
fn quoted(value: &str) -> String {
    let quoted = serde_json::Value::String(value.to_owned()).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// The body with the values in their places, written as its form asks for.
fn filled(body: &str, user: &str, old: &str, new: &str) -> String {
    let is_json = body.trim_start().starts_with(['{', '[']);
    let written = |value: &str| match is_json {
        true => quoted(value),
        false => percent_encoded(value),
    };
    // One pass, so that a value that looks like a place is none.
    let (mut rest, mut out) = (body, String::new());
    while let Some(at) = rest.find('{') {
        let (before, behind) = rest.split_at(at);
        out += before;
        let place = [("{user}", user), ("{old}", old), ("{new}", new)];
        let (text, taken) = match place.iter().find(|(name, _)| behind.starts_with(name)) {
            Some((name, value)) => (written(value), name.len()),
            None => ("{".to_owned(), 1),
        };
        out += &text;
        rest = &behind[taken..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::filled;

    #[test]
    fn values_stand_in_their_places_as_the_form_of_the_body_asks() {
        let json = r#"{"current": "{old}", "new": "{new}", "of": {"user": "{user}"}}"#;
        assert_eq!(
            filled(json, "me", "a\"b", "{old}"),
            r#"{"current": "a\"b", "new": "{old}", "of": {"user": "me"}}"#
        );
        assert_eq!(filled("o={old}&n={new}", "me", "a&b", "c d"), "o=a%26b&n=c%20d");
    }
}
