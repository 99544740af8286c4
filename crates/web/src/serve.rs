//! Listening, and answering until the program ends.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use app::people::{PeopleError, Permission, Provider, ProviderError, Team};
use app::workspace::{Workspace, WorkspaceError};
use tokio::net::TcpListener;

use crate::doors::{Doors, NoUrl};
use crate::site::Site;
use crate::table;

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
    /// Whether somebody who works alone has a token for programs too.
    pub token: bool,
    /// The team it is served to; that person alone when left out.
    pub team: Option<TeamOptions>,
}

/// How a team is served.
#[derive(Debug, Clone)]
pub struct TeamOptions {
    /// The address that the workspace has in browsers.
    pub url: String,
    /// The address of this machine to listen at.
    pub listen: IpAddr,
    /// Reverse proxies that are believed about who is behind them.
    pub proxies: Vec<IpAddr>,
    /// The file that names where people may sign in instead of with a password of the workspace.
    pub provider: Option<PathBuf>,
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
    /// The people.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// Where people sign in.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The address in browsers.
    #[error(transparent)]
    Url(#[from] NoUrl),
    /// Passwords would cross a network as they are.
    #[error(
        "listen at {0}: others can reach it, and `--url` speaks no TLS\n\nhint: put a reverse proxy in front, and give \
         its address that begins with https://"
    )]
    Plain(SocketAddr),
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
    /// The link that opens the workspace, once; of a team, its address.
    pub link: String,
    /// A token for programs, where one was asked for.
    pub token: Option<String>,
    /// Whether somebody is there who can let others in.
    pub has_owner: bool,
}

/// Opens the workspace and listens: on loopback for somebody alone, for a team where it is told to.
///
/// # Errors
/// [`ServeError`]; then nothing listens.
pub fn listen(options: &Options) -> Result<Listening, ServeError> {
    let workspace = Workspace::open(&options.folder)?;
    let ip = options.team.as_ref().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |team| team.listen);
    let at = SocketAddr::new(ip, options.port);
    let doors = options.team.as_ref().map(|team| team_doors(&workspace, team, at)).transpose()?;
    let bind = |source| ServeError::Bind { at, source };
    let listener = std::net::TcpListener::bind(at).map_err(bind)?;
    listener.set_nonblocking(true).map_err(bind)?;
    let address = listener.local_addr().map_err(bind)?;
    if let (Some((doors, has_owner)), Some(team)) = (doors, &options.team) {
        let (site, link) = (Site::new(workspace, doors), team.url.clone());
        return Ok(Listening { site, listener, address, link, token: None, has_owner });
    }
    let hosts = ["127.0.0.1", "localhost"].iter().map(|host| format!("{host}:{}", address.port())).collect();
    let (doors, token) = Doors::alone(&options.person, hosts)?;
    let link = format!("http://{address}/enter?token={token}");
    let scopes: Vec<Permission> = Permission::all().filter(|one| *one != Permission::OwnAccount).collect();
    let token = options.token.then(|| doors.token(&scopes)).transpose()?;
    Ok(Listening { site: Site::new(workspace, doors), listener, address, link, token, has_owner: true })
}

/// The doors of a team, and whether an owner can sign in.
fn team_doors(workspace: &Workspace, options: &TeamOptions, at: SocketAddr) -> Result<(Doors, bool), ServeError> {
    let team = Arc::new(Team::open(workspace.root())?);
    let has_owner = team.people()?.owners().next().is_some();
    let mut doors = Doors::team(team, &options.url, options.proxies.clone())?;
    if let Some(file) = &options.provider {
        doors = doors.with_provider(Provider::read(file, &options.url)?);
    }
    if !at.ip().is_loopback() && !doors.is_https() {
        return Err(ServeError::Plain(at));
    }
    Ok((doors, has_owner))
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
            let service = table::router(self.site).into_make_service_with_connect_info::<SocketAddr>();
            let serving = axum::serve(listener, service).with_graceful_shutdown(end);
            serving.await.map_err(ServeError::Run)
        })
    }
}
