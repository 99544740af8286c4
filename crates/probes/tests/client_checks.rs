//! tls.client-checks with real clients, each in a network namespace whose name server is the bench: what a strict client
//! refuses and a lax one lets through, check by check.
#![allow(clippy::unwrap_used)]

mod lab;

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use lab::interception::{HOST, Lab, SENT, checks, table};
use model::ClientDid::{self, Refused, Sent};
use model::Reading;

/// Everything that is shown to a client that asks for no stapled answer.
const CHAINS: [&str; 10] = [
    "copied-names",
    "expired",
    "genuine",
    "leaf-as-authority",
    "not-yet-valid",
    "self-signed",
    "unknown-authority",
    "weak-key",
    "weak-signature",
    "wrong-host",
];
const WITHOUT_CHAIN: [&str; 4] = ["plain", "ssl-3.0", "tls-1.0", "tls-1.1"];

/// Every check refused but these.
fn but(others: &[(&str, ClientDid)]) -> BTreeMap<String, ClientDid> {
    let mut expected: BTreeMap<String, ClientDid> =
        CHAINS.into_iter().chain(WITHOUT_CHAIN).map(|shown| (shown.to_owned(), Refused)).collect();
    expected.insert("genuine".to_owned(), Sent);
    expected.extend(others.iter().map(|(shown, did)| ((*shown).to_owned(), *did)));
    expected
}

/// Every chain let through but these.
fn lax(others: &[(&str, ClientDid)]) -> BTreeMap<String, ClientDid> {
    let mut expected = but(&CHAINS.map(|shown| (shown, Sent)));
    expected.extend(others.iter().map(|(shown, did)| ((*shown).to_owned(), *did)));
    expected
}

/// What the client did, shown whole where it is not what was expected.
fn holds(reading: &Reading, expected: &BTreeMap<String, ClientDid>) {
    let told: Vec<String> = checks(reading).map(|c| format!("{} {:?}: {}", c.shown, c.did, c.told_by)).collect();
    assert_eq!(&table(reading), expected, "{told:#?}\n{:#?}", reading.shortfalls);
    for check in checks(reading) {
        assert!(check.connections >= 2, "{} was shown once", check.shown);
        assert_eq!(check.did == Sent, check.excerpt.contains(SENT), "{}: {}", check.shown, check.excerpt);
        assert_eq!(check.asked_for.as_deref(), Some(HOST));
    }
    assert!(reading.shortfalls.iter().all(|s| s.of != "client-checks"), "{:#?}", reading.shortfalls);
}

fn url(lab: &Lab) -> String {
    format!("https://{HOST}:{}/{SENT}", lab.port)
}

#[test]
fn curl_refuses_every_flaw_and_is_back_at_its_service_afterwards() {
    let Some(lab) = Lab::make(true) else { return };
    let client = || {
        let mut curl = lab.command("curl", "curl").unwrap();
        curl.args(["-sS", "--max-time", "5", "--cacert", "authority.pem", &url(&lab)]);
        curl
    };
    if lab.command("curl", "curl").is_none() {
        return;
    }
    let reading = lab.intercept(true, &client);
    holds(&reading, &but(&[]));
    assert!(reading.coverage.iter().any(|c| c.of == "client-return"), "{:#?}", reading.shortfalls);
    assert!(reading.shortfalls.is_empty(), "{:#?}", reading.shortfalls);
}

#[test]
fn curl_without_verification_sends_over_every_chain() {
    let Some(lab) = Lab::make(true) else { return };
    let client = || {
        let mut curl = lab.command("curl", "curl").unwrap();
        curl.args(["-k", "-sS", "--max-time", "5", &url(&lab)]);
        curl
    };
    if lab.command("curl", "curl").is_none() {
        return;
    }
    holds(&lab.intercept(true, &client), &lax(&[]));
}

const PYTHON: &str = r#"
import http.client, ssl, sys
context = ssl.create_default_context(cafile="authority.pem")
if "lax" in sys.argv: context = ssl._create_unverified_context()
connection = http.client.HTTPSConnection(sys.argv[1], int(sys.argv[2]), timeout=5, context=context)
connection.request("GET", sys.argv[3]); connection.getresponse()
"#;

fn python(lab: &Lab, how: &str) -> Option<Command> {
    let mut python = lab.command("python3", "python3")?;
    python.args(["-c", PYTHON, HOST, &lab.port.to_string(), &format!("/{SENT}"), how]);
    Some(python)
}

#[test]
fn python_refuses_every_flaw() {
    let Some(lab) = Lab::make(true) else { return };
    if python(&lab, "strict").is_some() {
        holds(&lab.intercept(true, &|| python(&lab, "strict").unwrap()), &but(&[]));
    }
}

#[test]
fn python_without_verification_sends_over_every_chain() {
    let Some(lab) = Lab::make(true) else { return };
    if python(&lab, "lax").is_some() {
        holds(&lab.intercept(true, &|| python(&lab, "lax").unwrap()), &lax(&[]));
    }
}

fn s_client(lab: &Lab, strict: bool) -> Option<Command> {
    let mut shell = lab.command("sh", "dash")?;
    let verify = if strict { "-verify_return_error -verify_hostname" } else { "-verify 3 -verify_hostname" };
    let script = format!(
        "(printf 'GET /{SENT} HTTP/1.0\\r\\n\\r\\n'; sleep 0.3) | openssl s_client -quiet -CAfile authority.pem {verify} {HOST} \
         -connect {HOST}:{} -servername {HOST}",
        lab.port
    );
    shell.args(["-c", &script]);
    Some(shell)
}

#[test]
fn openssl_that_returns_on_errors_refuses_every_flaw() {
    let Some(lab) = Lab::make(true) else { return };
    holds(&lab.intercept(true, &|| s_client(&lab, true).unwrap()), &but(&[]));
}

#[test]
fn openssl_as_it_comes_sends_over_every_chain() {
    let Some(lab) = Lab::make(true) else { return };
    holds(&lab.intercept(true, &|| s_client(&lab, false).unwrap()), &lax(&[]));
}

fn mosquitto(lab: &Lab, insecure: bool) -> Option<Command> {
    let mut client = lab.command("mosquitto_pub", "mosquitto-clients")?;
    client.args(["--cafile", "authority.pem", "-h", HOST, "-p", &lab.port.to_string()]);
    client.args(["-i", SENT, "-t", "t", "-m", "m"]);
    if insecure {
        client.arg("--insecure");
    }
    Some(client)
}

#[test]
fn mosquitto_refuses_every_flaw() {
    let Some(lab) = Lab::make(true) else { return };
    if mosquitto(&lab, false).is_some() {
        holds(&lab.intercept(true, &|| mosquitto(&lab, false).unwrap()), &but(&[]));
    }
}

#[test]
fn mosquitto_without_its_look_at_the_name_takes_another_host_and_nothing_else() {
    let Some(lab) = Lab::make(true) else { return };
    if mosquitto(&lab, true).is_some() {
        holds(&lab.intercept(true, &|| mosquitto(&lab, true).unwrap()), &but(&[("wrong-host", Sent)]));
    }
}

const NODE: &str = r#"
const [host, port, path, how] = process.argv.slice(1);
const ca = require("fs").readFileSync("authority.pem");
const request = require("https").get({ host, port, path, ca, rejectUnauthorized: how !== "lax", timeout: 5000, agent: false },
  answer => answer.resume());
request.on("error", () => process.exit(1));
"#;

fn node(lab: &Lab, how: &str) -> Option<Command> {
    let mut node = lab.command("node", "nodejs")?;
    node.args(["-e", NODE, HOST, &lab.port.to_string(), &format!("/{SENT}"), how]);
    Some(node)
}

#[test]
fn node_refuses_every_flaw_but_a_short_key() {
    let Some(lab) = Lab::make(true) else { return };
    if node(&lab, "strict").is_some() {
        // It brings an OpenSSL of its own, whose level of security lets RSA keys of 1024 bits pass.
        holds(&lab.intercept(true, &|| node(&lab, "strict").unwrap()), &but(&[("weak-key", Sent)]));
    }
}

#[test]
fn node_without_verification_sends_over_every_chain() {
    let Some(lab) = Lab::make(true) else { return };
    if node(&lab, "lax").is_some() {
        holds(&lab.intercept(true, &|| node(&lab, "lax").unwrap()), &lax(&[]));
    }
}

#[test]
fn wget_on_gnutls_refuses_what_it_is_meant_to_and_no_more() {
    let Some(lab) = Lab::make(true) else { return };
    let wget = || {
        let mut wget = lab.command("wget", "wget")?;
        wget.args(["-q", "-O", "/dev/null", "-t", "1", "-T", "5", "--ca-certificate=authority.pem", &url(&lab)]);
        Some(wget)
    };
    if wget().is_some() {
        // GnuTLS asks for a stapled answer and heeds it; it takes RSA keys of 1024 bits, and its old versions are on.
        let others = [
            ("revoked", Refused),
            ("weak-key", Sent),
            ("tls-1.0", ClientDid::Agreed),
            ("tls-1.1", ClientDid::Agreed),
        ];
        holds(&lab.intercept(true, &|| wget().unwrap()), &but(&others));
    }
}

#[test]
fn busybox_that_checks_no_certificate_sends_over_every_chain() {
    let Some(lab) = Lab::make(true) else { return };
    let wget = || {
        let mut wget = lab.command("busybox", "busybox")?;
        wget.args(["wget", "-q", "-O", "/dev/null", "--no-check-certificate", &url(&lab)]);
        Some(wget)
    };
    if wget().is_some() {
        holds(&lab.intercept(true, &|| wget().unwrap()), &lax(&[]));
    }
}

/// A client that gives TLS up and says it all again in clear.
#[test]
fn a_client_that_falls_back_to_clear_is_found() {
    let Some(lab) = Lab::make(true) else { return };
    let client = || {
        let mut shell = lab.command("sh", "dash").unwrap();
        let script = format!(
            "curl -sS --max-time 5 --cacert authority.pem {} || curl -sS --max-time 2 http://{HOST}:{}/{SENT}",
            url(&lab),
            lab.clear_port()
        );
        shell.args(["-c", &script]).stdin(Stdio::null());
        shell
    };
    if lab.command("curl", "curl").is_none() {
        return;
    }
    let reading = lab.intercept(true, &client);
    let did = table(&reading);
    assert_eq!(did["plain"], ClientDid::SentInClear, "{did:?}");
    assert_eq!((did["self-signed"], did["genuine"]), (Refused, Sent));
    let plain = checks(&reading).find(|check| check.shown == "plain").unwrap();
    assert!(plain.excerpt.contains(SENT) && plain.octets > 0, "{plain:?}");
}

#[test]
fn openssl_that_still_speaks_old_versions_agrees_to_them() {
    let Some(lab) = Lab::make(true) else { return };
    let client = || {
        let mut curl = lab.command("curl", "curl").unwrap();
        curl.args(["-sS", "--max-time", "5", "--tlsv1.0", "--ciphers", "ALL:@SECLEVEL=0"]);
        curl.args(["--cacert", "authority.pem", &url(&lab)]).env("OPENSSL_CONF", "/dev/null");
        curl
    };
    if lab.command("curl", "curl").is_none() {
        return;
    }
    let reading = lab.intercept(true, &client);
    let did = table(&reading);
    assert_eq!((did["tls-1.0"], did["tls-1.1"]), (ClientDid::Agreed, ClientDid::Agreed), "{did:?}");
    assert_eq!((did["ssl-3.0"], did["self-signed"], did["genuine"]), (Refused, Refused, Sent), "{did:?}");
}

#[test]
fn without_an_authority_what_needs_one_is_a_shortfall() {
    let Some(lab) = Lab::make(false) else { return };
    let client = || {
        let mut curl = lab.command("curl", "curl").unwrap();
        curl.args(["-sS", "--max-time", "5", "--cacert", "authority.pem", &url(&lab)]);
        curl
    };
    if lab.command("curl", "curl").is_none() {
        return;
    }
    let reading = lab.intercept(false, &client);
    let did = table(&reading);
    let shown: Vec<&str> = did.keys().map(String::as_str).collect();
    // What an old version would have come to is not shown by a refusal of the certificate.
    assert_eq!(shown, ["plain", "self-signed", "ssl-3.0", "unknown-authority"]);
    assert!(did.values().all(|did| *did == Refused), "{did:?}");
    let told: Vec<&str> = reading.shortfalls.iter().map(|s| s.text.as_str()).collect();
    assert!(told.iter().any(|t| t.contains("wrong-host, expired, not-yet-valid, leaf-as-authority")), "{told:#?}");
    assert!(told.iter().any(|t| t.contains("copied-names")), "{told:#?}");
    // The real service is not there, so nothing shows that the client is back.
    assert!(reading.shortfalls.iter().any(|s| s.kind == model::ShortfallKind::NotRestored), "{told:#?}");
}

#[test]
fn a_client_that_never_comes_is_a_shortfall_and_no_fact() {
    let Some(lab) = Lab::make(true) else { return };
    let reading = {
        let client = || lab.command("true", "coreutils").unwrap();
        lab.intercept_for(3, true, &client)
    };
    assert!(reading.facts.is_empty() && reading.coverage.is_empty(), "{reading:#?}");
    assert_eq!(reading.shortfalls.len(), 1);
    assert!(reading.shortfalls[0].text.contains("did not come"), "{reading:#?}");
}

/// A curl that knows RSA alone, as small devices do.
fn rsa_curl(lab: &Lab, how: &[&str]) -> Option<Command> {
    let mut curl = lab.command("curl", "curl")?;
    curl.args(["-sS", "--max-time", "5", "--tls-max", "1.2", "--ciphers", "ECDHE-RSA-AES128-GCM-SHA256"]);
    curl.args(how).arg(url(lab));
    Some(curl)
}

#[test]
fn a_client_that_knows_rsa_alone_is_shown_the_same_flaws() {
    let Some(lab) = Lab::make(true) else { return };
    let strict = ["--cacert", "authority.pem"];
    if rsa_curl(&lab, &strict).is_none() {
        return;
    }
    let reading = lab.intercept(true, &|| rsa_curl(&lab, &strict).unwrap());
    holds(&reading, &but(&[]));
    assert!(checks(&reading).filter(|c| CHAINS.contains(&c.shown.as_str())).all(|c| c.chain.is_some()));
    holds(&lab.intercept(true, &|| rsa_curl(&lab, &["-k"]).unwrap()), &lax(&[]));
}

#[test]
fn a_client_that_is_asked_for_a_certificate_of_its_own_is_seen_to_show_one_or_none() {
    let Some(lab) = Lab::make(true) else { return };
    let own = |reading: &Reading| {
        let found = reading.facts.iter().find_map(|fact| match fact {
            model::Fact::ClientCertificate(own) => Some(own.clone()),
            _ => None,
        });
        found.unwrap_or_else(|| panic!("{reading:#?}"))
    };
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "unit.key", "-out", "unit.pem"])
        .args(["-subj", "/CN=unit-0001", "-days", "30"])
        .current_dir(lab.dir.path())
        .stderr(Stdio::null())
        .status();
    assert!(made.unwrap().success());
    let curl = |own: bool, tls: &str| {
        let mut curl = lab.command("curl", "curl")?;
        curl.args(["-sS", "--max-time", "5", "--cacert", "authority.pem", "--tls-max", tls]);
        if own {
            curl.args(["--cert", "unit.pem", "--key", "unit.key"]);
        }
        curl.arg(url(&lab));
        Some(curl)
    };
    if curl(true, "1.3").is_none() {
        return;
    }
    for tls in ["1.2", "1.3"] {
        let reading = lab.intercept(true, &|| curl(true, tls).unwrap());
        holds(&reading, &but(&[]));
        let shown = own(&reading);
        assert!(shown.asked > 0 && shown.presented == shown.asked, "{tls}: {shown:?}");
        let [certificate] = shown.certificates.as_slice() else { panic!("{shown:?}") };
        assert_eq!((certificate.key.as_str(), certificate.key_bits), ("rsa", 2048));
        assert!(certificate.subject.contains("unit-0001"), "{certificate:?}");
    }
    let none = own(&lab.intercept(true, &|| curl(false, "1.3").unwrap()));
    assert!(none.asked > 0 && none.presented == 0 && none.certificates.is_empty(), "{none:?}");
}
