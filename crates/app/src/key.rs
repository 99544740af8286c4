//! The signing key of a workspace: made on first use, kept in `.assay/key.pem` for its owner alone.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use ledger::{KeyError, SigningKey};

/// Why there is no key to sign with.
#[derive(Debug, thiserror::Error)]
pub enum SigningKeyError {
    /// The file cannot be read or written.
    #[error("use the signing key {}", at.display())]
    File {
        /// Which.
        at: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Others may read the file.
    #[error("use the signing key {}: others can read it\n\nhint: chmod 600 {}", .0.display(), .0.display())]
    Open(PathBuf),
    /// The file holds no key.
    #[error("use the signing key {}", at.display())]
    Key {
        /// Which.
        at: PathBuf,
        /// Why.
        #[source]
        source: KeyError,
    },
    /// The operating system gives no randomness.
    #[error("make a signing key: the operating system gives no random bytes")]
    Random,
}

/// The key in this `.assay` folder, made now if there is none.
///
/// # Errors
/// [`SigningKeyError`] when it cannot be read, made, or is readable by others.
pub fn open(folder: &Path) -> Result<SigningKey, SigningKeyError> {
    let at = folder.join("key.pem");
    let file = |source| SigningKeyError::File { at: at.clone(), source };
    match fs::metadata(&at) {
        Ok(metadata) => {
            if metadata.permissions().mode() & 0o077 != 0 {
                return Err(SigningKeyError::Open(at));
            }
            let pem = fs::read_to_string(&at).map_err(file)?;
            SigningKey::from_pem(&pem).map_err(|source| SigningKeyError::Key { at, source })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => make(folder, &at),
        Err(error) => Err(file(error)),
    }
}

fn make(folder: &Path, at: &Path) -> Result<SigningKey, SigningKeyError> {
    let file = |source| SigningKeyError::File { at: at.to_owned(), source };
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|_| SigningKeyError::Random)?;
    let key = SigningKey::from_seed(&seed);
    let pem = key.to_pem().map_err(|source| SigningKeyError::Key { at: at.to_owned(), source })?;
    fs::create_dir_all(folder).map_err(file)?;
    // Written beside its place first, so that two processes cannot end up with two keys or half of one.
    let beside = folder.join(format!("key.pem.{}", std::process::id()));
    let mut open = fs::File::options();
    open.write(true).create_new(true).mode(0o600);
    let mut out = open.open(&beside).map_err(file)?;
    out.write_all(pem.as_bytes()).and_then(|()| out.sync_all()).map_err(file)?;
    let linked = fs::hard_link(&beside, at);
    fs::remove_file(&beside).map_err(file)?;
    match linked {
        Ok(()) => Ok(key),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => self::open(folder),
        Err(error) => Err(file(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let made = open(folder.path()).unwrap().id();
        let mode = fs::metadata(folder.path().join("key.pem")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(open(folder.path()).unwrap().id(), made);
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        open(folder.path()).unwrap();
        fs::set_permissions(folder.path().join("key.pem"), fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(open(folder.path()), Err(SigningKeyError::Open(_))));
    }
}
