//! Where a ledger lies: beside the dossier, or in a PostgreSQL database that a file beside the dossier names.
//!
//! This is decided here alone, so that every verb works on either. The file holds no password: it is taken from where
//! PostgreSQL's own programs take it.

mod transfer;

use std::path::{Path, PathBuf};

use store::{
    Address, Documents, PostgresDocuments, PostgresStore, Secrets, SqliteDocuments, SqliteStore, Store, StoreError,
};
use toml_edit::DocumentMut;

use crate::folder::{self, FolderError};
pub use transfer::{MoveError, Moved, To, move_ledgers, settle};

/// The file in `.assay` that names the database; without it the ledger lies beside it.
pub const POINTER: &str = "database.toml";

/// Why a ledger's place cannot be told or used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The file that names the database does not read.
    #[error(
        "read where the ledger is in {}: {why}\n\nhint: it holds `url = \"postgres://user@host/database\"` and `ledger = \
         \"name\"`", at.display()
    )]
    Pointer {
        /// The file.
        at: PathBuf,
        /// Why.
        why: String,
    },
    /// The file that names the database cannot be written.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A ledger in a PostgreSQL database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    /// The database, without a password.
    pub url: String,
    /// The ledger's name there.
    pub ledger: String,
}

impl Database {
    /// What the file in a ledger's folder (`.assay`) names, if there is one.
    ///
    /// # Errors
    /// [`DatabaseError::Pointer`].
    pub fn of(folder: &Path) -> Result<Option<Self>, DatabaseError> {
        let at = folder.join(POINTER);
        let wrong = |why: String| DatabaseError::Pointer { at: at.clone(), why };
        let text = match std::fs::read_to_string(&at) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(wrong(error.to_string())),
        };
        let document: DocumentMut = text.parse().map_err(|error| wrong(format!("{error}")))?;
        let value = |name: &str| {
            let value = document.get(name).and_then(|item| item.as_str()).map(str::to_owned);
            value.ok_or_else(|| wrong(format!("`{name}` is missing")))
        };
        Ok(Some(Self { url: value("url")?, ledger: value("ledger")? }))
    }

    /// Writes the file that names it; the ledger is there from now on.
    fn point(&self, folder: &Path) -> Result<(), DatabaseError> {
        let mut document: DocumentMut = DocumentMut::new();
        document["url"] = toml_edit::value(self.url.as_str());
        document["ledger"] = toml_edit::value(self.ledger.as_str());
        let text = format!(
            "# Where this dossier's ledger lies; `assay ledger move` changes it.\n# The password is taken from \
             PGPASSWORD or ~/.pgpass, and never stands here.\n{document}"
        );
        let at = folder.join(POINTER);
        folder::write(&at, &text)?;
        let synced = std::fs::File::open(&at).and_then(|file| file.sync_all());
        synced.and_then(|()| sync(folder)).map_err(|source| FolderError::Write { at, source }.into())
    }

    fn address(&self) -> Result<Address, StoreError> {
        Address::parse(&self.url, &Secrets::of_process())
    }

    /// As one text: the URL, and the ledger's name as its fragment.
    fn place(&self) -> String {
        format!("{}#{}", self.url, self.ledger)
    }

    fn of_place(place: &str) -> Option<Self> {
        let (url, ledger) = place.split_once('#')?;
        Some(Self { url: url.to_owned(), ledger: ledger.to_owned() })
    }

    fn open(&self) -> Result<Box<dyn Store>, StoreError> {
        Ok(Box::new(PostgresStore::open(&self.address()?, &self.ledger)?))
    }

    fn create(&self) -> Result<Box<dyn Store>, StoreError> {
        Ok(Box::new(PostgresStore::create(&self.address()?, &self.ledger)?))
    }

    fn documents(&self) -> Result<Box<dyn Documents>, StoreError> {
        Ok(Box::new(PostgresDocuments::open(&self.address()?, &self.ledger)?))
    }
}

/// Makes the names in a folder durable.
fn sync(folder: &Path) -> Result<(), std::io::Error> {
    std::fs::File::open(folder).and_then(|folder| folder.sync_all())
}

/// Opens the ledger of this folder (`.assay`), wherever it lies.
pub(crate) fn store(folder: &Path) -> Result<Box<dyn Store>, DatabaseError> {
    Ok(match Database::of(folder)? {
        Some(database) => database.open()?,
        None => Box::new(SqliteStore::open(folder)?),
    })
}

/// Opens what is kept beside the ledger of this folder (`.assay`), in the same place.
pub(crate) fn documents(folder: &Path) -> Result<Box<dyn Documents>, DatabaseError> {
    Ok(match Database::of(folder)? {
        Some(database) => database.documents()?,
        None => Box::new(SqliteDocuments::open(folder)?),
    })
}

/// The size of a ledger that lies in a database; none where it lies in a file, or cannot be reached.
pub(crate) fn size(folder: &Path) -> Option<u64> {
    Database::of(folder).ok()??.open().ok()?.size().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_that_names_a_database_reads_as_it_was_written_and_says_what_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Database::of(folder.path()).unwrap(), None);
        let database = Database { url: "postgres://anna@db.example/assay".into(), ledger: "plug \"ü\"".into() };
        database.point(folder.path()).unwrap();
        assert_eq!(Database::of(folder.path()).unwrap(), Some(database.clone()));
        assert_eq!(Database::of_place(&database.place()), Some(database));
        std::fs::write(folder.path().join(POINTER), "url = \"postgres://x/y\"\n").unwrap();
        let said = Database::of(folder.path()).unwrap_err().to_string();
        assert!(said.contains("`ledger` is missing") && said.contains("hint:"), "{said}");
    }

    #[test]
    fn a_ledger_that_should_be_in_a_database_is_never_begun_anew_beside_the_dossier() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database { url: "postgres://anna@127.0.0.1:1/assay".into(), ledger: "plug".into() };
        database.point(folder.path()).unwrap();
        let refused = store(folder.path()).map(drop).unwrap_err();
        assert!(matches!(refused, DatabaseError::Store(StoreError::Unreachable { .. })), "{refused}");
        assert!(!folder.path().join("ledger.sqlite").exists());
    }
}
