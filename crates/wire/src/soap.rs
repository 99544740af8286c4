//! SOAP as UPnP devices (UPnP Device Architecture 2.0, 3.2; SOAP 1.1) and ONVIF devices (ONVIF Core; SOAP 1.2) speak it:
//! a call of a function, its answer, and the description of a UPnP device that says where its functions are.
//!
//! Elements are told by their local names, whatever their prefixes; no signature and no schema is looked at.

use crate::xml::{self, Element};

/// Services of one description that are kept.
const MOST_SERVICES: usize = 32;
/// Values of one answer that are kept.
const MOST_VALUES: usize = 64;
/// Bytes of a text that are read.
const MOST_TEXT: usize = 256 * 1024;
/// How deep devices may lie in each other.
const DEEPEST: usize = 8;

/// The namespace of the device service of ONVIF.
pub const ONVIF_DEVICE: &str = "http://www.onvif.org/ver10/device/wsdl";

/// A service of a UPnP device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its type: `urn:schemas-upnp-org:service:WANIPConnection:1`.
    pub kind: String,
    /// Where its functions are called, as the description writes it.
    pub control: String,
}

/// The services that the description of a UPnP device names, those of the devices in it too; none where the text is no
/// such description.
#[must_use]
pub fn services(text: &[u8]) -> Vec<Service> {
    let mut found = Vec::new();
    if let Some(root) = root(text).filter(|root| local(&root.name) == "root") {
        children(&root, "device").for_each(|device| of_device(device, 0, &mut found));
    }
    found
}

fn of_device(device: &Element, depth: usize, found: &mut Vec<Service>) {
    let services = children(device, "serviceList").flat_map(|list| children(list, "service"));
    for service in services {
        let text =
            |name: &str| children(service, name).next().map(|e| e.text.trim().to_owned()).unwrap_or_default();
        let one = Service { kind: text("serviceType"), control: text("controlURL") };
        if found.len() < MOST_SERVICES && !one.kind.is_empty() && !one.control.is_empty() {
            found.push(one);
        }
    }
    if depth < DEEPEST {
        let devices = children(device, "deviceList").flat_map(|list| children(list, "device"));
        devices.for_each(|device| of_device(device, depth + 1, found));
    }
}

/// A call of a function of a UPnP service, the body of the request; `SOAPAction` has to name both.
#[must_use]
pub fn upnp_call(kind: &str, function: &str, arguments: &[(&str, &str)]) -> String {
    let arguments: String =
        arguments.iter().map(|(name, value)| format!("<{name}>{}</{name}>", escaped(value))).collect();
    format!(
        "<?xml version=\"1.0\"?><s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         s:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\"><s:Body><u:{function} xmlns:u=\"{}\">\
         {arguments}</u:{function}></s:Body></s:Envelope>",
        escaped(kind)
    )
}

/// A call of a function of the device service of ONVIF that takes no argument, the body of the request.
#[must_use]
pub fn onvif_call(function: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\">\
         <s:Body><{function} xmlns=\"{ONVIF_DEVICE}\"/></s:Body></s:Envelope>"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The answer to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The function was performed: the values it gave, by the local names of their elements, in order.
    Values(Vec<(String, String)>),
    /// It was not: the code (SOAP's, and the number of UPnP or the last subcode where one is given) and the reason.
    Fault {
        /// `ter:NotAuthorized`, `713`, `s:Client`: the most precise one that is there.
        code: String,
        /// What the device says about it.
        reason: String,
    },
}

/// Reads the answer to the call of a function; none where it is no answer to it.
#[must_use]
pub fn answer(text: &[u8], function: &str) -> Option<Answer> {
    let root = root(text).filter(|root| local(&root.name) == "Envelope")?;
    let body = children(&root, "Body").next()?;
    if let Some(fault) = children(body, "Fault").next() {
        return Some(read_fault(fault));
    }
    let wanted = format!("{function}Response");
    let found = children(body, &wanted).next()?;
    let mut values = Vec::new();
    leaves(found, &mut values);
    Some(Answer::Values(values))
}

fn read_fault(fault: &Element) -> Answer {
    let mut leaves_of = Vec::new();
    leaves(fault, &mut leaves_of);
    let last = |names: &[&str]| {
        let named =
            leaves_of.iter().rev().find(|(name, value)| names.contains(&name.as_str()) && !value.is_empty());
        named.map(|(_, value)| value.clone())
    };
    let code = last(&["errorCode"]).or_else(|| last(&["Value", "faultcode"])).unwrap_or_default();
    let reason = last(&["errorDescription"]).or_else(|| last(&["Text", "faultstring"])).unwrap_or_default();
    Answer::Fault { code, reason }
}

/// Elements without elements in them, in order.
fn leaves(element: &Element, found: &mut Vec<(String, String)>) {
    for child in &element.children {
        if found.len() == MOST_VALUES {
            return;
        }
        match child.children.is_empty() {
            true => found.push((local(&child.name).to_owned(), child.text.trim().to_owned())),
            false => leaves(child, found),
        }
    }
}

fn root(text: &[u8]) -> Option<Element> {
    xml::read(&text[..text.len().min(MOST_TEXT)]).root
}

fn children<'a>(element: &'a Element, name: &'a str) -> impl Iterator<Item = &'a Element> {
    element.children.iter().filter(move |child| local(&child.name) == name)
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From miniupnpd 2.3.1, shortened.
    const GATEWAY: &str = "<?xml version=\"1.0\"?><root xmlns=\"urn:schemas-upnp-org:device-1-0\"><device>\
        <serviceList><service><serviceType>urn:schemas-upnp-org:service:Layer3Forwarding:1</serviceType>\
        <controlURL>/ctl/L3F</controlURL></service></serviceList><deviceList><device><deviceList><device><serviceList>\
        <service><serviceType>urn:schemas-upnp-org:service:WANIPConnection:2</serviceType>\
        <controlURL>/ctl/IPConn</controlURL></service></serviceList></device></deviceList></device></deviceList>\
        </device></root>";

    #[test]
    fn services_of_devices_in_devices_are_found() {
        let found = services(GATEWAY.as_bytes());
        let kinds: Vec<_> =
            found.iter().map(|s| (s.kind.rsplit("service:").next().unwrap(), &*s.control)).collect();
        assert_eq!(kinds, [("Layer3Forwarding:1", "/ctl/L3F"), ("WANIPConnection:2", "/ctl/IPConn")]);
        assert!(services(b"<html><device/></html>").is_empty() && services(b"\xff<").is_empty());
    }

    #[test]
    fn values_are_read_whatever_the_prefixes_and_however_deep() {
        let text = "<SOAP-ENV:Envelope xmlns:SOAP-ENV=\"x\"><SOAP-ENV:Body><tds:GetSystemDateAndTimeResponse>\
            <tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType><tt:UTCDateTime><tt:Date><tt:Year>2026</tt:Year>\
            </tt:Date></tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse></SOAP-ENV:Body>\
            </SOAP-ENV:Envelope>";
        let Some(Answer::Values(values)) = answer(text.as_bytes(), "GetSystemDateAndTime") else { panic!() };
        assert_eq!(values, [("DateTimeType".into(), "NTP".into()), ("Year".into(), "2026".into())]);
        assert_eq!(answer(text.as_bytes(), "GetDeviceInformation"), None, "the answer to another call");
    }

    #[test]
    fn faults_of_both_kinds_say_their_most_precise_code() {
        let upnp = "<s:Envelope><s:Body><s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring>\
            <detail><UPnPError><errorCode>713</errorCode><errorDescription>SpecifiedArrayIndexInvalid</errorDescription>\
            </UPnPError></detail></s:Fault></s:Body></s:Envelope>";
        let fault = |code: &str, reason: &str| Some(Answer::Fault { code: code.into(), reason: reason.into() });
        assert_eq!(answer(upnp.as_bytes(), "X"), fault("713", "SpecifiedArrayIndexInvalid"));
        let onvif = "<e:Envelope><e:Body><e:Fault><e:Code><e:Value>e:Sender</e:Value><e:Subcode><e:Value>ter:NotAuthorized\
            </e:Value></e:Subcode></e:Code><e:Reason><e:Text>Sender not authorized</e:Text></e:Reason></e:Fault></e:Body>\
            </e:Envelope>";
        assert_eq!(answer(onvif.as_bytes(), "X"), fault("ter:NotAuthorized", "Sender not authorized"));
    }

    #[test]
    fn a_call_is_well_formed_and_holds_what_it_is_given_as_text() {
        let call = upnp_call("urn:x:service:A&B:1", "GetX", &[("New", "<1>")]);
        let root = root(call.as_bytes()).unwrap();
        let body = children(&root, "Body").next().unwrap();
        assert_eq!(children(body, "GetX").next().unwrap().text_of("New"), "<1>");
        let asked = onvif_call("GetDeviceInformation");
        assert!(xml::read(asked.as_bytes()).broken.is_none() && asked.contains(ONVIF_DEVICE));
    }

    #[test]
    fn no_bytes_make_a_reader_panic() {
        crate::hostile::survives(GATEWAY.as_bytes(), |bytes| (services(bytes), answer(bytes, "GetX")));
    }
}
