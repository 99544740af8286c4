//! Records, their files and proofs, reports and bundles, through the real router.
#![allow(clippy::unwrap_used)]

mod support;

use std::path::Path;

use app::attach::{Draft, attach};
use axum::http::{StatusCode, header};
use support::{Open, dossier};

/// A product with one file kept as evidence, under a name that means harm.
fn workspace(file: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let lamp = folder.path().join("lamp");
    dossier(&lamp, "Lamp");
    let toml = lamp.join("assay.toml");
    let text = std::fs::read_to_string(&toml).unwrap();
    std::fs::write(&toml, format!("{text}\n[[release]]\nversion = \"1.0\"\n")).unwrap();
    let kept = folder.path().join(file);
    std::fs::write(&kept, b"<script>alert(1)</script>").unwrap();
    let draft = Draft {
        file: kept,
        kind: "document".to_owned(),
        about: vec!["5.1-1".to_owned()],
        person: "Lena Vogt".to_owned(),
        role: "engineer".to_owned(),
        effective: None,
        place: None,
        remark: "<img src=x>".to_owned(),
        key: None,
    };
    attach(&lamp, draft, app::now()).unwrap();
    folder
}

fn last(folder: &Path) -> u64 {
    let lines = app::evidence::lines(&folder.join("lamp"), Some("artefact"), None, 1).unwrap();
    lines.lines[0].seq
}

#[tokio::test]
async fn a_record_shows_what_it_says_and_its_file_comes_as_it_was_kept_and_never_runs() {
    let folder = workspace("a\"b;<x>\u{202e}gpj.html");
    let open = Open::alone(folder.path());
    let seq = last(folder.path());
    let list = open.get("/p/lamp/records?kind=artefact").await;
    assert!(list.text.contains(&format!("/p/lamp/records/{seq}")), "{}", list.text);
    let page = open.get(&format!("/p/lamp/records/{seq}")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.text.contains("<img") && !page.text.contains('\u{202e}'), "{}", page.text);
    let file =
        page.text.split("href=\"").map(|rest| rest.split('"').next().unwrap()).find(|h| h.contains("/files/"));
    let file = open.get(file.unwrap()).await;
    assert_eq!((file.status, file.text.as_str()), (StatusCode::OK, "<script>alert(1)</script>"));
    assert_eq!(file.headers[header::CONTENT_TYPE], "application/octet-stream");
    let disposition = file.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
    assert!(disposition.starts_with("attachment; filename=\"a_b__x__gpj.html\""), "{disposition}");
    assert!(file.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().starts_with("sandbox"));
}

#[tokio::test]
async fn one_altered_byte_of_a_file_is_said_and_not_handed_out() {
    let folder = workspace("note.txt");
    let open = Open::alone(folder.path());
    let seq = last(folder.path());
    let page = open.get(&format!("/p/lamp/records/{seq}")).await.text;
    let file = page.split("href=\"").map(|rest| rest.split('"').next().unwrap()).find(|h| h.contains("/files/"));
    let file = file.unwrap().to_owned();
    let digest = file.rsplit([':', '/']).next().unwrap().to_owned();
    let mut found = Vec::new();
    files(&folder.path().join("lamp/.assay/blobs"), &mut found);
    let blob = found.iter().find(|path| path.to_string_lossy().contains(&digest)).unwrap();
    let mut bytes = std::fs::read(blob).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::remove_file(blob).unwrap();
    std::fs::write(blob, bytes).unwrap();
    let answer = open.get(&file).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{}", answer.text);
    assert!(answer.text.contains("altered") && !answer.text.contains("alert(1)"), "{}", answer.text);
}

fn files(at: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(at).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

#[tokio::test]
async fn a_file_is_handed_out_for_the_record_that_names_it_alone() {
    let folder = workspace("note.txt");
    let open = Open::alone(folder.path());
    let seq = last(folder.path());
    let page = open.get(&format!("/p/lamp/records/{seq}")).await.text;
    let file = page.split("href=\"").map(|rest| rest.split('"').next().unwrap()).find(|h| h.contains("/files/"));
    let other = file.unwrap().replace(&format!("/records/{seq}/"), "/records/0/");
    assert_eq!(open.get(&other).await.status, StatusCode::NOT_FOUND);
    assert_eq!(open.get("/p/lamp/records/9999").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_assessment_is_recorded_from_the_page_and_its_bundle_verifies() {
    let folder = workspace("note.txt");
    let open = Open::alone(folder.path());
    let recorded = open.post("/p/lamp/reports", "/p/lamp/reports/record", &[]).await;
    assert_eq!(recorded.status, StatusCode::SEE_OTHER, "{}", recorded.text);
    let at = recorded.headers[header::LOCATION].to_str().unwrap().to_owned();
    let seq = at.rsplit('/').next().unwrap().to_owned();
    assert!(open.get(&at).await.text.contains("assessment"), "{at}");
    let fields = [("record", seq.as_str()), ("redact", "yes")];
    let bundle = open.post_bytes("/p/lamp/reports", "/p/lamp/reports/bundle", &fields).await;
    let file = folder.path().join("bundle.tar");
    std::fs::write(&file, bundle).unwrap();
    let against = app::verify::Against::read(None, None).unwrap();
    assert!(app::verify::verify(&file, &against).unwrap().is_sound());
    let left = std::fs::read_dir(folder.path().join("lamp/.assay")).unwrap();
    assert!(left.flatten().all(|entry| !entry.file_name().to_string_lossy().starts_with(".bundle")));
}

#[tokio::test]
async fn a_form_without_the_mark_of_its_session_changes_nothing() {
    let folder = workspace("note.txt");
    let open = Open::alone(folder.path());
    let before = open.get("/p/lamp/records").await.text;
    let forged = open.post_marked("0000", "/p/lamp/reports/record", &[]).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    assert_eq!(open.get("/p/lamp/records").await.text, before);
}

#[tokio::test]
async fn nothing_is_measured_that_was_not_agreed_to() {
    let folder = workspace("note.txt");
    let open = Open::alone(folder.path());
    let page = open.get("/p/lamp/run").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("bench.toml"), "{}", page.text);
    let refused = open.post("/p/lamp/reports", "/p/lamp/run", &[("plan", "x")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("not agreed"), "{}", refused.text);
}
