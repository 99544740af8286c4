//! The subcommands, one file each: arguments in, a use case, words out.

pub(crate) mod attach;
pub(crate) mod audit_passwords;
pub(crate) mod bundle;
pub(crate) mod catalogue;
pub(crate) mod check;
pub(crate) mod convert;
pub(crate) mod coverage;
pub(crate) mod demo;
pub(crate) mod diff;
pub(crate) mod gate;
pub(crate) mod import;
pub(crate) mod judge;
pub(crate) mod key;
pub(crate) mod ledger;
pub(crate) mod mud;
pub(crate) mod new;
pub(crate) mod observe;
pub(crate) mod plan;
pub(crate) mod records;
pub(crate) mod rejudge;
pub(crate) mod release;
pub(crate) mod review;
pub(crate) mod schema;
pub(crate) mod state;
pub(crate) mod tasks;
pub(crate) mod verify;
