//! Reading another tool's saved output into observations: the file is kept, and what it says of a target is recorded.
//!
//! Nothing is sent. What is recorded is of the level `imported`: it can be read again, not measured again.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use dossier::{Bench, Dossier, Located};
use model::{Digest, ImportSource, Level, Observation, Period, Place, ProbeRun, Timestamp};
use probes::import::{IMPORTERS, ImportError, Imported, Importer, SNIFFED, sniffed};
use serde_json::{Map, Value, json};

use crate::folder::{self, FolderError};
use crate::privacy::Privacy;
use crate::records::piecewise::Hashing;
use crate::records::{Records, RecordsError};
use crate::{TOOL, circumstances};

/// Why a file was not imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportFileError {
    /// The dossier.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The records.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// No release is declared, so nothing could be said of one.
    #[error("import a file: assay.toml declares no release\n\nhint: add `[[release]]` with its `version`")]
    NoRelease,
    /// The bench does not say where the target is.
    #[error(
        "import a file: bench.toml gives no address for the target `{0}`\n\nhint: add `[[target]]` with its `name` and \
         `address`; what a file says of other addresses is not taken"
    )]
    NoTarget(String),
    /// The file cannot be opened or read.
    #[error("read {}", at.display())]
    Open {
        /// Which.
        at: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The format is not known.
    #[error("import it as `{0}`: formats are {list}", list = formats())]
    Format(String),
    /// No importer takes the file for its own.
    #[error(
        "tell what {} is: it begins like no format known here\n\nhint: name one of {list} with `--as`",
        .0.display(), list = formats()
    )]
    Unknown(PathBuf),
    /// More than one importer does.
    #[error("tell what {} is: it may be {formats}\n\nhint: name one with `--as`", at.display())]
    Ambiguous {
        /// Which file.
        at: PathBuf,
        /// What it may be.
        formats: String,
    },
    /// It is not what it was taken for.
    #[error("import {}", at.display())]
    Read {
        /// Which.
        at: PathBuf,
        /// Why.
        #[source]
        source: ImportError,
    },
    /// It is about something else.
    #[error(
        "import {}: it says nothing of {target} at {addresses}{}", at.display(),
        if elsewhere.is_empty() { String::new() } else { format!(", but speaks of {}", elsewhere.join(", ")) }
    )]
    Elsewhere {
        /// Which file.
        at: PathBuf,
        /// The target's name.
        target: String,
        /// Its addresses.
        addresses: String,
        /// What it is about, a few.
        elsewhere: Vec<String>,
    },
    /// Nothing says when the tool measured.
    #[error(
        "import {}: it does not say when the tool measured\n\nhint: add `--at 2026-01-31T12:00:00Z`; evidence grows old \
         from then on", .0.display()
    )]
    NoTime(PathBuf),
    /// The file and the person say otherwise.
    #[error("import {}: it says that the tool measured at {says}, and `--at` says {given}", at.display())]
    OtherTime {
        /// Which file.
        at: PathBuf,
        /// What the file says.
        says: Period,
        /// What was given.
        given: Period,
    },
    /// It is from a time that has not come.
    #[error("import {}: it was measured at {period}, which is not over yet", at.display())]
    Future {
        /// Which file.
        at: PathBuf,
        /// When.
        period: Period,
    },
}

/// The words for every format, in one line.
pub fn formats() -> String {
    IMPORTERS.iter().map(|importer| importer.format).collect::<Vec<_>>().join(", ")
}

/// Every format with what it reads.
pub fn list() -> impl Iterator<Item = (&'static str, &'static str)> {
    IMPORTERS.iter().map(|importer| (importer.format, importer.reads))
}

/// What a person says about the files.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// The format; told by how a file begins when left out.
    pub format: Option<String>,
    /// The target; `dut` when left out.
    pub target: Option<String>,
    /// From where the tool measured; the bench's place when left out.
    pub place: Option<String>,
    /// When it measured, where the file does not say.
    pub measured: Option<Period>,
    /// Whether this program itself started the tool, so that a command measures it again.
    pub own: bool,
}

/// One observation that was recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Position of its record.
    pub seq: u64,
    /// The record, before anything in it was withheld.
    pub observation: Observation,
    /// Milliseconds by which the clock was behind the record before it, if it was.
    pub clock_behind: Option<i64>,
}

/// Where a target is, as an import has to know it.
struct Target {
    name: String,
    addresses: Vec<IpAddr>,
    hosts: BTreeMap<String, IpAddr>,
    /// What captures are searched by and for.
    capture: Map<String, Value>,
}

impl Target {
    fn of(bench: Option<&Bench>, name: &str) -> Option<Self> {
        let bench = bench?;
        let target = bench.target(name)?;
        let first = target.address.as_ref()?.value;
        let also = target.also.iter().flat_map(|list| list.value.iter().map(|address| address.value));
        let mut addresses = vec![first];
        addresses.extend(also.filter(|address| *address != first));
        let resolved = bench.resolve.iter().map(|(host, address)| (host.clone(), address.value));
        let mut hosts: BTreeMap<_, _> = resolved.filter(|(_, address)| addresses.contains(address)).collect();
        if let Some(host) = &target.host {
            hosts.entry(host.value.clone()).or_insert(first);
        }
        let mut capture = Map::new();
        let text = |text: &Option<Located<String>>| text.as_ref().map(|text| text.value.clone());
        let rows = |rows: Vec<Value>| (!rows.is_empty()).then_some(Value::Array(rows));
        let macs = target.macs.iter().flat_map(|list| list.value.iter().map(|mac| json!(mac.value)));
        let row = |name, key: &str, value, kind: Option<String>| {
            let mut row = json!({"name": name, key: value});
            if let Some(kind) = kind {
                row["kind"] = kind.into();
            }
            row
        };
        let patterns = bench.patterns.iter().map(|Located { value: one, .. }| {
            row(
                text(&one.name).unwrap_or_default(),
                "regex",
                text(&one.regex).unwrap_or_default(),
                text(&one.kind),
            )
        });
        let canaries = bench.canaries.iter().map(|Located { value: one, .. }| {
            row(
                text(&one.name).unwrap_or_default(),
                "value",
                text(&one.value).unwrap_or_default(),
                text(&one.kind),
            )
        });
        for (key, value) in [
            ("macs", rows(macs.collect())),
            ("patterns", rows(patterns.collect())),
            ("canaries", rows(canaries.collect())),
        ] {
            if let Some(value) = value {
                capture.insert(key.to_owned(), value);
            }
        }
        Some(Self { name: name.to_owned(), addresses, hosts, capture })
    }

    /// The parameters of an import, once for each address or once for all.
    fn parameters(&self, importer: &Importer, patterns: &[Value]) -> Vec<Value> {
        let of = |address: &IpAddr| {
            let also: Vec<_> = self.addresses.iter().filter(|other| *other != address).collect();
            let mut parameters = json!({"address": address, "also": also, "hosts": self.hosts});
            if importer.card.id == probes::import::capture::CARD.id
                && let Value::Object(parameters) = &mut parameters
            {
                parameters.extend(self.capture.clone());
                if !patterns.is_empty() {
                    let all = parameters.entry("patterns").or_insert_with(|| json!([]));
                    all.as_array_mut().into_iter().for_each(|all| all.extend(patterns.iter().cloned()));
                }
            }
            parameters
        };
        match importer.per_address {
            true => self.addresses.iter().map(of).collect(),
            false => self.addresses.first().map(of).into_iter().collect(),
        }
    }
}

/// What personal data looks like on the network, as the dossier tells it, by the id of its entry.
fn patterns(dossier: &Dossier) -> Vec<Value> {
    let mut patterns = Vec::new();
    for entry in dossier.entries("PersData") {
        let listed = entry.facts::<dossier::PersDataFacts>().and_then(|facts| facts.patterns.as_ref());
        for pattern in listed.map(|list| list.value.as_slice()).unwrap_or_default() {
            patterns.push(json!({"name": entry.id.value, "regex": pattern.value, "kind": "personal-data"}));
        }
    }
    patterns
}

/// One file, read for one set of parameters.
struct Taken {
    parameters: Value,
    imported: Imported,
    content: Digest,
    size: u64,
}

/// Reads a file and records what it says of the target: one observation, or one for each of its addresses.
///
/// # Errors
/// [`ImportFileError`]; then nothing of this file was recorded.
pub fn import(folder: &Path, file: &Path, draft: &Draft, at: Timestamp) -> Result<Vec<Recorded>, ImportFileError> {
    let (dossier, _) = folder::load(folder)?;
    if dossier.release_version().is_empty() {
        return Err(ImportFileError::NoRelease);
    }
    let name = draft.target.as_deref().unwrap_or("dut");
    let bench = dossier.bench.as_ref();
    let target = Target::of(bench, name).ok_or_else(|| ImportFileError::NoTarget(name.to_owned()))?;
    let importer = importer(file, draft.format.as_deref())?;
    let mut found = Vec::new();
    let mut elsewhere = Vec::new();
    for parameters in target.parameters(importer, &patterns(&dossier)) {
        let read = read(importer, file, parameters)?;
        match read.imported.about_target {
            true => found.push(read),
            false => elsewhere = read.imported.elsewhere,
        }
    }
    if found.is_empty() {
        let addresses: Vec<String> = target.addresses.iter().map(IpAddr::to_string).collect();
        let (at, addresses) = (file.to_owned(), addresses.join(", "));
        return Err(ImportFileError::Elsewhere { at, target: target.name, addresses, elsewhere });
    }
    let mut timed = Vec::new();
    for read in found {
        let measured = measured(file, &read.imported, draft.measured, at)?;
        timed.push((read, measured));
    }
    let (privacy, _) = Privacy::of_folder(&dossier, folder);
    let mut records = Records::open_sound(folder)?;
    records.withhold(privacy);
    records.revision(&dossier.sources, at)?;
    let place = place(bench, draft);
    let mut recorded = Vec::new();
    for (read, measured) in timed {
        let (content, observation) =
            (read.content, observation(&dossier, importer, &target, &place, file, read, measured));
        let level = if draft.own { Some(Level::Reproducible) } else { observation.level };
        let observation = Observation { level, ..observation };
        let mut kept = open(file)?;
        let seq = records.observe_file(observation.clone(), content, &mut kept, at)?;
        recorded.push(Recorded { seq, observation, clock_behind: records.clock_behind() });
    }
    Ok(recorded)
}

fn place(bench: Option<&Bench>, draft: &Draft) -> Place {
    let of_bench = || bench.and_then(|bench| bench.place.as_ref()).map(|place| Place(place.value.clone()));
    draft.place.clone().map(Place).or_else(of_bench).unwrap_or_else(Place::lan)
}

fn observation(
    dossier: &Dossier,
    importer: &Importer,
    target: &Target,
    place: &Place,
    file: &Path,
    read: Taken,
    measured: Period,
) -> Observation {
    let Taken { parameters, imported, size, .. } = read;
    let Value::Object(parameters) = parameters else { unreachable!("parameters are an object") };
    Observation {
        run: ProbeRun {
            probe: importer.card.id.to_owned(),
            revision: importer.card.revision,
            parameters: parameters.into_iter().map(|(key, value)| (key, value.to_string())).collect(),
            target: target.name.clone(),
            place: place.clone(),
            state: None,
        },
        step: None,
        dut: circumstances::declared(dossier),
        began: measured.from,
        ended: measured.until,
        tool: TOOL.to_owned(),
        operator: dossier.bench.as_ref().and_then(|bench| bench.operator()).map(str::to_owned),
        level: Some(importer.level),
        valid_until: circumstances::observation_valid_until(dossier, measured.until),
        raw: None,
        salted: false,
        openings: None,
        source: Some(ImportSource {
            tool: imported.tool.unwrap_or_else(|| importer.format.to_owned()),
            version: imported.version,
            file: file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            size,
        }),
        reading: imported.reading,
    }
}

/// When the tool measured: what the file says, or else what the person says.
fn measured(
    file: &Path,
    imported: &Imported,
    given: Option<Period>,
    now: Timestamp,
) -> Result<Period, ImportFileError> {
    let at = file.to_owned();
    let period = match (imported.measured, given) {
        (Some(says), Some(given)) if says != given => {
            return Err(ImportFileError::OtherTime { at, says, given });
        }
        (Some(period), _) | (None, Some(period)) => period,
        (None, None) => return Err(ImportFileError::NoTime(at)),
    };
    match period.until > now {
        true => Err(ImportFileError::Future { at, period }),
        false => Ok(period),
    }
}

fn open(file: &Path) -> Result<BufReader<File>, ImportFileError> {
    let opened = File::open(file).map(|opened| BufReader::with_capacity(256 << 10, opened));
    opened.map_err(|source| ImportFileError::Open { at: file.to_owned(), source })
}

/// The importer that was named, or the one that takes the file for its own.
fn importer(file: &Path, named: Option<&str>) -> Result<&'static Importer, ImportFileError> {
    if let Some(format) = named {
        let found = IMPORTERS.iter().find(|importer| importer.format == format);
        return found.ok_or_else(|| ImportFileError::Format(format.to_owned()));
    }
    let mut begins = Vec::new();
    let read = open(file)?.take(SNIFFED as u64).read_to_end(&mut begins);
    read.map_err(|source| ImportFileError::Open { at: file.to_owned(), source })?;
    match sniffed(&begins).as_slice() {
        [] => Err(ImportFileError::Unknown(file.to_owned())),
        [one] => Ok(one),
        several => {
            let formats: Vec<&str> = several.iter().map(|importer| importer.format).collect();
            Err(ImportFileError::Ambiguous { at: file.to_owned(), formats: formats.join(" or ") })
        }
    }
}

fn read(importer: &Importer, file: &Path, parameters: Value) -> Result<Taken, ImportFileError> {
    let mut hashing = Hashing::new(open(file)?);
    let imported = (importer.interpret)(&mut hashing, &parameters);
    let imported = imported.map_err(|source| ImportFileError::Read { at: file.to_owned(), source })?;
    let rest = hashing.finish().map_err(|source| ImportFileError::Open { at: file.to_owned(), source });
    let (content, size) = rest?;
    Ok(Taken { parameters, imported, content, size })
}

/// The parameters of a recorded import, as its importer takes them again.
pub(crate) fn recorded_parameters(parameters: &BTreeMap<String, String>) -> Value {
    let read = |text: &String| serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.clone()));
    parameters.iter().map(|(key, value)| (key.clone(), read(value))).collect()
}
