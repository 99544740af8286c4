//! Signing in and out, invitations, accounts and roles, through the real router.
#![allow(clippy::unwrap_used)]

mod support;

use app::people::Role;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use support::{Crew, HOST, Open, PASSWORD, dossier};

fn crew() -> (tempfile::TempDir, Crew) {
    let folder = tempfile::tempdir().unwrap();
    dossier(&folder.path().join("lamp"), "Lamp");
    dossier(&folder.path().join("lock"), "Lock");
    let crew = Crew::of(folder.path());
    (folder, crew)
}

async fn sign_in(crew: &Crew, name: &str, password: &str) -> support::Answer {
    crew.nobody().post_bare("/sign-in", &[("name", name), ("password", password)]).await
}

#[tokio::test]
async fn somebody_is_invited_chooses_a_password_signs_out_and_in_again() {
    let (_folder, crew) = crew();
    let owner = crew.joins("olga", Role::Owner);
    let fields = [("person", "Ada <b>Engineer"), ("account", "Ada"), ("role", "engineer"), ("product", "")];
    let invited = owner.post("/people", "/people/invite", &fields).await;
    assert_eq!(invited.status, StatusCode::OK, "{}", invited.text);
    assert!(invited.text.contains("Ada &lt;b&gt;Engineer"), "{}", invited.text);
    let path = invited.text.split(&format!("http://{HOST}")).nth(1).unwrap().split('<').next().unwrap().to_owned();
    let page = crew.nobody().get(&path).await;
    assert!(page.text.contains("Declares, measures and mends."), "{}", page.text);
    let weak = crew.nobody().post_bare(&path, &[("password", "password1234"), ("again", "password1234")]).await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(weak.text.contains("guessed first"), "{}", weak.text);
    let begun = crew.nobody().post_bare(&path, &[("password", PASSWORD), ("again", PASSWORD)]).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.text);
    assert_eq!(crew.nobody().get(&path).await.status, StatusCode::NOT_FOUND, "it opens once");
    let cookie = begun.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict"), "{cookie}");
    let session = cookie.split(['=', ';']).nth(1).unwrap().to_owned();
    let ada = Open { router: crew.router.clone(), session };
    assert_eq!(ada.get("/p/lamp").await.status, StatusCode::OK);
    let out = ada.post("/account", "/sign-out", &[]).await;
    assert_eq!(out.headers[header::LOCATION], "/sign-in");
    assert_eq!(ada.get("/p/lamp").await.status, StatusCode::SEE_OTHER);
    assert_eq!(sign_in(&crew, "ada", PASSWORD).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn an_unknown_name_looks_as_a_wrong_password_does_and_guessing_has_to_wait() {
    let (_folder, crew) = crew();
    let wrong = sign_in(&crew, "owner", "wrong and wrong").await;
    let unknown = sign_in(&crew, "nobody", "wrong and wrong").await;
    assert_eq!((wrong.status, unknown.status), (StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED));
    assert_eq!(wrong.text.replace("value=\"owner\"", "value=\"nobody\""), unknown.text);
    let mut last = wrong;
    for _ in 0..5 {
        last = sign_in(&crew, "owner", "wrong and wrong").await;
    }
    assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(last.headers[header::RETRY_AFTER].to_str().unwrap().parse::<u32>().unwrap() >= 1);
    assert!(last.text.contains("Try again in"), "{}", last.text);
}

#[tokio::test]
async fn a_form_from_another_site_is_refused_even_at_the_door() {
    let (_folder, crew) = crew();
    let body = format!("name=owner&password={}", PASSWORD.replace(' ', "+"));
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let request = Request::post("/sign-in")
            .header(header::HOST, HOST)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(name, value);
        let answer = crew.nobody().send(request.body(Body::from(body.clone())).unwrap()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}: {value}");
    }
    let own = Request::post("/sign-in")
        .header(header::HOST, HOST)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("origin", format!("http://{HOST}"))
        .header("sec-fetch-site", "same-origin");
    let answer = crew.nobody().send(own.body(Body::from(body)).unwrap()).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
}

#[tokio::test]
async fn what_is_too_large_for_the_door_does_not_come_in() {
    let (_folder, crew) = crew();
    let answer = sign_in(&crew, "owner", &"x".repeat(16 * 1024)).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_new_password_and_an_ended_session_hold_at_once() {
    let (_folder, crew) = crew();
    let ada = crew.joins("ada", Role::Engineer);
    let fields = [("old", PASSWORD), ("new", "lantern gravel fugue"), ("again", "lantern gravel fugue")];
    let changed = ada.post("/account", "/account/password", &fields).await;
    assert_eq!(changed.status, StatusCode::SEE_OTHER, "{}", changed.text);
    assert_eq!(ada.get("/account").await.status, StatusCode::SEE_OTHER, "the session before is over");
    assert_eq!(sign_in(&crew, "ada", PASSWORD).await.status, StatusCode::UNAUTHORIZED);
    let session = |answer: &support::Answer| {
        answer.headers[header::SET_COOKIE].to_str().unwrap().split(['=', ';']).nth(1).unwrap().to_owned()
    };
    let one = Open { router: crew.router.clone(), session: session(&changed) };
    let two = sign_in(&crew, "ada", "lantern gravel fugue").await;
    let two = Open { router: crew.router.clone(), session: session(&two) };
    let page = one.get("/account").await.text;
    let id = page.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let ended = one.post("/account", "/account/sessions/end", &[("id", &id)]).await;
    assert_eq!(ended.status, StatusCode::SEE_OTHER);
    assert_eq!(two.get("/account").await.status, StatusCode::SEE_OTHER);
    assert_eq!(one.get("/account").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_token_is_shown_once_and_ended_by_its_person() {
    let (_folder, crew) = crew();
    let ada = crew.joins("ada", Role::Engineer);
    let fields = [("name", "nightly"), ("scope", "see-verdicts"), ("scope", "measure"), ("days", "30")];
    let made = ada.post("/account", "/account/tokens", &fields).await;
    let token = made.text.split("assay_").nth(1).unwrap().get(..64).unwrap().to_owned();
    let programme = crew.team.token(&format!("assay_{token}"), app::now()).unwrap().unwrap();
    assert_eq!(programme.scopes.len(), 2);
    let page = ada.get("/account").await.text;
    assert!(page.contains("nightly") && !page.contains(&token));
    let id = page.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    ada.post("/account", "/account/tokens/end", &[("id", &id)]).await;
    assert!(crew.team.token(&format!("assay_{token}"), app::now()).unwrap().is_none());
}

/// The version of an account, as its forms on the page carry it.
async fn version(open: &Open, account: &str) -> String {
    let page = open.get("/people").await.text;
    let form = page.split(&format!("name=\"account\" value=\"{account}\"")).nth(1).unwrap();
    form.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn two_owners_who_change_the_same_person_lose_nothing() {
    let (_folder, crew) = crew();
    let (olga, oleg) = (crew.joins("olga", Role::Owner), crew.joins("oleg", Role::Owner));
    crew.joins("ada", Role::Tester);
    let seen = version(&olga, "ada").await;
    assert_eq!(seen, version(&oleg, "ada").await);
    let wants = |role: &'static str| -> [(&'static str, String); 4] {
        [("account", "ada".into()), ("role", role.into()), ("product", String::new()), ("version", seen.clone())]
    };
    let send = async |open: &Open, path: &str, fields: &[(&str, String)]| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        open.post("/people", path, &fields).await
    };
    assert_eq!(send(&olga, "/people/role", &wants("auditor")).await.status, StatusCode::SEE_OTHER);
    let late = send(&oleg, "/people/role", &wants("engineer")).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.text);
    for said in
        ["Somebody changed ada Person", "Now:", "auditor", "You wanted:", "engineer for the whole workspace"]
    {
        assert!(late.text.contains(said), "{said}: {}", late.text);
    }
    let end = [("account", "ada".to_owned()), ("version", seen.clone()), ("sure", "yes".to_owned())];
    assert_eq!(send(&oleg, "/people/remove", &end).await.status, StatusCode::CONFLICT);
    assert_eq!(send(&oleg, "/people/link", &end[..2]).await.status, StatusCode::CONFLICT);
    let ada = crew.team.people().unwrap().get(&"ada".parse().unwrap()).cloned().unwrap();
    assert_eq!((ada.role, ada.is_active()), (Some(Role::Auditor), true));
    let unsaid = send(&oleg, "/people/role", &wants("engineer")[..3]).await;
    assert_eq!(unsaid.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", unsaid.text);
}

#[tokio::test]
async fn roles_change_what_is_shown_and_the_last_owner_stays() {
    let (_folder, crew) = crew();
    let owner = crew.joins("olga", Role::Owner);
    let ada = crew.joins("ada", Role::Tester);
    assert_eq!(ada.get("/people").await.status, StatusCode::OK);
    assert!(!ada.get("/people").await.text.contains("/people/invite"));
    let seen = version(&owner, "ada").await;
    let fields = [("account", "ada"), ("role", "laboratory"), ("product", "lamp"), ("version", &seen)];
    assert_eq!(owner.post("/people", "/people/role", &fields).await.status, StatusCode::SEE_OTHER);
    assert!(ada.get("/p/lamp").await.text.contains("not shown to this role"));
    assert!(!ada.get("/p/lock").await.text.contains("not shown to this role"));
    let portfolio = ada.get_looked_at("/").await.text;
    assert!(portfolio.contains("/p/lamp") && portfolio.contains("not shown to this role"), "{portfolio}");
    let seen = version(&owner, "ada").await;
    let fields = [("account", "ada"), ("role", "supplier"), ("product", ""), ("version", &seen)];
    owner.post("/people", "/people/role", &fields).await;
    let portfolio = ada.get_looked_at("/").await.text;
    assert!(portfolio.contains("/p/lamp") && !portfolio.contains("/p/lock"), "{portfolio}");
    let seen = version(&owner, "ada").await;
    let nowhere = [("account", "ada"), ("role", "tester"), ("product", "../lamp"), ("version", &seen)];
    assert_eq!(owner.post("/people", "/people/role", &nowhere).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let unsure = owner.post("/people", "/people/remove", &[("account", "ada")]).await;
    assert_eq!(unsure.status, StatusCode::UNPROCESSABLE_ENTITY);
    owner.post("/people", "/people/remove", &[("account", "ada"), ("sure", "yes"), ("version", &seen)]).await;
    assert_eq!(ada.get("/").await.status, StatusCode::SEE_OTHER, "out at once");
    let seen = version(&owner, "owner").await;
    owner.post("/people", "/people/remove", &[("account", "owner"), ("sure", "yes"), ("version", &seen)]).await;
    let seen = version(&owner, "olga").await;
    let fields = [("account", "olga"), ("sure", "yes"), ("version", seen.as_str())];
    let last = owner.post("/people", "/people/remove", &fields).await;
    assert!(last.text.contains("is the last owner"), "{}", last.text);
}
