//! The one header that a file of a bundle has: POSIX ustar, plain file, mode 0644, no owner, no time.
//!
//! One path and size give one header, so a reader makes it again and compares: nothing hides in a header.

/// Headers and contents fill blocks of this many bytes.
pub const BLOCK: u64 = 512;
/// What stands after the last file: two empty blocks, and nothing more.
pub const END: [u8; 2 * BLOCK as usize] = [0; 2 * BLOCK as usize];

/// Longest path in bytes.
const LONGEST: usize = 100;
/// Largest size that the header's eleven octal digits hold.
const LARGEST: u64 = (1 << 33) - 1;

/// Why a path or a size cannot stand in a bundle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// The path.
    #[error("`{}` is no path of a bundle: {why}", path.escape_debug())]
    Path {
        /// As it came.
        path: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The size.
    #[error("`{}` is larger than 8 GiB", .0.escape_debug())]
    Size(String),
}

/// Checks that a path is relative, stays inside, and looks like what it is.
///
/// # Errors
/// [`PathError::Path`].
pub(super) fn check(path: &str) -> Result<(), PathError> {
    let why = if path.is_empty() {
        "it is empty"
    } else if path.len() > LONGEST {
        "it is longer than 100 bytes"
    } else if path.starts_with('/') {
        "it begins at the root"
    } else if path.split('/').any(|part| part == "..") {
        "it leads outside"
    } else if path.split('/').any(|part| part.is_empty() || part == ".") {
        "it has an empty part"
    } else if path.chars().any(|c| c.is_control() || c == '\\') {
        "it holds a control character or a backslash"
    } else {
        return Ok(());
    };
    Err(PathError::Path { path: path.to_owned(), why })
}

/// The header of the file of this path and size.
///
/// # Errors
/// [`PathError`] when there is none.
pub fn header(path: &str, size: u64) -> Result<[u8; BLOCK as usize], PathError> {
    check(path)?;
    if size > LARGEST {
        return Err(PathError::Size(path.to_owned()));
    }
    let mut block = [0; BLOCK as usize];
    let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, path.as_bytes());
    put(100, b"0000644\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{size:011o}\0").as_bytes());
    put(136, b"00000000000\0");
    put(148, b"        ");
    put(156, b"0");
    put(257, b"ustar\0");
    put(263, b"00");
    put(329, b"0000000\0");
    put(337, b"0000000\0");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    Ok(block)
}

/// How many zero bytes follow a content of this size.
pub fn padding(size: u64) -> u64 {
    size.next_multiple_of(BLOCK) - size
}

/// Reads path and size out of a header, and checks that it is the one header they give.
pub(super) fn read(block: &[u8; BLOCK as usize]) -> Result<(String, u64), String> {
    let name = block[..LONGEST].split(|byte| *byte == 0).next().unwrap_or_default();
    let shown = String::from_utf8_lossy(name).escape_debug().to_string();
    let path = String::from_utf8(name.to_vec()).map_err(|_| format!("`{shown}`: its path is not UTF-8"))?;
    let size = std::str::from_utf8(&block[124..135]).ok().and_then(|digits| u64::from_str_radix(digits, 8).ok());
    let size = size.ok_or_else(|| format!("`{shown}`: its size is no octal number"))?;
    let canonical = header(&path, size).map_err(|error| error.to_string())?;
    match FIELDS.iter().find(|(_, at)| block[at.clone()] != canonical[at.clone()]) {
        None => Ok((path, size)),
        Some(("kind of file", at)) => Err(format!("`{shown}`: it is {}, not a plain file", kind(block[at.start]))),
        Some((field, _)) => Err(format!("`{shown}`: its header has another {field} than every file of a bundle")),
    }
}

/// The fields of a header, those first whose name helps most.
const FIELDS: [(&str, std::ops::Range<usize>); 14] = [
    ("kind of file", 156..157),
    ("mode", 100..108),
    ("owner", 108..124),
    ("size", 124..136),
    ("time", 136..148),
    ("link", 157..257),
    ("magic", 257..265),
    ("owner's name", 265..329),
    ("device", 329..345),
    ("prefix", 345..500),
    ("tail", 500..512),
    ("name", 0..100),
    ("checksum", 148..156),
    ("byte", 0..512),
];

fn kind(flag: u8) -> &'static str {
    match flag {
        b'1' => "a hard link",
        b'2' => "a symbolic link",
        b'3' | b'4' | b'6' => "a device or a pipe",
        b'5' => "a folder",
        b'g' | b'x' | b'L' | b'K' => "an extension of the next header",
        _ => "of an unknown kind",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_reads_back_and_every_changed_bit_of_it_is_found() {
        let block = header("leaves/00000007.json", 4711).unwrap();
        assert_eq!(read(&block), Ok(("leaves/00000007.json".to_owned(), 4711)));
        for bit in 0..block.len() * 8 {
            let mut changed = block;
            changed[bit / 8] ^= 1 << (bit % 8);
            // A changed name is another file's sound header once the checksum fits, which it does not here.
            assert!(read(&changed).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn paths_that_lead_elsewhere_are_refused() {
        let long = "a".repeat(101);
        for path in
            ["", "/etc/passwd", "../x", "a/../../x", "a//b", "./a", "a/", "a\\b", "a\nb", "a\u{85}b", &long]
        {
            assert!(header(path, 0).is_err(), "{path:?}");
        }
        assert!(header("dossier/ixit/prüfung.toml", 0).is_ok());
        assert!(header("a", LARGEST + 1).is_err());
    }

    #[test]
    fn a_link_is_named_as_what_it_is() {
        let mut block = header("a", 0).unwrap();
        block[156] = b'2';
        assert!(read(&block).unwrap_err().contains("symbolic link"));
    }

    #[test]
    fn contents_are_filled_up_to_whole_blocks() {
        assert_eq!([0, 1, 511, 512, 513].map(padding), [0, 511, 1, 0, 511]);
    }
}
