//! For the tests of the lists of SQL files.

use std::path::Path;
use std::time::Duration;

use testkit::servers::Postgres;
use testkit::{Server, Site, ready};

use super::migrate::{Format, Missing, open};
use super::session::{Session, schema};
use super::{Address, Secrets, documents, ledger, queries};
use crate::folder::{files, files_of, names};

/// The statements and steps are those in the folder, and each statement prepares on a migrated empty schema.
fn check(server: &Server, format: &Format, folder: &str, statements: &[(&str, &str)]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    assert_eq!(files(&folder.join("queries")), names(statements));
    let steps: Vec<String> = format.steps.iter().flat_map(files_of).collect();
    assert_eq!(files(&folder.join("migrations")), steps);
    let secrets = Secrets { password: Some(Postgres::PASSWORD.to_owned()), ..Secrets::default() };
    let address = Address::parse(&Postgres::url(server), &secrets).unwrap();
    let session = Session::new(&address, schema("checked", format.application).unwrap(), Duration::from_secs(5));
    open(&session, format, Missing::Made).unwrap();
    for (file, sql) in statements {
        let prepared = session.run("prepare", |link, _| {
            if *file == "restore_tables.sql" {
                link.client.batch_execute(sql)?;
            } else {
                link.client.prepare(sql)?;
            }
            Ok(())
        });
        prepared.unwrap_or_else(|error| panic!("{file}: {error:?}"));
    }
}

#[test]
fn every_sql_file_is_in_use_and_prepares_on_a_migrated_empty_schema() {
    let Some(server) = ready(Postgres::default().start(&Site::loopback())) else { return };
    check(&server, &ledger::FORMAT, "src/postgres", queries::ALL);
    check(&server, &documents::FORMAT, "src/postgres/documents", documents::ALL);
}
