//! auth.defaults and auth.guessing at real servers: what they let in is seen, what they refuse never counts as let in.
#![allow(clippy::unwrap_used)]

mod lab;

use std::time::{Duration, Instant};

use lab::auth::{
    Tried, accepted, door, guess, guess_beside, guess_from, guess_waiting, refused, try_at, try_waiting, try_with,
};
use model::{AuthScheme, Credential, Did, ShortfallKind};
use testkit::account::Account;
use testkit::servers::{Dropbear, Mosquitto, Nginx, OpenSsh, Snmpd, Telnet, Vsftpd};
use testkit::{Site, ready};

#[test]
fn a_planted_default_of_telnet_is_found_and_another_login_is_not() {
    let Some(weak) = ready(Telnet::default().start(&Site::loopback())) else { return };
    let reading = try_at(&door(&weak, AuthScheme::TelnetLogin));
    assert_eq!(accepted(&reading), ["admin/admin"], "{reading:?}");
    let login = Some(("admin".to_owned(), "correct horse".to_owned()));
    let Some(good) = ready(Telnet { login, ..Telnet::default() }.start(&Site::loopback())) else { return };
    let door = door(&good, AuthScheme::TelnetLogin);
    let reading = try_with(&door, Credential::DeclaredDefault, "admin", "correct horse");
    assert_eq!(accepted(&reading), ["declared-default"], "{reading:?}");
    assert_eq!(refused(&reading), 3, "{reading:?}");
    let wrong = try_with(&door, Credential::Valid, "admin", "stale horse");
    assert_eq!(accepted(&wrong), [] as [&str; 0]);
}

/// nginx that evaluates five guesses at once and then one in ten seconds, counted by this.
fn throttled(by: &str) -> Nginx {
    Nginx {
        basic_auth: Some(("admin".to_owned(), "correct horse".to_owned())),
        config: vec!["limit_req zone=guesses burst=5 nodelay;\nlimit_req_status 429;".to_owned()],
        around: vec![format!("limit_req_zone {by} zone=guesses:1m rate=6r/m;")],
        ..Nginx::default()
    }
}

#[test]
fn a_block_of_one_address_lets_a_second_one_guess() {
    let Some(server) = ready(throttled("$binary_remote_addr").start(&Site::loopback())) else { return };
    let door = door(&server, AuthScheme::HttpBasic);
    let tried = guess_from(&door, "admin", "correct horse", 20, "127.0.0.2");
    let fact = tried.fact.unwrap();
    let elsewhere = fact.elsewhere.as_ref().unwrap();
    assert!(elsewhere.evaluated && elsewhere.source.to_string() == "127.0.0.2", "{fact:?}");
    let second: Vec<_> =
        fact.tries.iter().filter(|one| one.second_source).map(|one| (one.right, one.did)).collect();
    assert_eq!(second, [(false, Did::Refused), (true, Did::LetIn)]);
}

#[test]
fn a_block_of_the_account_meets_a_second_address_as_well() {
    let Some(server) = ready(throttled("$remote_user").start(&Site::loopback())) else { return };
    let door = door(&server, AuthScheme::HttpBasic);
    let fact = guess_from(&door, "admin", "correct horse", 20, "127.0.0.2").fact.unwrap();
    let elsewhere = fact.elsewhere.as_ref().unwrap();
    assert!(!elsewhere.evaluated && elsewhere.told_by.contains("429"), "{fact:?}");
    assert_eq!(fact.tries.iter().filter(|one| one.second_source).count(), 1);
}

#[test]
fn an_address_that_this_machine_does_not_have_is_a_shortfall() {
    let Some(server) = ready(throttled("$binary_remote_addr").start(&Site::loopback())) else { return };
    let door = door(&server, AuthScheme::HttpBasic);
    let tried = guess_from(&door, "admin", "correct horse", 20, "192.0.2.51");
    assert_eq!(tried.fact.unwrap().elsewhere, None);
    let short = tried.shortfalls.iter().find(|short| short.of == "guessing-second-source").unwrap();
    assert!(short.text.contains("192.0.2.51 is no address of this machine"), "{short:?}");
}

#[test]
fn a_telnet_shell_without_a_login_is_open_and_nothing_is_guessed() {
    let Some(open) = ready(Telnet { login: None, ..Telnet::default() }.start(&Site::loopback())) else { return };
    let door = door(&open, AuthScheme::TelnetLogin);
    let reading = try_at(&door);
    assert_eq!(accepted(&reading), ["none"]);
    assert_eq!(refused(&reading), 0);
    assert!(guess(&door, "admin", None, 6).fact.is_none());
}

#[test]
fn a_telnet_login_without_lockout_is_measured_as_such() {
    let Some(server) = ready(Telnet::default().start(&Site::loopback())) else { return };
    let Tried { fact, shortfalls, .. } = guess(&door(&server, AuthScheme::TelnetLogin), "admin", Some("admin"), 7);
    let fact = fact.unwrap();
    assert_eq!((fact.evaluated, fact.attempts, fact.blocked_after), (6, 6, None));
    assert!(fact.guesses_per_hour > 1000, "{fact:?}");
    assert_eq!(shortfalls, []);
}

#[test]
fn ssh_servers_let_in_the_right_password_alone() {
    let Some(account) = ready(Account::create("correct horse battery")) else { return };
    let name = account.name().to_owned();
    let Some(server) = ready(Dropbear { password_login: Some(account) }.start(&Site::loopback())) else { return };
    let dropbear = door(&server, AuthScheme::SshPassword);
    let reading = try_with(&dropbear, Credential::DeclaredDefault, &name, "correct horse battery");
    assert_eq!(accepted(&reading), ["declared-default"], "{reading:?}");
    assert_eq!(refused(&reading), 3, "{reading:?}");
    let Some(account) = ready(Account::create("correct horse battery")) else { return };
    let name = account.name().to_owned();
    let openssh = OpenSsh { password_login: Some(account), ..OpenSsh::default() };
    let Some(server) = ready(openssh.start(&Site::loopback())) else { return };
    let openssh = door(&server, AuthScheme::SshPassword);
    let reading = try_with(&openssh, Credential::Valid, &name, "correct horse battery");
    assert_eq!(accepted(&reading), ["valid"], "{reading:?}");
    assert_eq!(accepted(&try_with(&openssh, Credential::Valid, &name, "stale horse")), [] as [&str; 0]);
    let Tried { fact, .. } = guess(&openssh, &name, Some("correct horse battery"), 5);
    assert_eq!((fact.as_ref().unwrap().evaluated, fact.unwrap().blocked_after), (4, None));
}

#[test]
fn an_ssh_server_that_takes_no_passwords_is_a_shortfall_and_no_refusal() {
    let Some(server) = ready(Dropbear { password_login: None }.start(&Site::loopback())) else { return };
    let reading = try_at(&door(&server, AuthScheme::SshPassword));
    assert!(reading.facts.is_empty() && reading.coverage.is_empty(), "{reading:?}");
    assert_eq!(reading.shortfalls[0].kind, ShortfallKind::Unsupported);
}

#[test]
fn anonymous_ftp_is_found_and_a_closed_one_lets_nobody_in() {
    let Some(open) = ready(Vsftpd { anonymous: true, ..Vsftpd::default() }.start(&Site::loopback())) else {
        return;
    };
    let reading = try_at(&door(&open, AuthScheme::Ftp));
    assert_eq!(accepted(&reading), ["anonymous/anonymous@"], "{reading:?}");
    let Some(shut) = ready(Vsftpd::default().start(&Site::loopback())) else { return };
    // It holds each refusal back for some seconds, which is not silence.
    let reading = try_waiting(&door(&shut, AuthScheme::Ftp), 2, 1600);
    assert_eq!(accepted(&reading), [] as [&str; 0]);
    assert_eq!(refused(&reading), 1, "{reading:?}");
}

#[test]
fn basic_authentication_lets_the_planted_default_in() {
    let nginx = |user: &str, password: &str| Nginx {
        basic_auth: Some((user.to_owned(), password.to_owned())),
        ..Nginx::default()
    };
    let Some(weak) = ready(nginx("admin", "admin").start(&Site::loopback())) else { return };
    assert_eq!(accepted(&try_at(&door(&weak, AuthScheme::HttpBasic))), ["admin/admin"]);
    let server = ready(nginx("admin", "correct horse").start(&Site::loopback())).unwrap();
    let good = door(&server, AuthScheme::HttpBasic);
    let reading = try_with(&good, Credential::DeclaredDefault, "admin", "correct horse");
    assert_eq!((accepted(&reading), refused(&reading)), (vec!["declared-default".to_owned()], 3));
    let Tried { fact, shortfalls, .. } = guess(&good, "admin", Some("correct horse"), 12);
    assert_eq!((fact.unwrap().blocked_after, shortfalls), (None, vec![]));
    let gone = door(&server, AuthScheme::HttpBasic);
    drop(server);
    assert!(try_at(&gone).facts.is_empty(), "the server of this door has gone");
}

#[test]
fn a_page_for_everybody_is_no_door_whatever_credential_is_sent() {
    let Some(server) = ready(Nginx::default().start(&Site::loopback())) else { return };
    for scheme in [AuthScheme::HttpBasic, AuthScheme::HttpDigest, AuthScheme::HttpForm, AuthScheme::HttpJson] {
        let door = door(&server, scheme);
        let reading = try_with(&door, Credential::Valid, "admin", "anything");
        assert!(reading.facts.is_empty(), "{scheme}: {reading:?}");
        assert!(!reading.shortfalls.is_empty());
        assert!(guess(&door, "admin", Some("anything"), 4).fact.is_none(), "{scheme}");
    }
}

#[test]
fn a_broker_with_a_password_file_refuses_and_one_without_takes_anything() {
    let login = Some(("admin".to_owned(), "admin".to_owned()));
    let Some(weak) = ready(Mosquitto { login, tls: None }.start(&Site::loopback())) else { return };
    assert_eq!(accepted(&try_at(&door(&weak, AuthScheme::Mqtt))), ["admin/admin"]);
    let login = Some(("plug".to_owned(), "correct horse".to_owned()));
    let good = ready(Mosquitto { login, tls: None }.start(&Site::loopback())).unwrap();
    let reading = try_with(&door(&good, AuthScheme::Mqtt), Credential::Valid, "plug", "correct horse");
    assert_eq!((accepted(&reading), refused(&reading)), (vec!["valid".to_owned()], 3));
    let open = ready(Mosquitto { login: None, tls: None }.start(&Site::loopback())).unwrap();
    let reading = try_at(&door(&open, AuthScheme::Mqtt));
    assert_eq!((accepted(&reading), refused(&reading)), (vec!["wrong".to_owned()], 0));
}

#[test]
fn a_community_is_refused_by_silence_only_beside_one_that_is_answered() {
    let Some(weak) = ready(Snmpd::default().start(&Site::loopback())) else { return };
    let reading = try_at(&door(&weak, AuthScheme::SnmpCommunity));
    assert_eq!(accepted(&reading), ["/public"]);
    let good = ready(Snmpd { community: "correct-horse".into() }.start(&Site::loopback())).unwrap();
    let at = door(&good, AuthScheme::SnmpCommunity);
    let reading = try_at(&at);
    assert!(reading.facts.is_empty() && !reading.shortfalls.is_empty(), "{reading:?}");
    let reading = try_with(&at, Credential::Valid, "", "correct-horse");
    assert_eq!((accepted(&reading), refused(&reading)), (vec!["valid".to_owned()], 3));
    let Tried { fact, .. } = guess(&at, "", Some("correct-horse"), 4);
    assert_eq!((fact.as_ref().unwrap().evaluated, fact.unwrap().blocked_after), (3, None));
}

/// Guesses six at once at a door without a lockout: all are evaluated, and the right credential opens it behind them.
fn six_at_once(door: &probes::auth::door::Door, user: &str, secret: &str) -> model::Guessing {
    let Tried { fact, beside, shortfalls } = guess_beside(door, user, Some(secret), 18, 6);
    assert_eq!(fact.unwrap().blocked_after, None, "{}", door.scheme);
    let beside = beside.unwrap_or_else(|| panic!("{}: {shortfalls:?}", door.scheme));
    assert_eq!((beside.parallel, beside.evaluated, beside.blocked_after), (6, 6, None), "{beside:?}");
    assert!(beside.tries.iter().filter(|one| one.right).all(|one| one.did == Did::LetIn), "{beside:?}");
    assert_eq!(shortfalls, [], "{}", door.scheme);
    beside
}

#[test]
fn sessions_at_once_are_all_evaluated_by_a_broker_a_web_server_a_login_and_an_agent() {
    let login = Some(("plug".to_owned(), "correct horse".to_owned()));
    let Some(broker) = ready(Mosquitto { login: login.clone(), tls: None }.start(&Site::loopback())) else {
        return;
    };
    six_at_once(&door(&broker, AuthScheme::Mqtt), "plug", "correct horse");
    let nginx = Nginx { basic_auth: login.clone(), ..Nginx::default() };
    let Some(web) = ready(nginx.start(&Site::loopback())) else { return };
    six_at_once(&door(&web, AuthScheme::HttpBasic), "plug", "correct horse");
    let Some(telnet) = ready(Telnet { login, ..Telnet::default() }.start(&Site::loopback())) else { return };
    six_at_once(&door(&telnet, AuthScheme::TelnetLogin), "plug", "correct horse");
    let Some(agent) = ready(Snmpd { community: "correct-horse".into() }.start(&Site::loopback())) else { return };
    six_at_once(&door(&agent, AuthScheme::SnmpCommunity), "", "correct-horse");
}

#[test]
fn an_ftp_server_that_holds_each_refusal_back_is_guessed_faster_in_sessions_at_once() {
    let Some(server) = ready(Vsftpd::default().start(&Site::loopback())) else { return };
    // Nobody's account, and no right credential: the rates show all the same.
    let Tried { fact, beside, shortfalls } =
        guess_waiting(&door(&server, AuthScheme::Ftp), "plug", None, 6, 2, 2000);
    let (alone, beside) = (fact.unwrap(), beside.unwrap());
    assert_eq!((alone.blocked_after, beside.parallel, beside.evaluated), (None, 2, 2), "{beside:?}");
    assert!(shortfalls.iter().all(|short| short.text.contains("no right credential is known")), "{shortfalls:?}");
    assert!(beside.guesses_per_hour > alone.guesses_per_hour * 3 / 2, "{alone:?} {beside:?}");
}

#[test]
fn an_ssh_server_that_takes_few_sessions_at_once_is_asked_in_as_many_as_it_takes() {
    let Some(account) = ready(Account::create("correct horse battery")) else { return };
    let name = account.name().to_owned();
    // More than three logins in progress are dropped. From 9.8 on a source is shut out for its failures too
    // (PerSourcePenalties), which earlier versions do not know and refuse to read.
    let openssh =
        OpenSsh { password_login: Some(account), config: vec!["MaxStartups 3".to_owned()], rsa_bits: None };
    let Some(server) = ready(openssh.start(&Site::loopback())) else { return };
    let door = door(&server, AuthScheme::SshPassword);
    let Tried { fact, beside, .. } = guess_beside(&door, &name, Some("correct horse battery"), 12, 8);
    assert_eq!(fact.unwrap().blocked_after, None);
    let beside = beside.unwrap();
    assert!((2..=3).contains(&beside.parallel), "{beside:?}");
    assert!(beside.evaluated >= 2, "{beside:?}");
}

#[test]
fn a_door_that_resets_or_is_silent_is_a_shortfall_in_bounded_time() {
    let doors = [lab::Serving::silent(), lab::Serving::closing(), lab::Serving::speaking("hello\r\n")];
    for serving in &doors {
        for scheme in [AuthScheme::HttpBasic, AuthScheme::Ftp, AuthScheme::Mqtt, AuthScheme::SshPassword] {
            let began = Instant::now();
            let reading = try_waiting(&lab::auth::at(serving.at(), scheme), 4, 150);
            assert!(reading.facts.is_empty(), "{scheme}: {reading:?}");
            assert!(!reading.shortfalls.is_empty());
            assert!(began.elapsed() < Duration::from_secs(3), "{scheme}: {:?}", began.elapsed());
        }
    }
}
