//! The fault matrix: the good product fails nothing, and each fault flips exactly what the tables say.
//!
//! The outcome of every unit instance is compared with that of the good product, so that a pass that is merely lost shows.
//! Every trial is the whole thread: product on a loopback network of its own, all probes, all rules. Faults that no
//! probe of this family can see (the inside of the update client, what a factory reset leaves, …) are not in the table.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use app::demo::{SAMPLE, trial};
use catalogue::Catalogue;
use dossier::SourceText;
use engine::{Evidence, View};
use model::{Outcome, Timestamp};

/// What an offer of the product's web server below the declared one breaks: every unit that applies 5.5-1-2a to it.
const TLS: &[&str] = &[
    "5.1-3-2a @ AuthMech-Web",
    "5.5-1-2a @ SecComMech-HTTPS",
    "5.5-4-2c @ SoftServ-Administration",
    "5.5-4-2c @ SoftServ-Socket",
    "5.5-4-2c @ SoftServ-UserData",
    "5.5-5-2a @ SoftServ-Administration",
    "5.5-6-2a @ SecComMech-HTTPS",
    "5.5-7-2a @ SecComMech-HTTPS",
    "5.8-1-2a @ SecComMech-HTTPS",
];
/// What a doubt about the product's web server leaves undecided.
const TLS_DOUBT: &[&str] = &[
    "5.1-3-2a @ AuthMech-Web: pass -> inconclusive",
    "5.5-1-2a @ SecComMech-HTTPS: pass -> inconclusive",
    "5.5-4-2c @ SoftServ-Administration: pass -> inconclusive",
    "5.5-4-2c @ SoftServ-Socket: pass -> inconclusive",
    "5.5-4-2c @ SoftServ-UserData: pass -> inconclusive",
    "5.5-6-2a @ SecComMech-HTTPS: pass -> inconclusive",
    "5.5-7-2a @ SecComMech-HTTPS: pass -> inconclusive",
    "5.8-1-2a @ SecComMech-HTTPS: pass -> inconclusive",
];
/// The same for the two mechanisms that lead to the associated service.
const CLOUD_TLS: &[&str] = &[
    "5.1-3-2a @ AuthMech-Cloud",
    "5.5-1-2a @ SecComMech-Telemetry",
    "5.5-1-2a @ SecComMech-Update",
    "5.8-1-2a @ SecComMech-Telemetry",
    "5.8-2-2a @ SecComMech-Telemetry",
];

/// What a route leaves undecided that nobody declares and that answers everybody at the product's web server.
const OPEN_ROUTE: &[&str] = &[
    "5.5-4-2a @ SoftServ-Administration: pass -> inconclusive",
    "5.5-4-2a @ SoftServ-Socket: pass -> inconclusive",
    "5.5-4-2a @ SoftServ-UserData: pass -> inconclusive",
];

/// What a session that has ended, was altered or took a role breaks: every function that sessions guard.
const SESSIONS: &[&str] = &[
    "5.5-4-2a @ SoftServ-Administration",
    "5.5-4-2a @ SoftServ-Socket",
    "5.5-4-2a @ SoftServ-UserData",
    "5.5-5-2a @ SoftServ-Administration",
];

/// What sessions that are held otherwise than declared break: every unit that applies 5.1-3-2a to their mechanism.
const HELD: &[&str] = &[
    "5.1-3-2a @ AuthMech-Web",
    "5.5-4-2c @ SoftServ-Administration",
    "5.5-4-2c @ SoftServ-Socket",
    "5.5-4-2c @ SoftServ-UserData",
    "5.5-5-2a @ SoftServ-Administration",
];

/// What a reader of JSON that goes wrong breaks: every method that reads it.
const JSON_INPUT: [&str; 3] =
    ["5.13-1B-2a @ InpVal-Configuration", "5.13-1B-2a @ InpVal-State", "5.13-1B-2a @ InpVal-Timer"];
/// What telemetry without TLS, or over a connection to somebody else, breaks: every unit that applies 5.5-1-2a to the
/// mechanism that is declared to carry it.
const UPLINK: &[&str] = &[
    "5.1-3-2a @ AuthMech-Cloud",
    "5.5-1-2a @ SecComMech-Telemetry",
    "5.8-1-2a @ SecComMech-Telemetry",
    "5.8-2-2a @ SecComMech-Telemetry",
];
/// Somebody whom the product goes to and whom nothing declares is for a person.
const GOES_OUT: &[&str] = &["5.5-5-2b: pass -> inconclusive", "5.6-1-2c: pass -> inconclusive"];

/// The same, where the uplink itself goes there: outages of what is declared are not seen then.
const UPLINK_GOES_OUT: &[&str] = &[
    "5.5-5-2b: pass -> inconclusive",
    "5.6-1-2c: pass -> inconclusive",
    "5.9-3-2a @ LogIntf-Uplink: pass -> open",
];
/// The same for its update service.
const UPDATES: &[&str] = &["5.1-3-2a @ AuthMech-Cloud", "5.5-1-2a @ SecComMech-Update"];

/// A fault, and the unit instances that fail with it.
type Row = (&'static str, &'static [&'static str]);

/// Faults of the product; the first is none.
const PRODUCT: &[Row] = &[
    ("", &[]),
    ("password-default", &["5.1-1-2c @ AuthMech-Web", "5.1-2-2a @ AuthMech-Web"]),
    ("backdoor-account", &["5.1-1-2c @ AuthMech-Web", "5.1-2-2a @ AuthMech-Web"]),
    (
        "http-login-plain",
        &[
            "5.1-1-2a",
            "5.1-2A-2a",
            "5.1-3-2a @ AuthMech-Web",
            "5.1-5-2a",
            "5.5-4-2c @ SoftServ-Administration",
            "5.5-4-2c @ SoftServ-Socket",
            "5.5-4-2c @ SoftServ-UserData",
            "5.5-5-2a @ SoftServ-Administration",
        ],
    ),
    ("no-lockout", &["5.1-5-2b @ AuthMech-Camera", "5.1-5-2b @ AuthMech-Web"]),
    ("lockout-per-connection", &["5.1-5-2b @ AuthMech-Camera", "5.1-5-2b @ AuthMech-Web"]),
    ("lockout-by-x-forwarded-for", &["5.1-5-2b @ AuthMech-Web"]),
    ("lockout-per-door", &["5.1-5-2b @ AuthMech-Camera", "5.1-5-2b @ AuthMech-Web"]),
    ("lockout-reset-by-any-login", &["5.1-5-2b @ AuthMech-Web"]),
    ("lockout-raced", &["5.1-5-2b @ AuthMech-Camera", "5.1-5-2b @ AuthMech-Web"]),
    ("config-unauthenticated", &["5.5-4-2a @ SoftServ-Administration", "5.5-5-2a @ SoftServ-Administration"]),
    ("guest-can-configure", &["5.5-4-2a @ SoftServ-Administration", "5.5-5-2a @ SoftServ-Administration"]),
    ("login-empty-password", &["5.1-1-2c @ AuthMech-Web", "5.1-2-2a @ AuthMech-Web"]),
    ("session-predictable", HELD),
    ("session-survives-change", HELD),
    (
        "password-change-ignored",
        &[
            "5.1-3-2a @ AuthMech-Web",
            "5.1-4-2b @ AuthMech-Camera",
            "5.1-4-2b @ AuthMech-Web",
            "5.5-4-2c @ SoftServ-Administration",
            "5.5-4-2c @ SoftServ-Socket",
            "5.5-4-2c @ SoftServ-UserData",
            "5.5-5-2a @ SoftServ-Administration",
        ],
    ),
    ("password-change-missing", &["5.1-4-2a @ AuthMech-Web"]),
    ("session-cookie-bare", HELD),
    (
        "session-survives-logout",
        &[
            "5.1-3-2a @ AuthMech-Web",
            "5.5-4-2a @ SoftServ-Administration",
            "5.5-4-2a @ SoftServ-Socket",
            "5.5-4-2a @ SoftServ-UserData",
            "5.5-4-2c @ SoftServ-Administration",
            "5.5-4-2c @ SoftServ-Socket",
            "5.5-4-2c @ SoftServ-UserData",
            "5.5-5-2a @ SoftServ-Administration",
        ],
    ),
    ("altered-session-accepted", SESSIONS),
    ("role-from-cookie", SESSIONS),
    ("state-unauthenticated", &["5.5-4-2a @ SoftServ-Socket"]),
    ("userdata-unauthenticated", &["5.5-4-2a @ SoftServ-UserData"]),
    ("telnet-open", &["5.1-1-2a", "5.1-2A-2a", "5.1-5-2a", "5.5-5-2b", "5.6-1-2c"]),
    ("telnet-root-shell", &["5.5-5-2b", "5.6-1-2c"]),
    ("ftp-anonymous", &["5.1-1-2a", "5.1-2A-2a", "5.1-5-2a", "5.5-5-2b", "5.6-1-2c"]),
    ("debug-port-open", &["5.5-5-2b", "5.6-1-2c"]),
    ("mqtt-broker-open", &["5.5-5-2b", "5.6-1-2c"]),
    ("snmp-public", &["5.1-1-2a", "5.1-2A-2a", "5.1-5-2a", "5.5-5-2b", "5.6-1-2c"]),
    ("ws-discovery-open", &["5.5-5-2b", "5.6-1-2c"]),
    ("snmp-before-setup", &["5.1-1-2a", "5.1-2A-2a", "5.1-5-2a", "5.5-5-2b", "5.6-1-2c"]),
    ("rtsp-is-broker", &[]),
    ("ssdp-missing", &[]),
    ("coap-leaks-serial", &["5.6-2-2a @ LogIntf-CoAP"]),
    ("coap-open", &["5.6-2-2a @ LogIntf-CoAP"]),
    ("coap-oversize-crash", &["5.13-1B-2a @ InpVal-Coap"]),
    ("rtsp-open", &["5.5-4-2a @ SoftServ-Camera"]),
    ("tftp-open", &["5.3-10-1c", "5.5-5-2b", "5.6-1-2c"]),
    ("info-disclosure-status", &["5.6-2-2a @ LogIntf-HTTPS"]),
    ("openapi-public", &["5.5-4-2a @ SoftServ-Administration", "5.6-2-2a @ LogIntf-HTTPS"]),
    ("server-banner", &["5.5-2-2a @ NetSecImpl-Services", "5.6-2-2a @ LogIntf-HTTP", "5.6-2-2a @ LogIntf-HTTPS"]),
    ("mdns-leaks-serial", &["5.6-2-2a @ LogIntf-MDNS"]),
    ("ssdp-leaks-serial", &["5.6-2-2a @ LogIntf-HTTP", "5.6-2-2a @ LogIntf-SSDP"]),
    ("config-backup-public", &["5.6-2-2a @ LogIntf-HTTPS"]),
    ("tls-1.0", TLS),
    ("tls-1.1", TLS),
    ("tls-sslv3", TLS),
    ("tls-rc4", TLS),
    ("tls-null", TLS),
    ("tls-export", TLS),
    ("tls-anon", TLS),
    ("tls-weak-key", TLS),
    ("tls-expired-cert", TLS),
    ("tls-compression", TLS),
    ("tls-no-secure-renegotiation", &[]),
    ("tls-no-sentinel", &[]),
    ("tls-short-dh", TLS),
    ("tls-sha1-cert", TLS),
    ("tls-3des", TLS),
    ("tls-static-rsa", TLS),
    ("cloud-tls-compression", CLOUD_TLS),
    ("cloud-tls-1.0", CLOUD_TLS),
    ("cloud-tls-rc4", CLOUD_TLS),
    ("telemetry-plain", UPLINK),
    ("uplink-credential-plain", UPLINK),
    ("personal-data-plain", &["5.8-1-2a @ SecComMech-Telemetry", "5.8-2-2a @ SecComMech-Telemetry"]),
    ("update-check-plain", &["5.1-3-2a @ AuthMech-Cloud", "5.5-1-2a @ SecComMech-Update"]),
    ("destination-undeclared", &[]),
    ("dns-undeclared", &[]),
    ("ntp-undeclared", &[]),
    ("reconnect-storm", &["5.9-3-2a @ LogIntf-Uplink"]),
    ("reconnect-in-step", &["5.9-3-2a @ LogIntf-Uplink"]),
    ("reconnect-flat", &["5.9-3-2a @ LogIntf-Uplink"]),
    ("uplink-any-certificate", UPLINK),
    ("uplink-unknown-authority", UPLINK),
    ("uplink-wrong-host", UPLINK),
    ("uplink-expired", UPLINK),
    ("uplink-leaf-as-authority", UPLINK),
    ("uplink-tls-1.0", UPLINK),
    ("uplink-plain-fallback", UPLINK),
    ("update-any-certificate", UPDATES),
    ("update-wrong-host", UPDATES),
    ("policy-behind-login", &["5.2-1-2a"]),
    ("policy-missing", &["5.2-1-2a"]),
    ("support-period-behind-login", &["5.3-13-2b"]),
    ("sensors-doc-missing", &["5.8-3-1a"]),
    (
        "input-oversize-crash",
        &[
            "5.13-1B-2a @ InpVal-Configuration",
            "5.13-1B-2a @ InpVal-Schedule",
            "5.13-1B-2a @ InpVal-State",
            "5.13-1B-2a @ InpVal-Timer",
        ],
    ),
    ("input-type-confusion", &JSON_INPUT),
    ("input-reflected", &["5.13-1A-2b @ InpVal-Page"]),
    ("input-command-injection", &["5.13-1B-2a @ InpVal-Configuration"]),
    ("path-traversal", &["5.13-1B-2a @ InpVal-Files"]),
    ("input-range-ignored", &["5.13-1B-2a @ InpVal-Timer"]),
    ("input-nesting-crash", &JSON_INPUT),
    ("input-duplicate-error", &JSON_INPUT),
    ("input-text-error", &JSON_INPUT),
    ("input-template", &["5.13-1A-2b @ InpVal-Page"]),
    ("input-header-split", &["5.13-1B-2a @ InpVal-Files"]),
    ("input-query", &["5.13-1B-2a @ InpVal-Files"]),
    ("input-blind-command", &["5.13-1B-2a @ InpVal-Configuration"]),
    ("input-entity", &["5.13-1B-2a @ InpVal-Schedule"]),
    // What nobody declares speaks against every method of its interface.
    (
        "input-undeclared",
        &[
            "5.13-1A-2b @ InpVal-Page",
            "5.13-1B-2a @ InpVal-Configuration",
            "5.13-1B-2a @ InpVal-Files",
            "5.13-1B-2a @ InpVal-Http",
            "5.13-1B-2a @ InpVal-Schedule",
            "5.13-1B-2a @ InpVal-State",
            "5.13-1B-2a @ InpVal-Timer",
        ],
    ),
    ("ticket-reused", &["5.13-1B-2a @ InpVal-Timer"]),
    ("ticket-ignored", &["5.13-1B-2a @ InpVal-Timer"]),
    (
        "guard-by-path",
        &["5.13-1B-2a @ InpVal-Configuration", "5.13-1B-2a @ InpVal-Schedule", "5.13-1B-2a @ InpVal-State"],
    ),
    ("coap-option-passed", &[]),
];

/// What else a fault of the product changes: the unit instance, its outcome in the good product, and the one it gets.
/// A fault without a row here changes nothing but its fails.
const OTHERWISE: &[(&str, &[&str])] = &[
    ("info-disclosure-status", OPEN_ROUTE),
    ("config-backup-public", OPEN_ROUTE),
    ("ssdp-missing", &["5.6-1-2a @ LogIntf-SSDP: pass -> inconclusive"]),
    // Nobody can guess at a stream that is not there, or is open; what speaks instead may be meant by the declaration.
    (
        "rtsp-is-broker",
        &[
            "5.1-4-2b @ AuthMech-Camera: pass -> inconclusive",
            "5.1-5-2b @ AuthMech-Camera: pass -> inconclusive",
            "5.1-5-2b @ AuthMech-Web: pass -> inconclusive",
            "5.5-5-2b: pass -> inconclusive",
            "5.6-1-2c: pass -> inconclusive",
        ],
    ),
    (
        "rtsp-open",
        &[
            "5.1-4-2b @ AuthMech-Camera: pass -> inconclusive",
            "5.1-5-2b @ AuthMech-Camera: pass -> inconclusive",
            "5.1-5-2b @ AuthMech-Web: pass -> inconclusive",
        ],
    ),
    // What cannot be changed ends no other session by it, and shows no new value anywhere.
    (
        "password-change-missing",
        &[
            "5.1-3-2a @ AuthMech-Web: pass -> open",
            "5.1-4-2b @ AuthMech-Camera: pass -> open",
            "5.1-4-2b @ AuthMech-Web: pass -> inconclusive",
            "5.5-4-2c @ SoftServ-Administration: pass -> open",
            "5.5-4-2c @ SoftServ-Socket: pass -> open",
            "5.5-4-2c @ SoftServ-UserData: pass -> open",
        ],
    ),
    // Whether it renegotiates without the indication, and what a missing mark helps, is for a person.
    ("tls-no-secure-renegotiation", TLS_DOUBT),
    ("tls-no-sentinel", TLS_DOUBT),
    ("destination-undeclared", GOES_OUT),
    ("dns-undeclared", GOES_OUT),
    ("ntp-undeclared", GOES_OUT),
    (
        "personal-data-plain",
        &[
            "5.1-3-2a @ AuthMech-Cloud: pass -> inconclusive",
            "5.5-1-2a @ SecComMech-Update: pass -> inconclusive",
            "5.5-5-2b: pass -> inconclusive",
            "5.6-1-2c: pass -> inconclusive",
        ],
    ),
    ("update-check-plain", GOES_OUT),
    ("telemetry-plain", UPLINK_GOES_OUT),
    ("uplink-credential-plain", UPLINK_GOES_OUT),
    // What speaks no known protocol may ask for a password or take an update; nobody has looked.
    ("coap-option-passed", &["5.13-1B-2a @ InpVal-Coap: pass -> inconclusive"]),
    ("debug-port-open", &["5.1-5-2a: pass -> inconclusive", "5.3-10-1c: pass -> inconclusive"]),
];

/// Faults that only a capture of the traffic shows.
const TRAFFIC: &[&str] = &[
    "telemetry-plain",
    "uplink-credential-plain",
    "personal-data-plain",
    "update-check-plain",
    "destination-undeclared",
    "dns-undeclared",
    "ntp-undeclared",
    "reconnect-storm",
    "reconnect-in-step",
    "reconnect-flat",
];

/// Fault of the dossier: file, text, what stands there instead, and the unit instances that flip with it.
const PAPER: &[(&str, &str, &str, &[&str])] = &[
    ("ixit/4-Conf.toml", "Vulnerability Actions\" = \"Yes\"", "Vulnerability Actions\" = \"No\"", &["5.2-2-1b"]),
    (
        "ixit/4-Conf.toml",
        "Vulnerability Monitoring\" = \"Yes\"",
        "Vulnerability Monitoring\" = \"No\"",
        &["5.2-3-1d"],
    ),
    ("ixit/4-Conf.toml", "Update Procedures\" = \"Yes\"", "Update Procedures\" = \"No\"", &["5.3-8-1b"]),
    ("ixit/4-Conf.toml", "Secure Management\" = \"Yes\"", "Secure Management\" = \"No\"", &["5.5-8-1b"]),
    ("ixit/4-Conf.toml", "Secure Development\" = \"Yes\"", "Secure Development\" = \"No\"", &["5.6-9-1b"]),
    (
        "ixit/10-SecParam.toml",
        "guarantees = [\"confidentiality\", \"integrity\"]",
        "guarantees = [\"integrity\"]",
        &["5.4-1-1b @ SecParam-AdminPassword"],
    ),
    (
        "ixit/10-SecParam.toml",
        "\"For communication with the associated service: an ECDSA P-256 key, generated for this unit alone by the secure \
         random generator of the production line's hardware module; nothing of it follows from serial number or another \
         key.\"",
        "\"None.\"",
        &["5.4-4-1a @ SecParam-ClientKey"],
    ),
    (
        "ixit/15-PhyIntf.toml",
        "status = \"disabled-permanently\"\ndebug = false",
        "status = \"enabled\"\ndebug = false",
        // Declared present, it now has to be found as declared, and nobody has looked yet.
        &["5.6-1-1a @ PhyIntf-Ble: not applicable -> open", "5.6-3-1b @ PhyIntf-Ble"],
    ),
];

/// What became of every unit instance, and why.
type Outcomes = BTreeMap<String, (Outcome, String)>;

/// What becomes of every unit instance when the product runs with these faults.
fn outcomes(faults: &str, network: &str) -> Outcomes {
    let at = tempfile::tempdir().unwrap();
    let done = trial(&at.path().join("d"), faults, network, &mut |_| ()).unwrap();
    by_instance(&done.assessed.assessment)
}

fn by_instance(assessment: &engine::Assessment) -> Outcomes {
    let told = |j: &engine::Judgement| (j.outcome, j.because.clone());
    assessment.instances.iter().map(|i| (i.id.to_string(), told(&i.judgement))).collect()
}

fn fails(outcomes: &Outcomes) -> Vec<(&String, &(Outcome, String))> {
    outcomes.iter().filter(|(_, (outcome, _))| *outcome == Outcome::Fail).collect()
}

/// The instances with another outcome than in the good product, as the tables name them: a new fail by its id alone,
/// any other change with the outcome before and after. Each with the reason it has now.
fn flips(good: &Outcomes, seen: &Outcomes) -> BTreeMap<String, String> {
    let outcome = |of: &Outcomes, id: &String| of.get(id).map(|(outcome, _)| *outcome);
    let told = |outcome: Option<Outcome>| outcome.map_or("absent", Outcome::as_str);
    let all: BTreeSet<&String> = good.keys().chain(seen.keys()).collect();
    let changed = all.into_iter().filter(|id| outcome(good, id) != outcome(seen, id));
    changed
        .map(|id| {
            let flip = match outcome(seen, id) {
                Some(Outcome::Fail) => id.clone(),
                now => format!("{id}: {} -> {}", told(outcome(good, id)), told(now)),
            };
            (flip, seen.get(id).map(|(_, because)| because.clone()).unwrap_or_default())
        })
        .collect()
}

/// Where flips and table differ, one line each.
fn differences(seen: &BTreeMap<String, String>, expected: &BTreeSet<String>) -> String {
    let unnamed = seen.iter().filter(|(flip, _)| !expected.contains(*flip));
    let unnamed = unnamed.map(|(flip, because)| format!("\n  not in the table: {flip} ({because})"));
    let missing = expected.iter().filter(|flip| !seen.contains_key(*flip));
    unnamed.chain(missing.map(|flip| format!("\n  does not happen:  {flip}"))).collect()
}

/// Everything that the tables say of a fault of the product.
fn expected(fault: &str, fails: &[&str]) -> BTreeSet<String> {
    let otherwise = OTHERWISE.iter().filter(|(name, _)| *name == fault).flat_map(|(_, flips)| flips.iter());
    fails.iter().chain(otherwise).map(|e| (*e).to_owned()).collect()
}

/// Whether traffic on loopback can be captured here, tried once.
fn captures() -> bool {
    let usual = ["-i", "lo", "-c", "1", "--immediate-mode", "-w", "/dev/null", "udp port 9"];
    let Ok(mut tool) =
        std::process::Command::new("tcpdump").args(usual).stderr(std::process::Stdio::null()).spawn()
    else {
        return false;
    };
    let sender = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    for _ in 0..100 {
        std::thread::sleep(std::time::Duration::from_millis(50));
        // Nobody listens there; that is told as an error at the next sending.
        let _ = sender.send_to(b"x", "127.0.0.1:9");
        if let Ok(Some(status)) = tool.try_wait() {
            return status.success();
        }
    }
    let (_, _) = (tool.kill(), tool.wait());
    false
}

/// The rows to try: all, or those that `ASSAY_MATRIX_ROWS=telnet-open,tls-rc4` names.
#[expect(clippy::print_stderr, reason = "what was skipped is said")]
fn rows() -> Vec<Row> {
    let only = std::env::var("ASSAY_MATRIX_ROWS").ok();
    let wanted = |fault: &str| only.as_ref().is_none_or(|names| names.split(',').any(|name| name == fault));
    let captures = captures();
    if !captures {
        eprintln!(
            "skipped: {} rows that take a capture of the traffic: tcpdump is missing, or may not",
            TRAFFIC.len()
        );
    }
    let can_show = |fault: &str| captures || !TRAFFIC.contains(&fault);
    let rows = PRODUCT.iter().copied();
    rows.filter(|(fault, _)| !fault.is_empty() && wanted(fault) && can_show(fault)).collect()
}

/// What became of every unit instance with each of these faults, measured so many side by side; in the order given.
fn measured(faults: &[&str], network: &str, side_by_side: usize) -> Vec<Outcomes> {
    let (next, seen) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    std::thread::scope(|scope| {
        for _ in 0..side_by_side {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::SeqCst);
                    let Some(fault) = faults.get(at) else { break };
                    let outcomes = outcomes(fault, &format!("{network}.{at}"));
                    seen.lock().unwrap().insert(at, outcomes);
                }
            });
        }
    });
    seen.into_inner().unwrap().into_values().collect()
}

/// How often the good product is measured beside the others.
const GOOD: usize = 3;

/// Of each unit instance the outcome that most of these have: a busy machine disturbs one of them, and not always the same.
fn usual(all: &[Outcomes]) -> Outcomes {
    let ids: BTreeSet<&String> = all.iter().flat_map(BTreeMap::keys).collect();
    let most = ids.into_iter().filter_map(|id| {
        let seen: Vec<_> = all.iter().map(|of| of.get(id)).collect();
        let as_often = |one: &Option<&(Outcome, String)>| {
            seen.iter().filter(|other| other.map(|o| o.0) == one.map(|o| o.0)).count()
        };
        let usual = seen.iter().max_by_key(|one| as_often(one)).copied().flatten();
        usual.map(|outcome| (id.clone(), outcome.clone()))
    });
    most.collect()
}

/// The rows whose flips are others than the tables say, each with how they differ; the first row where the good product
/// fails something.
fn wrong(rows: &[Row], network: &str, side_by_side: usize) -> Vec<(Row, String)> {
    // The good product in the same company: what a busy machine does to it, it does to every row.
    let faults: Vec<&str> = [""; GOOD].into_iter().chain(rows.iter().map(|(fault, _)| *fault)).collect();
    let seen = measured(&faults, network, side_by_side);
    let (good, seen) = seen.split_at(GOOD);
    let itself = good.iter().flat_map(fails).map(|(id, because)| format!("\n  {id}: {because:?}")).collect();
    let good = usual(good);
    let compared = rows.iter().zip(seen).map(|(row, seen)| {
        let (fault, fails) = row;
        (*row, differences(&flips(&good, seen), &expected(fault, fails)))
    });
    std::iter::once((PRODUCT[0], itself)).chain(compared).filter(|(_, differ)| !differ.is_empty()).collect()
}

#[test]
#[expect(clippy::print_stderr, reason = "a long run says what it found so far")]
fn each_fault_of_the_product_flips_exactly_its_unit_instances_and_the_good_product_fails_none() {
    // A trial takes some seconds of work and waits for the rest of a minute: for silences, lockouts and outages.
    let first = wrong(&rows(), "127.1", 14);
    for ((fault, _), differ) in &first {
        eprintln!("to be tried again: {fault}{differ}");
    }
    // On a busy machine a lockout of two seconds can end between two guesses: what differs is tried again, with few
    // at a time, and held against a good product that is measured anew.
    let again: Vec<Row> = first.into_iter().map(|(row, _)| row).collect();
    let left = if again.is_empty() { Vec::new() } else { wrong(&again, "127.2", 4.max(again.len() / 8)) };
    let left: String = left.into_iter().map(|((fault, _), differ)| format!("\n{fault}{differ}")).collect();
    assert!(left.is_empty(), "other instances flip than the tables say:{left}");
}

#[test]
fn what_one_of_three_measurements_shows_is_not_the_usual_outcome() {
    let of = |outcome| BTreeMap::from([("a".to_owned(), (outcome, String::new()))]);
    let (pass, open) = (of(Outcome::Pass), of(Outcome::Open));
    for order in [[&pass, &pass, &open], [&pass, &open, &pass], [&open, &pass, &pass]] {
        assert_eq!(usual(&order.map(Clone::clone)), pass);
    }
    assert_eq!(usual(&[pass, BTreeMap::new(), BTreeMap::new()]), BTreeMap::new());
}

#[test]
fn every_row_of_flips_belongs_to_a_fault_of_the_table() {
    for (fault, flips) in OTHERWISE {
        assert!(PRODUCT.iter().any(|(name, _)| name == fault), "{fault} is no row");
        assert!(!flips.is_empty(), "{fault} flips nothing");
    }
}

#[test]
fn at_least_thirty_faults_are_told_apart_across_the_clauses() {
    let named: BTreeMap<String, String> = app::demo::faults().map(|(name, clause, _)| (name, clause)).collect();
    let clauses: BTreeSet<&str> = PRODUCT
        .iter()
        .filter(|(name, _)| !name.is_empty())
        .map(|(name, _)| named.get(*name).unwrap_or_else(|| panic!("{name} is no fault")))
        .filter_map(|clause| clause.split('-').next())
        .collect();
    assert!(PRODUCT.len() > 30);
    for clause in ["5.1", "5.2", "5.5", "5.6", "5.8", "5.13"] {
        assert!(clauses.contains(clause), "no fault of {clause}");
    }
}

/// What becomes of every unit instance on the sample's declarations alone, with one edit.
fn declared(edit: Option<(&str, &str, &str)>) -> Outcomes {
    let sources = SAMPLE.iter().map(|(path, text)| {
        let text = match edit {
            Some((file, from, to)) if file == *path => {
                assert!(text.contains(from), "{file} has no `{from}`");
                text.replacen(from, to, 1)
            }
            _ => (*text).to_owned(),
        };
        SourceText { path: (*path).to_owned(), text }
    });
    let (dossier, _) = dossier::read(sources.collect());
    let evidence = Evidence::default();
    let catalogue = Catalogue::of(dossier.edition());
    let at = Timestamp::from_seconds(1_790_000_000);
    by_instance(&engine::judge(&View { catalogue, dossier: &dossier, evidence: &evidence, at }))
}

#[test]
fn each_fault_of_the_dossier_flips_exactly_its_unit_instances_and_the_good_dossier_fails_none() {
    let good = declared(None);
    assert!(fails(&good).is_empty(), "the good dossier fails: {:#?}", fails(&good));
    let mut left = String::new();
    for (file, from, to, flips_to) in PAPER {
        let expected: BTreeSet<String> = flips_to.iter().map(|e| (*e).to_owned()).collect();
        match differences(&flips(&good, &declared(Some((file, from, to)))), &expected) {
            none if none.is_empty() => {}
            lines => left += &format!("\n{file}: {to}{lines}"),
        }
    }
    assert!(left.is_empty(), "other instances flip than the table says:{left}");
}

#[test]
fn the_built_in_sample_is_the_sample_of_the_tree() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/smart-plug");
    let mut files = BTreeSet::new();
    for part in ["", "ixit"] {
        for entry in std::fs::read_dir(folder.join(part)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.ends_with(".toml") {
                files.insert(if part.is_empty() { name } else { format!("{part}/{name}") });
            }
        }
    }
    assert_eq!(files, SAMPLE.iter().map(|(path, _)| (*path).to_owned()).collect());
}
