//! The associated service: public pages, update service, broker.

mod pages;
mod updates;

use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::crew::lock;
use crate::fault_set::FaultSet;
use crate::faults::Fault;
use crate::http::{Reply, Request, Response, Site, Visit};
use crate::mqtt::broker::{Broker, TICK};
use crate::tls::Acceptor;
use updates::Updates;

pub use updates::Offer;
pub(crate) use updates::{MANIFEST_PATH, Manifest};

/// The associated service of one product.
pub(crate) struct Cloud {
    faults: FaultSet,
    updates: Updates,
    offer: Mutex<Offer>,
    broker: Broker,
    attempts: AtomicU64,
}

impl Cloud {
    pub(crate) fn new(faults: FaultSet, updates: Updates) -> Self {
        Self {
            faults,
            updates,
            offer: Mutex::new(Offer::Genuine),
            broker: Broker::default(),
            attempts: AtomicU64::new(0),
        }
    }

    /// What the update service offers from now on.
    pub(crate) fn set_offer(&self, offer: Offer) {
        *lock(&self.offer) = offer;
    }

    /// Out of order: open connections end, new ones are closed at once.
    pub(crate) fn set_offline(&self, offline: bool) {
        self.broker.set_shut(offline);
    }

    pub(crate) fn is_offline(&self) -> bool {
        self.broker.is_shut()
    }

    /// Connections to the broker so far, refused ones included.
    pub(crate) fn attempts(&self) -> u64 {
        self.attempts.load(Ordering::Relaxed)
    }

    pub(crate) fn published(&self) -> u64 {
        self.broker.published()
    }

    /// MQTT over TLS: a client certificate of our authority is the credential.
    pub(crate) fn serve_broker(&self, acceptor: &Acceptor, stream: TcpStream) {
        self.attempts.fetch_add(1, Ordering::Relaxed);
        if self.is_offline() {
            return;
        }
        let Some(mut secured) = acceptor.accept(stream) else {
            return;
        };
        if secured.sock.set_read_timeout(Some(TICK)).is_err() {
            return;
        }
        let known = secured.conn.peer_certificates().is_some_and(|chain| !chain.is_empty());
        self.broker.serve(&mut secured, known || self.faults.has(Fault::CloudBrokerOpen));
        secured.conn.send_close_notify();
        // The client may be gone already.
        let _ = secured.conn.complete_io(&mut secured.sock);
    }

    /// MQTT without TLS, for the fault that sends telemetry in the open.
    pub(crate) fn serve_plain_broker(&self, mut stream: TcpStream) {
        self.attempts.fetch_add(1, Ordering::Relaxed);
        if !self.is_offline() && stream.set_read_timeout(Some(TICK)).is_ok() {
            self.broker.serve(&mut stream, true);
        }
    }
}

/// The web pages of the associated service.
pub(crate) struct CloudSite {
    cloud: Arc<Cloud>,
}

impl CloudSite {
    pub(crate) fn new(cloud: Arc<Cloud>) -> Self {
        Self { cloud }
    }
}

impl Site for CloudSite {
    fn answer(&self, request: &Request, _: &mut Visit) -> Reply {
        if !matches!(request.method.as_str(), "GET" | "HEAD") {
            return Response::error(405, "method not allowed").with("Allow", "GET").into();
        }
        let offer = *lock(&self.cloud.offer);
        if let Some(response) = self.cloud.updates.get(&request.path, offer) {
            return response.into();
        }
        pages::get(&request.path, &self.cloud.faults).into()
    }

    fn finish(&self, response: Response) -> Response {
        response.with("Strict-Transport-Security", "max-age=31536000")
    }
}

pub(crate) use updates::Updates as UpdateService;
