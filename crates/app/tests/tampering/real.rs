//! A real bundle of a real run against the demonstration product, and what an attacker could make of it.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::LazyLock;
use std::time::UNIX_EPOCH;

use app::bundle::bundle;
use app::demo::trial;
use app::inventory::Selection;
use app::material::Material;
use app::state::{Draft as Statement, state};
use app::verify::{Against, Failed, Verification, verify_source};
use app::{assess, records};
use ledger::bundle::{Bundle, LIMITS, Listed, Manifest, Part, encode, leaves_path};
use ledger::{Draft, Entry, Head, SigningKey};
use model::{Digest, Timestamp, Verdict};
use serde_json::Value;

/// The files of a bundle by their paths.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// What the log is called.
pub(crate) const ORIGIN: &str = "assay.local/workspace";

/// A workspace that measured the demonstration product, and its bundles.
pub(crate) struct Real {
    /// The bundle of the first assessment.
    pub(crate) first: Vec<u8>,
    /// The bundle after another statement and another assessment.
    pub(crate) second: Vec<u8>,
    /// The second one without private pieces.
    pub(crate) redacted: Vec<u8>,
    /// The key of the log: an attacker from within has it.
    pub(crate) key: SigningKey,
}

/// Measured once for all tests of a build, in whichever processes they run.
pub(crate) static REAL: LazyLock<Real> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let lock = File::create(folder.join("tampering.lock")).unwrap();
    lock.lock().unwrap();
    let built = std::env::current_exe().and_then(std::fs::metadata).unwrap();
    let age = built.modified().unwrap().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    let kept = folder.join(format!("tampering-{age}-{}", built.len()));
    if !kept.exists() {
        for old in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
            if old.file_name().to_string_lossy().starts_with("tampering-") {
                std::fs::remove_dir_all(old.path()).unwrap();
            }
        }
        let made = tempfile::tempdir_in(folder).unwrap();
        measure(made.path());
        std::fs::rename(made.keep(), &kept).unwrap();
    }
    Real::kept(&kept)
});

impl Real {
    fn kept(at: &Path) -> Self {
        let read = |name: &str| std::fs::read(at.join(name)).unwrap();
        let key = SigningKey::from_pem(&String::from_utf8(read("key.pem")).unwrap()).unwrap();
        Self { first: read("first"), second: read("second"), redacted: read("redacted"), key }
    }
}

/// Measures the product, and keeps the bundles and the key of the log in a folder.
fn measure(kept: &Path) {
    let place = tempfile::tempdir().unwrap();
    let at = place.path().join("demo");
    std::fs::create_dir(&at).unwrap();
    trial(&at, app::demo::USUAL_FAULTS, "127.0.95", &mut |_| {}).unwrap();
    let made = |name: &str, selection: Selection| bundle(&at, &kept.join(name), None, selection).unwrap();
    made("first", Selection::EVERYTHING);
    let draft = Statement {
        unit: "5.1-1-1a".to_owned(),
        entry: Some("AuthMech-Web".to_owned()),
        person: "A. Laborant".to_owned(),
        role: "test laboratory".to_owned(),
        verdict: Some(Verdict::Pass),
        reasoning: "Read and found in order.".to_owned(),
        artefacts: vec![("photo".to_owned(), at.join("ics.toml"))],
        ..Statement::default()
    };
    state(&at, draft, app::now()).unwrap();
    assess::record(&at, app::now()).unwrap();
    made("second", Selection::EVERYTHING);
    made("redacted", Selection::without(Material::is_private));
    std::fs::copy(at.join(records::FOLDER).join("key.pem"), kept.join("key.pem")).unwrap();
}

/// What a verifier without anything from elsewhere says.
pub(crate) fn verified(bytes: &[u8]) -> Verification {
    verify_source(&bytes.to_vec(), &Against::default()).unwrap()
}

/// The first item that is not sound; the bundle has to be refused, and not for want of reading it.
pub(crate) fn refused(bytes: &[u8]) -> Failed {
    refused_against(bytes, &Against::default())
}

/// As [`refused`], with something from elsewhere.
pub(crate) fn refused_against(bytes: &[u8], against: &Against) -> Failed {
    let failed = verify_source(&bytes.to_vec(), against).unwrap().failed.expect("it went unnoticed");
    assert!(!failed.item.is_empty() && !failed.why.is_empty());
    failed
}

/// The files of a bundle.
pub(crate) fn files(bytes: &[u8]) -> Files {
    let bytes = bytes.to_vec();
    let bundle = Bundle::open(&bytes, LIMITS).unwrap();
    bundle.files().map(|(part, member)| (member.path.clone(), bundle.read(part).unwrap())).collect()
}

/// The container of these files, as they are.
pub(crate) fn packed(files: &Files) -> Vec<u8> {
    encode(files).unwrap()
}

/// The manifest among files.
pub(crate) fn manifest(files: &Files) -> Manifest {
    Manifest::from_bytes(&files["manifest.json"]).unwrap()
}

/// The container of these files with a manifest that lists them, signed.
pub(crate) fn signed(files: &Files, key: &SigningKey) -> Vec<u8> {
    signed_with(files, key, |_| {})
}

/// As [`signed`], after a change of the manifest.
pub(crate) fn signed_with(files: &Files, key: &SigningKey, change: impl FnOnce(&mut Manifest)) -> Vec<u8> {
    let mut files = files.clone();
    let mut manifest = manifest(&files);
    let listed = |bytes: &Vec<u8>| Listed { size: bytes.len() as u64, digest: Digest::of(bytes) };
    let others = files.iter().filter(|(path, _)| !path.starts_with("manifest."));
    manifest.files = others.map(|(path, bytes)| (path.clone(), listed(bytes))).collect();
    change(&mut manifest);
    files.insert("manifest.dsse.json".to_owned(), manifest.sign(key).unwrap());
    files.insert("manifest.json".to_owned(), manifest.to_bytes().unwrap());
    packed(&files)
}

/// The leaves among files.
pub(crate) fn leaves(files: &Files) -> Vec<Vec<u8>> {
    let text: Vec<u8> =
        files.iter().filter(|(path, _)| path.starts_with("leaves/")).flat_map(|(_, b)| b.clone()).collect();
    text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect()
}

/// Puts leaves in the place of those among files.
pub(crate) fn with_leaves(files: &Files, leaves: &[Vec<u8>]) -> Files {
    let mut files: Files = files
        .iter()
        .filter(|(path, _)| !path.starts_with("leaves/"))
        .map(|(p, b)| (p.clone(), b.clone()))
        .collect();
    let lines: Vec<u8> = leaves.iter().flat_map(|leaf| leaf.iter().copied().chain([b'\n'])).collect();
    files.insert(leaves_path(0), lines);
    files
}

/// A record as it can be sealed again.
#[derive(Clone)]
pub(crate) struct Said {
    pub(crate) kind: String,
    pub(crate) subjects: Vec<ledger::Subject>,
    pub(crate) recorded_at: String,
    pub(crate) record: Value,
}

/// What the leaves among files say.
pub(crate) fn said(files: &Files) -> Vec<Said> {
    let one = |leaf: Vec<u8>| {
        let entry = Entry::read_unverified(&leaf).unwrap();
        Said {
            kind: entry.kind().to_owned(),
            subjects: entry.subjects().to_vec(),
            recorded_at: entry.position().recorded_at.clone(),
            record: entry.record().clone(),
        }
    };
    leaves(files).into_iter().map(one).collect()
}

/// A whole log of these records, every leaf and the checkpoint signed by this key: history written anew.
pub(crate) fn resealed(said: &[Said], key: &SigningKey) -> (Vec<Vec<u8>>, String, Head) {
    let (mut head, mut leaves, mut note) = (Head::new(), Vec::new(), String::new());
    for said in said.iter().cloned() {
        let Said { kind, subjects, recorded_at, record } = said;
        let sealed = head.seal(Draft { kind, subjects, recorded_at, record }, key, ORIGIN, key).unwrap();
        leaves.push(sealed.body);
        (head, note) = (sealed.head, sealed.note);
    }
    (leaves, note, head)
}

/// A bundle whose whole log was written anew by somebody who holds its key, and everything that follows from it.
pub(crate) fn forged(
    files: &Files,
    said: &[Said],
    key: &SigningKey,
    change: impl FnOnce(&mut Manifest),
) -> Vec<u8> {
    let (leaves, note, head) = resealed(said, key);
    let mut files = with_leaves(files, &leaves);
    files.insert("checkpoint.txt".to_owned(), note.into_bytes());
    signed_with(&files, key, |manifest| {
        manifest.log.size = head.size();
        manifest.log.root = head.root();
        let last = Timestamp::parse(&said.last().unwrap().recorded_at).unwrap();
        manifest.recorded = last.to_string();
        change(manifest);
    })
}

/// The part that a path is.
pub(crate) fn is_in_log(path: &str) -> bool {
    matches!(Part::of(path), Some(Part::Leaves(_) | Part::Checkpoint))
}
