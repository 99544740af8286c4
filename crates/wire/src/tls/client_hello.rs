//! The first message of a client, built with any offer and read back by a test peer.

use super::{Version, content_type, handshake, records};
use crate::Malformed;
use crate::reader::{Reader, put_vec};

/// Extension numbers used here (IANA registry "TLS ExtensionType Values").
pub mod extension {
    /// RFC 6066.
    pub const SERVER_NAME: u16 = 0;
    /// RFC 6066.
    pub const STATUS_REQUEST: u16 = 5;
    /// RFC 8446, RFC 8422.
    pub const SUPPORTED_GROUPS: u16 = 10;
    /// RFC 8422.
    pub const EC_POINT_FORMATS: u16 = 11;
    /// RFC 8446.
    pub const SIGNATURE_ALGORITHMS: u16 = 13;
    /// RFC 6520.
    pub const HEARTBEAT: u16 = 15;
    /// RFC 7301.
    pub const ALPN: u16 = 16;
    /// RFC 7366.
    pub const ENCRYPT_THEN_MAC: u16 = 22;
    /// RFC 7627.
    pub const EXTENDED_MASTER_SECRET: u16 = 23;
    /// RFC 5077.
    pub const SESSION_TICKET: u16 = 35;
    /// RFC 8446.
    pub const SUPPORTED_VERSIONS: u16 = 43;
    /// RFC 8446.
    pub const COOKIE: u16 = 44;
    /// RFC 8446.
    pub const PSK_KEY_EXCHANGE_MODES: u16 = 45;
    /// RFC 8446.
    pub const KEY_SHARE: u16 = 51;
    /// RFC 5746.
    pub const RENEGOTIATION_INFO: u16 = 0xff01;
}

/// An offer. A list left empty leaves its extension out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientHello {
    /// The version field; stays TLS 1.2 when 1.3 is offered through `supported_versions`.
    pub version: Version,
    /// 32 random bytes.
    pub random: [u8; 32],
    /// The session id, at most 32 bytes.
    pub session_id: Vec<u8>,
    /// Cipher suites in order of preference.
    pub suites: Vec<u16>,
    /// Compression methods; `[0]` for none, `[1, 0]` asks for DEFLATE.
    pub compression: Vec<u8>,
    /// The host name of the SNI extension.
    pub server_name: Option<String>,
    /// Groups.
    pub groups: Vec<u16>,
    /// Signature algorithms.
    pub signature_algorithms: Vec<u16>,
    /// Application protocols, such as `h2`.
    pub alpn: Vec<Vec<u8>>,
    /// Versions of the TLS 1.3 extension.
    pub supported_versions: Vec<Version>,
    /// Key shares: group and public key. An empty list with TLS 1.3 offered makes the server name its group in a
    /// HelloRetryRequest.
    pub key_shares: Vec<(u16, Vec<u8>)>,
    /// Further extensions as number and content, sent last.
    pub further_extensions: Vec<(u16, Vec<u8>)>,
}

impl ClientHello {
    /// A plain offer of exactly this version with these suites, groups and signature algorithms widely known.
    /// `share` is the public key for TLS 1.3, such as 32 bytes for x25519 (29).
    #[must_use]
    pub fn offering(version: Version, suites: &[u16], random: [u8; 32], share: Option<(u16, Vec<u8>)>) -> Self {
        let is_tls13 = version == Version::TLS13;
        let with_extensions = version > Version::SSL3;
        let unless_old = |list: &[u16]| if with_extensions { list.to_vec() } else { Vec::new() };
        let mut further_extensions = Vec::new();
        if with_extensions {
            further_extensions.push((extension::RENEGOTIATION_INFO, vec![0]));
            further_extensions.push((extension::EXTENDED_MASTER_SECRET, Vec::new()));
        }
        if is_tls13 {
            further_extensions.push((extension::PSK_KEY_EXCHANGE_MODES, vec![1, 1]));
        }
        Self {
            version: version.min(Version::TLS12),
            random,
            // A session id of 32 bytes asks for the compatibility mode of RFC 8446 appendix D.4.
            session_id: if is_tls13 { random.to_vec() } else { Vec::new() },
            suites: suites.to_vec(),
            compression: vec![0],
            server_name: None,
            groups: unless_old(&[29, 23, 24, 25, 30, 22, 21, 19, 256, 257, 258]),
            signature_algorithms: if version >= Version::TLS12 {
                vec![
                    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b,
                    0x0401, 0x0501, 0x0601, 0x0203, 0x0201, 0x0402, 0x0202, 0x0101,
                ]
            } else {
                Vec::new()
            },
            alpn: Vec::new(),
            supported_versions: if is_tls13 { vec![version] } else { Vec::new() },
            key_shares: if is_tls13 { share.into_iter().collect() } else { Vec::new() },
            further_extensions,
        }
    }

    /// The bytes to send, in records. The record version is that of the oldest version that knows the offer.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let record_version = self.version.min(Version::TLS10);
        records(content_type::HANDSHAKE, record_version, &handshake(1, &self.body()))
    }

    pub(super) fn body(&self) -> Vec<u8> {
        let mut body = self.version.0.to_be_bytes().to_vec();
        body.extend_from_slice(&self.random);
        put_vec(&mut body, 1, &self.session_id[..self.session_id.len().min(32)]);
        put_vec(&mut body, 2, &list16(&self.suites));
        put_vec(&mut body, 1, &self.compression);
        let extensions = self.extensions();
        if !extensions.is_empty() {
            put_vec(&mut body, 2, &extensions);
        }
        body
    }

    fn extensions(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut put = |number: u16, content: &[u8]| {
            out.extend_from_slice(&number.to_be_bytes());
            put_vec(&mut out, 2, content);
        };
        if let Some(name) = &self.server_name {
            let mut entry = vec![0];
            put_vec(&mut entry, 2, name.as_bytes());
            put(extension::SERVER_NAME, &vec_of(2, &entry));
        }
        if !self.groups.is_empty() {
            put(extension::SUPPORTED_GROUPS, &vec_of(2, &list16(&self.groups)));
            put(extension::EC_POINT_FORMATS, &[1, 0]);
        }
        if !self.signature_algorithms.is_empty() {
            put(extension::SIGNATURE_ALGORITHMS, &vec_of(2, &list16(&self.signature_algorithms)));
        }
        if !self.alpn.is_empty() {
            let mut names = Vec::new();
            for name in &self.alpn {
                put_vec(&mut names, 1, name);
            }
            put(extension::ALPN, &vec_of(2, &names));
        }
        if !self.supported_versions.is_empty() {
            let versions: Vec<u16> = self.supported_versions.iter().map(|version| version.0).collect();
            put(extension::SUPPORTED_VERSIONS, &vec_of(1, &list16(&versions)));
            let mut shares = Vec::new();
            for (group, key) in &self.key_shares {
                shares.extend_from_slice(&group.to_be_bytes());
                put_vec(&mut shares, 2, key);
            }
            put(extension::KEY_SHARE, &vec_of(2, &shares));
        }
        for (number, content) in &self.further_extensions {
            put(*number, content);
        }
        out
    }

    /// Reads the body of a ClientHello, as a test peer does.
    ///
    /// # Errors
    /// When the fixed part or the list of extensions is cut short; extensions not known are kept as bytes.
    pub fn read(body: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(body, "tls client hello");
        let mut hello = Self {
            version: Version(reader.u16()?),
            random: reader.array()?,
            session_id: reader.vec8()?.to_vec(),
            suites: read_list16(reader.vec16()?),
            compression: reader.vec8()?.to_vec(),
            server_name: None,
            groups: Vec::new(),
            signature_algorithms: Vec::new(),
            alpn: Vec::new(),
            supported_versions: Vec::new(),
            key_shares: Vec::new(),
            further_extensions: Vec::new(),
        };
        if reader.is_empty() {
            return Ok(hello);
        }
        let mut extensions = Reader::new(reader.vec16()?, "tls client hello extensions");
        while !extensions.is_empty() {
            let (number, content) = (extensions.u16()?, extensions.vec16()?);
            hello.read_extension(number, content)?;
        }
        Ok(hello)
    }

    fn read_extension(&mut self, number: u16, content: &[u8]) -> Result<(), Malformed> {
        let mut reader = Reader::new(content, "tls client hello extension");
        match number {
            extension::SERVER_NAME if !content.is_empty() => {
                let mut entry = Reader::new(reader.vec16()?, "tls server name");
                entry.u8()?;
                self.server_name = Some(String::from_utf8_lossy(entry.vec16()?).into_owned());
            }
            extension::SUPPORTED_GROUPS => self.groups = read_list16(reader.vec16()?),
            extension::EC_POINT_FORMATS => {}
            extension::SIGNATURE_ALGORITHMS => self.signature_algorithms = read_list16(reader.vec16()?),
            extension::ALPN => {
                let mut names = Reader::new(reader.vec16()?, "tls alpn");
                while !names.is_empty() {
                    self.alpn.push(names.vec8()?.to_vec());
                }
            }
            extension::SUPPORTED_VERSIONS => {
                self.supported_versions = read_list16(reader.vec8()?).into_iter().map(Version).collect();
            }
            extension::KEY_SHARE => {
                let mut shares = Reader::new(reader.vec16()?, "tls key share");
                while !shares.is_empty() {
                    self.key_shares.push((shares.u16()?, shares.vec16()?.to_vec()));
                }
            }
            _ => self.further_extensions.push((number, content.to_vec())),
        }
        Ok(())
    }
}

pub(super) fn list16(numbers: &[u16]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

pub(super) fn vec_of(width: usize, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    put_vec(&mut out, width, bytes);
    out
}

pub(super) fn read_list16(bytes: &[u8]) -> Vec<u16> {
    bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(version: Version) -> ClientHello {
        let mut hello = ClientHello::offering(version, &[0xc02f, 0x002f], [7; 32], Some((29, vec![9; 32])));
        if version > Version::SSL3 {
            hello.server_name = Some("device.example".to_owned());
            hello.alpn = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        }
        hello
    }

    #[test]
    fn what_is_built_is_read_back() {
        for version in &Version::ALL[1..] {
            let hello = offer(*version);
            let bytes = hello.to_bytes();
            assert_eq!(ClientHello::read(&bytes[9..]).unwrap(), hello);
        }
    }

    #[test]
    fn ssl_3_has_no_extensions_and_its_own_record_version() {
        let bytes = offer(Version::SSL3).to_bytes();
        assert_eq!(bytes[..3], [22, 3, 0]);
        assert_eq!(bytes.len(), 5 + 4 + 2 + 32 + 1 + 2 + 4 + 2);
    }

    #[test]
    fn tls_1_3_is_offered_inside_a_tls_1_2_hello() {
        let hello = offer(Version::TLS13);
        assert_eq!(hello.version, Version::TLS12);
        assert_eq!(hello.supported_versions, [Version::TLS13]);
        assert_eq!(hello.to_bytes()[..3], [22, 3, 1]);
    }

    #[test]
    fn no_bytes_make_the_reader_panic() {
        crate::hostile::survives(&offer(Version::TLS13).body(), ClientHello::read);
    }
}
