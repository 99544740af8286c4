//! A redacted bundle says no secret, in whatever artefact, place and encoding it was planted; and it verifies in full as
//! far as what it holds.
//!
//! The whole thread, against the demonstration product with faults by which it gives secrets away.
#![allow(clippy::unwrap_used)]

mod search;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use app::bundle::bundle;
use app::demo::trial;
use app::inventory::Selection;
use app::privacy::{Privacy, opened};
use app::records::Records;
use app::state::{Draft, KINDS, state};
use app::verify::{Against, Taken, Verification, verify};
use app::{assess, attach, folder, replay};
use device::{Config, Device, FaultSet};
use ledger::Openings;
use ledger::bundle::{Bundle, LIMITS, Part};
use model::{Observation, Outcome, Reading, Timestamp, Verdict};
use probes::http::surface;
use search::{Planted, planted, search};

const FAULTS: &str = "config-backup-public,userdata-unauthenticated,info-disclosure-status";

/// What the trial and the tests hide, each in one place at least.
struct Secrets(Vec<Planted>);

impl Secrets {
    fn of_product(at: &Path) -> Self {
        // The same seed, so the same label as the product of the trial.
        let faults = FaultSet::parse("").unwrap();
        let [address, cloud] = ["127.0.94.1", "127.0.94.2"].map(|at| at.parse().unwrap());
        let twin = Device::start(Config { address, cloud, faults, seed: 1 }).unwrap();
        let backup = given_away(at, "wifi_key=");
        Self(vec![
            planted("device password", &twin.label().admin_password),
            planted("guest password", &twin.label().guest_password),
            planted("Wi-Fi key in a public backup", backup),
            planted("Wi-Fi name in a public backup", given_away(at, "wifi_ssid=")),
            planted("clip in the user data", "motion at 17:42"),
            planted("session cookie", "c0ffee-Sess1on-77aa"),
            planted("session in a path", "Zq9-path-Sess1on"),
            planted("token in a redirect", "redir-T0ken-5511"),
            planted("bearer token", "brr.T0ken.1029384756"),
            planted("SNMP community", "n0tPublic-rw"),
            planted("MQTT password", "mq-Pass/w\"rd&9"),
            planted("name", "Rosalind Quimby"),
            planted("e-mail", "rosalind.quimby@mail.invalid"),
            planted("location", "48.20849N 16.37208E"),
            planted("PIN", "0825"),
            planted("owner in a photo", "(c) Bartholomew Finch"),
            planted("text on a screenshot", "Sn4psh0t recovery phrase"),
            planted("Wi-Fi key in a document", "d0cument-psk-000"),
            planted("key in a report", "rep0rt-api-key-31"),
            planted("value in a sample", "s4mple-voice-of-Ada"),
            planted("neighbour named in a reasoning", "Ms Hortensia Blum"),
            planted("password in a file of the bench", "f1le-of-the-Bench"),
            planted("recovery code in a file kept by itself", "RC-77x-recovery"),
            planted("guest named in a remark", "Mr Ambrose Tallow"),
        ])
    }

    fn value(&self, name: &str) -> &str {
        &self.0.iter().find(|one| one.name == name).unwrap().value
    }

    fn names(&self) -> BTreeSet<String> {
        self.0.iter().map(|one| one.name.to_owned()).collect()
    }
}

/// What the product gave away behind this word, as the raw log has it.
fn given_away(at: &Path, word: &str) -> String {
    let found = surface_log(at).1.servers.into_iter().flat_map(|server| server.asked).find_map(|asked| {
        let body = asked.got.ok()?.body.text();
        Some(body.split_once(word)?.1.lines().next()?.to_owned())
    });
    found.unwrap()
}

fn surface_log(at: &Path) -> (Observation, surface::Log) {
    let records = Records::open(at).unwrap();
    let evidence = records.evidence().unwrap();
    let recorded = evidence.observations.iter().rfind(|one| one.body.run.probe == "http.surface").unwrap();
    let raw = records.read_evidence(&recorded.body.raw.unwrap(), true).unwrap();
    (recorded.body.clone(), serde_json::from_slice(&raw).unwrap())
}

/// Records what web server and management protocol could have answered: personal data and tokens in every place.
fn observe_more(at: &Path, secrets: &Secrets) {
    let (template, mut log) = surface_log(at);
    let profile = serde_json::json!({
        "name": secrets.value("name"), "email": secrets.value("e-mail"), "home": secrets.value("location"),
        "username": secrets.value("name"), "mqtt_password": secrets.value("MQTT password"),
    });
    let debug = format!(
        "Traceback (most recent call last):\nmqtt password = {}\nAuthorization: Bearer {}\npin=0825\n",
        secrets.value("MQTT password"),
        secrets.value("bearer token"),
    );
    let asked = |target: &str, status: u16, headers: serde_json::Value, body: &str| -> surface::Asked {
        let got = serde_json::json!({
            "status": status, "headers": headers, "body": format!("t:{body}"), "digest": model::Digest::of(body.as_bytes()),
        });
        serde_json::from_value(serde_json::json!({"method": "GET", "target": target, "got": {"Ok": got}})).unwrap()
    };
    let cookie = format!("SID={}; Path=/", secrets.value("session cookie"));
    let pages = [
        asked(
            "/api/v1/profile",
            200,
            serde_json::json!([["Content-Type", "application/json"]]),
            &profile.to_string(),
        ),
        asked(
            "/debug.log",
            200,
            serde_json::json!([["X-Session", cookie], ["X-Auth-Token", secrets.value("bearer token")]]),
            &debug,
        ),
        asked(
            &format!("/home?session={}", secrets.value("session in a path")),
            200,
            serde_json::json!([]),
            "welcome home",
        ),
        asked("/pin", 200, serde_json::json!([]), "{\"pin\":\"0825\"}"),
        asked(
            "/out",
            302,
            serde_json::json!([["Location", format!("/in?token={}", secrets.value("token in a redirect"))]]),
            "",
        ),
    ];
    log.servers[0].asked.extend(pages);
    let raw = serde_json::to_vec(&log).unwrap();
    let reading = (probes::listed("http.surface").unwrap().interpret)(&raw).unwrap();
    let mut records = Records::open(at).unwrap();
    // What the bench knows is looked for in every text.
    let known = ["SNMP community", "device password", "guest password"]
        .map(|name| ("password".to_owned(), secrets.value(name).to_owned()));
    records.withhold(Privacy::new(known, String::new()));
    let mut observation = Observation { reading, openings: None, ..template.clone() };
    observation.run.target = "twin".to_owned();
    records.observe(observation, &raw, later(1)).unwrap();

    let community = secrets.value("SNMP community");
    let reading: Reading = serde_json::from_value(serde_json::json!({
        "facts": [{
            "fact": "service", "endpoint": {"address": "192.0.2.7", "port": 161, "transport": "udp"}, "protocol": "snmp",
            "tls": false, "banner": format!("\\x04\\x0c{community}\\xa2 {}", hex::encode(community)),
        }],
        "coverage": [],
        "shortfalls": [{"kind": "refused", "of": "udp-services", "text": format!("161: no answer to {community}")}],
    }))
    .unwrap();
    let mut observation = Observation { reading, openings: None, ..template };
    (observation.run.probe, observation.run.target) = ("net.udp-services".to_owned(), "twin".to_owned());
    // No revision of the probe that this program has: its log is not read again.
    observation.run.revision = 1;
    observation.run.parameters.insert("community".to_owned(), serde_json::Value::from(community).to_string());
    let raw = format!("{{\"sent\":\"{}\"}}", hex::encode(community));
    records.observe(observation, raw.as_bytes(), later(2)).unwrap();
}

fn later(seconds: i64) -> Timestamp {
    Timestamp::from_millis(app::now().millis() + 1000 * seconds)
}

/// A statement with a file of every kind, each with its secret.
fn state_with_everything(at: &Path, secrets: &Secrets) -> u64 {
    let bench = at.join("bench.toml");
    let account = "\n[[account]]\nmechanism = \"AuthMech-Camera\"\nstanding = \"low-privilege\"\nuser = \"viewer\"\n\
                   secret = { file = \"viewer.secret\" }\n";
    fs::write(&bench, fs::read_to_string(&bench).unwrap() + account).unwrap();
    let of_file = secrets.value("password in a file of the bench");
    fs::write(at.join("viewer.secret"), format!("{of_file}\n")).unwrap();
    let login = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("viewer:{of_file}"));
    let of = |kind: &str| -> Vec<u8> {
        let value = |name| secrets.value(name);
        match kind {
            "photo" => {
                [b"\xff\xd8\xff\xe1\x00\x40Exif\x00\x00".to_vec(), value("owner in a photo").into()].concat()
            }
            "screenshot" => format!("\u{89}PNG tEXt {}", value("text on a screenshot")).into(),
            "log" => format!("admin {}\nguest {}\n", value("device password"), value("guest password")).into(),
            "capture" => [
                [0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0].to_vec(),
                value("SNMP community").into(),
                value("MQTT password").into(),
            ]
            .concat(),
            "document" => format!("network={{\n psk=\"{}\"\n}}", value("Wi-Fi key in a document")).into(),
            "value" => format!("{}\n", value("PIN")).into(),
            "report" => format!("{{\"api_key\":\"{}\",\"l\":\"{login}\"}}", value("key in a report")).into(),
            _ => value("value in a sample").into(),
        }
    };
    let attach = |kind: &&str| {
        let file = at.join(format!("{kind}.bin"));
        fs::write(&file, of(kind)).unwrap();
        ((*kind).to_owned(), file)
    };
    let draft = Draft {
        unit: "5.1-1-1a".to_owned(),
        entry: Some("AuthMech-Web".to_owned()),
        person: "A. Laborant".to_owned(),
        role: "test laboratory".to_owned(),
        verdict: Some(Verdict::Pass),
        reasoning: format!(
            "With the PIN 0825 and the login {login} it opened; seen by [[private: {}]]. Read and found in order.",
            secrets.value("neighbour named in a reasoning")
        ),
        artefacts: KINDS.iter().map(attach).collect(),
        ..Draft::default()
    };
    state(at, draft, later(3)).unwrap().seq
}

/// A file kept by itself, and what its remark sets apart or repeats.
fn keep_a_file(at: &Path, secrets: &Secrets) {
    let (code, guest) =
        (secrets.value("recovery code in a file kept by itself"), secrets.value("guest named in a remark"));
    let file = at.join("code.bin");
    fs::write(&file, code).unwrap();
    let draft = |remark: String| attach::Draft {
        file: file.clone(),
        kind: "value".to_owned(),
        about: Vec::new(),
        person: "A. Laborant".to_owned(),
        role: "test laboratory".to_owned(),
        effective: None,
        place: None,
        remark,
        key: None,
    };
    attach::attach(at, draft(format!("The code {code} of [[private: {guest}]].")), later(3)).unwrap();
}

fn bundled(at: &Path, name: &str, selection: Selection) -> Vec<u8> {
    let to = at.join(name);
    bundle(at, &to, None, selection).unwrap();
    fs::read(to).unwrap()
}

fn taken<'v>(verified: &'v Verification, step: &str) -> (Taken, &'v str) {
    let step = verified.steps.iter().find(|one| one.step == step).unwrap_or_else(|| panic!("no step {step}"));
    (step.result, step.says.as_str())
}

#[test]
fn a_redacted_bundle_says_no_secret_in_any_encoding_and_verifies_as_far_as_what_it_holds() {
    let place = tempfile::tempdir().unwrap();
    let at = place.path().join("dossier");
    let demo = trial(&at, FAULTS, "127.0.93", &mut |_| ()).unwrap();
    let failed = demo.assessed.assessment.instances.iter().filter(|one| one.judgement.outcome == Outcome::Fail);
    let failed: Vec<String> = failed.map(|one| one.id.to_string()).collect();
    assert_eq!(failed, ["5.5-4-2a @ SoftServ-UserData", "5.6-2-2a @ LogIntf-HTTPS"]);

    let secrets = Secrets::of_product(&at);
    observe_more(&at, &secrets);
    let stated = state_with_everything(&at, &secrets);
    keep_a_file(&at, &secrets);
    assess::record(&at, later(4)).unwrap();
    withheld_values_change_no_verdict(&at);

    // The search finds every secret where it is.
    let full = bundled(&at, "full.assay", Selection::EVERYTHING);
    let found = search(&secrets.0, &full);
    let names: BTreeSet<String> = found.iter().map(|one| one.split(" as ").next().unwrap().to_owned()).collect();
    assert_eq!(names, secrets.names());

    let redacted = bundled(&at, "redacted.assay", Selection::REDACTED);
    assert_eq!(search(&secrets.0, &redacted), BTreeSet::new());
    nothing_is_packed(&redacted);

    let verified = verify(&at.join("full.assay"), &Against::default()).unwrap();
    assert!(verified.is_sound(), "{:?}", verified.failed);
    assert_eq!(taken(&verified, "marks").0, Taken::Done);
    let captured = demo.outcome.captured.as_ref().map_or(0, |captured| match captured.why_not {
        None => captured.records.len(),
        Some(_) => 0,
    });
    let read_again = format!("{} raw logs", demo.outcome.records.len() + captured + 1);
    assert!(taken(&verified, "readings").1.starts_with(&read_again), "{:?}", taken(&verified, "readings"));
    let verified = verify(&at.join("redacted.assay"), &Against::default()).unwrap();
    assert!(verified.is_sound(), "{:?}", verified.failed);
    for step in ["withheld", "marks not opened", "readings not taken"] {
        assert_eq!(taken(&verified, step).0, Taken::NotDone, "{step}");
    }
    assert!(!verified.steps.iter().any(|one| one.step == "marks"));
    for kind in KINDS.iter().chain(&["raw", "openings"]) {
        assert!(taken(&verified, "withheld").1.contains(kind), "{kind}");
    }
    assert_eq!(taken(&verified, "verdicts").0, Taken::Done);
    let verdicts = |bytes: &Vec<u8>| Bundle::open(bytes, LIMITS).unwrap().read(&Part::Verdicts).unwrap();
    assert!(verdicts(&full) == verdicts(&redacted));
    let withheld = Bundle::open(&redacted, LIMITS).unwrap().manifest().unwrap().withheld;
    assert_eq!(withheld.iter().filter(|piece| piece.leaf == stated).count(), KINDS.len() + 1);
    for blob in withheld.iter().map(|piece| piece.digest) {
        let bundle = Bundle::open(&redacted, LIMITS).unwrap();
        assert!(!bundle.has(&Part::Blob(blob)) && !bundle.has(&Part::Salt(blob)));
    }
    planted_in_public_it_is_found(&at, &secrets);
}

/// Judged on the texts in clear, every unit instance has the same outcome.
fn withheld_values_change_no_verdict(at: &Path) {
    let records = Records::open(at).unwrap();
    let (dossier, _) = folder::load(at).unwrap();
    let withheld = records.evidence().unwrap();
    let mut clear = withheld.clone();
    let mut marked = 0;
    for one in &mut std::sync::Arc::make_mut(&mut clear).observations {
        if let Some(digest) = one.body.openings {
            let openings = Openings::from_bytes(&records.read_evidence(&digest, true).unwrap()).unwrap();
            one.body = opened(&one.body, &openings).unwrap();
            marked += openings.iter().count();
        }
    }
    assert!(marked > 20, "{marked} values were withheld");
    let judge = |evidence| {
        let assessment = replay::judge(&dossier, evidence, later(5));
        assessment.instances.into_iter().map(|one| (one.id.to_string(), one.judgement.outcome)).collect::<Vec<_>>()
    };
    assert_eq!(judge(&withheld), judge(&clear));
}

/// No file hides its content from a search.
fn nothing_is_packed(bundle: &[u8]) {
    let bundle = bundle.to_vec();
    let packed: [&[u8]; 6] = [b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"\x78\x9c"];
    let opened = Bundle::open(&bundle, LIMITS).unwrap();
    for (part, member) in opened.files() {
        let content = opened.read(part).unwrap();
        assert!(!packed.iter().any(|magic| content.starts_with(magic)), "{} is packed", member.path);
        assert!(std::str::from_utf8(&content).is_ok(), "{} is no text", member.path);
    }
}

/// What nobody could know as a secret and a person writes into a reasoning is public; the search sees each of them there.
fn planted_in_public_it_is_found(at: &Path, secrets: &Secrets) {
    let unknown = ["text on a screenshot", "value in a sample", "location", "owner in a photo"];
    let draft = Draft {
        unit: "5.1-1-1a".to_owned(),
        entry: Some("AuthMech-Web".to_owned()),
        person: "A. Laborant".to_owned(),
        role: "test laboratory".to_owned(),
        verdict: Some(Verdict::Pass),
        reasoning: unknown.map(|name| secrets.value(name)).join(", "),
        ..Draft::default()
    };
    state(at, draft, later(6)).unwrap();
    assess::record(at, later(7)).unwrap();
    let leaking = bundled(at, "leaking.assay", Selection::REDACTED);
    let found = search(&secrets.0, &leaking);
    for name in unknown {
        assert!(found.contains(&format!("{name} as plain")), "{name}: {found:?}");
    }
    // And what is known as a secret stops the bundle.
    let draft = Draft {
        unit: "5.1-1-1a".to_owned(),
        entry: Some("AuthMech-Web".to_owned()),
        person: "A. Laborant".to_owned(),
        role: "test laboratory".to_owned(),
        verdict: Some(Verdict::Pass),
        reasoning: format!("Read by {}.", secrets.value("neighbour named in a reasoning")),
        ..Draft::default()
    };
    let seq = state(at, draft, later(8)).unwrap().seq;
    let to: PathBuf = at.join("refused.assay");
    assess::record(at, later(9)).unwrap();
    let refused = bundle(at, &to, None, Selection::REDACTED).unwrap_err().to_string();
    assert!(refused.contains(&format!("record {seq} says a private known from record")), "{refused}");
    assert!(!to.exists());
}

#[test]
fn the_search_finds_a_secret_in_every_form_and_layer() {
    let secrets = [planted("secret", "p4ss/w\"rd-ü"), planted("PIN", "0825")];
    for one in &secrets {
        for (form, bytes) in search::forms(&one.value) {
            if one.value.len() < 6 && (form.starts_with("base64") || form == "reversed") {
                continue;
            }
            let around = |inner: &[u8]| [b"> ".as_slice(), inner, b" <"].concat();
            let text = String::from_utf8_lossy(&around(&bytes)).into_owned();
            let json = serde_json::json!({"a": [{"b": text}]}).to_string();
            let payload = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, around(&bytes));
            let leaf = format!("{{\"payload\":\"{payload}\"}}\n");
            let mut layers = vec![around(&bytes), leaf.into_bytes()];
            if !text.contains('\u{fffd}') {
                layers.push(json.into_bytes());
            }
            for layer in layers {
                let found = search(std::slice::from_ref(one), &layer);
                assert!(!found.is_empty(), "{} as {form} in {}", one.name, String::from_utf8_lossy(&layer));
            }
        }
        let html = format!("<td>{}</td>", one.value.replace('"', "&quot;"));
        assert!(!search(std::slice::from_ref(one), html.as_bytes()).is_empty());
    }
    assert_eq!(search(&secrets, b"port 40825, 082, p4ss/w"), BTreeSet::new());
}
