//! Inputs from a description of the interface or a recording of its use.

use wire::api::{Access, At, Route, Schema, is_form, is_json, is_xml, sample};

use super::super::exchange::Server;
use super::{Input, Limit};

/// Values deeper than this are not limited one by one.
const MOST_DEPTH: usize = 4;

/// One input for each route with a method that is tried; routes without any field are only asked for their guard.
/// Deleting is left out: what it takes away nobody can put back.
pub fn inputs_of(server: &Server, routes: &[Route]) -> Vec<Input> {
    let tried = routes.iter().filter(|route| ["GET", "PUT", "POST", "PATCH"].contains(&route.method.as_str()));
    tried.map(|route| input(server, route)).collect()
}

fn input(server: &Server, route: &Route) -> Input {
    let body = route.body.as_ref();
    let example = body.map(|body| match &body.example {
        Some(serde_json::Value::String(text)) if !is_json(&body.media) && !is_form(&body.media) => text.clone(),
        example => {
            let value = example.clone().unwrap_or_else(|| sample::value(&body.schema, true));
            written(&body.media, &value)
        }
    });
    let mut limits = Vec::new();
    let mut headers = Vec::new();
    for parameter in &route.parameters {
        let name = match parameter.at {
            At::Path => format!("{{{}}}", parameter.name),
            At::Query => format!("?{}", parameter.name),
            At::Header => format!("{}:", parameter.name),
            // A cookie carries the session; other values in it are rare.
            At::Cookie => continue,
        };
        limits.push(Limit::of(name, &parameter.schema));
        if parameter.at == At::Header {
            let value = parameter.example.clone().unwrap_or_else(|| sample::value(&parameter.schema, false));
            headers.push((parameter.name.clone(), sample::plain(&value)));
        }
    }
    if let Some(body) = body {
        inner(&body.schema, &mut Vec::new(), &mut limits);
    }
    Input {
        example: example.unwrap_or_default(),
        media: body.map(|body| body.media.clone()).unwrap_or_default(),
        template: route.path.clone(),
        headers,
        limits,
        guarded: matches!(route.access, Access::Schemes(_)),
        answers: route.answers.clone(),
        ..Input::plain(server, format!("{} {}", route.method, sample::target(route, true)))
    }
}

fn written(media: &str, value: &serde_json::Value) -> String {
    let pairs =
        || value.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), sample::plain(value)));
    if is_form(media) {
        wire::http::form_urlencoded(&pairs().collect::<Vec<_>>())
    } else if is_xml(media) {
        let inner: String = pairs().map(|(name, value)| format!("<{name}>{value}</{name}>")).collect();
        format!("<root>{inner}</root>")
    } else {
        value.to_string()
    }
}

fn inner(schema: &Schema, path: &mut Vec<String>, limits: &mut Vec<Limit>) {
    for (name, field) in &schema.fields {
        path.push(name.clone());
        match path.len() < MOST_DEPTH && !field.fields.is_empty() {
            true => inner(field, path, limits),
            false => limits.push(Limit::of(path.join("."), field)),
        }
        path.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "
openapi: 3.0.3
paths:
  /rules/{id}:
    put:
      security: [{key: []}]
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer, minimum: 1}}
        - {name: X-Mode, in: header, schema: {type: string, enum: [slow]}}
      requestBody:
        content: {application/json: {schema: {type: object, properties: {level: {type: integer, maximum: 5}}}}}
      responses: {'200': {description: ok}}
    delete: {}
  /form:
    post:
      requestBody:
        content: {application/x-www-form-urlencoded: {schema: {properties: {a: {type: string, example: x y}}}}}
";

    #[test]
    fn a_route_becomes_a_request_with_its_limits() {
        let endpoint = model::Endpoint::tcp("192.0.2.7".parse().unwrap(), 80);
        let server = Server { endpoint, tls: false, host: None };
        let routes = wire::api::openapi::read(TEXT).unwrap().routes;
        let [put, post] = &inputs_of(&server, &routes)[..] else { panic!() };
        assert_eq!((put.request.as_str(), put.template.as_str()), ("PUT /rules/1", "/rules/{id}"));
        assert_eq!((put.example.as_str(), put.guarded), (r#"{"level":1}"#, true));
        assert_eq!(put.headers, [("X-Mode".to_owned(), "slow".to_owned())]);
        let told: Vec<_> = put.limits.iter().map(|l| (l.field.as_str(), l.least, l.greatest)).collect();
        assert_eq!(told, [("{id}", Some(1.0), None), ("X-Mode:", None, None), ("level", None, Some(5.0))]);
        assert_eq!((post.request.as_str(), post.example.as_str()), ("POST /form", "a=x+y"));
    }
}
