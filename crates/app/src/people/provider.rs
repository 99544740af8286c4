//! A provider at which people sign in instead of with a password of ours: OpenID Connect Core 1.0, the authorization code
//! flow (3.1) of a confidential client, with PKCE (RFC 7636), a state and a nonce.
//!
//! What a sign-in needs until its browser comes back follows from one secret, which that browser alone keeps.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreJwsSigningAlgorithm, CoreProviderMetadata};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    HttpRequest, HttpResponse, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use super::{Identity, Secret};

/// The environment variable that hands over the client's secret.
pub const SECRET: &str = "ASSAY_OIDC_SECRET";
/// Where the system keeps the authorities it trusts.
const SYSTEM: &str = "/etc/ssl/certs/ca-certificates.crt";
/// How long one request to the provider may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long what the provider says of itself is used for the way there.
const FRESH: Duration = Duration::from_secs(600);
/// Largest answer of a provider in bytes.
const LARGEST: u64 = 1024 * 1024;
/// Where the browser comes back to.
const BACK: &str = "/sign-in/back";

/// Why somebody cannot sign in at the provider.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// The file that names it.
    #[error("read {}", at.display())]
    File {
        /// Which.
        at: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file that names it says what cannot be.
    #[error("read {}: {why}\n\nhint: it needs `name`, `issuer` and `client`, and may have `authorities`", at.display())]
    Said {
        /// Which.
        at: PathBuf,
        /// What, and where.
        why: String,
    },
    /// Nothing hands over the client's secret.
    #[error(
        "sign in at {0}: the client's secret is missing\n\nhint: {SECRET} hands it over, or `secret-file` names a file with it"
    )]
    NoSecret(String),
    /// The provider does not answer, or not as one.
    #[error("ask {issuer} what it offers: {why}")]
    Unreachable {
        /// Which.
        issuer: String,
        /// Why.
        why: String,
    },
    /// The sign-in was not begun by this browser, or has been over.
    #[error("sign in: this browser did not begin it, or it took too long\n\nhint: begin again at the door")]
    NotBegun,
    /// The provider says no.
    #[error(
        "sign in: the provider says `{0}`\n\nhint: begin again at the door, or ask whoever looks after the provider"
    )]
    Refused(String),
    /// What the provider hands out does not prove who it is.
    #[error("sign in: what {issuer} handed out proves nobody: {why}")]
    Unproven {
        /// Which.
        issuer: String,
        /// Why.
        why: String,
    },
}

type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// A provider, as its file names it.
pub struct Provider {
    /// What people call it.
    pub name: String,
    issuer: IssuerUrl,
    client: ClientId,
    secret: ClientSecret,
    redirect: RedirectUrl,
    agent: ureq::Agent,
    known: Mutex<Option<(Instant, CoreProviderMetadata)>>,
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provider").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

impl Provider {
    /// The provider that a file names, for a workspace at an address. Nothing is asked of it yet.
    ///
    /// # Errors
    /// [`ProviderError`] when the file cannot be read or names none.
    pub fn read(file: &Path, url: &str) -> Result<Self, ProviderError> {
        let open = |at: &Path| {
            std::fs::read_to_string(at).map_err(|source| ProviderError::File { at: at.to_owned(), source })
        };
        let said = |why: String| ProviderError::Said { at: file.to_owned(), why };
        let text = open(file)?;
        let table: toml_edit::DocumentMut =
            text.parse().map_err(|error: toml_edit::TomlError| said(error.to_string()))?;
        let known = ["name", "issuer", "client", "secret-file", "authorities"];
        if let Some((other, _)) = table.iter().find(|(key, _)| !known.contains(key)) {
            return Err(said(format!("`{other}` is no key of it")));
        }
        let optional = |key: &str| match table.get(key) {
            None => Ok(None),
            Some(value) => match value.as_str().map(str::trim).filter(|text| !text.is_empty()) {
                Some(text) => Ok(Some(text.to_owned())),
                None => Err(said(format!("`{key}` is no text"))),
            },
        };
        let needed = |key: &str| optional(key)?.ok_or_else(|| said(format!("`{key}` is missing")));
        let (name, issuer, client) = (needed("name")?, needed("issuer")?, needed("client")?);
        let beside =
            |path: String| file.parent().map_or_else(|| PathBuf::from(&path), |folder| folder.join(&path));
        let secret = match optional("secret-file")? {
            Some(path) => open(&beside(path))?.trim().to_owned(),
            None => std::env::var(SECRET).unwrap_or_default(),
        };
        if secret.is_empty() {
            return Err(ProviderError::NoSecret(issuer));
        }
        let issuer = IssuerUrl::new(issuer).map_err(|error| said(format!("`issuer`: {error}")))?;
        let here = matches!(issuer.url().host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        let plain = issuer.url().scheme() == "http" && here;
        if issuer.url().scheme() != "https" && !plain {
            return Err(said(
                "`issuer` does not begin with https://; http:// is for this machine alone".to_owned(),
            ));
        }
        let roots = match optional("authorities")? {
            Some(path) => RootCerts::from(authorities(&open(&beside(path))?).map_err(said)?),
            None => match std::fs::read_to_string(SYSTEM).ok().and_then(|text| authorities(&text).ok()) {
                Some(system) => RootCerts::from(system),
                None => RootCerts::WebPki,
            },
        };
        let redirect = RedirectUrl::new(format!("{}{BACK}", url.trim_end_matches('/')));
        let redirect = redirect.map_err(|error| said(format!("the workspace's own address: {error}")))?;
        let config = ureq::Agent::config_builder()
            .https_only(!plain)
            .http_status_as_error(false)
            // A provider that leads elsewhere would lead there with our secret.
            .max_redirects(0)
            .proxy(None)
            .timeout_global(Some(PATIENCE))
            .tls_config(TlsConfig::builder().root_certs(roots).build());
        let (client, secret) = (ClientId::new(client), ClientSecret::new(secret));
        Ok(Self {
            name,
            issuer,
            client,
            secret,
            redirect,
            agent: config.build().new_agent(),
            known: Mutex::default(),
        })
    }

    /// Where a browser that keeps this secret is sent to sign in. For threads that may wait.
    ///
    /// # Errors
    /// [`ProviderError::Unreachable`].
    pub fn way(&self, kept: &Secret) -> Result<String, ProviderError> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let metadata = match known.filter(|(when, _)| when.elapsed() < FRESH) {
            Some((_, metadata)) => metadata,
            None => self.look()?,
        };
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier(kept));
        let (state, nonce) = (state(kept), nonce(kept));
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let client = self.client(metadata);
        let request = client.authorize_url(flow, || CsrfToken::new(state), || nonce);
        Ok(request.set_pkce_challenge(challenge).url().0.to_string())
    }

    /// Who a browser is that comes back with this code and state, and keeps this secret. For threads that may wait.
    ///
    /// # Errors
    /// [`ProviderError`]; then it is nobody.
    pub fn back(&self, kept: &Secret, came: &Back) -> Result<Identity, ProviderError> {
        // By digest, so that the time it takes tells nothing.
        let digest = |text: &str| model::Digest::of(text.as_bytes());
        if digest(&came.state) != digest(&state(kept)) {
            return Err(ProviderError::NotBegun);
        }
        if !came.error.is_empty() {
            return Err(ProviderError::Refused(wire::text::visible_str(&came.error, 60)));
        }
        // RFC 9207: another provider's answer is not taken for this one's.
        if came.iss.as_ref().is_some_and(|iss| iss != self.issuer.as_str()) {
            return Err(self.unproven("it is an answer of another provider"));
        }
        // Keys are changed without notice, so they are asked for each time.
        let client = self.client(self.look()?);
        let code = AuthorizationCode::new(came.code.clone());
        let request = client.exchange_code(code).map_err(|error| self.unproven(error))?;
        let tokens = request.set_pkce_verifier(verifier(kept)).request(&|request| self.ask(request));
        let tokens = tokens.map_err(|error| self.unproven(chain(&error)))?;
        let token = tokens.extra_fields().id_token().ok_or_else(|| self.unproven("there is no ID token"))?;
        let verifier = client.id_token_verifier().set_allowed_algs([
            CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
            CoreJwsSigningAlgorithm::RsaSsaPssSha256,
            CoreJwsSigningAlgorithm::EcdsaP256Sha256,
            CoreJwsSigningAlgorithm::EcdsaP384Sha384,
            CoreJwsSigningAlgorithm::EdDsa,
        ]);
        let claims = token.claims(&verifier, &nonce(kept)).map_err(|error| self.unproven(chain(&error)))?;
        Ok(Identity { issuer: claims.issuer().as_str().to_owned(), subject: claims.subject().as_str().to_owned() })
    }

    fn client(&self, metadata: CoreProviderMetadata) -> Client {
        CoreClient::from_provider_metadata(metadata, self.client.clone(), Some(self.secret.clone()))
            .set_redirect_uri(self.redirect.clone())
    }

    fn look(&self) -> Result<CoreProviderMetadata, ProviderError> {
        let found = CoreProviderMetadata::discover(&self.issuer, &|request| self.ask(request));
        let found = found.map_err(|error| ProviderError::Unreachable {
            issuer: self.issuer.as_str().to_owned(),
            why: chain(&error),
        })?;
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), found.clone()));
        Ok(found)
    }

    fn ask(&self, request: HttpRequest) -> Result<HttpResponse, ureq::Error> {
        let (parts, mut body) = self.agent.run(request)?.into_parts();
        let bytes = body.with_config().limit(LARGEST).read_to_vec()?;
        Ok(HttpResponse::from_parts(parts, bytes))
    }

    fn unproven(&self, why: impl ToString) -> ProviderError {
        ProviderError::Unproven { issuer: self.issuer.as_str().to_owned(), why: why.to_string() }
    }
}

/// What a browser comes back with (RFC 6749, 4.1.2; RFC 9207).
#[derive(Debug, Clone, Default)]
pub struct Back {
    /// The authorization code.
    pub code: String,
    /// The state that the way there carried.
    pub state: String,
    /// Why there is no code; empty when there is one.
    pub error: String,
    /// The issuer, where the provider says it.
    pub iss: Option<String>,
}

fn state(kept: &Secret) -> String {
    kept.derived("assay oidc state")
}

fn nonce(kept: &Secret) -> Nonce {
    Nonce::new(kept.derived("assay oidc nonce"))
}

/// 64 hexadecimal digits are a verifier (RFC 7636, 4.1).
fn verifier(kept: &Secret) -> PkceCodeVerifier {
    PkceCodeVerifier::new(kept.derived("assay oidc verifier"))
}

fn authorities(text: &str) -> Result<Vec<Certificate<'static>>, String> {
    let mut found = Vec::new();
    for item in parse_pem(text.as_bytes()) {
        if let PemItem::Certificate(certificate) = item.map_err(|error| format!("`authorities`: {error}"))? {
            found.push(certificate);
        }
    }
    if found.is_empty() { Err("`authorities` holds no certificate in PEM".to_owned()) } else { Ok(found) }
}

/// An error with its causes, in a line.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    let told = causes.fold(error.to_string(), |told, cause| format!("{told}: {cause}"));
    wire::text::visible_str(&told, 300)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, url: &str) -> Result<Provider, String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("secret"), "s3cr3t\n").unwrap();
        let file = folder.path().join("provider.toml");
        std::fs::write(&file, text).unwrap();
        Provider::read(&file, url).map_err(|error| error.to_string())
    }

    #[test]
    fn the_file_says_where_people_sign_in_and_what_is_wrong_with_it() {
        let good =
            "name = \"Staff\"\nissuer = \"https://id.example\"\nclient = \"assay\"\nsecret-file = \"secret\"\n";
        let provider = read(good, "https://assay.example").unwrap();
        assert_eq!(provider.redirect.as_str(), "https://assay.example/sign-in/back");
        assert!(!format!("{provider:?}").contains("s3cr3t"));
        for (from, to, said) in [
            ("name", "nane", "`nane` is no key of it"),
            ("client = \"assay\"", "client = 7", "`client` is no text"),
            ("client = \"assay\"", "", "`client` is missing"),
            ("https://id.example", "http://id.example", "does not begin with https://"),
            ("https://id.example", "id.example", "`issuer`: "),
            ("\"secret\"", "\"none\"", "read "),
            ("secret-file", "authorities", "client's secret is missing"),
            ("name = \"Staff\"", "name = \"", "read "),
        ] {
            let refused = read(&good.replace(from, to), "https://assay.example").unwrap_err();
            assert!(refused.contains(said), "{from} → {to}: {refused}");
        }
        let other = format!("{good}authorities = \"secret\"\n");
        assert!(read(&other, "https://assay.example").unwrap_err().contains("no certificate in PEM"));
    }

    #[test]
    fn a_browser_that_did_not_begin_it_is_nobody() {
        let good = "name = \"S\"\nissuer = \"https://127.0.0.1:1\"\nclient = \"a\"\nsecret-file = \"secret\"\n";
        let provider = read(good, "http://localhost:8080").unwrap();
        let (mine, other) = (Secret::new().unwrap(), Secret::new().unwrap());
        let came = Back { code: "c".into(), state: state(&mine), ..Back::default() };
        assert!(matches!(provider.back(&other, &came), Err(ProviderError::NotBegun)));
        let refused = Back { error: "access_denied".into(), ..came.clone() };
        assert!(
            matches!(provider.back(&mine, &refused), Err(ProviderError::Refused(why)) if why == "access_denied")
        );
        let mixed = Back { iss: Some("https://evil.example".into()), ..came.clone() };
        assert!(matches!(provider.back(&mine, &mixed), Err(ProviderError::Unproven { .. })));
        assert!(matches!(provider.back(&mine, &came), Err(ProviderError::Unreachable { .. })));
        assert!(matches!(provider.way(&mine), Err(ProviderError::Unreachable { .. })));
    }
}
