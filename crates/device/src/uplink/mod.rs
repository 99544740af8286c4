//! What the device does towards the associated service: telemetry and updates.

mod fallback;
pub(crate) mod fetch;
pub(crate) mod stray;
pub(crate) mod telemetry;
pub(crate) mod trust;
pub(crate) mod updater;
pub(crate) mod way;
