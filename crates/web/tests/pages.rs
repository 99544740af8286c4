//! The pages through the real router.
#![allow(clippy::unwrap_used)]

mod support;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use support::{HOST, Open, dossier};

fn workspace() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    dossier(&folder.path().join("plug"), "Plug <b>7</b>");
    dossier(&folder.path().join("lamp"), "Lamp");
    folder
}

#[tokio::test]
async fn the_portfolio_lists_every_product_and_finds_one() {
    let folder = workspace();
    let open = Open::alone(folder.path());
    let all = open.get_looked_at("/").await;
    assert_eq!(all.status, StatusCode::OK);
    assert!(all.text.contains("/p/plug") && all.text.contains("/p/lamp"), "{}", all.text);
    assert!(all.text.contains("Plug &lt;b&gt;7&lt;/b&gt;") && !all.text.contains("<b>7"), "{}", all.text);
    let one = open.get("/?find=lam").await;
    assert!(!one.text.contains("/p/plug") && one.text.contains("/p/lamp"));
}

#[tokio::test]
async fn a_product_that_was_not_looked_at_is_listed_as_that_and_as_nothing_better() {
    let folder = tempfile::tempdir().unwrap();
    // More than the page holds against their files before anything is said, and more than it shows.
    for number in 0..60 {
        dossier(&folder.path().join(format!("plug-{number}")), "Plug");
    }
    let open = Open::alone(folder.path());
    let first = open.get("/?stands=not-yet&page=2").await;
    assert_eq!(first.status, StatusCode::OK);
    assert!(
        first.text.contains("not looked at yet</span>") && first.text.contains("/p/plug-59"),
        "{}",
        first.text
    );
    for better in ["stands=clear", "stands=open", "stands=findings"] {
        let page = open.get(&format!("/?{better}&find=plug-59")).await.text;
        assert!(!page.contains("href=\"/p/plug-59\""), "{page}");
    }
    let day = open.get("/my-day").await.text;
    assert!(day.contains("not looked at yet today") && !day.contains("Nothing waits for you"), "{day}");
}

#[tokio::test]
async fn a_product_shows_every_provision_and_another_name_shows_nothing() {
    let folder = workspace();
    let open = Open::alone(folder.path());
    let page = open.get("/p/lamp").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.text.matches("class=\"tile ").count(), 78);
    for other in ["/p/..", "/p/%2e%2e%2fplug", "/p/.assay", "/p/nothing", "/p/plug%00"] {
        let status = open.get(other).await.status;
        assert!(status == StatusCode::NOT_FOUND || status == StatusCode::BAD_REQUEST, "{other} {status}");
    }
}

#[tokio::test]
async fn a_change_on_disk_is_seen_at_the_next_look_and_a_broken_file_is_said() {
    let folder = workspace();
    let open = Open::alone(folder.path());
    assert!(!open.get("/p/lamp").await.text.contains("Nightlight"));
    let file = folder.path().join("lamp/assay.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("Lamp", "Nightlight")).unwrap();
    assert!(open.get("/p/lamp").await.text.contains("Nightlight"));
    std::fs::write(&file, [0xff, 0xfe]).unwrap();
    let broken = open.get("/p/lamp").await;
    assert_eq!(broken.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(broken.text.contains("not UTF-8"), "{}", broken.text);
}

#[tokio::test]
async fn nobody_comes_in_without_a_session_or_under_another_name() {
    let folder = workspace();
    let open = Open::alone(folder.path());
    let stranger = Request::get("/p/lamp").header(header::HOST, HOST).body(Body::empty()).unwrap();
    let answer = open.send(stranger).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.headers[header::LOCATION], "/sign-in");
    let rebound = Request::get("/sign-in").header(header::HOST, "evil.example:9").body(Body::empty()).unwrap();
    assert_eq!(open.send(rebound).await.status, StatusCode::MISDIRECTED_REQUEST);
    let used = open.get("/enter?token=00").await;
    assert_eq!(used.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn every_answer_forbids_what_the_pages_do_not_need() {
    let folder = workspace();
    let open = Open::alone(folder.path());
    for path in ["/", "/p/lamp", "/nothing", "/assets/style.css", "/sign-in"] {
        let headers = open.get(path).await.headers;
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path}");
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
    }
    let page = open.get("/p/lamp").await.text;
    assert!(!page.contains(" style=") && !page.contains("<style") && !page.contains(" onclick"));
}

#[tokio::test]
async fn every_provision_and_the_findings_have_a_page_and_an_unknown_one_has_none() {
    let folder = workspace();
    let open = Open::alone(folder.path());
    let overview = open.get("/p/lamp").await.text;
    let links: std::collections::BTreeSet<&str> = overview
        .split("href=\"")
        .filter_map(|rest| rest.split('"').next())
        .filter(|href| href.starts_with("/p/lamp/provisions/"))
        .collect();
    assert_eq!(links.len(), 78);
    for link in links {
        let page = open.get(link).await;
        assert_eq!(page.status, StatusCode::OK, "{link}");
        assert!(page.text.contains("Whether it applies"), "{link}");
    }
    assert_eq!(open.get("/p/lamp/provisions/5.99-1").await.status, StatusCode::NOT_FOUND);
    let findings = open.get("/p/lamp/findings").await;
    assert!(findings.text.contains("/p/lamp/provisions/5.1-1") && !findings.text.contains("href=\"#p-"));
}

#[tokio::test]
async fn controls_and_answers_are_shown_by_clause_and_handed_out_whole() {
    let folder = workspace();
    let open = Open::alone(folder.path());
    for (page, of) in [("controls", "5.5-8"), ("answers", "5.5-8")] {
        let shown = open.get(&format!("/p/lamp/{page}?clause=5.5")).await;
        assert_eq!(shown.status, StatusCode::OK, "{page}");
        assert!(shown.text.contains(of) && !shown.text.contains("5.6-1<"), "{page}");
        let file = open.get(&format!("/p/lamp/{page}/{page}.md")).await;
        assert!(file.text.contains("5.5-8") && file.text.contains("5.6-1"), "{page}");
        assert!(file.headers[header::CONTENT_DISPOSITION].to_str().unwrap().starts_with("attachment"));
        assert_eq!(open.get(&format!("/p/lamp/{page}/other.exe")).await.status, StatusCode::NOT_FOUND);
    }
}
