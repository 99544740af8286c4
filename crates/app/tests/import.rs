//! Another tool's output becomes records that a stranger reads again, and nothing of another address becomes one.
#![allow(clippy::unwrap_used)]

mod workspace;

use std::path::PathBuf;

use app::assess;
use app::bundle::bundle;
use app::import::{Draft, ImportFileError, import};
use app::inventory::Selection;
use app::records::Records;
use app::verify::{Against, Taken, verify};
use model::{Fact, Level, Period, Timestamp};
use workspace::Workspace;

const NMAP: &str = include_str!("../../probes/src/import/samples/nmap.xml");
/// After the samples were taken.
const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

fn file(place: &Workspace, name: &str, text: &str) -> PathBuf {
    let at = place.path().join(".assay").join(name);
    std::fs::create_dir_all(at.parent().unwrap()).unwrap();
    std::fs::write(&at, text).unwrap();
    at
}

fn at_the_product(text: &str) -> String {
    text.replace("192.0.2.7", "127.0.77.1")
}

#[test]
fn a_scan_is_recorded_as_imported_with_its_source_and_read_again_from_a_bundle() {
    let place = Workspace::sample();
    let scan = file(&place, "scan.xml", &at_the_product(NMAP));
    let recorded = import(place.path(), &scan, &Draft::default(), NOW).unwrap();
    let [one] = recorded.as_slice() else { panic!("one observation for one address: {recorded:?}") };
    let observations = Records::open(place.path()).unwrap().evidence().unwrap().observations.clone();
    let kept = &observations[0].body;
    assert_eq!((observations[0].seq, kept.level), (one.seq, Some(Level::Imported)));
    assert_eq!(kept.source.as_ref().unwrap().to_string(), "nmap 7.93");
    assert_eq!(kept.source.as_ref().unwrap().file, "scan.xml");
    assert_eq!(kept.run.probe, "import.nmap");
    assert_eq!(kept.began.to_string(), "2026-11-30T15:05:46Z");
    assert!(kept.reading.facts.iter().any(|fact| matches!(fact, Fact::Port { .. })));
    assess::record(place.path(), NOW).unwrap();
    let out = place.path().join("x.assay");
    bundle(place.path(), &out, None, Selection::EVERYTHING).unwrap();
    let verification = verify(&out, &Against::default()).unwrap();
    assert!(verification.is_sound(), "{:#?}", verification.failed);
    let readings = verification.steps.iter().find(|step| step.step == "readings").unwrap();
    assert_eq!(readings.result, Taken::Done);
    assert!(readings.says.starts_with("1 raw logs read again"), "{}", readings.says);
    assert!(!verification.steps.iter().any(|step| step.step == "readings not taken"));
}

#[test]
fn a_record_that_says_more_than_its_file_does_not_verify() {
    let place = Workspace::sample();
    let scan = file(&place, "scan.xml", &at_the_product(NMAP));
    let [one] = import(place.path(), &scan, &Draft::default(), NOW).unwrap().try_into().unwrap();
    let forge = |change: &dyn Fn(&mut model::Observation)| {
        let place = Workspace::sample();
        let mut observation = one.observation.clone();
        change(&mut observation);
        let (dossier, _) = app::folder::load(place.path()).unwrap();
        let mut records = Records::open(place.path()).unwrap();
        records.revision(&dossier.sources, NOW).unwrap();
        records.observe(observation, at_the_product(NMAP).as_bytes(), NOW).unwrap();
        drop(records);
        assess::record(place.path(), NOW).unwrap();
        let out = place.path().join("x.assay");
        bundle(place.path(), &out, None, Selection::EVERYTHING).unwrap();
        let failed = verify(&out, &Against::default()).unwrap().failed;
        failed.map(|failed| failed.to_string())
    };
    assert_eq!(forge(&|_| {}), None);
    let changes: [&dyn Fn(&mut model::Observation); 4] = [
        &|o| drop(o.reading.facts.remove(0)),
        &|o| o.reading.coverage[0].ports = vec![(1, 65535)],
        &|o| o.source.as_mut().unwrap().tool = "testssl".to_owned(),
        &|o| o.ended = NOW,
    ];
    for change in changes {
        let failed = forge(change).unwrap();
        assert!(failed.contains("reads something else in the file"), "{failed}");
    }
}

#[test]
fn what_is_about_another_address_or_no_such_output_or_of_no_time_is_refused_and_nothing_is_recorded() {
    let place = Workspace::sample();
    let now = |path: &PathBuf, draft: &Draft| import(place.path(), path, draft, NOW).unwrap_err();
    let other = file(&place, "other.xml", NMAP);
    let refused = now(&other, &Draft::default());
    assert!(matches!(&refused, ImportFileError::Elsewhere { elsewhere, .. } if elsewhere == &["192.0.2.7"]));
    assert!(refused.to_string().contains("says nothing of dut at 127.0.77.1, but speaks of 192.0.2.7"));
    let scan = file(&place, "scan.xml", &at_the_product(NMAP));
    let unknown = Draft { target: Some("hub".to_owned()), ..Draft::default() };
    assert!(matches!(now(&scan, &unknown), ImportFileError::NoTarget(_)));
    let format = Draft { format: Some("nessus".to_owned()), ..Draft::default() };
    assert!(now(&scan, &format).to_string().contains("formats are audit-passwords, capture, har, nmap,"));
    let text = file(&place, "notes.txt", "open ports: 80, 443");
    assert!(matches!(now(&text, &Draft::default()), ImportFileError::Unknown(_)));
    let as_nmap = Draft { format: Some("nmap".to_owned()), ..Draft::default() };
    assert!(matches!(now(&text, &as_nmap), ImportFileError::Read { .. }));
    let given = Draft { measured: Some(Period::moment(NOW)), ..Draft::default() };
    assert!(matches!(now(&scan, &given), ImportFileError::OtherTime { .. }));
    let early = import(place.path(), &scan, &Draft::default(), Timestamp::from_seconds(1_790_000_000));
    assert!(matches!(early.unwrap_err(), ImportFileError::Future { .. }));
    assert!(matches!(now(&place.path().join("none"), &Draft::default()), ImportFileError::Open { .. }));
    assert!(Records::open(place.path()).unwrap().lines().unwrap().is_empty());
}

/// A capture in which the product, and a phone, ask a server without TLS.
fn capture(product: [u8; 4]) -> Vec<u8> {
    let mut bytes = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 101, 0, 0, 0];
    let mut packet = |client: [u8; 4], out: bool, numbers: [u32; 2], flags: u8, payload: &[u8]| {
        let (from, to) = if out { (client, [198, 51, 100, 1]) } else { ([198, 51, 100, 1], client) };
        let ports: [u16; 2] = if out { [50_000, 1883] } else { [1883, 50_000] };
        let mut whole = vec![0x45, 0];
        whole.extend(u16::try_from(40 + payload.len()).unwrap().to_be_bytes());
        whole.extend([0, 0, 0, 0, 64, 6, 0, 0]);
        whole.extend([from, to].concat());
        whole.extend(ports.iter().flat_map(|port| port.to_be_bytes()));
        whole.extend(numbers.iter().flat_map(|number| number.to_be_bytes()));
        whole.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
        whole.extend_from_slice(payload);
        let length = u32::try_from(whole.len()).unwrap().to_le_bytes();
        bytes.extend([1_790_000_000_u32.to_le_bytes(), [0; 4], length, length].concat());
        bytes.extend(whole);
    };
    for client in [product, [192, 0, 2, 99]] {
        packet(client, true, [1, 0], 2, b"");
        packet(client, false, [9, 2], 0x12, b"");
        packet(client, true, [2, 10], 0x18, b"\x10\x17\0\x04MQTT\x04\xc2\0\x1e\0\x01p\0\x03usr\0\x03pwd");
        packet(client, false, [10, 27], 0x18, b"\x20\x02\0\0");
        packet(client, true, [27, 14], 0x18, b"\x30\x15\0\x01ttelltale-canary-42");
    }
    bytes
}

#[test]
fn a_capture_is_searched_for_what_the_bench_names_and_read_again_to_the_same() {
    let place = Workspace::sample();
    let bench = place.path().join("bench.toml");
    let canary = "\n[[canary]]\nname = \"telemetry\"\nvalue = \"telltale-canary-42\"\n\n[[pattern]]\nname = \"digits\"\nregex = \"-[0-9]{2}\"\n";
    std::fs::write(&bench, std::fs::read_to_string(&bench).unwrap() + canary).unwrap();
    let at = place.path().join(".assay/made.pcap");
    std::fs::create_dir_all(at.parent().unwrap()).unwrap();
    std::fs::write(&at, capture([127, 0, 77, 1])).unwrap();
    let recorded = import(place.path(), &at, &Draft::default(), NOW).unwrap();
    let [one] = recorded.as_slice() else { panic!("one observation for all addresses: {recorded:?}") };
    assert_eq!(one.observation.run.probe, "traffic.capture");
    let facts = &one.observation.reading.facts;
    assert_eq!(
        facts.iter().filter(|fact| matches!(fact, Fact::Conversation(_))).count(),
        1,
        "the product's alone"
    );
    let places: Vec<&str> = facts
        .iter()
        .filter_map(|fact| if let Fact::ClearContent(one) = fact { Some(one.place.as_str()) } else { None })
        .collect();
    for expected in ["CONNECT password", "telemetry", "digits"] {
        assert!(places.contains(&expected), "{expected} is not in {places:?}");
    }
    assess::record(place.path(), NOW).unwrap();
    let kept = Records::open(place.path()).unwrap().evidence().unwrap().observations.clone();
    let is_open = |fact: &Fact| matches!(fact, Fact::ClearContent(one) if one.excerpt.contains("pwd"));
    assert!(
        facts.iter().any(is_open) && !kept[0].body.reading.facts.iter().any(is_open),
        "what was found is withheld"
    );
    let out = place.path().join("x.assay");
    bundle(place.path(), &out, None, Selection::EVERYTHING).unwrap();
    let verification = verify(&out, &Against::default()).unwrap();
    assert!(verification.is_sound(), "{:#?}", verification.failed);
    let readings = verification.steps.iter().find(|step| step.step == "readings").unwrap();
    assert!(readings.says.starts_with("1 raw logs read again"), "{}", readings.says);
    std::fs::write(&at, capture([192, 0, 2, 98])).unwrap();
    let refused = import(place.path(), &at, &Draft::default(), NOW).unwrap_err();
    assert!(matches!(refused, ImportFileError::Elsewhere { .. }), "{refused}");
}
