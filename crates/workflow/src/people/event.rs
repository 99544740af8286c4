//! What happens to people and roles, as the ledger keeps it.

use model::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AccountName, Role};

/// One thing that happened to one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// Somebody was invited under a name, in a role.
    Invited {
        /// The account.
        account: AccountName,
        /// The person's name, as it stands in records they make.
        person: String,
        /// The product the role is for; the whole workspace when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        product: Option<String>,
        /// The role.
        role: Role,
        /// Who invited them.
        by: String,
    },
    /// They followed the link and chose a password.
    Joined {
        /// The account.
        account: AccountName,
    },
    /// A new link to choose a password was given out.
    Renewed {
        /// The account.
        account: AccountName,
        /// Who gave it out.
        by: String,
    },
    /// A role was given, in the place of the one before.
    Given {
        /// The account.
        account: AccountName,
        /// The product the role is for; the whole workspace when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        product: Option<String>,
        /// The role.
        role: Role,
        /// Who gave it.
        by: String,
    },
    /// A role was taken away.
    Taken {
        /// The account.
        account: AccountName,
        /// The product the role was for; the whole workspace when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        product: Option<String>,
        /// Who took it.
        by: String,
    },
    /// The account was ended.
    Removed {
        /// The account.
        account: AccountName,
        /// Who ended it.
        by: String,
    },
}

impl Event {
    /// The account to which it happened.
    pub fn account(&self) -> &AccountName {
        match self {
            Event::Invited { account, .. }
            | Event::Joined { account }
            | Event::Renewed { account, .. }
            | Event::Given { account, .. }
            | Event::Taken { account, .. }
            | Event::Removed { account, .. } => account,
        }
    }
}

/// What happened at one moment: one record of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Events {
    /// When.
    pub at: Timestamp,
    /// What happened, in order.
    pub events: Vec<Event>,
}
