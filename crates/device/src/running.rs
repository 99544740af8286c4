//! The handle of a running product: what it is, what state it is in, and what a test may do to its surroundings.

use std::sync::Arc;

use crate::cloud::{Cloud, Offer};
use crate::crew::{Crew, lock};
use crate::fault_set::FaultSet;
use crate::label::Label;
use crate::plug::Plug;
use crate::ports::Listening;
use crate::settings::{Settings, Snapshot};

/// A running product. Dropping it ends every thread and frees every port.
pub struct Running {
    pub(crate) crew: Arc<Crew>,
    pub(crate) plug: Arc<Plug>,
    pub(crate) cloud: Arc<Cloud>,
    pub(crate) ca_pem: String,
    pub(crate) listening: Vec<Listening>,
}

impl Running {
    /// What listens where, intended and not.
    pub fn ports(&self) -> &[Listening] {
        &self.listening
    }

    /// What is printed on the device.
    pub fn label(&self) -> &Label {
        &self.plug.label
    }

    /// The certificate of the authority that signed the certificates of device and associated service.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// The faults it was started with.
    pub fn faults(&self) -> &FaultSet {
        &self.plug.faults
    }

    /// The state of the device now, to prove that a test left nothing changed.
    pub fn state(&self) -> Snapshot {
        lock(&self.plug.settings).snapshot()
    }

    /// Puts the device into factory default, as ten seconds on its button do.
    pub fn press_reset(&self) {
        lock(&self.plug.settings).reset(&self.plug.label, &self.plug.secrets);
        lock(&self.plug.sessions).close_all();
    }

    /// Sets the device up again as its user had it.
    pub fn set_up(&self) {
        *lock(&self.plug.settings) = Settings::in_use(&self.plug.label, &self.plug.secrets);
        lock(&self.plug.sessions).close_all();
    }

    /// Makes the update service offer something else, as an attacker in its place would.
    pub fn offer_update(&self, offer: Offer) {
        self.cloud.set_offer(offer);
    }

    /// Puts the associated service out of order, or back: it then closes every connection, old and new.
    pub fn set_cloud_offline(&self, offline: bool) {
        self.cloud.set_offline(offline);
    }

    /// Connections that reached the broker of the associated service so far, refused ones included.
    pub fn cloud_attempts(&self) -> u64 {
        self.cloud.attempts()
    }

    /// Messages published at the broker of the associated service so far.
    pub fn telemetry_count(&self) -> u64 {
        self.cloud.published()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.crew.stop();
    }
}
