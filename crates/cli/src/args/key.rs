//! `assay key`: its arguments.

use std::path::PathBuf;

use app::{KeyId, KeyRole};
use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct Key {
    #[command(subcommand)]
    pub(crate) command: KeyCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// List the keys of the ledger: who holds them, for what, and which leaves they may sign.
    Show(KeyShow),
    /// Make a private key in a file of its own, for a further signer.
    New(KeyNew),
    /// Enter a key: from the next record on it may sign.
    Add(KeyAdd),
    /// Put a new key in the place of one; both sign that.
    Rotate(KeyRotate),
    /// End a key: what it signed stays valid, what it signs from now on is refused.
    Revoke(KeyRevoke),
    /// Print a public key in PEM: the workspace's, or one of the ledger.
    Export(KeyExport),
}

#[derive(Debug, Args)]
pub(crate) struct KeyShow {
    /// Dossier folder.
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
    /// One JSON document instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct KeyNew {
    /// File to write. Nothing is overwritten; its owner alone can read it.
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct KeyAdd {
    /// The key in PEM: the public half, or the private one, which is read and not kept.
    pub(crate) file: PathBuf,
    /// Dossier folder.
    #[arg(long, default_value = ".")]
    pub(crate) folder: PathBuf,
    /// What it is for.
    #[arg(long, value_enum)]
    pub(crate) role: Role,
    /// The person who answers for it.
    #[arg(long)]
    pub(crate) person: Option<String>,
    /// The organisation that answers for it.
    #[arg(long)]
    pub(crate) organisation: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Role {
    /// Signs checkpoints, enters and ends keys, signs records.
    Log,
    /// Signs records of the supplier organization.
    Supplier,
    /// Signs records of a test laboratory.
    Laboratory,
    /// Signs reviews.
    Reviewer,
}

impl From<Role> for KeyRole {
    fn from(role: Role) -> Self {
        match role {
            Role::Log => Self::Log,
            Role::Supplier => Self::Supplier,
            Role::Laboratory => Self::Laboratory,
            Role::Reviewer => Self::Reviewer,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct KeyRotate {
    /// Dossier folder.
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
    /// The key to replace: a file with another private key than the workspace's.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// The key to take its place, in a file; made when left out.
    #[arg(long, value_name = "FILE")]
    pub(crate) to: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct KeyRevoke {
    /// The key's name: 16 hexadecimal digits.
    pub(crate) id: KeyId,
    /// Dossier folder.
    #[arg(long, default_value = ".")]
    pub(crate) folder: PathBuf,
    /// Why, in your words.
    #[arg(long)]
    pub(crate) because: String,
    /// Sign with the key in this file instead of the workspace's: a key may end itself.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct KeyExport {
    /// The key's name; the workspace's own when left out.
    pub(crate) id: Option<KeyId>,
    /// Dossier folder.
    #[arg(long, default_value = ".")]
    pub(crate) folder: PathBuf,
}
