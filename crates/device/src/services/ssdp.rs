//! Answers SSDP searches that are sent to it directly, and the description document they point to.

use crate::faults::Fault;
use crate::http::escape;
use crate::label::FIRMWARE;
use crate::plug::Plug;
use crate::ports;

const TARGET: &str = "urn:lumen-invalid:device:PlugCam:1";

/// The answer to one datagram; `None` unless it is a search that concerns this device.
pub(crate) fn answer(plug: &Plug, datagram: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(datagram).ok()?;
    let mut lines = text.split("\r\n");
    if lines.next()? != "M-SEARCH * HTTP/1.1" {
        return None;
    }
    let field = |name: &str| {
        text.split("\r\n")
            .filter_map(|line| line.split_once(':'))
            .find(|(key, _)| key.trim().eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    };
    if field("MAN") != Some("\"ssdp:discover\"") {
        return None;
    }
    let target = match field("ST")? {
        "ssdp:all" => TARGET,
        known @ ("upnp:rootdevice" | TARGET) => known,
        _ => return None,
    };
    let leaks = plug.has(Fault::SsdpLeaksSerial);
    let server = if leaks {
        format!("SERVER: Linux/3.10.14 UPnP/1.0 LPC/{FIRMWARE} ({})\r\n", plug.label.serial)
    } else {
        String::new()
    };
    let host = match plug.address {
        std::net::IpAddr::V4(address) => address.to_string(),
        std::net::IpAddr::V6(address) => format!("[{address}]"),
    };
    Some(
        format!(
            "HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=1800\r\nEXT:\r\n\
             LOCATION: http://{host}:{}/description.xml\r\n{server}ST: {target}\r\n\
             USN: uuid:{}::{target}\r\n\r\n",
            ports::HTTP,
            plug.secrets.upnp_uuid
        )
        .into_bytes(),
    )
}

/// The description document.
pub(crate) fn description(plug: &Plug) -> String {
    let extra = if plug.has(Fault::SsdpLeaksSerial) {
        format!(
            "<modelNumber>{}</modelNumber><serialNumber>{}</serialNumber><softwareVersion>{FIRMWARE}</softwareVersion>",
            plug.label.model,
            escape(&plug.label.serial)
        )
    } else {
        String::new()
    };
    format!(
        "<?xml version=\"1.0\"?>\n<root xmlns=\"urn:schemas-upnp-org:device-1-0\"><device>\
         <deviceType>{TARGET}</deviceType><friendlyName>Lumen Plug Cam</friendlyName>\
         <manufacturer>Lumen Demonstration</manufacturer><modelName>Plug Cam</modelName>{extra}\
         <UDN>uuid:{}</UDN></device></root>\n",
        plug.secrets.upnp_uuid
    )
}
