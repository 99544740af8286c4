//! The smallest request that was found to do the same as a wrong input did: other fields left out, a long value
//! halved, as long as the result stays.
//!
//! A request that brought the service down is told as it was sent: striking again would only bring it down again.

use wire::text::visible;

use super::form::{Field, Form, Message, Payload};
use super::outcome::{Case, judge};
use super::trial::{Left, Plain, Trial};
use super::violations::violations;

/// Requests that may be spent on one finding.
const MOST_TRIES: usize = 16;
/// Characters of a request that are told: it is to be sent again, so that it is not cut where it need not be.
const SHOWN: usize = 8192;

impl Trial<'_, '_> {
    /// The smallest request that leads to the same result, told in one line. `which` is the number of the violation at
    /// its field and the factors it was made with.
    pub(super) fn minimised(
        &mut self,
        plain: &Plain,
        field: &Field,
        which: (usize, (u64, u64)),
        case: &Case,
        message: &Message,
    ) -> Result<String, Left> {
        let (wanted, _) = judge(case);
        let limits = self.log.input.limits.clone();
        let (mut form, mut best, mut tries) = (plain.form.clone(), message.clone(), 0);
        for name in others(&plain.form, field) {
            let Some(smaller) = form.without(&name).filter(|_| tries < MOST_TRIES) else { continue };
            let (number, numbers) = which;
            let Some((violation, message)) = violations(field, &smaller, &limits, numbers).into_iter().nth(number)
            else {
                continue;
            };
            if violation.name != case.violation.name {
                continue;
            }
            tries += 1;
            if self.does_the_same(plain, field, (&case.violation, wanted), &message)? {
                (form, best) = (smaller, message);
            }
        }
        while case.violation.is_too_much() && tries < MOST_TRIES {
            let Some(message) = halved(&best) else { break };
            tries += 1;
            if !self.does_the_same(plain, field, (&case.violation, wanted), &message)? {
                break;
            }
            best = message;
        }
        Ok(self.told(&form, &best))
    }

    fn does_the_same(
        &mut self,
        plain: &Plain,
        field: &Field,
        (violation, wanted): (&super::violations::Violation, &str),
        message: &Message,
    ) -> Result<bool, Left> {
        let case = self.case(plain, field, violation.clone(), message)?;
        Ok(case.alive && judge(&case).0 == wanted)
    }

    /// A request in one line, repeated characters counted: what somebody has to send to see the same.
    pub(super) fn told(&self, form: &Form, message: &Message) -> String {
        let mut told = format!("{} {}", form.method, counted(message.target.as_bytes()));
        for (name, value) in &message.headers {
            told += &format!(" | {name}: {}", counted(value));
        }
        if let Some(body) = &message.body {
            told += &format!(" | {} | {}", message.media, counted(body));
        }
        wire::text::visible_str(&told, SHOWN)
    }
}

/// Names at the top of the message other than the one of this field.
fn others(form: &Form, field: &Field) -> Vec<String> {
    let own = match field {
        Field::Body(path) => path.first().cloned(),
        Field::Whole => return Vec::new(),
        _ => None,
    };
    let names: Vec<String> = match &form.payload {
        Payload::Json(serde_json::Value::Object(fields)) => fields.keys().cloned().collect(),
        Payload::Form(pairs) => pairs.iter().map(|(name, _)| name.clone()).collect(),
        _ => Vec::new(),
    };
    names.into_iter().filter(|name| Some(name) != own.as_ref()).collect()
}

/// Runs of one byte at least so long are halved and counted.
const RUN: usize = 12;

/// The message with its long runs of one byte half as long; none where there is none.
fn halved(message: &Message) -> Option<Message> {
    let shorter = |bytes: &[u8]| {
        let runs =
            runs(bytes).into_iter().map(|(byte, count)| (byte, if count >= RUN { count / 2 } else { count }));
        runs.flat_map(|(byte, count)| std::iter::repeat_n(byte, count)).collect::<Vec<u8>>()
    };
    let target = String::from_utf8(shorter(message.target.as_bytes())).ok()?;
    let headers = message.headers.iter().map(|(name, value)| (name.clone(), shorter(value))).collect();
    let body = message.body.as_deref().map(shorter);
    let smaller = Message { target, headers, body, media: message.media.clone() };
    (smaller != *message).then_some(smaller)
}

fn runs(bytes: &[u8]) -> Vec<(u8, usize)> {
    let mut runs: Vec<(u8, usize)> = Vec::new();
    for byte in bytes {
        match runs.last_mut() {
            Some((own, count)) if own == byte => *count += 1,
            _ => runs.push((*byte, 1)),
        }
    }
    runs
}

fn counted(bytes: &[u8]) -> String {
    let mut told = String::new();
    let mut plain: Vec<u8> = Vec::new();
    for (byte, count) in runs(bytes) {
        if count < RUN {
            plain.extend(std::iter::repeat_n(byte, count));
            continue;
        }
        told += &visible(&plain, SHOWN);
        plain.clear();
        told += &format!("[{count} times {}]", visible(&[byte], 8));
    }
    told + &visible(&plain, SHOWN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_runs_are_halved_and_counted() {
        let body = [b"{\"a\":\"".as_slice(), &[b'A'; 64], b"\"}"].concat();
        let message = Message { target: "/x".to_owned(), body: Some(body), ..Message::default() };
        assert_eq!(counted(message.body.as_deref().unwrap()), "{\"a\":\"[64 times A]\"}");
        let smaller = halved(&message).unwrap();
        assert_eq!(counted(smaller.body.as_deref().unwrap()), "{\"a\":\"[32 times A]\"}");
        assert_eq!(halved(&Message { target: "/x".to_owned(), ..Message::default() }), None);
    }
}
