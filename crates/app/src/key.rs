//! Private keys and where they are: in the environment, in a file for its owner alone, or made on first use.
//!
//! What a key may sign is the ledger's matter.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use ledger::{KeyError, SigningKey, VerifyingKey};

/// The environment variable that holds a workspace's private key as PEM text.
pub const IN_ENVIRONMENT: &str = "ASSAY_KEY";
/// The environment variable that names the file of a workspace's private key.
pub const BY_REFERENCE: &str = "ASSAY_KEY_FILE";
/// The file of a workspace's private key, inside its `.assay` folder.
const FILE: &str = "key.pem";
/// The public key that an early ledger begins with, once another has taken its place.
const ROOT: &str = "root.pem";

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
    /// There is something else in its place.
    #[error("use the signing key {}: it is no file", .0.display())]
    NoFile(PathBuf),
    /// The place holds no key.
    #[error("use the signing key in {at}")]
    Key {
        /// The file or the environment variable.
        at: String,
        /// Why.
        #[source]
        source: KeyError,
    },
    /// The environment says it twice.
    #[error("use the signing key: both {IN_ENVIRONMENT} and {BY_REFERENCE} are set\n\nhint: unset one of them")]
    Twice,
    /// A new key would overwrite something.
    #[error("write the signing key {}: it is already there", .0.display())]
    Exists(PathBuf),
    /// The operating system gives no randomness.
    #[error("make a signing key: the operating system gives no random bytes")]
    Random,
}

/// Where the key of a workspace is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyPlace {
    /// In the environment variable [`IN_ENVIRONMENT`].
    Environment,
    /// In a file: named by [`BY_REFERENCE`], or the workspace's own.
    File(PathBuf),
}

/// What the environment says about keys.
#[derive(Clone, Default)]
pub struct KeyEnvironment {
    /// The value of [`IN_ENVIRONMENT`]. Secret.
    pub pem: Option<String>,
    /// The value of [`BY_REFERENCE`].
    pub file: Option<PathBuf>,
}

impl std::fmt::Debug for KeyEnvironment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyEnvironment").field("pem", &self.pem.is_some()).field("file", &self.file).finish()
    }
}

impl KeyEnvironment {
    /// That of this process.
    pub fn of_process() -> Self {
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        Self {
            pem: set(IN_ENVIRONMENT).map(|value| value.to_string_lossy().into_owned()),
            file: set(BY_REFERENCE).map(PathBuf::from),
        }
    }

    /// Where the key of the workspace with this `.assay` folder is, or will be.
    ///
    /// # Errors
    /// [`SigningKeyError::Twice`].
    pub fn place(&self, folder: &Path) -> Result<KeyPlace, SigningKeyError> {
        match (&self.pem, &self.file) {
            (Some(_), Some(_)) => Err(SigningKeyError::Twice),
            (Some(_), None) => Ok(KeyPlace::Environment),
            (None, Some(file)) => Ok(KeyPlace::File(file.clone())),
            (None, None) => Ok(KeyPlace::File(folder.join(FILE))),
        }
    }

    /// The key of the workspace with this `.assay` folder. None when it has none of its own yet; a key that the
    /// environment names has to be there.
    ///
    /// # Errors
    /// [`SigningKeyError`] when it cannot be used.
    pub fn present(&self, folder: &Path) -> Result<Option<SigningKey>, SigningKeyError> {
        match (self.place(folder)?, &self.pem) {
            (KeyPlace::Environment, pem) => {
                let pem = pem.as_deref().unwrap_or_default();
                let key = SigningKey::from_pem(pem);
                key.map(Some).map_err(|source| SigningKeyError::Key { at: IN_ENVIRONMENT.to_owned(), source })
            }
            (KeyPlace::File(at), _) if self.file.is_none() && !at.exists() => Ok(None),
            (KeyPlace::File(at), _) => read(&at).map(Some),
        }
    }

    /// As [`KeyEnvironment::present`]; makes the workspace's own key if there is none.
    ///
    /// # Errors
    /// [`SigningKeyError`] when it cannot be used or made.
    pub fn open(&self, folder: &Path) -> Result<SigningKey, SigningKeyError> {
        match self.present(folder)? {
            Some(key) => Ok(key),
            None => {
                let at = folder.join(FILE);
                match make(&at) {
                    // Another process made it meanwhile.
                    Err(SigningKeyError::Exists(at)) => read(&at),
                    made => made,
                }
            }
        }
    }
}

/// The private key in a file that its owner alone can read.
///
/// # Errors
/// [`SigningKeyError`] when there is none, or others can read it.
pub fn read(at: &Path) -> Result<SigningKey, SigningKeyError> {
    let file = |source| SigningKeyError::File { at: at.to_owned(), source };
    let metadata = fs::metadata(at).map_err(file)?;
    if !metadata.is_file() {
        return Err(SigningKeyError::NoFile(at.to_owned()));
    }
    if metadata.permissions().mode() & 0o077 != 0 {
        return Err(SigningKeyError::Open(at.to_owned()));
    }
    let pem = fs::read_to_string(at).map_err(file)?;
    SigningKey::from_pem(&pem).map_err(|source| SigningKeyError::Key { at: at.display().to_string(), source })
}

/// Makes a new key in a file that its owner alone can read. Durable when it returns.
///
/// # Errors
/// [`SigningKeyError::Exists`] when something is there; it is left alone.
pub fn make(at: &Path) -> Result<SigningKey, SigningKeyError> {
    let file = |source| SigningKeyError::File { at: at.to_owned(), source };
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|_| SigningKeyError::Random)?;
    let key = SigningKey::from_seed(&seed);
    let unwritten = |source| SigningKeyError::Key { at: at.display().to_string(), source };
    let pem = key.to_pem().map_err(unwritten)?;
    let folder = parent(at);
    fs::create_dir_all(folder).map_err(file)?;
    // Written beside its place first, so that two processes cannot end up with two keys or half of one.
    let name = at.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let beside = folder.join(format!("{name}.{}", std::process::id()));
    let mut options = fs::File::options();
    options.write(true).create_new(true).mode(0o600);
    let written = options.open(&beside).and_then(|mut out| {
        out.write_all(pem.as_bytes())?;
        out.sync_all()
    });
    let linked = written.and_then(|()| fs::hard_link(&beside, at));
    let _ = fs::remove_file(&beside);
    match linked {
        Ok(()) => sync(folder).map(|()| key).map_err(file),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && at.exists() => {
            Err(SigningKeyError::Exists(at.to_owned()))
        }
        Err(error) => Err(file(error)),
    }
}

/// Where the successor of the key in a file waits until the ledger has entered it.
pub(crate) fn successor(at: &Path) -> PathBuf {
    at.with_extension("next.pem")
}

/// Puts the successor in the place of the key. Durable when it returns.
pub(crate) fn succeed(at: &Path) -> Result<(), SigningKeyError> {
    let file = |source| SigningKeyError::File { at: at.to_owned(), source };
    fs::rename(successor(at), at).and_then(|()| sync(parent(at))).map_err(file)
}

/// The public key that an early ledger begins with, if another signs for it now.
pub(crate) fn root(folder: &Path) -> Result<Option<VerifyingKey>, SigningKeyError> {
    let at = folder.join(ROOT);
    match fs::read_to_string(&at) {
        Ok(pem) => {
            let unread = |source| SigningKeyError::Key { at: at.display().to_string(), source };
            VerifyingKey::from_pem(&pem).map(Some).map_err(unread)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(SigningKeyError::File { at, source }),
    }
}

/// Remembers the public key that an early ledger begins with.
pub(crate) fn remember_root(folder: &Path, key: VerifyingKey) -> Result<(), SigningKeyError> {
    let at = folder.join(ROOT);
    let unwritten = |source| SigningKeyError::Key { at: at.display().to_string(), source };
    let pem = key.to_pem().map_err(unwritten)?;
    let written = fs::File::create(&at).and_then(|mut out| {
        out.write_all(pem.as_bytes())?;
        out.sync_all()
    });
    written.and_then(|()| sync(folder)).map_err(|source| SigningKeyError::File { at, source })
}

fn parent(at: &Path) -> &Path {
    at.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn sync(folder: &Path) -> io::Result<()> {
    fs::File::open(folder).and_then(|folder| folder.sync_all())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing() -> KeyEnvironment {
        KeyEnvironment::default()
    }

    #[test]
    fn the_key_is_made_once_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        assert!(nothing().present(folder.path()).unwrap().is_none());
        let made = nothing().open(folder.path()).unwrap().id();
        let mode = fs::metadata(folder.path().join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(nothing().open(folder.path()).unwrap().id(), made);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside the key");
        assert!(matches!(make(&folder.path().join(FILE)), Err(SigningKeyError::Exists(_))));
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        nothing().open(folder.path()).unwrap();
        fs::set_permissions(folder.path().join(FILE), fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(nothing().open(folder.path()), Err(SigningKeyError::Open(_))));
        assert!(matches!(read(folder.path()), Err(SigningKeyError::NoFile(_))));
    }

    #[test]
    fn the_environment_goes_before_the_folder_and_says_it_once() {
        let folder = tempfile::tempdir().unwrap();
        let own = nothing().open(folder.path()).unwrap();
        let elsewhere = folder.path().join("elsewhere.pem");
        let by_file = KeyEnvironment { file: Some(elsewhere.clone()), ..nothing() };
        assert!(matches!(by_file.open(folder.path()), Err(SigningKeyError::File { .. })), "it is not made");
        let other = make(&elsewhere).unwrap();
        assert_eq!(by_file.open(folder.path()).unwrap().id(), other.id());
        let in_text = KeyEnvironment { pem: Some(other.to_pem().unwrap()), ..nothing() };
        assert_eq!(in_text.present(folder.path()).unwrap().unwrap().id(), other.id());
        assert!(!format!("{in_text:?}").contains("PRIVATE"));
        let both = KeyEnvironment { file: by_file.file, ..in_text };
        assert!(matches!(both.open(folder.path()), Err(SigningKeyError::Twice)));
        let nonsense = KeyEnvironment { pem: Some("key".into()), ..nothing() };
        assert!(matches!(nonsense.open(folder.path()), Err(SigningKeyError::Key { .. })));
        assert_eq!(nothing().open(folder.path()).unwrap().id(), own.id());
    }
}
