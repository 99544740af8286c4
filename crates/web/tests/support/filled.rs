//! A workspace with something on every page: products that were imported, stated, judged and reviewed about, and one
//! that was only begun. Nothing is measured for it.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

use std::path::Path;

use app::demo::SAMPLE;
use app::guided::{Desk, Upload, guide_in};
use app::{assess, attach, import, release, requests, state, tasks};
use model::{Timestamp, Verdict};

const SCAN: &str = include_str!("../../../probes/src/import/samples/nmap.xml");

/// A folder of products: `plug` has a history over two releases, `lamp` is new.
pub fn workspace() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    plug(&folder.path().join("plug"));
    let lamp = folder.path().join("lamp");
    super::dossier(&lamp, "Lamp");
    at_the_bench(folder.path(), "lamp");
    // An entry that says nothing yet, so that the linter has notes.
    let table = lamp.join("ixit/1-AuthMech.toml");
    let text = std::fs::read_to_string(&table).unwrap();
    std::fs::write(&table, format!("{text}\n[[AuthMech]]\nID = \"AuthMech-1\"\nDescription = \"TBD\"\n")).unwrap();
    folder
}

/// A unit that was begun at the bench, with a file.
fn at_the_bench(workspace: &Path, product: &str) {
    let at = workspace.join(product);
    let (_, guide) = guide_in(&at, "5.9-2-2a", None).unwrap();
    let log =
        Upload { kind: "log".into(), name: "boot.log".into(), bytes: b"[0.0] booted\n".to_vec(), step: Some(1) };
    let desk = Desk::open(workspace).unwrap();
    desk.attach(product, &at, &guide, log, "Lena Vogt", app::now()).unwrap();
}

/// The sample product with records of every kind that needs no bench.
pub fn plug(at: &Path) {
    let sources: Vec<_> = SAMPLE
        .iter()
        .map(|(path, text)| dossier::SourceText { path: (*path).into(), text: (*text).into() })
        .collect();
    app::folder::create(at, &sources).unwrap();
    let began = app::now().millis() - 3_600_000;
    let moment = |minute: i64| Timestamp::from_millis(began + 60_000 * minute);
    let file = |name: &str, text: &str| {
        let file = at.join(".assay").join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text).unwrap();
        file
    };
    stated(at, "5.1-1-1a", Some("AuthMech-Web"), Verdict::Pass, moment(1));
    assess::record(at, moment(2)).unwrap();
    release::add(at, release::Draft { version: "1.4.3".into(), ..Default::default() }, moment(3)).unwrap();
    let scan = file("scan.xml", &SCAN.replace("192.0.2.7", "127.0.77.1"));
    import::import(at, &scan, &import::Draft::default(), moment(4)).unwrap();
    stated(at, "5.1-1-1a", Some("AuthMech-Web"), Verdict::Fail, moment(5));
    let photo = attach::Draft {
        file: file("label.jpg", "what the camera saw"),
        kind: "photo".into(),
        about: vec!["5.1-1".into()],
        person: "A. Laborant".into(),
        role: "test laboratory".into(),
        effective: None,
        place: None,
        remark: "The label on the product.".into(),
        key: None,
    };
    attach::attach(at, photo, moment(6)).unwrap();
    assess::record(at, moment(7)).unwrap();
    let (_, listed) = tasks::record(at, moment(8)).unwrap();
    let open = &listed.tasks.iter().find(|told| told.task.is_open()).unwrap().task.id;
    let ask = requests::ask_of_task(at, open, "K. Lieferant", moment(9)).unwrap().unwrap();
    requests::ask(at, &[ask], true, "A. Laborant", moment(9)).unwrap();
}

/// A person decides a unit, for each entry that it ranges over.
fn stated(at: &Path, unit: &str, entry: Option<&str>, verdict: Verdict, when: Timestamp) {
    let draft = state::Draft {
        unit: unit.to_owned(),
        entry: entry.map(str::to_owned),
        person: "A. Laborant".to_owned(),
        role: "test laboratory".to_owned(),
        verdict: Some(verdict),
        reasoning: "Read, and held against what the product does.".to_owned(),
        ..state::Draft::default()
    };
    state::state(at, draft, when).unwrap();
}
