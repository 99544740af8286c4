//! As much of DER as a time stamp needs: items with a tag and a length, one after another.

use super::TimestampError;

/// A reader of items. Lengths that reach beyond it, and indefinite ones, are refused.
pub(super) struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The content of the next item, which has to have this tag.
    pub(super) fn next(&mut self, tag: u8) -> Result<&'a [u8], TimestampError> {
        let (content, rest) = self.split(tag).ok_or(TimestampError::Form("it is not in the form of RFC 3161"))?;
        self.0 = rest;
        Ok(content)
    }

    /// The next item if it has this tag.
    pub(super) fn optional(&mut self, tag: u8) -> Result<Option<&'a [u8]>, TimestampError> {
        if self.0.first() == Some(&tag) { self.next(tag).map(Some) } else { Ok(None) }
    }

    /// A reader of what is inside the next item.
    pub(super) fn inside(&mut self, tag: u8) -> Result<Der<'a>, TimestampError> {
        self.next(tag).map(Der)
    }

    /// Refuses what stands behind the last item.
    pub(super) fn ends(&self) -> Result<(), TimestampError> {
        if self.0.is_empty() { Ok(()) } else { Err(TimestampError::Form("something stands behind its end")) }
    }

    fn split(&self, tag: u8) -> Option<(&'a [u8], &'a [u8])> {
        let (found, rest) = self.0.split_first()?;
        let (first, rest) = rest.split_first()?;
        let (length, rest) = match *first {
            short @ ..=0x7f => (usize::from(short), rest),
            long @ 0x81..=0x84 => {
                let (bytes, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
                (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
            }
            _ => return None,
        };
        if *found == tag { rest.split_at_checked(length) } else { None }
    }
}

/// An item of this tag and content, shorter than 128 bytes or with a length of two bytes.
pub(super) fn item(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match u8::try_from(content.len()) {
        Ok(short @ ..=0x7f) => out.push(short),
        _ => {
            let [high, low] = u16::try_from(content.len()).unwrap_or(u16::MAX).to_be_bytes();
            out.extend([0x82, high, low]);
        }
    }
    out.extend_from_slice(content);
    out
}
