//! What is printed on the underside of the plug, and the secrets that belong to the same device.

use std::fmt;

use crate::digest::Derive;

const DIGITS: &[u8] = b"0123456789";
/// Without characters that are easily confused in print.
const READABLE: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// The model designation of the product.
pub(crate) const MODEL: &str = "LPC-1";
/// The software version a device is delivered with.
pub(crate) const FIRMWARE: &str = "1.4.2";

/// The label of one device. Serial number and MAC address say nothing about the passwords.
#[derive(Clone, PartialEq, Eq)]
pub struct Label {
    /// Model designation (provision 5.3-16).
    pub model: &'static str,
    /// Serial number, `LPC1-` and eight digits.
    pub serial: String,
    /// MAC address, locally administered.
    pub mac: String,
    /// Name of the administrator account.
    pub admin_user: &'static str,
    /// Default password of the administrator, unique per device.
    pub admin_password: String,
    /// Name of the account that may only read.
    pub guest_user: &'static str,
    /// Default password of the guest, unique per device.
    pub guest_password: String,
}

impl Label {
    pub(crate) fn new(derive: &Derive) -> Self {
        let mac = derive.bytes("mac");
        Self {
            model: MODEL,
            serial: format!("LPC1-{}", derive.text("serial", DIGITS, 8)),
            mac: format!("02:4c:50:{:02x}:{:02x}:{:02x}", mac[0], mac[1], mac[2]),
            admin_user: "admin",
            admin_password: derive.text("admin password", READABLE, 16),
            guest_user: "guest",
            guest_password: derive.text("guest password", READABLE, 16),
        }
    }

    /// The administrator password that the fault `password-from-serial` accepts: computable from the serial number.
    pub fn password_from_serial(&self) -> String {
        let digits = &self.serial[self.serial.len() - 6..];
        format!("lumen{digits}")
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Label")
            .field("model", &self.model)
            .field("serial", &self.serial)
            .field("mac", &self.mac)
            .finish_non_exhaustive()
    }
}

/// Secrets of one device that are not printed anywhere.
#[derive(Clone)]
pub(crate) struct Secrets {
    pub(crate) wifi_ssid: String,
    pub(crate) wifi_key: String,
    pub(crate) salts: [[u8; 32]; 2],
    pub(crate) upnp_uuid: String,
}

impl Secrets {
    pub(crate) fn new(derive: &Derive) -> Self {
        let uuid = derive.text("uuid", b"0123456789abcdef", 32);
        Self {
            wifi_ssid: format!("home-{}", derive.text("ssid", DIGITS, 4)),
            wifi_key: derive.text("wifi key", READABLE, 20),
            salts: [derive.bytes("admin salt"), derive.bytes("guest salt")],
            upnp_uuid: format!(
                "{}-{}-4{}-8{}-{}",
                &uuid[..8],
                &uuid[8..12],
                &uuid[13..16],
                &uuid[17..20],
                &uuid[20..]
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_devices_share_a_serial_number_or_a_password() {
        let labels: Vec<Label> = (0..50).map(|seed| Label::new(&Derive::new(seed))).collect();
        for (index, left) in labels.iter().enumerate() {
            for right in &labels[index + 1..] {
                assert_ne!(left.serial, right.serial);
                assert_ne!(left.admin_password, right.admin_password);
                assert_ne!(left.admin_password, right.guest_password);
            }
        }
    }
}
