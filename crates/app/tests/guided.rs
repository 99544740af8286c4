//! Guided units: what a working keeps, what it takes to close one, and what it becomes.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use app::guided::{Act, Desk, Guide, GuidedError, Missing, Part, Signed, Upload, Working, guide_in, waiting};
use app::{assess, confirm, folder};
use dossier::SourceText;
use model::{Artefact, Decision, Outcome, Timestamp, Verdict};
use proptest::prelude::*;

const ASSAY: &str = "edition = \"3.1.3\"\n[product]\nname = \"P\"\n[[release]]\nversion = \"1.0\"\n";
const ICS: &str = "[features]\nd = true\n[[provision]]\nid = \"5.3-15A\"\nsupport = \"Y\"\n\
                   [[provision]]\nid = \"5.9-2\"\nsupport = \"Y\"\n";
const RESILIENCE: &str = "[[ResMech]]\nID = \"ResMech-Net\"\nDescription = \"x\"\n";
const UNIT: &str = "5.9-2-2a";
const JPEG: &[u8] = b"\xff\xd8\xff\xe0 a board";
const ANNA: &str = "Anna Tester";

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_790_000_000 + seconds)
}

struct Bench {
    at: tempfile::TempDir,
    desk: Desk,
}

impl Bench {
    fn new(policy: &str) -> Self {
        let at = tempfile::tempdir().unwrap();
        let file = |path: &str, text: String| SourceText { path: path.to_owned(), text };
        let files = [
            file("assay.toml", format!("{ASSAY}{policy}")),
            file("ics.toml", ICS.to_owned()),
            file("ixit/22-ResMech.toml", RESILIENCE.to_owned()),
        ];
        folder::create(at.path(), &files).unwrap();
        let desk = Desk::open(at.path()).unwrap();
        Self { at, desk }
    }

    fn folder(&self) -> &Path {
        self.at.path()
    }

    fn guide(&self) -> Guide {
        guide_in(self.folder(), UNIT, Some("ResMech-Net"))
            .or_else(|_| guide_in(self.folder(), UNIT, None))
            .unwrap()
            .1
    }

    fn act(&self, act: Act, seen: u64, when: i64) -> Result<Working, GuidedError> {
        self.desk.act("p", &self.guide(), &act, seen, ANNA, at(when))
    }

    fn attach(&self, kind: &str, bytes: &[u8]) -> Result<Working, GuidedError> {
        let upload =
            Upload { kind: kind.into(), name: "../x/board.jpg".into(), bytes: bytes.into(), step: Some(1) };
        self.desk.attach("p", self.folder(), &self.guide(), upload, ANNA, at(5))
    }

    fn turn(&self) -> u64 {
        self.desk.get("p", &self.guide()).unwrap().unwrap().working.turn
    }

    fn close(&self, when: i64) -> Result<app::guided::Closed, GuidedError> {
        let signed = Signed { person: ANNA.into(), role: "test laboratory".into(), key: None };
        self.desk.close("p", self.folder(), &self.guide(), self.turn(), &signed, at(when))
    }

    /// Everything that a pass takes, each step done in turn.
    fn carry_out(&self) {
        let guide = self.guide();
        for (number, text) in (1..).zip(&guide.procedure.steps) {
            let step = step(number, true, &format!("seen: {}", &text[..5]), "");
            self.act(step, u64::MAX, 1).unwrap();
            if let Some(least) = guide.procedure.timer(number).and_then(|timer| timer.least) {
                self.act(Act::Start(number), 0, 10).unwrap();
                self.act(Act::Stop(number), 0, 10 + i64::from(least)).unwrap();
            }
        }
        for kind in guide.artefacts {
            let bytes: &[u8] = match kind.as_str() {
                "photo" | "screenshot" => JPEG,
                "capture" => b"\x0a\x0d\x0d\x0a1234",
                _ => b"a line of text",
            };
            self.attach(kind, bytes).unwrap();
        }
    }

    fn rule(&self, verdict: Verdict, reasoning: &str) -> Result<Working, GuidedError> {
        let criterion = self.guide().criteria[0].text.clone();
        self.act(Act::Rule { criterion, verdict: Some(verdict), reasoning: reasoning.into() }, u64::MAX, 20)
    }

    fn outcome(&self, when: i64) -> Outcome {
        let assessed = assess::assess(self.folder(), at(when)).unwrap();
        let of_unit = |i: &&engine::InstanceResult| i.id.unit.as_str() == UNIT;
        assessed.assessment.instances.iter().find(of_unit).unwrap().judgement.outcome
    }
}

fn step(step: usize, done: bool, observation: &str, value: &str) -> Act {
    Act::Step { step, done, observation: observation.into(), value: value.into() }
}

#[test]
fn a_working_closes_only_with_its_artefacts_its_steps_its_time_and_a_reasoned_verdict() {
    let bench = Bench::new("");
    let guide = bench.guide();
    assert!(!guide.artefacts.is_empty() && guide.procedure.timers.iter().any(|t| t.least == Some(3600)));
    bench.act(step(1, true, "", ""), 0, 0).unwrap();
    let missing = match bench.close(30) {
        Err(GuidedError::Missing { missing, .. }) => missing,
        other => panic!("{other:?}"),
    };
    for kind in guide.artefacts {
        assert!(missing.contains(&Missing::Artefact(kind.clone())), "{missing:?}");
    }
    assert!(missing.contains(&Missing::Verdict(guide.criteria[0].text.clone())));
    assert!(missing.contains(&Missing::Step(2)));
    assert!(missing.iter().any(|m| matches!(m, Missing::Timer { least: 3600, had: 0, .. })));
    bench.carry_out();
    bench.rule(Verdict::Pass, "  ").unwrap();
    let missing = match bench.close(4000) {
        Err(GuidedError::Missing { missing, .. }) => missing,
        other => panic!("{other:?}"),
    };
    assert_eq!(missing, [Missing::Reasoning(guide.criteria[0].text.clone())]);
    assert!(app::records::Records::open(bench.folder()).unwrap().evidence().unwrap().statements.is_empty());
    bench.rule(Verdict::Pass, "everything worked for the whole hour").unwrap();
    let closed = bench.close(4000).unwrap();
    assert!(!closed.stated.needs_second);
    assert!(bench.desk.get("p", &guide).unwrap().is_none());
    let evidence = app::records::Records::open(bench.folder()).unwrap().evidence().unwrap();
    let statement = &evidence.statements[0].body;
    assert_eq!((statement.person.as_str(), statement.outcome()), (ANNA, Outcome::Pass));
    assert_eq!(
        statement.effective.unwrap().until,
        at(3610),
        "it speaks of what was seen, not of the moment of signing"
    );
    let kinds: Vec<&str> = statement.artefacts.iter().map(|a| a.kind.as_str()).collect();
    assert!(
        guide.artefacts.iter().all(|kind| kinds.contains(&kind.as_str())) && kinds.contains(&Artefact::WORKING)
    );
    assert_eq!(statement.artefacts[0].name, "board.jpg");
}

/// Everything a pass takes, with its verdict.
fn ready() -> Bench {
    let bench = Bench::new("");
    bench.carry_out();
    bench.rule(Verdict::Pass, "everything worked for the whole hour").unwrap();
    bench
}

fn statements(bench: &Bench) -> usize {
    app::records::Records::open(bench.folder()).unwrap().evidence().unwrap().statements.len()
}

#[test]
fn of_several_who_close_a_working_at_once_one_states_it() {
    let bench = ready();
    let (guide, turn) = (bench.guide(), bench.turn());
    let start = std::sync::Barrier::new(4);
    let done: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|number| {
                let (bench, guide, start) = (&bench, &guide, &start);
                scope.spawn(move || {
                    let desk = Desk::open(bench.folder()).unwrap();
                    let signed = Signed { person: format!("Person {number}"), role: String::new(), key: None };
                    start.wait();
                    desk.close("p", bench.folder(), guide, turn, &signed, at(4000))
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!((done.iter().filter(|done| done.is_ok()).count(), statements(&bench)), (1, 1), "{done:?}");
    for late in done.into_iter().filter_map(Result::err) {
        use GuidedError as E;
        assert!(matches!(late, E::Moved(_) | E::Closing { .. } | E::Nothing(_)), "{late}");
    }
    assert!(bench.desk.get("p", &guide).unwrap().is_none());
}

#[test]
fn a_closing_that_broke_off_is_gone_on_with_and_states_nothing_twice() {
    use store::Documents as _;
    let bench = ready();
    let root = bench.folder().join(app::records::FOLDER);
    let broken = |by: &str, after: u64, when: i64| {
        let mut documents = store::SqliteDocuments::open(&root).unwrap();
        let document = documents.list("workings").unwrap().remove(0);
        let mut working: serde_json::Value = serde_json::from_slice(&document.bytes).unwrap();
        working["closing"] = serde_json::json!({"by": by, "at": at(when), "after": after});
        let bytes = serde_json::to_vec(&working).unwrap();
        documents.put("workings", &document.key, &bytes, Some(document.version)).unwrap();
    };
    broken("Berta", 0, 4000);
    match bench.close(4010) {
        Err(GuidedError::Closing { by, .. }) => assert_eq!(by, "Berta"),
        other => panic!("{other:?}"),
    }
    bench.close(4000 + 11 * 60).unwrap();
    assert_eq!(statements(&bench), 1);
    // The same working again, as if it had been recorded and never cleared away.
    bench.carry_out();
    bench.rule(Verdict::Pass, "everything worked for the whole hour").unwrap();
    broken(ANNA, 0, 4000);
    assert!(matches!(bench.close(9000), Err(GuidedError::Recorded { .. })));
    assert_eq!(statements(&bench), 1);
    assert!(bench.desk.get("p", &bench.guide()).unwrap().is_none());
}

#[test]
fn a_fault_is_stated_without_going_on_and_not_without_its_artefacts() {
    let bench = Bench::new("");
    bench.rule(Verdict::Fail, "it lost its settings").unwrap();
    assert!(
        matches!(bench.close(30), Err(GuidedError::Missing { missing, .. }) if missing.iter().all(|m| matches!(m, Missing::Artefact(_))))
    );
    bench.carry_out();
    bench.close(4000).unwrap();
}

#[test]
fn who_sends_twice_changes_nothing_twice_and_who_comes_late_sees_both_texts() {
    let bench = Bench::new("");
    let first = bench.act(step(1, true, "red light", "21 s"), 0, 0).unwrap();
    let again = bench.act(step(1, true, "red light", "21 s"), 0, 9).unwrap();
    assert_eq!(first, again, "the answer was lost, and the form was sent again");
    // Another part is no clash.
    bench.act(step(2, true, "green", ""), 0, 10).unwrap();
    let clash = match bench.act(step(1, true, "blue light", ""), 0, 11) {
        Err(GuidedError::Clash { clash, .. }) => clash,
        other => panic!("{other:?}"),
    };
    assert_eq!(clash.part, Part::Step(1));
    assert_eq!((clash.theirs[1].as_str(), clash.yours[1].as_str()), ("red light", "blue light"));
    assert_eq!(bench.desk.get("p", &bench.guide()).unwrap().unwrap().working.steps[0].observation, "red light");
    let seen = bench.turn();
    bench.act(step(1, true, "blue light", ""), seen, 12).unwrap();
    // A photo that is sent again is one photo.
    bench.attach("photo", JPEG).unwrap();
    assert_eq!(bench.attach("photo", JPEG).unwrap().files.len(), 1);
}

#[test]
fn a_file_is_taken_for_what_its_content_is() {
    let bench = Bench::new("");
    for (kind, bytes, why) in [
        ("photo", &b"<script>"[..], "by its content it is text"),
        ("photo", b"", "it is empty"),
        ("capture", JPEG, "by its content it is a JPEG picture"),
        ("working", b"done", "attach a `working`"),
        ("poem", b"done", "attach a `poem`"),
    ] {
        let said = bench.attach(kind, bytes).unwrap_err().to_string();
        assert!(said.contains(why), "{said}");
    }
    let large = vec![b'a'; app::guided::LARGEST + 1];
    assert!(bench.attach("log", &large).unwrap_err().to_string().contains("24 MiB"));
    assert!(bench.desk.get("p", &bench.guide()).unwrap().is_none());
}

#[test]
fn what_was_begun_on_another_release_is_given_up_and_not_carried_on() {
    let bench = Bench::new("");
    bench.act(step(1, true, "x", ""), 0, 0).unwrap();
    let file = bench.folder().join("assay.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{text}[[release]]\nversion = \"1.1\"\n")).unwrap();
    let said = bench.act(step(2, true, "x", ""), 0, 1).unwrap_err().to_string();
    assert!(said.contains("on release 1.0, and 1.1 is under assessment"), "{said}");
    bench.desk.give_up("p", &bench.guide(), bench.turn()).unwrap();
    assert_eq!(bench.act(step(2, true, "x", ""), 0, 1).unwrap().release, "1.1");
}

#[test]
fn where_two_persons_are_asked_for_it_counts_once_the_second_has_confirmed_it() {
    let bench = Bench::new("[policy]\ntwo-persons = [\"5.9\"]\n");
    bench.carry_out();
    bench.rule(Verdict::Pass, "everything worked").unwrap();
    let closed = bench.close(4000).unwrap();
    assert!(closed.stated.needs_second);
    assert_eq!(bench.outcome(5000), Outcome::Open);
    let mut draft = confirm::Draft {
        statement: closed.stated.seq,
        decision: Decision::Approve,
        reasons: "watched the recording".into(),
        person: "anna tester".into(),
        role: "test laboratory".into(),
        key: None,
    };
    assert!(confirm::confirm(bench.folder(), &draft, at(5000)).is_err());
    assert_eq!(confirm::waiting(bench.folder()).unwrap().len(), 1);
    draft.person = "Ben Second".into();
    confirm::confirm(bench.folder(), &draft, at(5000)).unwrap();
    assert_eq!(bench.outcome(6000), Outcome::Pass);
    assert!(confirm::waiting(bench.folder()).unwrap().is_empty());
}

#[test]
fn what_waits_is_what_is_undecided_and_what_was_begun() {
    let bench = Bench::new("");
    let list = || {
        let assessed = assess::assess(bench.folder(), at(0)).unwrap();
        waiting(&assessed.dossier, &assessed.assessment, &bench.desk.all("p").unwrap())
    };
    let one = list().into_iter().find(|w| w.unit == UNIT).unwrap();
    assert_eq!(one.begun, None);
    bench.act(step(1, true, "x", ""), 0, 0).unwrap();
    let one = list().into_iter().find(|w| w.unit == UNIT).unwrap();
    assert_eq!(one.begun, Some((1, bench.guide().procedure.steps.len())));
}

proptest! {
    /// Whatever two people do in whatever order, a working says what the last of them who was not refused said, and the
    /// one who was refused sees it.
    #[test]
    fn nothing_is_overwritten_unseen(acts in prop::collection::vec((1..4usize, 0..3u8, any::<bool>(), any::<bool>()), 1..20)) {
        let bench = guide_of_three();
        let mut working = Working::begin(&bench, bench.unit.id.edition(), "A", at(0));
        let mut seen = [0u64; 2];
        for (number, text, second, looks) in acts {
            let who = usize::from(second);
            let before = working.clone();
            let act = step(number, true, &text.to_string(), "");
            match working.act(act, seen[who], "A", at(1)) {
                Ok(changed) => {
                    prop_assert_eq!(&working.step(number).unwrap().observation, &text.to_string());
                    prop_assert_eq!(changed, working.turn == before.turn + 1);
                    if changed { prop_assert!(before.step(number).unwrap().turn <= seen[who]); }
                }
                Err(clash) => {
                    prop_assert_eq!(&working, &before);
                    prop_assert_eq!(&clash.theirs[1], &before.step(number).unwrap().observation);
                    prop_assert!(before.step(number).unwrap().turn > seen[who]);
                }
            }
            if looks { seen[who] = working.turn; }
        }
    }
}

fn guide_of_three() -> Guide {
    let (dossier, _) = dossier::read(vec![SourceText { path: "assay.toml".into(), text: ASSAY.into() }]);
    app::guided::guide(&dossier, UNIT, None).unwrap()
}
