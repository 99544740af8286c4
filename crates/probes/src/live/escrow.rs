//! Credentials that hold for a while, in files for the operator alone, until they hold no more.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes a credential into a file of its own, so that it is on the disk before it holds.
pub(super) fn keep(folder: &Path, what: &str, secret: &str) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let at = place(folder, what);
    let mut options = OpenOptions::new();
    // A file that is there already tells of another run that did not come to its end.
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&at)?;
    let written = writeln!(
        file,
        "A measurement changed the credential of {what}\nand was broken off before it changed it back.\n\n\
         It is now:\n\n{secret}\n\n\
         Change it back by hand to the value that bench.toml refers to, then remove this file."
    )
    .and_then(|()| file.sync_all());
    if written.is_err() {
        fs::remove_file(&at).ok();
    }
    written
}

/// Removes the file of a credential, and the folder with the last one.
pub(super) fn release(folder: &Path, what: &str) {
    fs::remove_file(place(folder, what)).ok();
    fs::remove_dir(folder).ok();
}

fn place(folder: &Path, what: &str) -> PathBuf {
    let plain = |character: char| if character.is_ascii_alphanumeric() { character } else { '-' };
    let name: String = what.chars().take(100).map(plain).collect();
    folder.join(format!("{name}.txt"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_kept_for_its_owner_alone_until_it_is_released() {
        let at = tempfile::tempdir().unwrap();
        let folder = at.path().join("escrow");
        keep(&folder, "admin at 192.0.2.7:80/tcp http-json /login", "the new one").unwrap();
        let file = fs::read_dir(&folder).unwrap().next().unwrap().unwrap();
        assert!(fs::read_to_string(file.path()).unwrap().contains("\n\nthe new one\n\n"));
        #[cfg(unix)]
        assert_eq!(
            std::os::unix::fs::PermissionsExt::mode(&file.metadata().unwrap().permissions()) & 0o777,
            0o600
        );
        assert!(keep(&folder, "admin at 192.0.2.7:80/tcp http-json /login", "another").is_err());
        release(&folder, "admin at 192.0.2.7:80/tcp http-json /login");
        assert!(!folder.exists());
    }
}
