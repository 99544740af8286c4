//! auth.defaults and auth.guessing at the demonstration device: each weakness of its logins shows, and none without.
#![allow(clippy::unwrap_used)]

mod lab;

use device::{Running, ports};
use lab::auth::{Tried, accepted, at, guess, guess_beside, guess_from, refused, try_at, try_with};
use model::{AuthScheme, Credential, Endpoint};
use probes::auth::door::Door;

fn door(running: &Running, port: u16, scheme: AuthScheme, path: &str) -> Door {
    let ip = running.ports().iter().find(|one| one.service == "https").unwrap().at.ip();
    let tls = port == ports::HTTPS;
    let endpoint = if port == ports::SNMP { Endpoint::udp(ip, port) } else { Endpoint::tcp(ip, port) };
    Door { tls, path: Some(path.to_owned()), ..at(endpoint, scheme) }
}

fn json(running: &Running) -> Door {
    door(running, ports::HTTPS, AuthScheme::HttpJson, "/api/v1/login")
}

fn form(running: &Running) -> Door {
    door(running, ports::HTTPS, AuthScheme::HttpForm, "/login")
}

#[test]
fn the_good_profile_takes_its_label_and_refuses_what_is_well_known() {
    let running = lab::device("");
    let label = running.label().clone();
    for door in [json(&running), form(&running)] {
        let reading = try_with(&door, Credential::DeclaredDefault, label.admin_user, &label.admin_password);
        assert_eq!(accepted(&reading), ["declared-default"], "{}: {reading:?}", door.scheme);
        assert_eq!(refused(&reading), 3, "{}: {reading:?}", door.scheme);
    }
}

#[test]
fn the_same_password_on_every_device_is_found_by_form_and_by_json() {
    for fault in ["password-default", "password-default,no-lockout"] {
        let running = lab::device(fault);
        for door in [json(&running), form(&running)] {
            assert_eq!(accepted(&try_at(&door)), ["admin/admin"], "{fault} {}", door.scheme);
        }
    }
}

#[test]
fn a_backdoor_and_an_empty_password_are_within_a_small_budget() {
    let backdoor = lab::device("backdoor-account");
    assert_eq!(accepted(&try_at(&json(&backdoor))), ["support/support"]);
    let empty = lab::device("login-empty-password");
    assert_eq!(accepted(&try_at(&form(&empty))), ["admin/"]);
}

#[test]
fn undeclared_services_let_in_what_their_fault_says() {
    let running = lab::device("ftp-anonymous,snmp-public,telnet-root-shell");
    let ftp = try_at(&door(&running, ports::FTP, AuthScheme::Ftp, "/"));
    assert_eq!(accepted(&ftp), ["anonymous/anonymous@"]);
    let snmp = try_at(&door(&running, ports::SNMP, AuthScheme::SnmpCommunity, "/"));
    assert_eq!(accepted(&snmp), ["/public"]);
    let shell = try_at(&door(&running, ports::TELNET, AuthScheme::TelnetLogin, "/"));
    assert_eq!(accepted(&shell), ["none"]);
    let running = lab::device("telnet-open");
    let login = try_at(&door(&running, ports::TELNET, AuthScheme::TelnetLogin, "/"));
    assert_eq!((accepted(&login), refused(&login)), (vec![], 3));
}

#[test]
fn the_camera_asks_for_a_digest_and_with_its_fault_for_nothing() {
    let running = lab::device("");
    let label = running.label().clone();
    let camera = door(&running, ports::RTSP, AuthScheme::Rtsp, "/live");
    let reading = try_with(&camera, Credential::DeclaredDefault, label.admin_user, &label.admin_password);
    assert_eq!(accepted(&reading), ["declared-default"], "{reading:?}");
    let open = lab::device("rtsp-open");
    let reading = try_at(&door(&open, ports::RTSP, AuthScheme::Rtsp, "/live"));
    assert_eq!((accepted(&reading), refused(&reading)), (vec!["none".to_owned()], 0), "{reading:?}");
}

#[test]
fn the_lockout_is_measured_with_what_it_lets_through_and_ends() {
    let running = lab::device("");
    let label = running.label().clone();
    let Tried { fact, shortfalls, .. } = guess(&json(&running), label.admin_user, Some(&label.admin_password), 12);
    let fact = fact.unwrap();
    assert_eq!(fact.blocked_after, Some(5), "{fact:?}");
    assert_eq!(fact.evaluated, 6);
    assert!((1000..=4000).contains(&fact.blocked_millis.unwrap()), "{fact:?}");
    assert!(fact.told_by.contains("429"), "{fact:?}");
    // One guess for each block, once the first has been met.
    assert!(fact.guesses_per_hour <= 3600, "{fact:?}");
    assert_eq!(shortfalls, []);
}

#[test]
fn the_lockout_is_that_of_one_address() {
    let running = lab::device("");
    let label = running.label().clone();
    for door in [json(&running), form(&running)] {
        let tried = guess_from(&door, label.admin_user, &label.admin_password, 12, "127.0.0.2");
        let fact = tried.fact.unwrap();
        assert!(fact.elsewhere.as_ref().is_some_and(|seen| seen.evaluated), "{fact:?} {:?}", tried.shortfalls);
        assert_eq!(fact.blocked_after, Some(5), "{fact:?}");
    }
}

#[test]
fn a_lockout_of_the_form_is_measured_too() {
    let running = lab::device("");
    let label = running.label().clone();
    let Tried { fact, .. } = guess(&form(&running), label.admin_user, Some(&label.admin_password), 7);
    assert_eq!(fact.unwrap().blocked_after, Some(5));
}

#[test]
fn no_lockout_and_one_that_a_new_connection_escapes_are_seen_as_none() {
    for fault in ["no-lockout", "lockout-per-connection"] {
        let running = lab::device(fault);
        let label = running.label().clone();
        let Tried { fact, shortfalls, .. } =
            guess(&json(&running), label.admin_user, Some(&label.admin_password), 12);
        let fact = fact.unwrap();
        assert_eq!((fact.blocked_after, fact.evaluated), (None, 11), "{fault}");
        assert_eq!(shortfalls, [], "{fault}");
    }
}

#[test]
fn a_lockout_that_is_raced_holds_one_after_the_other_and_lets_all_through_at_once() {
    for (fault, raced) in [("", false), ("lockout-raced", true)] {
        let running = lab::device(fault);
        let label = running.label().clone();
        let camera = door(&running, ports::RTSP, AuthScheme::Rtsp, "/live");
        let form = raced.then(|| form(&running));
        for door in [json(&running), camera].into_iter().chain(form) {
            let tried = guess_beside(&door, label.admin_user, Some(&label.admin_password), 24, 16);
            assert_eq!(tried.fact.unwrap().blocked_after, Some(5), "{fault} {}", door.scheme);
            let beside = tried.beside.unwrap();
            assert!(beside.attempts > 6 && beside.attempts == beside.parallel, "{fault}: {beside:?}");
            let evaluated = if raced { beside.attempts } else { 5 };
            assert_eq!(beside.evaluated, evaluated, "{fault} {}: {beside:?}", door.scheme);
            assert_eq!(tried.shortfalls, [], "{fault}");
        }
    }
}
