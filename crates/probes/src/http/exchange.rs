//! One request and its answer, in clear or inside TLS.
//!
//! A connection per request: devices handle that most reliably, and a broken one costs nothing else. It does not
//! follow redirects and keeps no cookies; what a probe sends is what its request says.

use std::time::Duration;

use model::{Endpoint, ShortfallKind};
use serde::{Deserialize, Serialize};
use wire::http::{Limits, Progress, Request, Response, ResponseReader};

use crate::{Bench, ConnectError, Received, SecureError, TlsSession, TlsWish};

/// Most bytes of a body that are kept.
pub const MOST_BODY: usize = 256 * 1024;

/// A web server: where it is, and by which name it is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    /// Where.
    pub endpoint: Endpoint,
    /// Whether inside TLS.
    #[serde(default)]
    pub tls: bool,
    /// Host name for `Host` and TLS; the address where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
}

impl Server {
    /// The value of the `Host` header (RFC 9110 section 7.2).
    pub fn authority(&self) -> String {
        let Endpoint { address, port, .. } = self.endpoint;
        let host = match (&self.host, address) {
            (Some(host), _) => host.clone(),
            (None, std::net::IpAddr::V6(v6)) => format!("[{v6}]"),
            (None, v4) => v4.to_string(),
        };
        let usual = if self.tls { 443 } else { 80 };
        if port == usual { host } else { format!("{host}:{port}") }
    }

    /// What to offer in TLS.
    pub fn wish(&self) -> TlsWish {
        TlsWish { alpn: vec!["http/1.1".to_owned()], ..TlsWish::named(self.host.as_deref()) }
    }

    /// A request with the headers every request needs; the connection is closed behind it.
    pub fn request(&self, method: &str, target: &str) -> Request {
        Request::new(method, target)
            .header("Host", &self.authority())
            .header("User-Agent", "assay")
            .header("Accept", "*/*")
            .header("Connection", "close")
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum NoAnswer {
    /// No connection.
    #[error("no connection: {0}")]
    Connect(ConnectError),
    /// No TLS.
    #[error("no TLS: {0}")]
    Secure(SecureError),
    /// The peer closed or broke the connection before it answered.
    #[error("the connection ended without an answer")]
    Gone,
    /// Nothing came, or not the whole head, in time.
    #[error("no answer in time")]
    Silence,
    /// What came is not HTTP.
    #[error("the answer is not HTTP")]
    NotHttp,
}

impl NoAnswer {
    /// The kind of shortfall it leaves where an answer was needed.
    pub fn shortfall(&self) -> ShortfallKind {
        match self {
            NoAnswer::Connect(error) => error.shortfall(),
            NoAnswer::Secure(SecureError::Silence) | NoAnswer::Silence => ShortfallKind::Silence,
            NoAnswer::Secure(_) | NoAnswer::NotHttp => ShortfallKind::Unreadable,
            NoAnswer::Gone => ShortfallKind::Refused,
        }
    }
}

/// Sends a request on a connection of its own and reads the answer. Values in `secrets` are kept out of the record,
/// in what is sent and in what comes back.
///
/// # Errors
/// See [`NoAnswer`].
pub fn exchange(
    bench: &mut dyn Bench,
    server: &Server,
    request: &Request,
    secrets: &[&str],
) -> Result<Response, NoAnswer> {
    exchange_with_session(bench, server, request, secrets).map(|(response, _)| response)
}

/// As [`exchange`], and returns what TLS showed too.
///
/// # Errors
/// See [`NoAnswer`].
pub fn exchange_with_session(
    bench: &mut dyn Bench,
    server: &Server,
    request: &Request,
    secrets: &[&str],
) -> Result<(Response, Option<TlsSession>), NoAnswer> {
    let (link, session) = open(bench, server)?;
    say(bench, link, request, secrets);
    let wait = bench.wait();
    let answer = hear(bench, link, request.method(), wait);
    bench.close(link);
    Ok((answer?, session))
}

/// Connects, inside TLS where the server is. Nothing is open after an error.
pub(crate) fn open(
    bench: &mut dyn Bench,
    server: &Server,
) -> Result<(crate::LinkId, Option<TlsSession>), NoAnswer> {
    let wait = bench.wait();
    let link = bench.connect(server.endpoint, wait).map_err(NoAnswer::Connect)?;
    if !server.tls {
        return Ok((link, None));
    }
    match bench.secure(link, &server.wish()) {
        Ok(session) => Ok((link, Some(session))),
        Err(error) => {
            bench.close(link);
            Err(NoAnswer::Secure(error))
        }
    }
}

/// Sends a request; values in `secrets` are kept out of the record.
pub(crate) fn say(bench: &mut dyn Bench, link: crate::LinkId, request: &Request, secrets: &[&str]) {
    let bytes = request.to_bytes();
    let shown = hidden(&bytes, secrets);
    for secret in secrets {
        bench.conceal(secret.as_bytes());
    }
    // A server may answer and close before it has heard everything; its answer still counts.
    bench.send_secret(link, &bytes, &shown).ok();
}

/// Reads the answer to a request of this method, waiting so long for each part of it.
pub(crate) fn hear(
    bench: &mut dyn Bench,
    link: crate::LinkId,
    method: &str,
    wait: Duration,
) -> Result<Response, NoAnswer> {
    let limits = Limits { body: MOST_BODY, ..Limits::default() };
    let mut reader = ResponseReader::new(method, limits);
    let until = bench.elapsed_millis() + 20 * u64::try_from(wait.as_millis()).unwrap_or(u64::MAX / 40) + 1;
    loop {
        let received = match bench.elapsed_millis() > until {
            // A body that trickles for ever is as good as ended.
            true => Received::Silence,
            false => bench.receive(link, 64 * 1024, wait),
        };
        match received {
            Received::Data(bytes) => match reader.feed(&bytes.0) {
                Ok(Progress::Done(response)) => return Ok(response),
                Ok(Progress::NeedMore) => {}
                Err(_) => return Err(NoAnswer::NotHttp),
            },
            Received::Closed | Received::Reset => return reader.finish().map_err(|_| NoAnswer::Gone),
            Received::Silence => return reader.finish().map_err(|_| NoAnswer::Silence),
        }
    }
}

/// The bytes with each secret replaced, as the record may show them.
fn hidden(bytes: &[u8], secrets: &[&str]) -> Vec<u8> {
    let mut shown = bytes.to_vec();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        crate::transcript::replace(&mut shown, secret.as_bytes());
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::ScriptedBench;

    fn server(port: u16, tls: bool) -> Server {
        Server { endpoint: Endpoint::tcp("192.0.2.7".parse().unwrap(), port), tls, host: None }
    }

    fn says(text: &'static str) -> impl FnMut(&[u8]) -> Option<Vec<u8>> {
        move |heard| (!heard.is_empty()).then(|| text.as_bytes().to_vec())
    }

    #[test]
    fn an_answer_without_length_ends_with_the_silence() {
        let mut bench = ScriptedBench::refusing().answering(80, says("HTTP/1.0 200 OK\r\n\r\nhello"));
        let response =
            exchange(&mut bench, &server(80, false), &server(80, false).request("GET", "/"), &[]).unwrap();
        assert_eq!((response.status, response.text().as_str()), (200, "hello"));
    }

    #[test]
    fn a_secret_reaches_the_device_and_not_the_record() {
        let mut bench = ScriptedBench::refusing().answering(80, |heard| {
            heard.windows(5).any(|w| w == b"s3cr3").then(|| b"HTTP/1.1 204 x\r\n\r\n".to_vec())
        });
        let at = server(80, false);
        let request = at.request("GET", "/").header("Authorization", "s3cr3t");
        assert_eq!(exchange(&mut bench, &at, &request, &["s3cr3t"]).unwrap().status, 204);
        assert!(!String::from_utf8_lossy(&bench.sent[0].1).contains("s3cr3t"));
    }

    #[test]
    fn each_way_to_get_no_answer_is_told_apart() {
        let mut bench =
            ScriptedBench::refusing().answering(23, |_| Some(b"login: ".to_vec())).answering(81, |_| None);
        let mut ask = |port, tls| {
            let at = server(port, tls);
            exchange(&mut bench, &at, &at.request("GET", "/"), &[]).unwrap_err()
        };
        assert_eq!(ask(9, false), NoAnswer::Connect(ConnectError::Refused));
        assert_eq!(ask(23, false), NoAnswer::NotHttp);
        assert_eq!(ask(81, false), NoAnswer::Silence);
        assert_eq!(ask(81, true), NoAnswer::Secure(SecureError::NotTls));
    }

    #[test]
    fn the_host_header_names_an_unusual_port() {
        assert_eq!(server(80, false).authority(), "192.0.2.7");
        assert_eq!(server(80, true).authority(), "192.0.2.7:80");
        let v6 = Server { endpoint: Endpoint::tcp("2001:db8::1".parse().unwrap(), 443), tls: true, host: None };
        assert_eq!(v6.authority(), "[2001:db8::1]");
    }
}
