//! The OpenAPI 3.1 document, written from the table of routes alone.

use serde_json::{Map, Value, json};

use super::problem;
use super::row::{Api, Asks, Gives, Shape, Tagged};
use crate::table::{Access, Route, routes};

/// The document.
pub fn openapi() -> Value {
    let mut parts = Parts::default();
    let problem = parts.part("Problem", problem::shape);
    let mut paths: Map<String, Value> = Map::new();
    for (route, api) in operations() {
        let operation = operation(&mut parts, route, api, &problem);
        if let Some(Value::Object(path)) = Some(paths.entry(route.path).or_insert_with(|| json!({}))) {
            path.insert(route.verb.as_str().to_ascii_lowercase(), operation);
        }
    }
    parts.schemas.sort_keys();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "assay",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What the pages of the workspace do, for programs. Outcomes and ids are those of the JSON \
                            report. A server that is asked under another name than its own answers 421.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": parts.schemas,
            "securitySchemes": {
                "token": {
                    "type": "http", "scheme": "bearer",
                    "description": "A token of the workspace. Its scopes are the permissions it has; the session of a \
                                    browser may GET as well.",
                },
            },
        },
    })
}

/// Every route for programs.
pub(crate) fn operations() -> impl Iterator<Item = (&'static Route, &'static Api)> {
    routes().filter_map(|route| route.api.as_ref().map(|api| (route, api)))
}

/// The statuses a route refuses with.
pub fn refusals(route: &Route, api: &Api) -> Vec<u16> {
    let mut statuses = api.refuses.to_vec();
    let (query, path) = (api.query.is_some(), route.path.contains('{'));
    let (json, body) = (matches!(api.asks, Asks::Json(_)), !matches!(api.asks, Asks::Nothing));
    for (status, holds) in [
        // A query that is not known is refused everywhere.
        (400, true),
        (401, route.access != Access::Anybody),
        (403, matches!(route.access, Access::May(_) | Access::Somewhere(_))),
        (404, path),
        (408, body),
        (412, api.tagged == Tagged::Match),
        (413, body),
        (415, body),
        // A dossier or a ledger that cannot be read, and what a schema cannot say.
        (422, path || query || json),
        (428, api.tagged == Tagged::Match),
        (504, true),
    ] {
        if holds {
            statuses.push(status);
        }
    }
    statuses.sort_unstable();
    statuses.dedup();
    statuses
}

/// The names of the parameters in a path.
pub(crate) fn in_path(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn operation(parts: &mut Parts, route: &Route, api: &Api, problem: &Value) -> Value {
    let mut parameters: Vec<Value> = in_path(route.path).map(path_parameter).collect();
    if let Some(query) = api.query {
        let shape = parts.shape(api.id, query);
        for (name, field) in shape["properties"].as_object().into_iter().flatten() {
            let required = shape["required"].as_array().is_some_and(|all| all.contains(&json!(name)));
            let (mut field, about) = (field.clone(), field["description"].clone());
            if let Some(field) = field.as_object_mut() {
                field.remove("description");
            }
            parameters.push(
                json!({"name": name, "in": "query", "required": required, "description": about, "schema": field}),
            );
        }
    }
    if api.tagged == Tagged::Match {
        parameters.push(json!({
            "name": "If-Match", "in": "header", "required": true, "schema": {"type": "string"},
            "description": "The `ETag` of what the change was made from.",
        }));
    }
    let mut responses = Map::new();
    let mut given = json!({"description": "Done."});
    match api.gives {
        Gives::Nothing => {}
        Gives::Json(shape) => {
            given["content"] = json!({"application/json": {"schema": parts.shape(api.id, shape)}})
        }
        Gives::Bytes(media) => given["content"] = json!({media: {"schema": {}}}),
    }
    if api.tagged != Tagged::No {
        given["headers"] = json!({"ETag": {
            "schema": {"type": "string"}, "description": "What `If-Match` takes to change it.",
        }});
    }
    responses.insert(api.status.to_string(), given);
    for status in refusals(route, api) {
        let answer = json!({
            "description": because(status), "content": {problem::MEDIA: {"schema": problem}},
        });
        responses.insert(status.to_string(), answer);
    }
    let mut operation = json!({
        "operationId": api.id,
        "summary": api.about,
        "tags": [tag(route.path)],
        "parameters": parameters,
        "responses": responses,
    });
    match route.access {
        Access::Anybody => operation["security"] = json!([]),
        Access::SignedIn => operation["security"] = json!([{"token": []}]),
        Access::May(permission) | Access::Somewhere(permission) => {
            operation["security"] = json!([{"token": [permission.as_str()]}]);
            operation["description"] = format!("Takes the permission `{permission}`.").into();
        }
    }
    match api.asks {
        Asks::Nothing => {}
        Asks::Json(shape) => {
            let schema = parts.shape(api.id, shape);
            let content = json!({"application/json": {"schema": schema}});
            operation["requestBody"] = json!({"required": true, "content": content});
        }
        Asks::Bytes(media) => {
            let content = json!({media: {"schema": {"type": "string"}}});
            operation["requestBody"] = json!({"required": true, "content": content});
        }
    }
    operation
}

fn path_parameter(name: &str) -> Value {
    let (schema, about) = match name {
        "product" => (json!({"type": "string", "minLength": 1}), "The product's name in the workspace."),
        "record" => (
            json!({"type": "integer", "minimum": 0, "maximum": 9_007_199_254_740_991_u64}),
            "Position of a record in the ledger.",
        ),
        "step" => {
            (json!({"type": "integer", "minimum": 1, "maximum": 1000}), "A step of the procedure, counted from 1.")
        }
        "instance" => (
            json!({"type": "string", "minLength": 1}),
            "A unit instance: `5.1-2-1c @ AuthMech-Web`, or a unit alone.",
        ),
        "path" => {
            (json!({"type": "string", "minLength": 1}), "Path inside the dossier folder, `/` written `%2F`.")
        }
        "digest" => (json!({"type": "string", "minLength": 1}), "`sha256:` and 64 hexadecimal digits."),
        _ => (json!({"type": "string", "minLength": 1}), "Its id."),
    };
    json!({"name": name, "in": "path", "required": true, "schema": schema, "description": about})
}

/// Operations of one thing stand together.
fn tag(path: &str) -> &str {
    let mut parts = path.trim_start_matches(super::PREFIX).trim_start_matches("v1/").split('/');
    let first = parts.next().unwrap_or_default();
    parts.nth(1).unwrap_or(first)
}

fn because(status: u16) -> &'static str {
    match status {
        400 => "What was sent does not keep to the schema.",
        401 => "No token, or one that is over.",
        403 => "The token, or its person, may not.",
        404 => "It is not there.",
        408 => "It took too long to arrive.",
        409 => "It cannot be done as things stand now.",
        412 => "It was changed meanwhile; nothing was written.",
        413 => "Too large.",
        415 => "Another media type is wanted.",
        428 => "`If-Match` is missing.",
        504 => "It took too long.",
        429 => "Too many at once.",
        _ => "It keeps to the schema, and cannot be done.",
    }
}

/// The schemas that the document has collected.
#[derive(Debug, Default)]
struct Parts {
    schemas: Map<String, Value>,
}

impl Parts {
    /// A named schema, and the reference to it.
    fn part(&mut self, name: &str, shape: Shape) -> Value {
        let schema = self.shape(name, shape);
        self.schemas.insert(name.to_owned(), schema);
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    /// A schema whose definitions are among the components. Two rooms may use one word for two things; then the later
    /// one has the operation's name before it.
    fn shape(&mut self, operation: &str, shape: Shape) -> Value {
        let mut defs = Map::new();
        let mut schema = shape(&mut defs);
        let mut names: Vec<(String, String)> = defs.keys().map(|name| (name.clone(), name.clone())).collect();
        // What refers to something that got another name is something else too.
        loop {
            let taken = names.iter().position(|(name, new)| {
                let known = self.schemas.get(name).filter(|_| name == new);
                known.is_some_and(|known| *known != moved(&defs[name], &names))
            });
            let Some(taken) = taken else { break };
            names[taken].1 = format!("{operation}.{}", names[taken].0);
        }
        for ((_, new), (_, shape)) in names.iter().zip(&defs) {
            let shape = moved(shape, &names);
            self.schemas.insert(new.clone(), shape);
        }
        schema = moved(&schema, &names);
        schema
    }
}

/// A schema with its references pointing into the components.
fn moved(schema: &Value, names: &[(String, String)]) -> Value {
    match schema {
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| {
                let at = value.as_str().and_then(|at| at.strip_prefix("#/$defs/"));
                let value = match at.filter(|_| name == "$ref") {
                    Some(at) => {
                        let new = names.iter().find(|(old, _)| old == at).map_or(at, |(_, new)| new);
                        format!("#/components/schemas/{new}").into()
                    }
                    None => moved(value, names),
                };
                (name.clone(), value)
            });
            Value::Object(fields.collect())
        }
        Value::Array(items) => items.iter().map(|item| moved(item, names)).collect(),
        other => other.clone(),
    }
}
