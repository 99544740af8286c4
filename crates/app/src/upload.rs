//! Files that people hand over: how large they may be, whether they are what they are said to be, and their names.
//!
//! The first bytes decide, never the name and never what a browser says. It keeps nothing.

/// The most bytes of one file.
pub const LARGEST: usize = 32 << 20;
/// The most files at once.
pub const MOST: usize = 10;
/// The most characters of a name that are kept.
const LONGEST_NAME: usize = 120;

/// A file as it was handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// The name that it came with. It is not to be trusted: [`Upload::name`] is.
    pub given: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Why a file is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UploadError {
    /// There is nothing in it.
    #[error("take {0}: it is empty")]
    Empty(String),
    /// It is too large.
    #[error("take {0}: it has more than {most} MiB\n\nhint: give a reference to where it is", most = LARGEST >> 20)]
    TooLarge(String),
    /// There are too many.
    #[error("take {0} files: {MOST} are taken at once\n\nhint: hand over an archive of them, or answer again")]
    TooMany(usize),
    /// It is something else than its kind says.
    #[error("take {name} as a {kind}: it is {found}, and a {kind} is {wanted}")]
    Type {
        /// Its name.
        name: String,
        /// The kind it was handed over as.
        kind: String,
        /// What it is.
        found: &'static str,
        /// What that kind is.
        wanted: String,
    },
}

/// What a file is, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Picture,
    Pdf,
    Archive,
    Capture,
    Text,
    Program,
    Other,
}

impl Form {
    fn of(bytes: &[u8]) -> Self {
        let begins = |with: &[u8]| bytes.starts_with(with);
        let at = |offset: usize, with: &[u8]| bytes.get(offset..).is_some_and(|rest| rest.starts_with(with));
        let heif = at(4, b"ftyp") && [&b"heic"[..], b"heix", b"mif1", b"avif"].iter().any(|brand| at(8, brand));
        if begins(b"\xff\xd8\xff") || begins(b"\x89PNG\r\n\x1a\n") || begins(b"GIF8") || heif {
            return Form::Picture;
        }
        if begins(b"RIFF") && at(8, b"WEBP") {
            return Form::Picture;
        }
        let captures: [&[u8]; 5] = [
            b"\xd4\xc3\xb2\xa1",
            b"\xa1\xb2\xc3\xd4",
            b"\x4d\x3c\xb2\xa1",
            b"\xa1\xb2\x3c\x4d",
            b"\x0a\x0d\x0d\x0a",
        ];
        let archives: [&[u8]; 5] = [b"PK\x03\x04", b"\x1f\x8b", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf"];
        let programs: [&[u8]; 4] = [b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"#!"];
        match () {
            () if begins(b"%PDF-") => Form::Pdf,
            () if captures.iter().any(|with| begins(with)) => Form::Capture,
            () if archives.iter().any(|with| begins(with)) => Form::Archive,
            () if programs.iter().any(|with| begins(with)) => Form::Program,
            () if is_text(bytes) => Form::Text,
            () if begins(b"MZ") => Form::Program,
            () => Form::Other,
        }
    }

    fn told(self) -> &'static str {
        match self {
            Form::Picture => "a picture",
            Form::Pdf => "a PDF",
            Form::Archive => "an archive",
            Form::Capture => "a capture of traffic",
            Form::Text => "text",
            Form::Program => "a program",
            Form::Other => "of another form",
        }
    }
}

fn is_text(bytes: &[u8]) -> bool {
    let wide = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    let is_written = |byte: &u8| *byte >= 0x20 || matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b);
    wide || bytes.iter().take(64 << 10).all(is_written)
}

/// What a kind of artefact may be; none where it may be anything.
fn forms(kind: &str) -> Option<&'static [Form]> {
    match kind {
        "photo" | "screenshot" => Some(&[Form::Picture]),
        "log" => Some(&[Form::Text, Form::Archive]),
        "capture" => Some(&[Form::Capture, Form::Archive]),
        "value" => Some(&[Form::Text]),
        "document" | "report" => Some(&[Form::Pdf, Form::Text, Form::Archive, Form::Picture]),
        _ => None,
    }
}

impl Upload {
    /// The name it is kept under: of its last part, bounded, and without a character that moves a cursor or hides.
    pub fn name(&self) -> String {
        let last = self.given.rsplit(['/', '\\']).next().unwrap_or_default().trim();
        if last.trim_matches('.').is_empty() {
            return "file".to_owned();
        }
        let is_long = last.chars().count() > LONGEST_NAME;
        // What a name ends with says what it is, so that the middle is left out.
        let kept = match is_long {
            true => {
                let head: String = last.chars().take(LONGEST_NAME - 20).collect();
                let tail: Vec<char> = last.chars().rev().take(19).collect();
                format!("{head}…{}", tail.into_iter().rev().collect::<String>())
            }
            false => last.to_owned(),
        };
        wire::text::visible_str(&kept, 2 * LONGEST_NAME)
    }

    /// Whether it may be kept as a kind of artefact.
    ///
    /// # Errors
    /// [`UploadError`] says what is in the way.
    pub fn check(&self, kind: &str) -> Result<(), UploadError> {
        if self.bytes.is_empty() {
            return Err(UploadError::Empty(self.name()));
        }
        if self.bytes.len() > LARGEST {
            return Err(UploadError::TooLarge(self.name()));
        }
        let found = Form::of(&self.bytes);
        match forms(kind).filter(|forms| !forms.contains(&found)) {
            None => Ok(()),
            Some(forms) => Err(UploadError::Type {
                name: self.name(),
                kind: kind.to_owned(),
                found: found.told(),
                wanted: forms.iter().map(|form| form.told()).collect::<Vec<_>>().join(" or "),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upload(given: &str, bytes: &[u8]) -> Upload {
        Upload { given: given.to_owned(), bytes: bytes.to_vec() }
    }

    #[test]
    fn the_bytes_decide_what_a_file_is_and_not_its_name() {
        let picture = upload("errata.pdf", b"\x89PNG\r\n\x1a\n....");
        assert_eq!(picture.check("photo"), Ok(()));
        let program = upload("photo.png", b"\x7fELF\x02\x01");
        let refused = program.check("photo").unwrap_err();
        assert_eq!(refused.to_string(), "take photo.png as a photo: it is a program, and a photo is a picture");
        assert_eq!(program.check("sample"), Ok(()), "a sample may be anything");
        assert!(upload("report.pdf", b"MZ\x90\0\x03").check("report").is_err());
        assert_eq!(upload("report.txt", "MZ, gemäß Plan".as_bytes()).check("report"), Ok(()));
        assert!(upload("run.log", b"#!/bin/sh\n").check("log").is_err());
        assert_eq!(upload("a.pcapng", b"\x0a\x0d\x0d\x0a\0").check("capture"), Ok(()));
        assert_eq!(upload("empty", b"").check("sample"), Err(UploadError::Empty("empty".into())));
    }

    #[test]
    fn a_file_of_more_than_the_limit_is_not_taken() {
        let large = upload("a.bin", &vec![0; LARGEST + 1]);
        assert_eq!(large.check("sample"), Err(UploadError::TooLarge("a.bin".into())));
        assert_eq!(upload("a.bin", &vec![0; LARGEST]).check("sample"), Ok(()));
    }

    #[test]
    fn a_hostile_name_becomes_one_that_can_be_shown_and_kept() {
        let name = |given: &str| upload(given, b"x").name();
        assert_eq!(name("../../etc/passwd"), "passwd");
        assert_eq!(name("C:\\Users\\a\\errata.pdf"), "errata.pdf");
        assert_eq!(name(".."), "file");
        assert_eq!(name("a/"), "file");
        assert_eq!(name(""), "file");
        let hidden = name("photo\u{202e}gnp.exe\u{7}\n\u{1b}[2J");
        assert!(!hidden.chars().any(|c| c.is_control() || c == '\u{202e}'), "{hidden:?}");
        let long = name(&format!("{}.pdf", "a".repeat(4000)));
        assert!(long.chars().count() <= LONGEST_NAME && long.ends_with("aaa.pdf"), "{long}");
        assert_eq!(name("<script>alert(1)<.html"), "<script>alert(1)<.html", "pages escape it");
    }
}
