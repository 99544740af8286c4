//! What every handler shares: the workspace, the doors, and the way to work that waits.

use std::sync::Arc;
use std::time::Duration;

use app::people::Team;
use app::rate::Rate;
use app::workspace::{Standing, Workspace};

use crate::doors::Doors;
use crate::runs::Runs;
use crate::trouble::Trouble;

/// How long a page over many products waits for those that are not looked at yet.
const MOMENT: Duration = Duration::from_millis(60);

/// So many products are few: each is held against its files before anything is said of it.
const FEW: usize = 50;

/// The workspace that is served. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Site {
    inside: Arc<Inside>,
}

#[derive(Debug)]
struct Inside {
    workspace: Arc<Workspace>,
    doors: Doors,
    runs: Runs,
    links: Rate,
}

impl Site {
    /// A site over a workspace.
    pub fn new(workspace: Workspace, doors: Doors) -> Self {
        let workspace = Arc::new(workspace);
        Self { inside: Arc::new(Inside { workspace, doors, runs: Runs::default(), links: Rate::default() }) }
    }

    /// The workspace.
    pub fn workspace(&self) -> &Arc<Workspace> {
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

    /// How often links of requests were opened and answered.
    pub(crate) fn links(&self) -> &Rate {
        &self.inside.links
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

    /// Where the products stand that somebody may look at: where these are few, now; else when they were last looked at.
    ///
    /// # Errors
    /// [`Trouble`] when the workspace's folder cannot be read.
    pub(crate) async fn products(&self, may: impl Fn(&str) -> bool) -> Result<Vec<Arc<Standing>>, Trouble> {
        let mut all = self.run(|site| Ok(site.workspace().portfolio()?)).await?;
        all.retain(|standing| may(&standing.product));
        if all.len() <= FEW {
            return self.current(all.iter().map(|standing| standing.product.clone()).collect()).await;
        }
        Ok(all)
    }

    /// Where some products stand now, as far as that can be told within a moment.
    ///
    /// # Errors
    /// [`Trouble`] when the work ended in the middle.
    pub(crate) async fn current(&self, products: Vec<String>) -> Result<Vec<Arc<Standing>>, Trouble> {
        self.run(move |site| Ok(site.workspace().current(&products, MOMENT))).await
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
