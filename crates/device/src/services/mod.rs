//! The intended services of the device besides the web page, one a file.

pub(crate) mod coap;
pub(crate) mod mdns;
pub(crate) mod rtsp;
pub(crate) mod ssdp;
