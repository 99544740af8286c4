//! What an uploaded file is by its content, and whether that is what it was handed over as. Its name decides nothing.

/// Largest file that is taken, in bytes.
pub const LARGEST: usize = 24 * 1024 * 1024;
/// Characters of a file name that are kept.
const LONGEST_NAME: usize = 80;

/// The form of a file's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sniffed {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// WebP.
    Webp,
    /// HEIC or AVIF, as telephones write them.
    Heif,
    /// PDF.
    Pdf,
    /// A capture: pcap or pcapng.
    Capture,
    /// An archive, or an office document, which is one.
    Archive,
    /// UTF-8 text.
    Text,
    /// Anything else.
    Other,
}

impl Sniffed {
    /// Looks at the first bytes of a file, and at all of them where it might be text.
    pub fn of(bytes: &[u8]) -> Self {
        let begins = |magic: &[u8]| bytes.starts_with(magic);
        let captures: [&[u8]; 5] = [
            b"\xd4\xc3\xb2\xa1",
            b"\xa1\xb2\xc3\xd4",
            b"\x4d\x3c\xb2\xa1",
            b"\xa1\xb2\x3c\x4d",
            b"\x0a\x0d\x0d\x0a",
        ];
        if begins(b"\xff\xd8\xff") {
            Sniffed::Jpeg
        } else if begins(b"\x89PNG\r\n\x1a\n") {
            Sniffed::Png
        } else if begins(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
            Sniffed::Webp
        } else if bytes.get(4..8) == Some(b"ftyp") && matches!(bytes.get(8..11), Some(b"hei" | b"mif" | b"avi")) {
            Sniffed::Heif
        } else if begins(b"%PDF-") {
            Sniffed::Pdf
        } else if captures.iter().any(|magic| begins(magic)) {
            Sniffed::Capture
        } else if begins(b"PK\x03\x04") || begins(b"\x1f\x8b") || begins(b"\xfd7zXZ") {
            Sniffed::Archive
        } else if !bytes.contains(&0) && std::str::from_utf8(bytes).is_ok() {
            Sniffed::Text
        } else {
            Sniffed::Other
        }
    }

    /// Whether a browser may show it as a picture.
    pub fn picture(self) -> Option<&'static str> {
        match self {
            Sniffed::Jpeg => Some("image/jpeg"),
            Sniffed::Png => Some("image/png"),
            Sniffed::Webp => Some("image/webp"),
            _ => None,
        }
    }

    /// The form in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Sniffed::Jpeg => "a JPEG picture",
            Sniffed::Png => "a PNG picture",
            Sniffed::Webp => "a WebP picture",
            Sniffed::Heif => "a HEIF picture",
            Sniffed::Pdf => "a PDF",
            Sniffed::Capture => "a capture",
            Sniffed::Archive => "an archive",
            Sniffed::Text => "text",
            Sniffed::Other => "something else",
        }
    }
}

/// Whether content of a form can be an artefact of a kind: a photo is a picture, a capture a capture, and so on.
pub fn is_kind(kind: &str, content: Sniffed) -> bool {
    use Sniffed::{Archive, Capture, Heif, Jpeg, Other, Pdf, Png, Text, Webp};
    match kind {
        "photo" => matches!(content, Jpeg | Png | Webp | Heif),
        "screenshot" => matches!(content, Jpeg | Png | Webp),
        "capture" => matches!(content, Capture | Archive),
        "log" => matches!(content, Text | Archive | Other),
        "value" => matches!(content, Text),
        "document" | "report" => matches!(content, Pdf | Text | Archive | Jpeg | Png | Webp),
        "sample" => true,
        _ => false,
    }
}

/// A file name as it is kept and shown: its last part, bounded, without characters that hide or move anything.
pub fn safe_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let shown = |c: &char| {
        !c.is_control()
            && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let kept: String = last.chars().filter(shown).collect();
    let kept = kept.trim().trim_start_matches('.');
    let count = kept.chars().count();
    // The end says more of a file than the beginning.
    let kept: String = kept.chars().skip(count.saturating_sub(LONGEST_NAME)).collect();
    if kept.is_empty() { "file".to_owned() } else { kept }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides_what_a_file_is() {
        let jpeg = b"\xff\xd8\xff\xe0..";
        assert_eq!(Sniffed::of(jpeg), Sniffed::Jpeg);
        assert_eq!(Sniffed::of(b"<svg onload=alert(1)>"), Sniffed::Text);
        assert_eq!(Sniffed::of(b"MZ\x00\x01"), Sniffed::Other);
        assert_eq!(Sniffed::of(b"\x0a\x0d\x0d\x0a\x1c\0\0\0"), Sniffed::Capture);
        assert!(is_kind("photo", Sniffed::Jpeg) && !is_kind("photo", Sniffed::Text));
        assert!(!is_kind("capture", Sniffed::Jpeg) && !is_kind("value", Sniffed::Other));
        assert!(!is_kind("working", Sniffed::Text), "nobody hands over what the program writes");
        assert_eq!(Sniffed::of(b"<svg onload=alert(1)>").picture(), None);
    }

    #[test]
    fn a_name_keeps_nothing_that_leads_elsewhere_or_hides() {
        assert_eq!(safe_name("../../etc/passwd"), "passwd");
        assert_eq!(safe_name("C:\\fakepath\\board.jpg"), "board.jpg");
        assert_eq!(safe_name("a\u{202e}gpj.exe\n"), "agpj.exe");
        assert_eq!(safe_name(".assay"), "assay");
        assert_eq!(safe_name("…/"), "file");
        assert!(safe_name(&format!("{}.jpg", "x".repeat(500))).ends_with(".jpg"));
        assert!(safe_name(&"é".repeat(500)).chars().count() <= LONGEST_NAME);
    }
}
