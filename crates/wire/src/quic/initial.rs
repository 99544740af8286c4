//! What Initial packets of QUIC say (RFC 9001 section 5, RFC 9369): their keys follow from a number that the client sends
//! in clear, so that anyone on the way reads the name it asks for and the suite the server chooses.

use ring::aead::quic::{AES_128, HeaderProtectionKey};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};

use super::{V1, V2};
use crate::Malformed;
use crate::reader::Reader;

/// Salts of the versions (RFC 9001 section 5.2, RFC 9369 section 3.3.1).
const SALT_V1: [u8; 20] = [
    0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb,
    0x7f, 0x0a,
];
const SALT_V2: [u8; 20] = [
    0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd,
    0x2e, 0xd9,
];
/// Bytes of a sample for the protection of the header, and where it begins behind the packet's number.
const SAMPLE: usize = 16;
const BEFORE_SAMPLE: usize = 4;

/// An Initial packet as it stands in a datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Initial<'a> {
    /// Version of QUIC.
    pub version: u32,
    /// The receiver's connection id: in the first packet of a client the keys follow from it.
    pub destination: &'a [u8],
    /// The packet from its first byte to its last.
    packet: &'a [u8],
    /// Where its number begins.
    number: usize,
}

/// Reads the Initial packet in front of a datagram, and what stands behind it.
///
/// # Errors
/// When it is none, or is cut.
pub fn initial(datagram: &[u8]) -> Result<(Initial<'_>, &[u8]), Malformed> {
    let head = super::read(datagram)?;
    if !head.is_initial() {
        return Err(Malformed::Invalid("quic initial"));
    }
    let mut reader = Reader::new(datagram, "quic initial");
    reader.take(5)?;
    let destination = reader.vec8()?;
    reader.vec8()?;
    let token = variable(&mut reader)?;
    reader.take(token)?;
    let length = variable(&mut reader)?;
    let number = datagram.len() - reader.len();
    reader.take(length)?;
    let end = number + length;
    let packet = datagram.get(..end).ok_or(Malformed::Truncated("quic initial"))?;
    Ok((Initial { version: head.version, destination, packet, number }, reader.rest()))
}

/// An integer whose first two bits say how long it is (RFC 9000 section 16).
fn variable(reader: &mut Reader<'_>) -> Result<usize, Malformed> {
    let first = reader.u8()?;
    let rest = reader.take((1 << (first >> 6)) - 1)?;
    let number = rest.iter().fold(u64::from(first & 0x3f), |sum, byte| sum << 8 | u64::from(*byte));
    usize::try_from(number).map_err(|_| Malformed::TooLarge("quic integer"))
}

/// The keys of the Initial packets of one connection: of the client, of the server.
#[derive(Debug)]
pub struct Keys {
    halves: [Half; 2],
}

struct Half {
    key: LessSafeKey,
    iv: [u8; 12],
    header: HeaderProtectionKey,
}

impl std::fmt::Debug for Half {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Half")
    }
}

impl Keys {
    /// The keys that follow from the connection id to which the client sent its first packet; none for versions that are
    /// not known here.
    #[must_use]
    pub fn of(version: u32, destination: &[u8]) -> Option<Self> {
        let (salt, word) = match version {
            V1 => (SALT_V1, "quic"),
            V2 => (SALT_V2, "quicv2"),
            _ => return None,
        };
        let secret = Salt::new(HKDF_SHA256, &salt).extract(destination);
        let half = |side: &str| {
            let prk = Prk::new_less_safe(HKDF_SHA256, &expanded::<32>(&secret, side)?);
            let key = UnboundKey::new(&AES_128_GCM, &expanded::<16>(&prk, &format!("{word} key"))?).ok()?;
            let header = expanded::<16>(&prk, &format!("{word} hp"))?;
            Some(Half {
                key: LessSafeKey::new(key),
                iv: expanded(&prk, &format!("{word} iv"))?,
                header: HeaderProtectionKey::new(&AES_128, &header).ok()?,
            })
        };
        Some(Self { halves: [half("client in")?, half("server in")?] })
    }

    /// The frames of a packet; none where it is not of this side and these keys.
    #[must_use]
    pub fn open(&self, initial: &Initial<'_>, from_client: bool) -> Option<Vec<u8>> {
        let half = &self.halves[usize::from(!from_client)];
        let start = initial.number + BEFORE_SAMPLE;
        let mask = half.header.new_mask(initial.packet.get(start..start + SAMPLE)?).ok()?;
        let mut packet = initial.packet.to_vec();
        packet[0] ^= mask[0] & 0x0f;
        let length = usize::from(packet[0] & 3) + 1;
        let mut nonce = half.iv;
        for at in 0..length {
            let byte = packet.get_mut(initial.number + at)?;
            *byte ^= mask[1 + at];
            // Numbers of Initial packets are small: what stands there is the whole number.
            nonce[12 - length + at] ^= *byte;
        }
        let (head, body) = packet.split_at_mut(initial.number + length);
        let plain = half.key.open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(&*head), body).ok()?;
        Some(plain.to_vec())
    }
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// HKDF-Expand-Label of TLS 1.3 without a context (RFC 8446 section 7.1).
fn expanded<const N: usize>(secret: &Prk, label: &str) -> Option<[u8; N]> {
    let length = u16::try_from(N).ok()?.to_be_bytes();
    let label_length = [u8::try_from(6 + label.len()).ok()?];
    let info = [&length[..], &label_length, b"tls13 ", label.as_bytes(), &[0]];
    let mut out = [0; N];
    secret.expand(&info, Length(N)).ok()?.fill(&mut out).ok()?;
    Some(out)
}

/// The parts of the handshake in the frames of an Initial packet: where each stands, and its bytes. Ends at what no such
/// packet may hold (RFC 9000 section 12.4).
pub fn crypto<'a>(frames: &'a [u8], part: &mut dyn FnMut(usize, &'a [u8])) {
    let mut reader = Reader::new(frames, "quic frame");
    let mut next = || -> Result<(), Malformed> {
        match reader.u8()? {
            // Padding and ping.
            0 | 1 => {}
            kind @ (2 | 3) => {
                variable(&mut reader)?;
                variable(&mut reader)?;
                let ranges = variable(&mut reader)?;
                variable(&mut reader)?;
                for _ in 0..ranges.saturating_mul(2) {
                    variable(&mut reader)?;
                }
                for _ in 0..if kind == 3 { 3 } else { 0 } {
                    variable(&mut reader)?;
                }
            }
            6 => {
                let offset = variable(&mut reader)?;
                let length = variable(&mut reader)?;
                part(offset, reader.take(length)?);
            }
            _ => return Err(Malformed::Invalid("quic frame")),
        }
        Ok(())
    };
    while next().is_ok() {}
}

/// Seals a packet as its sender does, for tests.
#[cfg(test)]
pub(crate) fn seal(keys: &Keys, from_client: bool, version: u32, ids: (&[u8], &[u8]), frames: &[u8]) -> Vec<u8> {
    use crate::reader::put_vec;
    let half = &keys.halves[usize::from(!from_client)];
    let mut packet = vec![if version == V2 { 0xd0 } else { 0xc0 }];
    packet.extend(version.to_be_bytes());
    put_vec(&mut packet, 1, ids.0);
    put_vec(&mut packet, 1, ids.1);
    let length = u16::try_from(frames.len() + 17).unwrap() | 0x4000;
    packet.push(0);
    packet.extend(length.to_be_bytes());
    let number = packet.len();
    packet.push(0);
    let mut body = frames.to_vec();
    let nonce = Nonce::assume_unique_for_key(half.iv);
    half.key.seal_in_place_append_tag(nonce, Aad::from(&packet), &mut body).unwrap();
    packet.extend(body);
    let start = number + BEFORE_SAMPLE;
    let mask = half.header.new_mask(&packet[start..start + SAMPLE]).unwrap();
    packet[0] ^= mask[0] & 0x0f;
    packet[number] ^= mask[1];
    packet
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers of the servers in RFC 9001 Appendix A.3 and RFC 9369 Appendix A.3.
    const ANSWERS: [(u32, &str); 2] = [
        (
            V1,
            "cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a5816b6394100f37a1c69797554780bb38cc5a99f5ede4c\
             f73c3ec2493a1839b3dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84022f8ef4cdd93795d77d06edbb7a\
             af2f58891850abbdca3d20398c276456cbc42158407dd074ee",
        ),
        (
            V2,
            "dc6b3343cf0008f067a5502a4262b5004075d92faaf16f05d8a4398c47089698baeea26b91eb761d9b89237bbf87263017915358230035\
             f7fd3945d88965cf17f9af6e16886c61bfc703106fbaf3cb4cfa52382dd16a393e42757507698075b2c984c707f0a0812d8cd5a6881eaf\
             21ceda98f4bd23f6fe1a3e2c43edd9ce7ca84bed8521e2e140",
        ),
    ];
    const FIRST: [u8; 8] = [0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08];

    #[test]
    fn the_answers_of_the_standards_are_read() {
        for (version, answer) in ANSWERS {
            let datagram = hex::decode(answer).unwrap();
            let (packet, behind) = initial(&datagram).unwrap();
            assert!(behind.is_empty());
            let keys = Keys::of(version, &FIRST).unwrap();
            let frames = keys.open(&packet, false).unwrap();
            let mut said = Vec::new();
            crypto(&frames, &mut |offset, bytes| said.push((offset, bytes.len(), bytes[0])));
            assert_eq!(said, [(0, 90, 2)], "a ServerHello behind an acknowledgement");
            assert_eq!(keys.open(&packet, true), None, "it is not the client's");
            assert_eq!(Keys::of(version, &[0; 8]).unwrap().open(&packet, false), None);
        }
    }

    #[test]
    fn no_bytes_make_it_panic() {
        let keys = Keys::of(V1, &FIRST).unwrap();
        crate::hostile::survives(&hex::decode(ANSWERS[0].1).unwrap(), |bytes| {
            crypto(bytes, &mut |_, _| {});
            initial(bytes).ok().and_then(|(packet, _)| keys.open(&packet, false))
        });
    }
}
