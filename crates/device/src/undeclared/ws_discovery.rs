//! A responder to WS-Discovery (OASIS, 1.1) that tells more than it has to.

use crate::label::MODEL;
use crate::plug::Plug;

/// The answer to one datagram; `None` when it is no search.
pub(crate) fn answer(plug: &Plug, datagram: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(datagram).ok()?;
    let is_search = text.contains("discovery/Probe</") && !text.contains("ProbeMatch");
    is_search.then(|| {
        format!(
            "<?xml version=\"1.0\"?><s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" \
             xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" \
             xmlns:d=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\"><s:Body><d:ProbeMatches><d:ProbeMatch>\
             <a:EndpointReference><a:Address>urn:uuid:{}</a:Address></a:EndpointReference>\
             <d:Types>dn:NetworkVideoTransmitter</d:Types>\
             <d:Scopes>onvif://www.onvif.org/hardware/{MODEL} onvif://www.onvif.org/MAC/{}</d:Scopes>\
             <d:XAddrs>http://{}/onvif/device_service</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion>\
             </d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>",
            plug.secrets.upnp_uuid, plug.label.mac, plug.address
        )
        .into_bytes()
    })
}
