//! Whether a wrong request gets past the login: without a credential, by a path that is written otherwise, by headers
//! that some servers trust.
//!
//! Who may use which function, and with which session, is asked elsewhere. Here the well-formed request of nobody is refused first, so that a
//! wrong one that gets the answer of the entitled subject has got past it.

use super::super::answer::Answer;
use super::form::{Message, path};
use super::outcome::{Case, Finding};
use super::trial::{As, Left, Plain, Trial};
use super::violations::Violation;

impl Trial<'_, '_> {
    pub(super) fn access(&mut self, plain: &Plain) -> Result<(), Left> {
        if plain.who != As::Entitled {
            if self.log.input.guarded {
                let answer = Answer::of(&plain.response, &plain.form.target);
                let why = "it is described to take a credential, and is carried out without one".to_owned();
                let case = Case::of("message", violation("no-session", "no credential"), Ok(answer));
                let reproduction = self.told(&plain.form, &plain.form.message());
                let finding = Some((Finding::Effect, why));
                self.keep(plain, Case { finding, reproduction, ..case })?;
            }
            return Ok(());
        }
        let entitled = Answer::of(&plain.response, &plain.form.target);
        if !entitled.is_success() {
            return Ok(());
        }
        let open =
            self.tried(plain, ("no-session", "no credential"), &plain.form.message(), self.log.input.guarded)?;
        if open {
            return Ok(());
        }
        for (name, shown, message) in hidden(&plain.form.message()) {
            if self.tried(plain, (name, &shown), &message, true)? {
                break;
            }
        }
        Ok(())
    }

    /// Sends as nobody. True where the answer is that of the entitled subject; a finding only where the
    /// request is known to take a credential.
    fn tried(
        &mut self,
        plain: &Plain,
        (name, shown): (&str, &str),
        message: &Message,
        is_guarded: bool,
    ) -> Result<bool, Left> {
        let got = self.once(&plain.form, message, As::Nobody);
        let entitled = Answer::of(&plain.response, &plain.form.target);
        let answer = match got {
            Ok(response) => Ok(Answer::of(&response, &message.target)),
            Err(error) if error.shortfall() == model::ShortfallKind::Limit => {
                return Err((error.shortfall(), format!("{name}: {error}")));
            }
            Err(error) => Err((error.shortfall(), error.to_string())),
        };
        let alive = answer.as_ref().is_ok_and(|answer| answer.status < 500) || self.is_alive(plain);
        let gets = answer.as_ref().is_ok_and(|answer| answer.is_success() && answer.is_like(&entitled));
        let mut case = Case { alive, ..Case::of("message", violation(name, shown), answer.clone()) };
        case.finding = match &answer {
            _ if gets && is_guarded => {
                case.reproduction = self.told(&plain.form, message);
                Some((Finding::Effect, "it gets the answer of the entitled subject".to_owned()))
            }
            // Nothing says that a credential is needed: that is no question of input.
            _ if gets => return Ok(true),
            Ok(answer) if answer.status >= 500 => None,
            Ok(answer) if answer.is_success() => {
                Some((Finding::Harmless, "it gets something else than the entitled subject".to_owned()))
            }
            Ok(_) => Some((Finding::Refused, "nobody gets past".to_owned())),
            Err(_) if alive => {
                Some((Finding::Refused, "the connection is closed, and the service lives".to_owned()))
            }
            Err(_) => None,
        };
        self.keep(plain, case)?;
        Ok(gets)
    }
}

/// The same request, written so that a guard and the function behind it may read it differently.
fn hidden(good: &Message) -> Vec<(&'static str, String, Message)> {
    let own = path(&good.target);
    let query = good.target.split_once('?').map(|(_, query)| format!("?{query}")).unwrap_or_default();
    let mut found = Vec::new();
    let escaped = own
        .char_indices()
        .find(|(_, c)| c.is_ascii_alphabetic())
        .map(|(at, c)| format!("{}%{:02x}{}", &own[..at], u32::from(c), &own[at + 1..]));
    let paths = [
        Some(format!("/{own}")),
        Some(format!("/.{own}")),
        escaped,
        Some(format!("{own}/")),
        Some(format!("{own};a=b")),
    ];
    for path in paths.into_iter().flatten() {
        let message = Message { target: format!("{path}{query}"), ..good.clone() };
        found.push(("hidden-path", path, message));
    }
    let headers = [("X-Original-URL", own), ("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-User", "admin")];
    for (name, value) in headers {
        let mut message = good.clone();
        message.headers.push((name.to_owned(), value.as_bytes().to_vec()));
        found.push(("hidden-path", format!("{name}: {value}"), message));
    }
    for media in ["text/plain", "application/x-www-form-urlencoded"] {
        let message = Message { media: media.to_owned(), ..good.clone() };
        if good.body.is_some() {
            found.push(("no-session-violation", media.to_owned(), message));
        }
    }
    found
}

fn violation(name: &str, shown: &str) -> Violation {
    let shown = wire::text::visible_str(shown, 80);
    Violation::new(name, shown)
}
