//! What a TLS server offers, asked by `tls.server-offer` and by sslscan and testssl.sh: time, at no less knowledge.
//!
//! The server is `openssl s_server` with every version and suite it still has. The peers are told to leave out what is
//! not compared (vulnerabilities, renegotiation, compression), so that they too look at versions, suites and groups only.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::lab::{Lab, Probe, attribute, facts, measured, median, nothing_missed, peer};
use super::{Bench, Bound, Peer, Row};

pub(super) const SSLSCAN: Bench = Bench { name: "tls-sslscan", measure: against_sslscan };
pub(super) const TESTSSL: Bench = Bench { name: "tls-testssl", measure: against_testssl };

/// A version, as we name it, and a suite number.
type Offer = BTreeSet<(String, u16)>;

fn against_sslscan(root: &Path) -> Result<Row, String> {
    let lab = Lab::start(root, "tls")?;
    let (offer, ours) = our_offer(root, &lab)?;
    let arguments = [
        "--no-failed",
        "--no-colour",
        "--no-heartbleed",
        "--no-compression",
        "--no-renegotiation",
        "--no-fallback",
        "--show-cipher-ids",
        "--xml=-",
    ];
    let target = format!("{}:{}", lab.address, lab.ports[0]);
    let mut theirs = Offer::new();
    let mut seconds = Vec::new();
    for _ in 0..3 {
        let mut command = peer("sslscan")?;
        let (text, time) = measured(command.args(arguments).arg(&target), Duration::from_secs(60))?;
        theirs.extend(text.lines().filter_map(sslscan_suite));
        seconds.push(time);
    }
    nothing_missed(&offer, &theirs, "sslscan")?;
    Ok(row(&offer, ours, &theirs, Peer { name: "sslscan".to_owned(), value: median(seconds) }, 1.0))
}

fn against_testssl(root: &Path) -> Result<Row, String> {
    let lab = Lab::start(root, "tls")?;
    let (offer, ours) = our_offer(root, &lab)?;
    let kept = crate::scratch(root).map_err(|error| error.to_string())?.join("testssl.json");
    // It does not write over a file.
    std::fs::remove_file(&kept).ok();
    let mut command = peer("testssl")?;
    command.args([
        "--quiet",
        "--warnings",
        "off",
        "--color",
        "0",
        "--protocols",
        "--cipher-per-proto",
        "--jsonfile",
    ]);
    command.arg(&kept).arg(format!("{}:{}", lab.address, lab.ports[0]));
    let (_, time) = measured(&mut command, Duration::from_secs(120))?;
    let text = std::fs::read_to_string(&kept).map_err(|error| error.to_string())?;
    let findings: Vec<Value> = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let theirs: Offer = findings.iter().filter_map(|finding| testssl_suite(finding["id"].as_str()?)).collect();
    nothing_missed(&offer, &theirs, "testssl.sh")?;
    Ok(row(&offer, ours, &theirs, Peer { name: "testssl.sh".to_owned(), value: time }, 1.0 / 20.0))
}

fn row(offer: &Offer, ours: f64, theirs: &Offer, peer: Peer, ratio: f64) -> Row {
    let what = format!("TLS offer, s ({} suites of all versions, {} by {})", offer.len(), theirs.len(), peer.name);
    Row { what, ours, peer: Some(peer), bound: Bound::RatioAtMost(ratio) }
}

/// Our reading and the median of the seconds of five runs; all have to see the same.
fn our_offer(root: &Path, lab: &Lab) -> Result<(Offer, f64), String> {
    let probe = Probe::built(root)?;
    let endpoint = json!({ "address": lab.address, "transport": "tcp", "port": lab.ports[0] });
    let parameters = json!({ "endpoints": [endpoint] });
    let mut seconds = Vec::new();
    let mut seen: Option<Offer> = None;
    for _ in 0..5 {
        let (reading, time) = probe.run("tls.server-offer", &parameters, &lab.address)?;
        if let Some(short) = reading["shortfalls"].as_array().and_then(|list| list.first()) {
            return Err(format!("our own look fell short: {short}"));
        }
        let offer: Offer = facts(&reading, "tls-suite").filter_map(our_suite).collect();
        if seen.as_ref().is_some_and(|seen| *seen != offer) {
            return Err("two looks of ours saw different offers".to_owned());
        }
        seen = Some(offer);
        seconds.push(time);
    }
    Ok((seen.unwrap_or_default(), median(seconds)))
}

fn our_suite(fact: &Value) -> Option<(String, u16)> {
    Some((fact["version"].as_str()?.to_owned(), u16::try_from(fact["id"].as_u64()?).ok()?))
}

/// `<cipher status="accepted" sslversion="TLSv1.2" … id="0xC02F" …/>`.
fn sslscan_suite(line: &str) -> Option<(String, u16)> {
    let line = line.trim();
    let version = attribute(line.strip_prefix("<cipher")?, "sslversion")?;
    let id = u16::from_str_radix(attribute(line, "id")?.strip_prefix("0x")?, 16).ok()?;
    Some((version.replace("TLSv", "tls-").replace("SSLv", "ssl-"), id))
}

/// `cipher-tls1_2_xc02f`; TLS 1.0 is `tls1` and SSL 3.0 `ssl3`.
fn testssl_suite(id: &str) -> Option<(String, u16)> {
    let (version, number) = id.strip_prefix("cipher-")?.rsplit_once("_x")?;
    let version = match version {
        "ssl3" => "ssl-3.0",
        "tls1" => "tls-1.0",
        "tls1_1" => "tls-1.1",
        "tls1_2" => "tls-1.2",
        "tls1_3" => "tls-1.3",
        _ => return None,
    };
    Some((version.to_owned(), u16::from_str_radix(number, 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suite_is_the_same_one_in_every_tool() {
        let expected = Some(("tls-1.0".to_owned(), 0x39));
        let line = r#"  <cipher status="accepted" sslversion="TLSv1.0" bits="256" cipher="X" id="0x0039" />"#;
        assert_eq!(sslscan_suite(line), expected);
        assert_eq!(testssl_suite("cipher-tls1_x39"), expected);
        assert_eq!(our_suite(&json!({ "version": "tls-1.0", "id": 57 })), expected);
        assert_eq!(testssl_suite("SSLv2"), None);
        assert_eq!(sslscan_suite("<group sslversion=\"TLSv1.3\" id=\"0x001d\" />"), None);
    }
}
