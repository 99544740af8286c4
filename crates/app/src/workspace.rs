//! A workspace: one dossier folder, or a folder of them, and where each product stands.
//!
//! What a page shows is a [`Snapshot`]: the dossier and the verified records of one moment with everything that follows
//! from them. Snapshots are kept until a file of the dossier or the ledger changes, and judged again as time passes.

mod looking;
mod marks;
mod snapshot;
mod standing;
mod waiting;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use model::Timestamp;

use looking::Looking;
use marks::Marks;
use snapshot::Keeping;
pub use snapshot::Snapshot;
pub use standing::{ReleaseStanding, Standing};
pub use waiting::{Second, Tasks, Waiting, Waits};

use crate::assess::AssessError;
use crate::folder::FolderError;
use crate::now;
use crate::records::Records;
use crate::records::known::is_recent;
use crate::tasks::TasksError;

/// Snapshots that are kept at once; the one that was not asked for longest goes first.
const KEPT: usize = 24;

/// Why a product of a workspace cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    /// The folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The folder holds no dossier, and none of its folders does.
    #[error(
        "open the workspace {}: neither it nor a folder in it has an assay.toml\n\nhint: `assay new {}/NAME` begins a \
         dossier",
        .0.display(), .0.display()
    )]
    Empty(PathBuf),
    /// No product has this name.
    #[error("find the product `{0}`: the workspace has no such folder")]
    NoProduct(String),
    /// The product cannot be judged.
    #[error(transparent)]
    Assess(#[from] AssessError),
    /// Its tasks cannot be told.
    #[error(transparent)]
    Tasks(#[from] TasksError),
}

/// A workspace on disk.
#[derive(Debug)]
pub struct Workspace {
    root: PathBuf,
    single: bool,
    kept: Mutex<Kept>,
    flights: Mutex<BTreeMap<String, Arc<Mutex<()>>>>,
    looking: Looking,
}

#[derive(Debug, Default)]
struct Kept {
    snapshots: BTreeMap<String, (u64, Marks, Arc<Snapshot>)>,
    standings: BTreeMap<String, (Marks, Arc<Standing>)>,
    turn: u64,
}

impl Workspace {
    /// Opens a workspace; reads no dossier yet.
    ///
    /// # Errors
    /// [`WorkspaceError::Empty`], or [`WorkspaceError::Folder`] when the folder cannot be read.
    pub fn open(root: &Path) -> Result<Self, WorkspaceError> {
        let root = root.canonicalize().map_err(|source| FolderError::Read { at: root.to_owned(), source })?;
        let single = root.join("assay.toml").is_file();
        let workspace =
            Self { root, single, kept: Mutex::default(), flights: Mutex::default(), looking: Looking::default() };
        if workspace.products()?.is_empty() {
            return Err(WorkspaceError::Empty(workspace.root));
        }
        Ok(workspace)
    }

    /// Its folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether it is one dossier folder itself.
    pub fn is_single(&self) -> bool {
        self.single
    }

    /// Names of the products, which are those of their folders, in natural order.
    ///
    /// # Errors
    /// [`WorkspaceError::Folder`] when the folder cannot be read.
    pub fn products(&self) -> Result<Vec<String>, WorkspaceError> {
        if self.single {
            return Ok(vec![name_of(&self.root)]);
        }
        let read = |source| FolderError::Read { at: self.root.clone(), source };
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.root).map_err(read)? {
            let entry = entry.map_err(read)?;
            if let Ok(name) = entry.file_name().into_string()
                && !name.starts_with('.')
                && entry.path().join("assay.toml").is_file()
            {
                names.push(name);
            }
        }
        names.sort_by(|a, b| in_order(a, b));
        Ok(names)
    }

    /// The dossier folder of a product.
    ///
    /// # Errors
    /// [`WorkspaceError::NoProduct`]; a name never leads out of the workspace.
    pub fn folder(&self, product: &str) -> Result<PathBuf, WorkspaceError> {
        let missing = || WorkspaceError::NoProduct(product.to_owned());
        if self.single {
            return if product == name_of(&self.root) { Ok(self.root.clone()) } else { Err(missing()) };
        }
        let plain = !product.is_empty() && !product.starts_with('.') && !product.contains(['/', '\\', '\0']);
        let folder = self.root.join(product);
        if plain && folder.join("assay.toml").is_file() { Ok(folder) } else { Err(missing()) }
    }

    /// Where a product stands now: from what is kept where nothing changed, judged anew where something did.
    ///
    /// # Errors
    /// [`WorkspaceError`] when the product is not there, or its dossier or ledger cannot be read.
    pub fn snapshot(&self, product: &str) -> Result<Arc<Snapshot>, WorkspaceError> {
        let folder = self.folder(product)?;
        if let Taken::Fresh(same) = self.kept().take(product, &Marks::of(&folder), now()) {
            return Ok(same);
        }
        // Of all who ask for a product that changed, one reads it, and the others wait for that.
        let flight = self.flight(product);
        let _alone = flight.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, marks) = (now(), Marks::of(&folder));
        let taken = self.kept().take(product, &marks, at);
        let snapshot = match taken {
            Taken::Fresh(same) => return Ok(same),
            // A record that was altered in a database leaves no mark: only reading it all shows that.
            Taken::Older(same) if !marks.is_of_database() && is_recent(same.files_verified, at) => {
                Arc::new(same.again(at)?)
            }
            Taken::Older(before) | Taken::Changed(before) => {
                Arc::new(Snapshot::read(product, &folder, at, Some(&before), Keeping::Ready)?)
            }
            Taken::Nothing => Arc::new(Snapshot::read(product, &folder, at, None, Keeping::Ready)?),
        };
        let standing = Arc::new(Standing::of(&snapshot));
        self.kept().put(product, marks, &snapshot, standing);
        Ok(snapshot)
    }

    /// As [`Workspace::snapshot`], after every file behind the records was held against its digest: for what is handed out, and
    /// decided by.
    ///
    /// # Errors
    /// As [`Workspace::snapshot`].
    pub fn snapshot_whole(&self, product: &str) -> Result<Arc<Snapshot>, WorkspaceError> {
        let folder = self.folder(product)?;
        if Records::exist(&folder) {
            let held = Records::open(&folder).and_then(|records| records.history());
            held.map_err(AssessError::from)?;
        }
        self.snapshot(product)
    }

    /// Where every product stood when it was last looked at today. Looks at none: one that was not looked at yet says so
    /// ([`Standing::at`]).
    ///
    /// # Errors
    /// [`WorkspaceError::Folder`] when the workspace's folder cannot be read.
    pub fn portfolio(&self) -> Result<Vec<Arc<Standing>>, WorkspaceError> {
        let (names, at) = (self.products()?, now());
        let mut kept = self.kept();
        kept.standings.retain(|name, _| names.binary_search_by(|other| in_order(other, name)).is_ok());
        let known = |name: &String| kept.standings.get(name).map(|(_, standing)| standing.clone());
        let known = |name| known(name).filter(|standing| standing.is_of_day(at));
        Ok(names.iter().map(|name| known(name).unwrap_or_else(|| Arc::new(Standing::not_yet(name)))).collect())
    }

    /// Where some products stand now, in their order. Those that changed or were not looked at yet are looked at, and for
    /// `within` that is waited for; those that it does not suffice for are told as not looked at yet.
    pub fn current(self: &Arc<Self>, products: &[String], within: Duration) -> Vec<Arc<Standing>> {
        let found: Vec<_> = products.iter().map(|product| self.known(product)).collect();
        let missing = products.iter().zip(&found).filter(|(_, known)| known.is_none());
        let missing: Vec<String> = missing.map(|(product, _)| product.clone()).collect();
        if !missing.is_empty() {
            self.looking.at(self, &missing, within);
        }
        let again = |product: &String| self.known(product).unwrap_or_else(|| Arc::new(Standing::not_yet(product)));
        products.iter().zip(found).map(|(product, known)| known.unwrap_or_else(|| again(product))).collect()
    }

    /// Looks at every product that has changed since it was last looked at, or was last judged an hour ago or on another
    /// day. For a thread in the background.
    ///
    /// # Errors
    /// [`WorkspaceError::Folder`] when the workspace's folder cannot be read.
    pub fn refresh(&self) -> Result<(), WorkspaceError> {
        for name in self.products()? {
            self.look(&name);
        }
        Ok(())
    }

    /// Where a product stands, if that is known and its files are as they were.
    fn known(&self, product: &str) -> Option<Arc<Standing>> {
        let folder = self.folder(product).ok()?;
        let (marks, standing) = self.kept().standings.get(product).cloned()?;
        (standing.is_of_day(now()) && marks.has_files_of(&folder)).then_some(standing)
    }

    /// Reads, verifies and judges a product, unless that was done recently and nothing changed since.
    fn look(&self, product: &str) {
        let Ok(folder) = self.folder(product) else { return };
        let flight = self.flight(product);
        let _alone = flight.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, marks) = (now(), Marks::of(&folder));
        let (known, before) = {
            let kept = self.kept();
            let before = kept.snapshots.get(product).map(|(.., snapshot)| snapshot.clone());
            (kept.standings.get(product).cloned(), before)
        };
        if known.is_some_and(|(was, standing)| was == marks && standing.is_recent(at)) {
            return;
        }
        match Snapshot::read(product, &folder, at, before.as_deref(), Keeping::Nothing) {
            Ok(snapshot) => {
                let standing = Arc::new(Standing::of(&snapshot));
                let mut kept = self.kept();
                // Pages that nobody looks at keep nothing of those that somebody does from being kept.
                if kept.snapshots.contains_key(product) {
                    kept.put(product, marks, &Arc::new(snapshot), standing);
                } else {
                    kept.standings.insert(product.to_owned(), (marks, standing));
                }
            }
            Err(error) => {
                let standing = Arc::new(Standing::unreadable(product, &error));
                self.kept().standings.insert(product.to_owned(), (marks, standing));
            }
        }
    }

    /// What whoever reads a product holds meanwhile.
    fn flight(&self, product: &str) -> Arc<Mutex<()>> {
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that nobody holds are no more needed.
        flights.retain(|name, flight| name == product || Arc::strong_count(flight) > 1);
        flights.entry(product.to_owned()).or_default().clone()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // What is kept can always be made again, so a thread that ended while it held the lock spoils nothing.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is kept of a product at a look.
enum Taken {
    /// It is as it was, and was judged just now.
    Fresh(Arc<Snapshot>),
    /// It is as it was, and is to be judged for the present moment.
    Older(Arc<Snapshot>),
    /// It has changed.
    Changed(Arc<Snapshot>),
    /// Nothing.
    Nothing,
}

impl Kept {
    fn take(&mut self, product: &str, marks: &Marks, at: Timestamp) -> Taken {
        self.turn += 1;
        let turn = self.turn;
        let Some((last, was, snapshot)) = self.snapshots.get_mut(product) else { return Taken::Nothing };
        *last = turn;
        let (same, snapshot) = (was == marks, snapshot.clone());
        match (same, snapshot.is_of_now(at)) {
            (true, true) => Taken::Fresh(snapshot),
            (true, false) => Taken::Older(snapshot),
            (false, _) => Taken::Changed(snapshot),
        }
    }

    fn put(&mut self, product: &str, marks: Marks, snapshot: &Arc<Snapshot>, standing: Arc<Standing>) {
        self.standings.insert(product.to_owned(), (marks, standing));
        self.snapshots.insert(product.to_owned(), (self.turn, marks, snapshot.clone()));
        while self.snapshots.len() > KEPT {
            let oldest = self.snapshots.iter().min_by_key(|(_, (turn, ..))| *turn).map(|(name, _)| name.clone());
            let Some(oldest) = oldest else { break };
            self.snapshots.remove(&oldest);
        }
    }
}

/// The order of products in lists.
fn in_order(a: &str, b: &str) -> Ordering {
    model::natural_cmp(a, b).then_with(|| a.cmp(b))
}

/// The name of a folder, as pages and addresses have it.
fn name_of(folder: &Path) -> String {
    folder.file_name().map_or_else(|| "product".to_owned(), |name| name.to_string_lossy().into_owned())
}
