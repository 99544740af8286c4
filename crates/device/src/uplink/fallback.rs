//! What two faults do when TLS fails: go on in TLS 1.0.
//!
//! The handshake is never completed, since no keys exist: it goes as far as a peer needs to see that it would be.

use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::fetch;

const STEP: Duration = Duration::from_secs(2);
/// ServerHelloDone, a message without content.
const DONE: [u8; 4] = [14, 0, 0, 0];

/// Whether TLS failed for want of a common version.
pub(crate) fn wants_older(error: &io::Error) -> bool {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    matches!(inner, Some(rustls::Error::PeerIncompatible(_)))
}

/// Offers TLS 1.0, and answers the flight that comes with a key exchange and a change of cipher.
pub(crate) fn agree_to_tls_1_0(from: IpAddr, at: SocketAddr) -> io::Result<()> {
    let mut stream = fetch::connect(from, at)?;
    stream.set_read_timeout(Some(STEP))?;
    let mut hello = vec![3, 1];
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    hello.extend_from_slice(&random);
    // No session; two suites of RSA key exchange with AES; no compression.
    hello.extend_from_slice(&[0, 0, 4, 0, 0x2f, 0, 0x35, 1, 0]);
    stream.write_all(&record(22, &message(1, &hello)))?;
    let mut heard = Vec::new();
    while !heard.ends_with(&DONE) {
        let mut buffer = [0; 4096];
        let count = stream.read(&mut buffer)?;
        heard.extend_from_slice(&buffer[..count]);
        if count == 0 || heard.len() > 64 * 1024 || heard.first() != Some(&22) {
            return Ok(());
        }
    }
    let mut secret = vec![1, 0];
    secret.extend_from_slice(&random.repeat(8));
    let mut answer = record(22, &message(16, &secret));
    answer.extend(record(20, &[1]));
    stream.write_all(&answer)?;
    // The peer cannot go on either.
    let _ = stream.read(&mut [0; 64]);
    Ok(())
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![kind];
    out.extend_from_slice(&(body.len() as u32).to_be_bytes()[1..]);
    out.extend_from_slice(body);
    out
}

fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![kind, 3, 1];
    out.extend_from_slice(&(body.len() as u16).to_be_bytes());
    out.extend_from_slice(body);
    out
}
