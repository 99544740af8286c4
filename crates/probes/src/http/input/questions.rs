//! Questions that take more than one request: whether a database answers yes and no, and whether something waits.
//!
//! Each is asked again with other numbers and beside a control before it counts.

use super::super::answer::Answer;
use super::canaries::{delays, pairs};
use super::form::{Field, Payload};
use super::outcome::{Case, Finding};
use super::trial::{Left, Plain, Trial};
use super::violations::{Violation, written};
use model::ShortfallKind;

/// Seconds that something is asked to wait.
const SECONDS: u32 = 2;
/// Milliseconds from which an answer counts as kept waiting, and below which it does not.
const SLOW: u64 = 1700;
const QUICK: u64 = 900;

impl Trial<'_, '_> {
    /// Asks at one field, where that is a text.
    pub(super) fn questions(&mut self, plain: &Plain, field: &Field) -> Result<(), Left> {
        let is_text = match (field, &plain.form.payload) {
            (Field::Whole, _) => false,
            (Field::Body(names), Payload::Json(example)) => {
                let own = names.iter().try_fold(example, |value, name| value.get(name));
                own.is_some_and(serde_json::Value::is_string)
            }
            _ => true,
        };
        if !is_text {
            return Ok(());
        }
        let own = plain.form.own_text(field);
        if plain.form.method == "GET" && matches!(field, Field::Query(_) | Field::Path(..)) {
            self.ask_a_database(plain, field, &own)?;
        }
        self.ask_to_wait(plain, field, &own)
    }

    /// Yes has to be answered as the well-formed value is, no and a broken question otherwise; twice.
    fn ask_a_database(&mut self, plain: &Plain, field: &Field, own: &str) -> Result<(), Left> {
        let plain_answer = Answer::of(&plain.response, &plain.form.target);
        let mut last = None;
        for form in 0..2 {
            let mut rounds = 0;
            for _ in 0..2 {
                let numbers = (self.factor(), self.factor().wrapping_add(5000));
                let [yes, no, broken] = pairs(own, numbers).swap_remove(form);
                let mut like = |trial: &mut Self, value: &str| -> Result<bool, Left> {
                    let Some(message) = written(field, &plain.form, value.as_bytes()) else { return Ok(false) };
                    let got = trial.once(&plain.form, &message, plain.who);
                    let answer = got.map(|response| Answer::of(&response, &message.target));
                    let is_like = answer
                        .as_ref()
                        .is_ok_and(|answer| answer.status == plain_answer.status && answer.is_like(&plain_answer));
                    last = Some((value.to_owned(), message, answer.map_err(|e| (e.shortfall(), e.to_string()))));
                    Ok(is_like)
                };
                let holds = like(self, &yes)? && !like(self, &no)? && !like(self, &broken)?;
                rounds += usize::from(holds);
                if !holds {
                    break;
                }
            }
            let Some((value, message, got)) = last.take() else { return Ok(()) };
            let taken = rounds == 2;
            let violation = violation("query-canary", &value);
            let finding = match taken {
                true => (
                    Finding::Effect,
                    "a database answered a question put into the value: yes as the value alone, no and a broken one otherwise, twice",
                ),
                false => (Finding::Harmless, "yes and no are answered alike"),
            };
            let reproduction = if taken { self.told(&plain.form, &message) } else { String::new() };
            let finding = Some((finding.0, finding.1.to_owned()));
            let case = Case { finding, reproduction, ..Case::of(&field.name(), violation, got) };
            if self.keep(plain, case)? {
                break;
            }
        }
        Ok(())
    }

    /// A wait that was asked for has to come, twice, and not to come where no time is asked for.
    fn ask_to_wait(&mut self, plain: &Plain, field: &Field, own: &str) -> Result<(), Left> {
        if plain.millis > QUICK / 2 {
            // Who is slow by itself cannot be seen to wait.
            let text = format!(
                "{}: whether something can be made to wait is not asked: the plain answer takes {} ms",
                field.name(),
                plain.millis
            );
            self.log.missed.push((ShortfallKind::Silence, text));
            return Ok(());
        }
        for (number, value) in delays(own, SECONDS).into_iter().enumerate() {
            let Some(message) = written(field, &plain.form, value.as_bytes()) else { continue };
            let mut case = self.case(plain, field, violation("delay-canary", &value), &message)?;
            if is_slow(&case, self.millis) && case.alive {
                let again = (|| {
                    let control = delays(own, 0).swap_remove(number);
                    let control = written(field, &plain.form, control.as_bytes())?;
                    Some((control, message.clone()))
                })();
                let Some((control, message)) = again else { continue };
                let quick = self.case(plain, field, violation("delay-canary", "0 seconds"), &control)?;
                let quick = quick.got.is_ok() && self.millis < QUICK;
                let second = self.case(plain, field, violation("delay-canary", &value), &message)?;
                if quick && is_slow(&second, self.millis) {
                    let why = "it waited as asked, twice, and not where 0 seconds were asked for";
                    case.finding = Some((Finding::Effect, why.to_owned()));
                    case.reproduction = self.told(&plain.form, &message);
                }
            }
            if self.keep(plain, case)? {
                break;
            }
        }
        Ok(())
    }
}

fn is_slow(case: &Case, millis: u64) -> bool {
    millis >= SLOW || matches!(case.got, Err((ShortfallKind::Silence, _)))
}

fn violation(name: &str, value: &str) -> Violation {
    let shown = wire::text::visible_str(value, 80);
    Violation::new(name, shown)
}
