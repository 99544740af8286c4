//! Whether the product at the address is the one under assessment.
//!
//! It compares what the operator expects with what is seen, and reads the firmware's version where the operator says
//! it stands; it does not look for anything else.

use model::{Coverage, Endpoint, Fact, Reading, Shortfall, ShortfallKind, Touches};
use serde::{Deserialize, Serialize};

use crate::http::exchange::{Server, exchange};
use crate::{Ask, Bench, Bytes, Card, Need, TlsWish};
use std::time::Duration;

/// The card.
pub const CARD: Card = Card {
    id: "dut.identity",
    revision: 1,
    asks: "Is the product at this address the one under assessment?",
    yields: &["identity"],
    touches: Touches::Passive,
    needs: &[Need::IpReach, Need::Expectations],
};

/// What is to be seen.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Parameters {
    /// Each proof has to hold.
    pub proofs: Vec<Proof>,
}

/// One proof.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Proof {
    /// How: `tls-certificate`, `http-text` or `banner`.
    pub means: Means,
    /// Where.
    pub endpoint: Endpoint,
    /// Whether inside TLS.
    #[serde(default)]
    pub tls: bool,
    /// Host name for TLS and HTTP.
    #[serde(default)]
    pub host: Option<String>,
    /// Path of the page.
    #[serde(default)]
    pub path: Option<String>,
    /// The fingerprint (`sha256:…`) or the text.
    pub value: String,
    /// Text around the firmware's version, with `*` in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firmware: Option<String>,
}

/// How an identity is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Means {
    /// SHA-256 fingerprint of the certificate it presents.
    TlsCertificate,
    /// A text on a page.
    HttpText,
    /// A text in the first bytes it says.
    Banner,
}

impl Means {
    fn as_str(self) -> &'static str {
        match self {
            Means::TlsCertificate => "tls-certificate",
            Means::HttpText => "http-text",
            Means::Banner => "banner",
        }
    }
}

/// Why something was not seen, and in words.
pub type Missed = (ShortfallKind, String);

/// What came back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Log {
    /// Each proof, and what was seen or why nothing was.
    pub seen: Vec<(Proof, Result<Seen, Missed>)>,
}

/// What was seen for a proof.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Seen {
    /// Bounded text, or the fingerprint.
    pub text: String,
    /// Whether the expected value is in it.
    pub agrees: bool,
    /// What stands in the place of the firmware's version; nothing where the text around it was not seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firmware: Option<String>,
}

/// Looks at each proof.
pub fn gather(parameters: &Parameters, bench: &mut dyn Bench) -> Log {
    let seen = parameters.proofs.iter().map(|proof| (proof.clone(), look(proof, bench))).collect();
    Log { seen }
}

fn look(proof: &Proof, bench: &mut dyn Bench) -> Result<Seen, Missed> {
    let server = Server { endpoint: proof.endpoint, tls: proof.tls, host: proof.host.clone() };
    match proof.means {
        Means::HttpText => {
            let path = proof.path.as_deref().filter(|p| p.starts_with('/')).unwrap_or("/");
            let response = exchange(bench, &server, &server.request("GET", path), &[])
                .map_err(|error| (error.shortfall(), error.to_string()))?;
            let body = response.text();
            let title = wire::http::page::title(&body).unwrap_or_default();
            Ok(Seen {
                text: bounded(&format!("status {}, title {title}", response.status)),
                agrees: body.contains(&proof.value),
                firmware: firmware(proof, &body),
            })
        }
        Means::TlsCertificate => {
            let wait = bench.wait();
            let link = bench.connect(proof.endpoint, wait).map_err(|e| (e.shortfall(), e.to_string()))?;
            let session = bench.secure(link, &TlsWish::named(proof.host.as_deref()));
            bench.close(link);
            let session = session.map_err(|error| (ShortfallKind::Unreadable, error.to_string()))?;
            let Some(fingerprint) = session.fingerprint() else {
                return Err((ShortfallKind::Unreadable, "no certificate was shown".to_owned()));
            };
            let wanted = proof.value.trim().trim_start_matches("sha256:").replace(':', "").to_lowercase();
            Ok(Seen { agrees: fingerprint.hex() == wanted, text: fingerprint.to_string(), firmware: None })
        }
        Means::Banner => {
            let within = bench.wait();
            let tls = proof.tls.then(|| TlsWish::named(proof.host.as_deref()));
            let (max, quiet) = (4096, Duration::from_millis(300));
            let ask = Ask { to: proof.endpoint, tls, send: Bytes::default(), max, within, quiet };
            let answers = bench.ask(&[ask]);
            let Some(answer) = answers.first().filter(|a| !a.said.0.is_empty()) else {
                return Err((ShortfallKind::Silence, "nothing was said".to_owned()));
            };
            let text = answer.said.text();
            let firmware = firmware(proof, &text);
            Ok(Seen { agrees: text.contains(&proof.value), text: bounded(&text), firmware })
        }
    }
}

/// What stands in the place of the `*`, up to what follows it, or to the next space.
fn firmware(proof: &Proof, text: &str) -> Option<String> {
    let (before, after) = proof.firmware.as_deref()?.split_once('*')?;
    let rest = &text[text.find(before)? + before.len()..];
    let version = match after {
        "" => rest.split_whitespace().next()?,
        after => rest[..rest.find(after)?].trim(),
    };
    (!version.is_empty() && version.chars().count() <= 64).then(|| version.to_owned())
}

fn bounded(text: &str) -> String {
    text.chars().take(200).collect()
}

/// Reads a log.
pub fn interpret(log: &Log) -> Reading {
    let mut reading = Reading::default();
    for (proof, seen) in &log.seen {
        let means = proof.means.as_str().to_owned();
        match seen {
            Ok(seen) => {
                reading.coverage.push(Coverage {
                    of: "identity".into(),
                    endpoint: Some(proof.endpoint),
                    ports: Vec::new(),
                    text: format!("{means} at {}", proof.endpoint),
                });
                if proof.firmware.is_some() && seen.firmware.is_none() {
                    reading.shortfalls.push(Shortfall {
                        kind: ShortfallKind::Unreadable,
                        of: "identity".into(),
                        endpoint: Some(proof.endpoint),
                        text: format!("{means} at {}: the version of the firmware was not there", proof.endpoint),
                    });
                }
                let firmware = seen.firmware.clone();
                let (expected, seen, agrees) = (bounded(&proof.value), seen.text.clone(), seen.agrees);
                reading.facts.push(Fact::Identity { means, expected, seen, agrees, firmware });
            }
            Err((kind, why)) => reading.shortfalls.push(Shortfall {
                kind: *kind,
                of: "identity".into(),
                endpoint: Some(proof.endpoint),
                text: format!("{means} at {}: {why}", proof.endpoint),
            }),
        }
    }
    reading
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::ScriptedBench;

    fn proof(means: Means, port: u16, value: &str) -> Proof {
        let endpoint = Endpoint::tcp("192.0.2.7".parse().unwrap(), port);
        Proof {
            means,
            endpoint,
            tls: means == Means::TlsCertificate,
            host: None,
            path: None,
            value: value.to_owned(),
            firmware: None,
        }
    }

    #[test]
    fn the_version_of_the_firmware_is_what_stands_in_its_place() {
        let read = |around: &str, text: &str| {
            let proof = Proof { firmware: Some(around.to_owned()), ..proof(Means::HttpText, 80, "") };
            firmware(&proof, text)
        };
        let page = "<b>x</b> <softwareVersion> 1.4.2 </softwareVersion> fw 2.0-a\r\nend fw=";
        assert_eq!(read("<softwareVersion>*</softwareVersion>", page).unwrap(), "1.4.2");
        assert_eq!(read("fw *", page).unwrap(), "2.0-a");
        for none in ["fw=*", "firmware *", "<b>*</c>", "<b>", "<softwareVersion>*</b>"] {
            assert_eq!(read(none, page), None, "{none}");
        }
    }

    #[test]
    fn a_version_that_is_not_where_it_was_said_to_be_is_a_shortfall() {
        let page = |h: &[u8]| {
            (!h.is_empty()).then(|| b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nLPC-1 v1.4.2".to_vec())
        };
        let mut bench = ScriptedBench::refusing().answering(80, page);
        let mut read = |around: &str| {
            let proof = Proof { firmware: Some(around.to_owned()), ..proof(Means::HttpText, 80, "LPC-1") };
            interpret(&gather(&Parameters { proofs: vec![proof] }, &mut bench))
        };
        let found = read("LPC-1 v*");
        assert!(found.shortfalls.is_empty());
        assert!(matches!(&found.facts[..], [Fact::Identity { firmware: Some(v), .. }] if v == "1.4.2"));
        let missing = read("version *");
        assert_eq!(missing.shortfalls.len(), 1);
        assert!(matches!(&missing.facts[..], [Fact::Identity { firmware: None, .. }]));
    }

    fn agrees(proof: Proof, bench: &mut ScriptedBench) -> Option<bool> {
        let reading = interpret(&gather(&Parameters { proofs: vec![proof] }, bench));
        reading.facts.iter().find_map(|f| if let Fact::Identity { agrees, .. } = f { Some(*agrees) } else { None })
    }

    #[test]
    fn a_page_that_names_the_model_proves_it_and_another_does_not() {
        let page =
            |h: &[u8]| (!h.is_empty()).then(|| b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nLPC-1".to_vec());
        let mut bench = ScriptedBench::refusing().answering(80, page);
        assert_eq!(agrees(proof(Means::HttpText, 80, "LPC-1"), &mut bench), Some(true));
        assert_eq!(agrees(proof(Means::HttpText, 80, "LPC-2"), &mut bench), Some(false));
    }

    #[test]
    fn a_certificate_is_told_by_its_fingerprint() {
        let mut bench = ScriptedBench::refusing().answering(443, |_| None).inside_tls(443, b"der");
        let digest = model::Digest::of(b"der").to_string();
        assert_eq!(agrees(proof(Means::TlsCertificate, 443, &digest), &mut bench), Some(true));
        assert_eq!(agrees(proof(Means::TlsCertificate, 443, "sha256:00"), &mut bench), Some(false));
    }

    #[test]
    fn silence_proves_nothing() {
        let mut bench = ScriptedBench::refusing().answering(22, |_| None);
        assert_eq!(agrees(proof(Means::Banner, 22, "SSH"), &mut bench), None);
    }
}
