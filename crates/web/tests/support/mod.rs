//! A workspace behind the real router, and somebody who is signed in.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

pub mod filled;
pub mod walk;

use std::path::Path;
use std::sync::Arc;

use app::people::{Newcomer, Role, Team};
use app::workspace::Workspace;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use tower::ServiceExt as _;
use web::{Doors, Site, router};

/// The name the router answers to.
pub const HOST: &str = "127.0.0.1:9";

/// Addresses that no page of somebody alone links to: the doors, links that are sent, and the pages of a team.
#[rustfmt::skip]
pub const BESIDE: &[&str] = &[
    "/enter?token=none", "/sign-in", "/sign-in/provider", "/sign-in/back", "/invitation/none", "/answer/plug/none", "/people", "/account",
    "/p/plug/run/events",
];

/// A router and a session that was opened by the one-time link.
pub struct Open {
    pub router: Router,
    pub session: String,
}

/// A workspace with accounts behind the real router.
pub struct Crew {
    pub router: Router,
    pub team: Arc<Team>,
}

/// The password of everybody.
pub const PASSWORD: &str = "kettle marble oboe";

impl Crew {
    /// The workspace in a folder, with an owner called `owner`.
    pub fn of(folder: &Path) -> Self {
        let crew = Self::of_joined(folder);
        crew.joins("owner", Role::Owner);
        crew
    }

    /// The workspace in a folder, with those who joined before.
    pub fn of_joined(folder: &Path) -> Self {
        let workspace = Workspace::open(folder).unwrap();
        let team = Arc::new(Team::open(folder).unwrap());
        let doors = Doors::team(team.clone(), &format!("http://{HOST}"), Vec::new()).unwrap();
        Self { router: router(Site::new(workspace, doors)), team }
    }

    /// Somebody new in a role, signed in.
    pub fn joins(&self, name: &str, role: Role) -> Open {
        self.comes(name, role, None)
    }

    /// Somebody new in a role for one product, signed in.
    pub fn joins_for(&self, name: &str, role: Role, product: &str) -> Open {
        self.comes(name, role, Some(product.to_owned()))
    }

    fn comes(&self, name: &str, role: Role, product: Option<String>) -> Open {
        let (account, person) = (name.parse().unwrap(), format!("{name} Person"));
        let newcomer = Newcomer { account, person, role, product };
        let link = self.team.invite(&newcomer, "owner Person", app::now()).unwrap();
        let session = self.team.accept(&link.secret, PASSWORD, "test", "test", app::now()).unwrap();
        Open { router: self.router.clone(), session: session.text().to_owned() }
    }

    /// Somebody who joined before, signed in again.
    pub fn signs_in(&self, name: &str) -> Open {
        let knock = app::people::Knock { name, password: PASSWORD, source: "test", browser: "test" };
        let session = self.team.sign_in(&knock, app::now()).unwrap();
        Open { router: self.router.clone(), session: session.text().to_owned() }
    }

    /// Nobody.
    pub fn nobody(&self) -> Open {
        Open { router: self.router.clone(), session: String::new() }
    }
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub text: String,
}

impl Open {
    /// The workspace in a folder, for one person alone.
    pub fn alone(folder: &Path) -> Self {
        let workspace = Workspace::open(folder).unwrap();
        let (doors, token) = Doors::alone("Lena Vogt", vec![HOST.to_owned()]).unwrap();
        let session = doors.enter(&token).unwrap();
        Self { router: router(Site::new(workspace, doors)), session }
    }

    /// Asks for a page.
    pub async fn get(&self, path: &str) -> Answer {
        let request = Request::get(path).header(header::HOST, HOST);
        let request = request.header(header::COOKIE, format!("assay-session={}", self.session));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// A page over many products, once every one of them was looked at.
    pub async fn get_looked_at(&self, path: &str) -> Answer {
        loop {
            let answer = self.get(path).await;
            if !answer.text.contains("not looked at yet today") {
                return answer;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    /// Sends a form as the page at `from` has it: with the mark of the session.
    pub async fn post(&self, from: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mark = self.mark(from).await;
        self.post_marked(&mark, path, fields).await
    }

    /// As [`Open::post`], for what is no text.
    pub async fn post_bytes(&self, from: &str, path: &str, fields: &[(&str, &str)]) -> Vec<u8> {
        let mark = self.mark(from).await;
        let response = self.router.clone().oneshot(self.form(&mark, path, fields)).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        to_bytes(response.into_body(), 64 << 20).await.unwrap().to_vec()
    }

    /// Sends a form with a mark of the caller's.
    pub async fn post_marked(&self, mark: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(self.form(mark, path, fields)).await
    }

    async fn mark(&self, from: &str) -> String {
        let page = self.get(from).await.text;
        let mark = page.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        mark.unwrap_or_else(|| panic!("no form on {from}: {page}")).to_owned()
    }

    fn form(&self, mark: &str, path: &str, fields: &[(&str, &str)]) -> Request<Body> {
        let mut body = format!("csrf={mark}");
        for (name, value) in fields {
            body.push_str(&format!("&{}={}", encoded(name), encoded(value)));
        }
        let request = Request::post(path).header(header::HOST, HOST);
        let request = request
            .header(header::COOKIE, format!("assay-session={}", self.session))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        request.body(Body::from(body)).unwrap()
    }

    /// The mark of the session, as forms carry it.
    pub async fn own_mark(&self) -> String {
        let page = self.get("/account").await.text;
        page.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned()
    }

    /// Sends a form with fields of one's own, the mark included.
    pub async fn post_bare(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let pairs: Vec<String> = fields.iter().map(|(n, v)| format!("{}={}", encoded(n), encoded(v))).collect();
        let request = Request::post(path).header(header::HOST, HOST);
        let request = request
            .header(header::COOKIE, format!("assay-session={}", self.session))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(pairs.join("&"))).unwrap()).await
    }

    /// The status that asking for a page has; what the page says is not waited for.
    pub async fn head(&self, path: &str) -> StatusCode {
        let request = Request::get(path).header(header::HOST, HOST);
        let request = request.header(header::COOKIE, format!("assay-session={}", self.session));
        self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap().status()
    }

    /// The status that a program gets with a token.
    pub async fn bearer(&self, route: &web::Route, path: &str, token: &str) -> StatusCode {
        let request = Request::builder().method(route.verb.as_str()).uri(path);
        let request = match route.verb {
            web::Verb::Get => request,
            _ => request.header(header::CONTENT_TYPE, "application/json"),
        };
        let request = request.header(header::HOST, HOST).header(header::AUTHORIZATION, format!("Bearer {token}"));
        self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap().status()
    }

    /// Sends any request.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 64 << 20).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// A new dossier in a folder.
pub fn dossier(at: &Path, product: &str) {
    app::folder::create(at, &app::skeleton(model::Edition::default(), product)).unwrap();
}
