//! schemathesis, against a server that really listens: it makes requests up from the OpenAPI document and tries them.
//!
//! It is looked for on the path and beside the kept tools; `ASSAY_EXAMPLES` says how many requests an operation
//! gets, and then it follows answers to further operations as well, which takes minutes.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use app::people::{Newcomer, Permission, Role, Team};
use app::workspace::Workspace;
use web::{Doors, Site, router};

/// Requests made up for each operation, each way.
const EXAMPLES: &str = "6";

fn tool() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let named = std::env::var_os("ASSAY_SCHEMATHESIS").map(PathBuf::from);
    let kept = PathBuf::from("/opt/peers/bin/schemathesis");
    let ours = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/xtask/schemathesis/bin/schemathesis");
    let found = std::env::split_paths(&path).map(|folder| folder.join("schemathesis"));
    named.into_iter().chain(found).chain([ours, kept]).find(|at| at.is_file())
}

/// The workspace of a team, and the token of its owner: with everything that a token may have.
fn owner(folder: &Path, host: &str) -> (axum::Router, String) {
    let team = Arc::new(Team::open(folder).unwrap());
    let account = "owner".parse().unwrap();
    let newcomer = Newcomer { account, person: "Lena Vogt".to_owned(), role: Role::Owner, product: None };
    let link = team.invite(&newcomer, "Lena Vogt", app::now()).unwrap();
    team.accept(&link.secret, "kettle marble oboe", "test", "test", app::now()).unwrap();
    let scopes: Vec<Permission> = Permission::all().filter(|scope| *scope != Permission::OwnAccount).collect();
    let token = team.make_token(&newcomer.account, "test", &scopes, 1, app::now()).unwrap();
    let doors = Doors::team(team, &format!("http://{host}"), Vec::new()).unwrap();
    (router(Site::new(Workspace::open(folder).unwrap(), doors)), token)
}

#[test]
fn schemathesis_finds_nothing() {
    let missing = || testkit::StartError::Missing {
        program: "schemathesis".to_owned(),
        package: "python3-venv; `cargo xtask setup` takes the rest from PyPI".to_owned(),
    };
    let Some(tool) = testkit::ready(tool().ok_or_else(missing)) else { return };
    let folder = tempfile::tempdir().unwrap();
    let lamp = folder.path().join("lamp");
    app::folder::create(&lamp, &app::skeleton(model::Edition::default(), "Lamp")).unwrap();
    app::assess::record(&lamp, app::now()).unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let (router, token) = owner(folder.path(), &host);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.spawn(async move {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        axum::serve(listener, router).await.unwrap();
    });
    let asked = std::env::var("ASSAY_EXAMPLES");
    let (whole, examples) = (asked.is_ok(), asked.unwrap_or_else(|_| EXAMPLES.to_owned()));
    // It writes no TOML by itself.
    let hooks = "import schemathesis\n\n\n@schemathesis.serializer('application/toml')\n\
                 def toml(context, value):\n    return value if isinstance(value, bytes) else str(value).encode()\n";
    std::fs::write(folder.path().join("hooks.py"), hooks).unwrap();
    let config = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/schemathesis.toml");
    let ran = Command::new(tool)
        .arg("--config-file")
        .arg(config)
        .args(["run", &format!("http://{host}/api/v1/openapi.json"), "--no-color", "--seed", "1"])
        // What only a browser's session looks at.
        .args(["--exclude-operation-id", "listSessions", "--exclude-operation-id", "listTokens"])
        .args(["--max-examples", &examples, "--continue-on-failure", "--warnings", "off"])
        .args(["-H", &format!("Authorization: Bearer {token}")])
        .args(["--phases", if whole { "examples,coverage,fuzzing,stateful" } else { "examples,coverage,fuzzing" }])
        .env("SCHEMATHESIS_HOOKS", "hooks")
        .env("PYTHONPATH", folder.path())
        .current_dir(folder.path())
        .output()
        .unwrap();
    let (said, told) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{said}\n{told}");
    assert!(said.contains("No issues found") || said.contains("passed"), "{said}");
}
