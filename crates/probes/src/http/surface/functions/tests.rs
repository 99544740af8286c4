//! Literal answers: a gateway with a port mapping, as miniupnpd writes them, and an ONVIF camera.

use model::Reading;

use super::*;
use crate::http::surface::{Parameters, gather, interpret};
use crate::scripted::ScriptedBench;

const GATEWAY: &str = "<?xml version=\"1.0\"?><root xmlns=\"urn:schemas-upnp-org:device-1-0\"><device><serviceList>\
    <service><serviceType>urn:schemas-upnp-org:service:WANIPConnection:1</serviceType><controlURL>ctl/IPConn</controlURL>\
    </service><service><serviceType>urn:schemas-upnp-org:service:Layer3Forwarding:1</serviceType>\
    <controlURL>/ctl/L3F</controlURL></service><service>\
    <serviceType>urn:schemas-upnp-org:service:WANCommonInterfaceConfig:1</serviceType>\
    <controlURL>http://192.0.2.99/ctl/CmnIfCfg</controlURL></service></serviceList></device></root>";

fn answer(status: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}

fn performed(function: &str, values: &str) -> Vec<u8> {
    let body = format!(
        "<?xml version=\"1.0\"?>\n<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>\
         <u:{function}Response xmlns:u=\"urn:x\">{values}</u:{function}Response></s:Body></s:Envelope>"
    );
    answer("200 OK", &body)
}

fn fault(code: &str) -> Vec<u8> {
    let body = format!(
        "<s:Envelope><s:Body><s:Fault><faultcode>s:Client</faultcode><detail><UPnPError><errorCode>{code}</errorCode>\
         </UPnPError></detail></s:Fault></s:Body></s:Envelope>"
    );
    answer("500 Internal Server Error", &body)
}

/// What is told of a web server, and the heads of the requests that called a function.
fn measured(extra: &[&str], mut serve: impl FnMut(&str, &str) -> Vec<u8> + 'static) -> (Reading, Vec<String>) {
    let serve = std::cell::RefCell::new(move |line: &str, text: &str| serve(line, text));
    let mut bench = ScriptedBench::refusing().answering(80, move |heard| {
        let text = String::from_utf8_lossy(heard).into_owned();
        let line = text.lines().next()?.trim_end_matches(" HTTP/1.1").to_owned();
        Some((*serve.borrow_mut())(&line, &text))
    });
    let endpoint = Endpoint::tcp(bench.device(), 80);
    let parameters = Parameters {
        servers: vec![Server { endpoint, tls: false, host: None }],
        known: Known::default(),
        extra_paths: extra.iter().map(|path| (*path).to_owned()).collect(),
    };
    let log = gather(&parameters, &mut bench);
    let sent = bench.sent.iter().map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned());
    let posts = sent.filter(|text| text.starts_with("POST ")).collect();
    (interpret(&serde_json::from_slice(&serde_json::to_vec(&log).unwrap()).unwrap()), posts)
}

fn access_of(reading: &Reading) -> Vec<(&str, bool)> {
    let mut found = Vec::new();
    for fact in &reading.facts {
        if let Fact::Access(access) = fact {
            found.push((access.function.as_str(), access.granted));
        }
    }
    found
}

fn disclosed(reading: &Reading) -> Vec<String> {
    let mut found = Vec::new();
    for fact in &reading.facts {
        if let Fact::Disclosure { kind, source, excerpt, .. } = fact {
            found.push(format!("{source} {kind} {}", model::in_clear(excerpt)));
        }
    }
    found
}

#[test]
fn a_gateway_that_lets_anybody_read_its_port_mappings_is_told_and_nothing_is_set() {
    let (reading, posts) = measured(&["/igd.xml"], |line, text| match line {
        "GET /igd.xml" => answer("200 OK", GATEWAY),
        "POST /ctl/IPConn" if text.contains("GetExternalIPAddress") => {
            performed("GetExternalIPAddress", "<NewExternalIPAddress>203.0.113.9</NewExternalIPAddress>")
        }
        "POST /ctl/IPConn" if text.contains("GetGenericPortMappingEntry") => match text.contains(">0</New") {
            true => performed(
                "GetGenericPortMappingEntry",
                "<NewRemoteHost></NewRemoteHost><NewExternalPort>8080</NewExternalPort><NewProtocol>TCP</NewProtocol>\
                 <NewInternalPort>80</NewInternalPort><NewInternalClient>192.0.2.7</NewInternalClient>\
                 <NewPortMappingDescription>Web</NewPortMappingDescription>",
            ),
            false => fault("713"),
        },
        "POST /ctl/IPConn" => fault("606"),
        _ => answer("404 Not Found", ""),
    });
    assert_eq!(
        access_of(&reading),
        [
            ("POST /ctl/IPConn GetExternalIPAddress", true),
            ("POST /ctl/IPConn GetStatusInfo", false),
            ("POST /ctl/IPConn GetGenericPortMappingEntry", true),
        ]
    );
    let told = disclosed(&reading);
    assert!(told.contains(&"GetExternalIPAddress configuration 203.0.113.9".to_owned()), "{told:?}");
    let mapping = "GetGenericPortMappingEntry configuration TCP 8080 to 192.0.2.7:80 (Web)".to_owned();
    assert!(told.contains(&mapping), "{told:?}");
    // A function of another host is left alone, and so is every service of which no reading function is known.
    assert!(posts.iter().all(|post| !post.contains("CmnIfCfg") && !post.contains("L3F")));
    assert!(posts.iter().all(|post| post.contains(":Get") || post.contains("<Get")), "{posts:?}");
    let calls = posts.iter().filter(|post| post.contains("WANIPConnection:1#")).count();
    assert_eq!(calls, 4, "each function once, and the list to its end");
}

#[test]
fn a_list_of_port_mappings_without_end_is_read_for_a_while() {
    let (_, posts) = measured(&["/igd.xml"], |line, text| match line {
        "GET /igd.xml" => answer("200 OK", GATEWAY),
        "POST /ctl/IPConn" if text.contains("GetGenericPortMappingEntry") => {
            performed("GetGenericPortMappingEntry", "<NewExternalPort>1</NewExternalPort>")
        }
        _ => answer("404 Not Found", ""),
    });
    assert_eq!(posts.iter().filter(|post| post.contains("GetGenericPortMappingEntry>")).count(), MOST_MAPPINGS);
}

/// In the form of the template of ipycam 1.3.0, which stands as an ONVIF device.
const CAMERA: &str = "<tds:Manufacturer>PyIPCam</tds:Manufacturer><tds:Model>VirtualCam</tds:Model>\
    <tds:FirmwareVersion>1.0.0</tds:FirmwareVersion><tds:SerialNumber>SN-0042</tds:SerialNumber>\
    <tds:HardwareId>PY-HW-01</tds:HardwareId>";

#[test]
fn a_camera_tells_what_it_is_by_kind_and_is_asked_where_it_announced_itself() {
    let (reading, _) = measured(&["/cam/onvif/services"], |line, text| match line {
        "POST /cam/onvif/services" if text.contains(CLOCK) => {
            performed(CLOCK, "<tt:DateTimeType>NTP</tt:DateTimeType>")
        }
        "POST /cam/onvif/services" => performed("GetDeviceInformation", CAMERA),
        _ => answer("404 Not Found", ""),
    });
    let from = "POST /cam/onvif/services";
    let (clock, device) = (format!("{from} {CLOCK}"), format!("{from} GetDeviceInformation"));
    assert_eq!(access_of(&reading), [(clock.as_str(), true), (device.as_str(), true)]);
    let told = disclosed(&reading);
    for wanted in ["manufacturer PyIPCam", "model VirtualCam", "version 1.0.0", "serial SN-0042", "model PY-HW-01"]
    {
        assert!(told.contains(&format!("GetDeviceInformation {wanted}")), "{wanted}: {told:?}");
    }
}

#[test]
fn a_camera_that_asks_for_a_login_gives_nothing_away() {
    let refusal = "<e:Envelope><e:Body><e:Fault><e:Code><e:Value>e:Sender</e:Value><e:Subcode><e:Value>ter:NotAuthorized\
        </e:Value></e:Subcode></e:Code></e:Fault></e:Body></e:Envelope>";
    let (reading, posts) = measured(&[], move |line, text| match line {
        "POST /onvif/device_service" if text.contains(CLOCK) => performed(CLOCK, "<tt:Year>2026</tt:Year>"),
        "POST /onvif/device_service" => answer("400 Bad Request", refusal),
        _ => answer("404 Not Found", ""),
    });
    let device = "POST /onvif/device_service GetDeviceInformation";
    assert!(access_of(&reading).contains(&(device, false)), "{:?}", access_of(&reading));
    assert!(disclosed(&reading).is_empty(), "{:?}", disclosed(&reading));
    assert_eq!(posts.len(), 2);
}

#[test]
fn a_web_server_without_functions_is_asked_one_question_more() {
    let (reading, posts) = measured(&[], |_, _| answer("404 Not Found", ""));
    assert_eq!((access_of(&reading), posts.len()), (vec![], 1));
    assert_eq!(reading.shortfalls, []);
}
