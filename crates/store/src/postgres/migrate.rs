//! Bringing a schema to a format, step by step, forward and back (its table `format` counts the steps done).

use postgres::Transaction;

use super::session::{Session, Trouble};
use crate::StoreError;
use crate::step::{Step, latest};

/// What tells a schema of ours, and how it is made.
pub(super) struct Format {
    /// What its table says it is for.
    pub(super) application: &'static str,
    /// The steps.
    pub(super) steps: &'static [Step],
}

const TABLE: &str = "CREATE TABLE format (one integer PRIMARY KEY DEFAULT 1 CHECK (one = 1), \
                     application text NOT NULL, version bigint NOT NULL, moved_to text)";

/// Whether the schema may be made when it is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// It is made.
    Made,
    /// That is an error: something is said to be in it.
    Told,
}

/// Brings the schema to the present format.
pub(super) fn open(session: &Session, format: &Format, missing: Missing) -> Result<(), StoreError> {
    session.run("open the database", |link, _| {
        // Nearly always nothing is to be done, and nobody is waited for.
        if let Ok(row) = link.client.query_one("SELECT application, version FROM format", &[])
            && row.get::<_, &str>(0) == format.application
            && row.get::<_, i64>(1) == latest(format.steps)
        {
            return Ok(());
        }
        let mut transaction = link.client.transaction()?;
        let found = found(&mut transaction, session, format, missing)?;
        up(&mut transaction, format, found)?;
        Ok(transaction.commit()?)
    })
}

/// Brings the schema to the format of this number, forward or back, all in one transaction.
pub(super) fn to(session: &Session, format: &Format, target: u64) -> Result<(), StoreError> {
    session.run("change the database's format", |link, _| {
        let mut transaction = link.client.transaction()?;
        let found = found(&mut transaction, session, format, Missing::Made)?;
        let known = latest(format.steps);
        let target = i64::try_from(target).ok().filter(|target| *target <= known);
        let target = target.ok_or(StoreError::TooNew { found: i64::MAX, known })?;
        if target >= found {
            let steps = usize::try_from(target).unwrap_or(0);
            up(&mut transaction, &Format { steps: &format.steps[..steps], ..*format }, found)?;
        } else {
            let range = usize::try_from(target).unwrap_or(0)..usize::try_from(found).unwrap_or(0);
            for (number, step) in range.clone().zip(&format.steps[range]).rev() {
                if transaction.query_one(step.loses, &[])?.get::<_, bool>(0) {
                    return Err(StoreError::WouldLose { format: number as u64, step: step.name }.into());
                }
                transaction.batch_execute(step.down)?;
            }
            transaction.execute("UPDATE format SET version = $1", &[&target])?;
        }
        Ok(transaction.commit()?)
    })
}

/// The number of the format that is there, the table that says so made if need be; nobody else is at it meanwhile.
fn found(
    transaction: &mut Transaction<'_>,
    session: &Session,
    format: &Format,
    missing: Missing,
) -> Result<i64, Trouble> {
    transaction.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", &[&session.schema])?;
    let there = transaction.query_one(
        "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1), \
         EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1), \
         EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
                 WHERE n.nspname = $1 AND c.relname = 'format')",
        &[&session.schema],
    )?;
    let (schema, filled, ours) = (there.get::<_, bool>(0), there.get::<_, bool>(1), there.get::<_, bool>(2));
    let place = format!("schema {} of {}", session.schema, session.place());
    if filled && !ours {
        return Err(StoreError::Foreign(place.into()).into());
    }
    if !ours {
        if missing == Missing::Told {
            return Err(StoreError::NotThere { place }.into());
        }
        if !schema {
            transaction.batch_execute(&format!("CREATE SCHEMA {}", session.quoted()))?;
        }
        transaction.batch_execute(TABLE)?;
        transaction.execute("INSERT INTO format (application, version) VALUES ($1, 0)", &[&format.application])?;
        return Ok(0);
    }
    let row = transaction.query_one("SELECT application, version FROM format FOR UPDATE", &[])?;
    if row.get::<_, &str>(0) != format.application {
        return Err(StoreError::Foreign(place.into()).into());
    }
    let (found, known) = (row.get(1), latest(format.steps));
    if found > known { Err(StoreError::TooNew { found, known }.into()) } else { Ok(found) }
}

fn up(transaction: &mut Transaction<'_>, format: &Format, found: i64) -> Result<(), Trouble> {
    let pending = usize::try_from(found).ok().and_then(|done| format.steps.get(done..)).unwrap_or_default();
    for step in pending {
        transaction.batch_execute(step.up)?;
    }
    transaction.execute("UPDATE format SET version = $1", &[&latest(format.steps)])?;
    Ok(())
}
