//! What the device does towards the associated service: telemetry and updates.

pub(crate) mod fetch;
pub(crate) mod stray;
pub(crate) mod telemetry;
pub(crate) mod updater;
