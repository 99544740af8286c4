//! Reading a JSON message strictly: size, media type, known fields, types, lengths. Messages name no internals.

use serde_json::{Map, Value};

use super::Turn;
use crate::faults::Fault;
use crate::http::{Body, Reply, Response};

/// Largest JSON message or form.
pub(super) const MAX_MESSAGE: usize = 4096;

/// The bytes of a message, when they are not too many.
pub(super) fn message<'a>(turn: &Turn<'a>) -> Result<&'a [u8], Reply> {
    match &turn.request.body {
        Body::Whole(bytes) if bytes.len() <= MAX_MESSAGE => Ok(bytes),
        _ if turn.plug.has(Fault::InputOversizeCrash) => {
            turn.plug.fall_sick();
            Err(Reply::Drop)
        }
        _ => Err(Response::error(413, "message too large").into()),
    }
}

/// The JSON object of the request; every field has to be one of `known`.
pub(super) fn object(turn: &Turn<'_>, known: &[&str]) -> Result<Map<String, Value>, Reply> {
    if turn.request.content_type() != "application/json" {
        return Err(Response::error(415, "send application/json").into());
    }
    object_of_any_type(turn, known)
}

/// As [`object`], without looking at the media type.
pub(super) fn object_of_any_type(turn: &Turn<'_>, known: &[&str]) -> Result<Map<String, Value>, Reply> {
    let bytes = message(turn)?;
    if turn.plug.has(Fault::InputNestingCrash)
        && bytes.windows(100).any(|run| run.iter().all(|byte| *byte == b'['))
    {
        turn.plug.fall_sick();
        return Err(Reply::Drop);
    }
    if turn.plug.has(Fault::InputTextError) && std::str::from_utf8(bytes).is_err() {
        return Err(Response::text(500, "internal error").into());
    }
    let value = serde_json::from_slice(bytes).map_err(|_| wrong("not a JSON message"))?;
    let text = String::from_utf8_lossy(bytes);
    let twice = |name: &str| text.matches(&format!("\"{name}\":")).count() > 1;
    if turn.plug.has(Fault::InputDuplicateError) && known.iter().any(|name| twice(name)) {
        return Err(Response::text(500, "internal error").into());
    }
    let Value::Object(map) = value else {
        return Err(confused(turn, "a JSON object is expected"));
    };
    if map.keys().any(|key| !known.contains(&key.as_str())) {
        return Err(wrong("unknown field"));
    }
    Ok(map)
}

/// A text of so many characters; `None` when the field is absent.
pub(super) fn text(
    turn: &Turn<'_>,
    map: &Map<String, Value>,
    field: &str,
    length: std::ops::RangeInclusive<usize>,
) -> Result<Option<String>, Reply> {
    match map.get(field) {
        None => Ok(None),
        Some(Value::String(text))
            if length.contains(&text.chars().count()) && !text.contains(char::is_control) =>
        {
            Ok(Some(text.clone()))
        }
        Some(Value::String(_)) => Err(wrong(&format!("{field}: length or characters not allowed"))),
        Some(_) => Err(confused(turn, &format!("{field}: a text is expected"))),
    }
}

/// True or false; `None` when the field is absent.
pub(super) fn flag(turn: &Turn<'_>, map: &Map<String, Value>, field: &str) -> Result<Option<bool>, Reply> {
    match map.get(field) {
        None => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(_) => Err(confused(turn, &format!("{field}: true or false is expected"))),
    }
}

/// The field has to be there.
pub(super) fn required<T>(value: Option<T>, field: &str) -> Result<T, Reply> {
    value.ok_or_else(|| wrong(&format!("{field}: missing")))
}

pub(super) fn wrong(message: &str) -> Reply {
    Response::error(400, message).into()
}

/// A value of an unexpected type: refused, or with the fault an internal error shown with its inner parts.
fn confused(turn: &Turn<'_>, message: &str) -> Reply {
    if !turn.plug.has(Fault::InputTypeConfusion) {
        return wrong(message);
    }
    let trace = "Traceback (most recent call last):\n  \
                 File \"/opt/lumen/api/handlers.py\", line 218, in dispatch\n    \
                 value = body[field].strip()\n\
                 AttributeError: 'int' object has no attribute 'strip'\n";
    Response::text(500, trace).into()
}
