//! Which entries the units concern, where the answer lies in more than one fact.

use catalogue::Catalogue;
use dossier::SourceText;
use model::{Edition, Timestamp};

use super::*;
use crate::view::Evidence;

/// What a unit makes of each entry of its tables: `yes`, the reason, or the fact that is asked for.
fn told(edition: Edition, unit: &str, ixit: &str) -> Vec<String> {
    let source = SourceText { path: "ixit/all.toml".into(), text: ixit.into() };
    let (dossier, notes) = dossier::read(vec![source]);
    assert!(notes.is_empty(), "{notes:?}");
    let (catalogue, evidence) = (Catalogue::of(edition), Evidence::default());
    let view = View { catalogue, dossier: &dossier, evidence: &evidence, at: Timestamp::from_seconds(0) };
    let all = ranges(&view, catalogue.unit_named(unit).unwrap());
    all.into_iter()
        .map(|ranged| match ranged.scope {
            InScope::Yes => "yes".to_owned(),
            InScope::No(reason) => reason,
            InScope::Unknown(gap) => match gap.next {
                Next::Declare { place, entry, what } => {
                    format!("{place} {} {what}?", entry.unwrap_or_default())
                }
                other => panic!("{other:?}"),
            },
        })
        .collect()
}

const NEW: Edition = Edition::V3_1_3;
const OLD: Edition = Edition::V2_1_1;

#[test]
fn a_pre_installed_password_is_one_that_every_or_this_unit_was_shipped_with() {
    let mechanism = |facts: &str| format!("[[AuthMech]]\nID = \"A\"\n[AuthMech.facts]\n{facts}\n");
    let of = |facts: &str| told(NEW, "5.1-2-1a", &mechanism(facts)).remove(0);
    assert_eq!(of("factors = [\"pin\"]\norigin = \"per-device\""), "yes");
    assert_eq!(of("factors = [\"password\"]\norigin = \"issued\""), "A is not pre-installed");
    assert_eq!(of("factors = [\"certificate\"]"), "A does not use a password or PIN");
    assert_eq!(of("factors = []\norigin = \"per-device\""), "AuthMech A factors?");
    assert_eq!(of("factors = [\"password\"]"), "AuthMech A origin?");
}

#[test]
fn an_edition_that_speaks_of_users_leaves_machines_out() {
    let machine = "[[AuthMech]]\nID = \"A\"\n[AuthMech.facts]\nserves = [\"machine\"]\n";
    assert_eq!(told(NEW, "5.1-3-1a", machine), ["yes"]);
    assert_eq!(told(OLD, "5.1-3-1a", machine), ["A does not authenticate users"]);
}

#[test]
fn a_channel_carries_critical_parameters_when_one_refers_to_it() {
    let of = |parameters: &str| {
        let channel = "[[SecComMech]]\nID = \"TLS\"\n";
        told(NEW, "5.5-6-1a", &format!("{channel}{parameters}")).remove(0)
    };
    let parameter = |kind: &str, via: &str| {
        format!("[[SecParam]]\nID = \"P\"\nType = \"{kind}\"\n\"Secure Communication Mechanisms\" = [{via}]\n")
    };
    assert_eq!(of(""), "SecParam  entries?");
    assert_eq!(of(&parameter("critical", "\"TLS\"")), "yes");
    assert_eq!(of(&parameter("public", "\"TLS\"")), "TLS carries no critical security parameter");
    assert_eq!(of(&parameter("critical", "\"SSH\"")), "TLS carries no critical security parameter");
    assert_eq!(of(&parameter("both", "\"TLS\"")), "SecParam P class?");
    let silent = "[[SecParam]]\nID = \"P\"\nType = \"critical\"\n";
    assert_eq!(of(silent), "SecParam P Secure Communication Mechanisms?");
    let kept = format!("{silent}[SecParam.facts]\ncommunicated = false\n");
    assert_eq!(of(&kept), "TLS carries no critical security parameter");
}

#[test]
fn a_channel_is_remote_when_one_of_its_interfaces_reaches_beyond_the_network() {
    let of = |reach: &str| {
        let ixit = format!(
            "[[SecComMech]]\nID = \"TLS\"\nInterface = [\"L\"]\n[[LogIntf]]\nID = \"L\"\n{reach}\n[[SecParam]]\nID = \"P\"\n\
             Type = \"critical\"\n\"Secure Communication Mechanisms\" = [\"TLS\"]\n"
        );
        told(NEW, "5.5-7-1a", &ixit).remove(0)
    };
    assert_eq!(of("[LogIntf.facts]\nreach = \"remote\""), "yes");
    assert_eq!(of("[LogIntf.facts]\nreach = \"lan\""), "TLS is not remotely accessible");
    assert_eq!(of(""), "SecComMech TLS remote?");
}

#[test]
fn consent_in_initialization_is_a_decision_about_the_mechanism() {
    let of = |decision: &str| {
        let mechanism = "[[UpdMech]]\nID = \"OTA\"\n[UpdMech.facts]\nautomatic = true\n";
        told(NEW, "5.3-4B-1c", &format!("{mechanism}{decision}")).remove(0)
    };
    let decision = |when: &str, about: &str| {
        format!(
            "[[UserDec]]\nID = \"D\"\n[UserDec.facts]\ntriggered-by = [\"{when}\"]\nmechanism = [\"{about}\"]\n"
        )
    };
    assert_eq!(of(""), "UserDec  entries?");
    assert_eq!(of(&decision("initialization", "OTA")), "yes");
    assert_eq!(of(&decision("settings", "OTA")), "OTA is not subject to a consent in initialization");
    assert_eq!(of(&decision("initialization", "USB")), "OTA is not subject to a consent in initialization");
    assert_eq!(of("[[UserDec]]\nID = \"D\"\n"), "UserDec D mechanism?");
}

#[test]
fn automation_of_a_component_is_configurable_when_one_of_its_mechanisms_is() {
    let of = |facts: &str| {
        let ixit = format!(
            "[[SoftComp]]\nID = \"Os\"\n\"Update Mechanism\" = [\"OTA\"]\n[[UpdMech]]\nID = \"OTA\"\n[UpdMech.facts]\n{facts}\n"
        );
        told(OLD, "5.3-4-1b", &ixit).remove(0)
    };
    assert_eq!(of("user-can-disable = true"), "yes");
    let none = "Os has no update mechanism whose automation is configurable";
    assert_eq!(of("user-can-enable = false\nuser-can-disable = false"), none);
    assert_eq!(of("user-can-disable = false"), "UpdMech OTA user-can-enable?");
}

#[test]
fn validation_of_input_belongs_to_the_interface_that_it_names() {
    let ixit = "[[UserIntf]]\nID = \"Page\"\n[[LogIntf]]\nID = \"Http\"\n[[InpVal]]\nID = \"V1\"\nSource = [\"Page\"]\n\
                [[InpVal]]\nID = \"V2\"\nSource = [\"Http\"]\n[[InpVal]]\nID = \"V3\"\nSource = [\"Gone\"]\n";
    assert_eq!(
        told(NEW, "5.13-1A-1b", ixit),
        ["yes", "V2 does not validate input of a user interface", "InpVal V3 source?"]
    );
    assert_eq!(told(NEW, "5.13-1B-1b", ixit)[..2], ["V1 does not validate input of a network interface", "yes"]);
}

#[test]
fn a_unit_over_two_tables_concerns_the_entries_of_both() {
    let ixit = "[[PhyIntf]]\nID = \"Wlan\"\nType = \"network interface\"\n[[PhyIntf]]\nID = \"Usb\"\nType = \"physical port\"\n\
                [[LogIntf]]\nID = \"Http\"\n[LogIntf.facts]\nreach = \"lan\"\n";
    assert_eq!(told(NEW, "5.6-1-2a", ixit), ["yes", "Usb is not reachable over a network interface", "yes"]);
}

#[test]
fn a_service_stays_in_unless_it_is_declared_to_be_relied_upon() {
    let of = |more: &str| {
        let ixit =
            format!("[[SoftServ]]\nID = \"S\"\n[SoftServ.facts]\nnetwork = true\nconfigures = true\n{more}\n");
        told(NEW, "5.5-5-2a", &ixit).remove(0)
    };
    assert_eq!(of(""), "yes");
    assert_eq!(of("relied-upon = true"), "S is a network service protocol that the product relies on");
}

#[test]
fn the_values_of_the_standards_own_fields_stand_in_for_facts() {
    let data = "[[PersData]]\nID = \"D\"\nSensitive = \"Yes\"\n\"Secure Communication Mechanisms\" = [\"TLS\"]\n\
                [[SecComMech]]\nID = \"TLS\"\n[SecComMech.facts]\nservice = \"cloud\"\n";
    assert_eq!(told(NEW, "5.8-2-1a", data), ["yes"]);
    let debug = "[[PhyIntf]]\nID = \"Uart\"\nType = \"physical port\"\n\"Debug Interface\" = \"Yes\"\n";
    assert_eq!(told(NEW, "5.6-4B-2a", debug), ["yes"]);
}

#[test]
fn what_no_fact_decides_is_left_to_a_person_with_every_entry() {
    let unit = Catalogue::of(NEW).unit_named("5.12-2-1b").unwrap();
    assert_eq!(person_decides(unit), Some("whether a decision is security-relevant"));
    assert_eq!(told(NEW, "5.12-2-1b", "[[UserDec]]\nID = \"D\"\n"), ["yes"]);
}
