//! Updating the software and going back to factory default.

use serde_json::json;

use super::{Outcome, Turn, input, session};
use crate::crew::lock;
use crate::digest::sha256_hex;
use crate::faults::Fault;
use crate::http::{Body, Response};
use crate::uplink::updater::Updated;

/// `POST /api/v1/update`: asks the associated service for a newer version, verifies it, installs it.
pub(super) fn update(turn: &mut Turn<'_>) -> Outcome {
    session::admin(turn)?;
    let current = lock(&turn.plug.settings).firmware.clone();
    let (status, answer) = match turn.plug.updater.run(&current) {
        Updated::UpToDate => (200, json!({ "result": "up to date", "firmware": current })),
        Updated::Installed(version) => {
            lock(&turn.plug.settings).firmware = version.clone();
            (200, json!({ "result": "installed", "firmware": version }))
        }
        Updated::Rejected(why) => (502, json!({ "result": "rejected", "reason": why, "firmware": current })),
        Updated::Unreachable => (503, json!({ "result": "update service unreachable", "firmware": current })),
    };
    Ok(Response::json(status, &answer))
}

/// `POST /api/v1/reset`: factory default, after an explicit confirmation.
pub(super) fn reset(turn: &mut Turn<'_>) -> Outcome {
    session::admin(turn)?;
    let map = input::object(turn, &["confirm"])?;
    if input::flag(turn, &map, "confirm")? != Some(true) {
        return Err(input::wrong("confirm: true is expected"));
    }
    {
        let mut settings = lock(&turn.plug.settings);
        let userdata = settings.userdata.clone();
        settings.reset(&turn.plug.label, &turn.plug.secrets);
        if turn.plug.has(Fault::ResetKeepsUserdata) {
            settings.userdata = userdata;
        }
    }
    lock(&turn.plug.sessions).close_all();
    Ok(Response::json(200, &json!({ "result": "factory default" })))
}

/// `POST /firmware` of the fault: any image, from anybody.
pub(super) fn upload(turn: &mut Turn<'_>) -> Outcome {
    let Body::Whole(image) = &turn.request.body else {
        return Ok(Response::error(413, "image too large"));
    };
    let version = format!("custom-{}", &sha256_hex(image)[..8]);
    lock(&turn.plug.settings).firmware = version.clone();
    Ok(Response::json(202, &json!({ "result": "flashing", "firmware": version })))
}
