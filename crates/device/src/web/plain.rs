//! Plain HTTP of the device: everything is redirected to HTTPS, except the description document of SSDP.

use std::sync::Arc;

use super::{Turn, banner, login, page, session};
use crate::faults::Fault;
use crate::http::{Reply, Request, Response, Site, Visit};
use crate::plug::Plug;
use crate::ports;
use crate::services::ssdp;

/// The site on the plain port.
pub(crate) struct Plain {
    plug: Arc<Plug>,
}

impl Plain {
    pub(crate) fn new(plug: Arc<Plug>) -> Self {
        Self { plug }
    }
}

impl Site for Plain {
    fn answer(&self, request: &Request, visit: &mut Visit) -> Reply {
        if request.path == "/description.xml" {
            let document = ssdp::description(&self.plug);
            return Response::new(200, "text/xml; charset=utf-8", document).into();
        }
        if self.plug.has(Fault::HttpLoginPlain) && !self.plug.is_sick() {
            let mut turn = Turn { plug: &self.plug, request, visit, secure: false };
            let outcome = match (request.method.as_str(), request.path.as_str()) {
                ("GET" | "HEAD", "/") => Some(page::home(&mut turn)),
                ("POST", "/login") => Some(login::by_form(&mut turn)),
                _ => None,
            };
            if let Some(outcome) = outcome {
                return outcome.map_or_else(|reply| reply, Reply::from);
            }
        }
        // The address is ours, never the Host the client sent.
        let host = session::host(self.plug.address);
        Response::redirect(308, format!("https://{host}:{}{}", ports::HTTPS, request.path)).into()
    }

    fn finish(&self, response: Response) -> Response {
        banner(&self.plug, response)
    }
}
