use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::{Digest, KeySet, SigningKey};

fn key() -> SigningKey {
    SigningKey::from_seed(&[5; 32])
}

fn files() -> BTreeMap<String, Vec<u8>> {
    let blob = b"raw material".to_vec();
    let mut files = BTreeMap::from([
        ("README.txt".to_owned(), b"read me\n".to_vec()),
        (Part::Blob(Digest::of(&blob)).path(), blob),
        ("leaves/00000000.jsonl".to_owned(), vec![b'x'; 600]),
        ("verdicts.json".to_owned(), Vec::new()),
    ]);
    let manifest = manifest(&files);
    files.insert("manifest.dsse.json".to_owned(), manifest.sign(&key()).unwrap());
    files.insert("manifest.json".to_owned(), manifest.to_bytes().unwrap());
    files
}

fn manifest(files: &BTreeMap<String, Vec<u8>>) -> Manifest {
    let listed = |(path, bytes): (&String, &Vec<u8>)| {
        (path.clone(), Listed { size: bytes.len() as u64, digest: Digest::of(bytes) })
    };
    Manifest {
        format: FORMAT.to_owned(),
        version: VERSION,
        tool: "assay 0".to_owned(),
        product: "Plug".to_owned(),
        release: "1.0".to_owned(),
        edition: "3.1.3".to_owned(),
        recorded: "2026-03-01T09:00:00Z".to_owned(),
        log: LogState { origin: "assay.example/x".to_owned(), size: 1, root: Digest::of(b"root") },
        assessment: 0,
        redacted: false,
        withheld: Vec::new(),
        files: files.iter().map(listed).collect(),
    }
}

fn sound() -> &'static [u8] {
    static SOUND: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(|| encode(&files()).unwrap());
    &SOUND
}

/// What a verifier of the form alone does.
fn check(bytes: &[u8]) -> Result<(), BundleError> {
    let bytes = bytes.to_vec();
    let bundle = Bundle::open(&bytes, LIMITS)?;
    let manifest = bundle.manifest()?;
    bundle.is_as_listed(&manifest, &|_| true)?;
    manifest.verify(&bundle.read(&Part::Signature)?, &KeySet::new().with_author(key().verifying_key()))?;
    Ok(())
}

fn refused(bytes: &[u8]) -> String {
    let error = check(bytes).unwrap_err();
    let cause = std::error::Error::source(&error).map_or_else(String::new, |cause| format!(": {cause}"));
    format!("{error}{cause}")
}

#[test]
fn files_read_back_as_they_were_put_in() {
    let bytes = encode(&files()).unwrap();
    check(&bytes).unwrap();
    let bundle = Bundle::open(&bytes, LIMITS).unwrap();
    let read: BTreeMap<String, Vec<u8>> =
        bundle.files().map(|(part, member)| (member.path.clone(), bundle.read(part).unwrap())).collect();
    assert_eq!(read, files());
    assert_eq!(bytes.len() % 512, 0);
}

#[test]
fn every_changed_byte_and_every_cut_is_noticed() {
    let bytes = encode(&files()).unwrap();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert!(check(&changed).is_err(), "byte {at} was changed and nobody noticed");
        assert!(check(&bytes[..at]).is_err(), "{at} bytes pass for the whole");
    }
}

#[test]
fn what_is_wrong_is_named() {
    let sound = files();
    let with = |path: &str, content: &[u8]| {
        let mut files = sound.clone();
        files.insert(path.to_owned(), content.to_vec());
        encode(&files).unwrap()
    };
    let without = |path: &str| {
        let mut files = sound.clone();
        files.remove(path);
        encode(&files).unwrap()
    };
    let sound_bytes = encode(&sound).unwrap();
    for (bytes, says) in [
        (with("README.txt", b"other"), "`README.txt` with the manifest: its bytes were altered"),
        (with("leaves/00000001.jsonl", b"{}"), "`leaves/00000001.jsonl` in the manifest: it is not listed"),
        (with("setup.exe", b"MZ"), "`setup.exe`: it is no part of a bundle"),
        (without("leaves/00000000.jsonl"), "`leaves/00000000.jsonl`: it is missing"),
        (without("manifest.json"), "`manifest.json`: it is missing"),
        (sound_bytes[..sound_bytes.len() - 512].to_vec(), "cut off"),
        ([sound_bytes.as_slice(), &[0; 512]].concat(), "something that is no file"),
    ] {
        assert!(refused(&bytes).contains(says), "{says}: {}", refused(&bytes));
    }
}

#[test]
fn files_out_of_order_or_twice_are_refused() {
    let one = |path: &str| {
        let bytes = encode(&BTreeMap::from([(path.to_owned(), b"x".to_vec())])).unwrap();
        bytes[..bytes.len() - END.len()].to_vec()
    };
    let twice = [one("verdicts.json"), one("verdicts.json"), END.to_vec()].concat();
    assert!(refused(&twice).contains("there twice"));
    let turned = [one("verdicts.json"), one("README.txt"), END.to_vec()].concat();
    assert!(refused(&turned).contains("it stands after `verdicts.json`"));
}

#[test]
fn more_than_is_accepted_is_refused_before_it_is_read() {
    let bytes = encode(&files()).unwrap();
    let open = |limits: Limits| Bundle::open(&bytes, limits).err().map(|error| error.to_string());
    assert!(open(Limits { bytes: 100, ..LIMITS }).unwrap().contains("at most are 100"));
    assert!(open(Limits { files: 3, ..LIMITS }).unwrap().contains("more than 3 files"));
    let bundle = Bundle::open(&bytes, Limits { held: 10, ..LIMITS }).unwrap();
    assert!(matches!(bundle.read(&Part::Leaves(0)), Err(BundleError::TooLarge { size: 600, .. })));
    // A header that promises eight gibibytes is no reason to ask for them.
    let mut promising = header("verdicts.json", (1 << 33) - 1).unwrap().to_vec();
    promising.extend_from_slice(&END);
    assert!(refused(&promising).contains("cut off"));
}

#[test]
fn a_manifest_has_one_form_and_its_signature_is_of_nothing_else() {
    let manifest = manifest(&BTreeMap::new());
    let bytes = manifest.to_bytes().unwrap();
    assert_eq!(Manifest::from_bytes(&bytes).unwrap(), manifest);
    let spaced = String::from_utf8(bytes.clone()).unwrap().replace("\":", "\": ");
    assert!(matches!(Manifest::from_bytes(spaced.as_bytes()), Err(ManifestError::NotCanonical)));
    let doubled = String::from_utf8(bytes).unwrap().replacen('{', "{\"redacted\":true,", 1);
    assert!(Manifest::from_bytes(doubled.as_bytes()).is_err());
    let later = Manifest { version: 2, ..manifest.clone() }.to_bytes().unwrap();
    assert!(matches!(Manifest::from_bytes(&later), Err(ManifestError::Format { version: 2, .. })));
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(matches!(Manifest::from_bytes(deep.as_bytes()), Err(ManifestError::Json(_))));

    let keys = KeySet::new().with_author(key().verifying_key());
    let signature = manifest.sign(&key()).unwrap();
    assert_eq!(manifest.verify(&signature, &keys).unwrap(), key().id());
    let other = Manifest { redacted: true, ..manifest.clone() };
    assert!(matches!(other.verify(&signature, &keys), Err(ManifestError::Statement(_))));
    let stranger = SigningKey::from_seed(&[6; 32]);
    let foreign = manifest.sign(&stranger).unwrap();
    assert!(matches!(manifest.verify(&foreign, &keys), Err(ManifestError::Envelope(_))));
    let both = crate::Envelope::from_bytes(&signature).unwrap().countersign(&stranger).unwrap();
    assert!(matches!(manifest.verify(&both.to_bytes().unwrap(), &keys), Err(ManifestError::Statement(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..3000)) {
        prop_assert!(check(&bytes).is_err());
        let _ = Manifest::from_bytes(&bytes);
    }

    #[test]
    fn no_change_of_a_sound_bundle_makes_a_reader_panic_or_goes_unnoticed(
        at in any::<prop::sample::Index>(), put in proptest::collection::vec(any::<u8>(), 0..40), cut in 0..40_usize,
    ) {
        let bytes = sound();
        let at = at.index(bytes.len());
        let rest = (at + cut).min(bytes.len());
        let changed = [&bytes[..at], &put, &bytes[rest..]].concat();
        prop_assert_eq!(check(&changed).is_ok(), changed == bytes);
    }
}
