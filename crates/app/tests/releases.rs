//! Releases in a workspace: what is entered, what stays current, and what a fault leaves as it was.
#![allow(clippy::unwrap_used)]

mod workspace;

use std::fs;
use std::path::{Path, PathBuf};

use app::assess;
use app::records::Records;
use app::rejudge::rejudge;
use app::release::{Currency, Draft, Listed, ReleaseError, Status, add, list, status};
use model::Outcome;
use workspace::{Workspace, at};

fn sbom(place: &Workspace, name: &str, components: &[(&str, &str)]) -> PathBuf {
    let one = |(name, version): &(&str, &str)| serde_json::json!({"name": name, "version": version});
    let all: Vec<_> = components.iter().map(one).collect();
    let text = serde_json::json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": all});
    let file = place.path().join(name);
    fs::write(&file, text.to_string()).unwrap();
    file
}

fn image(place: &Workspace, name: &str, bytes: &[u8]) -> PathBuf {
    let file = place.path().join(name);
    fs::write(&file, bytes).unwrap();
    file
}

fn draft(version: &str) -> Draft {
    Draft { version: version.to_owned(), ..Draft::default() }
}

fn assay(place: &Workspace) -> String {
    fs::read_to_string(place.path().join("assay.toml")).unwrap()
}

fn replace(at: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(at).unwrap();
    assert!(text.contains(from), "{} lacks {from}", at.display());
    fs::write(at, text.replace(from, to)).unwrap();
}

fn of<'a>(status: &'a Status, instance: &str) -> &'a Currency {
    &status.instances.iter().find(|i| i.instance == instance).unwrap().currency
}

#[test]
fn a_release_is_entered_with_its_image_and_its_components_and_listed() {
    let place = Workspace::sample();
    let first = Draft { sbom: Some(sbom(&place, "a.json", &[("rustls", "0.23.46")])), ..draft("1.4.2") };
    let added = add(place.path(), first, at(1)).unwrap();
    assert!(added.was_declared && added.release.follows.is_none());
    let before = assay(&place);
    let image = image(&place, "plug.bin", b"firmware");
    let second = Draft {
        firmware: Some(image),
        keep_image: true,
        sbom: Some(sbom(&place, "b.json", &[("rustls", "0.23.47"), ("zlib", "1.3.1")])),
        date: Some("2026-11-30".into()),
        ..draft("1.4.3")
    };
    let added = add(place.path(), second, at(2)).unwrap();
    assert_eq!(added.release.follows.as_deref(), Some("1.4.2"));
    let words: Vec<String> = added.differs.iter().map(app::release::Differing::words).collect();
    assert!(
        words.contains(&"rustls: the SBOM lists 0.23.47, SoftComp-Tls declares 0.23.46".to_owned()),
        "{words:?}"
    );
    assert!(words.contains(&"zlib 1.3.1: in the SBOM, and not in 6-SoftComp".to_owned()), "{words:?}");
    let digest = model::Digest::of(b"firmware");
    let row = format!("\n[[release]]\nversion = \"1.4.3\"\ndate = \"2026-11-30\"\nfirmware = \"{digest}\"\n");
    assert_eq!(assay(&place).replacen(&row, "", 1), before, "nothing but the release was added");
    let records = Records::open(place.path()).unwrap();
    let kept = added.release.firmware.as_ref().unwrap().kept.as_ref().unwrap();
    assert_eq!(records.read_evidence(&kept.digest, kept.salted).unwrap(), b"firmware");
    let listed: Vec<Listed> = list(place.path()).unwrap();
    let told: Vec<_> = listed.iter().map(|l| (l.version.as_str(), l.components, l.under_assessment)).collect();
    assert_eq!(told, [("1.4.2", Some(1), false), ("1.4.3", Some(2), true)]);
    assert_eq!(listed[1].firmware.as_ref().map(|i| (i.digest, i.size)), Some((digest, 8)));
}

#[test]
fn what_cannot_be_entered_leaves_dossier_and_ledger_as_they_were() {
    let place = Workspace::sample();
    add(place.path(), draft("1.4.2"), at(1)).unwrap();
    let (text, size) = (assay(&place), Records::open(place.path()).unwrap().lines().unwrap().len());
    let broken = image(&place, "broken.json", b"{\"bomFormat\": ");
    let fault = |draft: Draft| add(place.path(), draft, at(2)).unwrap_err();
    assert!(matches!(fault(draft("1.4.2")), ReleaseError::Exists(_)));
    assert!(matches!(fault(draft("1.4.1")), ReleaseError::NotLater { .. }));
    assert!(matches!(fault(draft(" ")), ReleaseError::Empty));
    assert!(matches!(fault(Draft { date: Some("2026-02-30".into()), ..draft("1.5") }), ReleaseError::Date(_)));
    assert!(matches!(fault(Draft { sbom: Some(broken), ..draft("1.5") }), ReleaseError::Sbom { .. }));
    let missing = Some(place.path().join("no.bin"));
    assert!(matches!(fault(Draft { firmware: missing, ..draft("1.5") }), ReleaseError::Read { .. }));
    assert_eq!(assay(&place), text);
    replace(&place.path().join("assay.toml"), "[product]", "[product");
    assert!(matches!(add(place.path(), draft("1.5"), at(2)), Err(ReleaseError::Errors(_))));
    assert_eq!(Records::open(place.path()).unwrap().lines().unwrap().len(), size);
}

#[test]
fn a_release_that_cannot_be_recorded_does_not_stay_in_the_dossier() {
    let place = Workspace::sample();
    add(place.path(), draft("1.4.2"), at(1)).unwrap();
    let before = assay(&place);
    // The ledger reads, and nothing can be signed: its key is gone.
    for entry in fs::read_dir(place.path().join(".assay")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "pem" || e == "key") || path.ends_with("key") {
            fs::remove_file(path).unwrap();
        }
    }
    assert!(add(place.path(), draft("1.4.3"), at(2)).is_err());
    assert_eq!(assay(&place), before);
}

#[test]
fn a_changed_entry_and_a_changed_component_make_stale_exactly_what_rests_on_them() {
    let place = Workspace::sample();
    let listed = |name, tls| Some(sbom(&place, name, &[("rustls", tls), ("lumen-boot", "1.2.0")]));
    add(place.path(), Draft { sbom: listed("a.json", "0.23.46"), ..draft("1.4.2") }, at(1)).unwrap();
    // Statements on two mechanisms, on two components, and one that a person fails.
    place.stated("5.1-2-1a", Some("AuthMech-Provisioning"), at(2));
    place.stated("5.3-1-1b", Some("SoftComp-Tls"), at(3));
    place.stated("5.3-1-1b", Some("SoftComp-Bootloader"), at(4));
    place.stated("5.7-1-1a", Some("SecBoot-Chain"), at(5));
    place.observed("net.tcp-ports", at(6));
    let (first, seq) = assess::record(place.path(), at(7)).unwrap();
    let passed = |unit: &str| {
        first
            .assessment
            .instances
            .iter()
            .filter(|i| i.id.unit.as_str() == unit && i.judgement.outcome == Outcome::Pass)
            .count()
    };
    assert!(passed("5.3-1-1b") == 2, "the statements count in their own release");
    add(place.path(), Draft { sbom: listed("b.json", "0.23.47"), ..draft("1.4.3") }, at(8)).unwrap();
    let now = status(place.path(), at(9)).unwrap();
    assert_eq!((now.release.as_str(), now.follows.as_deref()), ("1.4.3", Some("1.4.2")));
    let Currency::Carried(carried) = of(&now, "5.3-1-1b @ SoftComp-Bootloader") else {
        panic!("{:?}", of(&now, "5.3-1-1b @ SoftComp-Bootloader"));
    };
    assert_eq!((carried.from.as_str(), carried.assessment), ("1.4.2", seq));
    let stale = |status: &Status, instance: &str| match of(status, instance) {
        Currency::Stale { because } => because.clone(),
        other => panic!("{instance}: {other:?}"),
    };
    assert_eq!(stale(&now, "5.3-1-1b @ SoftComp-Tls"), "component rustls went from 0.23.46 to 0.23.47");
    // The same again with a changed declaration: every stale result names what changed.
    let (_, second) = assess::record(place.path(), at(10)).unwrap();
    let all = rejudge(place.path(), false).unwrap();
    assert!(all.iter().all(|one| one.identical), "{all:?}");
    let ixit = place.path().join("ixit/6-SoftComp.toml");
    let ixit = if ixit.exists() { ixit } else { find(&place.path().join("ixit"), "SoftComp-Bootloader") };
    replace(&ixit, "Boot loader: verifies", "Boot loader of another kind: verifies");
    let after = status(place.path(), at(11)).unwrap();
    assert_eq!(stale(&after, "5.3-1-1b @ SoftComp-Bootloader"), "SoftComp-Bootloader changed: `description`");
    assert!(second > seq);
}

fn find(folder: &Path, text: &str) -> PathBuf {
    let files = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    files.into_iter().find(|p| fs::read_to_string(p).unwrap().contains(&format!("ID = \"{text}\""))).unwrap()
}

#[test]
fn what_was_carried_is_carried_again_from_where_it_was_stated() {
    let place = Workspace::sample();
    place.stated("5.3-1-1b", Some("SoftComp-Bootloader"), at(2));
    let (_, first) = assess::record(place.path(), at(3)).unwrap();
    for (version, when) in [("1.4.3", 4), ("1.4.4", 6)] {
        add(place.path(), draft(version), at(when)).unwrap();
        assess::record(place.path(), at(when + 1)).unwrap();
    }
    let now = status(place.path(), at(9)).unwrap();
    let Currency::Carried(carried) = of(&now, "5.3-1-1b @ SoftComp-Bootloader") else { panic!() };
    assert_eq!((carried.from.as_str(), carried.assessment), ("1.4.2", first));
    assert!(rejudge(place.path(), false).unwrap().iter().all(|one| one.identical));
}

#[test]
fn the_engine_knows_the_cards_of_the_probes() {
    for listed in probes::LIST {
        let card = listed.card;
        assert_eq!(engine::probe_card(card.id), Some((card.touches, card.revision)), "{}", card.id);
    }
}
