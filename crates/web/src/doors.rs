//! The doors that people come in by: a link that opens once for somebody who works alone, accounts for a team.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use app::people::{PREFIX, PeopleError, Permission, Provider, Secret, Team};

use crate::visitor::Visitor;

/// The purpose that the mark of a session's forms follows from its secret for.
const MARK: &str = "assay form";
/// Seconds that a browser has to come back from where its person signs in.
const WAY: u32 = 600;

/// Who comes in, and under which address.
#[derive(Debug)]
pub struct Doors {
    kind: Kind,
    /// The names that the server answers to, with their ports.
    hosts: Vec<String>,
    /// The address in a browser, without a slash at its end; only of a team.
    url: Option<String>,
    proxies: Vec<IpAddr>,
    provider: Option<Arc<Provider>>,
}

#[derive(Debug)]
enum Kind {
    Alone {
        person: String,
        link: Mutex<Option<String>>,
        sessions: Mutex<BTreeMap<String, String>>,
        tokens: Mutex<BTreeMap<String, Vec<Permission>>>,
    },
    Team(Arc<Team>),
}

/// The address is none that a team can use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "serve a team at `{0}`: an address begins with https:// and has no path; http:// is for this machine alone\n\n\
     hint: `--url https://assay.example.org`, and a reverse proxy that speaks TLS in front"
)]
pub struct NoUrl(pub String);

impl Doors {
    /// Doors for one person, and the token that opens them once. The server answers to these names, with their port.
    ///
    /// # Errors
    /// [`PeopleError::Random`] when the system gives no random bytes.
    pub fn alone(person: &str, hosts: Vec<String>) -> Result<(Self, String), PeopleError> {
        let token = Secret::new().ok_or(PeopleError::Random)?;
        let link = Mutex::new(Some(token.digest()));
        let (sessions, tokens) = (Mutex::default(), Mutex::default());
        let kind = Kind::Alone { person: person.to_owned(), link, sessions, tokens };
        Ok((Self { kind, hosts, url: None, proxies: Vec::new(), provider: None }, token.text().to_owned()))
    }

    /// Doors for the people of a workspace, at the address that it has in their browsers. What these reverse proxies say
    /// about who is behind them is believed, and nobody else.
    ///
    /// # Errors
    /// [`NoUrl`].
    pub fn team(team: Arc<Team>, url: &str, proxies: Vec<IpAddr>) -> Result<Self, NoUrl> {
        let url = url.trim_end_matches('/').to_ascii_lowercase();
        let no = || NoUrl(url.clone());
        let (scheme, host) = url.split_once("://").ok_or_else(no)?;
        let name = host
            .rsplit_once(':')
            .map_or(host, |(name, port)| if port.parse::<u16>().is_ok() { name } else { host });
        let here = matches!(name, "localhost" | "127.0.0.1" | "[::1]");
        let plain = !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ', '\\']);
        if !plain || !(scheme == "https" || (scheme == "http" && here)) {
            return Err(no());
        }
        let hosts = vec![host.to_owned()];
        Ok(Self { kind: Kind::Team(team), hosts, url: Some(url), proxies, provider: None })
    }

    /// The same, where people may sign in at a provider as well.
    #[must_use]
    pub fn with_provider(self, provider: Provider) -> Self {
        Self { provider: Some(Arc::new(provider)), ..self }
    }

    /// Where people may sign in instead of with a password of ours.
    pub(crate) fn provider(&self) -> Option<&Arc<Provider>> {
        self.provider.as_ref()
    }

    /// The people, where there are accounts.
    pub fn people(&self) -> Option<&Arc<Team>> {
        match &self.kind {
            Kind::Alone { .. } => None,
            Kind::Team(team) => Some(team),
        }
    }

    /// The address in a browser; only of a team.
    pub(crate) fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// Whether browsers reach it by TLS.
    pub(crate) fn is_https(&self) -> bool {
        self.url.as_ref().is_some_and(|url| url.starts_with("https://"))
    }

    pub(crate) fn knows_host(&self, host: &str) -> bool {
        self.hosts.iter().any(|known| known.eq_ignore_ascii_case(host))
    }

    /// Whether an `Origin` is one of ours.
    pub(crate) fn is_origin(&self, origin: &str) -> bool {
        match &self.url {
            Some(url) => origin.eq_ignore_ascii_case(url),
            None => origin.strip_prefix("http://").is_some_and(|host| self.knows_host(host)),
        }
    }

    /// Whether a reverse proxy was named.
    pub(crate) fn has_proxy(&self) -> bool {
        !self.proxies.is_empty()
    }

    pub(crate) fn believes(&self, peer: IpAddr) -> bool {
        self.proxies.contains(&peer)
    }

    /// The name of the session's cookie. Under the longer one, a browser takes it from this very host and by TLS alone.
    pub(crate) fn cookie(&self) -> &'static str {
        if self.is_https() { "__Host-assay-session" } else { "assay-session" }
    }

    /// The line that gives a browser its session, or, with nothing, takes it.
    pub(crate) fn set_cookie(&self, session: &str) -> String {
        let secure = if self.is_https() { "; Secure" } else { "" };
        let ends = if session.is_empty() { "; Max-Age=0" } else { "" };
        format!("{}={session}; Path=/; HttpOnly; SameSite=Strict{secure}{ends}", self.cookie())
    }

    /// The name of the cookie that a browser keeps while its person signs in elsewhere.
    pub(crate) fn way_cookie(&self) -> &'static str {
        if self.is_https() { "__Host-assay-way" } else { "assay-way" }
    }

    /// The line that gives a browser what it keeps meanwhile, or, with nothing, takes it. Not strict: the page that leads
    /// back is another site's.
    pub(crate) fn set_way(&self, kept: &str) -> String {
        let secure = if self.is_https() { "; Secure" } else { "" };
        let ends = if kept.is_empty() { 0 } else { WAY };
        format!("{}={kept}; Path=/; HttpOnly; SameSite=Lax{secure}; Max-Age={ends}", self.way_cookie())
    }

    /// A session for whoever has the token of somebody who works alone, once.
    pub fn enter(&self, token: &str) -> Option<String> {
        let Kind::Alone { link, sessions, .. } = &self.kind else { return None };
        let shown = Secret::shown(token)?.digest();
        let mut link = link.lock().unwrap_or_else(PoisonError::into_inner);
        if link.as_ref() != Some(&shown) {
            return None;
        }
        let session = Secret::new()?;
        *link = None;
        let mut sessions = sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.insert(session.digest(), session.derived(MARK));
        Some(session.text().to_owned())
    }

    /// Whose session it is.
    pub(crate) fn visitor(&self, session: &str, product: Option<&str>) -> Result<Option<Visitor>, PeopleError> {
        let Some(secret) = Secret::shown(session) else { return Ok(None) };
        match &self.kind {
            Kind::Alone { person, sessions, .. } => {
                let sessions = sessions.lock().unwrap_or_else(PoisonError::into_inner);
                let mark = sessions.get(&secret.digest()).cloned();
                Ok(mark.map(|mark| Visitor::alone(person, product, mark)))
            }
            Kind::Team(team) => {
                let signed_in = team.session(&secret, app::now())?;
                Ok(signed_in.map(|known| Visitor::of(known, product, secret.derived(MARK))))
            }
        }
    }

    /// Whom a token of a program stands for.
    pub(crate) fn programme(&self, token: &str, product: Option<&str>) -> Result<Option<Visitor>, PeopleError> {
        match &self.kind {
            Kind::Alone { person, tokens, .. } => {
                let secret = token.strip_prefix(PREFIX).and_then(Secret::shown);
                let tokens = tokens.lock().unwrap_or_else(PoisonError::into_inner);
                let scopes = secret.and_then(|secret| tokens.get(&secret.digest()).cloned());
                Ok(scopes.map(|scopes| Visitor::token(person, product, scopes)))
            }
            Kind::Team(team) => Ok(team.token(token, app::now())?.map(|known| Visitor::programme(known, product))),
        }
    }

    /// A token for a program of somebody who works alone, with these scopes, good until this program ends. A team makes
    /// its own under Account.
    ///
    /// # Errors
    /// [`PeopleError::Random`] when the system gives no random bytes; [`PeopleError::Token`] for a team.
    pub fn token(&self, scopes: &[Permission]) -> Result<String, PeopleError> {
        let Kind::Alone { tokens, .. } = &self.kind else {
            return Err(PeopleError::Token("a team makes its tokens under Account"));
        };
        let secret = Secret::new().ok_or(PeopleError::Random)?;
        tokens.lock().unwrap_or_else(PoisonError::into_inner).insert(secret.digest(), scopes.to_vec());
        Ok(format!("{PREFIX}{}", secret.text()))
    }

    /// Ends a session.
    pub(crate) fn leave(&self, session: &str) -> Result<(), PeopleError> {
        let Some(secret) = Secret::shown(session) else { return Ok(()) };
        match &self.kind {
            Kind::Alone { sessions, .. } => {
                sessions.lock().unwrap_or_else(PoisonError::into_inner).remove(&secret.digest());
                Ok(())
            }
            Kind::Team(team) => team.sign_out(&secret),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn team(url: &str) -> Result<Doors, NoUrl> {
        let folder = tempfile::tempdir().unwrap();
        Doors::team(Arc::new(Team::open(folder.path()).unwrap()), url, Vec::new())
    }

    #[test]
    fn a_team_is_served_by_tls_or_on_this_machine_alone() {
        for good in ["https://assay.example.org", "https://Assay.Example.org:8443/", "http://localhost:8080"] {
            assert!(team(good).is_ok(), "{good}");
        }
        for bad in
            ["http://assay.example.org", "assay.example.org", "https://", "https://a/b", "https://u@a", "ftp://a"]
        {
            assert!(team(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_cookie_is_bound_to_its_host_where_there_is_tls() {
        let doors = team("https://assay.example.org").unwrap();
        let line = doors.set_cookie("secret");
        assert_eq!(line, "__Host-assay-session=secret; Path=/; HttpOnly; SameSite=Strict; Secure");
        assert!(doors.set_cookie("").ends_with("Secure; Max-Age=0"));
        assert!(doors.is_origin("https://assay.example.org") && !doors.is_origin("http://assay.example.org"));
        assert!(!doors.is_origin("null") && !doors.knows_host("assay.example.org:81"));
    }

    #[test]
    fn the_link_of_somebody_alone_opens_once() {
        let (doors, token) = Doors::alone("Lena Vogt", vec!["127.0.0.1:9".into()]).unwrap();
        assert_eq!(doors.enter(&"0".repeat(64)), None);
        let session = doors.enter(&token).unwrap();
        assert_eq!(doors.enter(&token), None);
        assert_eq!(doors.visitor(&session, None).unwrap().unwrap().name, "Lena Vogt");
        doors.leave(&session).unwrap();
        assert!(doors.visitor(&session, None).unwrap().is_none());
    }
}
