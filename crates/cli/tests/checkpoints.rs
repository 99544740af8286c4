//! Checkpoints as a user meets them: what holds, who may sign off, what makes a sign-off old, and what the gate asks.
#![allow(clippy::unwrap_used)]

mod program;

use program::Bench;
use serde_json::Value;

/// A bench whose checkpoints are these instead of the usual ones.
fn bench(checkpoints: &str) -> Bench {
    let bench = Bench::new();
    let file = bench.path("plug/assay.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{text}\n{checkpoints}")).unwrap();
    bench
}

fn sign<'a>(checkpoint: &'a str, by: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["checkpoints", "sign", checkpoint, "plug", "--because", "looked at", "--by", by], more].concat()
}

/// State and reason of a checkpoint.
fn stands(bench: &Bench, name: &str) -> (String, String) {
    let told: Value = serde_json::from_str(&bench.done(&["checkpoints", "show", "plug", "--json"])).unwrap();
    assert_eq!((&told["document"], &told["release"]), (&"assay-checkpoints".into(), &"1.4.2".into()));
    let all = told["checkpoints"].as_array().unwrap();
    let one = all.iter().find(|one| one["name"] == name).unwrap();
    let text = |key: &str| one[key].as_str().unwrap().to_owned();
    (text("state"), text("because"))
}

fn edit(bench: &Bench, file: &str, from: &str, to: &str) {
    let file = bench.path(file);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains(from), "{from}");
    std::fs::write(&file, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn the_usual_ones_are_signed_off_one_after_the_other_and_each_says_what_is_missing() {
    let bench = Bench::new();
    let told = bench.done(&["checkpoints", "show", "plug"]);
    for name in
        ["declared  ready", "planned  waiting", "measured  waiting", "judged  waiting", "released  waiting"]
    {
        assert!(told.contains(name), "{name}: {told}");
    }
    assert!(told.contains("$ assay observe --probe net.tcp-ports --target dut"), "{told}");
    assert!(!bench.path("plug/.assay/ledger.sqlite").exists(), "looking records nothing");
    let early = bench.refused(1, &sign("planned", "R", &[]));
    assert!(early.contains("`before` does not hold: `declared` is ready"), "{early}");
    assert!(early.ends_with("nothing was signed\n"), "{early}");
    let signed = bench.run(&sign("declared", "R. Eleased", &["--role", "product security"]));
    assert_eq!(signed.exit, 0, "{}", signed.said);
    assert!(signed.said.contains("`declared` of release 1.4.2 signed off"), "{}", signed.said);
    assert_eq!(stands(&bench, "declared").0, "reached");
    assert!(stands(&bench, "declared").1.contains("R. Eleased, product security"));
    assert!(bench.done(&["records", "plug"]).contains("declared of 1.4.2 signed off by R. Eleased"));
    let again = bench.refused(1, &sign("declared", "S", &[]));
    assert!(again.contains("R. Eleased has signed it off by record 2"), "{again}");
    let unknown = bench.refused(1, &sign("shipped", "R", &[]));
    assert!(
        unknown.contains("checkpoints are declared, planned, measured, judged, reviewed, released"),
        "{unknown}"
    );
    for (by, because) in [(" ", "looked at"), ("R", " ")] {
        let said = bench.refused(1, &["checkpoints", "sign", "planned", "plug", "--because", because, "--by", by]);
        assert!(said.contains("it names nobody") || said.contains("it gives no reasons"), "{said}");
    }
}

#[test]
fn reviews_are_the_signature_of_the_checkpoint_that_asks_for_them() {
    let bench = bench("[[checkpoint]]\nname = \"read\"\nholds = [\"assessed\", \"reviewed\"]\n");
    assert_eq!(bench.state(&[]).exit, 0);
    assert!(stands(&bench, "read").1.contains("2 of 2 conditions do not hold"));
    assert_eq!(bench.run(&["judge", "plug", "--record"]).exit, 11);
    let refused = bench.refused(1, &sign("read", "R", &[]));
    assert!(
        refused.contains("reviews do that") && refused.contains("assay review --decision approve"),
        "{refused}"
    );
    bench.done(&["review", "plug", "--decision", "approve", "--because", "read", "--by", "R. Eviewer"]);
    let (state, because) = stands(&bench, "read");
    assert_eq!(state, "reached");
    assert!(because.contains("R. Eviewer approved record"), "{because}");
}

#[test]
fn a_sign_off_is_old_when_a_declared_value_changed_and_not_when_a_remark_did() {
    let bench = Bench::new();
    bench.done(&sign("declared", "R", &[]));
    edit(&bench, "plug/ics.toml", "", "# a remark\n");
    edit(
        &bench,
        "plug/assay.toml",
        "for = \"5.8\"\nrole = \"data protection\"",
        "for = \"5.8\"\nrole = \"firmware\"",
    );
    assert_eq!(stands(&bench, "declared").0, "reached", "who answers for a clause is not declared of the product");
    bench.done(&sign("planned", "R", &[]));
    edit(&bench, "plug/assay.toml", "hardware = \"", "hardware = \"other ");
    let (state, because) = stands(&bench, "declared");
    assert_eq!(state, "outdated");
    assert!(because.contains("1 declared value changed: product hardware"), "{because}");
    let (state, because) = stands(&bench, "planned");
    assert_eq!(state, "outdated", "{because}");
    bench.done(&sign("declared", "R", &[]));
    assert_eq!(stands(&bench, "declared").0, "reached", "it is signed off again");
    let told = bench.done(&["checkpoints", "show", "plug"]);
    assert!(told.contains("record 2") && told.contains("does not stand"), "the old one is still told: {told}");
}

#[test]
fn whoever_stated_what_it_rests_on_cannot_sign_it_off_and_what_comes_later_makes_it_old() {
    let bench = bench("[[checkpoint]]\nname = \"good\"\nholds = [\"recommended\"]\n");
    assert_eq!(bench.state(&[]).exit, 0);
    for name in ["T", " t."] {
        let said = bench.refused(1, &sign("good", name, &[]));
        assert!(said.contains("T stated record 2, on which the checkpoint rests"), "{said}");
    }
    bench.done(&sign("good", "R", &[]));
    assert_eq!(stands(&bench, "good").0, "reached");
    let later = ["state", "5.1-4-1a", "--folder", "plug", "--entry", "AuthMech-Web", "--verdict", "pass"];
    bench.done(&[&later[..], &["--because", "read", "--by", "T"]].concat());
    let (state, because) = stands(&bench, "good");
    assert_eq!(state, "outdated");
    assert!(because.contains("record 4 came to what it rests on"), "{because}");
}

#[test]
fn a_checkpoint_that_asks_for_more_than_was_signed_is_old_and_one_that_asks_for_nothing_is_never_signed() {
    let bench = bench("[[checkpoint]]\nname = \"good\"\nholds = [\"dossier\"]\n");
    bench.done(&sign("good", "R", &[]));
    edit(&bench, "plug/assay.toml", "holds = [\"dossier\"]", "holds = [\"dossier\", \"answered\"]");
    assert!(stands(&bench, "good").1.contains("asks for `answered`, too"));
    edit(&bench, "plug/assay.toml", "holds = [\"dossier\", \"answered\"]", "holds = []");
    let said = bench.refused(1, &sign("good", "S", &[]));
    assert!(said.contains("`asks` does not hold"), "{said}");
}

#[test]
fn a_role_is_that_of_its_people_and_a_key_that_of_its_holder() {
    let role = "[[person]]\nname = \"Q. Uality\"\nrole = \"quality\"\n";
    let bench =
        bench(&format!("{role}[[checkpoint]]\nname = \"good\"\nholds = [\"dossier\"]\nrole = \"quality\"\n"));
    let said = bench.refused(1, &sign("good", "R", &[]));
    assert!(said.contains("R does not have it") && said.contains("it is that of Q. Uality"), "{said}");
    bench.done(&["key", "new", "r.pem"]);
    bench.done(&["key", "add", "r.pem", "--folder", "plug", "--role", "reviewer", "--person", "R. Eviewer"]);
    let said = bench.refused(1, &sign("good", "Q. Uality", &["--key", "r.pem"]));
    assert!(said.contains("is held by R. Eviewer, not by Q. Uality"), "{said}");
    bench.done(&sign("good", "q uality", &[]));
    assert!(stands(&bench, "good").1.contains("q uality, quality"));
}

#[test]
fn what_is_taken_back_waits_again_and_the_gate_can_ask_for_a_checkpoint() {
    let bench = bench("[[checkpoint]]\nname = \"good\"\nholds = [\"dossier\"]\n");
    let back = ["checkpoints", "take-back", "good", "plug", "--because", "too early", "--by", "B"];
    assert!(bench.refused(1, &back).contains("checkpoint good is not signed off for this release"));
    let asks = |bench: &Bench| {
        let ran = bench.run(&["gate", "plug", "--checkpoint", "good", "--json"]);
        let told: Value = serde_json::from_str(&ran.data).unwrap();
        let condition = told["conditions"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(condition["id"], "checkpoint");
        (condition["met"].as_str().unwrap().to_owned(), condition["because"].as_str().unwrap().to_owned())
    };
    assert_eq!(asks(&bench).0, "not met");
    bench.done(&sign("good", "R", &[]));
    assert_eq!(asks(&bench).0, "met");
    bench.done(&back);
    assert_eq!(stands(&bench, "good").0, "ready");
    assert_eq!(asks(&bench).0, "not met");
    assert!(bench.done(&["checkpoints", "show", "plug"]).contains("B took it back by record"));
    let unknown = bench.refused(1, &["gate", "plug", "--checkpoint", "shipped"]);
    assert!(
        unknown.contains("checkpoints are good") && unknown.contains("the release does not pass"),
        "{unknown}"
    );
}

#[test]
fn what_a_probe_cannot_settle_before_something_is_prepared_is_not_measured() {
    let bench = bench("[[checkpoint]]\nname = \"seen\"\nholds = [\"measured\"]\n");
    let against = || -> Vec<Value> {
        let told: Value = serde_json::from_str(&bench.done(&["checkpoints", "show", "plug", "--json"])).unwrap();
        told["checkpoints"][0]["conditions"][0]["against"].as_array().unwrap().clone()
    };
    let held_up = |all: &[Value]| all.iter().filter(|one| one["next"]["verb"] == "prepare").count();
    let prepared = against();
    assert!(!prepared.is_empty() && held_up(&prepared) == 0, "{prepared:?}");
    std::fs::remove_file(bench.path("plug/bench.toml")).unwrap();
    let unprepared = against();
    assert!(held_up(&unprepared) > 0, "{unprepared:?}");
    let input = unprepared.iter().find(|one| one["about"] == "5.13-1B-2a @ InpVal-Mdns").unwrap();
    assert!(input["next"]["text"].as_str().unwrap().contains("complete bench.toml"), "{input}");
}

#[test]
fn an_open_request_holds_a_checkpoint_up_until_it_is_accepted_or_withdrawn_and_each_says_what_it_waits_for() {
    let bench = bench("[[checkpoint]]\nname = \"asked\"\nholds = [\"dossier\", \"requests\"]\n");
    let condition = || -> (String, String, Vec<String>) {
        let told: Value = serde_json::from_str(&bench.done(&["checkpoints", "show", "plug", "--json"])).unwrap();
        let conditions = told["checkpoints"][0]["conditions"].as_array().unwrap();
        let one = conditions.iter().find(|one| one["id"] == "requests").unwrap();
        let line = |one: &Value| format!("{}: {} {}", one["about"], one["because"], one["next"]["command"]);
        let against = one["against"].as_array().unwrap().iter().map(line).collect();
        (one["met"].as_str().unwrap().to_owned(), one["because"].as_str().unwrap().to_owned(), against)
    };
    let of =
        |args: &[&str], more: &[&str]| bench.run(&[&["requests"], args, more, &["--folder", "plug"]].concat());
    let done = |args: &[&str], by: &str| {
        let ran = of(args, &["--by", by]);
        assert_eq!(ran.exit, 0, "{args:?}: {}", ran.said);
    };
    assert_eq!(condition().1, "nothing was asked for");
    bench.done(&sign("asked", "R", &[]));
    done(&["ask", "the errata", "--of", "S. Upplier", "--due", "2999-01-01"], "E");
    done(&["ask", "the layout", "--of", "S. Upplier", "--due", "2020-01-01"], "E");
    let (met, because, against) = condition();
    assert_eq!((met.as_str(), because.as_str()), ("not met", "2 requests are open"));
    assert!(against[0].contains("the errata: S. Upplier has not answered; due 2999-01-01"), "{against:?}");
    assert!(against[0].contains("assay requests answer R-1"), "{against:?}");
    assert!(against[1].contains("was due on 2020-01-01"), "{against:?}");
    // A sign-off grows old and says why; it is not lost.
    let (state, why) = stands(&bench, "asked");
    assert_eq!(state, "outdated");
    assert!(why.contains("`requests` does not hold any more: 2 requests are open"), "{why}");
    assert!(bench.refused(1, &sign("asked", "R", &[])).contains("`requests` does not hold"));
    done(&["answer", "R-1", "--reference", "ERR-7"], "S. Upplier");
    let against = condition().2;
    assert!(against[0].contains("S. Upplier answered, and nobody has looked at it"), "{against:?}");
    assert!(against[0].contains("assay requests accept R-1"), "{against:?}");
    done(&["return", "R-1", "--because", "of another chip"], "E");
    assert!(condition().2[0].contains("its answer was returned: of another chip"));
    done(&["answer", "R-1", "--reference", "ERR-8"], "S. Upplier");
    done(&["accept", "R-1"], "E");
    done(&["withdraw", "R-2", "--because", "it is in the first"], "E");
    let (met, because, against) = condition();
    assert_eq!((met.as_str(), because.as_str()), ("met", "2 requests, each accepted or withdrawn"));
    assert!(against.is_empty());
    assert_eq!(stands(&bench, "asked").0, "reached", "the sign-off of before stands again");
    // What was asked for another release does not hold this one up, and is told.
    done(&["ask", "the layout", "--of", "S. Upplier"], "E");
    edit(&bench, "plug/assay.toml", "version = \"1.4.2\"", "version = \"1.4.3\"");
    assert_eq!(condition().1, "nothing was asked for; beside these, 1 open request made for another release");
}
