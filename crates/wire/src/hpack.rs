//! Header fields of HTTP/2 as they stand in its frames: HPACK (RFC 7541), read only.
//!
//! Tables, strings and blocks are bounded. An error leaves the table unknown: nothing behind it can be read.

mod huffman;

use std::collections::VecDeque;

use crate::Malformed;
use crate::reader::Reader;

/// Bytes of a dynamic table: what a receiver allowed of it is not asked.
const MOST_TABLE: usize = 64 * 1024;
/// What a table has before anything is said (RFC 9113 section 6.5.2).
const FIRST_TABLE: usize = 4096;
/// Bytes of a name or a value.
const MOST_STRING: usize = 16 * 1024;
/// Bytes of all fields of a block: an index of one byte may stand for a long one.
const MOST_BLOCK: usize = 256 * 1024;
/// What an entry takes beside its bytes (RFC 7541 section 4.1).
const ENTRY: usize = 32;

/// Reads the blocks of one direction, in their order.
#[derive(Debug)]
pub struct Decoder {
    /// Newest first.
    table: VecDeque<(Vec<u8>, Vec<u8>)>,
    size: usize,
    most: usize,
}

impl Default for Decoder {
    fn default() -> Self {
        Self { table: VecDeque::new(), size: 0, most: FIRST_TABLE }
    }
}

impl Decoder {
    /// Bytes that the table holds.
    #[must_use]
    pub fn held(&self) -> usize {
        self.size
    }

    /// Reads a block and gives its fields, name and value.
    ///
    /// # Errors
    /// When the block breaks off, names what is not there, or is above a bound.
    pub fn read(&mut self, block: &[u8], field: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), Malformed> {
        let mut reader = Reader::new(block, "hpack block");
        let mut room = MOST_BLOCK;
        while let Some(first) = reader.peek().first().copied() {
            if first & 0xe0 == 0x20 {
                let size = number(&mut reader, 5)?;
                if size > MOST_TABLE {
                    return Err(Malformed::TooLarge("hpack table"));
                }
                self.most = size;
                self.shrink(size);
                continue;
            }
            let (name, value, kept) = if first & 0x80 != 0 {
                let index = number(&mut reader, 7)?;
                let (name, value) = self.entry(index)?;
                (name.to_vec(), value.to_vec(), false)
            } else {
                let kept = first & 0x40 != 0;
                let index = number(&mut reader, if kept { 6 } else { 4 })?;
                let name = if index == 0 { string(&mut reader)? } else { self.entry(index)?.0.to_vec() };
                (name, string(&mut reader)?, kept)
            };
            let taken = name.len() + value.len() + ENTRY;
            room = room.checked_sub(taken).ok_or(Malformed::TooLarge("hpack block"))?;
            field(&name, &value);
            if kept {
                self.shrink(self.most.saturating_sub(taken));
                if taken <= self.most {
                    self.size += taken;
                    self.table.push_front((name, value));
                }
            }
        }
        Ok(())
    }

    fn entry(&self, index: usize) -> Result<(&[u8], &[u8]), Malformed> {
        let none = Malformed::Invalid("hpack index");
        let index = index.checked_sub(1).ok_or(none)?;
        if let Some((name, value)) = STATIC.get(index) {
            return Ok((name.as_bytes(), value.as_bytes()));
        }
        self.table.get(index - STATIC.len()).map(|(name, value)| (&name[..], &value[..])).ok_or(none)
    }

    /// Drops the oldest until no more than this is left.
    fn shrink(&mut self, size: usize) {
        while self.size > size
            && let Some((name, value)) = self.table.pop_back()
        {
            self.size = self.size.saturating_sub(name.len() + value.len() + ENTRY);
        }
    }
}

/// An integer behind a prefix of so many bits (RFC 7541 section 5.1).
fn number(reader: &mut Reader<'_>, prefix: u32) -> Result<usize, Malformed> {
    let mask = (1_u32 << prefix) - 1;
    let mut sum = u32::from(reader.u8()?) & mask;
    if sum < mask {
        return Ok(sum as usize);
    }
    // Up to 2^28: more than any bound here.
    for shift in [0, 7, 14, 21] {
        let byte = reader.u8()?;
        sum += u32::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(sum as usize);
        }
    }
    Err(Malformed::TooLarge("hpack integer"))
}

fn string(reader: &mut Reader<'_>) -> Result<Vec<u8>, Malformed> {
    let is_coded = reader.peek().first().is_some_and(|first| first & 0x80 != 0);
    let length = number(reader, 7)?;
    let bytes = reader.take(length)?;
    if is_coded {
        return huffman::decode(bytes, MOST_STRING).ok_or(Malformed::Invalid("hpack string"));
    }
    if bytes.len() > MOST_STRING { Err(Malformed::TooLarge("hpack string")) } else { Ok(bytes.to_vec()) }
}

/// RFC 7541 Appendix A.
const STATIC: [(&str, &str); 61] = [
    (":authority", ""),
    (":method", "GET"),
    (":method", "POST"),
    (":path", "/"),
    (":path", "/index.html"),
    (":scheme", "http"),
    (":scheme", "https"),
    (":status", "200"),
    (":status", "204"),
    (":status", "206"),
    (":status", "304"),
    (":status", "400"),
    (":status", "404"),
    (":status", "500"),
    ("accept-charset", ""),
    ("accept-encoding", "gzip, deflate"),
    ("accept-language", ""),
    ("accept-ranges", ""),
    ("accept", ""),
    ("access-control-allow-origin", ""),
    ("age", ""),
    ("allow", ""),
    ("authorization", ""),
    ("cache-control", ""),
    ("content-disposition", ""),
    ("content-encoding", ""),
    ("content-language", ""),
    ("content-length", ""),
    ("content-location", ""),
    ("content-range", ""),
    ("content-type", ""),
    ("cookie", ""),
    ("date", ""),
    ("etag", ""),
    ("expect", ""),
    ("expires", ""),
    ("from", ""),
    ("host", ""),
    ("if-match", ""),
    ("if-modified-since", ""),
    ("if-none-match", ""),
    ("if-range", ""),
    ("if-unmodified-since", ""),
    ("last-modified", ""),
    ("link", ""),
    ("location", ""),
    ("max-forwards", ""),
    ("proxy-authenticate", ""),
    ("proxy-authorization", ""),
    ("range", ""),
    ("referer", ""),
    ("refresh", ""),
    ("retry-after", ""),
    ("server", ""),
    ("set-cookie", ""),
    ("strict-transport-security", ""),
    ("transfer-encoding", ""),
    ("user-agent", ""),
    ("vary", ""),
    ("via", ""),
    ("www-authenticate", ""),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn read(decoder: &mut Decoder, block: &str) -> Result<String, Malformed> {
        let mut out = Vec::new();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        decoder.read(&hex::decode(block).unwrap(), &mut |name, value| {
            out.push(format!("{}={}", text(name), text(value)));
        })?;
        Ok(out.join("|"))
    }

    #[test]
    fn requests_of_the_standard_are_read_with_their_table() {
        // RFC 7541 Appendix C.4.
        let mut decoder = Decoder::default();
        let first = read(&mut decoder, "828684418cf1e3c2e5f23a6ba0ab90f4ff").unwrap();
        assert_eq!(first, ":method=GET|:scheme=http|:path=/|:authority=www.example.com");
        let second = read(&mut decoder, "828684be5886a8eb10649cbf").unwrap();
        assert_eq!(second, ":method=GET|:scheme=http|:path=/|:authority=www.example.com|cache-control=no-cache");
        let third = read(&mut decoder, "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf").unwrap();
        assert!(
            third.ends_with(":path=/index.html|:authority=www.example.com|custom-key=custom-value"),
            "{third}"
        );
        assert_eq!(decoder.held(), 164);
    }

    #[test]
    fn answers_of_the_standard_are_read_while_entries_fall_out() {
        // RFC 7541 Appendix C.6, with its table of 256 bytes.
        let mut decoder = Decoder::default();
        read(&mut decoder, "3fe101").unwrap();
        let first = "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3";
        assert!(
            read(&mut decoder, first)
                .unwrap()
                .starts_with(":status=302|cache-control=private|date=Mon, 21 Oct 2013")
        );
        assert_eq!(decoder.held(), 222);
        assert!(
            read(&mut decoder, "4883640effc1c0bf").unwrap().starts_with(":status=307|cache-control=private|date=")
        );
        let third = "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007";
        assert!(read(&mut decoder, third).unwrap().ends_with("max-age=3600; version=1"));
        assert_eq!(decoder.held(), 215);
    }

    #[test]
    fn what_is_not_there_too_large_or_too_much_is_refused() {
        let refused = |block: &str| read(&mut Decoder::default(), block).unwrap_err();
        assert_eq!(refused("be"), Malformed::Invalid("hpack index"));
        assert_eq!(refused("80"), Malformed::Invalid("hpack index"));
        assert_eq!(refused("3fe1ffff7f"), Malformed::TooLarge("hpack table"));
        assert_eq!(refused("ffffffffffff"), Malformed::TooLarge("hpack integer"));
        assert_eq!(refused("0005"), Malformed::Truncated("hpack block"));
        // A field of 4,000 bytes, and then its index again and again.
        let mut bomb = vec![0x40, 1, b'a', 0x7f, 0x80 + 33, 30];
        bomb.extend(vec![b'b'; 4000]);
        bomb.extend(vec![0xbe; 60_000]);
        assert_eq!(Decoder::default().read(&bomb, &mut |_, _| {}), Err(Malformed::TooLarge("hpack block")));
        let mut decoder = Decoder::default();
        for _ in 0..100 {
            let _ = decoder.read(&bomb[..4006], &mut |_, _| {});
            assert!(decoder.held() <= FIRST_TABLE);
        }
    }

    #[test]
    fn no_bytes_make_it_panic() {
        let good =
            hex::decode("828684418cf1e3c2e5f23a6ba0ab90f4ffbe3fe101408825a849e95ba97d7f8925a849e95bb8e8b4bf")
                .unwrap();
        crate::hostile::survives(&good, |bytes| Decoder::default().read(bytes, &mut |_, _| {}));
    }
}
