//! What the plug remembers: relay, configuration, data of the user, software version, credentials.

use crate::accounts::Credential;
use crate::digest::{hex, sha256_hex};
use crate::label::{FIRMWARE, Label, Secrets};

/// The security-relevant configuration.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Configuration {
    pub(crate) wifi_ssid: String,
    pub(crate) wifi_key: String,
    pub(crate) remote_access: bool,
    pub(crate) ntp_server: String,
    pub(crate) auto_update: bool,
}

/// One record of the data of the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRecord {
    /// What kind of record: `schedule`, `energy`, `clip`.
    pub kind: &'static str,
    /// Its content.
    pub value: String,
}

/// Everything that lasts over a restart of the plug.
pub(crate) struct Settings {
    pub(crate) relay: bool,
    pub(crate) configuration: Configuration,
    pub(crate) userdata: Vec<UserRecord>,
    pub(crate) firmware: String,
    pub(crate) initialized: bool,
    /// Minutes until the relay opens; 0 for never.
    pub(crate) timer: i64,
    /// When the relay closes and opens each day, hours and minutes.
    pub(crate) schedule: [String; 2],
    pub(crate) admin: Credential,
    pub(crate) guest: Credential,
}

/// The state of the plug at one moment, comparable: two equal snapshots mean that nothing was left changed.
///
/// Secrets appear as digests only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Is the relay closed (the socket under power)?
    pub relay: bool,
    /// Name of the wireless network.
    pub wifi_ssid: String,
    /// SHA-256 of the wireless key.
    pub wifi_key_digest: String,
    /// Is access from outside the home switched on?
    pub remote_access: bool,
    /// The time server.
    pub ntp_server: String,
    /// Are updates installed automatically?
    pub auto_update: bool,
    /// The data of the user.
    pub userdata: Vec<UserRecord>,
    /// The software version.
    pub firmware: String,
    /// Is the plug set up (true) or in factory default (false)?
    pub initialized: bool,
    /// Minutes until the relay opens; 0 for never.
    pub timer: i64,
    /// When the relay closes and opens each day.
    pub schedule: [String; 2],
    /// Salted digest of the administrator password; the salt does not change with the password.
    pub admin_credential: String,
    /// Salted digest of the guest password.
    pub guest_credential: String,
}

impl Settings {
    /// The set-up plug as a user left it.
    pub(crate) fn in_use(label: &Label, secrets: &Secrets) -> Self {
        let record = |kind, value: &str| UserRecord { kind, value: value.to_owned() };
        Self {
            relay: false,
            configuration: Configuration {
                wifi_ssid: secrets.wifi_ssid.clone(),
                wifi_key: secrets.wifi_key.clone(),
                ..Configuration::factory()
            },
            userdata: vec![
                record("schedule", "on 06:30, off 08:00, Monday to Friday"),
                record("energy", "0.41 kWh yesterday"),
                record("clip", "motion at 17:42, 12 s"),
            ],
            firmware: FIRMWARE.to_owned(),
            initialized: true,
            timer: 0,
            schedule: ["06:30".to_owned(), "22:00".to_owned()],
            admin: Credential::new(label.admin_user, &label.admin_password, secrets.salts[0]),
            guest: Credential::new(label.guest_user, &label.guest_password, secrets.salts[1]),
        }
    }

    /// Back to factory default; the software version stays.
    pub(crate) fn reset(&mut self, label: &Label, secrets: &Secrets) {
        let fresh = Self::in_use(label, secrets);
        *self = Self {
            configuration: Configuration::factory(),
            userdata: Vec::new(),
            firmware: std::mem::take(&mut self.firmware),
            initialized: false,
            ..fresh
        };
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        let configuration = &self.configuration;
        Snapshot {
            relay: self.relay,
            wifi_ssid: configuration.wifi_ssid.clone(),
            wifi_key_digest: sha256_hex(configuration.wifi_key.as_bytes()),
            remote_access: configuration.remote_access,
            ntp_server: configuration.ntp_server.clone(),
            auto_update: configuration.auto_update,
            userdata: self.userdata.clone(),
            firmware: self.firmware.clone(),
            initialized: self.initialized,
            timer: self.timer,
            schedule: self.schedule.clone(),
            admin_credential: hex(self.admin.hash()),
            guest_credential: hex(self.guest.hash()),
        }
    }
}

impl Configuration {
    fn factory() -> Self {
        Self {
            wifi_ssid: String::new(),
            wifi_key: String::new(),
            remote_access: false,
            ntp_server: "ntp.lumen.invalid".to_owned(),
            auto_update: true,
        }
    }
}
