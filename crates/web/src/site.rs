//! What every handler shares: the workspace, the doors, and the way to work that waits.

use std::sync::Arc;

use app::people::Team;
use app::workspace::Workspace;

use crate::doors::Doors;
use crate::runs::Runs;
use crate::trouble::Trouble;

/// The workspace that is served. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Site {
    inside: Arc<Inside>,
}

#[derive(Debug)]
struct Inside {
    workspace: Workspace,
    doors: Doors,
    runs: Runs,
}

impl Site {
    /// A site over a workspace.
    pub fn new(workspace: Workspace, doors: Doors) -> Self {
        Self { inside: Arc::new(Inside { workspace, doors, runs: Runs::default() }) }
    }

    /// The workspace.
    pub fn workspace(&self) -> &Workspace {
        &self.inside.workspace
    }

    /// Who comes in, and how.
    pub fn doors(&self) -> &Doors {
        &self.inside.doors
    }

    /// The measuring runs.
    pub(crate) fn runs(&self) -> &Runs {
        &self.inside.runs
    }

    /// The people, where there are accounts.
    pub fn team(&self) -> Option<&Team> {
        self.inside.doors.people().map(AsRef::as_ref)
    }

    /// The people.
    ///
    /// # Errors
    /// [`Trouble`] with status 404 where somebody works alone.
    pub(crate) fn accounts(&self) -> Result<&Team, Trouble> {
        self.team().ok_or_else(|| {
            let hint = "`assay serve --team` opens it for several, each with an account.";
            Trouble::new(axum::http::StatusCode::NOT_FOUND, "This workspace is open for one person alone.", hint)
        })
    }

    /// Does work that reads files or waits for a database, on a thread that may wait.
    ///
    /// # Errors
    /// What the work says.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Site) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, Trouble> {
        let site = self.clone();
        match tokio::task::spawn_blocking(move || work(&site)).await {
            Ok(done) => done,
            Err(_) => Err(Trouble::ours("the work ended in the middle")),
        }
    }
}
