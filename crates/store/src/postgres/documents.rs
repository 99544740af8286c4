//! Documents in a PostgreSQL database, in a schema of their own.

mod queries;

use std::time::Duration;

use postgres::Row;

use super::Address;
use super::migrate::{self, Format, Missing};
use super::session::{Link, Session, Trouble, schema};
use crate::number::{signed, unsigned};
use crate::step::steps;
use crate::{Document, Documents, StoreError, WAIT};

pub(super) const FORMAT: Format =
    Format { application: "assay documents", steps: steps!("documents": "0001_documents") };

#[cfg(test)]
pub(super) use queries::ALL;

/// A handle on documents kept in a PostgreSQL database.
pub struct PostgresDocuments {
    session: Session,
}

impl PostgresDocuments {
    /// Opens the documents of this name, and makes their schema when there is none.
    ///
    /// # Errors
    /// [`StoreError::Unreachable`], [`StoreError::Unsuited`], [`StoreError::NotAllowed`] when the database cannot be
    /// used, [`StoreError::Foreign`] or [`StoreError::TooNew`] when the schema is not one this program understands.
    pub fn open(address: &Address, name: &str) -> Result<Self, StoreError> {
        Self::open_waiting(address, name, WAIT)
    }

    /// As [`PostgresDocuments::open`], with another limit to how long a write waits for others.
    ///
    /// # Errors
    /// As [`PostgresDocuments::open`].
    pub fn open_waiting(address: &Address, name: &str, wait: Duration) -> Result<Self, StoreError> {
        let session = Session::new(address, schema("documents", name)?, wait);
        migrate::open(&session, &FORMAT, Missing::Made)?;
        Ok(Self { session })
    }

    /// Brings the documents of this name to the format of this number, forward or back.
    ///
    /// # Errors
    /// As [`PostgresDocuments::open`]; [`StoreError::WouldLose`] where documents would be lost.
    pub fn migrate(address: &Address, name: &str, format: u64) -> Result<(), StoreError> {
        migrate::to(&Session::new(address, schema("documents", name)?, WAIT), &FORMAT, format)
    }

    fn found(link: &mut Link, collection: &str, key: &str) -> Result<Option<u64>, Trouble> {
        let version = link.prepared(queries::VERSION)?;
        let row = link.client.query_opt(&version, &[&collection, &key])?;
        Ok(row.map(|row| unsigned(row.get(0))))
    }

    fn conflict(link: &mut Link, collection: &str, key: &str, expected: Option<u64>) -> Result<Trouble, Trouble> {
        let found = Self::found(link, collection, key)?;
        let (collection, key) = (collection.to_owned(), key.to_owned());
        Ok(StoreError::Conflict { collection, key, expected, found }.into())
    }
}

impl Documents for PostgresDocuments {
    fn get(&self, collection: &str, key: &str) -> Result<Option<Document>, StoreError> {
        self.session.run("read a document", |link, _| {
            let get = link.prepared(queries::GET)?;
            Ok(link.client.query_opt(&get, &[&collection, &key])?.map(read))
        })
    }

    fn put(
        &mut self,
        collection: &str,
        key: &str,
        bytes: &[u8],
        expected: Option<u64>,
    ) -> Result<u64, StoreError> {
        // A version is drawn once: one that is there after a lost connection says that it was put.
        let mut drawn = None;
        self.session.run("keep a document", |link, again| {
            let version: i64 = match drawn {
                Some(version) => version,
                None => {
                    let next = link.prepared(queries::NEXT_VERSION)?;
                    link.client.query_one(&next, &[])?.get(0)
                }
            };
            drawn = Some(version);
            let put = version.unsigned_abs();
            if again && Self::found(link, collection, key)? == Some(put) {
                return Ok(put);
            }
            let changed = match expected {
                None => {
                    let make = link.prepared(queries::MAKE)?;
                    link.client.execute(&make, &[&collection, &key, &version, &bytes])?
                }
                Some(expected) => {
                    let (change, expected) = (link.prepared(queries::CHANGE)?, signed(expected));
                    link.client.execute(&change, &[&collection, &key, &version, &bytes, &expected])?
                }
            };
            if changed == 1 { Ok(put) } else { Err(Self::conflict(link, collection, key, expected)?) }
        })
    }

    fn delete(&mut self, collection: &str, key: &str, expected: u64) -> Result<(), StoreError> {
        self.session.run("delete a document", |link, again| {
            let delete = link.prepared(queries::DELETE)?;
            let deleted = link.client.execute(&delete, &[&collection, &key, &signed(expected)])?;
            // Nobody else gives this version to a document again, so a lost first try is the only other reason.
            if deleted == 1 || (again && Self::found(link, collection, key)?.is_none()) {
                return Ok(());
            }
            Err(Self::conflict(link, collection, key, Some(expected))?)
        })
    }

    fn list(&self, collection: &str) -> Result<Vec<Document>, StoreError> {
        self.session.run("list documents", |link, _| {
            let list = link.prepared(queries::LIST)?;
            Ok(link.client.query(&list, &[&collection])?.into_iter().map(read).collect())
        })
    }

    fn everything(&self) -> Result<Vec<(String, Document)>, StoreError> {
        self.session.run("read every document", |link, _| {
            let rows = link.client.query(queries::EVERYTHING, &[])?;
            Ok(rows.into_iter().map(|row| (row.get(3), read(row))).collect())
        })
    }

    fn replace_everything(&mut self, documents: &[(String, Document)]) -> Result<(), StoreError> {
        self.session.run("replace every document", |link, _| {
            let (make, later) = (link.prepared(queries::MAKE)?, link.prepared(queries::NOT_BEFORE)?);
            let mut transaction = link.client.transaction()?;
            transaction.execute(queries::FORGET, &[])?;
            for (collection, document) in documents {
                let version = signed(document.version);
                transaction.execute(&make, &[&collection, &document.key, &version, &document.bytes])?;
                transaction.query_one(&later, &[&version])?;
            }
            Ok(transaction.commit()?)
        })
    }

    fn another(&self) -> Result<Box<dyn Documents>, StoreError> {
        Ok(Box::new(Self { session: self.session.apart() }))
    }
}

fn read(row: Row) -> Document {
    Document { key: row.get(0), version: unsigned(row.get(1)), bytes: row.get(2) }
}
