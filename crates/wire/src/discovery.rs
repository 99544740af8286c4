//! WS-Discovery 1.1 (OASIS) over UDP: who is there, of which types, under which names, at which addresses.
//!
//! The envelope is read by the names of its elements, tolerantly; no signature and no policy is looked at.

/// A search for everybody (`Probe` without types).
#[must_use]
pub fn probe() -> Vec<u8> {
    concat!(
        r#"<?xml version="1.0" encoding="UTF-8"?>"#,
        r#"<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" "#,
        r#"xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing" "#,
        r#"xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><e:Header>"#,
        "<w:MessageID>uuid:5a5a5a5a-5a5a-4a5a-9a5a-5a5a5a5a5a5a</w:MessageID>",
        r#"<w:To e:mustUnderstand="true">urn:schemas-xmlsoap-org:ws:2005:04:discovery</w:To>"#,
        r#"<w:Action e:mustUnderstand="true">http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</w:Action>"#,
        "</e:Header><e:Body><d:Probe/></e:Body></e:Envelope>"
    )
    .as_bytes()
    .to_vec()
}

/// One match of a search.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Match {
    /// Endpoint reference: `urn:uuid:…`.
    pub address: String,
    /// Types, such as `dn:NetworkVideoTransmitter`.
    pub types: Vec<String>,
    /// Scopes, such as `onvif://www.onvif.org/hardware/Cam`.
    pub scopes: Vec<String>,
    /// Addresses of the service.
    pub transports: Vec<String>,
}

impl Match {
    /// What the scopes of ONVIF say under one name: `hardware`, `name`, `location`, `MAC`.
    #[must_use]
    pub fn scope(&self, name: &str) -> Option<String> {
        let lead = format!("onvif://www.onvif.org/{}/", name.to_lowercase());
        let found = self.scopes.iter().find(|scope| scope.to_lowercase().starts_with(&lead))?;
        Some(found.get(lead.len()..)?.replace("%20", " "))
    }
}

/// The matches that an answer holds, at most 32; none where it is no answer to a search.
#[must_use]
pub fn matches(answer: &[u8]) -> Vec<Match> {
    let text = String::from_utf8_lossy(&answer[..answer.len().min(64 * 1024)]).into_owned();
    if !text.contains("ProbeMatch") {
        return Vec::new();
    }
    let pieces = text.split("ProbeMatch>").filter(|piece| piece.contains("Address>"));
    let words = |piece: &str, name: &str| -> Vec<String> {
        element(piece, name).map(|text| text.split_whitespace().map(str::to_owned).collect()).unwrap_or_default()
    };
    pieces
        .filter(|piece| element(piece, "EndpointReference").is_some())
        .take(32)
        .map(|piece| Match {
            address: element(piece, "Address").map(str::trim).unwrap_or_default().to_owned(),
            types: words(piece, "Types"),
            scopes: words(piece, "Scopes"),
            transports: words(piece, "XAddrs"),
        })
        .collect()
}

/// The text of the first element of this local name.
fn element<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    for (at, _) in text.match_indices(name) {
        let before = text[..at].chars().next_back()?;
        let rest = &text[at + name.len()..];
        if !matches!(before, '<' | ':') || !rest.starts_with(['>', ' ', '\t', '\r', '\n']) {
            continue;
        }
        let content = rest.split_once('>')?.1;
        let end = content.match_indices(name).find(|(end, _)| {
            let before = &content[..*end];
            before.ends_with("</")
                || before
                    .rsplit_once("</")
                    .is_some_and(|(_, prefix)| prefix.ends_with(':') && !prefix.contains(['<', '>']))
        });
        let (end, _) = end?;
        return content[..end].rsplit_once("</").map(|(content, _)| content);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "<s:Envelope xmlns:s=\"x\"><s:Body><d:ProbeMatches><d:ProbeMatch>\
        <a:EndpointReference><a:Address>urn:uuid:1</a:Address></a:EndpointReference>\
        <d:Types>dn:NetworkVideoTransmitter tds:Device</d:Types>\
        <d:Scopes>onvif://www.onvif.org/hardware/Cam%202 onvif://www.onvif.org/name/Porch</d:Scopes>\
        <d:XAddrs>http://192.0.2.7/onvif/device_service</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion>\
        </d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>";

    #[test]
    fn an_answer_tells_types_scopes_and_addresses() {
        let [found] = &matches(ANSWER.as_bytes())[..] else { panic!("{:?}", matches(ANSWER.as_bytes())) };
        assert_eq!((found.address.as_str(), found.types.len()), ("urn:uuid:1", 2));
        assert_eq!(found.scope("hardware").as_deref(), Some("Cam 2"));
        assert_eq!(found.transports, ["http://192.0.2.7/onvif/device_service"]);
    }

    #[test]
    fn a_search_is_not_its_own_answer_and_nothing_else_is_one() {
        assert!(matches(&probe()).is_empty() && matches(b"ProbeMatch>Address>").is_empty());
    }

    #[test]
    fn no_bytes_make_the_reader_panic() {
        crate::hostile::survives(ANSWER.as_bytes(), matches);
        for text in ["ProbeMatch>é:Address>", "ProbeMatch><a:Address>", "<Address>ProbeMatch></é:Address"] {
            let _ = matches(text.as_bytes());
        }
    }
}
