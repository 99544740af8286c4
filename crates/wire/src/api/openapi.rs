//! OpenAPI 3.0 and 3.1, as JSON or as YAML: routes, parameters, messages, who may call them.
//!
//! Callbacks, links, webhooks and files elsewhere are not followed; what is left out is noted.

use serde_json::{Map, Value};

use super::reference::resolved;
use super::schema::Schemas;
use super::{Access, At, Body, NoDescription, Parameter, Route, yaml};
use crate::text::visible_str;

/// MiB of a file that are read.
const MOST_MIB: usize = 8;
const MOST_ROUTES: usize = 2000;
const MOST_PARAMETERS: usize = 100;
const MOST_SCHEMAS: usize = 50_000;
const MOST_NOTES: usize = 50;
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// What a description says.
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    /// Its title, hostile text.
    pub title: String,
    /// The version of OpenAPI: `3.1.0`.
    pub version: String,
    /// Routes in the order of the file.
    pub routes: Vec<Route>,
    /// Ways to show a credential, by name.
    pub schemes: Vec<Scheme>,
    /// What was left out, one line each.
    pub notes: Vec<String>,
}

/// A way to show a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheme {
    /// The name in the file.
    pub name: String,
    /// `http basic`, `http bearer`, `apiKey header X-Key`, `apiKey cookie session`, `oauth2`, `openIdConnect`, `mutualTLS`.
    pub kind: String,
}

/// Whether a text looks like a description, without reading it whole.
#[must_use]
pub fn is_likely(text: &str) -> bool {
    let mut end = text.len().min(4096);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].contains("openapi")
}

/// Reads a description.
///
/// # Errors
/// [`NoDescription`] where there is nothing to read; parts that cannot be read are notes.
pub fn read(text: &str) -> Result<Description, NoDescription> {
    if text.len() > MOST_MIB << 20 {
        return Err(NoDescription::TooLarge(MOST_MIB));
    }
    let text = text.trim_start_matches('\u{feff}');
    let root: Value = match text.trim_start().starts_with('{') {
        true => serde_json::from_str(text).or_else(|error| {
            // Flow YAML begins with a brace as well.
            yaml::read(text).map_err(|_| NoDescription::Unreadable(error.to_string()))
        })?,
        false => yaml::read(text).map_err(|why| NoDescription::Unreadable(visible_str(&why, 200)))?,
    };
    let version = root.get("openapi").and_then(Value::as_str).unwrap_or_default();
    if !(version.starts_with("3.0") || version.starts_with("3.1")) {
        return Err(NoDescription::Other("OpenAPI 3.0 or 3.1"));
    }
    let mut reader = Reader { root: &root, schemas: Schemas::new(&root, MOST_SCHEMAS), notes: Vec::new() };
    let routes = reader.routes();
    let schemes = reader.schemes();
    let title = root.pointer("/info/title").and_then(Value::as_str).unwrap_or_default();
    Ok(Description {
        title: visible_str(title, 100),
        version: visible_str(version, 20),
        routes,
        schemes,
        notes: reader.notes,
    })
}

struct Reader<'a> {
    root: &'a Value,
    schemas: Schemas<'a>,
    notes: Vec<String>,
}

impl<'a> Reader<'a> {
    fn note(&mut self, text: &str) {
        if self.notes.len() < MOST_NOTES {
            self.notes.push(visible_str(text, 200));
        }
    }

    fn routes(&mut self) -> Vec<Route> {
        let root = self.root;
        let base = base(root);
        let mut routes = Vec::new();
        let Some(paths) = root.get("paths").and_then(Value::as_object) else {
            self.note("there are no paths");
            return routes;
        };
        for (path, item) in paths {
            let Some(item) = resolved(root, item).filter(|_| path.starts_with('/') && path.len() < 1000) else {
                self.note(&format!("{path} cannot be read"));
                continue;
            };
            let shared = self.parameters(item, path);
            for method in METHODS {
                let Some(operation) = item.get(method) else { continue };
                let Some(operation) = operation.as_object() else {
                    self.note(&format!("{method} {path} cannot be read"));
                    continue;
                };
                if routes.len() >= MOST_ROUTES {
                    self.note("further routes were not read");
                    return routes;
                }
                routes.push(self.route(method, &format!("{base}{path}"), operation, &shared));
            }
        }
        routes
    }

    fn route(&mut self, method: &str, path: &str, operation: &Map<String, Value>, shared: &[Parameter]) -> Route {
        let mut parameters = self.parameters(operation, path);
        for parameter in shared {
            let is_own = |own: &Parameter| own.name == parameter.name && own.at == parameter.at;
            if !parameters.iter().any(is_own) {
                parameters.push(parameter.clone());
            }
        }
        let answers = operation.get("responses").and_then(Value::as_object);
        let access = operation.get("security").or_else(|| self.root.get("security"));
        Route {
            method: method.to_ascii_uppercase(),
            path: path.to_owned(),
            parameters,
            body: self.body(operation, method, path),
            access: access.map_or(Access::Unsaid, access_of),
            answers: answers.into_iter().flat_map(Map::keys).take(50).map(|name| visible_str(name, 10)).collect(),
        }
    }

    fn parameters(&mut self, object: &Map<String, Value>, path: &str) -> Vec<Parameter> {
        let root = self.root;
        let all = object.get("parameters").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        if all.len() > MOST_PARAMETERS {
            self.note(&format!("further parameters of {path} were not read"));
        }
        let mut found = Vec::new();
        for value in all.iter().take(MOST_PARAMETERS) {
            match resolved(root, value).and_then(|object| self.parameter(object)) {
                Some(parameter) => found.push(parameter),
                None => self.note(&format!("a parameter of {path} cannot be read")),
            }
        }
        found
    }

    fn parameter(&mut self, object: &Map<String, Value>) -> Option<Parameter> {
        let at = match object.get("in")?.as_str()? {
            "path" => At::Path,
            "query" => At::Query,
            "header" => At::Header,
            "cookie" => At::Cookie,
            _ => return None,
        };
        let name = object.get("name")?.as_str().filter(|name| !name.is_empty() && name.len() < 200)?.to_owned();
        let media = object.get("content").and_then(Value::as_object).and_then(|content| content.values().next());
        let described = object.get("schema").or_else(|| media.and_then(|media| media.get("schema")));
        let schema = described.map(|schema| self.schemas.read(schema)).unwrap_or_default();
        let example = self.example(object).or_else(|| self.example(media?.as_object()?));
        let required = at == At::Path || object.get("required") == Some(&Value::Bool(true));
        Some(Parameter { name, at, required, example: example.or_else(|| schema.example.clone()), schema })
    }

    fn body(&mut self, operation: &Map<String, Value>, method: &str, path: &str) -> Option<Body> {
        let root = self.root;
        let object = resolved(root, operation.get("requestBody")?)?;
        let content = object.get("content")?.as_object()?;
        // JSON is taken first: it is what can be broken in most ways.
        let (media, value) =
            content.iter().find(|(media, _)| super::is_json(media)).or_else(|| content.iter().next())?;
        if content.len() > 1 {
            self.note(&format!("of the messages of {method} {path} only {media} is read"));
        }
        let value = value.as_object()?;
        let schema = value.get("schema").map(|schema| self.schemas.read(schema)).unwrap_or_default();
        Some(Body {
            media: visible_str(media.split(';').next().unwrap_or_default().trim(), 100),
            required: object.get("required") == Some(&Value::Bool(true)),
            example: self.example(value).or_else(|| schema.example.clone()),
            schema,
        })
    }

    /// `example`, or the value of the first of `examples`.
    fn example(&self, object: &Map<String, Value>) -> Option<Value> {
        if let Some(example) = object.get("example") {
            return Some(example.clone());
        }
        let first = object.get("examples")?.as_object()?.values().next()?;
        resolved(self.root, first)?.get("value").cloned()
    }

    fn schemes(&mut self) -> Vec<Scheme> {
        let root = self.root;
        let all = root.pointer("/components/securitySchemes").and_then(Value::as_object);
        let word = |object: &Map<String, Value>, name: &str| {
            visible_str(object.get(name).and_then(Value::as_str).unwrap_or_default(), 60)
        };
        let read = |(name, value): (&String, &'a Value)| {
            let object = resolved(root, value)?;
            let kind = match object.get("type")?.as_str()? {
                "http" => format!("http {}", word(object, "scheme")),
                "apiKey" => format!("apiKey {} {}", word(object, "in"), word(object, "name")),
                other => visible_str(other, 60),
            };
            Some(Scheme { name: visible_str(name, 60), kind })
        };
        all.into_iter().flatten().take(50).filter_map(read).collect()
    }
}

/// The path of the first server, with the defaults of its variables.
fn base(root: &Value) -> String {
    let Some(server) = root.pointer("/servers/0") else { return String::new() };
    let mut url = server.get("url").and_then(Value::as_str).unwrap_or_default().to_owned();
    for (name, variable) in server.get("variables").and_then(Value::as_object).into_iter().flatten().take(20) {
        let default = variable.get("default").and_then(Value::as_str).unwrap_or_default();
        if url.len() + default.len() < 2000 {
            url = url.replacen(&format!("{{{name}}}"), default, 1);
        }
    }
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None => url.as_str(),
    };
    let path = path.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    if path.starts_with('/') && path.len() < 200 { path.to_owned() } else { String::new() }
}

fn access_of(value: &Value) -> Access {
    let all = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let sets = all.iter().filter_map(Value::as_object);
    let sets: Vec<Vec<String>> =
        sets.take(20).map(|set| set.keys().take(20).map(|name| visible_str(name, 60)).collect()).collect();
    // An empty list, and an empty set in it, let everybody in.
    if sets.is_empty() || sets.iter().any(Vec::is_empty) { Access::Open } else { Access::Schemes(sets) }
}

#[cfg(test)]
mod tests;
