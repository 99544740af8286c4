//! Takes the network or a service away from the product and gives it back, with the operator's own commands, while its
//! traffic is captured: how it comes back is then read from the capture.
//!
//! It is given back in any case, and shown to be back before it counts as restored.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use dossier::{Dossier, Located};
use model::Touches;

use crate::capture::Captured;

/// What is taken when the bench does not say.
const TIMES: u32 = 2;
const SECONDS: u32 = 60;
/// How long a command may take, and how often the one that shows the return is asked.
const LONGEST: Duration = Duration::from_secs(60);
const ASK: Duration = Duration::from_millis(500);

/// How the bench takes something away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outages {
    away: Vec<String>,
    back: Vec<String>,
    restored: Vec<String>,
    times: u32,
    lasts: Duration,
    returns: Duration,
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// How often it was taken away and given back.
    pub times: u32,
    /// Why it was not taken away as often as wanted, if so.
    pub why_not: Option<String>,
    /// What could not be shown to be restored, one line each.
    pub not_restored: Vec<String>,
    /// What the capture came to, where one was made.
    pub captured: Option<Captured>,
}

impl Outages {
    /// What `[outage]` of `bench.toml` says, within the highest step that was agreed to.
    ///
    /// # Errors
    /// Why nothing may be taken away, one line.
    pub fn of(dossier: &Dossier, consent: Touches) -> Result<Self, String> {
        let bench = dossier.bench.as_ref();
        let Some(outage) = bench.and_then(|bench| bench.outage.as_ref()) else {
            return Err("bench.toml has no `[outage]`".to_owned());
        };
        if bench.is_some_and(|bench| bench.capture.is_none()) {
            return Err("bench.toml has no `[capture]`: nobody would see how the product comes back".to_owned());
        }
        if consent < Touches::Intrusive {
            return Err("nobody has agreed to intrusive steps, and an outage is one".to_owned());
        }
        let outage = &outage.value;
        let words = |command: &Option<Located<Vec<Located<String>>>>, name: &str| {
            let words: Vec<String> =
                command.iter().flat_map(|words| &words.value).map(|word| word.value.clone()).collect();
            let is_there = words.first().is_some_and(|program| !program.trim().is_empty());
            if is_there { Ok(words) } else { Err(format!("`[outage]` names no command in `{name}`")) }
        };
        let number = |value: &Option<Located<u32>>, usual| value.as_ref().map_or(usual, |value| value.value);
        let seconds = |value| Duration::from_secs(number(value, SECONDS).into());
        Ok(Self {
            away: words(&outage.away, "away")?,
            back: words(&outage.back, "back")?,
            restored: words(&outage.restored, "restored")?,
            times: number(&outage.times, TIMES),
            lasts: seconds(&outage.seconds),
            returns: seconds(&outage.return_seconds),
        })
    }

    /// What will be done, one line each.
    pub fn lines(&self) -> Vec<String> {
        let command = |words: &[String]| wire::text::visible_str(&words.join(" "), 200);
        vec![
            format!("away, for {} s: {}", self.lasts.as_secs(), command(&self.away)),
            format!("back: {}", command(&self.back)),
            format!("shown to be back, within {} s: {}", self.returns.as_secs(), command(&self.restored)),
            format!("{} times, and {} s for the product to come back", self.times, self.returns.as_secs()),
        ]
    }

    /// Takes it away and gives it back, as often as wanted; no further where that cannot be shown.
    pub(crate) fn take(&self, tell: &mut dyn FnMut(&str)) -> Taken {
        let mut taken = Taken::default();
        for time in 1..=self.times {
            tell(&format!("outage {time} of {}: away", self.times));
            let away = run(&self.away, LONGEST);
            if away.is_ok() {
                std::thread::sleep(self.lasts);
            }
            // A command that failed may have taken a part of it away.
            let back = run(&self.back, LONGEST).or_else(|_| run(&self.back, LONGEST));
            let is_back = self.is_back();
            tell(&format!(
                "outage {time} of {}: {}",
                self.times,
                if is_back { "back" } else { "not shown to be back" }
            ));
            if !is_back {
                let why = back.err().map_or_else(|| "it did not show".to_owned(), |why| format!("`back` {why}"));
                taken.not_restored.push(format!("what `[outage]` took away: {why}"));
                return taken;
            }
            if let Err(why) = away {
                taken.why_not = Some(format!("`away` {why}"));
                return taken;
            }
            std::thread::sleep(self.returns);
            taken.times = time;
        }
        taken
    }

    fn is_back(&self) -> bool {
        let until = Instant::now() + self.returns;
        loop {
            if run(&self.restored, LONGEST).is_ok() {
                return true;
            }
            if Instant::now() >= until {
                return false;
            }
            std::thread::sleep(ASK);
        }
    }
}

/// Runs a command to its end; why it did not come to a good one.
fn run(words: &[String], within: Duration) -> Result<(), String> {
    let (program, arguments) = words.split_first().ok_or("is empty")?;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|error| format!("cannot be started: {error}"))?;
    let until = Instant::now() + within;
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(format!("ended with {status}")),
            Ok(None) if Instant::now() < until => std::thread::sleep(Duration::from_millis(20)),
            Ok(None) => {
                let (_, _) = (child.kill(), child.wait());
                return Err(format!("did not end within {} s", within.as_secs()));
            }
            Err(error) => return Err(format!("cannot be waited for: {error}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use dossier::SourceText;

    use super::*;

    fn bench(outage: &str) -> Dossier {
        let source = |path: &str, text: &str| SourceText { path: path.to_owned(), text: text.to_owned() };
        dossier::read(vec![source("assay.toml", ""), source("bench.toml", outage)]).0
    }

    /// An outage whose commands write what they do into a file; what it came to, and the file.
    fn take(away: &str, back: &str, restored: &str) -> (Taken, String) {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let shell = |what: &str| format!("[\"sh\", \"-c\", '{}']", what.replace("LOG", &log.to_string_lossy()));
        let text = format!(
            "[capture]\ninterface = \"lo\"\n[outage]\naway = {}\nback = {}\nrestored = {}\nseconds = 0\nreturn-seconds = 1\n",
            shell(away),
            shell(back),
            shell(restored),
        );
        let outages = Outages::of(&bench(&text), Touches::Intrusive).unwrap();
        let taken = outages.take(&mut |_| {});
        (taken, std::fs::read_to_string(&log).unwrap_or_default().replace('\n', " "))
    }

    #[test]
    fn it_is_taken_away_and_given_back_as_often_as_wanted() {
        let (taken, log) = take("echo away >> LOG", "echo back >> LOG", "grep -q back LOG");
        assert_eq!((taken.times, &log[..]), (2, "away back away back "));
        assert_eq!((taken.why_not, taken.not_restored.len()), (None, 0));
    }

    #[test]
    fn it_is_given_back_where_taking_it_away_failed() {
        let (taken, log) = take("echo away >> LOG; exit 3", "echo back >> LOG", "true");
        assert_eq!((taken.times, &log[..]), (0, "away back "));
        assert!(taken.why_not.unwrap().contains("`away` ended with exit status: 3"));
        assert!(taken.not_restored.is_empty());
    }

    #[test]
    fn what_is_not_shown_to_be_back_is_not_restored_and_ends_the_outages() {
        let (taken, log) = take("echo away >> LOG", "echo back >> LOG", "false");
        assert_eq!((taken.times, taken.not_restored.len(), &log[..]), (0, 1, "away back "));
        let (taken, log) = take("true", "echo back >> LOG; false", "false");
        assert!(taken.not_restored[0].contains("`back` ended with"), "{taken:?}");
        assert_eq!(log, "back back ", "tried again");
    }

    #[test]
    fn without_consent_a_capture_or_a_command_nothing_is_taken_away() {
        let whole = "[capture]\ninterface = \"lo\"\n[outage]\naway = [\"true\"]\nback = [\"true\"]\nrestored = [\"true\"]\n";
        let why_not = |text: &str, consent| Outages::of(&bench(text), consent).unwrap_err();
        assert!(why_not(whole, Touches::Active).contains("nobody has agreed to intrusive steps"));
        assert!(why_not("", Touches::Intrusive).contains("no `[outage]`"));
        let without = |part: &str| why_not(&whole.replace(part, ""), Touches::Intrusive);
        assert!(without("[capture]\ninterface = \"lo\"\n").contains("no `[capture]`"));
        assert!(without("restored = [\"true\"]\n").contains("names no command in `restored`"));
    }
}
