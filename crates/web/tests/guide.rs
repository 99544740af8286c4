//! A guided unit through the real router: noted, sent twice, sent late, closed only with what it takes.
#![allow(clippy::unwrap_used)]

mod support;

use app::people::Role;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use support::{Answer, Crew, HOST, Open, dossier};

const UNIT: &str = "5.9-2-2a";
const PAGE: &str = "/p/lamp/guide/unit?unit=5.9-2-2a";

fn workspace() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    dossier(&folder.path().join("lamp"), "Lamp");
    folder
}

async fn step(open: &Open, turn: &str, observation: &str) -> Answer {
    let fields = [("unit", UNIT), ("turn", turn), ("step", "1"), ("done", "yes"), ("observation", observation)];
    open.post(PAGE, "/p/lamp/guide/step", &fields).await
}

/// Sends a file as a telephone does.
async fn upload(open: &Open, kind: &str, name: &str, content: &[u8]) -> Answer {
    let page = open.get(PAGE).await.text;
    let mark = page.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let mut body = Vec::new();
    for (field, value) in [("csrf", mark), ("unit", UNIT), ("kind", kind)] {
        let part = format!("--X\r\ncontent-disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
        body.extend(part.into_bytes());
    }
    let head = format!("--X\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
    body.extend(head.into_bytes());
    body.extend(content);
    body.extend(b"\r\n--X--\r\n");
    let request = Request::post("/p/lamp/guide/file").header(header::HOST, HOST);
    let request = request
        .header(header::COOKIE, format!("assay-session={}", open.session))
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=X");
    open.send(request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn what_is_noted_stays_and_what_comes_late_shows_both_texts() {
    let folder = workspace();
    let open = Open::alone(folder.path());
    assert!(open.get(PAGE).await.text.contains("Nothing is noted yet"));
    assert_eq!(step(&open, "0", "red <b>light</b>").await.status, StatusCode::SEE_OTHER);
    assert_eq!(step(&open, "0", "red <b>light</b>").await.status, StatusCode::SEE_OTHER, "sent again");
    let page = open.get(PAGE).await.text;
    assert!(page.contains("1 of ") && page.contains("red &lt;b&gt;light") && !page.contains("<b>light"), "{page}");
    let late = step(&open, "0", "blue light").await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.text.contains("red &lt;b&gt;light") && late.text.contains("blue light"), "{}", late.text);
    assert!(!open.get(PAGE).await.text.contains("blue light"));
    // Another program on the same workspace finds it.
    assert!(Open::alone(folder.path()).get(PAGE).await.text.contains("red &lt;b&gt;light"));
}

#[tokio::test]
async fn time_is_taken_by_two_moments_without_a_script() {
    let folder = workspace();
    let open = Open::alone(folder.path());
    for (word, says) in [("start", "Stop the time"), ("stop", "Start the time")] {
        let fields = [("unit", UNIT), ("turn", "0"), ("step", "4"), ("timer", word)];
        assert_eq!(open.post(PAGE, "/p/lamp/guide/step", &fields).await.status, StatusCode::SEE_OTHER);
        assert!(open.get(PAGE).await.text.contains(says), "{word}");
    }
}

#[tokio::test]
async fn a_file_is_kept_for_its_content_and_its_name_is_shown_safely() {
    let folder = workspace();
    let open = Open::alone(folder.path());
    let refused = upload(&open, "photo", "a.jpg", b"<script>alert(1)</script>").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("by its content it is text"), "{}", refused.text);
    let kept = upload(&open, "photo", "../../<img src=x>.jpg", b"\xff\xd8\xff\xe0 a board").await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.text);
    let page = open.get(PAGE).await.text;
    assert!(page.contains(">&lt;img src=x&gt;.jpg</a>") && !page.contains("<img"), "{page}");
    let link = page.split("/p/lamp/guide/file?").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let file = open.get(&format!("/p/lamp/guide/file?{}", link.replace("&amp;", "&"))).await;
    assert_eq!(file.headers[header::CONTENT_TYPE], "application/octet-stream");
    assert!(file.text.ends_with(" a board"), "{}", file.text);
    let digest = page.split("name=\"digest\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let out = open.post(PAGE, "/p/lamp/guide/detach", &[("unit", UNIT), ("digest", digest)]).await;
    assert_eq!(out.status, StatusCode::SEE_OTHER, "{}", out.text);
    assert!(!open.get(PAGE).await.text.contains("x&gt;.jpg"));
    let gone = open.get(&format!("/p/lamp/guide/file?{}", link.replace("&amp;", "&"))).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    let large = upload(&open, "log", "a.log", &vec![b'a'; 25 << 20]).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn it_cannot_be_closed_while_something_is_missing() {
    let folder = workspace();
    let open = Open::alone(folder.path());
    step(&open, "0", "seen").await;
    let page = open.get(PAGE).await.text;
    assert!(page.contains("It cannot be closed yet") && !page.contains("Close and sign"), "{page}");
    let refused = open.post(PAGE, "/p/lamp/guide/close", &[("unit", UNIT), ("turn", "1")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("a verdict on"), "{}", refused.text);
    let moved = open.post(PAGE, "/p/lamp/guide/close", &[("unit", UNIT), ("turn", "0")]).await;
    assert_eq!(moved.status, StatusCode::CONFLICT);
    let given_up = open.post(PAGE, "/p/lamp/guide/give-up", &[("unit", UNIT), ("turn", "1")]).await;
    assert_eq!(given_up.status, StatusCode::SEE_OTHER);
    assert!(open.get(PAGE).await.text.contains("Nothing is noted yet"));
}

#[tokio::test]
async fn a_laboratory_works_on_workings_of_its_own() {
    let folder = workspace();
    let crew = Crew::of(folder.path());
    let tester = crew.joins("tess", Role::Tester);
    let laboratory = crew.joins("lars", Role::Laboratory);
    step(&tester, "0", "the supplier saw this").await;
    assert!(tester.get(PAGE).await.text.contains("the supplier saw this"));
    let page = laboratory.get(PAGE).await.text;
    assert!(page.contains("Nothing is noted yet") && !page.contains("the supplier saw this"), "{page}");
    step(&laboratory, "0", "the laboratory saw this").await;
    assert!(laboratory.get(PAGE).await.text.contains("the laboratory saw this"));
    assert!(!tester.get(PAGE).await.text.contains("the laboratory saw this"));
}
