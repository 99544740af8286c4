//! Requests at the wrong time: twice, before what has to come first, with a token that is used up or never was.

use serde_json::{Value, json};

use super::super::answer::Answer;
use super::form::Message;
use super::outcome::{Case, Finding};
use super::trial::{As, Left, Plain, Trial, with_given};
use super::violations::Violation;

impl Trial<'_, '_> {
    pub(super) fn order(&mut self, plain: &Plain) -> Result<(), Left> {
        match self.log.input.after.clone() {
            Some(before) => {
                let message = plain.form.message();
                let used =
                    self.filled(&before, &message, plain.who).map_err(|e| (e.shortfall(), e.to_string()))?;
                let is_given = used != message;
                let first = self.send(&plain.form.method, &used, plain.who);
                let first = first.map_err(|e| (e.shortfall(), e.to_string()))?;
                if first.status < 400 && self.log.input.once {
                    let name = if is_given { "stale-token" } else { "repeated" };
                    self.must_be_refused(plain, name, "what came before was used up", &used)?;
                } else if first.status < 400 {
                    self.again(plain, &used)?;
                }
                if is_given {
                    let mut random = [0; 16];
                    self.bench.random(&mut random);
                    let unknown = with_given(&message, &unknown(&message, &hex::encode(random)));
                    self.must_be_refused(plain, "unknown-token", "nobody gave this token", &unknown)
                } else {
                    self.must_be_refused(plain, "out-of-order", "nothing came before", &message)
                }
            }
            None => self.again(plain, &plain.form.message()),
        }
    }

    /// A well-formed request a second time, to the byte: it may do the same again, and must not break anything.
    fn again(&mut self, plain: &Plain, message: &Message) -> Result<(), Left> {
        let got = self.send(&plain.form.method, message, plain.who);
        if let Err(error) = &got
            && error.shortfall() == model::ShortfallKind::Limit
        {
            return Err((error.shortfall(), format!("repeated: {error}")));
        }
        let alive = got.as_ref().is_ok_and(|response| response.status < 500) || self.is_alive(plain);
        let got = got.map(|response| Answer::of(&response, &message.target));
        let got = got.map_err(|error| (error.shortfall(), error.to_string()));
        let violation = violation("repeated", "the well-formed request again");
        let mut case = Case { alive, ..Case::of("message", violation, got) };
        if case.got.as_ref().is_ok_and(|answer| answer.status < 400) {
            case.finding = Some((Finding::Harmless, "it does the same again".to_owned()));
        } else if !case.alive || case.got.as_ref().map_or(true, |answer| answer.status >= 500) {
            case.reproduction = self.told(&plain.form, message);
        }
        self.keep(plain, case).map(|_| ())
    }

    fn must_be_refused(&mut self, plain: &Plain, name: &str, shown: &str, message: &Message) -> Result<(), Left> {
        let got = self.send(&plain.form.method, message, plain.who);
        let alive = got.as_ref().is_ok_and(|response| response.status < 500) || self.is_alive(plain);
        let mut case = match got {
            Err(error) => Case::of("message", violation(name, shown), Err((error.shortfall(), error.to_string()))),
            Ok(response) => {
                Case::of("message", violation(name, shown), Ok(Answer::of(&response, &message.target)))
            }
        };
        case.alive = alive;
        if let Ok(answer) = &case.got
            && answer.is_success()
            && plain.who == As::Entitled
        {
            case.finding = Some((Finding::Taken, "it is taken all the same".to_owned()));
            case.reproduction = self.told(&plain.form, message);
        }
        self.keep(plain, case).map(|_| ())
    }
}

/// Every name that a message wants given, with a value that nobody gave.
fn unknown(message: &Message, value: &str) -> Value {
    let body = message.body.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
    let text = format!("{} {body}", message.target);
    let names = text.split("$after.").skip(1).map(|rest| {
        rest.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-')).next().unwrap_or_default().to_owned()
    });
    Value::Object(names.map(|name| (name, json!(value))).collect())
}

fn violation(name: &str, shown: &str) -> Violation {
    Violation::new(name, shown)
}
