//! A browser for tests: a session of Chromium, and what WebDriver alone does not say: the size and scheme of the screen,
//! scripts off, print, and the console.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::expect_used)]

use std::time::Duration;

use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use serde_json::{Value, json};
use testkit::servers::Chromedriver;
use testkit::{Server, Site, ready};

/// Which colours a screen asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    Light,
    Dark,
}

impl Scheme {
    pub fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// A browser that is open.
pub struct Browser {
    pub client: Client,
    // Ends the browser when this is dropped.
    _driver: Server,
}

impl Browser {
    /// Opens one; none where it is not installed, which is then said.
    pub async fn open() -> Option<Self> {
        let driver = ready(Chromedriver.start(&Site::at(std::net::Ipv4Addr::LOCALHOST.into())))?;
        let capabilities = serde_json::from_str(Chromedriver.capabilities()).expect("an object");
        let mut builder = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new());
        builder.capabilities(capabilities);
        let client = builder.connect(&format!("http://{}", driver.at())).await.expect("a session");
        let browser = Self { client, _driver: driver };
        browser.ask("Page.enable", json!({})).await;
        Some(browser)
    }

    /// A command of the browser's own protocol.
    pub async fn ask(&self, command: &'static str, parameters: Value) -> Value {
        let body = json!({ "cmd": command, "params": parameters });
        self.client.issue_cmd(Own { path: "goog/cdp/execute", body }).await.expect(command)
    }

    /// The screen from now on.
    pub async fn screen(&self, width: u32, height: u32, scheme: Scheme) {
        let phone = width < 600;
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone });
        self.ask("Emulation.setDeviceMetricsOverride", size).await;
        self.media("screen", scheme).await;
    }

    /// Screen or print, and the scheme.
    pub async fn media(&self, media: &str, scheme: Scheme) {
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme.name() },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.ask("Emulation.setEmulatedMedia", json!({ "media": media, "features": features })).await;
    }

    /// Whether pages may run scripts; what a test runs itself is not concerned.
    pub async fn scripts(&self, on: bool) {
        self.ask("Emulation.setScriptExecutionDisabled", json!({ "value": !on })).await;
    }

    /// What the console has said since it was last asked: errors, warnings, what the policy forbade.
    pub async fn console(&self) -> Vec<String> {
        let said = self.client.issue_cmd(Own { path: "se/log", body: json!({ "type": "browser" }) }).await;
        let said = said.expect("the console");
        let lines = said.as_array().into_iter().flatten();
        lines.map(|line| format!("{} {}", line["level"], line["message"])).collect()
    }

    /// Runs a script that returns a value.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.client.execute(script, arguments).await.expect("the script")
    }

    /// Goes to an address.
    pub async fn go(&self, url: &str) {
        self.client.goto(url).await.unwrap_or_else(|error| panic!("{url}: {error}"));
    }

    /// A picture of the whole page, as PNG in base64.
    pub async fn picture(&self, width: u32) -> String {
        let height = self.run("return Math.ceil(document.documentElement.scrollHeight)", vec![]).await;
        let height = height.as_u64().unwrap_or(900).clamp(200, 8000);
        let clip = json!({ "x": 0, "y": 0, "width": width, "height": height, "scale": 1 });
        let asked = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let answer = self.ask("Page.captureScreenshot", asked).await;
        answer["data"].as_str().expect("a picture").to_owned()
    }

    /// Waits until a script returns true.
    pub async fn until(&self, script: &str) {
        for _ in 0..200 {
            if self.run(script, vec![]).await == Value::Bool(true) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("never: {script}");
    }
}

/// A command of chromedriver's that WebDriver does not have.
#[derive(Debug)]
struct Own {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Own {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (axum::http::Method, Option<String>) {
        (axum::http::Method::POST, Some(self.body.to_string()))
    }
}
