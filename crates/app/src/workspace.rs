//! A workspace: one dossier folder, or a folder of them, and where each product stands.
//!
//! What a page shows is a [`Snapshot`]: the dossier and the verified records of one moment with everything that follows
//! from them. Snapshots are kept until a file of the dossier or the ledger changes, and judged again as time passes.

mod marks;
mod snapshot;
mod standing;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use marks::Marks;
pub use snapshot::Snapshot;
pub use standing::{ReleaseStanding, Standing};

use crate::assess::AssessError;
use crate::folder::FolderError;
use crate::now;
use crate::tasks::TasksError;

/// Snapshots that are kept at once; the one that was not asked for longest goes first.
const KEPT: usize = 24;
/// Milliseconds after which an unchanged product is judged for the present moment again.
const FRESH: i64 = 60_000;

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
        let workspace = Self { root, single, kept: Mutex::default() };
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
        names.sort_by(|a, b| model::natural_cmp(a, b).then_with(|| a.cmp(b)));
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
        let (at, marks) = (now(), Marks::of(&folder));
        let before = self.kept().take(product, &marks);
        let snapshot = match before {
            Some(same) if at.millis() - same.at.millis() < FRESH => return Ok(same),
            Some(same) => Arc::new(same.again(at)?),
            None => Arc::new(Snapshot::read(product, &folder, at)?),
        };
        let standing = Arc::new(Standing::of(&snapshot));
        self.kept().put(product, marks, &snapshot, standing);
        Ok(snapshot)
    }

    /// Where every product stood when it was last looked at; a product that was not looked at since the workspace was
    /// opened is looked at now. A product that cannot be read says why.
    ///
    /// # Errors
    /// [`WorkspaceError::Folder`] when the workspace's folder cannot be read.
    pub fn portfolio(&self) -> Result<Vec<Arc<Standing>>, WorkspaceError> {
        let known: BTreeMap<String, Arc<Standing>> =
            self.kept().standings.iter().map(|(name, (_, standing))| (name.clone(), standing.clone())).collect();
        let names = self.products()?;
        Ok(names.into_iter().map(|name| known.get(&name).cloned().unwrap_or_else(|| self.look(&name))).collect())
    }

    /// Looks at every product that has changed since it was last looked at. For a thread in the background.
    ///
    /// # Errors
    /// [`WorkspaceError::Folder`] when the workspace's folder cannot be read.
    pub fn refresh(&self) -> Result<(), WorkspaceError> {
        for name in self.products()? {
            let marks = self.folder(&name).map(|folder| Marks::of(&folder));
            let known = self.kept().standings.get(&name).map(|(marks, _)| marks.clone());
            if let Ok(marks) = marks
                && known.as_ref() != Some(&marks)
            {
                self.look(&name);
            }
        }
        Ok(())
    }

    fn look(&self, product: &str) -> Arc<Standing> {
        match self.snapshot(product) {
            Ok(snapshot) => {
                let kept = self.kept();
                kept.standings
                    .get(product)
                    .map_or_else(|| Arc::new(Standing::of(&snapshot)), |(_, standing)| standing.clone())
            }
            Err(error) => {
                let standing = Arc::new(Standing::unreadable(product, &error));
                if let Ok(folder) = self.folder(product) {
                    let kept = (Marks::of(&folder), standing.clone());
                    self.kept().standings.insert(product.to_owned(), kept);
                }
                standing
            }
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // What is kept can always be made again, so a thread that ended while it held the lock spoils nothing.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn take(&mut self, product: &str, marks: &Marks) -> Option<Arc<Snapshot>> {
        self.turn += 1;
        let turn = self.turn;
        let (last, was, snapshot) = self.snapshots.get_mut(product)?;
        *last = turn;
        (was == marks).then(|| snapshot.clone())
    }

    fn put(&mut self, product: &str, marks: Marks, snapshot: &Arc<Snapshot>, standing: Arc<Standing>) {
        self.standings.insert(product.to_owned(), (marks.clone(), standing));
        self.snapshots.insert(product.to_owned(), (self.turn, marks, snapshot.clone()));
        while self.snapshots.len() > KEPT {
            let oldest = self.snapshots.iter().min_by_key(|(_, (turn, ..))| *turn).map(|(name, _)| name.clone());
            let Some(oldest) = oldest else { break };
            self.snapshots.remove(&oldest);
        }
    }
}

/// The name of a folder, as pages and addresses have it.
fn name_of(folder: &Path) -> String {
    folder.file_name().map_or_else(|| "product".to_owned(), |name| name.to_string_lossy().into_owned())
}
