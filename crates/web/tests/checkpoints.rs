//! Checkpoints, reviews and compared releases through the real router.
#![allow(clippy::unwrap_used)]

mod support;

use std::path::Path;

use app::demo::SAMPLE;
use app::people::Role;
use app::state::{Draft, state};
use axum::http::StatusCode;
use dossier::SourceText;
use support::{Crew, Open};

/// The sample in `plug`, with more at the end of its `assay.toml`.
fn sample(more: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = |path: &str, text: &str| match path {
        "assay.toml" => format!("{text}\n{more}"),
        _ => text.to_owned(),
    };
    let sources: Vec<SourceText> =
        SAMPLE.iter().map(|(path, was)| SourceText { path: (*path).to_owned(), text: text(path, was) }).collect();
    app::folder::create(&folder.path().join("plug"), &sources).unwrap();
    folder
}

fn stated_by(folder: &Path, person: &str) {
    let draft = Draft {
        unit: "5.2-2-1a".into(),
        entry: Some("VulnTypes-Firmware".into()),
        person: person.into(),
        role: "test laboratory".into(),
        verdict: Some(model::Verdict::Pass),
        reasoning: "read".into(),
        ..Draft::default()
    };
    state(&folder.join("plug"), draft, app::now()).unwrap();
}

/// The number of records that the first form of a page was made over.
fn size(page: &str) -> String {
    let size = page.split("name=\"size\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    size.unwrap_or_else(|| panic!("no form: {page}")).to_owned()
}

const AT: &str = "/p/plug/checkpoints";

#[tokio::test]
async fn the_chain_tells_where_the_release_stands_and_leads_to_what_is_missing() {
    let folder = sample("");
    let open = Open::alone(folder.path());
    let page = open.get(AT).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("stands before <strong>declared</strong>"), "{}", page.text);
    assert_eq!(page.text.matches("class=\"c-").count(), 6, "a link for each checkpoint");
    assert!(page.text.contains("aria-current=\"step\""), "where it stands is said");
    assert!(page.text.contains("href=\"/p/plug/run\"") && page.text.contains("href=\"/p/plug/provisions/5.1-1\""));
    assert_eq!(page.text.matches("/checkpoints/sign\"").count(), 1, "only what can be signed off has a form");
}

#[tokio::test]
async fn a_sign_off_is_recorded_under_the_visitors_name_and_an_old_page_signs_nothing() {
    let folder = sample("");
    let open = Open::alone(folder.path());
    let before = size(&open.get(AT).await.text);
    let form = |size: &str| -> [(&'static str, String); 4] {
        [
            ("checkpoint", "declared".into()),
            ("reasons", "read <all> of it".into()),
            ("role", "product security".into()),
            ("size", size.into()),
        ]
    };
    let send = |form: &[(&'static str, String); 4]| -> Vec<(&'static str, String)> { form.to_vec() };
    let fields = send(&form(&before));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let signed = open.post(AT, &format!("{AT}/sign"), &fields).await;
    assert_eq!(signed.status, StatusCode::SEE_OTHER, "{}", signed.text);
    let page = open.get(AT).await.text;
    assert!(page.contains("Lena Vogt, product security") && page.contains("read &lt;all&gt; of it"), "{page}");
    assert!(page.contains("stands before <strong>planned</strong>"), "{page}");
    // The page that was open before is one of another ledger.
    let old = open.post(AT, &format!("{AT}/sign"), &fields).await;
    assert_eq!(old.status, StatusCode::CONFLICT);
    assert!(old.text.contains("read &lt;all&gt; of it"), "what was written is not lost: {}", old.text);
    let now = size(&page);
    let back = [("checkpoint", "declared"), ("reasons", "too early"), ("size", now.as_str())];
    assert_eq!(open.post(AT, &format!("{AT}/take-back"), &back).await.status, StatusCode::SEE_OTHER);
    let page = open.get(AT).await.text;
    assert!(page.contains("Does not stand: Lena Vogt took it back by record"), "{page}");
}

#[tokio::test]
async fn an_author_signs_nothing_off_and_reviews_nothing_and_is_told_why() {
    let folder = sample("[[checkpoint]]\nname = \"good\"\nholds = [\"recommended\"]\n");
    stated_by(folder.path(), "Lena Vogt");
    let open = Open::alone(folder.path());
    let now = size(&open.get(AT).await.text);
    let fields = [("checkpoint", "good"), ("reasons", "fine"), ("size", now.as_str())];
    let refused = open.post(AT, &format!("{AT}/sign"), &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("Lena Vogt stated record 2, on which the checkpoint rests"), "{}", refused.text);
    app::assess::record(&folder.path().join("plug"), app::now()).unwrap();
    let page = open.get("/p/plug/reviews").await.text;
    let (now, record) = (size(&page), page.split("name=\"record\" value=\"").nth(1).unwrap());
    let record = record.split('"').next().unwrap();
    let fields = [
        ("record", record),
        ("checkpoint", "judged"),
        ("decision", "approve"),
        ("reasons", "fine"),
        ("size", now.as_str()),
    ];
    let refused = open.post("/p/plug/reviews", "/p/plug/reviews", &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("Lena Vogt stated record 2"), "{}", refused.text);
}

#[tokio::test]
async fn a_review_is_signed_on_a_page_and_reaches_its_checkpoint() {
    let folder = sample("[[checkpoint]]\nname = \"read\"\nholds = [\"assessed\", \"reviewed\"]\n");
    stated_by(folder.path(), "T. Ester");
    app::assess::record(&folder.path().join("plug"), app::now()).unwrap();
    let open = Open::alone(folder.path());
    assert!(open.get(AT).await.text.contains("/p/plug/reviews"));
    let page = open.get("/p/plug/reviews").await.text;
    let record = page.split("name=\"record\" value=\"").nth(1).and_then(|r| r.split('"').next()).unwrap();
    let now = size(&page);
    let mut fields =
        vec![("record", record), ("checkpoint", "judged"), ("reasons", "read"), ("size", now.as_str())];
    fields.push(("decision", "perhaps"));
    assert_eq!(
        open.post("/p/plug/reviews", "/p/plug/reviews", &fields).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    *fields.last_mut().unwrap() = ("decision", "approve");
    let signed = open.post("/p/plug/reviews", "/p/plug/reviews", &fields).await;
    assert_eq!(signed.status, StatusCode::SEE_OTHER, "{}", signed.text);
    let page = open.get("/p/plug/reviews").await.text;
    assert!(page.contains("over these verdicts") && page.contains("Lena Vogt"), "{page}");
    assert!(open.get(AT).await.text.contains("has passed every checkpoint"));
}

#[tokio::test]
async fn two_releases_are_compared_and_one_alone_is_not() {
    let folder = sample("");
    let open = Open::alone(folder.path());
    assert!(open.get("/p/plug/diff").await.text.contains("There is one release"));
    let plug = folder.path().join("plug");
    stated_by(folder.path(), "T. Ester");
    app::assess::record(&plug, app::now()).unwrap();
    let file = plug.join("assay.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let text = text.replacen("[[person]]", "[[release]]\nversion = \"1.4.3\"\n\n[[person]]", 1);
    std::fs::write(&file, text.replacen("hardware = \"", "hardware = \"<new> ", 1)).unwrap();
    let page = open.get("/p/plug/diff").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(page.text.contains("product / hardware") && page.text.contains("&lt;new&gt;"), "{}", page.text);
    assert!(page.text.contains("as it is judged now"), "{}", page.text);
    let unknown = open.get("/p/plug/diff?old=9.9&new=1.4.3").await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_reviewers_account_signs_with_a_reviewers_key_and_an_owners_does_not() {
    let folder = sample("");
    let at = folder.path().join("plug/assay.toml");
    let text = std::fs::read_to_string(&at).unwrap();
    let wants = "[policy]\nreviewer-keys = true\nreviews = [\"market\"]\n";
    std::fs::write(&at, text.replacen("[policy]\n", wants, 1)).unwrap();
    assert!(std::fs::read_to_string(&at).unwrap().contains(wants), "the sample has a policy");
    stated_by(folder.path(), "T. Ester");
    let (_, record) = app::assess::record(&folder.path().join("plug"), app::now()).unwrap();
    let crew = Crew::of(folder.path());
    let record = record.to_string();
    let reviews = "/p/plug/reviews";
    for (name, role, counts) in [("olga", Role::Owner, false), ("rita", Role::Reviewer, true)] {
        let open = crew.joins(name, role);
        let size = size(&open.get(reviews).await.text);
        let fields = [
            ("record", record.as_str()),
            ("checkpoint", "market"),
            ("decision", "approve"),
            ("reasons", "all of it was read"),
            ("size", size.as_str()),
        ];
        let answer = open.post(reviews, reviews, &fields).await;
        let taken = answer.status == StatusCode::SEE_OTHER;
        assert_eq!(taken, counts, "{role}: {} {}", answer.status, answer.text);
        if !counts {
            assert!(answer.text.contains("asks for a key of the role"), "{}", answer.text);
        }
    }
    let (keys, _) = app::keys::show(&folder.path().join("plug")).unwrap();
    let rita = keys.iter().find(|key| key.holder.person == "rita Person").unwrap();
    assert_eq!(rita.role, app::KeyRole::Reviewer);
}

#[tokio::test]
async fn a_template_is_compared_before_it_is_written_and_not_over_a_dossier_that_changed() {
    let folder = sample("");
    support::dossier(&folder.path().join("lamp"), "Lamp");
    let open = Open::alone(folder.path());
    let template = open.get("/p/plug/template.toml").await.text;
    assert!(template.contains("template = 1") && template.contains("[[responsible]]"), "{template}");
    // The same, fetched by name into the field; of no other place.
    let fetched = open.get("/p/lamp/template?from=plug").await;
    assert!(fetched.text.contains("[[responsible]]\nfor = "), "{}", fetched.text);
    let here = open.get("/p/lamp/template").await.text;
    assert!(here.contains("<option value=\"plug\"") && !here.contains("<option value=\"lamp\""), "{here}");
    for other in ["lamp", "nothing", "..%2Fplug"] {
        assert_eq!(open.get(&format!("/p/lamp/template?from={other}")).await.status, StatusCode::NOT_FOUND);
    }
    let file = folder.path().join("lamp/assay.toml");
    let read = || std::fs::read_to_string(&file).unwrap();
    let (at, before) = ("/p/lamp/template", read());
    let shown = open.post(at, &format!("{at}/compare"), &[("template", &template)]).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text);
    assert!(shown.text.contains("responsible 5.3") && shown.text.contains("added"), "{}", shown.text);
    assert_eq!(read(), before, "comparing writes nothing");
    let digest = shown.text.split("name=\"shown\" value=\"").nth(1).and_then(|r| r.split('"').next()).unwrap();
    std::fs::write(&file, format!("{before}\n# meanwhile\n")).unwrap();
    let fields = [("template", template.as_str()), ("shown", digest)];
    assert_eq!(open.post(at, &format!("{at}/apply"), &fields).await.status, StatusCode::CONFLICT);
    std::fs::write(&file, &before).unwrap();
    assert_eq!(open.post(at, &format!("{at}/apply"), &fields).await.status, StatusCode::SEE_OTHER);
    assert!(read().contains("for = \"5.3\"") && read().contains("Lamp"));
    let lines = app::evidence::lines(&folder.path().join("lamp"), None, None, 1).unwrap().lines;
    assert!(lines[0].about.starts_with("saved by "), "{}", lines[0].about);
    let again = open.post(at, &format!("{at}/compare"), &[("template", &template)]).await;
    assert!(again.text.contains("The product has all of it"), "{}", again.text);
}
