//! Pages that exist only as faults because they tell too much.

use serde_json::json;

use super::{Outcome, Turn};
use crate::crew::lock;
use crate::http::Response;

/// `GET /status`.
pub(super) fn status(turn: &mut Turn<'_>) -> Outcome {
    let settings = lock(&turn.plug.settings);
    let label = &turn.plug.label;
    Ok(Response::json(
        200,
        &json!({
            "ssid": settings.configuration.wifi_ssid,
            "mac": label.mac,
            "serial": label.serial,
            "firmware": settings.firmware,
        }),
    ))
}

/// `GET /backup.cfg`.
pub(super) fn backup(turn: &mut Turn<'_>) -> Outcome {
    let settings = lock(&turn.plug.settings);
    let configuration = &settings.configuration;
    let text = format!(
        "# lumen backup\nwifi_ssid={}\nwifi_key={}\nremote_access={}\nntp_server={}\n",
        configuration.wifi_ssid, configuration.wifi_key, configuration.remote_access, configuration.ntp_server
    );
    Ok(Response::text(200, text))
}
