//! Where a database is, and how one gets in: a URL without a password, and the password from where PostgreSQL's own
//! programs take it.

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use postgres::Config;
use postgres::config::{Host, SslMode};
use rustls::ClientConfig;

use super::tls;
use crate::StoreError;

/// Where Debian's server listens when no host is named.
const SOCKETS: &str = "/var/run/postgresql";
/// How long a server may take to take a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// How long it may be silent, and how long it may not acknowledge what was sent.
const SILENT: Duration = Duration::from_secs(30);

/// What gets one into a database, apart from its address.
#[derive(Clone, Default)]
pub struct Secrets {
    /// `PGPASSWORD`.
    pub password: Option<String>,
    /// `PGPASSFILE`, or `.pgpass` in the home folder.
    pub file: Option<PathBuf>,
    /// `PGUSER`, where the URL names nobody.
    pub user: Option<String>,
    /// `PGSSLROOTCERT`, or `.postgresql/root.crt` in the home folder.
    pub roots: Option<PathBuf>,
}

impl Secrets {
    /// What the environment and the home folder of this process say.
    #[must_use]
    pub fn of_process() -> Self {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let text = |name: &str| set(name).and_then(|value| value.into_string().ok());
        let home = set("HOME").map(PathBuf::from);
        let at_home = |name: &str| home.as_ref().map(|home| home.join(name)).filter(|path| path.exists());
        Self {
            password: text("PGPASSWORD"),
            file: set("PGPASSFILE").map(PathBuf::from).or_else(|| at_home(".pgpass")),
            user: text("PGUSER"),
            roots: set("PGSSLROOTCERT").map(PathBuf::from).or_else(|| at_home(".postgresql/root.crt")),
        }
    }
}

/// A database, and how to connect to it.
#[derive(Clone)]
pub struct Address {
    shown: String,
    pub(super) config: Config,
    pub(super) tls: Option<ClientConfig>,
}

impl Address {
    /// Reads `postgres://user@host:port/database?sslmode=…`.
    ///
    /// `sslmode` is `disable` or `verify-full`; `require` is taken as `verify-full`. Without it, TLS is asked of every
    /// host but this one. `sslrootcert` names the authorities to trust, or `system`.
    ///
    /// # Errors
    /// [`StoreError::Address`] when it does not read, holds a password, or names what cannot be used.
    pub fn parse(url: &str, secrets: &Secrets) -> Result<Self, StoreError> {
        let rest = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://"));
        if rest.is_none() {
            return Err(wrong("it begins with `postgres://`"));
        }
        let (plain, mode, roots) = without_tls(url);
        // The error of a URL that does not read could repeat the password in it.
        let mut config: Config = plain.parse().map_err(|_| wrong("it is no URL of a PostgreSQL database"))?;
        if config.get_password().is_some() {
            return Err(wrong(
                "a password stands in it; put it into PGPASSWORD or ~/.pgpass and leave it out here",
            ));
        }
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            config.host_path(SOCKETS);
        }
        if let (None, Some(user)) = (config.get_user(), &secrets.user) {
            config.user(user);
        }
        let tls = match mode.as_deref() {
            Some("disable") => None,
            None if is_here(&config) => None,
            None | Some("require" | "verify-full") => Some(tls::client(&authorities(roots, secrets)?)?),
            Some(_) => {
                return Err(wrong("`sslmode` is `disable` or `verify-full`; others let a stranger in between"));
            }
        };
        config.ssl_mode(if tls.is_some() { SslMode::Require } else { SslMode::Disable });
        if let Some(password) = password(&config, secrets)? {
            config.password(password);
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT);
        }
        config.keepalives_idle(SILENT).tcp_user_timeout(SILENT).application_name("assay");
        Ok(Self { shown: url.to_owned(), config, tls })
    }

    /// The address as it was given; no password is in it.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.shown
    }
}

fn wrong(why: &str) -> StoreError {
    StoreError::Address(why.to_owned())
}

/// The URL without what is said about TLS, which libpq words in more ways than the driver knows.
fn without_tls(url: &str) -> (String, Option<String>, Option<String>) {
    let Some((base, query)) = url.split_once('?') else { return (url.to_owned(), None, None) };
    let (mut mode, mut roots, mut kept) = (None, None, Vec::new());
    for pair in query.split('&') {
        match pair.split_once('=') {
            Some(("sslmode", value)) => mode = Some(value.to_owned()),
            Some(("sslrootcert", value)) => roots = Some(value.replace("%2F", "/").replace("%2f", "/")),
            _ => kept.push(pair),
        }
    }
    let plain = if kept.is_empty() { base.to_owned() } else { format!("{base}?{}", kept.join("&")) };
    (plain, mode, roots)
}

fn authorities(named: Option<String>, secrets: &Secrets) -> Result<PathBuf, StoreError> {
    let system =
        || tls::system().ok_or_else(|| wrong("this system lists no authorities; name some by `sslrootcert`"));
    match named {
        Some(named) if named == "system" => system(),
        Some(named) => Ok(PathBuf::from(named)),
        None => secrets.roots.clone().map_or_else(system, Ok),
    }
}

/// Whether every host is this machine.
fn is_here(config: &Config) -> bool {
    let addresses = config.get_hostaddrs();
    let loopback = |text: &str| text == "localhost" || text.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    addresses.iter().all(IpAddr::is_loopback)
        && config.get_hosts().iter().all(|host| match host {
            Host::Tcp(name) => loopback(name) || !addresses.is_empty(),
            Host::Unix(_) => true,
        })
}

fn password(config: &Config, secrets: &Secrets) -> Result<Option<String>, StoreError> {
    if secrets.password.is_some() {
        return Ok(secrets.password.clone());
    }
    let Some(path) = &secrets.file else { return Ok(None) };
    let text = read_private(path)?;
    let (user, host) = (config.get_user().unwrap_or_default(), config.get_hosts().first());
    let host = match host {
        Some(Host::Tcp(name)) => name.clone(),
        Some(Host::Unix(path)) if path != Path::new(SOCKETS) => path.display().to_string(),
        _ => "localhost".to_owned(),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432).to_string();
    Ok(in_file(&text, &[&host, &port, config.get_dbname().unwrap_or(user), user]))
}

fn read_private(path: &Path) -> Result<String, StoreError> {
    let unusable = |why: String| StoreError::Address(format!("{}: {why}", path.display()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let metadata = fs::metadata(path).map_err(|error| unusable(error.to_string()))?;
        if metadata.permissions().mode() & 0o077 != 0 {
            return Err(unusable("others may read it; `chmod 600` it".to_owned()));
        }
    }
    fs::read_to_string(path).map_err(|error| unusable(error.to_string()))
}

/// The password of the first line `host:port:database:user:password` that fits; `*` fits everything.
fn in_file(text: &str, wanted: &[&str; 4]) -> Option<String> {
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let fields: [String; 5] = fields(line).try_into().ok()?;
        let [named @ .., password] = fields;
        let fits = named.iter().zip(wanted).all(|(named, wanted)| named == "*" || named == wanted);
        fits.then_some(password)
    })
}

fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut characters) = (vec![String::new()], line.chars());
    while let Some(character) = characters.next() {
        let taken = match character {
            ':' if fields.len() < 5 => None,
            '\\' => Some(characters.next().unwrap_or('\\')),
            other => Some(other),
        };
        match (taken, fields.last_mut()) {
            (Some(taken), Some(field)) => field.push(taken),
            _ => fields.push(String::new()),
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<Address, StoreError> {
        Address::parse(url, &Secrets { user: Some("anna".to_owned()), ..Secrets::default() })
    }

    fn refused(url: &str) -> String {
        parse(url).map(|_| ()).unwrap_err().to_string()
    }

    #[test]
    fn a_password_in_the_address_is_refused_and_not_repeated() {
        for url in [
            "postgres://anna:geheim@db.example/assay",
            "postgres://anna@db.example/assay?password=geheim",
            "postgres://anna:geheim@db.example:wrong/assay",
        ] {
            let said = refused(url);
            assert!(!said.contains("geheim"), "{said}");
        }
        assert!(refused("postgres://anna:geheim@db.example/assay").contains("PGPASSWORD"));
    }

    #[test]
    fn tls_is_asked_of_every_host_but_this_one_and_never_halfway() {
        for here in ["postgres:///assay", "postgres://anna@127.0.0.1/a", "postgresql://localhost/a?port=5433"] {
            assert!(parse(here).unwrap().tls.is_none(), "{here}");
        }
        assert!(parse("postgres://db.example/a?sslmode=disable").unwrap().tls.is_none());
        for halfway in ["prefer", "allow", "verify-ca"] {
            assert!(refused(&format!("postgres://db.example/a?sslmode={halfway}")).contains("verify-full"));
        }
        let said = refused("postgres://db.example/a?sslmode=verify-full&sslrootcert=%2Fno%2Fsuch.pem");
        assert!(said.contains("/no/such.pem"), "{said}");
        let said = refused("postgres://db.example/a?sslrootcert=/no/such.pem&connect_timeout=3");
        assert!(said.contains("/no/such.pem"), "TLS is the default elsewhere: {said}");
    }

    #[test]
    fn where_nothing_is_said_the_socket_of_this_machine_and_the_user_of_the_environment_are_meant() {
        let address = parse("postgres:///assay").unwrap();
        assert_eq!(address.config.get_hosts(), [Host::Unix(SOCKETS.into())]);
        assert_eq!(address.config.get_user(), Some("anna"));
        assert_eq!(parse("postgres://bob@/assay").unwrap().config.get_user(), Some("bob"));
        assert!(refused("mysql://db.example/a").contains("postgres://"));
    }

    #[test]
    fn a_password_file_is_read_as_libpq_reads_it() {
        let text = "# ours\ndb.example:5432:assay:anna:se\\:cr\\\\et\n*:*:*:bob:b:c\nlocalhost:*:*:*:here\n";
        let found = |wanted: [&str; 4]| in_file(text, &wanted);
        assert_eq!(found(["db.example", "5432", "assay", "anna"]).as_deref(), Some("se:cr\\et"));
        assert_eq!(found(["db.example", "5433", "assay", "anna"]), None);
        assert_eq!(found(["db.example", "1", "x", "bob"]).as_deref(), Some("b:c"));
        assert_eq!(found(["localhost", "1", "x", "carl"]).as_deref(), Some("here"));
    }

    #[test]
    #[cfg(unix)]
    fn a_password_file_that_others_may_read_is_not_used() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pgpass");
        fs::write(&file, "*:*:*:*:geheim").unwrap();
        let secrets = Secrets { file: Some(file.clone()), ..Secrets::default() };
        let mode = |mode| fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        mode(0o644);
        let said = Address::parse("postgres:///a", &secrets).map(|_| ()).unwrap_err().to_string();
        assert!(said.contains("chmod 600") && !said.contains("geheim"), "{said}");
        mode(0o600);
        let address = Address::parse("postgres:///a", &secrets).unwrap();
        assert_eq!(address.config.get_password(), Some(b"geheim".as_slice()));
    }
}
