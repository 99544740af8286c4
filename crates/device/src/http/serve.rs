//! The loop over the requests of one connection.

use std::io::{Read, Write};
use std::net::{IpAddr, Shutdown, TcpStream};
use std::time::Duration;

use super::request::{Broken, Request};
use super::response::{Reply, Response};

/// Silence between requests after which a connection is closed.
pub(crate) const IDLE: Duration = Duration::from_secs(5);
/// Requests on one connection.
const MAX_REQUESTS: usize = 200;

/// One connection, as a site sees it.
#[derive(Debug)]
pub(crate) struct Visit {
    /// Address of the client.
    pub(crate) source: IpAddr,
    /// Wrong logins on this very connection.
    pub(crate) wrong_logins: u32,
}

impl Visit {
    pub(crate) fn new(stream: &TcpStream) -> Option<Self> {
        stream.set_read_timeout(Some(IDLE)).ok()?;
        stream.set_write_timeout(Some(IDLE)).ok()?;
        Some(Self { source: stream.peer_addr().ok()?.ip(), wrong_logins: 0 })
    }
}

/// Something that answers requests.
pub(crate) trait Site: Send + Sync {
    fn answer(&self, request: &Request, visit: &mut Visit) -> Reply;

    /// Changes that concern every response, error responses included.
    fn finish(&self, response: Response) -> Response {
        response
    }
}

/// Answers the requests of one connection until it ends; true when it is to be closed politely.
pub(crate) fn serve(stream: &mut (impl Read + Write), visit: &mut Visit, site: &dyn Site) -> bool {
    let mut pending = Vec::new();
    for served in 1..=MAX_REQUESTS {
        let (reply, head_only, keep) = match Request::read(stream, &mut pending) {
            Ok(request) => {
                let reply = site.answer(&request, visit);
                (reply, request.method == "HEAD", request.keep && served < MAX_REQUESTS)
            }
            Err(Broken::Gone) => return true,
            Err(Broken::Status(status)) => {
                (Response::error(status, "the request could not be read").into(), false, false)
            }
        };
        let Reply::Send(response) = reply else {
            return false;
        };
        let bytes = site.finish(response).bytes(head_only, keep);
        if stream.write_all(&bytes).and_then(|()| stream.flush()).is_err() {
            return false;
        }
        if !keep {
            return true;
        }
    }
    true
}

/// Closes our side and reads a little of what is still coming: closing with unread bytes would destroy the last
/// answer on its way.
pub(crate) fn linger(mut stream: &TcpStream) {
    let _ = stream.shutdown(Shutdown::Write);
    let _ = stream.set_read_timeout(Some(Duration::from_millis(200)));
    let mut buffer = [0; 4096];
    for _ in 0..64 {
        match stream.read(&mut buffer) {
            Ok(length) if length > 0 => {}
            _ => return,
        }
    }
}
