//! Declared radios that carry no IP, which no probe searches.

use dossier::{Entry, InterfaceFacts, Status};

/// Whether a declared physical interface names a radio that carries no IP. Words only: it can only hold a pass back.
pub(super) fn is_radio_without_ip(entry: &Entry) -> bool {
    const RADIOS: [&str; 11] =
        ["ble", "bluetooth", "zigbee", "nfc", "lora", "lorawan", "thread", "dect", "enocean", "infrared", "zwave"];
    let mut text = entry.id.value.to_lowercase();
    for name in ["Description", "Type"] {
        if let Some(field) = entry.field(name) {
            text.push(' ');
            text.push_str(&field.value.text().to_lowercase().replace("z-wave", "zwave"));
        }
    }
    let off = entry
        .facts::<InterfaceFacts>()
        .and_then(|f| f.status.as_ref())
        .is_some_and(|s| s.value == Status::DisabledPermanently);
    !off && text.split(|c: char| !c.is_alphanumeric()).any(|word| RADIOS.contains(&word))
}
