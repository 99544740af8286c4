//! How each operation of the interface for programs is asked so that it succeeds.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

use axum::http::header;
use serde_json::{Value, json};

use super::programs::{Answer, Ask, Programs};

/// A unit that a person carries out.
pub const UNIT: &str = "5.9-2-2a";

pub const LAMP: &str = "/api/v1/products/lamp";

/// How each operation is asked so that it succeeds, in an order in which it can be.
pub async fn example(programs: &Programs, id: &str) -> Ask {
    let of = |rest: &str| Ask::of(&format!("{LAMP}{rest}"));
    let first = |answer: Answer, field: &str| answer.json()["items"][0][field].clone();
    match id {
        "describe" => Ask::of("/api/v1/openapi.json"),
        "me" => Ask::of("/api/v1/me"),
        "listSessions" => Ask { session: true, ..Ask::of("/api/v1/me/sessions") },
        "listTokens" => Ask { session: true, ..Ask::of("/api/v1/me/tokens") },
        "listPeople" => Ask::of("/api/v1/people?limit=500"),
        "getPerson" => Ask::of("/api/v1/people/owner"),
        "invitePerson" => {
            // A name of an account is given once.
            let many = programs.get("/api/v1/people").await.json()["total"].as_u64().unwrap();
            let body = json!({"account": format!("p{many}"), "name": format!("Person {many}"), "role": "tester"});
            Ask::of("/api/v1/people").json(body)
        }
        "giveRole" => {
            let at = invited(programs).await;
            let tag = programs.get(&at).await.header(header::ETAG);
            Ask::of(&at).json(json!({"role": "laboratory", "product": "lamp"})).tag(&tag)
        }
        "invitePersonAgain" | "endAccount" => {
            let at = invited(programs).await;
            let tag = programs.get(&at).await.header(header::ETAG);
            let link = if id == "endAccount" { "" } else { "/link" };
            Ask::of(&format!("{at}{link}")).tag(&tag)
        }
        "listProducts" => Ask::of("/api/v1/products?find=lam&limit=1"),
        "getProduct" => of(""),
        "listDeclared" => of("/declared?limit=500"),
        "listPlanned" => of("/plan?limit=500"),
        "listFiles" => of("/files"),
        "getFile" => of("/files/ics.toml"),
        "putFile" => {
            let file = programs.get(&format!("{LAMP}/files/ics.toml")).await;
            let text = format!("{}\n# seen\n", file.text());
            of("/files/ics.toml").bytes("application/toml", text.as_bytes()).tag(&file.header(header::ETAG))
        }
        "listNotes" => of("/notes?limit=500"),
        "getAssessment" => of("/assessment"),
        "listProvisions" => of("/provisions?limit=500"),
        "getProvision" => of("/provisions/5.1-1"),
        "listInstances" => of("/instances?outcome=open&limit=500"),
        "getInstance" => {
            let found = first(programs.get(&format!("{LAMP}/instances")).await, "id");
            of(&format!("/instances/{}", found.as_str().unwrap().replace(' ', "%20")))
        }
        "getControls" => of("/controls?clause=5.1"),
        "getAnswers" => of("/answers?audience=auditor&clause=5.1"),
        "exportReportHtml" => of("/exports/report.html"),
        "exportReportMarkdown" => of("/exports/report.md"),
        "exportControlsHtml" => of("/exports/controls.html"),
        "exportControlsMarkdown" => of("/exports/controls.md"),
        "exportAnswersHtml" => of("/exports/answers.html"),
        "exportAnswersMarkdown" => of("/exports/answers.md"),
        "exportAnswersCsv" => of("/exports/answers.csv"),
        "getTemplate" => of("/template"),
        "compareTemplate" => of("/template/compare").json(template(programs)),
        "applyTemplate" => {
            let compare = of("/template/compare").json(template(programs));
            let tag = programs.ask("POST", &compare).await.header(header::ETAG);
            of("/template/apply").json(template(programs)).tag(&tag)
        }
        "listFindings" => of("/findings"),
        "listGaps" => of("/gaps?limit=500"),
        "getGate" => of("/gate"),
        "listAssessments" => of("/assessments"),
        "recordAssessment" => of("/assessments"),
        "state" => of("/statements").json(json!({
            "unit": "5.3-13-1a", "verdict": "pass", "reasoning": "Read the page of the shop.", "role": "tester",
            "artefacts": [{"kind": "document", "name": "shop.txt", "content": "VGhlIHNob3A="}],
        })),
        "listWaiting" => of("/guide?limit=500"),
        "getGuided" => of(&format!("/guide/{UNIT}")),
        "noteStep" => {
            let noted = json!({"done": true, "observation": "A red light.", "value": "3 s"});
            of(&format!("/guide/{UNIT}/steps/1")).json(noted).tag(&bench(programs).await)
        }
        "timeStep" => {
            of(&format!("/guide/{UNIT}/steps/4/timer")).json(json!({"runs": true})).tag(&bench(programs).await)
        }
        "placeWorking" => {
            of(&format!("/guide/{UNIT}/place")).json(json!({"place": "lan"})).tag(&bench(programs).await)
        }
        "ruleCriterion" => {
            let guided = programs.get(&format!("{LAMP}/guide/{UNIT}")).await;
            let criterion = guided.json()["criteria"][0]["criterion"].clone();
            let ruled = json!({"criterion": criterion, "verdict": "fail", "reasoning": "It lost its settings."});
            of(&format!("/guide/{UNIT}/verdict")).json(ruled).tag(&guided.header(header::ETAG))
        }
        "attachFile" => of(&format!("/guide/{UNIT}/files")).json(photo("photo")).tag(&bench(programs).await),
        "getFileOfWorking" | "detachFile" => {
            let at = format!("/guide/{UNIT}/files");
            let ask = of(&at).json(photo("photo")).tag(&bench(programs).await);
            let kept = programs.ask("POST", &ask).await.json();
            let digest = kept["files"][0]["digest"].as_str().unwrap().to_owned();
            of(&format!("{at}/{digest}")).tag(&if id == "detachFile" {
                bench(programs).await
            } else {
                String::new()
            })
        }
        "closeWorking" => {
            let guided = programs.get(&format!("{LAMP}/guide/{UNIT}")).await.json();
            for kind in guided["artefacts"].as_array().unwrap() {
                let ask = of(&format!("/guide/{UNIT}/files")).json(photo(kind.as_str().unwrap()));
                programs.ask("POST", &ask.tag(&bench(programs).await)).await;
            }
            let ruled = Box::pin(example(programs, "ruleCriterion")).await;
            programs.ask("PUT", &ruled).await;
            of(&format!("/guide/{UNIT}/close")).tag(&bench(programs).await)
        }
        "giveUpWorking" => {
            let noted = Box::pin(example(programs, "noteStep")).await;
            programs.ask("PUT", &noted).await;
            of(&format!("/guide/{UNIT}")).tag(&bench(programs).await)
        }
        "listUnconfirmed" => of("/confirmations"),
        "confirm" => {
            let draft = app::state::Draft {
                unit: "5.3-13-1a".to_owned(),
                person: "Berta Meyer".to_owned(),
                verdict: Some(model::Verdict::Pass),
                reasoning: "Read the page of the shop.".to_owned(),
                ..app::state::Draft::default()
            };
            let stated = app::state::state(&programs.folder.join("lamp"), draft, app::now()).unwrap();
            of("/confirmations")
                .json(json!({"statement": stated.seq, "decision": "approve", "reasons": "So it is."}))
        }
        "listReviews" => of("/reviews"),
        "getCheckpoints" => of("/checkpoints"),
        "review" => {
            programs.ask("POST", &Ask::of(&format!("{LAMP}/assessments"))).await;
            let newest = first(programs.get(&format!("{LAMP}/assessments")).await, "record");
            of("/reviews").json(json!({"assessment": newest, "decision": "return", "reasons": "Not yet."}))
        }
        "signOff" | "takeBack" => {
            let tag = || async { programs.get(&format!("{LAMP}/checkpoints")).await.header(header::ETAG) };
            let sign = of("/checkpoints/kept/sign").json(json!({"reasons": "Looked at all of it."}));
            if id == "signOff" {
                return sign.tag(&tag().await);
            }
            programs.ask("POST", &sign.tag(&tag().await)).await;
            of("/checkpoints/kept/take-back").json(json!({"reasons": "Too early."})).tag(&tag().await)
        }
        "listRequests" => of("/requests?state=asked&limit=500"),
        "askForEvidence" => of("/requests").json(request()),
        "draftRequest" => {
            let task = programs.get(&format!("{LAMP}/tasks?open=true")).await;
            of(&format!("/tasks/{}/request", first(task, "id").as_str().unwrap()))
        }
        "getRequest" => of(&format!("/requests/{}", asked(programs).await)),
        "renewLink" => of(&format!("/requests/{}/link", asked(programs).await)),
        "listAsked" => of("/asked?limit=500"),
        "getAsked" => of(&format!("/asked/{}", asked(programs).await)),
        "answerRequest" => {
            let handed = json!({"references": ["DOC-17"], "files": [{"name": "note.txt", "content": "c2Vlbg=="}]});
            of(&format!("/asked/{}/answers", asked(programs).await)).json(handed)
        }
        "withdrawRequest" | "returnAnswer" => {
            let at = format!("/requests/{}", answered(programs).await);
            let tag = programs.get(&format!("{LAMP}{at}")).await.header(header::ETAG);
            let does = if id == "returnAnswer" { "return" } else { "withdraw" };
            of(&format!("{at}/{does}")).json(json!({"because": "Another revision."})).tag(&tag)
        }
        "acceptAnswer" => {
            let at = format!("/requests/{}", answered(programs).await);
            let tag = programs.get(&format!("{LAMP}{at}")).await.header(header::ETAG);
            of(&format!("{at}/accept")).json(json!({})).tag(&tag)
        }
        "listTasks" => of("/tasks?limit=500"),
        "addTask" => of("/tasks").json(json!({"title": "Ask", "criterion": "Answered", "due": "2027-01-31"})),
        "recordTasks" => of("/tasks/record"),
        "getTask" => of(&format!("/tasks/{}", own(programs).await)),
        "assignTask" => {
            let at = format!("/tasks/{}", own(programs).await);
            let tag = programs.get(&format!("{LAMP}{at}")).await.header(header::ETAG);
            of(&at).json(json!({"person": "Lena Vogt"})).tag(&tag)
        }
        "endTask" => of(&format!("/tasks/{}/done", own(programs).await)).json(json!({"how": "They answered."})),
        "planRun" => of("/run/plan?probe=net.tcp-ports&target=dut"),
        "startRun" => {
            over(programs).await;
            run(programs).await
        }
        "getRun" => {
            ran(programs).await;
            of("/run")
        }
        "watchRun" => {
            ran(programs).await;
            of("/run/events")
        }
        "listRecords" => of("/records?limit=2"),
        "getRecord" => of("/records/0"),
        "proveRecord" => of("/records/0/proof"),
        "proveConsistency" => of("/consistency?old=1"),
        "getCheckpoint" => of("/checkpoint"),
        "getEvidence" => {
            let kept = first(programs.get(&format!("{LAMP}/records?kind=artefact")).await, "seq");
            let record = programs.get(&format!("{LAMP}/records/{kept}")).await.json();
            of(&format!("/records/{kept}/evidence/{}", record["record"]["digest"].as_str().unwrap()))
        }
        "listReleases" => of("/releases"),
        "addRelease" => of("/releases").json(json!({"version": "1.1", "date": "2026-11-30", "notes": "Mended."})),
        "listCurrency" => of("/currency?limit=500"),
        "diffReleases" => {
            programs.ask("POST", &Ask::of(&format!("{LAMP}/assessments"))).await;
            let all = programs.get(&format!("{LAMP}/releases")).await.json();
            let under = all["items"].as_array().unwrap().iter().find(|r| r["under_assessment"] == true).unwrap();
            let version = under["version"].as_str().unwrap();
            of(&format!("/diff?old={version}&new={version}"))
        }
        "getBundle" => {
            programs.ask("POST", &Ask::of(&format!("{LAMP}/assessments"))).await;
            of("/bundle")
        }
        other => panic!("no example for {other}"),
    }
}

/// The name of a task of one's own.
async fn own(programs: &Programs) -> String {
    let new = Ask::of(&format!("{LAMP}/tasks")).json(json!({"title": "Look", "criterion": "Looked"}));
    programs.ask("POST", &new).await.json()["id"].as_str().unwrap().to_owned()
}

fn request() -> Value {
    json!({
        "kind": "document", "scope": "The errata of the radio.", "criterion": ["It names our revision."],
        "of": "Lena Vogt", "about": ["5.1-1"], "due": "2027-01-31", "link": true,
    })
}

/// The name of a request that was just made.
async fn asked(programs: &Programs) -> String {
    let made = programs.ask("POST", &Ask::of(&format!("{LAMP}/requests")).json(request())).await;
    made.json()["request"]["id"].as_str().unwrap().to_owned()
}

/// The same, answered by somebody else.
async fn answered(programs: &Programs) -> String {
    let id = asked(programs).await;
    let handed = app::requests::Handed {
        references: vec!["DOC-17".to_owned()],
        by: "S. Upplier".to_owned(),
        ..app::requests::Handed::default()
    };
    let request = app::requests::RequestId::from_text(&id);
    app::requests::answer(&programs.folder.join("lamp"), &request, &handed, app::now()).unwrap();
    id
}

/// The address of somebody who was just invited.
async fn invited(programs: &Programs) -> String {
    let ask = Box::pin(example(programs, "invitePerson")).await;
    let made = programs.ask("POST", &ask).await.json();
    format!("/api/v1/people/{}", made["person"]["account"].as_str().unwrap())
}

/// The tag of the working as it is now.
async fn bench(programs: &Programs) -> String {
    programs.get(&format!("{LAMP}/guide/{UNIT}")).await.header(header::ETAG)
}

/// A file whose content is of a kind.
fn photo(kind: &str) -> Value {
    let content = match kind {
        "photo" | "screenshot" => "/9j/4CBhIGJvYXJk",
        "capture" => "Cg0NCjEyMzQ=",
        _ => "c2Vlbg==",
    };
    json!({"kind": kind, "name": "a", "content": content, "step": 1})
}

/// The template of another product, with somebody this one does not have yet.
fn template(programs: &Programs) -> Value {
    let text = app::template::save(&programs.folder.join("lamp"), true, app::now()).unwrap();
    let person = "\n[[person]]\nrole = \"buyer\"\nname = \"Ben Uyer\"\n";
    json!({"template": format!("{text}{person}")})
}

/// What starts a run of one step.
async fn run(programs: &Programs) -> Ask {
    let plan = programs.get(&format!("{LAMP}/run/plan?probe=net.tcp-ports&target=dut")).await.json();
    let part = json!({"plan": plan["plan"], "agreed": true, "probe": "net.tcp-ports", "target": "dut"});
    Ask::of(&format!("{LAMP}/run")).json(part)
}

/// Waits until no run is going on.
async fn over(programs: &Programs) {
    programs.get(&format!("{LAMP}/run/events")).await;
}

/// A run that has ended.
async fn ran(programs: &Programs) {
    let run = run(programs).await;
    programs.ask("POST", &run).await;
    over(programs).await;
}
