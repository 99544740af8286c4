//! Workspaces for tests: a dossier folder with a ledger of its own, filled without measuring anything.
#![allow(dead_code, reason = "every test binary uses another part")]

use std::path::Path;

use app::demo::SAMPLE;
use app::folder;
use app::records::Records;
use app::state::{Draft, state};
use dossier::SourceText;
use model::{Observation, Timestamp, Verdict};

/// The moment that the workspaces count from.
pub(crate) const MOMENT: Timestamp = Timestamp::from_seconds(1_790_000_000);

/// So many seconds after [`MOMENT`].
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(MOMENT.millis() + 1000 * seconds)
}

/// A folder with a dossier.
pub(crate) struct Workspace {
    folder: tempfile::TempDir,
}

impl Workspace {
    /// The sample dossier.
    pub(crate) fn sample() -> Self {
        Self::of(SAMPLE)
    }

    /// A dossier of these files.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sources: Vec<SourceText> =
            files.iter().map(|(path, text)| SourceText { path: (*path).into(), text: (*text).into() }).collect();
        folder::create(folder.path(), &sources).unwrap();
        Self { folder }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Records what a probe read from a log that a bench could have given.
    pub(crate) fn observed(&self, probe: &str, when: Timestamp) -> u64 {
        self.read(probe, &log(probe), when)
    }

    /// Records what a probe reads from this log.
    pub(crate) fn read(&self, probe: &str, raw: &str, when: Timestamp) -> u64 {
        let listed = probes::listed(probe).unwrap();
        let (dossier, _) = folder::load(self.path()).unwrap();
        let reading = (listed.interpret)(raw.as_bytes()).unwrap();
        let observation = serde_json::json!({
            "run": {"probe": probe, "revision": listed.card.revision, "target": "dut", "place": "lan"},
            "dut": {"model": "", "release": dossier.release_version()},
            "began": when, "ended": when, "tool": app::TOOL, "reading": reading,
        });
        let observation: Observation = serde_json::from_value(observation).unwrap();
        let mut records = Records::open(self.path()).unwrap();
        records.revision(&dossier.sources, when).unwrap();
        records.observe(observation, raw.as_bytes(), when).unwrap()
    }

    /// Records that a person passed a unit, of an entry where it has entries, with a file beside it.
    pub(crate) fn stated(&self, unit: &str, entry: Option<&str>, when: Timestamp) -> u64 {
        let file = self.path().join(".assay/photo.jpg");
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, b"what the camera saw").unwrap();
        let draft = Draft {
            unit: unit.to_owned(),
            entry: entry.map(str::to_owned),
            person: "A. Laborant".to_owned(),
            role: "test laboratory".to_owned(),
            verdict: Some(Verdict::Pass),
            reasoning: "Read and found in order.".to_owned(),
            artefacts: vec![("photo".to_owned(), file)],
            ..Draft::default()
        };
        state(self.path(), draft, when).unwrap().seq
    }
}

/// A log as a probe's gathering leaves it.
fn log(probe: &str) -> String {
    let address = "127.0.77.1";
    let value = match probe {
        "net.tcp-ports" => serde_json::json!({
            "parameters": {"address": address, "ports": [[1, 65535]], "background": []},
            "result": {
                "open": [27080, 27443], "refused": 65532, "silent": [[9, 9]], "unreachable": [], "not_tried": [],
                "millis": 3300,
            },
        }),
        other => panic!("no log of {other} is at hand"),
    };
    value.to_string()
}
