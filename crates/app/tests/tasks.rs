//! Tasks follow the gaps of real assessments: they open once, close with the record that did it, and come back.
#![allow(clippy::unwrap_used)]

mod workspace;

use app::tasks::{self, Listed, Own, TaskId, Told};
use workspace::{Workspace, at};

/// The one task whose command or text has these words.
fn find<'a>(listed: &'a Listed, words: &str) -> &'a Told {
    let told = |t: &&Told| {
        let wanted = t.wanted.as_ref();
        wanted.is_some_and(|w| w.step.text.contains(words) || w.step.command.as_deref() == Some(words))
    };
    let mut found = listed.tasks.iter().filter(told);
    let first = found.next().unwrap_or_else(|| panic!("no task says {words}"));
    assert!(found.next().is_none(), "more than one task says {words}");
    first
}

/// Why a change was refused.
fn why(error: &tasks::TasksError) -> String {
    std::error::Error::source(error).unwrap().to_string()
}

fn by_id<'a>(listed: &'a Listed, id: &TaskId) -> &'a Told {
    listed.tasks.iter().find(|told| told.task.id == *id).unwrap()
}

#[test]
fn every_gap_has_one_task_with_an_owner_a_date_a_criterion_and_what_closes_it() {
    let workspace = Workspace::sample();
    let listed = tasks::list(workspace.path(), at(0)).unwrap();
    assert!(listed.tasks.len() > 100, "{}", listed.tasks.len());
    assert_eq!(listed.news.len(), listed.tasks.len(), "nothing is recorded yet");
    for told in &listed.tasks {
        let wanted = told.wanted.as_ref().unwrap();
        assert!(told.task.is_open() && told.task.due > at(0), "{told:?}");
        assert!(wanted.owner.is_some(), "the sample has a role for every clause: {told:?}");
        assert!(!wanted.evidence.is_empty() && !wanted.provisions.is_empty(), "{told:?}");
        assert!(!wanted.criterion.is_empty() || wanted.instances.is_empty(), "{told:?}");
    }
    let ports = find(&listed, "assay observe --probe net.tcp-ports --target dut");
    let wanted = ports.wanted.as_ref().unwrap();
    assert!(wanted.need.mandatory && wanted.provisions.iter().any(|p| p.as_str() == "5.6-1"));
    assert_eq!(wanted.owner.as_ref().unwrap().role, "firmware");
}

#[test]
fn a_second_time_nothing_doubles_and_nothing_is_recorded() {
    let workspace = Workspace::sample();
    let (first, listed) = tasks::record(workspace.path(), at(0)).unwrap();
    let (again, same) = tasks::record(workspace.path(), at(60)).unwrap();
    assert!(first.is_some());
    assert_eq!(again, None);
    assert_eq!(listed.tasks.len(), same.tasks.len());
    let ids = |l: &Listed| l.tasks.iter().map(|t| (t.task.id.clone(), t.task.due)).collect::<Vec<_>>();
    assert_eq!(ids(&listed), ids(&same), "names and dates stay");
}

#[test]
fn a_decision_closes_its_task_by_its_record_and_comes_back_when_it_grows_old() {
    let workspace = Workspace::sample();
    tasks::record(workspace.path(), at(0)).unwrap();
    let command = "assay state 5.2-2-1a --entry VulnTypes-Firmware";
    let id = find(&tasks::list(workspace.path(), at(1)).unwrap(), command).task.id.clone();
    let seq = workspace.stated("5.2-2-1a", Some("VulnTypes-Firmware"), at(10));
    let (_, listed) = tasks::record(workspace.path(), at(20)).unwrap();
    let task = &by_id(&listed, &id).task;
    assert!(!task.is_open());
    assert_eq!(task.turns.last().unwrap().closed.as_ref().unwrap().by, Some(seq));
    // The policy of the sample lets a statement stand for 365 days.
    let later = at(366 * 86_400);
    let old = tasks::list(workspace.path(), later).unwrap();
    let task = &by_id(&old, &id).task;
    assert!(task.is_open() && task.due > later, "{task:?}");
    assert_eq!(task.turns.len(), 2);
    assert!(
        by_id(&old, &find(&old, "assay observe --probe net.tcp-ports --target dut").task.id)
            .task
            .is_overdue(later)
    );
}

#[test]
fn a_measurement_closes_its_task_and_the_recorded_reopening_closes_with_the_next_one() {
    let workspace = Workspace::sample();
    let command = "assay observe --probe net.tcp-ports --target dut";
    let id = find(&tasks::list(workspace.path(), at(0)).unwrap(), command).task.id.clone();
    tasks::record(workspace.path(), at(0)).unwrap();
    // Every port answered, so that nothing of the question is left.
    let swept = serde_json::json!({
        "parameters": {"address": "127.0.77.1", "ports": [[1, 65535]], "background": []},
        "result": {
            "open": [27080, 27443], "refused": 65533, "silent": [], "unreachable": [], "not_tried": [], "millis": 3300,
        },
    });
    let swept = swept.to_string();
    let first = workspace.read("net.tcp-ports", &swept, at(10));
    let (_, listed) = tasks::record(workspace.path(), at(20)).unwrap();
    let closed = |listed: &Listed| by_id(listed, &id).task.turns.last().unwrap().closed.clone();
    assert_eq!(closed(&listed).unwrap().by, Some(first));
    // The policy of the sample lets a measurement stand for 90 days, to the moment.
    let (just, stale) = (at(10 + 90 * 86_400), at(11 + 90 * 86_400));
    assert!(!by_id(&tasks::list(workspace.path(), just).unwrap(), &id).task.is_open());
    let (seq, listed) = tasks::record(workspace.path(), stale).unwrap();
    assert!(seq.is_some() && by_id(&listed, &id).task.is_open(), "it was recorded that evidence went stale");
    let again = workspace.read("net.tcp-ports", &swept, at(20 + 90 * 86_400));
    let (_, listed) = tasks::record(workspace.path(), at(30 + 90 * 86_400)).unwrap();
    assert_eq!(closed(&listed).unwrap().by, Some(again), "not the record that closed it before");
    assert_eq!(by_id(&listed, &id).task.turns.len(), 2);
}

#[test]
fn the_policy_says_how_many_days_a_task_may_take_and_an_open_one_keeps_its_date() {
    let workspace = Workspace::sample();
    tasks::record(workspace.path(), at(0)).unwrap();
    let file = workspace.path().join("assay.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let days = "[policy]\ntask-days-mandatory = 3\ntask-days-recommended = 4\n";
    std::fs::write(&file, text.replacen("[policy]\n", days, 1)).unwrap();
    let open = |listed: &Listed| listed.tasks.iter().map(|told| told.task.due).collect::<Vec<_>>();
    let kept = open(&tasks::list(workspace.path(), at(1)).unwrap());
    assert!(kept.iter().all(|due| *due == at(14 * 86_400) || *due == at(30 * 86_400)), "{kept:?}");
    let fresh = Workspace::sample();
    std::fs::write(fresh.path().join("assay.toml"), text.replacen("[policy]\n", days, 1)).unwrap();
    for told in tasks::list(fresh.path(), at(0)).unwrap().tasks {
        let days = if told.wanted.as_ref().unwrap().need.mandatory { 3 } else { 4 };
        assert_eq!(told.task.due, at(days * 86_400));
    }
}

#[test]
fn a_declaration_closes_its_task_by_the_state_of_the_dossier_and_taking_it_back_opens_it_again() {
    let workspace = Workspace::sample();
    tasks::record(workspace.path(), at(0)).unwrap();
    let before = tasks::list(workspace.path(), at(1)).unwrap();
    let id = find(&before, "declare change-request in AuthMech, AuthMech-Provisioning").task.id.clone();
    let file = workspace.path().join("ixit/1-AuthMech.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let (head, tail) = text.split_once("ID = \"AuthMech-Provisioning\"").unwrap();
    let tail = tail.replacen("changeable = true", "changeable = true\nchange-request = \"POST /password\"", 1);
    std::fs::write(&file, format!("{head}ID = \"AuthMech-Provisioning\"{tail}")).unwrap();
    let (seq, listed) = tasks::record(workspace.path(), at(2)).unwrap();
    let closed = by_id(&listed, &id).task.turns[0].closed.clone().unwrap();
    // The new state of the dossier is the record before that of the tasks.
    assert_eq!(closed.by, seq.map(|seq| seq - 1));
    std::fs::write(&file, &text).unwrap();
    let (_, listed) = tasks::record(workspace.path(), at(3)).unwrap();
    assert!(by_id(&listed, &id).task.is_open());
}

#[test]
fn people_add_give_and_end_tasks_of_their_own_and_only_those() {
    let workspace = Workspace::sample();
    let own = Own {
        title: "ask the vendor of the radio for its errata".into(),
        criterion: "the answer is attached".into(),
        due: None,
        by: "E. Ngineer".into(),
    };
    let (_, listed) = tasks::add(workspace.path(), &own, at(0)).unwrap();
    let id = TaskId::from_text("T-1");
    assert_eq!(by_id(&listed, &id).task.own.as_ref().unwrap().0, own.title);
    tasks::assign(workspace.path(), &id, Some("F. Irmware"), "E. Ngineer", at(1)).unwrap();
    let (_, listed) = tasks::done(workspace.path(), &id, "answered by letter", "F. Irmware", at(2)).unwrap();
    let task = &by_id(&listed, &id).task;
    assert_eq!((task.is_open(), task.person.as_deref()), (false, Some("F. Irmware")));
    let gap = listed.tasks.iter().find(|told| told.task.own.is_none()).unwrap().task.id.clone();
    let refused = tasks::done(workspace.path(), &gap, "done", "F. Irmware", at(3)).unwrap_err();
    assert!(why(&refused).contains("closes itself"), "{refused}");
    let unknown =
        tasks::assign(workspace.path(), &TaskId::from_text("T-99"), None, "E. Ngineer", at(3)).unwrap_err();
    assert_eq!((unknown.to_string(), why(&unknown)), ("change a task".into(), "there is no task T-99".into()));
    let nameless = Own { by: " ".into(), ..own };
    assert!(why(&tasks::add(workspace.path(), &nameless, at(4)).unwrap_err()).contains("who added it"));
}

#[test]
fn a_justification_whose_day_is_over_asks_to_be_looked_at_again() {
    let workspace = Workspace::sample();
    // The sample says 2027-06-30 of each recommendation that it does not meet.
    let over = model::Timestamp::parse("2027-07-01").unwrap();
    let asks = |told: &&Told| told.wanted.as_ref().is_some_and(|w| w.step.text.contains("look at the answer to"));
    let before = tasks::list(workspace.path(), model::Timestamp::parse("2027-06-30T23:59:59Z").unwrap()).unwrap();
    assert_eq!(before.tasks.iter().filter(asks).count(), 0);
    let listed = tasks::list(workspace.path(), over).unwrap();
    let task = find(&listed, "look at the answer to 5.3-4A again");
    let wanted = task.wanted.as_ref().unwrap();
    assert_eq!(wanted.missing, ["the answer to 5.3-4A was to be looked at again by 2027-06-30"]);
    assert!(wanted.criterion[0].contains("`review` is a day to come"), "{wanted:?}");
    assert!(wanted.owner.is_some() && !wanted.need.mandatory);
    let id = task.task.id.clone();
    tasks::record(workspace.path(), over).unwrap();

    let file = workspace.path().join("ics.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let (head, tail) = text.split_once("id = \"5.3-4A\"").unwrap();
    let without = tail.replacen("review = \"2027-06-30\"\n", "", 1);
    std::fs::write(&file, format!("{head}id = \"5.3-4A\"{without}")).unwrap();
    let still = tasks::list(workspace.path(), over).unwrap();
    let wanted = by_id(&still, &id).wanted.clone().unwrap();
    assert_eq!(wanted.missing, ["no date says when the answer to 5.3-4A is looked at again"]);

    let next = tail.replacen("2027-06-30", "2028-06-30", 1);
    std::fs::write(&file, format!("{head}id = \"5.3-4A\"{next}")).unwrap();
    let (_, listed) = tasks::record(workspace.path(), over).unwrap();
    let task = &by_id(&listed, &id).task;
    assert!(!task.is_open() && task.turns[0].closed.as_ref().unwrap().by.is_some(), "{task:?}");
}
