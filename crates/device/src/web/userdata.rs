//! The data of the user: reading it and erasing it, with a confirmation (provisions 5.11-1 and 5.11-4).

use serde_json::{Value, json};

use super::{Outcome, Turn, session};
use crate::accounts::Role;
use crate::crew::lock;
use crate::faults::Fault;
use crate::http::Response;

/// `GET /api/v1/userdata`.
pub(super) fn read(turn: &mut Turn<'_>) -> Outcome {
    if !turn.plug.has(Fault::UserdataUnauthenticated) {
        session::with_role(turn, Role::Admin)?;
    }
    let records: Vec<Value> = lock(&turn.plug.settings)
        .userdata
        .iter()
        .map(|record| json!({ "kind": record.kind, "value": record.value }))
        .collect();
    Ok(Response::json(200, &json!({ "records": records })))
}

/// `DELETE /api/v1/userdata`.
pub(super) fn erase(turn: &mut Turn<'_>) -> Outcome {
    session::admin(turn)?;
    let mut settings = lock(&turn.plug.settings);
    let erased = settings.userdata.len();
    if !turn.plug.has(Fault::UserdataKept) {
        settings.userdata.clear();
    }
    Ok(Response::json(200, &json!({ "result": "erased", "records": erased })))
}
