//! Requests for evidence: asked, answered by files, references and records, returned, accepted; and what is refused.
#![allow(clippy::unwrap_used)]

mod workspace;

use app::requests::{self, Ask, Changed, Evidence, Handed, OBSERVATION, RequestId, RequestsError, Secret, State};
use app::tasks;
use app::upload::Upload;
use workspace::{Workspace, at};

const ENGINEER: &str = "E. Ngineer";

fn errata() -> Ask {
    Ask {
        kind: "document".into(),
        scope: "the errata of the radio".into(),
        period: None,
        about: vec!["5.2-1".into()],
        criterion: vec!["names every erratum of the revision that we ship".into()],
        of: "S. Upplier".into(),
        due: at(10 * 86_400),
        task: None,
    }
}

fn file(given: &str, bytes: &[u8]) -> Handed {
    let files = vec![Upload { given: given.into(), bytes: bytes.into() }];
    Handed { files, by: "S. Upplier".into(), role: "Chip Ltd".into(), ..Handed::default() }
}

fn asked(workspace: &Workspace, ask: Ask) -> (RequestId, Secret) {
    let asked = requests::ask(workspace.path(), &[ask], true, ENGINEER, at(0)).unwrap();
    let (id, secret) = asked.requests.into_iter().next().unwrap();
    (id, secret.unwrap())
}

fn state(changed: &Changed, id: &RequestId) -> State {
    changed.requests.get(id).unwrap().state()
}

/// Why a change was refused.
fn why(error: &RequestsError) -> String {
    std::error::Error::source(error).unwrap().to_string()
}

#[test]
fn a_file_that_answers_is_kept_as_evidence_about_what_was_asked() {
    let workspace = Workspace::sample();
    let (id, _) = asked(&workspace, errata());
    let handed = file("../errata\u{202e}.pdf", b"%PDF-1.7 errata");
    let changed = requests::answer(workspace.path(), &id, &handed, at(20)).unwrap();
    assert_eq!(state(&changed, &id), State::Answered);
    let listed = requests::list(workspace.path(), at(30)).unwrap();
    let kept = &listed.history.kept()[0].body;
    assert_eq!((kept.about.as_slice(), kept.artefact.kind.as_str()), (&["5.2-1".to_owned()][..], "document"));
    assert_eq!((kept.person.as_str(), kept.role.as_str()), ("S. Upplier", "Chip Ltd"));
    assert!(!kept.artefact.name.contains(['/', '\u{202e}']), "{:?}", kept.artefact.name);
    let answer = &listed.requests.get(&id).unwrap().answers[0];
    let shown = requests::shown(&listed.history, &answer.with[0]);
    assert_eq!(shown.file.unwrap().digest, kept.artefact.digest);
    assert_eq!(shown.record, Some(changed.seq - 1));
    // What is not there any more is not accepted.
    let hex = kept.artefact.digest.hex();
    let blob = workspace.path().join(".assay/blobs").join(&hex[..2]).join(&hex[2..4]).join(&hex);
    let bytes = std::fs::read(&blob).unwrap();
    std::fs::remove_file(&blob).unwrap();
    let gone = requests::accept(workspace.path(), &id, Some(1), "", ENGINEER, at(50)).unwrap_err();
    assert!(matches!(gone, requests::RequestsError::Records(_)), "{gone:?}");
    std::fs::write(&blob, bytes).unwrap();
    requests::accept(workspace.path(), &id, Some(1), "", ENGINEER, at(60)).unwrap();
}

#[test]
fn an_answer_is_returned_with_a_reason_and_the_next_one_accepted_by_somebody_else() {
    let workspace = Workspace::sample();
    let (id, _) = asked(&workspace, errata());
    let nothing = Handed { by: "S. Upplier".into(), ..Handed::default() };
    let refused = requests::answer(workspace.path(), &id, &nothing, at(10)).unwrap_err();
    assert!(why(&refused).contains("has a file, a reference or a record"), "{refused}");
    let reference = |text: &str| Handed { references: vec![text.into()], ..nothing.clone() };
    requests::answer(workspace.path(), &id, &reference("errata 7"), at(20)).unwrap();
    let because = "it is of another revision";
    let changed = requests::send_back(workspace.path(), &id, Some(1), because, ENGINEER, at(30)).unwrap();
    assert_eq!(state(&changed, &id), State::Returned);
    requests::answer(workspace.path(), &id, &reference("errata 8"), at(40)).unwrap();
    let own = requests::accept(workspace.path(), &id, Some(2), "", "S. Upplier", at(50)).unwrap_err();
    assert!(why(&own).contains("somebody else"), "{own}");
    let unseen = requests::accept(workspace.path(), &id, Some(1), "", ENGINEER, at(50)).unwrap_err();
    assert!(why(&unseen).contains("has answer 2 by now"), "{unseen}");
    let changed = requests::accept(workspace.path(), &id, Some(2), "", ENGINEER, at(50)).unwrap();
    assert_eq!(state(&changed, &id), State::Accepted);
    let told = changed.requests.get(&id).unwrap().accepted().unwrap();
    assert_eq!(told.with, [Evidence::Reference { text: "errata 8".into() }]);
    let late = requests::withdraw(workspace.path(), &id, None, "not needed", ENGINEER, at(60)).unwrap_err();
    assert_eq!(why(&late), format!("request {id} is accepted"));
}

#[test]
fn what_a_probe_measured_answers_and_no_other_record_does() {
    let workspace = Workspace::sample();
    let (id, _) = asked(&workspace, Ask { kind: OBSERVATION.into(), ..errata() });
    let observed = workspace.observed("net.tcp-ports", at(10));
    let with = |seq| Handed { observations: vec![seq], by: "S. Upplier".into(), ..Handed::default() };
    let other = requests::answer(workspace.path(), &id, &with(observed - 1), at(20)).unwrap_err();
    assert!(matches!(other, RequestsError::NoObservation(_)), "{other}");
    requests::answer(workspace.path(), &id, &with(observed), at(20)).unwrap();
    let listed = requests::list(workspace.path(), at(30)).unwrap();
    let answer = &listed.requests.get(&id).unwrap().answers[0];
    assert_eq!(requests::shown(&listed.history, &answer.with[0]).text, "net.tcp-ports on dut");
}

#[test]
fn what_is_refused_keeps_no_file() {
    let workspace = Workspace::sample();
    let (id, _) = asked(&workspace, errata());
    let answer = |handed: &Handed| requests::answer(workspace.path(), &id, handed, at(20)).unwrap_err();
    let program = answer(&file("errata.pdf", b"\x7fELF\x02"));
    assert!(why(&program).contains("it is a program"), "{program}");
    let two = Handed {
        files: vec![
            Upload { given: "a.txt".into(), bytes: b"text".to_vec() },
            Upload { given: "b.txt".into(), bytes: Vec::new() },
        ],
        ..file("", b"")
    };
    assert!(why(&answer(&two)).contains("b.txt: it is empty"));
    let nameless = Handed { by: " ".into(), ..file("a.txt", b"text") };
    assert!(why(&answer(&nameless)).contains("who answered"));
    let future = Handed { effective: Some(model::Period::moment(at(99))), ..file("a.txt", b"text") };
    assert!(answer(&future).to_string().contains("not over yet"));
    let long = Handed { remark: "x".repeat(4001), ..file("a.txt", b"text") };
    assert!(answer(&long).to_string().contains("more than 4000 characters"));
    let unknown = RequestId::from_text("R-9");
    let unknown = requests::answer(workspace.path(), &unknown, &file("a.txt", b"text"), at(20)).unwrap_err();
    assert_eq!(why(&unknown), "there is no request R-9");
    assert!(requests::list(workspace.path(), at(30)).unwrap().history.kept().is_empty());
}

#[test]
fn the_ledger_has_the_digest_of_a_link_and_never_its_secret() {
    let workspace = Workspace::sample();
    let (id, first) = asked(&workspace, errata());
    let listed = requests::list(workspace.path(), at(1)).unwrap();
    assert_eq!(listed.requests.linked(&requests::link_of(&first)).unwrap().id, id);
    let (second, changed) = requests::renew_link(workspace.path(), &id, ENGINEER, at(2)).unwrap();
    assert_eq!(changed.requests.linked(&requests::link_of(&first)), None);
    assert_eq!(changed.requests.linked(&requests::link_of(&second)).unwrap().id, id);
    let history = requests::list(workspace.path(), at(3)).unwrap().history;
    let recorded: Vec<String> =
        history.requests().iter().map(|record| serde_json::to_string(&record.body).unwrap()).collect();
    let holds = |text: &str| recorded.iter().any(|record| record.contains(text));
    assert!(holds(&requests::link_of(&first).to_string()) && holds("the errata of the radio"), "{recorded:?}");
    assert!(!holds(first.text()) && !holds(second.text()));
}

#[test]
fn several_are_asked_at_once_or_none_is() {
    let workspace = Workspace::sample();
    let unknown = Ask { about: vec!["5.99-1".into()], ..errata() };
    let refused = requests::ask(workspace.path(), &[errata(), unknown], false, ENGINEER, at(0)).unwrap_err();
    assert!(refused.to_string().contains("5.99-1"), "{refused}");
    let kind = Ask { kind: "rumour".into(), ..errata() };
    assert!(matches!(
        requests::ask(workspace.path(), &[kind], false, ENGINEER, at(0)),
        Err(RequestsError::Kind(_))
    ));
    let asked = requests::ask(workspace.path(), &[errata(), errata()], false, ENGINEER, at(1)).unwrap();
    let ids: Vec<&str> = asked.requests.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["R-1", "R-2"], "nothing was asked before");
    assert!(asked.requests.iter().all(|(_, secret)| secret.is_none()));
}

#[test]
fn a_request_for_a_task_says_what_closes_it_and_is_found_at_it_and_at_its_unit_instance() {
    let workspace = Workspace::sample();
    let tasks = tasks::list(workspace.path(), at(0)).unwrap().tasks;
    let of = |command: &str| {
        let is = |told: &&tasks::Told| {
            told.wanted.as_ref().is_some_and(|wanted| wanted.step.command.as_deref() == Some(command))
        };
        tasks.iter().find(is).unwrap()
    };
    let decide = of("assay state 5.2-2-1a --entry VulnTypes-Firmware");
    let task = &decide.task.id;
    let ask = requests::ask_of_task(workspace.path(), task, "S. Upplier", at(0)).unwrap().unwrap();
    assert_eq!(ask.about, ["5.2-2-1a@VulnTypes-Firmware"]);
    assert!(!ask.scope.is_empty() && ask.criterion[0].starts_with("5.2-2-1a: "), "{ask:?}");
    let (id, _) = asked(&workspace, ask);
    let listed = requests::list(workspace.path(), at(1)).unwrap().requests;
    assert_eq!(listed.of_task(task).next().unwrap().id, id);
    let instance = decide.wanted.as_ref().unwrap().instances.iter().next().unwrap();
    assert_eq!(requests::at_instance(&listed, instance)[0].id, id);
    let measure = of("assay observe --probe net.tcp-ports --target dut");
    let ask = requests::ask_of_task(workspace.path(), &measure.task.id, "T. Ester", at(0)).unwrap().unwrap();
    assert_eq!(ask.kind, OBSERVATION);
    assert!(ask.scope.contains("net.tcp-ports on dut") && ask.about.len() > 1, "{ask:?}");
    asked(&workspace, ask);
    let none = requests::ask_of_task(workspace.path(), &tasks::TaskId::from_text("T-99"), "x", at(0)).unwrap();
    assert_eq!(none, None);
}

#[test]
fn a_request_takes_so_many_answers_and_no_more() {
    let workspace = Workspace::sample();
    let (id, _) = asked(&workspace, errata());
    let handed = Handed { references: vec!["errata".into()], by: "S. Upplier".into(), ..Handed::default() };
    for n in 0..requests::MOST_ANSWERS {
        requests::answer(workspace.path(), &id, &handed, at(n as i64)).unwrap();
    }
    let refused = requests::answer(workspace.path(), &id, &handed, at(99)).unwrap_err();
    assert!(matches!(refused, RequestsError::TooMany(_)), "{refused}");
}
