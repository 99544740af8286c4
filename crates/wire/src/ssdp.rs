//! SSDP and the UPnP device description (UPnP Device Architecture 2.0, clauses 1 and 2).
//!
//! Only discovery: no event subscription and no control.

use crate::Malformed;
use crate::http::parse_head;

/// The multicast address and port.
pub const MULTICAST: (&str, u16) = ("239.255.255.250", 1900);

/// A search for `target`, such as `ssdp:all` or `upnp:rootdevice`; answers come within `wait` seconds.
#[must_use]
pub fn search(target: &str, wait: u8) -> Vec<u8> {
    let target = target.replace(['\r', '\n'], "");
    format!(
        "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: {wait}\r\nST: {target}\r\n\r\n"
    )
    .into_bytes()
}

/// What a datagram is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The answer to a search.
    Response,
    /// `NOTIFY`: the device announces itself, or leaves.
    Notify,
    /// Somebody else's search.
    Search,
}

/// A datagram of SSDP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// What it is.
    pub kind: Kind,
    /// All headers in order.
    pub headers: Vec<(String, String)>,
}

impl Announcement {
    /// A header's value, by its name in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// What is announced or asked for: `ST` or `NT`.
    #[must_use]
    pub fn target(&self) -> Option<&str> {
        self.header("st").or_else(|| self.header("nt"))
    }

    /// The unique service name.
    #[must_use]
    pub fn unique_name(&self) -> Option<&str> {
        self.header("usn")
    }

    /// Where the device description lies.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.header("location")
    }

    /// Operating system and product, as the device states them.
    #[must_use]
    pub fn server(&self) -> Option<&str> {
        self.header("server")
    }

    /// Reads a datagram.
    ///
    /// # Errors
    /// When it is neither an answer nor a request of SSDP.
    pub fn read(datagram: &[u8]) -> Result<Self, Malformed> {
        let mut head = datagram[..datagram.len().min(8 * 1024)].to_vec();
        if !head.ends_with(b"\r\n\r\n") {
            // Some devices leave out the empty line.
            head.extend_from_slice(b"\r\n\r\n");
        }
        if head.starts_with(b"HTTP/") {
            let response = parse_head(&head)?;
            return if response.status == 200 {
                Ok(Self { kind: Kind::Response, headers: response.headers })
            } else {
                Err(Malformed::Invalid("ssdp status"))
            };
        }
        let mut slots = [httparse::EMPTY_HEADER; 64];
        let mut request = httparse::Request::new(&mut slots);
        match request.parse(&head) {
            Ok(httparse::Status::Complete(_)) => {}
            _ => return Err(Malformed::Invalid("ssdp datagram")),
        }
        let kind = match request.method {
            Some("NOTIFY") => Kind::Notify,
            Some("M-SEARCH") => Kind::Search,
            _ => return Err(Malformed::Invalid("ssdp method")),
        };
        let text = |header: &httparse::Header<'_>| {
            (header.name.to_owned(), String::from_utf8_lossy(header.value).trim().to_owned())
        };
        Ok(Self { kind, headers: request.headers.iter().map(text).collect() })
    }
}

/// The fields of the root device in a device description.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeviceDescription {
    /// `deviceType`.
    pub device_type: Option<String>,
    /// `friendlyName`.
    pub friendly_name: Option<String>,
    /// `manufacturer`.
    pub manufacturer: Option<String>,
    /// `modelName`.
    pub model_name: Option<String>,
    /// `modelNumber`.
    pub model_number: Option<String>,
    /// `modelDescription`.
    pub model_description: Option<String>,
    /// `serialNumber`.
    pub serial_number: Option<String>,
    /// `UDN`.
    pub unique_device_name: Option<String>,
    /// `presentationURL`.
    pub presentation_url: Option<String>,
    /// Every service: `serviceType` and `controlURL`.
    pub services: Vec<(String, String)>,
}

impl DeviceDescription {
    /// Scans a description, tolerantly; none when it names no device. The first value of each field counts, which is
    /// the root device's.
    #[must_use]
    pub fn read(xml: &str) -> Option<Self> {
        let xml = &xml[..xml.floor_char_boundary(512 * 1024)];
        let device = &xml[xml.find("<device>").or_else(|| xml.find("<device "))?..];
        let mut services = Vec::new();
        let mut rest = device;
        while let Some(kind) = element(rest, "serviceType").filter(|_| services.len() < 64) {
            rest = rest.split_once("</serviceType>").map_or("", |(_, behind)| behind);
            let own = rest.split("<serviceType>").next().unwrap_or_default();
            services.push((kind, element(own, "controlURL").unwrap_or_default()));
        }
        Some(Self {
            device_type: element(device, "deviceType"),
            friendly_name: element(device, "friendlyName"),
            manufacturer: element(device, "manufacturer"),
            model_name: element(device, "modelName"),
            model_number: element(device, "modelNumber"),
            model_description: element(device, "modelDescription"),
            serial_number: element(device, "serialNumber"),
            unique_device_name: element(device, "UDN"),
            presentation_url: element(device, "presentationURL"),
            services,
        })
    }
}

fn element(xml: &str, name: &str) -> Option<String> {
    let (_, behind) = xml.split_once(&format!("<{name}>"))?;
    let text = behind.split('<').next()?.trim();
    let plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    (!plain.is_empty()).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESPONSE: &[u8] = b"HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\nUSN: uuid:1\r\nLOCATION: http://192.0.2.7/d.xml\r\nSERVER: Linux UPnP/1.0 x/2\r\n\r\n";
    const XML: &str = "<?xml version='1.0'?><root><device><deviceType>urn:x</deviceType><manufacturer>A &amp; B</manufacturer><serialNumber>S1</serialNumber><serviceList><service><serviceType>urn:s:1</serviceType><controlURL>/c</controlURL></service><service><serviceType>urn:s:2</serviceType></service></serviceList></device></root>";

    #[test]
    fn an_answer_tells_where_the_description_lies() {
        let read = Announcement::read(RESPONSE).unwrap();
        assert_eq!((read.kind, read.location()), (Kind::Response, Some("http://192.0.2.7/d.xml")));
        assert_eq!((read.target(), read.unique_name()), (Some("upnp:rootdevice"), Some("uuid:1")));
    }

    #[test]
    fn a_notification_is_told_from_a_search() {
        let read = Announcement::read(b"NOTIFY * HTTP/1.1\r\nNT: x\r\nNTS: ssdp:alive\r\n").unwrap();
        assert_eq!((read.kind, read.header("nts")), (Kind::Notify, Some("ssdp:alive")));
        assert_eq!(Announcement::read(&search("ssdp:all", 2)).unwrap().kind, Kind::Search);
    }

    #[test]
    fn a_description_is_scanned() {
        let read = DeviceDescription::read(XML).unwrap();
        assert_eq!(read.manufacturer.as_deref(), Some("A & B"));
        assert_eq!(read.serial_number.as_deref(), Some("S1"));
        assert_eq!(read.services, [("urn:s:1".into(), "/c".into()), ("urn:s:2".into(), String::new())]);
        assert_eq!(DeviceDescription::read("<html>"), None);
    }

    #[test]
    fn no_bytes_make_the_readers_panic() {
        crate::hostile::survives(RESPONSE, Announcement::read);
        crate::hostile::survives(XML.as_bytes(), |bytes| DeviceDescription::read(&String::from_utf8_lossy(bytes)));
    }
}
