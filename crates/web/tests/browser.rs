//! Every page in a real browser: by eye in both schemes and on a small screen, by ear, by keyboard, on paper, and with
//! scripts off.
#![allow(clippy::unwrap_used)]

#[path = "browser/driver.rs"]
mod driver;
mod support;

use std::collections::BTreeSet;

use driver::{Browser, Scheme};
use serde_json::{Value, json};
use support::walk::walk;
use support::{BESIDE, Open, filled};

const CHECKS: &str = include_str!("browser/checks.js");
const WIDE: u32 = 1200;
const SMALL: u32 = 320;

/// A workspace that is served until the test ends, and a browser that is signed in.
struct Served {
    browser: Browser,
    base: String,
    pages: Vec<String>,
    _folder: tempfile::TempDir,
}

async fn served() -> Option<Served> {
    let browser = Browser::open().await?;
    let folder = filled::workspace();
    let pages = walk(&Open::alone(folder.path()), BESIDE).await.pages.into_values().flatten().collect();
    let folder_path = folder.path().to_owned();
    let options =
        web::Options { folder: folder_path, port: 0, person: "Lena Vogt".into(), token: false, team: None };
    let listening = web::listen(&options).unwrap();
    let (base, link) = (format!("http://{}", listening.address), listening.link.clone());
    std::thread::spawn(move || listening.run());
    browser.go(&link).await;
    browser.until("return location.pathname !== '/enter'").await;
    Some(Served { browser, base, pages, _folder: folder })
}

impl Served {
    async fn go(&self, page: &str) {
        self.browser.go(&format!("{}{page}", self.base)).await;
    }
}

/// What the checks say of the page that is open.
async fn checked(browser: &Browser, width: u32) -> Vec<(String, String)> {
    let found = browser.run(CHECKS, vec![json!(width)]).await;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let found = found.as_array().expect("a list").iter();
    found.map(|one| (text(&one[0]), format!("{}: {}", text(&one[1]), text(&one[2])))).collect()
}

#[tokio::test]
async fn each_rule_finds_its_fault() {
    let Some(browser) = Browser::open().await else { return };
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/faulty.html");
    browser.screen(SMALL, 700, Scheme::Light).await;
    browser.go(&format!("file://{}", page.display())).await;
    let found: BTreeSet<String> = checked(&browser, SMALL).await.into_iter().map(|(rule, _)| rule).collect();
    let rules: BTreeSet<String> =
        CHECKS.split("tell(\"").skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect();
    assert!(rules.len() > 25, "{rules:?}");
    let missed: Vec<_> = rules.difference(&found).collect();
    assert!(missed.is_empty(), "no fault is found by {missed:?}");
}

#[tokio::test]
async fn every_page_is_usable_by_eye_by_ear_and_by_keyboard() {
    let Some(served) = served().await else { return };
    let browser = &served.browser;
    assert!(served.pages.len() > 3, "{:?}", served.pages);
    let mut problems = BTreeSet::new();
    browser.console().await;
    for page in &served.pages {
        let mut tell = |what: String| {
            problems.insert(format!("{page}: {what}"));
        };
        browser.screen(WIDE, 900, Scheme::Light).await;
        served.go(page).await;
        for (rule, what) in checked(browser, WIDE).await {
            tell(format!("{rule}: {what}"));
        }
        keyboard(browser).await.into_iter().for_each(&mut tell);
        browser.screen(WIDE, 900, Scheme::Dark).await;
        for (rule, what) in checked(browser, WIDE).await {
            tell(format!("{rule} (dark): {what}"));
        }
        browser.screen(SMALL, 700, Scheme::Light).await;
        for (rule, what) in checked(browser, SMALL).await {
            tell(format!("{rule} (small): {what}"));
        }
        paper(browser).await.into_iter().for_each(&mut tell);
        let is_answer = BESIDE.contains(&page.as_str());
        for line in browser.console().await {
            // The console tells every status of an error; these pages have one.
            if !(is_answer && line.contains("the server responded with a status of 4")) {
                tell(format!("console: {line}"));
            }
        }
    }
    assert!(problems.is_empty(), "{} problems: {problems:#?}", problems.len());
}

/// The key Tab goes through what can be reached in the order of the page, and nothing holds it.
async fn keyboard(browser: &Browser) -> Vec<String> {
    browser.ask("Emulation.setFocusEmulationEnabled", json!({ "enabled": true })).await;
    let wanted = browser.run(include_str!("browser/reached.js"), vec![]).await;
    let count = wanted.as_array().map_or(0, Vec::len).min(40);
    // The last key is answered before what it reached is told, and a date has parts of its own.
    for _ in 0..count + 12 {
        for kind in ["rawKeyDown", "keyUp"] {
            let key = json!({ "type": kind, "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9 });
            browser.ask("Input.dispatchKeyEvent", key).await;
        }
    }
    let reached = browser.run("return window.reached", vec![]).await;
    let first =
        |list: &Value| list.as_array().cloned().unwrap_or_default().into_iter().take(count).collect::<Vec<_>>();
    let (wanted, reached) = (first(&wanted), first(&reached));
    let differs = wanted.iter().zip(&reached).find(|(wanted, reached)| wanted != reached);
    match differs {
        Some((wanted, reached)) => {
            vec![format!("tab-order: the keyboard reaches {reached} where {wanted} comes next")]
        }
        None if reached.len() < count => {
            vec![format!("tab-order: the keyboard is held after {:?}", reached.last())]
        }
        None => vec![],
    }
}

/// On paper there is no way around and nothing to fill in, and the ground is white whatever the screen.
async fn paper(browser: &Browser) -> Vec<String> {
    browser.media("print", Scheme::Dark).await;
    let found = browser.run(include_str!("browser/paper.js"), vec![]).await;
    browser.media("screen", Scheme::Light).await;
    found
        .as_array()
        .expect("a list")
        .iter()
        .map(|what| format!("paper: {}", what.as_str().unwrap_or_default()))
        .collect()
}

#[tokio::test]
async fn every_page_offers_the_same_with_scripts_off() {
    let Some(served) = served().await else { return };
    let browser = &served.browser;
    // What a page has: its heading, and what can be followed, filled in and pressed.
    let offers = "const count = (s) => [...document.querySelectorAll(s)].filter((e) => e.checkVisibility()).length;
        return [document.querySelector('h1')?.textContent, count('main a[href]'), count('main input, main select, main textarea'), count('main button')]";
    let mut problems = Vec::new();
    for page in &served.pages {
        browser.scripts(true).await;
        served.go(page).await;
        let with = browser.run(offers, vec![]).await;
        browser.scripts(false).await;
        served.go(page).await;
        let without = browser.run(offers, vec![]).await;
        if with != without {
            problems.push(format!("{page}: {with} with scripts, {without} without"));
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
    served.go("/").await;
    let find = browser.client.find(fantoccini::Locator::Css("input[name=find]")).await.unwrap();
    find.send_keys("lam").await.unwrap();
    browser.client.find(fantoccini::Locator::Css("form.filter button")).await.unwrap().click().await.unwrap();
    browser.until("return location.search.includes('find=lam')").await;
    let text = browser.run("return document.querySelector('main').innerText", vec![]).await;
    assert!(text.as_str().is_some_and(|text| text.contains("Lamp") && !text.contains("plug")), "{text}");
}
