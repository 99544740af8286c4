//! The people of a workspace: who was invited, who came, as what, and what that lets them do.
//!
//! It knows no password, no session and no link: those are no events.

mod event;
mod name;
mod permission;
mod person;
mod role;

pub use event::{Event, Events};
pub use model::folded_name as folded;
pub use name::{AccountName, NoAccountName};
pub use permission::{Permission, UnknownPermission};
pub use person::{People, Person, Refused, Standing};
pub use role::{Role, UnknownRole};
