//! The relay, and what the device tells about itself.

use serde_json::json;

use super::{Outcome, Turn, input, session};
use crate::accounts::Role;
use crate::crew::lock;
use crate::faults::Fault;
use crate::http::Response;

/// `GET /api/v1/info`.
pub(super) fn info(turn: &mut Turn<'_>) -> Outcome {
    session::with_role(turn, Role::Admin)?;
    let settings = lock(&turn.plug.settings);
    let label = &turn.plug.label;
    Ok(Response::json(
        200,
        &json!({
            "model": label.model,
            "serial": label.serial,
            "mac": label.mac,
            "firmware": settings.firmware,
            "update_available": turn.plug.updater.available(),
            "initialized": settings.initialized,
        }),
    ))
}

/// `GET /api/v1/state`.
pub(super) fn read(turn: &mut Turn<'_>) -> Outcome {
    if !turn.plug.has(Fault::StateUnauthenticated) {
        session::with_role(turn, Role::Guest)?;
    }
    Ok(relay(lock(&turn.plug.settings).relay))
}

/// `PUT /api/v1/state`.
pub(super) fn write(turn: &mut Turn<'_>) -> Outcome {
    if !turn.plug.has(Fault::StateUnauthenticated) {
        session::admin(turn)?;
    }
    let map = input::object(turn, &["relay"])?;
    let on = input::required(input::flag(turn, &map, "relay")?, "relay")?;
    lock(&turn.plug.settings).relay = on;
    Ok(relay(on))
}

fn relay(on: bool) -> Response {
    Response::json(200, &json!({ "relay": on }))
}
