//! Listening, and answering until the program ends.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use app::workspace::{Workspace, WorkspaceError};
use tokio::net::TcpListener;

use crate::site::Site;
use crate::table;
use crate::visitor::Doors;

/// How often files that changed are looked for.
const LOOK: Duration = Duration::from_secs(3);

/// What is served, to whom.
#[derive(Debug, Clone)]
pub struct Options {
    /// The folder of the workspace.
    pub folder: PathBuf,
    /// The port; a free one when 0.
    pub port: u16,
    /// Name of the person who works alone, as it stands in records they make.
    pub person: String,
}

/// Why nothing is served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The workspace.
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    /// The address.
    #[error("listen at {at}\n\nhint: `--port` names another port")]
    Bind {
        /// Where.
        at: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The system gives no random bytes.
    #[error("make a link")]
    Random(#[from] getrandom::Error),
    /// The server cannot be run.
    #[error("run the server")]
    Run(#[source] std::io::Error),
}

/// A server that listens and answers nothing yet.
#[derive(Debug)]
pub struct Listening {
    site: Site,
    listener: std::net::TcpListener,
    /// Where it listens.
    pub address: SocketAddr,
    /// The link that opens the workspace, once.
    pub link: String,
}

/// Opens the workspace and listens on loopback.
///
/// # Errors
/// [`ServeError`]; then nothing listens.
pub fn listen(options: &Options) -> Result<Listening, ServeError> {
    let workspace = Workspace::open(&options.folder)?;
    let at = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), options.port);
    let bind = |source| ServeError::Bind { at, source };
    let listener = std::net::TcpListener::bind(at).map_err(bind)?;
    listener.set_nonblocking(true).map_err(bind)?;
    let address = listener.local_addr().map_err(bind)?;
    let hosts = ["127.0.0.1", "localhost"].iter().map(|host| format!("{host}:{}", address.port())).collect();
    let (doors, token) = Doors::alone(&options.person, hosts)?;
    let link = format!("http://{address}/enter?token={token}");
    Ok(Listening { site: Site::new(workspace, doors), listener, address, link })
}

impl Listening {
    /// Answers until the program is told to end.
    ///
    /// # Errors
    /// [`ServeError::Run`].
    pub fn run(self) -> Result<(), ServeError> {
        let site = self.site.clone();
        // Ends with the program; a product that cannot be read is shown as such, and looked at again when it changes.
        std::thread::spawn(move || {
            loop {
                let _ = site.workspace().refresh();
                std::thread::sleep(LOOK);
            }
        });
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(ServeError::Run)?;
        runtime.block_on(async move {
            let listener = TcpListener::from_std(self.listener).map_err(ServeError::Run)?;
            let end = async {
                // Without signals it ends when it is killed.
                if tokio::signal::ctrl_c().await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            let serving = axum::serve(listener, table::router(self.site)).with_graceful_shutdown(end);
            serving.await.map_err(ServeError::Run)
        })
    }
}
