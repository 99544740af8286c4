//! Tasks, requests and the page of a request's link, through the real router.
#![allow(clippy::unwrap_used)]

mod support;

use app::people::Role;
use app::requests::{self, Ask, RequestId, Secret};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use support::{Crew, HOST, Open, dossier};

struct Asked {
    folder: tempfile::TempDir,
    open: Open,
    link: String,
}

fn asked() -> Asked {
    let folder = tempfile::tempdir().unwrap();
    for product in ["lamp", "lock"] {
        dossier(&folder.path().join(product), &format!("The {product}"));
    }
    let secret = ask(&folder.path().join("lamp"), "the errata of the <b>radio</b>");
    ask(&folder.path().join("lamp"), "the layout of the board");
    let link = requests::path("lamp", &secret);
    let open = Open::alone(folder.path());
    Asked { folder, open, link }
}

fn ask(folder: &std::path::Path, scope: &str) -> Secret {
    let ask = Ask {
        kind: "document".into(),
        scope: scope.into(),
        period: None,
        about: Vec::new(),
        criterion: vec!["it names our revision".into()],
        of: "S. Upplier".into(),
        due: app::now(),
        task: None,
    };
    let asked = requests::ask(folder, &[ask], true, "E. Ngineer", app::now()).unwrap();
    asked.requests.into_iter().next().unwrap().1.unwrap()
}

/// Sends an answer as a browser sends a form with a file, from outside.
async fn send(open: &Open, link: &str, given: &str, bytes: &[u8]) -> support::Answer {
    let mut body = Vec::new();
    for (name, text) in [("by", "S. Upplier"), ("remark", "<script>alert(1)</script>")] {
        body.extend(
            format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n").into_bytes(),
        );
    }
    let head = format!("--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{given}\"\r\n\r\n");
    body.extend(head.into_bytes());
    body.extend(bytes);
    body.extend(b"\r\n--XX--\r\n");
    let request = Request::post(link)
        .header(header::HOST, HOST)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=XX");
    open.send(request.body(Body::from(body)).unwrap()).await
}

async fn outside(open: &Open, path: &str) -> support::Answer {
    open.send(Request::get(path).header(header::HOST, HOST).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_link_shows_its_request_and_nothing_else_of_the_workspace() {
    let Asked { folder: _folder, open, link } = asked();
    let page = outside(&open, &link).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(
        page.text.contains("the errata of the &lt;b&gt;radio&lt;/b&gt;")
            && page.text.contains("it names our revision")
    );
    for other in ["the layout of the board", "The lock", "R-2", "/p/lamp", "Portfolio"] {
        assert!(!page.text.contains(other), "{other}");
    }
    let wrong = "0".repeat(64);
    for nothing in [format!("/answer/lamp/{wrong}"), link.replace("lamp", "lock"), link.replace("lamp", "none")] {
        let page = outside(&open, &nothing).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{nothing}");
        assert!(page.text.contains("This link opens no request."), "{}", page.text);
    }
}

#[tokio::test]
async fn a_hostile_name_and_text_are_kept_and_shown_harmlessly() {
    let Asked { folder, open, link } = asked();
    let sent = send(&open, &link, "..\\..\\<img src=x>\u{202e}fdp.exe", b"%PDF-1.7 errata").await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    let page = outside(&open, &link).await;
    assert!(page.text.contains("your answer has arrived"), "{}", page.text);
    assert!(page.text.contains("&lt;script&gt;") && !page.text.contains("<script>alert"));
    assert!(!page.text.contains("<img src=x") && !page.text.contains('\u{202e}'));
    let listed = requests::list(&folder.path().join("lamp"), app::now()).unwrap();
    let name = &listed.history.kept()[0].body.artefact.name;
    assert_eq!(name, "<img src=x>\\u{202e}fdp.exe", "the last part, and what hid is told");
}

#[tokio::test]
async fn a_program_in_the_place_of_a_document_is_not_taken() {
    let Asked { folder, open, link } = asked();
    let sent = send(&open, &link, "errata.pdf", b"\x7fELF\x02\x01\x01").await;
    assert_eq!(sent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(sent.text.contains("it is a program"), "{}", sent.text);
    let listed = requests::list(&folder.path().join("lamp"), app::now()).unwrap();
    assert!(listed.history.kept().is_empty());
}

#[tokio::test]
async fn an_answer_is_accepted_on_its_page_and_a_decision_on_an_older_one_is_a_conflict() {
    let Asked { folder, open, link } = asked();
    for _ in 0..2 {
        assert_eq!(send(&open, &link, "errata.pdf", b"%PDF-1.7").await.status, StatusCode::SEE_OTHER);
    }
    let page = "/p/lamp/requests/R-1";
    let fields = [("does", "accept"), ("answer", "1"), ("said", "what I wrote")];
    let stale = open.post(page, page, &fields).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.text.contains("what I wrote") && stale.text.contains("has answer 2 by now"), "{}", stale.text);
    let done = open.post(page, page, &[("does", "accept"), ("answer", "2"), ("said", "")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let listed = requests::list(&folder.path().join("lamp"), app::now()).unwrap().requests;
    assert_eq!(listed.get(&RequestId::of(1)).unwrap().state(), requests::State::Accepted);
    let ended = send(&open, &link, "errata.pdf", b"%PDF-1.7").await;
    assert_eq!(ended.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_form_asks_and_its_link_is_told_on_one_page_only() {
    let Asked { folder: _folder, open, .. } = asked();
    let fields = [
        ("scope", "the bill of materials"),
        ("kind", "document"),
        ("about", "5.2-1"),
        ("of", "S. Upplier"),
        ("due", "2027-01-31"),
        ("link", "yes"),
    ];
    let told = open.post("/p/lamp/ask", "/p/lamp/ask", &fields).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    assert!(told.text.contains("/answer/lamp/"));
    let page = open.get("/p/lamp/requests/R-3").await.text;
    assert!(page.contains("the bill of materials") && !page.contains("/answer/lamp/"), "{page}");
    let wrong = open
        .post("/p/lamp/ask", "/p/lamp/ask", &[("scope", "x"), ("kind", "document"), ("of", "S"), ("due", "soon")])
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_task_is_added_given_out_and_ended_and_shows_in_the_day_of_who_has_it() {
    let Asked { folder: _folder, open, .. } = asked();
    let tasks = "/p/lamp/tasks";
    let add = [("does", "add"), ("text", "ring the vendor"), ("criterion", "a note is kept")];
    assert_eq!(open.post(tasks, tasks, &add).await.status, StatusCode::SEE_OTHER);
    let nobodys = "Tasks that nobody has yet";
    let day = open.get_looked_at("/my-day").await.text;
    assert!(day.split_once(nobodys).unwrap().1.contains("ring the vendor"), "{day}");
    let give = [("does", "assign"), ("task", "T-1"), ("person", "Lena Vogt")];
    assert_eq!(open.post(tasks, tasks, &give).await.status, StatusCode::SEE_OTHER);
    let day = open.get_looked_at("/my-day").await.text;
    let (hers, others) = day.split_once(nobodys).unwrap();
    assert!(hers.contains("ring the vendor") && !others.contains("ring the vendor"), "{day}");
    assert!(open.get("/p/lamp/tasks?of=lena+vogt&kind=own").await.text.contains("ring the vendor"));
    assert!(!open.get("/p/lamp/tasks?kind=measure").await.text.contains("ring the vendor"));
    let done = [("does", "done"), ("task", "T-1"), ("text", "rang")];
    assert_eq!(open.post(tasks, tasks, &done).await.status, StatusCode::SEE_OTHER);
    assert!(!open.get_looked_at("/my-day").await.text.contains("ring the vendor"));
}

#[tokio::test]
async fn a_supplier_with_an_account_answers_what_they_were_asked_and_sees_no_other_request() {
    let folder = tempfile::tempdir().unwrap();
    let lamp = folder.path().join("lamp");
    dossier(&lamp, "The lamp");
    let crew = Crew::of(folder.path());
    let supplier = crew.joins("upplier", Role::Supplier);
    let name = crew.team.people().unwrap().iter().find(|p| p.account.as_str() == "upplier").unwrap().name.clone();
    let to = |of: &str| Ask {
        kind: "document".into(),
        scope: format!("the errata, from {of}"),
        period: None,
        about: Vec::new(),
        criterion: Vec::new(),
        of: of.into(),
        due: app::now(),
        task: None,
    };
    requests::ask(&lamp, &[to(&name), to("Somebody Else")], false, "E. Ngineer", app::now()).unwrap();
    let own = supplier.get("/p/lamp/requests/R-1/answer").await;
    assert_eq!(own.status, StatusCode::OK, "{}", own.text);
    assert_eq!(supplier.get("/p/lamp/requests/R-2/answer").await.status, StatusCode::NOT_FOUND);
    assert_eq!(supplier.get("/p/lamp/requests/R-1").await.status, StatusCode::FORBIDDEN);
    let day = supplier.get_looked_at("/my-day").await.text;
    assert!(day.contains("/p/lamp/requests/R-1/answer") && !day.contains("Somebody Else"), "{day}");
}

#[tokio::test]
async fn an_accepted_answer_stands_beside_the_claim_it_was_asked_for_with_its_record() {
    let Asked { folder, open, .. } = asked();
    let lamp = folder.path().join("lamp");
    let ask = Ask {
        kind: "document".into(),
        scope: "the errata".into(),
        period: None,
        about: vec!["5.2-1-1a".into()],
        criterion: Vec::new(),
        of: "S. Upplier".into(),
        due: app::now(),
        task: None,
    };
    let made = requests::ask(&lamp, &[ask], true, "E. Ngineer", app::now()).unwrap();
    let (id, secret) = made.requests.into_iter().next().unwrap();
    let page = "/p/lamp/provisions/5.2-1";
    assert!(open.get(page).await.text.contains("from S. Upplier, due "));
    let sent = send(&open, &requests::path("lamp", &secret.unwrap()), "errata.pdf", b"%PDF-1.7").await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    let before = open.get(page).await.text;
    assert!(!before.contains("errata.pdf"), "nobody has looked at it: {before}");
    requests::accept(&lamp, &id, None, "", "E. Ngineer", app::now()).unwrap();
    let after = open.get(page).await.text;
    let listed = requests::list(&lamp, app::now()).unwrap();
    let record = listed.history.kept()[0].seq;
    assert!(after.contains("errata.pdf (document, 8 bytes)"), "{after}");
    assert!(after.contains(&format!("/p/lamp/records/{record}")), "{after}");
    assert!(after.contains("accepted by E. Ngineer") && after.contains("/p/lamp/requests/R-3"), "{after}");
    assert!(!open.get("/p/lamp/provisions/5.2-2").await.text.contains("R-3"));
}

#[tokio::test]
async fn a_link_that_is_used_too_often_says_when_it_opens_again_and_other_links_are_open() {
    let Asked { folder, open, link } = asked();
    let other = requests::path("lamp", &ask(&folder.path().join("lamp"), "another thing"));
    // An answer that hands nothing over is refused, and counts.
    let nothing = || send(&open, &link, "", b"");
    for _ in 0..10 {
        assert_eq!(nothing().await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let often = send(&open, &link, "errata.pdf", b"%PDF-1.7").await;
    assert_eq!(often.status, StatusCode::TOO_MANY_REQUESTS);
    let seconds: u64 = often.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((1..=3600).contains(&seconds), "{seconds}");
    assert!(often.text.contains("used too often") && often.text.contains("Try again in"), "{}", often.text);
    assert!(requests::list(&folder.path().join("lamp"), app::now()).unwrap().history.kept().is_empty());
    assert_eq!(outside(&open, &link).await.status, StatusCode::OK, "looking is counted apart");
    assert_eq!(send(&open, &other, "errata.pdf", b"%PDF-1.7").await.status, StatusCode::SEE_OTHER);
    for _ in 0..59 {
        assert_eq!(outside(&open, &link).await.status, StatusCode::OK);
    }
    assert_eq!(outside(&open, &link).await.status, StatusCode::TOO_MANY_REQUESTS);
    // Wrong links are counted by where they come from.
    let mut refused = 0;
    for n in 0..300 {
        let page = outside(&open, &format!("/answer/lamp/{n:064x}")).await;
        refused += usize::from(page.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(refused, 60, "300 from one address, 60 of which were spent on the link");
}
