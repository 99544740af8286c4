use std::collections::BTreeMap;

use ledger::{SigningKey, marks};
use model::{Coverage, Digest, Edition, Endpoint, Fact, HttpAnswer, Reading, Timestamp};

use super::*;

fn salting() -> Salting {
    Salting::of(&SigningKey::from_seed(&[9; 32]))
}

fn privacy() -> Privacy {
    let secret = |kind: &str, value: &str| (kind.to_owned(), value.to_owned());
    let said = "path = \"/camera1/stream\"\ncontact = \"psirt@lumen.example\"\n".to_owned();
    let secrets = [secret("password", "hunter2hunter2"), secret("pin", "4711"), secret("password", "camera1")];
    Privacy::new(secrets.into_iter().chain([secret("password", "admin"), secret("password", "abc")]), said)
}

fn endpoint() -> Endpoint {
    Endpoint::tcp("192.0.2.7".parse().unwrap(), 80)
}

fn observation(facts: Vec<Fact>, coverage: &str) -> Observation {
    let of = "http-routes".to_owned();
    let covered = Coverage { of, endpoint: Some(endpoint()), ports: Vec::new(), text: coverage.to_owned() };
    serde_json::from_value(serde_json::json!({
        "run": {"probe": "http.surface", "revision": 2, "target": "dut", "place": "lan"},
        "dut": {"model": "", "release": "1", "proofs": ["banner: 4711"]},
        "began": Timestamp::from_seconds(0), "ended": Timestamp::from_seconds(1), "tool": "assay",
        "reading": Reading { facts, coverage: vec![covered], shortfalls: Vec::new() },
    }))
    .unwrap()
}

fn http(path: &str, location: Option<&str>) -> Fact {
    Fact::Http(HttpAnswer {
        endpoint: endpoint(),
        tls: false,
        method: "GET".into(),
        path: path.into(),
        status: 200,
        content: true,
        location: location.map(str::to_owned),
        body: Digest::of(b"{\"pin\":4711}"),
        salted: false,
        headers: BTreeMap::new(),
    })
}

fn disclosure(kind: &str, excerpt: &str) -> Fact {
    Fact::Disclosure { endpoint: endpoint(), kind: kind.into(), source: "/x".into(), excerpt: excerpt.into() }
}

fn withheld(observation: &Observation) -> (Observation, Openings) {
    privacy().observation(&salting(), observation.clone()).unwrap()
}

#[test]
fn no_secret_stands_in_a_record_and_its_openings_give_all_back() {
    let mut plain = observation(
        vec![
            http("/a?session=0123456789", Some("/home?k=hunter2hunter2")),
            disclosure("credential", &private("credential", "open sesame")),
            disclosure("model", "⟦withheld: pin, sha256:00⟧ made to confuse"),
        ],
        "pin 4711 at 192.0.2.7:47110, YWRtaW46aHVudGVyMmh1bnRlcjI=",
    );
    plain.run.parameters.insert("login".into(), r#"{"user":"admin","code":"hunter2hunter2"}"#.into());
    let (shown, openings) = withheld(&plain);
    let text = serde_json::to_string(&shown).unwrap();
    for secret in
        ["4711 ", "hunter2", "open sesame", "0123456789", "aHVudGVyM", &Digest::of(b"{\"pin\":4711}").hex()]
    {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    assert!(text.contains("192.0.2.7:47110") && text.contains("made to confuse"));
    let read = Openings::from_bytes(&openings.to_bytes().unwrap()).unwrap();
    let clear = Observation { reading: plain.reading.in_clear().unwrap(), ..plain };
    assert_eq!(opened(&shown, &read).unwrap(), clear);
    let record = serde_json::to_value(&shown).unwrap();
    assert_eq!(check_marks(&record, &read).unwrap(), read.iter().count());
}

#[test]
fn every_mark_in_a_record_is_one_of_ours() {
    let forged = format!("⟦withheld: pin, {}⟧", Digest::of(b"x"));
    let (shown, openings) = withheld(&observation(vec![disclosure("model", &forged)], ""));
    let Fact::Disclosure { excerpt, .. } = &shown.reading.facts[0] else { panic!() };
    let kinds: Vec<String> = marks(excerpt).into_iter().map(|(_, mark)| mark.kind().to_owned()).collect();
    assert_eq!(kinds, ["mark-like-text"]);
    assert_eq!(openings.open(excerpt).unwrap(), forged);
}

#[test]
fn what_is_declared_stays_where_rules_compare_it_and_is_withheld_elsewhere() {
    let (shown, _) = withheld(&observation(vec![http("/camera1/stream", None)], "camera1, psirt@lumen.example"));
    let Fact::Http(answer) = &shown.reading.facts[0] else { panic!() };
    assert_eq!(answer.path, "/camera1/stream");
    assert!(answer.salted && answer.body != Digest::of(b"{\"pin\":4711}"));
    let text = &shown.reading.coverage[0].text;
    assert!(!text.contains("camera1") && text.ends_with(", psirt@lumen.example"), "{text}");
}

#[test]
fn what_everybody_knows_and_what_is_too_short_is_no_secret() {
    let known: Vec<String> = privacy().secrets().map(|(_, value)| value.to_owned()).collect();
    assert_eq!(known, ["hunter2hunter2", "camera1", "4711"]);
    assert_eq!(format!("{:?}", privacy()), "Privacy(3 secrets)");
}

#[test]
fn a_mark_without_its_opening_and_an_opening_without_its_mark_are_found() {
    let (shown, openings) = withheld(&observation(vec![http("/", None)], "pin 4711"));
    let record = serde_json::to_value(&shown).unwrap();
    assert!(matches!(check_marks(&record, &Openings::default()), Err(OpenedError::Openings(_))));
    let mut more = openings.clone();
    more.withhold(&salting(), "pin", "0000");
    assert!(matches!(check_marks(&record, &more), Err(OpenedError::Stray(_))));
    let (other, _) = withheld(&observation(vec![http("/", None)], ""));
    assert!(matches!(opened(&other, &Openings::default()), Err(OpenedError::Body(_) | OpenedError::Openings(_))));
}

#[test]
fn a_person_sets_parts_of_a_statement_apart() {
    let criterion = |text: &str| serde_json::json!({"criterion": text, "verdict": "pass"});
    let statement: Statement = serde_json::from_value(serde_json::json!({
        "edition": Edition::V3_1_3, "unit": "5.1-1-1a", "release": "1", "person": "A. Laborant", "role": "laboratory",
        "stated": Timestamp::from_seconds(0),
        "criteria": [criterion("as the catalogue says"), criterion("[[private: of Anna]]")],
        "reasoning": "Tried [[private:  Anna's PIN 0815 ]], then hunter2hunter2. [[private: never closed",
    }))
    .unwrap();
    let (shown, openings) = privacy().statement(&salting(), statement);
    let text = serde_json::to_string(&shown).unwrap();
    assert!(!["Anna", "0815", "hunter2", "never"].iter().any(|word| text.contains(word)), "{text}");
    assert_eq!(
        openings.open(&shown.reasoning).unwrap(),
        "Tried Anna's PIN 0815, then hunter2hunter2. never closed"
    );
    assert_eq!(shown.criteria[0].criterion, "as the catalogue says");
    assert_eq!(shown.person, "A. Laborant");
}
