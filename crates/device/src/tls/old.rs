//! The first flight of an outdated TLS server: ServerHello, Certificate, ServerHelloDone, and no more.
//!
//! It shows that a version, a suite or a key would be accepted. It never completes a handshake: no keys exist, the
//! certificates are canned ones whose private keys were thrown away, and a key exchange is present only where a
//! client needs it to read the flight (anonymous suites).

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use super::hello::{self, Offer};
use crate::fault_set::FaultSet;
use crate::faults::Fault;
use crate::p256;

const SSL_3_0: u16 = 0x0300;
const TLS_1_0: u16 = 0x0301;
const TLS_1_1: u16 = 0x0302;
const TLS_1_2: u16 = 0x0303;
const TLS_1_3: u16 = 0x0304;

/// RSA key exchange with AES or 3DES, which every old server had.
const RSA_SUITES: &[u16] = &[0x0035, 0x002f, 0x000a];
const RC4: &[u16] = &[0x0005, 0x0004];
const NULL: &[u16] = &[0x003b, 0x0002, 0x0001];
const EXPORT: &[u16] = &[0x0008, 0x0006, 0x0003];
const ANON: &[u16] = &[0xc019, 0xc018, 0xc017, 0xc016, 0x00a6, 0x006c, 0x003a, 0x0034, 0x001b, 0x0018];
/// Triple DES alone, where nothing else old is on.
const TRIPLE_DES: &[u16] = &[0x000a];
/// RSA key exchange in TLS 1.2: whoever gets the key reads all earlier traffic.
const STATIC_RSA: &[u16] = &[0x009c, 0x002f, 0x0035];
/// Ephemeral Diffie-Hellman, of 1024 bits.
const SHORT_DH: &[u16] = &[0x009e, 0x0033];
/// Suites that work with the sound certificate (ECDSA) of the device.
const SOUND: &[u16] = &[0xc02b, 0xc02c, 0xcca9];

const RSA_2048: &[u8] = include_bytes!("../../data/rsa2048.der");
const RSA_2048_SHA1: &[u8] = include_bytes!("../../data/rsa2048sha1.der");
const RSA_1024: &[u8] = include_bytes!("../../data/rsa1024.der");
/// How long a client may take to send its first record.
const WAIT: Duration = Duration::from_secs(3);

/// The outdated abilities of one service.
#[derive(Debug, Default)]
pub(crate) struct OldTls {
    versions: Vec<u16>,
    suites: Vec<u16>,
    /// Shown in place of the usual old certificate, for suites with RSA key exchange.
    certificate: Option<&'static [u8]>,
    signs: Signs,
}

/// What a flight with a sound suite shows wrongly.
#[derive(Debug, Default, Clone, Copy)]
struct Signs {
    compresses: bool,
    no_renegotiation_info: bool,
    no_sentinel: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum Plan {
    /// rustls answers.
    Sound,
    Flight {
        version: u16,
        suite: u16,
    },
    /// A ServerHello of TLS 1.2 with a sound suite, that shows something wrong.
    Hello {
        suite: u16,
    },
    /// No common suite in an old version.
    Refuse,
}

impl OldTls {
    /// The abilities the faults give to the device.
    pub(crate) fn of_device(faults: &FaultSet) -> Self {
        let versions = [(Fault::TlsSslv3, SSL_3_0), (Fault::Tls10, TLS_1_0), (Fault::Tls11, TLS_1_1)];
        let suites = [
            (Fault::TlsRc4, RC4),
            (Fault::TlsNull, NULL),
            (Fault::TlsExport, EXPORT),
            (Fault::TlsAnon, ANON),
            (Fault::Tls3des, TRIPLE_DES),
            (Fault::TlsStaticRsa, STATIC_RSA),
            (Fault::TlsShortDh, SHORT_DH),
        ];
        let certificate = match (faults.has(Fault::TlsWeakKey), faults.has(Fault::TlsSha1Cert)) {
            (true, _) => Some(RSA_1024),
            (_, true) => Some(RSA_2048_SHA1),
            _ => None,
        };
        let signs = Signs {
            compresses: faults.has(Fault::TlsCompression),
            no_renegotiation_info: faults.has(Fault::TlsNoSecureRenegotiation),
            no_sentinel: faults.has(Fault::TlsNoSentinel),
        };
        Self { certificate, signs, ..Self::of(faults, &versions, &suites) }
    }

    /// The abilities the faults give to the associated service.
    pub(crate) fn of_cloud(faults: &FaultSet) -> Self {
        let signs = Signs { compresses: faults.has(Fault::CloudTlsCompression), ..Signs::default() };
        Self { signs, ..Self::of(faults, &[(Fault::CloudTls10, TLS_1_0)], &[(Fault::CloudTlsRc4, RC4)]) }
    }

    fn of(faults: &FaultSet, versions: &[(Fault, u16)], suites: &[(Fault, &[u16])]) -> Self {
        let versions = versions.iter().filter(|(fault, _)| faults.has(*fault)).map(|(_, version)| *version);
        let suites = suites.iter().filter(|(fault, _)| faults.has(*fault)).flat_map(|(_, suites)| *suites);
        Self { versions: versions.collect(), suites: suites.copied().collect(), ..Self::default() }
    }

    /// Answers a hello that only an outdated server would accept; false leaves the stream untouched.
    pub(super) fn answer(&self, stream: &mut TcpStream) -> bool {
        let Signs { compresses, no_renegotiation_info, no_sentinel } = self.signs;
        let is_wrong = compresses || no_renegotiation_info || no_sentinel;
        if self.versions.is_empty() && self.suites.is_empty() && self.certificate.is_none() && !is_wrong {
            return false;
        }
        let Some(record) = peek_record(stream) else {
            return false;
        };
        let Some(offer) = hello::read(&record) else {
            return false;
        };
        let bytes = match self.plan(&offer) {
            Plan::Sound => return false,
            Plan::Refuse => alert(TLS_1_0),
            Plan::Flight { version, suite } => self.flight(version, suite),
            Plan::Hello { suite } => self.sound_hello(suite),
        };
        let mut taken = vec![0; record.len()];
        if stream.read_exact(&mut taken).is_ok() && stream.write_all(&bytes).is_ok() {
            // Whatever the client sends next cannot be understood: an alert ends the handshake.
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(&alert(TLS_1_0));
        }
        true
    }

    fn plan(&self, offer: &Offer) -> Plan {
        let offers = |suite: &&u16| offer.suites.contains(*suite);
        let flight = |version, suite: Option<&u16>, otherwise| {
            suite.map_or(otherwise, |suite| Plan::Flight { version, suite: *suite })
        };
        if offer.highest >= TLS_1_2 {
            if offer.highest >= TLS_1_3 && offer.suites.iter().any(|suite| suite >> 8 == 0x13) {
                return Plan::Sound;
            }
            let weak_key = RSA_SUITES.iter().find(|suite| self.certificate.is_some() && offers(suite));
            if weak_key.is_some() {
                return flight(TLS_1_2, weak_key, Plan::Sound);
            }
            if let Some(suite) = SOUND.iter().find(offers) {
                let Signs { compresses, no_renegotiation_info, no_sentinel } = self.signs;
                let is_wrong = (compresses && offer.deflate) || no_renegotiation_info || no_sentinel;
                return if is_wrong { Plan::Hello { suite: *suite } } else { Plan::Sound };
            }
            return flight(TLS_1_2, self.suites.iter().find(offers), Plan::Sound);
        }
        let version = self.versions.iter().filter(|version| **version <= offer.highest).max();
        let Some(version) = version else {
            return Plan::Sound;
        };
        let suite = RSA_SUITES.iter().chain(&self.suites).find(offers);
        flight(*version, suite, Plan::Refuse)
    }

    /// The ServerHello alone: what is wrong shows in it.
    fn sound_hello(&self, suite: u16) -> Vec<u8> {
        let mut hello = TLS_1_2.to_be_bytes().to_vec();
        let mut random = [0; 32];
        let _ = getrandom::fill(&mut random);
        if !self.signs.no_sentinel {
            // RFC 8446, 4.1.3: what a server of TLS 1.3 says when it agrees TLS 1.2.
            random[24..].copy_from_slice(b"DOWNGRD\x01");
        }
        hello.extend(random);
        hello.push(0);
        hello.extend(suite.to_be_bytes());
        hello.push(u8::from(self.signs.compresses));
        if !self.signs.no_renegotiation_info {
            hello.extend([0, 5, 0xff, 0x01, 0, 1, 0]);
        }
        record(22, TLS_1_2, &message(2, &hello))
    }

    fn flight(&self, version: u16, suite: u16) -> Vec<u8> {
        let mut hello = version.to_be_bytes().to_vec();
        let mut random = [0; 32];
        // A failing source leaves zeros, which a flight without keys can bear.
        let _ = getrandom::fill(&mut random);
        hello.extend(random);
        hello.push(0);
        hello.extend(suite.to_be_bytes());
        hello.push(0);
        let mut messages = message(2, &hello);
        if ANON.contains(&suite) {
            messages.extend(message(12, &key_exchange(suite, &random)));
        } else {
            let der = self.certificate.unwrap_or(RSA_2048);
            messages.extend(message(11, &with_length24(&with_length24(der))));
            if SHORT_DH.contains(&suite) {
                let mut signed = key_exchange(suite, &random);
                // Nobody checks the signature of an exchange that is never carried out.
                signed.extend([0x04, 0x01, 0, 32]);
                signed.extend(random);
                messages.extend(message(12, &signed));
            }
        }
        messages.extend(message(14, &[]));
        record(22, version, &messages)
    }
}

/// ServerKeyExchange without signature: ECDH_anon (RFC 8422, 5.4) or DH_anon (RFC 5246, 7.4.3).
fn key_exchange(suite: u16, random: &[u8; 32]) -> Vec<u8> {
    if suite >> 8 == 0xc0 {
        let mut scalar = *random;
        scalar[0] &= 0x7f;
        scalar[31] |= 1;
        let mut out = vec![3, 0, 23, 65];
        out.extend(p256::public_point(&scalar));
        return out;
    }
    // An odd number of 1024 bits stands for the prime: the exchange is never carried out.
    let number: Vec<u8> = random.iter().cycle().take(128).map(|byte| byte | 0x81).collect();
    let mut out = Vec::new();
    for part in [number.as_slice(), &[2], number.as_slice()] {
        out.extend((part.len() as u16).to_be_bytes());
        out.extend(part);
    }
    out
}

fn with_length24(bytes: &[u8]) -> Vec<u8> {
    let mut out = (bytes.len() as u32).to_be_bytes()[1..].to_vec();
    out.extend(bytes);
    out
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![kind];
    out.extend(with_length24(body));
    out
}

fn record(kind: u8, version: u16, body: &[u8]) -> Vec<u8> {
    let mut out = vec![kind];
    out.extend(version.to_be_bytes());
    out.extend((body.len() as u16).to_be_bytes());
    out.extend(body);
    out
}

/// A fatal alert handshake_failure.
fn alert(version: u16) -> Vec<u8> {
    record(21, version, &[2, 40])
}

/// The first record, left in the receive buffer; `None` when it is no handshake or does not come in time.
fn peek_record(stream: &TcpStream) -> Option<Vec<u8>> {
    let deadline = Instant::now() + WAIT;
    let mut buffer = vec![0; 5 + (1 << 14)];
    while Instant::now() < deadline {
        let seen = stream.peek(&mut buffer).ok()?;
        if seen == 0 {
            return None;
        }
        if seen >= 5 {
            let length = hello::record_length(&buffer)?;
            if length > buffer.len() {
                return None;
            }
            if seen >= length {
                buffer.truncate(length);
                return Some(buffer);
            }
        }
        thread::sleep(Duration::from_millis(5));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(faults: &str, highest: u16, suites: &[u16]) -> Plan {
        let offer = Offer { highest, suites: suites.to_vec(), deflate: false };
        OldTls::of_device(&FaultSet::parse(faults).unwrap()).plan(&offer)
    }

    #[test]
    fn the_highest_common_old_version_is_chosen() {
        let faults = "tls-sslv3,tls-1.0";
        let chosen = |highest| plan(faults, highest, &[0x002f]);
        assert_eq!(chosen(TLS_1_1), Plan::Flight { version: TLS_1_0, suite: 0x002f });
        assert_eq!(chosen(SSL_3_0), Plan::Flight { version: SSL_3_0, suite: 0x002f });
        assert_eq!(chosen(TLS_1_2), Plan::Sound);
    }

    #[test]
    fn weak_suites_are_accepted_and_not_preferred() {
        assert_eq!(plan("tls-rc4", TLS_1_2, &[4]), Plan::Flight { version: TLS_1_2, suite: 4 });
        assert_eq!(plan("tls-rc4", TLS_1_2, &[4, 0xc02b]), Plan::Sound);
        assert_eq!(plan("tls-rc4", TLS_1_3, &[4, 0x1301]), Plan::Sound);
        assert_eq!(plan("tls-rc4", TLS_1_0, &[4]), Plan::Sound);
        assert_eq!(plan("tls-1.0", TLS_1_0, &[4]), Plan::Refuse);
    }

    #[test]
    fn the_weak_key_shows_only_below_tls_1_3() {
        assert_eq!(plan("tls-weak-key", TLS_1_2, &[0xc02b, 0x2f]), Plan::Flight { version: TLS_1_2, suite: 0x2f });
        assert_eq!(plan("tls-weak-key", TLS_1_3, &[0x1301, 0x2f]), Plan::Sound);
    }
}
