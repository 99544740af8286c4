//! The interface for programs, through the real router: every answer against the schema that is documented for it.
#![allow(clippy::unwrap_used)]

#[path = "support/examples.rs"]
mod examples;
#[path = "support/programs.rs"]
mod programs;
mod support;

use std::collections::BTreeSet;

use axum::http::header;
use boon::{Compiler, Schemas};
use examples::{LAMP, example};
use programs::{Answer, Ask, Programs};
use serde_json::Value;
use support::{Crew, HOST};
use web::api::{Api, Tagged, refusals};
use web::{Access, Route, routes};
use workflow::people::Permission;

/// A checkpoint at which everything holds.
const CHECKPOINT: &str = "\n[[checkpoint]]\nname = \"kept\"\nholds = [\"recommended\"]\n";

/// A bench with one address, at which nothing answers.
const BENCH: &str = "[consent]\ntouches = \"active\"\nby = \"test\"\nuntil = \"2999-12-31\"\n\n[[target]]\n\
                     name = \"dut\"\naddress = \"127.0.0.1\"\ntcp-ports = \"9\"\n";

fn workspace() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let lamp = folder.path().join("lamp");
    app::folder::create(&lamp, &app::skeleton(model::Edition::default(), "Lamp")).unwrap();
    let toml = lamp.join("assay.toml");
    let text = std::fs::read_to_string(&toml).unwrap();
    std::fs::write(&toml, format!("{text}\n[[release]]\nversion = \"1.0\"\n{CHECKPOINT}")).unwrap();
    std::fs::write(lamp.join("bench.toml"), BENCH).unwrap();
    let photo = folder.path().join("photo.jpg");
    std::fs::write(&photo, b"a picture").unwrap();
    let draft = app::attach::Draft {
        file: photo,
        kind: "document".to_owned(),
        about: vec!["5.1-1".to_owned()],
        person: "Lena Vogt".to_owned(),
        role: "engineer".to_owned(),
        effective: None,
        place: None,
        remark: String::new(),
        key: None,
    };
    app::attach::attach(&lamp, draft, app::now()).unwrap();
    folder
}

/// Who asks: somebody alone, and about people, where somebody alone has none, the owner of a team.
struct Askers {
    alone: Programs,
    team: Programs,
    _folders: [tempfile::TempDir; 2],
}

impl Askers {
    fn new() -> Self {
        let folders = [workspace(), workspace()];
        let alone = Programs::new(folders[0].path(), &all());
        let crew = Crew::of(folders[1].path());
        let scopes: Vec<Permission> = all().into_iter().filter(|p| *p != Permission::OwnAccount).collect();
        let team = Self::owner(&crew, folders[1].path(), &scopes);
        Self { alone, team, _folders: folders }
    }

    fn owner(crew: &Crew, folder: &std::path::Path, scopes: &[Permission]) -> Programs {
        let token = crew.team.make_token(&"owner".parse().unwrap(), "test", scopes, 1, app::now()).unwrap();
        let session = crew.signs_in("owner").session;
        let mut owner = Programs::of(crew.router.clone(), folder, HOST, token);
        owner.session = session;
        owner
    }

    fn of(&self, route: &Route) -> &Programs {
        match route.path.starts_with("/api/v1/people") || route.path.starts_with("/api/v1/me/") {
            true => &self.team,
            false => &self.alone,
        }
    }
}

fn all() -> Vec<Permission> {
    Permission::all().collect()
}

fn operations() -> impl Iterator<Item = (&'static Route, &'static Api)> {
    routes().filter_map(|route| route.api.as_ref().map(|api| (route, api)))
}

/// Holds an answer against what is documented for its status.
struct Documented {
    document: Value,
    compiler: Compiler,
    schemas: Schemas,
}

impl Documented {
    fn new() -> Self {
        let document = web::api::openapi();
        let mut compiler = Compiler::new();
        compiler.add_resource("http://assay.test/openapi.json", document.clone()).unwrap();
        Self { document, compiler, schemas: Schemas::new() }
    }

    fn holds(&mut self, route: &Route, answer: &Answer) {
        let verb = route.verb.as_str().to_ascii_lowercase();
        let status = answer.status.as_u16().to_string();
        let at = format!("{} {} {status}", route.verb.as_str(), route.path);
        let response = &self.document["paths"][route.path][&verb]["responses"][&status];
        assert!(response.is_object(), "{at} is not documented: {}", answer.text());
        let kind = answer.header(header::CONTENT_TYPE);
        let Some(content) = response["content"].as_object() else {
            assert!(answer.bytes.is_empty(), "{at}");
            return;
        };
        assert!(content.contains_key(&kind), "{at} as {kind}");
        if kind.ends_with("json") {
            let path = route.path.replace('~', "~0").replace('/', "~1");
            let kind = kind.replace('/', "~1");
            let pointer = format!("/paths/{path}/{verb}/responses/{status}/content/{kind}/schema");
            let pointer = pointer.replace('{', "%7B").replace('}', "%7D");
            let schema = self
                .compiler
                .compile(&format!("http://assay.test/openapi.json#{pointer}"), &mut self.schemas)
                .unwrap_or_else(|e| panic!("{at}: {e:#}"));
            let value = answer.json();
            self.schemas
                .validate(&value, schema)
                .unwrap_or_else(|e| panic!("{at}: {e:#}\n{:.500}", value.to_string()));
        }
    }
}

#[tokio::test]
async fn every_operation_answers_as_it_is_documented() {
    let askers = Askers::new();
    let mut documented = Documented::new();
    // Whoever stated reviews no more, and a release that was entered later has no assessment yet: both come last.
    let (last, others): (Vec<_>, Vec<_>) =
        operations().partition(|(_, api)| ["addRelease", "state", "confirm", "closeWorking"].contains(&api.id));
    for (route, api) in others.into_iter().chain(last) {
        let programs = askers.of(route);
        let ask = example(programs, api.id).await;
        let answer = programs.ask(route.verb.as_str(), &ask).await;
        assert_eq!(answer.status.as_u16(), api.status, "{} {}: {}", api.id, ask.path, answer.text());
        documented.holds(route, &answer);
        assert_eq!(api.tagged != Tagged::No, answer.headers.contains_key(header::ETAG), "{}", api.id);
    }
}

#[tokio::test]
async fn every_refusal_is_a_problem_as_it_is_documented() {
    let askers = Askers::new();
    let nothing = Programs::new(&askers.alone.folder, &[]);
    let little = Askers::owner(&Crew::of_joined(&askers.team.folder), &askers.team.folder, &[Permission::Answer]);
    let mut documented = Documented::new();
    let mut seen = BTreeSet::new();
    for (route, api) in operations() {
        let verb = route.verb.as_str();
        let programs = askers.of(route);
        let good = example(programs, api.id).await;
        let mut refused = Vec::new();
        if route.access != Access::Anybody {
            for authorization in ["", "Bearer no", "Basic bm8=", "Bearer"] {
                let answer = programs.ask_as(verb, &good, authorization).await;
                assert_eq!(answer.header(header::WWW_AUTHENTICATE), "Bearer", "{}", api.id);
                refused.push((401, answer));
            }
        }
        if let Access::May(_) | Access::Somewhere(_) = route.access {
            let nothing = if std::ptr::eq(programs, &raw const askers.team) { &little } else { &nothing };
            refused.push((403, nothing.ask_as(verb, &good, &format!("Bearer {}", nothing.token)).await));
        }
        let join = if good.path.contains('?') { '&' } else { '?' };
        let query = Ask { path: format!("{}{join}nobody=1", good.path), ..good.clone() };
        refused.push((400, programs.ask(verb, &query).await));
        if route.path.contains("{product}") {
            let other = Ask { path: good.path.replace("/lamp", "/nothing"), ..good.clone() };
            refused.push((404, programs.ask(verb, &other).await));
        }
        if api.tagged == Tagged::Match {
            refused.push((412, programs.ask(verb, &good.clone().tag("\"none\"")).await));
            refused.push((428, programs.ask(verb, &good.clone().tag("")).await));
        }
        if !good.kind.is_empty() {
            refused.push((415, programs.ask(verb, &Ask { kind: "text/plain", ..good.clone() }).await));
            let large = Ask { body: vec![b' '; route.limit + 1], ..good.clone() };
            refused.push((413, programs.ask(verb, &large).await));
        }
        if good.kind == "application/json" {
            for body in ["", "[]", "{}}", "{\"nobody\": 1}", "\"\u{0}\""] {
                let bad = Ask { body: body.as_bytes().to_vec(), ..good.clone() };
                refused.push((400, programs.ask(verb, &bad).await));
            }
        }
        for (status, answer) in refused {
            assert_eq!(answer.status.as_u16(), status, "{} {}: {}", api.id, good.path, answer.text());
            assert!(refusals(route, api).contains(&status), "{} {status}", api.id);
            assert_eq!(answer.json()["status"], status);
            documented.holds(route, &answer);
            seen.insert(status);
        }
    }
    assert_eq!(seen, BTreeSet::from([400, 401, 403, 404, 412, 413, 415, 428]));
    let programs = &askers.alone;
    let unknown = programs.get("/api/v1/nothing").await;
    assert_eq!((unknown.status.as_u16(), unknown.json()["status"].as_u64()), (404, Some(404)));
    let other = programs.ask("DELETE", &Ask::of("/api/v1/me")).await;
    assert_eq!((other.status.as_u16(), other.json()["status"].as_u64()), (405, Some(405)));
}

#[tokio::test]
async fn two_who_save_the_same_file_lose_nothing_and_the_save_is_a_record() {
    let folder = workspace();
    let programs = Programs::new(folder.path(), &all());
    let at = format!("{LAMP}/files/assay.toml");
    let tag = programs.get(&at).await.header(header::ETAG);
    let text = std::fs::read_to_string(folder.path().join("lamp/assay.toml")).unwrap();
    let lines = || app::evidence::lines(&folder.path().join("lamp"), None, None, 2).unwrap();
    let before = lines().records;
    // An edit outside of the workspace is nobody's here.
    std::fs::write(folder.path().join("lamp/ics.toml"), "# by an editor\n").unwrap();
    let save = |name: &str| {
        let text = text.replace("Lamp", name);
        Ask::of(&at).bytes("application/toml", text.as_bytes()).tag(&tag)
    };
    assert_eq!(programs.ask("PUT", &save("Nightlight")).await.status.as_u16(), 200);
    let after = lines();
    assert_eq!(after.records, before + 2);
    let told: Vec<&str> = after.lines.iter().map(|line| line.about.as_str()).collect();
    assert_eq!(told, ["saved by Lena Vogt", "assay.toml"]);
    let second = programs.ask("PUT", &save("Torch")).await;
    assert_eq!((second.status.as_u16(), second.json()["place"].as_str()), (412, Some("If-Match")));
    assert!(std::fs::read_to_string(folder.path().join("lamp/assay.toml")).unwrap().contains("Nightlight"));
    let tag = programs.get(&at).await.header(header::ETAG);
    let broken = Ask::of(&at).bytes("application/toml", b"[product").tag(&tag);
    assert_eq!(programs.ask("PUT", &broken).await.status.as_u16(), 422);
    for path in ["..%2Fplug%2Fassay.toml", "%2Fetc%2Fpasswd", "bench.toml%00", ".assay%2Fledger.sqlite"] {
        let other = Ask::of(&format!("{LAMP}/files/{path}")).bytes("application/toml", b"").tag("\"0\"");
        assert_eq!(programs.ask("PUT", &other).await.status.as_u16(), 404, "{path}");
    }
}

#[tokio::test]
async fn a_blind_laboratory_is_told_no_verdict() {
    let folder = workspace();
    let sees = [Permission::SeeDeclared, Permission::State, Permission::Answer];
    let blind = Programs::new(folder.path(), &sees);
    for (route, api) in operations().filter(|(route, _)| route.verb == web::Verb::Get) {
        let whole = Programs::new(folder.path(), &all());
        let ask = example(&whole, api.id).await;
        let answer = blind.ask_as("GET", &ask, &format!("Bearer {}", blind.token)).await;
        match route.access {
            Access::May(permission) | Access::Somewhere(permission) if !sees.contains(&permission) => {
                assert_eq!(answer.status.as_u16(), 403, "{}", api.id);
            }
            _ => {
                let text = answer.text();
                let told = ["\"outcome\"", "\"mandatory\":\"", "\"findings\":0", "\"blocked_by\":\"", "\"works\""];
                assert!(api.id == "describe" || told.iter().all(|t| !text.contains(t)), "{}: {text}", api.id);
            }
        }
    }
}

#[tokio::test]
async fn a_list_is_told_in_parts_that_follow_on_each_other() {
    let folder = workspace();
    let programs = Programs::new(folder.path(), &all());
    let (mut ids, mut next) = (Vec::new(), Some(0));
    while let Some(cursor) = next {
        let part = programs.get(&format!("{LAMP}/provisions?limit=30&cursor={cursor}")).await.json();
        assert_eq!(part["total"], 78);
        ids.extend(part["items"].as_array().unwrap().iter().map(|item| item["id"].to_string()));
        next = part["next"].as_u64();
    }
    assert_eq!((ids.len(), ids.iter().collect::<BTreeSet<_>>().len()), (78, 78));
    let whole = programs.get(&format!("{LAMP}/assessment")).await.json();
    let one = programs.get(&format!("{LAMP}/provisions/5.1-1")).await.json();
    let same = whole["clauses"].as_array().unwrap().iter().flat_map(|c| c["provisions"].as_array().unwrap());
    assert!(same.into_iter().any(|provision| *provision == one));
}

#[test]
fn the_page_about_the_interface_lists_every_operation() {
    let at = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/api.md");
    let page = std::fs::read_to_string(&at).unwrap();
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| `")).collect();
    let expected: Vec<String> = operations()
        .map(|(route, api)| {
            let needs = match route.access {
                Access::Anybody => "anybody".to_owned(),
                Access::SignedIn => "any token".to_owned(),
                Access::May(permission) | Access::Somewhere(permission) => format!("`{permission}`"),
            };
            let refused: Vec<String> = api.refuses.iter().map(ToString::to_string).collect();
            let path = route.path.trim_start_matches("/api/v1");
            let verb = route.verb.as_str();
            format!("| `{verb} {path}` | {needs} | {} | {} |", api.about, refused.join(", "))
                .replace("|  |", "| |")
        })
        .collect();
    if std::env::var_os("ASSAY_WRITE").is_some() {
        let head: Vec<&str> = page.lines().take_while(|line| !line.starts_with("| `")).collect();
        std::fs::write(&at, format!("{}\n{}\n", head.join("\n"), expected.join("\n"))).unwrap();
        return;
    }
    assert_eq!(rows, expected, "ASSAY_WRITE=1 writes them");
}
