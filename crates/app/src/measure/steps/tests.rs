//! What of the dossier and of the bench reaches a probe.

use std::collections::BTreeMap;
use std::path::Path;

use dossier::SourceText;
use model::Timestamp;

use super::*;
use crate::demo::SAMPLE;

/// The parameters of a probe for the sample, with edits of its files; nothing was seen yet.
fn parameters_of(probe: &str, edits: &[(&str, &str, &str)]) -> Result<Value, String> {
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
    let setup =
        Setup::of(&dossier, Path::new("."), &off, &secret, Timestamp::from_seconds(1_790_000_000)).unwrap();
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
        told["doors"].as_array().unwrap().iter().map(|d| d.to_string()).filter(|d| d.contains("http-form")).count()
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
