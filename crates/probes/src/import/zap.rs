//! What ZAP alerted, from its traditional report as JSON or XML: what answers give away, and input that took effect.
//!
//! A report lists alerts, not what was looked at, so that it covers nothing. An attack counts as one that took effect
//! where ZAP is sure (`confidence` 3 or 4) and shows its evidence; any other is for a person. Alerts of other kinds are
//! counted and not read.

use std::collections::BTreeMap;
use std::io::Read;

use model::{Endpoint, Fact, Period, ShortfallKind, Timestamp, Touches, private};
use serde::Deserialize as _;
use serde_json::Value;
use wire::text::visible_str;
use wire::xml::{self, Element};

use super::about::Book;
use super::json::{self, list, text};
use super::{About, ImportError, Imported, Importer, whole};
use crate::giveaway::Giveaway;
use crate::{Card, Need};

/// The card.
pub const CARD: Card = Card {
    id: "import.zap",
    revision: 1,
    asks: "What did ZAP find given away, and which of its attacks took effect, at this address?",
    yields: &["disclosure", "input"],
    touches: Touches::Nothing,
    needs: &[Need::File],
};

/// The importer.
pub const IMPORTER: Importer = Importer {
    card: &CARD,
    format: "zap",
    reads: "traditional JSON or XML report of ZAP",
    level: model::Level::Imported,
    per_address: true,
    sniff: |begins| {
        let text = String::from_utf8_lossy(begins);
        text.contains("<OWASPZAPReport") || (text.contains("\"site\"") && text.contains("\"@version\""))
    },
    interpret,
};

const MOST: u64 = 64 << 20;
const OF: &str = "zap-alerts";
/// Rules whose evidence is a text that the answer gives away, with its kind.
const GIVEN_AWAY: [(&str, &str); 6] = [
    ("10009", "version"),
    ("10023", "internals"),
    ("10036", "version"),
    ("10037", "product"),
    ("10061", "version"),
    ("90022", "internals"),
];
/// Rules that attack, with what was wrong with the input.
const ATTACKS: [(&str, &str); 11] = [
    ("6", "path-traversal"),
    ("7", "remote-file-inclusion"),
    ("40008", "parameter-tampering"),
    ("40009", "server-side-include"),
    ("40012", "script-injection"),
    ("40014", "script-injection"),
    ("40018", "sql-injection"),
    ("90019", "code-injection"),
    ("90020", "command-injection"),
    ("90023", "xml-entity"),
    ("90035", "template-injection"),
];

/// One place of an alert.
#[derive(Default)]
struct Alert {
    rule: String,
    name: String,
    confidence: String,
    uri: String,
    method: String,
    parameter: String,
    evidence: String,
}

fn interpret(file: &mut dyn Read, parameters: &Value) -> Result<Imported, ImportError> {
    let about = About::deserialize(parameters)?;
    let bytes = whole(file, IMPORTER.format, MOST)?;
    let not_this = |why: &str| ImportError::NotThis { format: IMPORTER.format, why: why.to_owned() };
    let is_xml = bytes.iter().find(|byte| !byte.is_ascii_whitespace() && **byte < 0x80) == Some(&b'<');
    let mut book = Book::new(&about);
    let (alerts, version, created, broken) = match is_xml {
        true => {
            let document = xml::read(&bytes);
            let root = document.root.filter(|root| root.name == "OWASPZAPReport");
            let root = root.ok_or_else(|| not_this("it has no `OWASPZAPReport`"))?;
            let word = |name: &str| root.attribute(name).unwrap_or_default().to_owned();
            (of_xml(&root, &mut book), word("version"), word("created"), document.broken)
        }
        false => {
            let (value, broken) = json::read(&bytes);
            let root =
                value.filter(|root| root.get("site").is_some()).ok_or_else(|| not_this("it has no `site`"))?;
            let (version, created) = (text(&root, "@version").to_owned(), text(&root, "created").to_owned());
            (of_json(&root, &mut book), version, created, broken)
        }
    };
    if let Some(why) = broken {
        let text = format!("the file breaks off: {}", visible_str(&why, 200));
        book.short(ShortfallKind::Unreadable, OF, None, text);
    }
    let mut others: BTreeMap<String, u64> = BTreeMap::new();
    for alert in &alerts {
        if !read_alert(alert, &mut book) {
            *others.entry(visible_str(&alert.name, 80)).or_default() += 1;
        }
    }
    if !others.is_empty() {
        let named: Vec<String> = others.iter().take(20).map(|(name, n)| format!("{name} ({n})")).collect();
        let more = others.len().saturating_sub(20);
        let more = if more == 0 { String::new() } else { format!(", and {more} kinds more") };
        let text = format!("alerts that are not read: {}{more}", named.join(", "));
        book.short(ShortfallKind::Unsupported, OF, None, text);
    }
    let made = Timestamp::parse(&created).ok();
    Ok(Imported {
        tool: Some("ZAP".to_owned()),
        version: Some(visible_str(&version, 40)).filter(|version| !version.is_empty()),
        measured: made.map(Period::moment),
        ..book.finish()
    })
}

fn of_json(root: &Value, book: &mut Book<'_>) -> Vec<Alert> {
    let mut alerts = Vec::new();
    for site in list(root, "site") {
        if book.address(host(text(site, "@name"), text(site, "@host"))).is_none() {
            continue;
        }
        for alert in list(site, "alerts") {
            for one in list(alert, "instances") {
                alerts.push(Alert {
                    rule: text(alert, "pluginid").to_owned(),
                    name: first(text(alert, "alert"), text(alert, "name")).to_owned(),
                    confidence: text(alert, "confidence").to_owned(),
                    uri: text(one, "uri").to_owned(),
                    method: text(one, "method").to_owned(),
                    parameter: text(one, "param").to_owned(),
                    evidence: text(one, "evidence").to_owned(),
                });
            }
        }
    }
    alerts
}

fn of_xml(root: &Element, book: &mut Book<'_>) -> Vec<Alert> {
    let mut alerts = Vec::new();
    for site in root.all("site") {
        let word = |name: &str| site.attribute(name).unwrap_or_default();
        if book.address(host(word("name"), word("host"))).is_none() {
            continue;
        }
        for alert in site.all("alerts").flat_map(|alerts| alerts.all("alertitem")) {
            for one in alert.all("instances").flat_map(|instances| instances.all("instance")) {
                alerts.push(Alert {
                    rule: alert.text_of("pluginid").to_owned(),
                    name: first(alert.text_of("alert"), alert.text_of("name")).to_owned(),
                    confidence: alert.text_of("confidence").to_owned(),
                    uri: one.text_of("uri").to_owned(),
                    method: one.text_of("method").to_owned(),
                    parameter: one.text_of("param").to_owned(),
                    evidence: one.text_of("evidence").to_owned(),
                });
            }
        }
    }
    alerts
}

fn first<'t>(one: &'t str, other: &'t str) -> &'t str {
    if one.is_empty() { other } else { one }
}

/// The host of a site: as named apart, or in its address.
fn host<'t>(name: &'t str, apart: &'t str) -> &'t str {
    if !apart.is_empty() {
        return apart;
    }
    split(name).map_or(name, |(host, ..)| host)
}

/// Host, port and path of an address.
fn split(uri: &str) -> Option<(&str, u16, &str)> {
    let (scheme, rest) = uri.split_once("://")?;
    let usual = match scheme {
        "http" | "ws" => 80,
        "https" | "wss" => 443,
        _ => return None,
    };
    let (authority, path) = rest.find(['/', '?', '#']).map_or((rest, "/"), |at| rest.split_at(at));
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => Some((host, port.parse().ok()?, path)),
        _ => Some((authority, usual, path)),
    }
}

/// Reads one place of an alert; false where alerts of its kind are not read.
fn read_alert(alert: &Alert, book: &mut Book<'_>) -> bool {
    let given = GIVEN_AWAY.iter().find(|(rule, _)| *rule == alert.rule).map(|(_, kind)| *kind);
    let attack = ATTACKS.iter().find(|(rule, _)| *rule == alert.rule).map(|(_, violation)| *violation);
    if given.is_none() && attack.is_none() {
        return false;
    }
    let Some((host, port, path)) = split(&alert.uri) else {
        let text = format!("{}: `{}` is no address", visible_str(&alert.name, 80), visible_str(&alert.uri, 100));
        book.short(ShortfallKind::Unreadable, OF, None, text);
        return true;
    };
    let Some(address) = book.address(host) else { return true };
    let endpoint = Endpoint::tcp(address, port);
    let path = visible_str(path, 300);
    let sure = matches!(alert.confidence.as_str(), "3" | "4") && !alert.evidence.is_empty();
    match (given, attack) {
        (Some(kind), _) if !alert.evidence.is_empty() && alert.confidence != "0" => {
            let Giveaway { kind, excerpt } = match kind {
                "internals" => Giveaway::of_content(kind, &alert.evidence),
                _ => Giveaway::new(kind, &alert.evidence),
            };
            book.fact(Fact::Disclosure { endpoint, kind, source: path, excerpt });
        }
        (_, Some(violation)) if sure => {
            let place = visible_str(&alert.parameter, 100);
            let method = visible_str(&alert.method, 20);
            let told_by = format!(
                "ZAP, {}: {}",
                visible_str(&alert.name, 80),
                private("excerpt", &visible_str(&alert.evidence, 120))
            );
            let target = format!("{method} {path} {place}").trim().to_owned();
            let (violation, result) = (violation.to_owned(), "effect".to_owned());
            book.fact(Fact::Input { endpoint, target, violation, result, told_by, reproduction: String::new() });
        }
        _ => {
            let text = format!(
                "{endpoint}: ZAP is not sure of `{}` at {path} (confidence {})",
                visible_str(&alert.name, 80),
                visible_str(&alert.confidence, 10),
            );
            book.short(ShortfallKind::Unsupported, OF, Some(endpoint), text);
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(confidence: &str) -> String {
        serde_json::json!({
            "@programName": "ZAP", "@version": "2.16.1", "@generated": "Mon, 30 Nov 2026 15:00:00",
            "created": "2026-11-30T15:00:00.5Z",
            "site": [{"@name": "http://192.0.2.7:8080", "@host": "192.0.2.7", "@port": "8080", "@ssl": "false", "alerts": [
                {"pluginid": "10036", "alert": "Server Leaks Version", "riskcode": "1", "confidence": "3",
                 "instances": [{"uri": "http://192.0.2.7:8080/", "method": "GET", "param": "", "attack": "",
                                "evidence": "plug/1.2"}]},
                {"pluginid": "90020", "alert": "Remote OS Command Injection", "riskcode": "3", "confidence": confidence,
                 "instances": [{"uri": "http://192.0.2.7:8080/ping?host=x", "method": "GET", "param": "host",
                                "attack": "x;cat /etc/passwd", "evidence": "root:x:0:0"}]},
                {"pluginid": "10038", "alert": "CSP Header Not Set", "riskcode": "2", "confidence": "3",
                 "instances": [{"uri": "http://192.0.2.7:8080/", "method": "GET"}]}]},
                {"@name": "https://other.example", "@host": "other.example", "@port": "443", "alerts": []}],
        })
        .to_string()
    }

    const XML: &str = r#"<?xml version="1.0"?><OWASPZAPReport version="2.14.0" generated="Mon, 30 Nov 2026 15:00:00">
<site name="http://192.0.2.7:8080" host="192.0.2.7" port="8080" ssl="false"><alerts><alertitem>
<pluginid>10036</pluginid><alert>Server Leaks Version</alert><riskcode>1</riskcode><confidence>3</confidence>
<instances><instance><uri>http://192.0.2.7:8080/</uri><method>GET</method><param></param><evidence>plug/1.2</evidence>
</instance></instances></alertitem></alerts></site></OWASPZAPReport>"#;

    fn read(text: &str) -> Imported {
        interpret(&mut text.as_bytes(), &serde_json::json!({"address": "192.0.2.7"})).unwrap()
    }

    #[test]
    fn what_is_given_away_and_attacks_that_surely_took_effect_are_facts() {
        let imported = read(&report("3"));
        assert_eq!(
            (imported.version.as_deref(), imported.elsewhere.as_slice()),
            (Some("2.16.1"), &["other.example".to_owned()][..])
        );
        assert_eq!(imported.measured.unwrap().to_string(), "2026-11-30T15:00:00.500Z");
        let facts = &imported.reading.facts;
        assert!(
            matches!(&facts[0], Fact::Disclosure { kind, excerpt, .. } if kind == "version" && excerpt == "plug/1.2")
        );
        assert!(matches!(&facts[1], Fact::Input { violation, result, target, .. }
            if violation == "command-injection" && result == "effect" && target == "GET /ping?host=x host"));
        assert_eq!(facts.len(), 2);
        assert!(imported.reading.shortfalls.iter().any(|s| s.text.contains("CSP Header Not Set (1)")));
        assert!(imported.reading.coverage.is_empty());
    }

    #[test]
    fn an_attack_that_zap_is_not_sure_of_is_for_a_person() {
        for confidence in ["0", "1", "2", "", "high"] {
            let imported = read(&report(confidence));
            assert!(!imported.reading.facts.iter().any(|fact| matches!(fact, Fact::Input { .. })), "{confidence}");
            assert!(
                imported.reading.shortfalls.iter().any(|s| s.text.contains("ZAP is not sure")),
                "{confidence}"
            );
        }
    }

    #[test]
    fn the_xml_report_says_the_same() {
        let imported = read(XML);
        assert!(matches!(&imported.reading.facts[0], Fact::Disclosure { kind, .. } if kind == "version"));
        assert_eq!((imported.version.as_deref(), imported.measured), (Some("2.14.0"), None));
    }
}
