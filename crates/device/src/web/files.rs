//! Public documents of the device by name.

use super::{Outcome, Turn};
use crate::faults::Fault;
use crate::http::Response;

const FILES: &[(&str, &str)] = &[
    ("manual.txt", "Lumen Plug Cam: plug in, scan the label, choose your own password.\n"),
    ("licences.txt", "This product contains open source software.\n"),
];

/// What lies outside the folder; invented, there is no file system behind it.
pub(super) const OUTSIDE: &[(&str, &str)] = &[
    ("etc/shadow", "root:$1$lumen$Zx0QzWmYc1b9dQnTq0vXe/:19000:0:99999:7:::\ndaemon:*:19000:0:99999:7:::\n"),
    ("etc/passwd", "root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1::/:/bin/false\n"),
];

/// What a database would have found for a name that becomes part of its question. Nothing is asked: only
/// `NAME' AND 'A'='B` is read, which is enough to show that the name reaches it.
fn asked(name: &str) -> Option<&'static str> {
    let (own, condition) = name.split_once("' AND '")?;
    let (left, right) = condition.split_once("'='")?;
    FILES.iter().find(|(known, _)| *known == own && left == right).map(|(_, text)| *text)
}

/// `GET /files?name=…`.
pub(super) fn download(turn: &mut Turn<'_>) -> Outcome {
    let name = turn.request.parameter("name").unwrap_or_default();
    let known = |list: &[(&str, &'static str)], name: &str| {
        list.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
    };
    if let Some(text) = known(FILES, name) {
        return Ok(Response::text(200, text));
    }
    if turn.plug.has(Fault::InputQuery)
        && let Some(text) = asked(name)
    {
        return Ok(Response::text(200, text));
    }
    if turn.plug.has(Fault::InputHeaderSplit)
        && let Some((_, line)) = name.split_once("\r\n")
    {
        return Ok(Response::error(404, "not found").with_line(line));
    }
    if name.is_empty() || name.contains(['/', '\\', '\0']) {
        let outside = if name.starts_with("../") || name.starts_with('/') {
            name.trim_start_matches(['.', '/'])
        } else {
            ""
        };
        return Ok(match known(OUTSIDE, outside) {
            Some(text) if turn.plug.has(Fault::PathTraversal) => Response::text(200, text),
            _ => Response::error(400, "name: a file name is expected"),
        });
    }
    Ok(Response::error(404, "not found"))
}
