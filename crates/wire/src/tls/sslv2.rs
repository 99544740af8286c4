//! SSL 2.0: CLIENT-HELLO and SERVER-HELLO (the Netscape specification of 1995; forbidden by RFC 6176).

use crate::Malformed;
use crate::reader::Reader;

/// The cipher kinds of SSL 2.0, by number and name.
pub const CIPHER_KINDS: [(u32, &str); 8] = [
    (0x01_0080, "SSL_CK_RC4_128_WITH_MD5"),
    (0x02_0080, "SSL_CK_RC4_128_EXPORT40_WITH_MD5"),
    (0x03_0080, "SSL_CK_RC2_128_CBC_WITH_MD5"),
    (0x04_0080, "SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5"),
    (0x05_0080, "SSL_CK_IDEA_128_CBC_WITH_MD5"),
    (0x06_0040, "SSL_CK_DES_64_CBC_WITH_MD5"),
    (0x07_00c0, "SSL_CK_DES_192_EDE3_CBC_WITH_MD5"),
    (0x08_0080, "SSL_CK_RC4_64_WITH_MD5"),
];

/// A CLIENT-HELLO that offers every cipher kind.
#[must_use]
pub fn client_hello(challenge: [u8; 16]) -> Vec<u8> {
    let mut body = vec![1, 0, 2];
    body.extend(((CIPHER_KINDS.len() * 3) as u16).to_be_bytes());
    body.extend([0, 0, 0, 16]);
    for (kind, _) in CIPHER_KINDS {
        body.extend_from_slice(&kind.to_be_bytes()[1..]);
    }
    body.extend_from_slice(&challenge);
    let mut out = (0x8000 | body.len() as u16).to_be_bytes().to_vec();
    out.extend(body);
    out
}

/// A SERVER-HELLO: SSL 2.0 is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerHello {
    /// The version the server names; 0x0002.
    pub version: u16,
    /// Its certificate, in DER.
    pub certificate: Vec<u8>,
    /// The cipher kinds common to both, by number.
    pub cipher_kinds: Vec<u32>,
}

/// Reads the answer to a CLIENT-HELLO; none while more bytes are needed.
///
/// # Errors
/// When it is no SERVER-HELLO: the server does not speak SSL 2.0, or refuses.
pub fn read_server_hello(received: &[u8]) -> Result<Option<ServerHello>, Malformed> {
    let mut record = Reader::new(received, "ssl 2 record");
    let Ok(head) = record.u16() else { return Ok(None) };
    if head & 0x8000 == 0 {
        // A TLS alert starts with 0x15; SSL 2.0 answers with an unpadded two-byte head.
        return Err(Malformed::Invalid("ssl 2 record head"));
    }
    let Ok(body) = record.take(usize::from(head & 0x7fff)) else {
        return if record.peek().first().is_some_and(|kind| *kind != 4) {
            Err(Malformed::Invalid("ssl 2 message type"))
        } else {
            Ok(None)
        };
    };
    let mut reader = Reader::new(body, "ssl 2 server hello");
    if reader.u8()? != 4 {
        return Err(Malformed::Invalid("ssl 2 message type"));
    }
    let _session_id_hit = reader.u8()?;
    let _certificate_type = reader.u8()?;
    let version = reader.u16()?;
    let (certificate, kinds) = (usize::from(reader.u16()?), usize::from(reader.u16()?));
    let _connection_id = reader.u16()?;
    let certificate = reader.take(certificate)?.to_vec();
    let cipher_kinds = reader
        .take(kinds)?
        .as_chunks::<3>()
        .0
        .iter()
        .map(|[a, b, c]| u32::from_be_bytes([0, *a, *b, *c]))
        .collect();
    Ok(Some(ServerHello { version, certificate, cipher_kinds }))
}

/// A SERVER-HELLO, for a test device.
#[must_use]
pub fn server_hello(certificate: &[u8], cipher_kinds: &[u32], connection_id: [u8; 16]) -> Vec<u8> {
    let certificate = &certificate[..certificate.len().min(16_000)];
    let kinds = &cipher_kinds[..cipher_kinds.len().min(64)];
    let mut body = vec![4, 0, 1, 0, 2];
    body.extend((certificate.len() as u16).to_be_bytes());
    body.extend((kinds.len() as u16 * 3).to_be_bytes());
    body.extend([0, 16]);
    body.extend_from_slice(certificate);
    for kind in kinds {
        body.extend_from_slice(&kind.to_be_bytes()[1..]);
    }
    body.extend_from_slice(&connection_id);
    let mut out = (0x8000 | body.len() as u16).to_be_bytes().to_vec();
    out.extend(body);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_hello_tells_certificate_and_kinds() {
        let bytes = server_hello(&[1, 2, 3], &[0x02_0080], [0; 16]);
        let hello = read_server_hello(&bytes).unwrap().unwrap();
        assert_eq!((hello.version, hello.certificate.len()), (2, 3));
        assert_eq!(hello.cipher_kinds, [0x02_0080]);
        assert_eq!(read_server_hello(&bytes[..9]), Ok(None));
    }

    #[test]
    fn an_alert_of_tls_is_no_acceptance() {
        assert!(read_server_hello(&[0x15, 3, 1, 0, 2, 2, 70]).is_err());
    }

    #[test]
    fn the_client_hello_says_its_own_length() {
        let bytes = client_hello([9; 16]);
        assert_eq!(usize::from(u16::from_be_bytes([bytes[0], bytes[1]]) & 0x7fff), bytes.len() - 2);
    }

    #[test]
    fn no_bytes_make_the_reader_panic() {
        crate::hostile::survives(&server_hello(&[1, 2, 3], &[0x02_0080], [0; 16]), read_server_hello);
    }
}
