//! The web service of the device: which request reaches which handler.

mod config;
mod disclosure;
mod files;
mod input;
mod login;
mod maintenance;
mod page;
mod plain;
mod session;
mod state;
mod timer;
mod userdata;

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::faults::Fault;
use crate::http::{Reply, Request, Response, Site, Visit};
use crate::plug::Plug;

pub(crate) use plain::Plain;

/// HTTPS of the device.
pub(crate) struct Web {
    plug: Arc<Plug>,
}

/// One request with everything a handler may need.
struct Turn<'a> {
    plug: &'a Plug,
    request: &'a Request,
    visit: &'a mut Visit,
    /// Did the request come over TLS?
    secure: bool,
}

/// A handler either answers or refuses; both are sent, a refusal just leaves the handler early.
type Outcome = Result<Response, Reply>;
type Handler = fn(&mut Turn<'_>) -> Outcome;

/// When a route exists.
enum When {
    Always,
    With(Fault),
    Without(Fault),
}

use When::{Always, With, Without};

/// Described, and declared nowhere.
const HISTORY: &str = "/api/v1/history";

const ROUTES: &[(&str, &str, When, Handler)] = &[
    ("GET", "/", Always, page::home),
    ("POST", "/login", Always, login::by_form),
    ("POST", "/api/v1/login", Always, login::by_json),
    ("POST", "/api/v1/logout", Always, login::logout),
    ("GET", "/api/v1/info", Always, state::info),
    ("GET", "/api/v1/state", Always, state::read),
    ("PUT", "/api/v1/state", Always, state::write),
    ("GET", "/api/v1/config", Always, config::read),
    ("PUT", "/api/v1/config", Always, config::write),
    ("POST", "/api/v1/password", Without(Fault::PasswordChangeMissing), login::change_password),
    ("GET", "/api/v1/userdata", Always, userdata::read),
    ("DELETE", "/api/v1/userdata", Always, userdata::erase),
    ("POST", "/api/v1/update", Always, maintenance::update),
    ("POST", "/api/v1/reset", Always, maintenance::reset),
    ("GET", "/api/v1/openapi.json", Always, openapi),
    ("GET", "/api/v1/timer", Always, timer::read),
    ("POST", "/api/v1/timer/begin", Always, timer::begin),
    ("POST", "/api/v1/timer", Always, timer::write),
    ("GET", "/api/v1/schedule", Always, timer::schedule),
    ("PUT", "/api/v1/schedule", Always, timer::set_schedule),
    ("GET", HISTORY, With(Fault::InputUndeclared), timer::history),
    ("GET", "/files", Always, files::download),
    ("GET", "/status", With(Fault::InfoDisclosureStatus), disclosure::status),
    ("GET", "/backup.cfg", With(Fault::ConfigBackupPublic), disclosure::backup),
    ("POST", "/firmware", With(Fault::UpdateUploadOpen), maintenance::upload),
];

impl Web {
    pub(crate) fn new(plug: Arc<Plug>) -> Self {
        Self { plug }
    }
}

impl Site for Web {
    fn answer(&self, request: &Request, visit: &mut Visit) -> Reply {
        if self.plug.is_sick() {
            return Response::error(503, "service restarting").into();
        }
        let mut turn = Turn { plug: &self.plug, request, visit, secure: true };
        match route(&mut turn) {
            Ok(response) => response.into(),
            Err(reply) => reply,
        }
    }

    fn finish(&self, response: Response) -> Response {
        let response = response.with("Strict-Transport-Security", "max-age=31536000");
        banner(&self.plug, response)
    }
}

fn route(turn: &mut Turn<'_>) -> Outcome {
    let method = match turn.request.method.as_str() {
        "HEAD" => "GET",
        other => other,
    };
    // The path as it is written decides; with the fault the functions behind the guard see it decoded.
    let path = match turn.plug.has(Fault::GuardByPath) && turn.request.path.contains('%') {
        true => crate::http::decoded(&turn.request.path),
        false => turn.request.path.clone(),
    };
    let here: Vec<_> = ROUTES.iter().filter(|(_, own, when, _)| *own == path && when.holds(turn.plug)).collect();
    if here.is_empty() {
        return Ok(Response::error(404, "not found"));
    }
    match here.iter().find(|(verb, ..)| *verb == method) {
        Some((.., handler)) => handler(turn),
        None => {
            let verbs: Vec<&str> = here.iter().map(|(verb, ..)| *verb).collect();
            Ok(Response::error(405, "method not allowed").with("Allow", verbs.join(", ")))
        }
    }
}

impl When {
    fn holds(&self, plug: &Plug) -> bool {
        match self {
            Always => true,
            With(fault) => plug.has(*fault),
            Without(fault) => !plug.has(*fault),
        }
    }
}

/// The description of the interface, for administrators.
fn openapi(turn: &mut Turn<'_>) -> Outcome {
    if !turn.plug.has(Fault::OpenapiPublic) {
        session::admin(turn)?;
    }
    let mut paths = Map::new();
    for (method, path, when, _) in ROUTES {
        if (matches!(when, With(_)) && *path != HISTORY) || !when.holds(turn.plug) {
            continue;
        }
        let entry = paths.entry((*path).to_owned()).or_insert_with(|| json!({}));
        entry[method.to_lowercase()] = json!({ "responses": { "default": { "description": "JSON or page" } } });
        if *path == HISTORY {
            entry["get"]["parameters"] = json!([
                { "name": "day", "in": "query", "schema": { "type": "integer", "minimum": 1, "maximum": 366 } },
            ]);
        }
    }
    let document = json!({
        "openapi": "3.1.0",
        "info": { "title": "Lumen Plug Cam", "version": "1" },
        "paths": Value::Object(paths),
    });
    Ok(Response::json(200, &document))
}

fn banner(plug: &Plug, response: Response) -> Response {
    if plug.has(Fault::ServerBanner) {
        response.with("Server", "lumen-httpd/2.1.7 (uClibc 0.9.33)")
    } else {
        response
    }
}
