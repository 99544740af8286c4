//! Signing in at a real OpenID provider, in a real browser: by an invitation first, then without one; as somebody who has no
//! account, as one whose account was removed, and in a browser that did not begin it.
#![allow(clippy::unwrap_used)]

#[path = "browser/driver.rs"]
mod driver;
mod support;

use std::net::Ipv4Addr;
use std::sync::Arc;

use app::people::{Newcomer, Role, Team};
use driver::Browser;
use fantoccini::Locator;
use testkit::servers::OpenIdProvider;
use testkit::{Site, ready};

/// Signs in on the provider's own pages.
async fn at_provider(browser: &Browser, name: &str) {
    browser.until("return document.querySelector('input[name=login]') !== null").await;
    browser.client.find(Locator::Css("input[name=login]")).await.unwrap().send_keys(name).await.unwrap();
    browser.client.find(Locator::Css("input[name=password]")).await.unwrap().send_keys("any").await.unwrap();
    press(browser, "button[type=submit]").await;
    // It asks whether the workspace may know who it is.
    browser.until("return document.querySelector('input[name=prompt][value=consent]') !== null").await;
    press(browser, "button[type=submit]").await;
}

async fn press(browser: &Browser, button: &str) {
    browser.client.find(Locator::Css(button)).await.unwrap().click().await.unwrap();
}

async fn text(browser: &Browser) -> String {
    browser.run("return document.body.innerText", vec![]).await.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn people_sign_in_elsewhere_only_as_whom_an_owner_let_in() {
    let Some(browser) = Browser::open().await else { return };
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://localhost:{free}");
    let wanted = OpenIdProvider { redirect: format!("{url}/sign-in/back") };
    let Some(provider) = ready(wanted.start(&Site::at(Ipv4Addr::LOCALHOST.into()))) else { return };
    let folder = tempfile::tempdir().unwrap();
    support::dossier(&folder.path().join("lamp"), "Lamp");
    std::fs::write(folder.path().join("secret"), OpenIdProvider::SECRET).unwrap();
    let file = folder.path().join("oidc.toml");
    let (issuer, client) = (provider.at(), OpenIdProvider::CLIENT);
    let says = format!(
        "name = \"Staff <login>\"\nissuer = \"http://{issuer}\"\nclient = \"{client}\"\nsecret-file = \"secret\"\n"
    );
    std::fs::write(&file, says).unwrap();
    let team = Arc::new(Team::open(folder.path()).unwrap());
    let invite = |name: &str| {
        let (account, person) = (name.parse().unwrap(), format!("{name} Person"));
        let newcomer = Newcomer { account, person, role: Role::Engineer, product: None };
        team.invite(&newcomer, "Olga Wner", app::now()).unwrap().path()
    };
    let link = invite("ada");
    let served = web::TeamOptions {
        url: url.clone(),
        listen: Ipv4Addr::LOCALHOST.into(),
        proxies: Vec::new(),
        provider: Some(file),
    };
    let folder_path = folder.path().to_owned();
    let options =
        web::Options { folder: folder_path, port: free, person: String::new(), token: false, team: Some(served) };
    let listening = web::listen(&options).unwrap();
    std::thread::spawn(move || listening.run());

    // Somebody whom the provider knows and nobody invited is nobody here.
    browser.go(&format!("{url}/sign-in")).await;
    press(&browser, "a[href='/sign-in/provider']").await;
    at_provider(&browser, "mallory").await;
    browser.until("return location.pathname === '/sign-in/back'").await;
    let told = text(&browser).await;
    assert!(told.contains("`mallory`") || told.contains("mallory"), "{told}");
    assert!(told.contains("is linked with no account here") && told.contains("ask an owner"), "{told}");
    browser.go(&format!("{url}/p/lamp")).await;
    browser.until("return location.pathname === '/sign-in'").await;

    // By the link, and from then on without it.
    sign_out_there(&browser, &issuer.to_string()).await;
    browser.go(&format!("{url}{link}")).await;
    press(&browser, "a[href^='/sign-in/provider?invitation=']").await;
    at_provider(&browser, "ada-at-work").await;
    browser.until("return location.pathname === '/'").await;
    browser.go(&format!("{url}/account")).await;
    let told = text(&browser).await;
    assert!(told.contains("ada Person") && told.contains("as ada-at-work"), "{told}");
    press(&browser, "form[action='/sign-out'] button").await;
    browser.until("return location.pathname === '/sign-in'").await;
    press(&browser, "a[href='/sign-in/provider']").await;
    browser.until("return location.pathname === '/'").await;
    browser.go(&format!("{url}/p/lamp")).await;
    assert!(text(&browser).await.contains("Lamp"));
    let keeps = browser.client.get_all_cookies().await.unwrap();
    assert!(keeps.iter().all(|cookie| cookie.name() != "assay-way"), "the way is over");

    // One person there is one account here.
    let second = invite("bea");
    press(&browser, "form[action='/sign-out'] button").await;
    browser.go(&format!("{url}{second}")).await;
    press(&browser, "a[href^='/sign-in/provider?invitation=']").await;
    browser.until("return location.pathname === '/sign-in/back'").await;
    assert!(text(&browser).await.contains("linked with another account here"));

    // An answer that this browser did not ask for opens nothing.
    browser.go(&format!("{url}/sign-in/back?code=x&state=y")).await;
    assert!(text(&browser).await.contains("this browser did not begin it"));

    // Whose account is over does not come in by being known elsewhere.
    team.remove(&"ada".parse().unwrap(), "Olga Wner", app::now()).unwrap_or_else(|error| panic!("{error}"));
    browser.go(&format!("{url}/sign-in")).await;
    press(&browser, "a[href='/sign-in/provider']").await;
    browser.until("return location.pathname === '/sign-in/back'").await;
    assert!(text(&browser).await.contains("is linked with no account here"));

    // A provider that is gone is told, and the password form is still there.
    drop(provider);
    let link = invite("cyd");
    browser.go(&format!("{url}{link}")).await;
    assert!(browser.client.find(Locator::Css("input[name=password]")).await.is_ok());
}

/// Forgets who is signed in at the provider.
async fn sign_out_there(browser: &Browser, issuer: &str) {
    browser.go(&format!("http://{issuer}/.well-known/openid-configuration")).await;
    browser.client.delete_all_cookies().await.unwrap();
}
