//! A ledger in PostgreSQL as a user has it: moved there and back, used by every verb, interrupted, by two at once.
#![allow(clippy::unwrap_used)]

mod program;

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use program::Bench;
use serde_json::Value;
use testkit::servers::Postgres;
use testkit::{Server, Site, ready};

fn server() -> Option<Server> {
    ready(Postgres::default().start(&Site::loopback()))
}

fn bench() -> Bench {
    Bench::new().with("PGPASSWORD", Postgres::PASSWORD)
}

fn answers(bench: &Bench, folder: &str) -> Vec<String> {
    let run = |arguments: &[&str]| bench.done(&[&["ledger", "--folder", folder], arguments].concat());
    let judged = bench.run(&["judge", folder, "--format", "json", "--at", "2031-01-01"]).data;
    bench.done(&["bundle", folder, "--out", "kept.assay"]);
    let bundle = ledger::Digest::of(&fs::read(bench.path("kept.assay")).unwrap()).to_string();
    let verified = bench.run(&["verify", "kept.assay"]);
    fs::remove_file(bench.path("kept.assay")).unwrap();
    vec![
        bench.done(&["records", folder, "--json"]),
        run(&["checkpoint"]),
        run(&["show", "2"]),
        run(&["prove", "1"]),
        judged,
        bundle,
        format!("{} {}", verified.exit, verified.data),
    ]
}

fn records(bench: &Bench, folder: &str) -> usize {
    let listed: Value = serde_json::from_str(&bench.done(&["records", folder, "--json"])).unwrap();
    listed["records"].as_array().unwrap().len()
}

#[test]
fn the_demonstration_moves_into_postgresql_and_back_and_every_answer_stays() {
    let Some(server) = server() else { return };
    let (bench, url) = (bench(), Postgres::url(&server));
    let demo = bench.run(&["demo", "--dir", "d", "--fault", "none"]);
    assert!([0, 10, 11].contains(&demo.exit), "{}: {}", demo.exit, demo.said);
    let before = answers(&bench, "d");
    let moved = bench.run(&["ledger", "move", "--to", &url, "--folder", "d"]);
    assert_eq!(moved.exit, 0, "{}", moved.said);
    assert!(moved.said.contains("the same as before"), "{}", moved.said);
    assert_eq!(answers(&bench, "d"), before);
    // What is there now is what is used: the former files are not needed, and nothing can be appended to them.
    let pointer = fs::read_to_string(bench.path("d/.assay/database.toml")).unwrap();
    assert!(pointer.contains(&url) && !pointer.contains(Postgres::PASSWORD), "{pointer}");
    let former = rusqlite::Connection::open(bench.path("d/.assay/ledger.sqlite")).unwrap();
    let copy = "INSERT INTO leaf SELECT max(seq) + 1, kind, recorded_at, body, leaf_hash FROM leaf";
    let refused = former.execute(copy, []).unwrap_err().to_string();
    assert!(refused.contains("goes on in") && refused.contains("#d"), "{refused}");
    drop(former);
    fs::rename(bench.path("d/.assay/ledger.sqlite"), bench.path("former.sqlite")).unwrap();
    fs::rename(bench.path("d/.assay/blobs"), bench.path("former-blobs")).unwrap();
    assert_eq!(answers(&bench, "d"), before);
    // Every verb that records does so there.
    let size = records(&bench, "d");
    bench.run(&["judge", "d"]);
    bench.done(&["ledger", "verify", "--folder", "d"]);
    bench.done(&["ledger", "rebuild", "--folder", "d"]);
    let recorded = answers(&bench, "d");
    assert!(records(&bench, "d") >= size);
    let again = bench.run(&["ledger", "move", "--to", &url, "--folder", "d"]);
    assert!(again.exit == 0 && again.said.contains(" 0 records and 0 files"), "{}", again.said);
    let back = bench.run(&["ledger", "move", "--to", "sqlite", "--folder", "d"]);
    assert_eq!(back.exit, 0, "{}", back.said);
    assert!(!bench.path("d/.assay/database.toml").exists());
    drop(server);
    assert_eq!(answers(&bench, "d"), recorded);
}

#[test]
fn a_ledger_goes_back_and_forth_over_what_was_left_there_and_is_never_forked() {
    let Some(server) = server() else { return };
    let (bench, url) = (bench(), Postgres::url(&server));
    assert_eq!(bench.state(&[]).exit, 0);
    let to = |place: &str| bench.run(&["ledger", "move", "--to", place, "--folder", "plug"]);
    let state = |expected: usize| {
        let said = bench.state(&[]);
        assert_eq!(said.exit, 0, "{}", said.said);
        assert_eq!(records(&bench, "plug"), expected);
    };
    let size = records(&bench, "plug");
    assert_eq!(to(&url).exit, 0);
    state(size + 1);
    assert_eq!(to("sqlite").exit, 0);
    state(size + 2);
    assert_eq!(to(&url).exit, 0);
    state(size + 3);
    // Without the file that says where it is, the former ledger is there, and closed.
    let pointer = bench.path("plug/.assay/database.toml");
    let kept = fs::read_to_string(&pointer).unwrap();
    fs::remove_file(&pointer).unwrap();
    let refused = bench.state(&[]);
    assert!(refused.exit != 0 && refused.said.contains("goes on in"), "{}", refused.said);
    let refused = to("sqlite");
    assert!(refused.exit != 0 && refused.said.contains("instead of"), "{}", refused.said);
    let refused = to(&url);
    assert!(refused.exit != 0 && refused.said.contains("instead of"), "{}", refused.said);
    fs::write(&pointer, kept).unwrap();
    state(size + 4);
    // Another product of the same name is another ledger.
    fs::create_dir(bench.path("other")).unwrap();
    copy(&bench.path("plug"), &bench.path("other/plug"));
    fs::remove_dir_all(bench.path("other/plug/.assay")).unwrap();
    let other =
        |place: &[&str]| bench.run(&[&["ledger", "move", "--folder", "other/plug", "--to", &url], place].concat());
    let stated = ["state", "5.2-2-1a", "--folder", "other/plug", "--entry", "VulnTypes-Firmware"];
    let why = ["--verdict", "pass", "--because", "read", "--by", "T"];
    assert_eq!(bench.run(&[&stated[..], &why[..]].concat()).exit, 0);
    let refused = other(&[]);
    assert!(refused.exit != 0 && refused.said.contains("--ledger NAME"), "{}", refused.said);
    assert_eq!(other(&["--ledger", "other plug"]).exit, 0);
    state(size + 5);
    let with_password = url.replace("@", ":geheim@");
    let refused = to(&with_password);
    assert!(refused.exit != 0 && refused.said.contains("PGPASSWORD"), "{}", refused.said);
    assert!(!refused.said.contains("geheim"), "{}", refused.said);
    drop(server);
    let refused = bench.state(&[]);
    assert!(refused.exit != 0 && refused.said.contains("reach the database"), "{}", refused.said);
}

/// The documents of the workspace: collection, key, version, bytes.
fn documents(bench: &Bench) -> Vec<(String, String, i64, Vec<u8>)> {
    let kept = rusqlite::Connection::open(bench.path(".assay/workspace.sqlite")).unwrap();
    let mut all = kept.prepare("SELECT collection, key, version, bytes FROM document ORDER BY 1, 2").unwrap();
    let rows = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn a_workspace_moves_as_one_with_what_is_kept_beside_its_ledgers() {
    let Some(server) = server() else { return };
    let (bench, url) = (bench(), Postgres::url(&server));
    assert_eq!(bench.state(&[]).exit, 0);
    copy(&bench.path("plug"), &bench.path("never recorded"));
    fs::remove_dir_all(bench.path("never recorded/.assay")).unwrap();
    let invite = |account: &str, person: &str| {
        bench.done(&["people", "invite", account, "--person", person, "--role", "owner", "--by", "T"])
    };
    invite("anna", "Anna Beispiel");
    let told = || {
        let checkpoint = bench.done(&["ledger", "checkpoint", "--folder", "plug"]);
        [bench.done(&["people", "list", "--json"]), bench.done(&["records", "plug", "--json"]), checkpoint]
    };
    let (before, kept) = (told(), documents(&bench));
    assert!(!kept.is_empty());
    let moved = bench.run(&["ledger", "move", "--to", &url, "--folder", "."]);
    assert_eq!(moved.exit, 0, "{}", moved.said);
    assert!(moved.said.contains(&format!("Beside it, {} documents moved along", kept.len())), "{}", moved.said);
    assert!(bench.path(".assay/database.toml").exists() && !bench.path("never recorded/.assay").exists());
    assert_eq!(told(), before);
    fs::remove_file(bench.path(".assay/workspace.sqlite")).unwrap();
    let back = bench.run(&["ledger", "move", "--to", "sqlite", "--folder", "."]);
    assert_eq!(back.exit, 0, "{}", back.said);
    assert_eq!((told(), documents(&bench)), (before, kept));
    let several = bench.run(&["ledger", "move", "--to", &url, "--ledger", "one", "--folder", "."]);
    assert!(several.exit != 0 && several.said.contains("there are several"), "{}", several.said);
    assert_eq!(bench.run(&["ledger", "move", "--to", &url, "--folder", "."]).exit, 0);
    invite("bert", "Bert Beispiel");
    let people = bench.done(&["people", "list", "--json"]);
    assert!(people.contains("anna") && people.contains("bert"), "{people}");
}

#[test]
fn serving_from_a_database_begins_ledgers_there_and_moves_none_by_itself() {
    let Some(server) = server() else { return };
    let (bench, url) = (bench(), Postgres::url(&server));
    assert_eq!(bench.state(&[]).exit, 0);
    let serve = ["serve", ".", "--database", &url];
    let refused = bench.run(&serve);
    assert!(refused.exit != 0 && refused.said.contains("assay ledger move --to"), "{}", refused.said);
    assert_eq!(bench.run(&["ledger", "move", "--to", &url, "--folder", "."]).exit, 0);
    copy(&bench.path("plug"), &bench.path("camera"));
    fs::remove_dir_all(bench.path("camera/.assay")).unwrap();
    let mut serving = start(&bench, &serve);
    let begun = bench.path("camera/.assay/database.toml");
    for _ in 0..200 {
        if begun.exists() {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    serving.kill().unwrap();
    serving.wait().unwrap();
    let pointer = fs::read_to_string(begun).unwrap();
    assert!(pointer.contains("ledger = \"camera\""), "{pointer}");
    let stated = ["state", "5.2-2-1a", "--folder", "camera", "--entry", "VulnTypes-Firmware"];
    bench.done(&[&stated[..], &["--verdict", "pass", "--because", "read", "--by", "T"]].concat());
    assert!(!bench.path("camera/.assay/ledger.sqlite").exists());
    bench.done(&["ledger", "verify", "--folder", "camera"]);
}

/// Does something in the database as its owner, the guards of the tables switched off.
fn behind_its_back(url: &str, statement: &str) {
    let told = Command::new("psql")
        .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", statement])
        .env("PGPASSWORD", Postgres::PASSWORD)
        .output()
        .unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
}

#[test]
fn a_record_that_was_altered_in_the_database_is_told_at_the_next_page_about_another_one() {
    let Some(server) = server() else { return };
    let (bench, url) = (bench(), Postgres::url(&server));
    for _ in 0..2 {
        assert_eq!(bench.state(&[]).exit, 0);
    }
    assert_eq!(bench.run(&["ledger", "move", "--to", &url, "--folder", "plug"]).exit, 0);
    let said = fs::File::create(bench.path("said")).unwrap();
    let mut serving = Command::new(env!("CARGO_BIN_EXE_assay"))
        .args(["serve", "plug"])
        .current_dir(bench.path("."))
        .env("PGPASSWORD", Postgres::PASSWORD)
        .stdout(said)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let link = (0..200).find_map(|_| {
        std::thread::sleep(Duration::from_millis(50));
        let told = fs::read_to_string(bench.path("said")).unwrap();
        told.split_whitespace().find(|word| word.contains("/enter?")).map(str::to_owned)
    });
    let link = link.unwrap();
    let base = link.split("/enter?").next().unwrap();
    let jar = bench.path("jar").to_string_lossy().into_owned();
    let get = |url: &str| {
        let told = Command::new("curl").args(["-s", "-b", &jar, "-c", &jar, url]).output().unwrap();
        String::from_utf8(told.stdout).unwrap()
    };
    get(&link);
    let last = records(&bench, "plug") - 1;
    let page = format!("{base}/p/plug/records/{last}");
    let heading = format!("<h1>Record {last}</h1>");
    let sound = get(&page);
    behind_its_back(
        &url,
        "SET search_path = assay_ledger_plug; ALTER TABLE leaf DISABLE TRIGGER ALL; \
         UPDATE leaf SET body = set_byte(body, 40, 255 - get_byte(body, 40)) WHERE seq = 0",
    );
    let altered = get(&page);
    serving.kill().unwrap();
    serving.wait().unwrap();
    assert!(sound.contains(&heading), "{sound}");
    assert!(!altered.contains(&heading) && altered.contains("verify"), "{altered}");
}

#[test]
fn killed_moves_lose_nothing_and_end_when_they_are_done_again_and_writers_meanwhile_are_told() {
    let Some(server) = server() else { return };
    let (bench, url) = (bench(), Postgres::url(&server));
    for _ in 0..8 {
        assert_eq!(bench.state(&[]).exit, 0);
    }
    let mut expected = records(&bench, "plug");
    for (round, millis) in [30, 90, 150, 210, 270, 330, 400, 500].into_iter().enumerate() {
        let place = if round % 2 == 0 { url.as_str() } else { "sqlite" };
        let mut moving = start(&bench, &["ledger", "move", "--to", place, "--folder", "plug"]);
        let meanwhile = bench.state(&[]);
        let told = meanwhile.said.contains("goes on in");
        assert!(meanwhile.exit == 0 || told, "{}", meanwhile.said);
        expected += usize::from(meanwhile.exit == 0);
        std::thread::sleep(Duration::from_millis(millis));
        moving.kill().unwrap();
        moving.wait().unwrap();
        assert_eq!(records(&bench, "plug"), expected, "round {round}");
        bench.done(&["ledger", "verify", "--folder", "plug"]);
        let ended = bench.run(&["ledger", "move", "--to", place, "--folder", "plug"]);
        assert_eq!(ended.exit, 0, "{}", ended.said);
        assert_eq!(bench.state(&[]).exit, 0);
        expected += 1;
        assert_eq!(records(&bench, "plug"), expected, "round {round}");
    }
    // And two who record at once, there.
    assert_eq!(bench.run(&["ledger", "move", "--to", &url, "--folder", "plug"]).exit, 0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| (0..5).for_each(|_| assert_eq!(bench.state(&[]).exit, 0)));
        }
    });
    assert_eq!(records(&bench, "plug"), expected + 10);
    bench.done(&["ledger", "verify", "--folder", "plug"]);
}

fn start(bench: &Bench, arguments: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
    command.args(arguments).current_dir(bench.path("")).env("PGPASSWORD", Postgres::PASSWORD);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to.join(entry.file_name())),
            false => drop(fs::copy(entry.path(), to.join(entry.file_name())).unwrap()),
        }
    }
}
