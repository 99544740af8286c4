//! What my day shows of reviews, sign-offs, confirmations and units at the bench, and to whom.
#![allow(clippy::unwrap_used)]

mod support;

use app::people::Role;
use app::state;
use axum::http::StatusCode;
use model::Verdict;
use support::{Crew, Open, filled};

const UNIT: &str = "/p/plug/guide/unit?unit=5.9-2-2a";

/// A workspace whose policy asks for a second person on 5.1-4, and a statement that waits for one.
fn workspace(stated_by: &str) -> tempfile::TempDir {
    let folder = filled::workspace();
    let plug = folder.path().join("plug");
    let text = std::fs::read_to_string(plug.join("assay.toml")).unwrap();
    let asked = text.replacen("[policy]", "[policy]\ntwo-persons = [\"5.1-4\"]", 1);
    assert_ne!(text, asked);
    std::fs::write(plug.join("assay.toml"), asked).unwrap();
    let draft = state::Draft {
        unit: "5.1-4-1a".to_owned(),
        entry: Some("AuthMech-Web".to_owned()),
        person: stated_by.to_owned(),
        role: "test laboratory".to_owned(),
        verdict: Some(Verdict::Pass),
        reasoning: "Read.".to_owned(),
        ..state::Draft::default()
    };
    state::state(&plug, draft, app::now()).unwrap();
    folder
}

/// My day, once the product was looked at as it is now.
async fn day(open: &Open) -> support::Answer {
    open.get("/p/plug/findings").await;
    open.get("/my-day").await
}

#[tokio::test]
async fn it_shows_what_waits_for_a_second_person_a_signature_and_the_one_who_began() {
    let folder = workspace("A. Laborant");
    let open = Open::alone(folder.path());
    let told = day(&open).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    assert!(told.text.contains("Statements to confirm") && told.text.contains("5.1-4-1a"), "{}", told.text);
    assert!(told.text.contains("Sign off") && told.text.contains("<strong>declared</strong>"), "{}", told.text);
    // In the other product a unit is begun already.
    assert!(!told.text.contains(UNIT), "{}", told.text);
    let fields = [("unit", "5.9-2-2a"), ("turn", "0"), ("step", "1"), ("done", "yes"), ("observation", "seen")];
    let done = open.post(UNIT, "/p/plug/guide/step", &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let told = day(&open).await.text;
    assert!(told.contains("Units you began") && told.contains(UNIT) && told.contains("1 of "), "{told}");
    // What is signed off waits no more.
    let page = "/p/plug/checkpoints";
    let size = open.get(page).await.text.split("name=\"size\" value=\"").nth(1).unwrap().to_owned();
    let size = size.split('"').next().unwrap();
    let fields = [("checkpoint", "declared"), ("reasons", "read"), ("size", size)];
    let signed = open.post(page, "/p/plug/checkpoints/sign", &fields).await;
    assert_eq!(signed.status, StatusCode::SEE_OTHER, "{}", signed.text);
    assert!(!day(&open).await.text.contains("<strong>declared</strong>"));
}

#[tokio::test]
async fn nobody_is_asked_to_confirm_or_sign_off_what_is_their_own_or_not_theirs_to_do() {
    let folder = workspace("Lena Vogt");
    let own = day(&Open::alone(folder.path())).await.text;
    assert!(!own.contains("Statements to confirm"), "{own}");
    let folder = workspace("A. Laborant");
    let crew = Crew::of(folder.path());
    let (auditor, tester) = (crew.joins("aud", Role::Auditor), crew.joins("tess", Role::Tester));
    let told = day(&auditor).await.text;
    assert!(!told.contains("Statements to confirm") && !told.contains("Sign off"), "{told}");
    let told = day(&tester).await.text;
    assert!(told.contains("Statements to confirm") && !told.contains("Sign off"), "{told}");
}

#[tokio::test]
async fn who_works_alone_is_told_the_tasks_that_nobody_has_and_in_a_team_nobody_is() {
    let folder = workspace("Lena Vogt");
    let open = Open::alone(folder.path());
    let told = day(&open).await.text;
    assert!(told.contains("Tasks that nobody has yet") && told.contains("/p/plug/tasks?has=nobody"), "{told}");
    let of_nobody = open.get("/p/plug/tasks?has=nobody").await.text;
    let (_, rest) = of_nobody.split_once("id=\"T-").unwrap();
    let (id, _) = rest.split_once('"').unwrap();
    let id = format!("T-{id}");
    let fields = [("does", "assign"), ("task", id.as_str()), ("person", "A. Laborant")];
    assert_eq!(open.post("/p/plug/tasks", "/p/plug/tasks", &fields).await.status, StatusCode::SEE_OTHER);
    let of_nobody = open.get("/p/plug/tasks?has=nobody").await.text;
    assert!(!of_nobody.contains(&format!("id=\"{id}\"")), "{of_nobody}");
    let crew = Crew::of(folder.path());
    let engineer = crew.joins("eng", Role::Engineer);
    assert!(!day(&engineer).await.text.contains("Tasks that nobody has yet"));
}
