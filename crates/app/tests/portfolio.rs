//! Where products stand, kept for pages over many: never told of one that was not looked at, or has changed since.
#![allow(clippy::unwrap_used)]

mod workspace;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use app::workspace::{Standing, Workspace};

/// Longer than any look takes.
const LONG: Duration = Duration::from_secs(300);

/// A folder of products with a decision of a person each.
fn products(names: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in names {
        let one = workspace::Workspace::sample();
        one.stated("5.1-1-1a", Some("AuthMech-Web"), app::now());
        copy(one.path(), &folder.path().join(name));
    }
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        match entry.path().is_dir() {
            true => copy(&entry.path(), &to.join(entry.file_name())),
            false => drop(fs::copy(entry.path(), to.join(entry.file_name())).unwrap()),
        }
    }
}

/// Where a letter of each record lies, and of copies that lay there before.
fn payloads(bytes: &[u8]) -> Vec<usize> {
    let found = bytes.windows(9).enumerate().filter(|(_, window)| *window == b"\"payload\"");
    let found: Vec<usize> = found.map(|(at, _)| at + 40).collect();
    assert!(!found.is_empty());
    found
}

/// Changes a letter of every record, wherever one lies in the file or lay before, and sets the time of the file back.
fn alter(at: &Path) {
    let (mut bytes, time) = (fs::read(at).unwrap(), fs::metadata(at).unwrap().modified().unwrap());
    for place in payloads(&bytes) {
        let letter = &mut bytes[place];
        *letter = if *letter == b'A' { b'B' } else { b'A' };
    }
    fs::write(at, bytes).unwrap();
    fs::File::options().write(true).open(at).unwrap().set_modified(time).unwrap();
}

fn opened(folder: &Path) -> (Arc<Workspace>, Vec<String>) {
    let workspace = Arc::new(Workspace::open(folder).unwrap());
    let names = workspace.products().unwrap();
    (workspace, names)
}

fn one(workspace: &Arc<Workspace>, product: &str) -> Arc<Standing> {
    workspace.current(&[product.to_owned()], LONG).remove(0)
}

#[test]
fn nothing_is_said_of_a_product_that_was_not_looked_at_and_the_looks_go_on() {
    let folder = products(&["plug-2", "plug-10"]);
    let (workspace, names) = opened(folder.path());
    assert_eq!(names, ["plug-2", "plug-10"]);
    for standing in workspace.portfolio().unwrap() {
        assert_eq!(*standing, Standing::not_yet(&standing.product));
        assert!(standing.at.is_none() && standing.current().is_none() && standing.unreadable.is_none());
    }
    // Whoever does not wait has asked for it nevertheless.
    for standing in workspace.current(&names, Duration::ZERO) {
        assert!(standing.at.is_some() || standing.releases.is_empty());
    }
    let looked_at = || workspace.portfolio().unwrap().iter().all(|standing| standing.at.is_some());
    let until = std::time::Instant::now() + LONG;
    while !looked_at() && std::time::Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
    }
    let standings = workspace.portfolio().unwrap();
    assert!(standings.iter().all(|standing| standing.current().is_some()));
    assert_eq!(standings.iter().map(|s| s.product.as_str()).collect::<Vec<_>>(), names);
}

#[test]
fn a_changed_dossier_is_not_told_by_where_it_stood_before() {
    let folder = products(&["lamp", "plug"]);
    let (workspace, _) = opened(folder.path());
    workspace.refresh().unwrap();
    let before = one(&workspace, "lamp");
    let at = folder.path().join("lamp/assay.toml");
    let text = fs::read_to_string(&at).unwrap();
    fs::write(&at, text.replace(&before.name, "Nightlight")).unwrap();
    assert_eq!(one(&workspace, "lamp").name, "Nightlight");
    fs::remove_file(&at).unwrap();
    assert_eq!(workspace.products().unwrap(), ["plug"]);
    assert_eq!(workspace.portfolio().unwrap().len(), 1);
    // Back again, it is looked at again.
    fs::write(&at, text).unwrap();
    assert!(workspace.portfolio().unwrap()[0].at.is_none());
}

#[test]
fn a_byte_that_changed_in_a_ledger_after_it_was_looked_at_is_told_although_its_time_was_set_back() {
    let folder = products(&["plug"]);
    let (workspace, _) = opened(folder.path());
    workspace.refresh().unwrap();
    assert!(one(&workspace, "plug").unreadable.is_none());
    alter(&folder.path().join("plug/.assay/ledger.sqlite"));
    let told = one(&workspace, "plug");
    assert!(told.current().is_none(), "{told:?}");
    assert!(told.unreadable.as_deref().unwrap().contains("verify"), "{told:?}");
    assert!(workspace.snapshot("plug").is_err());
}

#[test]
fn what_waits_for_a_person_is_known_of_every_product() {
    let folder = products(&["plug"]);
    let at = folder.path().join("plug");
    let (_, listed) = app::tasks::record(&at, app::now()).unwrap();
    let open: Vec<_> = listed.tasks.iter().filter(|told| told.task.is_open()).take(12).collect();
    for told in &open {
        app::tasks::assign(&at, &told.task.id, Some("Olga Wner"), "Olga Wner", app::now()).unwrap();
    }
    let (workspace, _) = opened(folder.path());
    let standing = one(&workspace, "plug");
    let tasks = standing.waiting.tasks_of(" olga WNER").unwrap();
    assert_eq!((tasks.count, tasks.first.len()), (12, 10));
    assert!(open.iter().any(|told| told.task.id.to_string() == tasks.first[0].id));
    assert!(standing.waiting.tasks_of("Somebody Else").is_none());
    assert_eq!(standing.current().unwrap().tasks, listed.tasks.iter().filter(|told| told.task.is_open()).count());
}

#[test]
fn a_product_that_everybody_asks_for_at_once_is_one_answer_for_all() {
    let folder = products(&["plug"]);
    let (workspace, _) = opened(folder.path());
    let all: Vec<_> = std::thread::scope(|scope| {
        let ask = || scope.spawn(|| workspace.snapshot("plug").unwrap());
        let asking: Vec<_> = (0..6).map(|_| ask()).collect();
        asking.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(all.iter().all(|one| Arc::ptr_eq(one, &all[0])));
}

#[test]
fn gate_and_comparison_of_a_snapshot_are_those_of_its_folder() {
    let folder = products(&["plug"]);
    let at = folder.path().join("plug");
    app::assess::record(&at, app::now()).unwrap();
    let draft = app::release::Draft { version: "9.9.9".into(), ..Default::default() };
    app::release::add(&at, draft, app::now()).unwrap();
    let (workspace, _) = opened(folder.path());
    let snapshot = workspace.snapshot("plug").unwrap();
    let gated = app::gate::of_snapshot(&snapshot, Some("9.9.9")).unwrap();
    assert_eq!(gated, app::gate::gate(&at, None, snapshot.at).unwrap());
    assert!(app::gate::of_snapshot(&snapshot, Some("1.4.2")).is_err());
    let compared = app::diff::of_snapshot(&snapshot, "1.4.2", "9.9.9").unwrap();
    assert_eq!(compared, app::diff::diff(&at, "1.4.2", "9.9.9", snapshot.at).unwrap());
    assert!(app::diff::of_snapshot(&snapshot, "1.0.0", "9.9.9").is_err());
}

#[test]
fn a_record_is_shown_by_what_was_verified_and_one_that_was_altered_since_is_not() {
    let folder = products(&["plug"]);
    let at = folder.path().join("plug");
    let (workspace, _) = opened(folder.path());
    let snapshot = workspace.snapshot("plug").unwrap();
    for seq in 0..snapshot.size() {
        assert_eq!(app::evidence::shown_by(&snapshot, seq).unwrap(), app::evidence::shown(&at, seq).unwrap());
    }
    assert!(app::evidence::shown_by(&snapshot, snapshot.size()).is_err());
    // One that came later is verified with the whole.
    app::assess::record(&at, app::now()).unwrap();
    assert_eq!(app::evidence::shown_by(&snapshot, snapshot.size()).unwrap().0.seq, snapshot.size());
    alter(&at.join(".assay/ledger.sqlite"));
    let broken = app::evidence::shown_by(&snapshot, snapshot.size() - 1).unwrap_err();
    assert!(app::is_broken_ledger(&broken), "{broken:?}");
}

#[test]
fn what_is_the_same_is_not_made_again_and_what_is_told_is_the_same_as_by_one_who_looks_for_the_first_time() {
    let folder = products(&["plug"]);
    let at = folder.path().join("plug");
    let (workspace, _) = opened(folder.path());
    let first = workspace.snapshot("plug").unwrap();
    // Tasks change no verdict, and no dossier.
    let (_, listed) = app::tasks::record(&at, app::now()).unwrap();
    let task = &listed.tasks.iter().find(|told| told.task.is_open()).unwrap().task.id;
    app::tasks::assign(&at, task, Some("Olga Wner"), "Olga Wner", app::now()).unwrap();
    let given = workspace.snapshot("plug").unwrap();
    assert!(given.size() > first.size() && Arc::ptr_eq(&given.assessment, &first.assessment));
    assert!(Arc::ptr_eq(&given.dossier, &first.dossier));
    let told = given.tasks.tasks.iter().find(|told| told.task.id == *task).unwrap();
    assert_eq!(told.task.person.as_deref(), Some("Olga Wner"));
    // A statement does, and what is declared.
    let stated = app::state::Draft {
        unit: "5.1-1-1a".to_owned(),
        entry: Some("AuthMech-Web".to_owned()),
        person: "A. Laborant".to_owned(),
        role: "test laboratory".to_owned(),
        verdict: Some(model::Verdict::Fail),
        reasoning: "Read.".to_owned(),
        ..app::state::Draft::default()
    };
    app::state::state(&at, stated, app::now()).unwrap();
    let failed = workspace.snapshot("plug").unwrap();
    assert!(Arc::ptr_eq(&failed.dossier, &given.dossier));
    assert_eq!(failed.assessment.findings.len(), given.assessment.findings.len() + 1);
    let manifest = at.join("assay.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replacen("name = \"", "name = \"New ", 1)).unwrap();
    let renamed = workspace.snapshot("plug").unwrap();
    assert!(renamed.told.head.product.starts_with("New "), "{}", renamed.told.head.product);
    // Nothing of this is known of a copy.
    let copied = tempfile::tempdir().unwrap();
    copy(&at, &copied.path().join("plug"));
    let anew = opened(copied.path()).0.snapshot("plug").unwrap();
    assert_eq!(anew.told.clauses, renamed.told.clauses);
    assert_eq!((&anew.told.findings, &anew.told.gaps), (&renamed.told.findings, &renamed.told.gaps));
    assert_eq!(anew.ledger, renamed.ledger);
    let given = |tasks: &app::tasks::Listed| {
        let told = tasks.tasks.iter().map(|told| (told.task.id.clone(), told.task.person.clone()));
        told.collect::<Vec<_>>()
    };
    assert!(given(&anew.tasks) == given(&renamed.tasks));
    // Another record follows, and of those that were verified before and after, a byte of any one changes.
    let at = copied.path().join("plug");
    let (workspace, _) = opened(copied.path());
    assert!(workspace.snapshot("plug").is_ok());
    app::tasks::assign(&at, task, None, "Olga Wner", app::now()).unwrap();
    let file = at.join(".assay/ledger.sqlite");
    let sound = fs::read(&file).unwrap();
    let mut noticed = 0;
    for place in payloads(&sound) {
        let mut altered = sound.clone();
        altered[place] = if altered[place] == b'A' { b'B' } else { b'A' };
        fs::write(&file, &altered).unwrap();
        let told = workspace.snapshot("plug");
        // A copy that lay there before is no record any more.
        noticed += u64::from(told.is_err());
        assert_eq!(told.is_err(), app::tasks::list(&at, app::now()).is_err());
        let given = app::tasks::assign(&at, task, Some("Olga Wner"), "Olga Wner", app::now());
        assert_eq!(told.is_err(), given.is_err_and(|error| app::is_broken_ledger(&error)));
        fs::write(&file, &sound).unwrap();
    }
    assert_eq!(noticed, workspace.snapshot("plug").unwrap().size());
}

/// The files behind the records of a product.
fn kept(product: &Path) -> Vec<std::path::PathBuf> {
    fn all(at: &Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in fs::read_dir(at).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() { all(&entry.path(), found) } else { found.push(entry.path()) }
        }
    }
    let mut found = Vec::new();
    all(&product.join(".assay/blobs"), &mut found);
    found
}

#[test]
fn a_file_behind_a_record_that_came_is_looked_at_at_once_and_for_a_verdict_all_are() {
    let folder = products(&["plug"]);
    let at = folder.path().join("plug");
    let (workspace, _) = opened(folder.path());
    assert!(workspace.snapshot("plug").is_ok());
    let attach = |text: &str| {
        let before = kept(&at);
        let file = folder.path().join("label.txt");
        fs::write(&file, text).unwrap();
        let draft = app::attach::Draft {
            file,
            kind: "photo".into(),
            about: vec!["5.1-1".into()],
            person: "A. Laborant".into(),
            role: "test laboratory".into(),
            effective: None,
            place: None,
            remark: String::new(),
            key: None,
        };
        app::attach::attach(&at, draft, app::now()).unwrap();
        kept(&at).into_iter().find(|file| !before.contains(file)).unwrap()
    };
    let (_, listed) = app::tasks::record(&at, app::now()).unwrap();
    let task = &listed.tasks.iter().find(|told| told.task.is_open()).unwrap().task.id;
    // One that was looked at is not again within the hour, where no verdict rests on it; for a verdict it is.
    let looked = attach("one");
    assert!(workspace.snapshot("plug").is_ok());
    let text = fs::read(&looked).unwrap();
    fs::remove_file(&looked).unwrap();
    app::tasks::assign(&at, task, Some("Olga Wner"), "Olga Wner", app::now()).unwrap();
    assert!(workspace.snapshot("plug").is_ok());
    assert!(workspace.snapshot_whole("plug").is_err(), "nothing is handed out on it");
    assert!(app::assess::assess(&at, app::now()).is_err());
    assert!(app::assess::record(&at, app::now()).is_err());
    fs::write(&looked, text).unwrap();
    assert!(workspace.snapshot_whole("plug").is_ok());
    assert!(app::assess::assess(&at, app::now()).is_ok());
    // One that nobody has looked at yet.
    fs::write(attach("two"), "altered").unwrap();
    assert!(workspace.snapshot("plug").is_err());
    assert!(app::tasks::assign(&at, task, None, "Olga Wner", app::now()).is_err());
}
