//! `assay people`: its arguments.

use std::path::PathBuf;

use app::people::{AccountName, Role};
use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(crate) struct People {
    #[command(subcommand)]
    pub(crate) command: PeopleCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PeopleCommand {
    /// List who is in a workspace, and as what.
    List(PeopleList),
    /// Invite somebody, or give somebody who is there a new link to choose a password. Prints the link.
    Invite(PeopleInvite),
    /// Give somebody another role, or take it.
    Role(PeopleRole),
    /// End an account, with its password, sessions, links, tokens and keys.
    Remove(PeopleRemove),
}

#[derive(Debug, Args)]
pub(crate) struct PeopleList {
    /// Folder of the workspace.
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
    /// One JSON document instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PeopleInvite {
    /// The name to sign in with: small letters, digits, dots, dashes, underscores, @.
    pub(crate) account: AccountName,
    /// The person's name, as it stands in records they make; left out for somebody who is there.
    #[arg(long, value_name = "NAME", requires = "role")]
    pub(crate) person: Option<String>,
    /// As what: owner, engineer, tester, reviewer, auditor, supplier, laboratory.
    #[arg(long, requires = "person")]
    pub(crate) role: Option<Role>,
    /// For this product only.
    #[arg(long, value_name = "PRODUCT", requires = "role")]
    pub(crate) product: Option<String>,
    /// Your name.
    #[arg(long)]
    pub(crate) by: String,
    /// The address that the workspace has in a browser, to print the whole link.
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// Folder of the workspace.
    #[arg(long, default_value = ".")]
    pub(crate) folder: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct PeopleRole {
    /// The account.
    pub(crate) account: AccountName,
    /// The role; with `--take` it is left out.
    #[arg(required_unless_present = "take", conflicts_with = "take")]
    pub(crate) role: Option<Role>,
    /// Take the role away instead.
    #[arg(long)]
    pub(crate) take: bool,
    /// For this product only.
    #[arg(long, value_name = "PRODUCT")]
    pub(crate) product: Option<String>,
    /// Your name.
    #[arg(long)]
    pub(crate) by: String,
    /// Folder of the workspace.
    #[arg(long, default_value = ".")]
    pub(crate) folder: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct PeopleRemove {
    /// The account.
    pub(crate) account: AccountName,
    /// Your name.
    #[arg(long)]
    pub(crate) by: String,
    /// Folder of the workspace.
    #[arg(long, default_value = ".")]
    pub(crate) folder: PathBuf,
}
