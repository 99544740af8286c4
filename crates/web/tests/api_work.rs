//! What several people do by the interface for programs: requests for evidence, sign-offs, people, templates, units at the bench and runs, each with a token of
//! their own.
#![allow(clippy::unwrap_used)]

#[path = "support/programs.rs"]
mod programs;
mod support;

use app::people::{Permission, Role};
use axum::http::header;
use programs::{Ask, Programs};
use serde_json::{Value, json};
use support::{Crew, HOST, dossier};

const LAMP: &str = "/api/v1/products/lamp";

struct Team {
    folder: tempfile::TempDir,
    crew: Crew,
}

impl Team {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let lamp = folder.path().join("lamp");
        dossier(&lamp, "Lamp");
        let toml = lamp.join("assay.toml");
        let more =
            "\n[[release]]\nversion = \"1.0\"\n\n[[checkpoint]]\nname = \"kept\"\nholds = [\"recommended\"]\n";
        let text = std::fs::read_to_string(&toml).unwrap();
        std::fs::write(&toml, format!("{text}{more}")).unwrap();
        let crew = Crew::of(folder.path());
        Self { folder, crew }
    }

    /// Somebody new, by a token with everything that their role has.
    fn joins(&self, name: &str, role: Role) -> Programs {
        self.crew.joins(name, role);
        let scopes: Vec<Permission> =
            Permission::all().filter(|p| p.is_of(role) && *p != Permission::OwnAccount).collect();
        let token = self.crew.team.make_token(&name.parse().unwrap(), "test", &scopes, 1, app::now()).unwrap();
        Programs::of(self.crew.router.clone(), self.folder.path(), HOST, token)
    }
}

async fn post(who: &Programs, rest: &str, body: Value, tag: &str) -> (u16, Value) {
    let answer = who.ask("POST", &Ask::of(&format!("{LAMP}{rest}")).json(body).tag(tag)).await;
    (answer.status.as_u16(), answer.json())
}

async fn tag(who: &Programs, rest: &str) -> String {
    who.get(&format!("{LAMP}{rest}")).await.header(header::ETAG)
}

#[tokio::test]
async fn a_request_is_asked_answered_returned_and_accepted_each_by_who_may() {
    let team = Team::new();
    let (engineer, supplier) = (team.joins("eng", Role::Engineer), team.joins("sup", Role::Supplier));
    let other = team.joins("other", Role::Supplier);
    let asks = json!({"kind": "document", "scope": "The errata.", "of": "sup Person", "due": "2020-01-01"});
    let (status, made) = post(&engineer, "/requests", asks, "").await;
    assert_eq!((status, made["link"].is_null(), made["request"]["overdue"] == true), (201, true, true), "{made}");
    let at = format!("/requests/{}", made["request"]["id"].as_str().unwrap());
    let asked = at.replace("requests", "asked");
    // Whoever was asked sees this one; another supplier sees none, and neither sees the list of all.
    assert_eq!(supplier.get(&format!("{LAMP}/asked")).await.json()["total"], 1);
    assert_eq!(other.get(&format!("{LAMP}/asked")).await.json()["total"], 0);
    assert_eq!(other.get(&format!("{LAMP}{asked}")).await.status.as_u16(), 404);
    assert_eq!(supplier.get(&format!("{LAMP}{at}")).await.status.as_u16(), 403);
    assert_eq!(post(&other, &format!("{asked}/answers"), json!({"references": ["X"]}), "").await.0, 404);
    assert_eq!(post(&supplier, &format!("{asked}/answers"), json!({}), "").await.0, 422);
    let file = |content: &str| json!({"files": [{"name": "../e.pdf", "content": content}]});
    let (status, refused) = post(&supplier, &format!("{asked}/answers"), file("c2Vlb%"), "").await;
    assert_eq!(status, 422, "{refused}");
    assert!(refused["detail"].as_str().unwrap().contains("base64"), "{refused}");
    // A program is no document, whatever its name says.
    let (status, refused) = post(&supplier, &format!("{asked}/answers"), file("f0VMRgIBAQ=="), "").await;
    assert_eq!(status, 422, "{refused}");
    let early = tag(&engineer, &at).await;
    let (status, told) = post(&supplier, &format!("{asked}/answers"), file("JVBERi0xLjcK"), "").await;
    assert_eq!(
        (status, &told["state"], &told["answers"][0]["with"][0]["record"]),
        (201, &json!("answered"), &Value::Null)
    );
    assert!(
        told["answers"][0]["with"][0]["text"].as_str().unwrap().starts_with("e.pdf (document, 9 bytes)"),
        "{told}"
    );
    // What was looked at before the answer came decides nothing.
    let because = json!({"because": "Another revision."});
    assert_eq!(post(&engineer, &format!("{at}/withdraw"), because.clone(), &early).await.0, 412);
    let now = tag(&engineer, &at).await;
    let (status, told) = post(&engineer, &format!("{at}/return"), because.clone(), &now).await;
    assert_eq!((status, &told["state"]), (200, &json!("returned")), "{told}");
    let again = tag(&engineer, &at).await;
    assert_eq!(post(&engineer, &format!("{at}/accept"), json!({}), &again).await.0, 409, "nothing to decide on");
    post(&supplier, &format!("{asked}/answers"), json!({"references": ["DOC-18"]}), "").await;
    let now = tag(&engineer, &at).await;
    let (status, told) = post(&engineer, &format!("{at}/accept"), json!({"remark": "Good."}), &now).await;
    assert_eq!((status, &told["state"], &told["answers"][1]["accepted"]), (200, &json!("accepted"), &json!(true)));
    let (status, refused) = post(&supplier, &format!("{asked}/answers"), json!({"references": ["Y"]}), "").await;
    assert_eq!(status, 409, "{refused}");
}

#[tokio::test]
async fn whoever_answered_accepts_nothing() {
    let team = Team::new();
    let engineer = team.joins("eng", Role::Engineer);
    let asks = json!({"kind": "document", "scope": "The errata.", "of": "anybody", "link": true});
    let (_, made) = post(&engineer, "/requests", asks, "").await;
    assert!(made["link"].as_str().unwrap().starts_with("/answer/lamp/"), "{made}");
    let at = format!("/requests/{}", made["request"]["id"].as_str().unwrap());
    post(&engineer, &format!("{}/answers", at.replace("requests", "asked")), json!({"references": ["X"]}), "")
        .await;
    let now = tag(&engineer, &at).await;
    let (status, refused) = post(&engineer, &format!("{at}/accept"), json!({}), &now).await;
    assert_eq!(status, 409, "{refused}");
    assert!(refused["detail"].as_str().unwrap().contains("somebody else than who answered it"), "{refused}");
}

#[tokio::test]
async fn a_checkpoint_is_signed_off_by_no_author_and_once() {
    let team = Team::new();
    let (owner, reviewer) = (team.joins("own", Role::Owner), team.joins("rev", Role::Reviewer));
    let states = json!({"unit": "5.3-13-1a", "verdict": "pass", "reasoning": "Read the page of the shop."});
    assert_eq!(post(&owner, "/statements", states, "").await.0, 201);
    let reasons = json!({"reasons": "Looked at all of it."});
    let now = tag(&owner, "/checkpoints").await;
    let (status, refused) = post(&owner, "/checkpoints/kept/sign", reasons.clone(), &now).await;
    assert_eq!(status, 422, "{refused}");
    assert!(refused["detail"].as_str().unwrap().contains("own Person stated record"), "{refused}");
    assert_eq!(post(&reviewer, "/checkpoints/none/sign", reasons.clone(), &now).await.0, 404);
    assert_eq!(post(&reviewer, "/checkpoints/kept/sign", reasons.clone(), "\"0\"").await.0, 412);
    // Their keys were entered meanwhile.
    let now = tag(&reviewer, "/checkpoints").await;
    let (status, signed) = post(&reviewer, "/checkpoints/kept/sign", reasons.clone(), &now).await;
    assert_eq!((status, &signed["release"]), (201, &json!("1.0")), "{signed}");
    assert_eq!(post(&reviewer, "/checkpoints/kept/sign", reasons.clone(), &now).await.0, 412, "an old look");
    let told = reviewer.get(&format!("{LAMP}/checkpoints")).await;
    let now = told.header(header::ETAG);
    assert!(told.text().contains("rev Person"), "{}", told.text());
    let (status, refused) = post(&reviewer, "/checkpoints/kept/sign", reasons.clone(), &now).await;
    assert_eq!(status, 409, "{refused}");
    assert_eq!(post(&reviewer, "/checkpoints/kept/take-back", reasons.clone(), &now).await.0, 201);
    let now = tag(&reviewer, "/checkpoints").await;
    assert_eq!(post(&reviewer, "/checkpoints/kept/take-back", reasons, &now).await.0, 409, "nothing to take back");
}

#[tokio::test]
async fn people_are_invited_given_roles_and_ended_and_of_two_who_do_the_later_is_told() {
    let team = Team::new();
    let (olga, oleg) = (team.joins("olga", Role::Owner), team.joins("oleg", Role::Owner));
    let engineer = team.joins("eng", Role::Engineer);
    let people = "/api/v1/people";
    let new = json!({"account": "ada", "name": "Ada Lab", "role": "tester", "product": "lamp"});
    let invite = Ask::of(people).json(new.clone());
    assert_eq!(engineer.ask("POST", &invite).await.status.as_u16(), 403);
    let made = olga.ask("POST", &invite).await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.text());
    let link = made.json()["link"].as_str().unwrap().to_owned();
    assert!(link.starts_with(&format!("http://{HOST}/invitation/")), "{link}");
    let again = oleg.ask("POST", &invite).await;
    assert_eq!((again.status.as_u16(), again.json()["status"].as_u64()), (409, Some(409)));
    let nowhere =
        Ask::of(people).json(json!({"account": "bo", "name": "Bo", "role": "tester", "product": "none"}));
    let nowhere = olga.ask("POST", &nowhere).await;
    assert_eq!((nowhere.status.as_u16(), nowhere.json()["place"].as_str()), (422, Some("#/product")));
    // What an engineer is told of people has no link in it.
    let seen = engineer.get(&format!("{people}/ada")).await;
    assert!(!seen.text().contains("invitation"), "{}", seen.text());
    let (at, tag) = (format!("{people}/ada"), seen.header(header::ETAG));
    let role = |role: &str| Ask::of(&at).json(json!({"role": role})).tag(&tag);
    let given = olga.ask("PATCH", &role("auditor")).await;
    assert_eq!((given.status.as_u16(), &given.json()["role"]), (200, &json!("auditor")), "{}", given.text());
    let late = oleg.ask("PATCH", &role("engineer")).await;
    assert_eq!((late.status.as_u16(), late.json()["place"].as_str()), (412, Some("If-Match")), "{}", late.text());
    assert_eq!(oleg.ask("DELETE", &Ask::of(&at).tag(&tag)).await.status.as_u16(), 412);
    let tag = given.header(header::ETAG);
    let taken = oleg.ask("PATCH", &Ask::of(&at).json(json!({"product": "lamp"})).tag(&tag)).await;
    assert_eq!((taken.status.as_u16(), &taken.json()["products"]), (200, &json!([])), "{}", taken.text());
    let ended = oleg.ask("DELETE", &Ask::of(&at).tag(&taken.header(header::ETAG))).await;
    assert_eq!((ended.status.as_u16(), &ended.json()["standing"]), (200, &json!("removed")), "{}", ended.text());
    let path = link.trim_start_matches(&format!("http://{HOST}"));
    assert_eq!(team.crew.nobody().get(path).await.status.as_u16(), 404, "the link opens nothing any more");
    let after = oleg.ask("DELETE", &Ask::of(&at).tag(&ended.header(header::ETAG))).await;
    assert_eq!(after.status.as_u16(), 409, "{}", after.text());
}

#[tokio::test]
async fn ones_own_sessions_and_tokens_are_told_to_a_browser_and_to_no_program() {
    let team = Team::new();
    let ada = team.joins("ada", Role::Engineer);
    for what in ["sessions", "tokens"] {
        let at = format!("/api/v1/me/{what}");
        assert_eq!(ada.get(&at).await.status.as_u16(), 403);
        let browser = team.crew.signs_in("ada").get(&at).await;
        assert_eq!(browser.status.as_u16(), 200, "{}", browser.text);
        assert!(!browser.text.contains(ada.token.trim_start_matches("assay_")), "no secret is told");
    }
}

#[tokio::test]
async fn a_template_is_written_only_as_it_was_compared() {
    let team = Team::new();
    let engineer = team.joins("eng", Role::Engineer);
    let template = format!(
        "{}\n[[person]]\nrole = \"buyer\"\nname = \"Ben Uyer\"\n",
        engineer.get(&format!("{LAMP}/template")).await.text()
    );
    let given = json!({"template": template});
    let compare = Ask::of(&format!("{LAMP}/template/compare")).json(given.clone());
    let compared = engineer.ask("POST", &compare).await;
    assert_eq!(compared.status.as_u16(), 200, "{}", compared.text());
    let lines = compared.json()["lines"].as_array().unwrap().clone();
    assert!(lines.iter().any(|l| l["table"] == "person" && l["becomes"] == "added"), "{lines:?}");
    let seen = compared.header(header::ETAG);
    let toml = team.folder.path().join("lamp/assay.toml");
    let text = std::fs::read_to_string(&toml).unwrap();
    std::fs::write(&toml, format!("{text}\n# Somebody else.\n")).unwrap();
    assert_eq!(post(&engineer, "/template/apply", given.clone(), &seen).await.0, 412);
    let now = engineer.ask("POST", &compare).await.header(header::ETAG);
    let (status, told) = post(&engineer, "/template/apply", given, &now).await;
    assert_eq!((status, &told["files"]), (200, &json!([])), "{told}");
    let text = std::fs::read_to_string(&toml).unwrap();
    assert!(text.contains("Ben Uyer") && text.contains("# Somebody else."), "{text}");
    let (status, refused) = post(&engineer, "/template/compare", json!({"template": "[person"}), "").await;
    assert_eq!((status, refused["place"].as_str()), (422, Some("#/template")), "{refused}");
}

/// Puts something of the guided unit, as it is now.
async fn put(who: &Programs, rest: &str, body: Value) -> (u16, Value) {
    let tag = tag(who, UNIT).await;
    let answer = who.ask("PUT", &Ask::of(&format!("{LAMP}{UNIT}{rest}")).json(body).tag(&tag)).await;
    (answer.status.as_u16(), answer.json())
}

const UNIT: &str = "/guide/5.9-2-2a";

#[tokio::test]
async fn a_unit_is_carried_out_to_its_statement_and_a_laboratory_sees_nothing_of_it() {
    let team = Team::new();
    let (tester, other) = (team.joins("tess", Role::Tester), team.joins("tom", Role::Tester));
    let laboratory = team.joins("lars", Role::Laboratory);
    let seen = tag(&other, UNIT).await;
    let note = |text: &str| json!({"done": true, "observation": text});
    let (status, told) = put(&tester, "/steps/1", note("a red light")).await;
    assert_eq!((status, &told["steps"][0]["done"]["by"]), (200, &json!("tess Person")), "{told}");
    // Whoever looked before that writes nothing over it.
    let late = Ask::of(&format!("{LAMP}{UNIT}/steps/1")).json(note("a blue light")).tag(&seen);
    assert_eq!(other.ask("PUT", &late).await.status.as_u16(), 412);
    assert_eq!(put(&other, "/steps/2", note("nothing")).await.0, 200);
    assert_eq!(put(&tester, "/steps/99", note("nothing")).await.0, 404);
    assert_eq!(put(&tester, "/verdict", json!({"criterion": "none", "verdict": "pass"})).await.0, 422);
    let blind = laboratory.get(&format!("{LAMP}{UNIT}")).await;
    assert_eq!((blind.header(header::ETAG).as_str(), blind.json()["begun"].is_null()), ("\"0\"", true));
    assert!(!blind.text().contains("red light"), "{}", blind.text());
    let (_, told) = put(&tester, "/steps/4/timer", json!({"runs": true})).await;
    assert_eq!(told["steps"][3]["timings"][0]["until"], Value::Null, "{told}");
    put(&tester, "/steps/4/timer", json!({"runs": false})).await;
    let kept = |kind: &str, content: &str| json!({"kind": kind, "name": "../b.jpg", "content": content});
    let script = kept("photo", "PHNjcmlwdD4=");
    let (status, refused) = post(&tester, &format!("{UNIT}/files"), script, &tag(&tester, UNIT).await).await;
    assert_eq!(status, 422, "{refused}");
    let photo = kept("photo", "/9j/4CBhIGJvYXJk");
    let (status, told) = post(&tester, &format!("{UNIT}/files"), photo, &tag(&tester, UNIT).await).await;
    assert_eq!((status, &told["files"][0]["name"]), (201, &json!("b.jpg")), "{told}");
    let at = format!("{LAMP}{UNIT}/files/{}", told["files"][0]["digest"].as_str().unwrap());
    assert!(other.get(&at).await.bytes.ends_with(b" a board"));
    assert_eq!(laboratory.get(&at).await.status.as_u16(), 404);
    let out = tester.ask("DELETE", &Ask::of(&at).tag(&tag(&tester, UNIT).await)).await;
    assert_eq!((out.status.as_u16(), &out.json()["files"]), (200, &json!([])), "{}", out.text());
    assert_eq!(tester.get(&at).await.status.as_u16(), 404);
    let (status, refused) = post(&tester, &format!("{UNIT}/close"), Value::Null, &tag(&tester, UNIT).await).await;
    assert_eq!(status, 409, "{refused}");
    let guided = tester.get(&format!("{LAMP}{UNIT}")).await.json();
    for kind in guided["artefacts"].as_array().unwrap() {
        let content = match kind.as_str().unwrap() {
            "photo" | "screenshot" => "/9j/4CBhIGJvYXJk",
            "capture" => "Cg0NCjEyMzQ=",
            _ => "c2Vlbg==",
        };
        let body = kept(kind.as_str().unwrap(), content);
        let (status, told) = post(&tester, &format!("{UNIT}/files"), body, &tag(&tester, UNIT).await).await;
        assert_eq!(status, 201, "{told}");
    }
    let ruled = json!({"criterion": guided["criteria"][0]["criterion"], "verdict": "fail", "reasoning": "Lost."});
    let (_, told) = put(&tester, "/verdict", ruled).await;
    assert_eq!(told["missing"], json!([]), "{told}");
    // Two who close it at once: one statement, and the other is told.
    let now = tag(&tester, UNIT).await;
    let close = format!("{UNIT}/close");
    let (one, two) =
        tokio::join!(post(&tester, &close, Value::Null, &now), post(&other, &close, Value::Null, &now));
    let mut statuses = [one.0, two.0];
    statuses.sort_unstable();
    assert!(statuses[0] == 201 && [409, 412].contains(&statuses[1]), "{one:?} {two:?}");
    let records = tester.get(&format!("{LAMP}/records?kind=statement")).await.json();
    assert_eq!(records["total"], 1, "{records}");
}

#[tokio::test]
async fn a_second_person_confirms_what_somebody_else_stated() {
    let team = Team::new();
    let toml = team.folder.path().join("lamp/assay.toml");
    let text = std::fs::read_to_string(&toml).unwrap();
    std::fs::write(&toml, format!("{text}\n[policy]\ntwo-persons = [\"5.3-13\"]\n")).unwrap();
    let (tess, tom) = (team.joins("tess", Role::Tester), team.joins("tom", Role::Tester));
    let states = json!({"unit": "5.3-13-1a", "verdict": "pass", "reasoning": "Read the page of the shop."});
    let (_, made) = post(&tess, "/statements", states, "").await;
    let waits = tom.get(&format!("{LAMP}/confirmations")).await.json();
    assert_eq!((&waits["total"], &waits["items"][0]["own"]), (&json!(1), &json!(false)), "{waits}");
    let word = json!({"statement": made["record"], "decision": "approve", "reasons": "So it is."});
    let (status, refused) = post(&tess, "/confirmations", word.clone(), "").await;
    assert_eq!(status, 422, "{refused}");
    assert_eq!(post(&tom, "/confirmations", word, "").await.0, 201);
    assert_eq!(tom.get(&format!("{LAMP}/confirmations")).await.json()["total"], 0);
}

#[tokio::test]
async fn what_is_measured_is_the_plan_that_was_agreed_to_and_its_events_tell_it_to_the_end() {
    let team = Team::new();
    let (tester, engineer) = (team.joins("tess", Role::Tester), team.joins("eng", Role::Engineer));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    // A product that says what it is.
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = std::io::Write::write_all(&mut stream, b"LAMP-7\r\n");
        }
    });
    let bench = |ports: &str| {
        let text = format!(
            "[consent]\ntouches = \"active\"\nby = \"test\"\nuntil = \"2999-12-31\"\n\n\
             [[target]]\nname = \"dut\"\naddress = \"127.0.0.1\"\ntcp-ports = \"{ports}\"\n\n\
             [[identity]]\nmeans = \"banner\"\nport = {port}\nvalue = \"LAMP-7\"\n"
        );
        std::fs::write(team.folder.path().join("lamp/bench.toml"), text).unwrap();
    };
    let part = "?probe=net.tcp-ports&target=dut";
    let plan = async || tester.get(&format!("{LAMP}/run/plan{part}")).await.json();
    bench("9");
    let old = plan().await;
    // The identity of the product is proven first.
    let probes: Vec<&Value> = old["steps"].as_array().unwrap().iter().map(|step| &step["probe"]).collect();
    assert_eq!(
        (probes, &old["lacking"]),
        (vec![&json!("dut.identity"), &json!("net.tcp-ports")], &Value::Null),
        "{old}"
    );
    assert_eq!(tester.get(&format!("{LAMP}/run")).await.status.as_u16(), 404);
    bench(&port.to_string());
    let agreed = |plan: &Value, agreed: bool| json!({"plan": plan["plan"], "agreed": agreed, "probe": "net.tcp-ports", "target": "dut"});
    let (status, refused) = post(&tester, "/run", agreed(&old, true), "").await;
    assert_eq!(status, 409, "{refused}");
    let new = plan().await;
    assert_eq!(post(&tester, "/run", agreed(&new, false), "").await.0, 422);
    let (status, refused) = post(&engineer, "/run", agreed(&new, true), "").await;
    assert_eq!(status, 202, "the plan is the same for whoever may have it sent: {refused}");
    let events = tester.get(&format!("{LAMP}/run/events")).await;
    assert_eq!(events.header(header::CONTENT_TYPE), "text/event-stream");
    let text = events.text();
    let told = text.lines().filter_map(|line| line.strip_prefix("data: "));
    let told: Vec<Value> = told.map(|data| serde_json::from_str(data).unwrap()).collect();
    let lines = told.iter().flat_map(|one| one["lines"].as_array().unwrap().clone());
    let measured: Vec<Value> = lines.filter(|line| line["record"].is_u64()).collect();
    assert!(measured.iter().any(|line| line["what"] == "net.tcp-ports on dut"), "each line once: {text}");
    assert!(text.contains("event: ended") && told.last().unwrap()["ended"]["what"].is_string(), "{text}");
    let run = tester.get(&format!("{LAMP}/run")).await.json();
    assert_eq!((&run["by"], run["ended"].is_object()), (&json!("eng Person"), true), "{run}");
    let record = measured.iter().find(|line| line["what"] == "net.tcp-ports on dut").unwrap()["record"].clone();
    let record = tester.get(&format!("{LAMP}/records/{record}")).await.text();
    assert!(record.contains(&port.to_string()) && record.contains("eng Person"), "{record}");
}
