//! Captures the product's traffic while something else happens, with the operator's own tool, and takes up the file.
//!
//! Nothing is sent. What the traffic shows is read as `assay import` reads a file; a tool that is missing, or that may not
//! capture, is a shortfall in the records.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use dossier::{Capture, Dossier};
use model::{Level, Observation, Place, ProbeRun, Reading, Shortfall, ShortfallKind, Timestamp, Touches};

use crate::import::{self, Draft, ImportFileError};
use crate::privacy::Privacy;
use crate::records::{Records, RecordsError};
use crate::{TOOL, circumstances, now};

/// The probe that reads a capture.
pub(crate) const PROBE: &str = "traffic.capture";
/// The word that stands for the file in a command.
const FILE: &str = "{file}";
/// How long a tool has to begin.
const BEGIN: Duration = Duration::from_secs(5);
/// How long a tool has to write down what it still holds, before and after it is told to end.
const SETTLE: Duration = Duration::from_millis(400);
const END: Duration = Duration::from_secs(3);
/// Octets of a capture file in its beginning that every format has.
const HEAD: u64 = 24;
/// Characters of a tool's complaint that are told.
const COMPLAINT: usize = 300;

/// What a capture came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Captured {
    /// Positions of the records made.
    pub records: Vec<u64>,
    /// Why there is nothing to read, if so; recorded as a shortfall.
    pub why_not: Option<String>,
}

/// Why what was captured is not recorded.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// The records.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// The file that the tool wrote.
    #[error(transparent)]
    Import(#[from] ImportFileError),
}

/// A capture that goes on, or the reason why none does.
#[derive(Debug)]
pub struct Capturing {
    began: Timestamp,
    going: Result<Tool, String>,
}

#[derive(Debug)]
struct Tool {
    child: Child,
    file: PathBuf,
    errors: PathBuf,
}

impl Capturing {
    /// Starts what `bench.toml` says under `[capture]`; nothing where it says nothing. `consent` is the highest step that
    /// was agreed to: to capture is passive.
    pub fn start(dossier: &Dossier, folder: &Path, consent: Touches) -> Option<Self> {
        let wanted = dossier.bench.as_ref()?.capture.as_ref()?;
        let began = now();
        let going = match consent < Touches::Passive {
            true => Err("nobody has agreed to passive steps".to_owned()),
            false => Tool::start(dossier, &wanted.value, folder),
        };
        Some(Self { began, going })
    }

    /// Whether a tool captures.
    pub fn is_going(&self) -> bool {
        self.going.is_ok()
    }

    /// Ends the tool, and records what it captured, or that it did not.
    ///
    /// # Errors
    /// [`CaptureError`]; the file is left where it is then.
    pub fn finish(self, dossier: &Dossier, folder: &Path) -> Result<Captured, CaptureError> {
        let ended = match self.going {
            Ok(tool) => tool.end(),
            Err(why) => Err(why),
        };
        let file = match ended {
            Ok(file) => file,
            Err(why) => return shortfall(dossier, folder, self.began, why),
        };
        let recorded = match import::import(folder, &file, &Draft { own: true, ..Draft::default() }, now()) {
            Ok(recorded) => recorded,
            Err(ImportFileError::Elsewhere { .. } | ImportFileError::NoTime(_)) => {
                let _ = std::fs::remove_file(&file);
                let why = "the capture holds no packet of the product".to_owned();
                return shortfall(dossier, folder, self.began, why);
            }
            Err(error) => return Err(error.into()),
        };
        // What was imported is kept among the evidence.
        let _ = std::fs::remove_file(&file);
        Ok(Captured { records: recorded.into_iter().map(|r| r.seq).collect(), why_not: None })
    }
}

/// Records that nothing was captured, and why.
fn shortfall(dossier: &Dossier, folder: &Path, began: Timestamp, why: String) -> Result<Captured, CaptureError> {
    let ended = now();
    let text = format!("{PROBE} was not run: {why}");
    let short = Shortfall { kind: ShortfallKind::Missing, of: "traffic".to_owned(), endpoint: None, text };
    let bench = dossier.bench.as_ref();
    let place = bench.and_then(|b| b.place.as_ref()).map_or_else(Place::lan, |p| Place(p.value.clone()));
    let observation = Observation {
        run: ProbeRun {
            probe: PROBE.to_owned(),
            revision: probes::import::importer(PROBE).map_or(1, |importer| importer.card.revision),
            parameters: std::collections::BTreeMap::new(),
            target: "dut".to_owned(),
            place,
            state: None,
        },
        step: None,
        dut: circumstances::declared(dossier),
        began,
        ended,
        tool: TOOL.to_owned(),
        operator: bench.and_then(|b| b.operator()).map(str::to_owned),
        level: Some(Level::Reproducible),
        valid_until: circumstances::observation_valid_until(dossier, ended),
        raw: None,
        salted: false,
        openings: None,
        source: None,
        reading: Reading { shortfalls: vec![short], ..Reading::default() },
    };
    let (privacy, _) = Privacy::of_folder(dossier, folder);
    let mut records = Records::open_sound(folder)?;
    records.withhold(privacy);
    records.revision(&dossier.sources, ended)?;
    let record = records.observe(observation, &[], ended)?;
    Ok(Captured { records: vec![record], why_not: Some(why) })
}

impl Tool {
    fn start(dossier: &Dossier, wanted: &Capture, folder: &Path) -> Result<Self, String> {
        let kept = folder.join(".assay");
        let cannot = |error: std::io::Error| format!("no file for the capture: {error}");
        std::fs::create_dir_all(&kept).map_err(cannot)?;
        let name = format!("capture-{}-{}", std::process::id(), now().millis());
        let (file, errors) = (kept.join(format!("{name}.pcap")), kept.join(format!("{name}.txt")));
        let words = words(dossier, wanted)?;
        let (program, arguments) = words.split_first().ok_or("`command` of `[capture]` is empty")?;
        let writes_file = words.iter().any(|word| word.contains(FILE));
        let path = file.to_string_lossy();
        let mut command = Command::new(program);
        command.args(arguments.iter().map(|word| word.replace(FILE, &path)));
        command.stdin(Stdio::null()).stderr(File::create(&errors).map_err(cannot)?);
        match writes_file {
            true => command.stdout(Stdio::null()),
            false => command.stdout(File::create(&file).map_err(cannot)?),
        };
        let child = command.spawn().map_err(|error| {
            let _ = (std::fs::remove_file(&file), std::fs::remove_file(&errors));
            format!("{program} cannot be started: {error}")
        })?;
        Self { child, file, errors }.begun(program)
    }

    /// Waits until the tool has written the head of its file.
    fn begun(mut self, program: &str) -> Result<Self, String> {
        let until = Instant::now() + BEGIN;
        loop {
            if std::fs::metadata(&self.file).is_ok_and(|file| file.len() >= HEAD) {
                return Ok(self);
            }
            let ended = self.child.try_wait().ok().flatten().is_some();
            if ended || Instant::now() >= until {
                let complaint = self.complaint();
                let what = if ended { "ended at once" } else { "did not begin to write" };
                self.discard();
                return Err(format!("{program} {what}: {complaint}"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Lets the tool write down what it holds, and ends it.
    fn end(mut self) -> Result<PathBuf, String> {
        std::thread::sleep(SETTLE);
        if let Ok(Some(status)) = self.child.try_wait() {
            let complaint = self.complaint();
            self.discard();
            return Err(format!("the tool that captures ended by itself ({status}): {complaint}"));
        }
        self.interrupt();
        let until = Instant::now() + END;
        while self.child.try_wait().is_ok_and(|ended| ended.is_none()) && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(20));
        }
        let (_, _) = (self.child.kill(), self.child.wait());
        let _ = std::fs::remove_file(&self.errors);
        Ok(self.file)
    }

    fn interrupt(&self) {
        let id = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw);
        if let Some(id) = id {
            // A tool that is gone needs none.
            let _ = rustix::process::kill_process(id, rustix::process::Signal::INT);
        }
    }

    fn discard(&mut self) {
        let (_, _) = (self.child.kill(), self.child.wait());
        let _ = (std::fs::remove_file(&self.file), std::fs::remove_file(&self.errors));
    }

    /// What the tool wrote to its standard error, in one bounded line.
    fn complaint(&self) -> String {
        let said = std::fs::read(&self.errors).unwrap_or_default();
        let said = String::from_utf8_lossy(&said);
        let line = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ");
        match line.is_empty() {
            true => "it says nothing".to_owned(),
            false => wire::text::visible_str(&line, COMPLAINT),
        }
    }
}

/// The command as it is started, the file still by its mark.
fn words(dossier: &Dossier, wanted: &Capture) -> Result<Vec<String>, String> {
    if let Some(command) = &wanted.command {
        return Ok(command.value.iter().map(|word| word.value.clone()).collect());
    }
    let interface = wanted.interface.as_ref().map(|i| i.value.trim()).filter(|i| !i.is_empty());
    let interface = interface.ok_or("`[capture]` names neither `interface` nor `command`")?;
    let filter = match &wanted.filter {
        Some(filter) => filter.value.clone(),
        None => hosts(dossier),
    };
    let usual = ["tcpdump", "-i", interface, "-n", "-s", "0", "-U", "--immediate-mode", "-w", "-", "--"];
    Ok(usual.into_iter().map(str::to_owned).chain([filter]).collect())
}

/// The filter that takes the product's addresses.
fn hosts(dossier: &Dossier) -> String {
    let target = dossier.bench.as_ref().and_then(|b| b.target("dut"));
    let first = target.and_then(|t| t.address.as_ref()).map(|a| a.value);
    let also = target.and_then(|t| t.also.as_ref()).map(|a| a.value.as_slice()).unwrap_or_default();
    let addresses = first.into_iter().chain(also.iter().map(|a| a.value));
    let product = addresses.map(|address| format!("host {address}")).collect::<Vec<_>>().join(" or ");
    // What the product says to the bench in its service's place is no communication of its own.
    let set = dossier.bench.as_ref().and_then(|b| b.interception.as_ref());
    match set.and_then(|i| i.listen.as_ref()) {
        Some(listen) => format!("({product}) and not host {}", listen.value),
        None => product,
    }
}

#[cfg(test)]
mod tests {
    use dossier::SourceText;

    use super::*;

    fn bench(capture: &str) -> Dossier {
        let source = |path: &str, text: String| SourceText { path: path.to_owned(), text };
        let target = "[[target]]\nname = \"dut\"\naddress = \"192.0.2.7\"\nalso = [\"2001:db8::7\"]\n";
        dossier::read(vec![
            source("assay.toml", "[[release]]\nversion = \"1\"\n".to_owned()),
            source("bench.toml", format!("{target}[capture]\n{capture}")),
        ])
        .0
    }

    fn why_not(capture: &str, consent: Touches) -> String {
        let (dossier, folder) = (bench(capture), tempfile::tempdir().unwrap());
        let capturing = Capturing::start(&dossier, folder.path(), consent).unwrap();
        assert!(!capturing.is_going());
        let captured = capturing.finish(&dossier, folder.path()).unwrap();
        let records = Records::open(folder.path()).unwrap().evidence().unwrap();
        let reading = &records.observations[0].body.reading;
        assert!(reading.facts.is_empty() && reading.coverage.is_empty());
        assert_eq!(captured.records, [records.observations[0].seq]);
        let left = std::fs::read_dir(folder.path().join(".assay")).unwrap().flatten();
        let left: Vec<_> = left.filter(|f| f.file_name().to_string_lossy().starts_with("capture-")).collect();
        assert!(left.is_empty(), "{left:?}");
        reading.shortfalls[0].text.clone()
    }

    #[test]
    fn tcpdump_is_asked_for_the_addresses_of_the_product() {
        let dossier = bench("interface = \"eth0\"\n");
        let words = words(&dossier, &dossier.bench.as_ref().unwrap().capture.as_ref().unwrap().value).unwrap();
        assert_eq!(words[..3], ["tcpdump", "-i", "eth0"]);
        assert_eq!(words.last().unwrap(), "host 192.0.2.7 or host 2001:db8::7");
    }

    #[test]
    fn a_tool_that_is_missing_fails_or_says_nothing_is_a_shortfall_in_the_records() {
        let missing = why_not("command = [\"no-such-tool-here\"]\n", Touches::Passive);
        assert!(missing.contains("no-such-tool-here cannot be started"), "{missing}");
        let refused = why_not("command = [\"sh\", \"-c\", \"echo not allowed >&2; exit 1\"]\n", Touches::Active);
        assert!(refused.contains("sh ended at once: not allowed"), "{refused}");
        assert!(why_not("", Touches::Passive).contains("names neither"));
    }

    #[test]
    fn without_consent_nothing_is_started() {
        let why = why_not("command = [\"no-such-tool-here\"]\n", Touches::Nothing);
        assert!(why.contains("nobody has agreed to passive steps"), "{why}");
    }

    #[test]
    fn a_capture_without_a_packet_of_the_product_is_a_shortfall_and_its_tool_is_ended() {
        // The head of a pcap file, little-endian, Ethernet, and no packet.
        let head = "\\324\\303\\262\\241\\002\\000\\004\\000\\000\\000\\000\\000\\000\\000\\000\\000\\377\\377\\000\\000\\001\\000\\000\\000";
        let command =
            format!("command = [\"sh\", \"-c\", \"printf '{}'; exec sleep 60\"]\n", head.replace('\\', "\\\\"));
        let (dossier, folder) = (bench(&command), tempfile::tempdir().unwrap());
        let capturing = Capturing::start(&dossier, folder.path(), Touches::Passive).unwrap();
        assert!(capturing.is_going(), "{capturing:?}");
        let began = Instant::now();
        match capturing.finish(&dossier, folder.path()) {
            Ok(captured) => assert!(captured.why_not.unwrap().contains("no packet of the product")),
            // Before anything reads captures, nothing takes the file for its own.
            Err(error) => assert!(matches!(error, CaptureError::Import(_)), "{error}"),
        }
        assert!(began.elapsed() < Duration::from_secs(4));
    }
}
