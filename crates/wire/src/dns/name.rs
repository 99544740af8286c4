//! Domain names: labels of bytes, compression pointers followed strictly backwards.

use crate::Malformed;

const MOST_OCTETS: usize = 255;

/// A domain name; the root has no labels.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Name {
    labels: Vec<Vec<u8>>,
}

impl Name {
    /// Reads `a.b.c`; a backslash takes the next character literally.
    ///
    /// # Errors
    /// When a label is empty or above 63 bytes, or the name above 255.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let mut labels = vec![Vec::new()];
        let mut characters = text.strip_suffix('.').unwrap_or(text).chars();
        while let Some(character) = characters.next() {
            let literal = match character {
                '.' => {
                    labels.push(Vec::new());
                    continue;
                }
                '\\' => characters.next().ok_or(Malformed::Invalid("dns name"))?,
                _ => character,
            };
            if let Some(label) = labels.last_mut() {
                label.extend_from_slice(literal.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
        if labels.len() == 1 && labels[0].is_empty() {
            labels.clear();
        }
        let name = Self { labels };
        if name.labels.iter().any(|label| label.is_empty() || label.len() > 63) || name.octets() > MOST_OCTETS {
            return Err(Malformed::Invalid("dns name"));
        }
        Ok(name)
    }

    /// A name of these labels, each cut to 63 bytes; empty ones are left out.
    #[must_use]
    pub fn from_labels<'a>(labels: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let cut = |label: &'a [u8]| label[..label.len().min(63)].to_vec();
        Self { labels: labels.into_iter().filter(|label| !label.is_empty()).take(127).map(cut).collect() }
    }

    /// The labels, leftmost first.
    #[must_use]
    pub fn labels(&self) -> &[Vec<u8>] {
        &self.labels
    }

    /// Whether both are the same name, without regard to ASCII case.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.ends_with(other) && self.labels.len() == other.labels.len()
    }

    /// Whether this name is `suffix` or lies below it.
    #[must_use]
    pub fn ends_with(&self, suffix: &Self) -> bool {
        let mut pairs = self.labels.iter().rev().zip(suffix.labels.iter().rev());
        self.labels.len() >= suffix.labels.len() && pairs.all(|(a, b)| a.eq_ignore_ascii_case(b))
    }

    /// The name without its leftmost label.
    #[must_use]
    pub fn parent(&self) -> Self {
        Self { labels: self.labels.iter().skip(1).cloned().collect() }
    }

    fn octets(&self) -> usize {
        self.labels.iter().map(|label| label.len() + 1).sum::<usize>() + 1
    }

    /// Reads the name at `at` and says where the bytes behind it start.
    pub(super) fn read(message: &[u8], at: usize) -> Result<(Self, usize), Malformed> {
        let mut name = Self::default();
        let (mut at, mut lowest, mut behind, mut octets) = (at, at, None, 1);
        loop {
            let length = usize::from(*message.get(at).ok_or(Malformed::Truncated("dns name"))?);
            match length {
                0 => return Ok((name, behind.unwrap_or(at + 1))),
                1..=63 => {
                    let label = message.get(at + 1..at + 1 + length).ok_or(Malformed::Truncated("dns name"))?;
                    octets += length + 1;
                    if octets > MOST_OCTETS {
                        return Err(Malformed::TooLarge("dns name"));
                    }
                    name.labels.push(label.to_vec());
                    at += 1 + length;
                }
                192.. => {
                    let low = *message.get(at + 1).ok_or(Malformed::Truncated("dns name"))?;
                    let target = (length & 0x3f) << 8 | usize::from(low);
                    // Invariant: every pointer leads before all bytes read so far, so the walk ends.
                    if target >= lowest {
                        return Err(Malformed::Invalid("dns compression pointer"));
                    }
                    behind = behind.or(Some(at + 2));
                    (at, lowest) = (target, target);
                }
                _ => return Err(Malformed::Invalid("dns label type")),
            }
        }
    }

    /// Appends the name, pointing back to a suffix written before.
    pub(super) fn write(&self, out: &mut Vec<u8>, written: &mut Vec<(Vec<Vec<u8>>, u16)>) {
        for start in 0..self.labels.len() {
            let suffix = &self.labels[start..];
            if let Some((_, at)) = written.iter().find(|(known, _)| known == suffix) {
                out.extend_from_slice(&(0xc000 | at).to_be_bytes());
                return;
            }
            if let Ok(at) = u16::try_from(out.len())
                && at < 0x4000
            {
                written.push((suffix.to_vec(), at));
            }
            crate::reader::put_vec(out, 1, &suffix[0]);
        }
        out.push(0);
    }
}

/// Shows the name with dots; dots and backslashes inside a label are escaped, other odd bytes made visible.
impl std::fmt::Display for Name {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.labels.is_empty() {
            return formatter.write_str(".");
        }
        for (at, label) in self.labels.iter().enumerate() {
            if at > 0 {
                formatter.write_str(".")?;
            }
            let shown = String::from_utf8_lossy(label).replace('\\', "\\\\").replace('.', "\\.");
            formatter.write_str(&crate::text::visible_str(&shown, 300))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shown_as_it_is_written() {
        for text in ["_http._tcp.local", "Lamp\\. 1._http._tcp.local", "."] {
            assert_eq!(Name::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_pointer_to_itself_is_refused() {
        assert_eq!(Name::read(&[0xc0, 0], 0), Err(Malformed::Invalid("dns compression pointer")));
        assert!(Name::read(&[1, b'a', 0xc0, 0], 0).is_err());
    }

    #[test]
    fn empty_labels_and_long_labels_are_refused() {
        assert!(Name::parse("a..b").is_err());
        assert!(Name::parse(&"x".repeat(64)).is_err());
        assert!(Name::parse(&"abc.".repeat(70)).is_err());
    }

    #[test]
    fn case_does_not_matter() {
        let name = Name::parse("A._HTTP._tcp.local").unwrap();
        assert!(name.ends_with(&Name::parse("_http._tcp.LOCAL").unwrap()));
        assert!(!name.is(&name.parent()));
    }
}
