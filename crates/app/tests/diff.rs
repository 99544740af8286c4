//! Two releases of the demonstration product, the second with an edited dossier and a fault, and what differs.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use app::demo::trial;
use app::diff::{DiffError, diff};
use app::folder;
use app::measure::{Selection, Setup, observe};
use app::records::Records;
use app::release;
use device::{Config, Device, FaultSet};
use report::diff::{ComponentsFrom, Diff};

const NETWORK: &str = "127.0.142";

/// Enters a release with an SBOM of these components.
fn add(at: &Path, version: &str, components: &[(&str, &str)]) {
    let listed: Vec<_> = components
        .iter()
        .map(|(name, version)| serde_json::json!({"type": "library", "name": name, "version": version}))
        .collect();
    let sbom = serde_json::json!({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": listed});
    let file = at.join(".assay/sbom.json");
    fs::write(&file, sbom.to_string()).unwrap();
    let draft = release::Draft {
        version: version.to_owned(),
        firmware: None,
        keep_image: false,
        sbom: Some(file),
        date: None,
        notes: None,
    };
    release::add(at, draft, app::now()).unwrap();
}

fn edit(at: &Path, file: &str, from: &str, to: &str) {
    let path = at.join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has no {from}");
    fs::write(&path, text.replacen(from, to, 1)).unwrap();
}

/// Sweeps the product with telnet switched on, for the release that the dossier is about.
fn sweep_with_telnet(at: &Path) {
    let (dossier, _) = folder::load(at).unwrap();
    let address = |last: u8| format!("{NETWORK}.{last}").parse().unwrap();
    let faults = FaultSet::parse("telnet-open").unwrap();
    let product = Device::start(Config { address: address(1), cloud: address(2), faults, seed: 1 }).unwrap();
    let password = product.label().admin_password.clone();
    let setup = Setup::of(&dossier, at, &BTreeMap::new(), &|_| Some(password.clone()), app::now()).unwrap();
    let only = Selection { probe: Some("net.tcp-ports".to_owned()), ..Selection::default() };
    observe(&dossier, &setup, &only, &mut Records::open(at).unwrap(), &mut |_| {}).unwrap();
}

fn nothing(told: &Diff) -> bool {
    told.declarations.is_empty()
        && told.surface.is_empty()
        && told.unmeasured.is_empty()
        && told.components.is_empty()
        && told.verdicts.is_empty()
        && told.retest.is_empty()
}

#[test]
fn edits_a_new_component_an_open_port_and_what_is_to_be_retested_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    trial(at, "", NETWORK, &mut |_| {}).unwrap();
    add(at, "1.4.2", &[("mbedtls", "3.6.1"), ("lwip", "2.2.0")]);
    assert!(matches!(diff(at, "1.4.2", "1.5.0", app::now()), Err(DiffError::Unknown(of)) if of == "1.5.0"));
    let same = diff(at, "1.4.2", "1.4.2", app::now()).unwrap();
    assert!(nothing(&same), "{same:#?}");
    let told = report::diff::terminal(&same, false);
    for heading in ["Declarations: nothing", "Surface: nothing", "Verdicts: nothing", "To be retested: nothing"] {
        assert!(told.contains(heading), "{told}");
    }

    add(at, "1.5.0", &[("mbedtls", "3.6.2"), ("cjson", "1.7.18")]);
    edit(at, "ixit/28-LogIntf.toml", "port = 27443", "port = 27444");
    edit(at, "bench.toml", "background = true\n", "");
    sweep_with_telnet(at);
    let told = diff(at, "1.4.2", "1.5.0", app::now()).unwrap();
    assert_eq!((told.old.record.is_some(), told.new.record), (true, None));

    let port = told.declarations.iter().find(|d| d.field == "facts.port").unwrap();
    assert_eq!((port.file.as_str(), port.table.as_str()), ("ixit/28-LogIntf.toml", "LogIntf"));
    assert_eq!((port.old.as_deref(), port.new.as_deref()), (Some("27443"), Some("27444")));
    assert!(told.declarations.iter().all(|d| d.file != "bench.toml"), "the bench declares nothing");

    // What else listens on this machine may be seen too: the background was not measured.
    let telnet = told.surface.iter().find(|s| s.of == "port 27023/tcp").unwrap();
    assert_eq!((telnet.old.as_deref(), telnet.new.as_deref()), (None, Some("open")));
    assert_eq!((telnet.probe.as_str(), telnet.target.as_str()), ("net.tcp-ports", "dut"));
    assert!(told.surface.iter().all(|s| s.new.is_some()), "nothing is gone: {:#?}", told.surface);
    assert!(told.unmeasured.iter().any(|m| m.starts_with("tls.server-offer at dut") && m.ends_with("for 1.5.0")));
    assert!(
        !told.unmeasured.iter().any(|m| m.starts_with("net.tcp-ports at dut from lan")),
        "{:#?}",
        told.unmeasured
    );

    assert_eq!(told.components_from, ComponentsFrom::Sbom);
    let components: Vec<_> =
        told.components.iter().map(|c| (c.name.as_str(), c.old.as_deref(), c.new.as_deref())).collect();
    assert_eq!(
        components,
        [
            ("cjson", None, Some("1.7.18")),
            ("lwip", Some("2.2.0"), None),
            ("mbedtls", Some("3.6.1"), Some("3.6.2"))
        ]
    );
    let failed = told.verdicts.iter().find(|v| v.instance == "5.6-1-2c").unwrap();
    assert_eq!(failed.new.as_deref(), Some("fail"), "{failed:?}");
    assert!(told.retest.iter().all(|r| !r.because.is_empty()));
    assert!(told.retest.iter().any(|r| r.next.is_some()), "{:#?}", told.retest);
    let markdown = report::diff::markdown(&told);
    assert!(markdown.contains("| mbedtls | 3.6.1 | 3.6.2 |"), "{markdown}");
    assert!(report::diff::terminal(&told, false).lines().all(|line| line.chars().count() <= 80));
}
