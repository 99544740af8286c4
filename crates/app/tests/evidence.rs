//! What records say about the unit in front of the bench, measured on the real demonstration product.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::Path;

use app::demo::SAMPLE;
use app::folder;
use app::measure::{ObserveError, Selection, Setup, observe};
use app::records::Records;
use device::{Config, Device, FaultSet, Running};
use dossier::SourceText;
use model::{Level, Observation};

/// Takes the proof of identity and one probe, on a product that tells its version on a page, expecting this release.
fn identified(
    at: &Path,
    network: &str,
    release: &str,
    probe: &str,
) -> (Running, Result<Observation, ObserveError>) {
    let firmware = "value = \"urn:lumen-invalid:device:PlugCam:1\"\n\
        firmware = \"<softwareVersion>*</softwareVersion>\"\n";
    let changed = |path: &str, text: &str| match path {
        "bench.toml" => text
            .replace("127.0.77", network)
            .replace("value = \"urn:lumen-invalid:device:PlugCam:1\"\n", firmware)
            .replace("background = true\n", ""),
        "assay.toml" => text.replace(
            "version = \"1.4.2\"",
            &format!("version = \"{release}\"\nfirmware = \"sha256:{}\"", "ab".repeat(32)),
        ),
        _ => text.to_owned(),
    };
    let sources: Vec<SourceText> =
        SAMPLE.iter().map(|(p, t)| SourceText { path: (*p).to_owned(), text: changed(p, t) }).collect();
    folder::create(at, &sources).unwrap();
    let (dossier, _) = folder::load(at).unwrap();
    let address = |last: u8| format!("{network}.{last}").parse().unwrap();
    let faults = FaultSet::parse("ssdp-leaks-serial").unwrap();
    let product = Device::start(Config { address: address(1), cloud: address(2), faults, seed: 1 }).unwrap();
    let secret = |_: &str| Some("not needed".to_owned());
    let setup = Setup::of(&dossier, at, &BTreeMap::new(), &secret, app::now()).unwrap();
    let only = Selection { probe: Some(probe.to_owned()), target: None, due: None };
    let mut records = Records::open(at).unwrap();
    let ran = observe(&dossier, &setup, &only, &mut records, &mut |_| {});
    let recorded = records.evidence().unwrap().observations[0].body.clone();
    (product, ran.map(|_| recorded))
}

#[test]
fn an_observation_says_which_unit_which_firmware_who_and_until_when() {
    let at = tempfile::tempdir().unwrap();
    let (product, observed) = identified(at.path(), "127.0.91", "1.4.2", "dut.identity");
    let observed = observed.unwrap();
    assert_eq!(observed.dut.serial.as_ref(), Some(&product.label().serial), "the sample names the unit it has");
    assert_eq!(observed.dut.firmware.as_deref(), Some("1.4.2"));
    assert_eq!(observed.dut.firmware_digest.unwrap().hex(), "ab".repeat(32));
    assert!(observed.dut.proofs.contains(&"firmware: 1.4.2".to_owned()), "{:?}", observed.dut.proofs);
    assert_eq!(observed.operator.as_deref(), Some("demonstration bench"));
    assert_eq!((observed.level, observed.run.place.to_string()), (Some(Level::Reproducible), "lan".to_owned()));
    let ninety_days = 90 * 86_400_000;
    assert_eq!(observed.valid_until.unwrap().millis(), observed.ended.millis() + ninety_days);
    assert!(observed.began <= observed.ended && observed.run.revision > 0 && !observed.tool.is_empty());
}

#[test]
fn a_product_that_runs_another_firmware_than_the_release_is_not_the_one_under_assessment() {
    let at = tempfile::tempdir().unwrap();
    let (_product, refused) = identified(at.path(), "127.0.92", "1.5.0", "net.tcp-ports");
    let error = refused.unwrap_err();
    assert!(error.to_string().contains("release `1.5.0` is assessed, `1.4.2` runs"), "{error}");
    let kept = Records::open(at.path()).unwrap().evidence().unwrap().observations.clone();
    assert_eq!(kept.len(), 1, "nothing was measured after the proof");
    assert_eq!(kept[0].body.dut.firmware.as_deref(), Some("1.4.2"));
    assert!(kept[0].body.dut.proofs.is_empty(), "nothing is proven: {:?}", kept[0].body.dut.proofs);
}
