//! The handle of a running product: what it is, what state it is in, and what a test may do to its surroundings.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::cloud::{Cloud, Offer};
use crate::crew::{Crew, lock};
use crate::fault_set::FaultSet;
use crate::label::Label;
use crate::plug::Plug;
use crate::ports::Listening;
use crate::settings::{Settings, Snapshot};
use crate::uplink::way::Way;

/// A running product. Dropping it ends every thread and frees every port.
pub struct Running {
    pub(crate) crew: Arc<Crew>,
    pub(crate) plug: Arc<Plug>,
    pub(crate) cloud: Arc<Cloud>,
    pub(crate) ca_pem: String,
    pub(crate) ca_key_pem: String,
    pub(crate) way: Arc<Way>,
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

    /// The private key of that authority, which the maker lends to a test.
    pub fn ca_key_pem(&self) -> &str {
        &self.ca_key_pem
    }

    /// Tells the device which name server its network has, as DHCP would. Where that one gives no answer the device goes
    /// on with the address of the service that was built in.
    pub fn set_name_server(&self, at: Option<SocketAddr>) {
        self.way.ask_at(at);
    }

    /// Whether the name server of the network leads the device to another address than the service's own, now.
    pub fn is_led_elsewhere(&self) -> bool {
        self.way.is_led_elsewhere()
    }

    /// Begins, or ends, to switch the device off and on all the time: its connection to the service ends, and it comes
    /// again at once each time it fails. What it serves itself goes on.
    pub fn set_restarting(&self, restarting: bool) {
        self.plug.set_restarting(restarting);
    }

    /// Makes the device look for an update now, as its owner may.
    pub fn look_for_update(&self) {
        let current = lock(&self.plug.settings).firmware.clone();
        self.plug.updater.check(&current);
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
