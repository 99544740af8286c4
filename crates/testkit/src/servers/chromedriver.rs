//! chromedriver with a Chromium of its own, which a test speaks to by WebDriver.
//!
//! It shows no window and keeps nothing: the profile of each session lies in the server's directory and goes with it.

use crate::Site;
use crate::process::{Ready, Recipe, Server, StartError, find, start};

/// A browser that is steered.
#[derive(Debug, Clone, Copy, Default)]
pub struct Chromedriver;

impl Chromedriver {
    /// Starts it; a session starts the browser.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(self, site: &Site) -> Result<Server, StartError> {
        find("chromium", "chromium")?;
        start(
            &Recipe {
                program: "chromedriver",
                package: "chromium-driver",
                ready: Ready::Tcp,
                lay_out: &|at, dir, command| {
                    command.arg(format!("--port={}", at.port())).env("TMPDIR", dir).env("HOME", dir);
                    Ok(())
                },
            },
            site,
        )
    }

    /// What a new session asks for, as the capabilities of WebDriver have it: no window, and the console kept.
    ///
    /// A browser of root has no sandbox; the pages it sees are our own.
    pub fn capabilities(self) -> &'static str {
        r#"{
          "browserName": "chrome",
          "goog:loggingPrefs": {"browser": "ALL"},
          "goog:chromeOptions": {
            "args": [
              "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
              "--no-first-run", "--disable-extensions", "--disable-background-networking", "--disable-sync",
              "--disable-component-update", "--force-color-profile=srgb", "--window-size=1200,900"
            ]
          }
        }"#
    }
}
