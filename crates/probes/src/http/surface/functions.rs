//! Functions of UPnP gateways and of ONVIF devices that only read, called without a credential, and what they tell.
//!
//! UPnP says in the description of a device where its functions are; ONVIF has one place that everybody knows, and others
//! that a search by WS-Discovery names. Nothing is called that sets anything.

use model::{Access, Credential, Endpoint, Fact, ShortfallKind};
use serde::{Deserialize, Serialize};
use wire::http::Request;
use wire::http::page::{Destination, resolve};
use wire::soap::{self, Answer};

use super::super::exchange::Server;
use super::super::routes::is_harmless;
use super::{Asked, Got};
use crate::giveaway::{Giveaway, Known, in_text};

/// Entries of a list of port mappings that are read.
const MOST_MAPPINGS: usize = 8;
/// Functions that are called of one server.
const MOST_CALLS: usize = 24;
/// Where ONVIF devices have their device service (ONVIF Core, 5.1.1).
const DEVICE_SERVICE: &str = "/onvif/device_service";
/// The function that every ONVIF device answers to anybody, so that clocks can be set before a login.
const CLOCK: &str = "GetSystemDateAndTime";
const PORT_MAPPING: &str = "GetGenericPortMappingEntry";

/// The functions that only read, by the name of a UPnP service.
const READING: &[(&str, &[&str])] = &[
    ("WANIPConnection", &["GetExternalIPAddress", "GetStatusInfo", PORT_MAPPING]),
    ("WANPPPConnection", &["GetExternalIPAddress", "GetStatusInfo", PORT_MAPPING]),
    ("WANCommonInterfaceConfig", &["GetCommonLinkProperties"]),
    ("DeviceInfo", &["GetInfo"]),
];

/// Sends a request and gives its answer, or why there is none.
type Asking<'a> = dyn FnMut(&Request) -> Result<Got, (ShortfallKind, String)> + 'a;

/// A call and its answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Called {
    /// Request target.
    pub target: String,
    /// Type of the service: `urn:schemas-upnp-org:service:WANIPConnection:1`, or the namespace of ONVIF's.
    pub service: String,
    /// The function.
    pub function: String,
    /// The answer, or why there is none.
    pub got: Result<Got, (ShortfallKind, String)>,
}

impl Called {
    fn answer(&self) -> Option<Answer> {
        soap::answer(&self.got.as_ref().ok()?.body.0, &self.function)
    }
}

/// Calls what the pages of a server name, and what ONVIF devices have. `ask` sends a request and gives its answer.
pub(super) fn call(server: &Server, asked: &[Asked], extra: &[String], ask: &mut Asking<'_>) -> Vec<Called> {
    let mut called: Vec<Called> = Vec::new();
    let mut one = |called: &mut Vec<Called>, service: &str, target: &str, function: &str, entry: Option<usize>| {
        if called.len() >= MOST_CALLS {
            return None;
        }
        let got = ask(&request(server, service, target, function, entry));
        let (target, service, function) = (target.to_owned(), service.to_owned(), function.to_owned());
        called.push(Called { target, service, function, got });
        called.last().and_then(Called::answer)
    };
    for (service, target) in services(server, asked) {
        let name = service.rsplit(':').nth(1).unwrap_or_default();
        let functions =
            READING.iter().find(|(known, _)| *known == name).map_or(&[][..], |(_, functions)| functions);
        for function in functions {
            let entries = if *function == PORT_MAPPING { MOST_MAPPINGS } else { 1 };
            for entry in 0..entries {
                let entry = (*function == PORT_MAPPING).then_some(entry);
                if !matches!(one(&mut called, &service, &target, function, entry), Some(Answer::Values(_))) {
                    break;
                }
            }
        }
    }
    let mut places: Vec<&str> = extra.iter().map(String::as_str).filter(|path| path.contains("onvif")).collect();
    places.insert(0, DEVICE_SERVICE);
    places.dedup();
    for place in places.into_iter().filter(|place| is_harmless(place)).take(4) {
        if one(&mut called, soap::ONVIF_DEVICE, place, CLOCK, None).is_some() {
            one(&mut called, soap::ONVIF_DEVICE, place, "GetDeviceInformation", None);
        }
    }
    called
}

/// Each service that a description names, with the place of its functions on this very server.
fn services(server: &Server, asked: &[Asked]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for asked in asked.iter().filter(|asked| asked.method == "GET") {
        let Ok(got) = &asked.got else { continue };
        for service in soap::services(&got.body.0) {
            let here = |url: String| {
                let rest = url.split_once("://").map(|(_, rest)| rest.to_owned())?;
                let path = rest.strip_prefix(&server.authority())?;
                path.starts_with('/').then(|| path.to_owned())
            };
            let target = match resolve(&asked.target, &service.control) {
                Destination::SameOrigin(target) => Some(target),
                Destination::Absolute(url) => here(url),
                Destination::Nowhere => None,
            };
            let fits =
                |target: &String| is_harmless(target) && target.len() < 200 && !target.contains([' ', '\r', '\n']);
            if let Some(target) = target.filter(fits) {
                found.push((service.kind, target));
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

fn request(server: &Server, service: &str, target: &str, function: &str, entry: Option<usize>) -> Request {
    let request = server.request("POST", target);
    if service == soap::ONVIF_DEVICE {
        let media = format!("application/soap+xml; charset=utf-8; action=\"{service}/{function}\"");
        return request.body(&media, soap::onvif_call(function).as_bytes());
    }
    let entry = entry.map(|entry| entry.to_string());
    let arguments: Vec<(&str, &str)> = entry.iter().map(|entry| ("NewPortMappingIndex", entry.as_str())).collect();
    // What a hostile description calls its service stands in no header as it came.
    let named: String = service.chars().filter(|c| c.is_ascii_graphic() && *c != '"').collect();
    let body = soap::upnp_call(service, function, &arguments);
    let request = request.header("SOAPAction", &format!("\"{named}#{function}\""));
    request.body("text/xml; charset=\"utf-8\"", body.as_bytes())
}

/// What the calls tell: who may call what, and what is given away, with the function that gives it.
pub(super) fn read(endpoint: Endpoint, called: &[Called], known: &Known) -> (Vec<Fact>, Vec<(String, Giveaway)>) {
    let (mut facts, mut given): (Vec<Fact>, Vec<(String, Giveaway)>) = (Vec::new(), Vec::new());
    let mut told: Vec<(&str, &str)> = Vec::new();
    for one in called {
        let Ok(got) = &one.got else { continue };
        let answer = one.answer();
        if let Some((granted, told_by)) = access(one, got, answer.as_ref())
            && !told.contains(&(&one.target, &one.function))
        {
            told.push((&one.target, &one.function));
            let function = format!("POST {} {}", one.target, one.function);
            let credential = Credential::None;
            facts.push(Fact::Access(Access {
                endpoint,
                function,
                credential,
                granted,
                unclear: false,
                told_by,
                found: None,
            }));
        }
        if let Some(Answer::Values(values)) = answer {
            given.extend(gives(&one.function, &values, known).into_iter().map(|g| (one.function.clone(), g)));
        }
    }
    (facts, given)
}

/// Whether a function was performed for nobody in particular, and how that was told; none where that is not told.
fn access(one: &Called, got: &Got, answer: Option<&Answer>) -> Option<(bool, String)> {
    match answer {
        Some(Answer::Values(values)) => Some((true, format!("{} with {} values", got.status, values.len()))),
        // The index is beyond the list, which was read for that (UPnP WANIPConnection, 2.4.14).
        Some(Answer::Fault { code, .. })
            if one.function == PORT_MAPPING && matches!(code.as_str(), "713" | "714") =>
        {
            Some((true, format!("{code}: the list was read to its end")))
        }
        Some(Answer::Fault { code, .. }) if code == "606" || code.ends_with("NotAuthorized") => {
            Some((false, code.clone()))
        }
        _ if matches!(got.status, 401 | 403) => Some((false, got.status.to_string())),
        _ => None,
    }
}

fn gives(function: &str, values: &[(String, String)], known: &Known) -> Vec<Giveaway> {
    let value =
        |name: &str| values.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str());
    let mut given = match function {
        "GetExternalIPAddress" if !matches!(value("NewExternalIPAddress"), "" | "0.0.0.0") => {
            vec![Giveaway::of_content("configuration", value("NewExternalIPAddress"))]
        }
        PORT_MAPPING => {
            let text = format!(
                "{} {} to {}:{} ({})",
                value("NewProtocol"),
                value("NewExternalPort"),
                value("NewInternalClient"),
                value("NewInternalPort"),
                value("NewPortMappingDescription")
            );
            vec![Giveaway::of_content("configuration", &text)]
        }
        "GetStatusInfo" | "GetCommonLinkProperties" => {
            let all: Vec<String> = values.iter().map(|(name, value)| format!("{name}={value}")).collect();
            vec![Giveaway::of_content("state", &all.join(" "))]
        }
        "GetDeviceInformation" if !value("HardwareId").is_empty() => {
            vec![Giveaway::new("model", value("HardwareId"))]
        }
        _ => Vec::new(),
    };
    let lines: String = values.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
    given.extend(in_text(&lines, known));
    given
}

#[cfg(test)]
mod tests;
