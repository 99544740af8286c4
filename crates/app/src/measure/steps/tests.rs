//! What of the dossier and of the bench reaches a probe.

use std::collections::BTreeMap;
use std::path::Path;

use dossier::SourceText;
use model::Timestamp;

use super::*;
use crate::demo::SAMPLE;
use crate::measure::SetupError;

/// The sample and its bench, with edits of its files.
fn bench_of(edits: &[(&str, &str, &str)]) -> Result<(Dossier, Setup), SetupError> {
    let sources = SAMPLE.iter().map(|(path, text)| {
        let mut text = (*text).to_owned();
        for (_, from, to) in edits.iter().filter(|(file, ..)| file == path) {
            assert!(text.contains(from), "{path} has no `{from}`");
            text = text.replace(from, to);
        }
        SourceText { path: (*path).to_owned(), text }
    });
    let (dossier, _) = dossier::read(sources.collect());
    let off = BTreeMap::from([("dut".to_owned(), Vec::new())]);
    let secret = |_: &str| Some("xyzzy".to_owned());
    let setup = Setup::of(&dossier, Path::new("."), &off, &secret, Timestamp::from_seconds(1_790_000_000))?;
    Ok((dossier, setup))
}

/// The parameters of a probe for the sample, with edits of its files; nothing was seen yet.
fn parameters_of(probe: &str, edits: &[(&str, &str, &str)]) -> Result<Value, String> {
    let (dossier, setup) = bench_of(edits).unwrap();
    let step = planned(&dossier, &setup).into_iter().find(|s| s.probe == probe && s.target == "dut").unwrap();
    parameters(&step, &dossier, &setup, &[])
}

const UNDECLARED: (&str, &str, &str) = ("ixit/1-AuthMech.toml", "scheme = \"http-json\"\n", "");
const OF_THE_BENCH: (&str, &str, &str) =
    ("bench.toml", "mechanism = \"AuthMech-Web\"", "mechanism = \"AuthMech-Web\"\nscheme = \"http-form\"");

#[test]
fn an_account_says_how_it_is_given_where_the_mechanism_does_not() {
    let logins = |edits: &[_]| parameters_of("http.access", edits).unwrap()["login"]["door"]["scheme"].clone();
    assert_eq!(logins(&[UNDECLARED]), Value::Null);
    assert_eq!(logins(&[UNDECLARED, OF_THE_BENCH]), "http-form");
    let doors = |probe: &str, edits: &[_]| {
        let told = parameters_of(probe, edits).unwrap();
        told["doors"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|d| d["door"]["scheme"] == "http-form" || d["scheme"] == "http-form")
            .count()
    };
    for probe in ["auth.defaults", "auth.guessing"] {
        assert_eq!(doors(probe, &[UNDECLARED]), 0, "{probe}");
        assert_eq!(doors(probe, &[UNDECLARED, OF_THE_BENCH]), 1, "{probe}");
    }
}

#[test]
fn what_the_mechanism_declares_goes_before_what_the_account_says() {
    let told = parameters_of("http.access", &[OF_THE_BENCH]).unwrap();
    assert_eq!(told["login"]["door"]["scheme"], "http-json");
}

#[test]
fn a_further_address_is_searched_and_no_mechanism_is_tried_there_again() {
    let also = ("bench.toml", "address = \"127.0.77.1\"", "address = \"127.0.77.1\"\nalso = [\"fd00::7\"]");
    let (dossier, setup) = bench_of(&[also, ("bench.toml", "background = true", "background = false")]).unwrap();
    let steps = planned(&dossier, &setup);
    let at: std::net::IpAddr = "fd00::7".parse().unwrap();
    let there: Vec<&str> = steps.iter().filter(|s| s.address == at).map(|s| s.probe).collect();
    assert_eq!(there, EACH_ADDRESS);
    assert!(setup.scope().allows(at));
    let defaults = steps.iter().find(|s| s.address == at && s.probe == "auth.defaults").unwrap();
    let prompt = Fact::AuthPrompt {
        endpoint: Endpoint::tcp(at, 23),
        scheme: AuthScheme::TelnetLogin,
        path: None,
        prompt: String::new(),
    };
    let told = parameters(defaults, &dossier, &setup, &[prompt]).unwrap();
    assert_eq!(told["doors"].as_array().unwrap().len(), 1);
    assert_eq!(told["doors"][0]["endpoint"]["address"], "fd00::7");
    assert!(parameters(defaults, &dossier, &setup, &[]).is_err());
}

#[test]
fn a_link_local_address_needs_an_interface_that_the_bench_has() {
    let also = |more: &str| format!("address = \"127.0.77.1\"\nalso = [\"fe80::7\"]{more}");
    let of = |text: &str| {
        bench_of(&[
            ("bench.toml", "address = \"127.0.77.1\"", text),
            ("bench.toml", "background = true", "background = false"),
        ])
    };
    assert!(matches!(of(&also("")), Err(SetupError::LinkLocal(_))));
    assert!(matches!(of(&also("\ninterface = \"../lo\"")), Err(SetupError::NoInterface(_))));
    let (_, setup) = of(&also("\ninterface = \"lo\"")).unwrap();
    assert_eq!(setup.targets[1].interface, 1);
}

#[test]
fn declared_dtls_is_asked_for_its_offer_at_the_product_and_at_a_service_and_nothing_else() {
    let coaps = "[[LogIntf]]\nID = \"LogIntf-Coaps\"\n[LogIntf.facts]\ntransport = \"udp\"\nport = 5684\nprotocol = \"coaps\"\n";
    let interfaces = SAMPLE.iter().find(|(path, _)| *path == "ixit/28-LogIntf.toml").unwrap().1;
    let with = format!("{interfaces}\n{coaps}");
    let told = parameters_of("tls.server-offer", &[("ixit/28-LogIntf.toml", interfaces, &with)]).unwrap();
    let endpoints = told["endpoints"].as_array().unwrap();
    assert_eq!(endpoints.len(), 1);
    assert_eq!((&endpoints[0]["transport"], &endpoints[0]["port"]), (&json!("udp"), &json!(5684)));
    assert!(parameters_of("tls.server-offer", &[]).is_err());
}

#[test]
fn only_paths_on_the_product_itself_are_taken_from_its_announcements() {
    let address: IpAddr = "192.0.2.7".parse().unwrap();
    let service = |protocol: &str, banner: &str| {
        Fact::Service(model::ServiceFacts {
            endpoint: Endpoint::udp(address, 1900),
            protocol: protocol.to_owned(),
            tls: false,
            product: None,
            version: None,
            banner: banner.to_owned(),
        })
    };
    let seen = [
        service("ssdp", "HTTP/1.1 200 OK\\r\\nLOCATION: http://192.0.2.7:5000/rootDesc.xml\\r\\nEXT:\\r\\n"),
        service(
            "ws-discovery",
            "<XAddrs>http://192.0.2.9/no http://192.0.2.7/onvif/cam</XAddrs> http://www.w3.org/x",
        ),
        service("http", "http://192.0.2.7/not-announced"),
    ];
    assert_eq!(Vec::from_iter(announced(&seen, address)), ["/onvif/cam", "/rootDesc.xml"]);
}
