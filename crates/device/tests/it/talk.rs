//! A minimal HTTP client, over TLS or not.

use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

/// A connection that is kept for several requests.
pub(crate) struct Talk {
    stream: Box<dyn Stream>,
    certificate: Option<Vec<u8>>,
}

impl Talk {
    pub(crate) fn plain(to: SocketAddr) -> Self {
        Self { stream: Box::new(connect(to)), certificate: None }
    }

    pub(crate) fn secure(to: SocketAddr, tls: &Arc<ClientConfig>) -> Option<Self> {
        let name = ServerName::IpAddress(IpAddr::into(to.ip()));
        let mut connection = ClientConnection::new(Arc::clone(tls), name).unwrap();
        let mut stream = connect(to);
        while connection.is_handshaking() {
            connection.complete_io(&mut stream).ok()?;
        }
        let certificate = connection.peer_certificates()?.first().map(|der| der.to_vec());
        Some(Self { stream: Box::new(StreamOwned::new(connection, stream)), certificate })
    }

    /// The certificate of the server.
    pub(crate) fn certificate(&self) -> wire::tls::certificate::Certificate {
        wire::tls::certificate::read(self.certificate.as_deref().unwrap()).unwrap()
    }

    /// Sends a request and reads its answer; `None` when the connection ended instead.
    pub(crate) fn send(
        &mut self,
        method: &str,
        target: &str,
        fields: &[(&str, &str)],
        body: impl AsRef<[u8]>,
    ) -> Option<Answer> {
        let body = body.as_ref();
        let mut request =
            format!("{method} {target} HTTP/1.1\r\nHost: plug\r\nContent-Length: {}\r\n", body.len());
        for (name, value) in fields {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("\r\n");
        self.stream.write_all(&[request.as_bytes(), body].concat()).ok()?;
        self.stream.flush().ok()?;
        self.answer()
    }

    fn answer(&mut self) -> Option<Answer> {
        let mut bytes = Vec::new();
        loop {
            if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&bytes[..at]).into_owned();
                let status = head.split(' ').nth(1)?.parse().ok()?;
                let mut answer = Answer { status, head, body: String::new() };
                let length: usize = answer.field("content-length")?.parse().ok()?;
                if bytes.len() >= at + 4 + length {
                    answer.body = String::from_utf8_lossy(&bytes[at + 4..at + 4 + length]).into_owned();
                    return Some(answer);
                }
            }
            let mut buffer = [0; 4096];
            match self.stream.read(&mut buffer) {
                Ok(length) if length > 0 => bytes.extend_from_slice(&buffer[..length]),
                _ => return None,
            }
        }
    }
}

fn connect(to: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(to).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream
}
