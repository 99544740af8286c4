//! A workspace for programs: the real router, a token, and requests with it.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use app::workspace::Workspace;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use serde_json::Value;
use tower::ServiceExt as _;
use web::{Doors, Site, router};
use workflow::people::Permission;

/// A router, and a token for it.
pub struct Programs {
    pub router: Router,
    pub token: String,
    pub folder: PathBuf,
    /// A browser's session, for what is asked by one.
    pub session: String,
    host: String,
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    /// As JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|e| panic!("{e}: {:?}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// A header, or nothing.
    pub fn header(&self, name: header::HeaderName) -> String {
        self.headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    }
}

/// Something to be asked.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    pub path: String,
    pub kind: &'static str,
    pub body: Vec<u8>,
    pub tag: String,
    /// By a browser's session instead of the token.
    pub session: bool,
}

impl Ask {
    pub fn of(path: &str) -> Self {
        Self { path: path.to_owned(), ..Self::default() }
    }

    pub fn json(mut self, body: Value) -> Self {
        (self.kind, self.body) = ("application/json", body.to_string().into_bytes());
        self
    }

    pub fn bytes(mut self, kind: &'static str, body: &[u8]) -> Self {
        (self.kind, self.body) = (kind, body.to_vec());
        self
    }

    pub fn tag(mut self, tag: &str) -> Self {
        self.tag = tag.to_owned();
        self
    }
}

impl Programs {
    /// The workspace in a folder, and a token with these scopes.
    pub fn new(folder: &Path, scopes: &[Permission]) -> Self {
        Self::at(folder, "127.0.0.1:9", scopes)
    }

    /// The same under another name.
    pub fn at(folder: &Path, host: &str, scopes: &[Permission]) -> Self {
        let workspace = Workspace::open(folder).unwrap();
        let (doors, _) = Doors::alone("Lena Vogt", vec![host.to_owned()]).unwrap();
        let token = doors.token(scopes).unwrap();
        Self::of(router(Site::new(workspace, doors)), folder, host, token)
    }

    /// Another token for a workspace that is open already.
    pub fn of(router: Router, folder: &Path, host: &str, token: String) -> Self {
        let (folder, host) = (folder.to_owned(), host.to_owned());
        Self { router, token, folder, session: String::new(), host }
    }

    /// Asks with the token, or by the session where that is wanted.
    pub async fn ask(&self, verb: &str, ask: &Ask) -> Answer {
        match ask.session {
            true => self.send(verb, ask, (header::COOKIE, format!("assay-session={}", self.session))).await,
            false => self.ask_as(verb, ask, &format!("Bearer {}", self.token)).await,
        }
    }

    /// Asks with any authorization, or with none.
    pub async fn ask_as(&self, verb: &str, ask: &Ask, authorization: &str) -> Answer {
        self.send(verb, ask, (header::AUTHORIZATION, authorization.to_owned())).await
    }

    async fn send(&self, verb: &str, ask: &Ask, (by, who): (header::HeaderName, String)) -> Answer {
        let mut request = Request::builder().method(verb).uri(&ask.path).header(header::HOST, &self.host);
        for (name, value) in
            [(by, who.as_str()), (header::CONTENT_TYPE, ask.kind), (header::IF_MATCH, ask.tag.as_str())]
        {
            if !value.is_empty() {
                request = request.header(name, value);
            }
        }
        let response =
            self.router.clone().oneshot(request.body(Body::from(ask.body.clone())).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 64 << 20).await.unwrap().to_vec();
        Answer { status: parts.status, headers: parts.headers, bytes }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask("GET", &Ask::of(path)).await
    }
}
