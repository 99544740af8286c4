//! Which requests are tried as which subject: those of 13-SoftServ, and routes that were found or that a file describes.

use std::collections::BTreeMap;

use dossier::{SoftServFacts, Standing};
use model::{Fact, HttpAnswer};
use probes::http::access::{Function, routes_of};
use probes::http::exchange::Server;
use serde_json::{Value, json};
use wire::api::har;

use super::Lookup;

/// Words in the path of a description of an interface.
const DESCRIPTIONS: [&str; 3] = ["openapi", "swagger", "api-docs"];

/// Kinds of content behind which there is no function.
const DULL: [&str; 5] = ["css", "javascript", "image/", "font", "video/"];

impl Lookup<'_> {
    pub(super) fn access(&self) -> Result<Value, String> {
        let mut functions = BTreeMap::new();
        for entry in self.dossier.entries("SoftServ") {
            let Some(facts) = entry.facts::<SoftServFacts>() else { continue };
            let Some((port, tls)) = self.interface(facts.interface.as_ref()) else { continue };
            for (requests, writes) in [(&facts.read_requests, false), (&facts.write_requests, true)] {
                for request in requests.as_ref().map(|r| r.value.as_slice()).unwrap_or_default() {
                    let function =
                        json!({"server": self.server(port, tls), "request": request.value, "writes": writes});
                    functions.insert((port, request.value.clone()), function);
                }
            }
        }
        let declared: Vec<Value> = functions.into_values().collect();
        let found = self.found();
        let documents = self.descriptions(&declared);
        if declared.is_empty() && found.is_empty() && documents.is_empty() {
            return Err("13-SoftServ declares no request that uses a service, and no route was found".to_owned());
        }
        let found = found.iter().filter_map(|one| serde_json::to_value(one).ok());
        let functions: Vec<Value> = declared.into_iter().chain(found).collect();
        let mechanism = self.web_mechanism();
        let login = |standing| mechanism.and_then(|m| self.login(m, standing));
        let facts =
            self.mechanisms().find(|(e, _)| mechanism == Some(e.id.value.as_str())).map(|(_, facts)| facts);
        Ok(json!({
            "functions": functions,
            "documents": documents,
            "login": login(Standing::Valid),
            "low_privilege": login(Standing::LowPrivilege),
            "logout": facts.and_then(|f| f.logout_request.as_ref()).map(|request| &request.value),
        }))
    }

    /// Routes that files describe, and those that were met on the product: what it shows, and what it guards.
    fn found(&self) -> Vec<Function> {
        let main = self.main_server().and_then(|server| serde_json::from_value::<Server>(server).ok());
        let mut found = Vec::new();
        if let Some(server) = main {
            let described = &self.target.described;
            found.extend(routes_of(&server, &described.openapi, "description"));
            if let Some(recording) = &described.har {
                let routes = har::routes(recording, &|_, authority| self.is_ours(authority));
                found.extend(routes_of(&server, &routes, "recording"));
            }
        }
        found.extend(self.met().filter(|answer| is_worth_a_try(answer)).map(|answer| Function {
            server: Server { endpoint: answer.endpoint, tls: answer.tls, host: self.target.host.clone() },
            request: format!("GET {}", answer.path),
            writes: false,
            body: None,
            found: Some("page".to_owned()),
        }));
        found
    }

    fn met(&self) -> impl Iterator<Item = &HttpAnswer> {
        self.seen.iter().filter_map(|fact| match fact {
            Fact::Http(answer) if answer.endpoint.address == self.target.address && answer.method == "GET" => {
                Some(answer)
            }
            _ => None,
        })
    }

    /// Descriptions of the interface that may lie on the product, behind its login or in front of it.
    fn descriptions(&self, declared: &[Value]) -> Vec<Value> {
        let names_one = |path: &str| DESCRIPTIONS.iter().any(|word| path.to_lowercase().contains(word));
        let of_declared = declared.iter().filter_map(|function| {
            let path = function["request"].as_str()?.strip_prefix("GET ")?.trim();
            names_one(path).then(|| json!({"server": function["server"], "path": path}))
        });
        let mut found: Vec<Value> = of_declared.collect();
        for answer in self.met().filter(|answer| names_one(&answer.path)) {
            let server = self.server(answer.endpoint.port, answer.tls);
            let document = json!({"server": server, "path": answer.path});
            if !found.contains(&document) {
                found.push(document);
            }
        }
        found.truncate(4);
        found
    }
}

/// Whether a route that was met may be a function: content that is no decoration, or a guard before it.
fn is_worth_a_try(answer: &HttpAnswer) -> bool {
    let media = answer.headers.get("content-type").map(|media| media.to_lowercase()).unwrap_or_default();
    match answer.status {
        200..=299 => answer.content && !DULL.iter().any(|dull| media.contains(dull)),
        401 | 403 => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, media: &str) -> HttpAnswer {
        let body = model::Digest::of(b"x");
        serde_json::from_value(json!({
            "endpoint": model::Endpoint::tcp("192.0.2.7".parse().unwrap(), 80), "tls": false, "method": "GET",
            "path": "/x", "status": status, "content": status == 200, "body": body,
            "headers": {"content-type": media},
        }))
        .unwrap()
    }

    #[test]
    fn decoration_is_no_function_and_what_is_guarded_may_be_one() {
        let tried = |status, media| is_worth_a_try(&answer(status, media));
        assert!(tried(200, "text/html") && tried(200, "application/json") && tried(401, "") && tried(403, ""));
        assert!(!tried(200, "text/css") && !tried(200, "image/png") && !tried(302, "text/html"));
    }
}
