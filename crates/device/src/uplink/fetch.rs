//! A GET over verified TLS, everything bounded.

use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use socket2::{Domain, Socket, Type};

use super::way::NAME;

const CONNECT: Duration = Duration::from_secs(2);
const STEP: Duration = Duration::from_secs(2);
const WHOLE: Duration = Duration::from_secs(5);
const MAX_ANSWER: usize = 64 * 1024;

/// A connection that leaves from the device's own address, as everything it sends does.
pub(crate) fn connect(from: IpAddr, at: SocketAddr) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(at), Type::STREAM, None)?;
    // So that its own port, however long it waits to be free, never holds up a listener of the next start.
    socket.set_reuse_address(true)?;
    socket.bind(&SocketAddr::new(from, 0).into())?;
    socket.connect_timeout(&at.into(), CONNECT)?;
    Ok(socket.into())
}

/// TLS on an open connection.
pub(crate) fn secure(
    stream: TcpStream,
    config: &Arc<ClientConfig>,
) -> io::Result<StreamOwned<ClientConnection, TcpStream>> {
    stream.set_read_timeout(Some(STEP))?;
    stream.set_write_timeout(Some(STEP))?;
    stream.set_nodelay(true)?;
    let name = ServerName::try_from(NAME).map_err(io::Error::other)?;
    let connection = ClientConnection::new(Arc::clone(config), name).map_err(io::Error::other)?;
    Ok(StreamOwned::new(connection, stream))
}

/// The body of a document over verified TLS; any status but 200 is an error.
pub(crate) fn get(from: IpAddr, at: SocketAddr, config: &Arc<ClientConfig>, path: &str) -> io::Result<Vec<u8>> {
    ask(&mut secure(connect(from, at)?, config)?, at, path)
}

/// The same in clear, for a fault.
pub(crate) fn get_plain(from: IpAddr, at: SocketAddr, path: &str) -> io::Result<Vec<u8>> {
    let mut stream = connect(from, at)?;
    stream.set_read_timeout(Some(STEP))?;
    stream.set_write_timeout(Some(STEP))?;
    ask(&mut stream, at, path)
}

fn ask(stream: &mut (impl Read + Write), at: SocketAddr, path: &str) -> io::Result<Vec<u8>> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {NAME}:{}\r\nConnection: close\r\n\r\n", at.port());
    stream.write_all(request.as_bytes())?;
    stream.flush()?;
    let deadline = Instant::now() + WHOLE;
    let mut answer = Vec::new();
    loop {
        if let Some(body) = whole(&answer)? {
            return Ok(body);
        }
        if answer.len() > MAX_ANSWER || Instant::now() >= deadline {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut buffer = [0; 4096];
        match stream.read(&mut buffer)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            length => answer.extend_from_slice(&buffer[..length]),
        }
    }
}

/// The body, once all of it is there.
fn whole(answer: &[u8]) -> io::Result<Option<Vec<u8>>> {
    let mut fields = [httparse::EMPTY_HEADER; 32];
    let mut response = httparse::Response::new(&mut fields);
    let parsed = response.parse(answer).map_err(io::Error::other)?;
    let httparse::Status::Complete(head) = parsed else {
        return Ok(None);
    };
    let length = response
        .headers
        .iter()
        .find(|field| field.name.eq_ignore_ascii_case("content-length"))
        .and_then(|field| std::str::from_utf8(field.value).ok()?.trim().parse::<usize>().ok());
    match (response.code, length) {
        (Some(200), Some(length)) if length <= MAX_ANSWER => {
            Ok(answer.get(head..head + length).map(<[u8]>::to_vec))
        }
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}
