use serde_json::json;

use super::super::Kind;
use super::*;

const YAML: &str = r"
openapi: 3.1.0
info: {title: Plug, version: '1'}
servers:
  - url: https://{host}/api/{v}
    variables: {host: {default: plug.example}, v: {default: v1}}
security: [{session: []}]
paths:
  /login:
    post:
      security: []
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Login'}
            examples: {one: {value: {user: a, password: b}}}
      responses: {'200': {description: ok}, '401': {description: no}}
  /rules/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: integer, minimum: 1, maximum: 9}}
      - {$ref: '#/components/parameters/Trace'}
    get:
      parameters: [{name: name, in: query, schema: {type: string, maxLength: 20}, example: x}]
      responses: {default: {description: any}}
    delete: {security: [{}, {session: []}]}
components:
  parameters:
    Trace: {name: X-Trace, in: header, schema: {type: string, format: uuid}}
  securitySchemes:
    session: {type: apiKey, in: cookie, name: sid}
  schemas:
    Login:
      type: object
      additionalProperties: false
      required: [user, password]
      properties:
        user: {type: string, minLength: 1}
        password: {type: string, format: password}
        mode: {type: string, enum: [a, b]}
        nested: {$ref: '#/components/schemas/Login'}
";

#[test]
fn routes_parameters_messages_and_access_are_read_from_yaml() {
    let read = read(YAML).unwrap();
    assert_eq!((read.title.as_str(), read.version.as_str(), read.notes.len()), ("Plug", "3.1.0", 0));
    let lines: Vec<_> = read.routes.iter().map(|route| format!("{} {}", route.method, route.path)).collect();
    assert_eq!(lines, ["POST /api/v1/login", "GET /api/v1/rules/{id}", "DELETE /api/v1/rules/{id}"]);
    let [login, get, delete] = &read.routes[..] else { panic!() };
    let body = login.body.as_ref().unwrap();
    assert!(body.is_json() && body.required && body.schema.closed);
    assert_eq!(body.example, Some(json!({"user": "a", "password": "b"})));
    assert_eq!(body.schema.required, ["user", "password"]);
    assert_eq!(body.schema.field("mode").unwrap().choices, [json!("a"), json!("b")]);
    assert_eq!(
        (&login.access, login.answers.as_slice()),
        (&Access::Open, ["200".to_owned(), "401".to_owned()].as_slice())
    );
    let told: Vec<_> = get.parameters.iter().map(|p| (p.name.as_str(), p.at, p.required)).collect();
    assert_eq!(told, [("name", At::Query, false), ("id", At::Path, true), ("X-Trace", At::Header, false)]);
    assert_eq!((get.parameters[1].schema.kind, get.parameters[1].schema.maximum), (Kind::Integer, Some(9.0)));
    assert_eq!(get.access, Access::Schemes(vec![vec!["session".to_owned()]]));
    assert_eq!(delete.access, Access::Open);
    assert_eq!(read.schemes, [Scheme { name: "session".to_owned(), kind: "apiKey cookie sid".to_owned() }]);
}

#[test]
fn json_gives_the_same_as_yaml() {
    let value = super::super::yaml::read(YAML).unwrap();
    assert_eq!(read(&value.to_string()).unwrap(), read(YAML).unwrap());
    assert_eq!(read(&format!("\u{feff}{value}")).unwrap().routes.len(), 3);
}

#[test]
fn what_is_no_description_is_told() {
    assert!(matches!(read("{"), Err(NoDescription::Unreadable(_))));
    assert_eq!(read("swagger: '2.0'"), Err(NoDescription::Other("OpenAPI 3.0 or 3.1")));
    assert_eq!(read(&" ".repeat((8 << 20) + 1)), Err(NoDescription::TooLarge(8)));
    let half = read(r#"{"openapi": "3.0.3", "paths": {"/a": 7, "/b": {"get": {"parameters": [3]}}}}"#).unwrap();
    assert_eq!((half.routes.len(), half.notes.len()), (1, 2));
}

#[test]
fn no_text_makes_it_panic() {
    let json = super::super::yaml::read(YAML).unwrap().to_string();
    crate::hostile::survives(json.as_bytes(), |bytes| read(&String::from_utf8_lossy(bytes)).is_ok());
    crate::hostile::survives(YAML.as_bytes(), |bytes| read(&String::from_utf8_lossy(bytes)).is_ok());
}
