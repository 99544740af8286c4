//! A connection to one schema of a database, made again when it was lost.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use postgres::error::SqlState;
use postgres::{Client, NoTls, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::Address;
use crate::StoreError;

/// What a schema of ours is called before the name of what lies in it.
const PREFIX: &str = "assay_";
/// How long a name of a schema may be; the server cuts off what is beyond.
const LONGEST: usize = 63;
/// How long the server waits for a writer that fell silent in the middle before it lets the others go on.
const SILENT: &str = "5min";

/// How many connections to one database wait for their next use.
const IDLE: usize = 8;

/// An address and how long a writer waits there.
type Key = (String, Duration);

/// Connections of this process that nobody uses at the moment. To open a ledger for each request, or a thousand of
/// them one after the other, then costs no new connection.
static POOL: Mutex<BTreeMap<Key, Vec<Link>>> = Mutex::new(BTreeMap::new());

/// What went wrong: told by the database, or by us.
pub(super) enum Trouble {
    /// By the database.
    Database(postgres::Error),
    /// By us.
    Ours(StoreError),
}

impl From<postgres::Error> for Trouble {
    fn from(error: postgres::Error) -> Self {
        Self::Database(error)
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Ours(error)
    }
}

/// A connection that is there, and the statements it has prepared.
pub(super) struct Link {
    pub(super) client: Client,
    /// The schema whose tables are meant now.
    schema: String,
    statements: HashMap<&'static str, Statement>,
}

impl Link {
    /// Means the tables of this schema from now on.
    fn turn_to(&mut self, session: &Session) -> Result<(), postgres::Error> {
        if self.schema != session.schema {
            self.client.batch_execute(&format!("SET search_path TO {}, pg_temp", session.quoted()))?;
            self.schema.clone_from(&session.schema);
        }
        Ok(())
    }

    /// The statement of this text, prepared once for each connection.
    pub(super) fn prepared(&mut self, sql: &'static str) -> Result<Statement, postgres::Error> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql)?;
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }
}

/// A schema of a database, and a connection to it while there is one. Clones share the connection.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) address: Address,
    pub(super) schema: String,
    pub(super) wait: Duration,
    held: Arc<Held>,
}

/// The connection of a session; it goes back to the pool with the last of its clones.
struct Held {
    key: Key,
    link: Mutex<Option<Link>>,
}

impl Held {
    fn of(key: Key) -> Arc<Self> {
        let waiting = pool().get_mut(&key).and_then(Vec::pop);
        Arc::new(Self { key, link: Mutex::new(waiting) })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let link = self.link.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        let Some(link) = link.filter(|link| !link.client.is_closed()) else { return };
        let mut pool = pool();
        let idle = pool.entry(self.key.clone()).or_default();
        if idle.len() < IDLE {
            idle.push(link);
        }
    }
}

fn pool() -> MutexGuard<'static, BTreeMap<Key, Vec<Link>>> {
    POOL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The schema of something of ours with this name.
pub(super) fn schema(what: &str, name: &str) -> Result<String, StoreError> {
    let schema = format!("{PREFIX}{what}_{name}");
    let unusable = name.is_empty() || name.chars().any(char::is_control);
    if unusable || schema.len() > LONGEST {
        return Err(StoreError::Address(format!(
            "a ledger's name there has 1 to {} bytes without control characters",
            LONGEST - PREFIX.len() - "documents_".len()
        )));
    }
    Ok(schema)
}

impl Session {
    pub(super) fn new(address: &Address, schema: String, wait: Duration) -> Self {
        let held = Held::of((address.shown().to_owned(), wait));
        Self { address: address.clone(), schema, wait, held }
    }

    /// A session on the same schema with a connection of its own.
    pub(super) fn apart(&self) -> Self {
        Self { held: Held::of(self.held.key.clone()), ..self.clone() }
    }

    /// Does something with the connection. It is done a second time on a new connection when the first was lost, and
    /// is told so: it must not do again what was done.
    pub(super) fn run<T>(
        &self,
        doing: &'static str,
        mut act: impl FnMut(&mut Link, bool) -> Result<T, Trouble>,
    ) -> Result<T, StoreError> {
        let mut held = self.held.link.lock().unwrap_or_else(PoisonError::into_inner);
        let mut link = match held.take() {
            Some(link) if !link.client.is_closed() => link,
            _ => self.connect()?,
        };
        let first = link.turn_to(self).map_err(Trouble::from).and_then(|()| act(&mut link, false));
        let lost = matches!(&first, Err(Trouble::Database(error)) if error.is_closed() || is_ending(error))
            || link.client.is_closed();
        let done = if lost && first.is_err() {
            link = self.connect().map_err(|source| self.unsure(doing, source))?;
            act(&mut link, true)
        } else {
            first
        };
        *held = Some(link);
        done.map_err(|trouble| match trouble {
            Trouble::Database(error) => self.failed(doing, error),
            Trouble::Ours(error) => error,
        })
    }

    fn unsure(&self, doing: &'static str, source: StoreError) -> StoreError {
        let place = self.place();
        StoreError::Lost { doing, place, source: Box::new(source) }
    }

    /// Where this is, for a person.
    pub(super) fn place(&self) -> String {
        self.address.shown().to_owned()
    }

    /// Quoted as SQL wants a name.
    pub(super) fn quoted(&self) -> String {
        format!("\"{}\"", self.schema.replace('"', "\"\""))
    }

    fn connect(&self) -> Result<Link, StoreError> {
        let config = &self.address.config;
        let connected = match &self.address.tls {
            None => config.connect(NoTls),
            Some(tls) => config.connect(MakeRustlsConnect::new(tls.clone())),
        };
        let unreachable = |source| StoreError::Unreachable { place: self.place(), source: Box::new(source) };
        let mut client = connected.map_err(unreachable)?;
        let settings = client
            .query_one(
                "SELECT current_setting('fsync'), current_setting('server_encoding'), \
                 current_setting('server_version_num')::integer, current_setting('synchronous_commit')",
                &[],
            )
            .map_err(unreachable)?;
        let text = |column: usize| settings.get::<_, String>(column);
        let why = match (text(0).as_str(), text(1).as_str(), settings.get::<_, i32>(2)) {
            ("off", _, _) => Some("its server does not write through to the disk (`fsync` is off)"),
            (_, encoding, _) if encoding != "UTF8" => Some("it is not in UTF-8; make one with ENCODING 'UTF8'"),
            (_, _, version) if version < 140_000 => Some("its server is older than PostgreSQL 14"),
            _ => None,
        };
        if let Some(why) = why {
            return Err(StoreError::Unsuited { place: self.place(), why });
        }
        let durable = if text(3) == "off" { "SET synchronous_commit TO on;" } else { "" };
        let wait = self.wait.as_millis().max(1);
        client
            .batch_execute(&format!(
                "SET search_path TO {}, pg_temp; SET lock_timeout TO {wait}; {durable} \
                 SET idle_in_transaction_session_timeout TO '{SILENT}'; SET client_min_messages TO warning;",
                self.quoted()
            ))
            .map_err(unreachable)?;
        Ok(Link { client, schema: self.schema.clone(), statements: HashMap::new() })
    }

    /// What the database said, as the error that tells the place and the mend.
    pub(super) fn failed(&self, doing: &'static str, error: postgres::Error) -> StoreError {
        let (place, code) = (self.place(), error.code().cloned());
        let source = Box::new(error);
        match code {
            Some(code) if code == SqlState::LOCK_NOT_AVAILABLE => StoreError::Busy { doing, waited: self.wait },
            Some(code) if code == SqlState::DISK_FULL => StoreError::Full { doing, path: place.into() },
            Some(code)
                if code == SqlState::INSUFFICIENT_PRIVILEGE || code == SqlState::READ_ONLY_SQL_TRANSACTION =>
            {
                StoreError::NotAllowed { doing, place, source }
            }
            Some(code) if code == SqlState::DATA_CORRUPTED || code == SqlState::INDEX_CORRUPTED => {
                StoreError::Corrupt { doing, place, source }
            }
            _ => StoreError::Database { doing, source },
        }
    }
}

/// Whether the server takes leave; the connection may not have been seen to end yet.
fn is_ending(error: &postgres::Error) -> bool {
    error.code().is_some_and(|code| {
        [SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN, SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT]
            .contains(code)
    })
}
