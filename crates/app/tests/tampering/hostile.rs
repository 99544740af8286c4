//! Files that were made to hurt whoever opens them: refused with a clear word, before memory or time is spent on them.

use app::verify::{Against, Verification, VerifyError, verify_source};
use ledger::bundle::{BLOCK, END, Source, SourceError, header};

use crate::real::{REAL, files, packed, refused, signed};

fn answer(source: &dyn Source) -> Result<Verification, VerifyError> {
    verify_source(source, &Against::default())
}

/// A header with this in its fields, its checksum set right.
fn crafted(path: &[u8], size: &[u8], kind: u8) -> Vec<u8> {
    let mut block = header("README.txt", 0).unwrap();
    block[..100].fill(0);
    block[..path.len()].copy_from_slice(path);
    block[124..124 + size.len()].copy_from_slice(size);
    block[156] = kind;
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block.to_vec()
}

fn first(block: &[u8]) -> String {
    let failed = refused(&[block, &END].concat());
    failed.to_string()
}

#[test]
fn a_header_that_is_not_that_of_a_plain_file_is_refused_for_what_it_is() {
    for (kind, says) in [
        (b'1', "hard link"),
        (b'2', "symbolic link"),
        (b'3', "device"),
        (b'5', "folder"),
        (b'x', "extension"),
        (b'g', "extension"),
        (b'L', "extension"),
        (b'S', "unknown kind"),
        (b'\0', "unknown kind"),
    ] {
        let told = first(&crafted(b"README.txt", b"00000000000\0", kind));
        assert!(told.contains(says) && told.contains("header at byte 0"), "{told}");
    }
}

#[test]
fn paths_that_lead_elsewhere_and_names_that_do_not_read_are_refused() {
    for (path, says) in [
        (&b"../../etc/passwd"[..], "leads outside"),
        (b"/etc/passwd", "begins at the root"),
        (b"dossier/../../x", "leads outside"),
        (b"dossier//x", "empty part"),
        (b"dossier/\xff\xfe", "not UTF-8"),
        (b"dossier/a\nb", "control character"),
        (b"dossier\\x", "backslash"),
        (b"", "it is empty"),
        (b"autorun.inf", "no part of a bundle"),
    ] {
        let told = first(&crafted(path, b"00000000000\0", b'0'));
        assert!(told.contains(says), "{told}");
        assert!(!told.contains('\n') && !told.contains('\u{1b}'), "{told}");
    }
}

#[test]
fn sizes_that_cannot_be_are_refused_without_asking_for_them() {
    for size in [&b"77777777777\0"[..], b"00001000000\0"] {
        assert!(first(&crafted(b"README.txt", size, b'0')).contains("cut off"));
    }
    // Numbers in base 256, as GNU writes them, signs, blanks, other digits.
    for size in [
        &b"\x80\0\0\0\0\0\0\0\0\0\x10\0"[..],
        b"-0000000001\0",
        b"+0000000001\0",
        b"          1\0",
        b"00000000009\0",
    ] {
        let told = first(&crafted(b"README.txt", size, b'0'));
        assert!(told.contains("size"), "{told}");
    }
}

#[test]
fn a_bundle_that_ends_early_or_goes_on_is_refused_at_every_block() {
    let bytes = &REAL.first;
    let blocks = bytes.len() / BLOCK as usize;
    for block in (0..blocks).step_by(97).chain([blocks - 1]) {
        let failed = refused(&bytes[..block * BLOCK as usize]);
        let why = if block == 0 { "are no bundle" } else { "cut off" };
        assert!(failed.step == "container" && failed.why.contains(why), "{failed}");
        refused(&bytes[..block * BLOCK as usize + 100]);
    }
    assert!(refused(&[bytes.as_slice(), &[0]].concat()).why.contains("no file"));
    assert!(refused(&[bytes.as_slice(), bytes].concat()).why.contains("no file"));
    for nothing in [&b""[..], b"PK\x03\x04", &[0; 512], &[0; 1024], &[0x1f, 0x8b, 8, 0]] {
        refused(nothing);
    }
}

#[test]
fn paths_that_fall_on_each_other_where_capitals_do_not_count_are_refused() {
    let mut both = files(&REAL.first);
    both.insert("dossier/ICS.toml".to_owned(), b"x".to_vec());
    let failed = refused(&signed(&both, &REAL.key));
    assert!(failed.item == "dossier/ics.toml" && failed.why.contains("capitals"), "{failed}");
}

#[test]
fn texts_that_are_none_and_texts_without_a_bottom_are_refused() {
    let deep = format!("{}1{}", "[".repeat(200_000), "]".repeat(200_000)).into_bytes();
    let open = "{\"files\":".repeat(100_000).into_bytes();
    for path in ["manifest.json", "manifest.dsse.json", "checkpoint.txt", "leaves/00000000.jsonl"] {
        for content in [&deep, &open, &b"\xff\xfe".to_vec(), &Vec::new()] {
            let mut hostile = files(&REAL.first);
            hostile.insert(path.to_owned(), content.clone());
            let failed = refused(&packed(&hostile));
            assert!(
                failed.item == path || failed.item == "record 0" && path.starts_with("leaves"),
                "{path}: {failed}"
            );
        }
    }
}

/// More files than anybody needs, made up as they are read.
struct Many {
    blocks: u64,
}

impl Source for Many {
    fn length(&self) -> u64 {
        self.blocks * BLOCK
    }

    fn read(&self, at: u64, into: &mut [u8]) -> Result<(), SourceError> {
        let path = format!("blobs/{:064x}", at / BLOCK);
        into.copy_from_slice(&header(&path, 0)?[..into.len()]);
        Ok(())
    }
}

#[test]
fn a_million_tiny_files_are_refused_when_there_are_too_many_and_a_bundle_that_is_too_long_at_once() {
    let error = answer(&Many { blocks: 1_000_000 }).unwrap_err().to_string();
    assert!(error.contains("more than 250000 files"), "{error}");
    let error = answer(&Many { blocks: 1 << 40 }).unwrap_err().to_string();
    assert!(error.contains("at most are"), "{error}");
}

/// A bundle in which nothing can be read.
struct Torn;

impl Source for Torn {
    fn length(&self) -> u64 {
        4096
    }

    fn read(&self, _: u64, _: &mut [u8]) -> Result<(), SourceError> {
        Err("the disk says no".into())
    }
}

#[test]
fn a_file_that_cannot_be_read_is_an_error_and_no_verdict_on_the_bundle() {
    assert!(matches!(answer(&Torn), Err(VerifyError::Bundle(_))));
}
