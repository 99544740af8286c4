//! The timer that opens the relay, in two steps, and the daily schedule, a message in XML.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::files::OUTSIDE;
use super::{Outcome, Turn, input, session};
use crate::accounts::Role;
use crate::crew::lock;
use crate::faults::Fault;
use crate::http::Response;

/// The longest time that can be set: a day.
const MOST_MINUTES: i64 = 1440;

/// `GET /api/v1/timer`.
pub(super) fn read(turn: &mut Turn<'_>) -> Outcome {
    session::with_role(turn, Role::Admin)?;
    Ok(Response::json(200, &json!({ "minutes": lock(&turn.plug.settings).timer })))
}

/// `GET /api/v1/history?day=…`: when the relay was switched on a day of the year. Only with the fault.
pub(super) fn history(turn: &mut Turn<'_>) -> Outcome {
    session::with_role(turn, Role::Admin)?;
    match turn.request.parameter("day").unwrap_or("1").parse::<i64>() {
        Ok(1..=366) => Ok(Response::json(200, &json!([]))),
        Ok(_) => Err(input::wrong("day: from 1 to 366")),
        Err(_) => Ok(Response::text(500, "internal error")),
    }
}

/// `POST /api/v1/timer/begin`: the ticket for one change.
pub(super) fn begin(turn: &mut Turn<'_>) -> Outcome {
    session::admin(turn)?;
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|_| Response::error(503, "no randomness"))?;
    let ticket = URL_SAFE_NO_PAD.encode(random);
    *lock(&turn.plug.ticket) = Some(ticket.clone());
    Ok(Response::json(200, &json!({ "ticket": ticket })))
}

/// `POST /api/v1/timer`: the minutes, with the ticket.
pub(super) fn write(turn: &mut Turn<'_>) -> Outcome {
    session::admin(turn)?;
    let map = input::object(turn, &["ticket", "minutes"])?;
    let ticket = input::required(input::text(turn, &map, "ticket", 1..=64)?, "ticket")?;
    let any = turn.plug.has(Fault::InputRangeIgnored);
    let minutes = match map.get("minutes").and_then(Value::as_i64) {
        Some(minutes) if any || (0..=MOST_MINUTES).contains(&minutes) => minutes,
        _ => return Err(input::wrong("minutes: a whole number from 0 to 1440 is expected")),
    };
    if !turn.plug.has(Fault::TicketIgnored) {
        let mut given = lock(&turn.plug.ticket);
        if given.as_ref() != Some(&ticket) {
            return Err(Response::error(409, "begin anew").into());
        }
        if !turn.plug.has(Fault::TicketReused) {
            *given = None;
        }
    }
    lock(&turn.plug.settings).timer = minutes;
    Ok(Response::json(200, &json!({ "minutes": minutes })))
}

/// `GET /api/v1/schedule`.
pub(super) fn schedule(turn: &mut Turn<'_>) -> Outcome {
    session::with_role(turn, Role::Admin)?;
    Ok(shown(&lock(&turn.plug.settings).schedule))
}

/// `PUT /api/v1/schedule`: `<schedule><on>06:30</on><off>22:00</off></schedule>`.
pub(super) fn set_schedule(turn: &mut Turn<'_>) -> Outcome {
    session::admin(turn)?;
    if turn.request.content_type() != "application/xml" {
        return Err(Response::error(415, "send application/xml").into());
    }
    let wrong = || input::wrong("a schedule of two times is expected");
    let text = std::str::from_utf8(input::message(turn)?).map_err(|_| wrong())?;
    if turn.plug.has(Fault::InputEntity) && text.contains("SYSTEM \"file:///etc/passwd\"") && text.contains("&a;")
    {
        let accounts = OUTSIDE.iter().find(|(name, _)| *name == "etc/passwd").map_or("", |(_, text)| text);
        return Ok(Response::text(200, format!("not a time of day: {accounts}")));
    }
    let inner = text.trim().strip_prefix("<schedule><on>").and_then(|rest| rest.strip_suffix("</off></schedule>"));
    let (on, off) = inner.and_then(|inner| inner.split_once("</on><off>")).ok_or_else(wrong)?;
    if !is_time(on) || !is_time(off) {
        return Err(wrong());
    }
    let mut settings = lock(&turn.plug.settings);
    settings.schedule = [on.to_owned(), off.to_owned()];
    Ok(shown(&settings.schedule))
}

fn shown([on, off]: &[String; 2]) -> Response {
    Response::json(200, &json!({ "on": on, "off": off }))
}

/// `00:00` to `23:59`.
fn is_time(text: &str) -> bool {
    let (hours, minutes) = match text.as_bytes() {
        [a, b, b':', c, d] if [a, b, c, d].iter().all(|digit| digit.is_ascii_digit()) => {
            ((a - b'0') * 10 + (b - b'0'), (c - b'0') * 10 + (d - b'0'))
        }
        _ => return false,
    };
    hours < 24 && minutes < 60
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_are_told_from_other_text() {
        assert!(is_time("00:00") && is_time("23:59"));
        for bad in ["", "24:00", "12:60", "1:00", "12-00", "+1:00", "12:000"] {
            assert!(!is_time(bad), "{bad}");
        }
    }
}
