//! What a text from the product gives away without a credential: addresses, numbers, names, keys.
//!
//! Patterns and the operator's known values only; whether giving it away is right is not asked here. What is secret or
//! somebody's own leaves this file as private.

use std::collections::BTreeMap;

use model::private;
use serde_json::Value;
use wire::text::visible_str;

/// Values of this very unit, by kind: `serial`, `mac`, `ssid`, `model`. The operator supplies them, so that they are
/// recognised in any disguise.
pub type Known = BTreeMap<String, String>;

/// Bytes of a text that are searched.
const MOST_TEXT: usize = 512 * 1024;
/// Giveaways kept of one text.
const MOST_FOUND: usize = 40;
const EXCERPT: usize = 120;
/// Characters kept of a secret: a private key has its full length.
const SECRET: usize = 8192;
/// User names that name a role, not a person.
const ROLES: [&str; 16] = [
    "admin",
    "administrator",
    "anonymous",
    "default",
    "guest",
    "installer",
    "manager",
    "operator",
    "owner",
    "root",
    "service",
    "supervisor",
    "support",
    "system",
    "test",
    "user",
];

/// One thing given away.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Giveaway {
    /// `manufacturer`, `model`, `serial`, `mac`, `version`, `build`, `product`, `ssid`, `user-name`, `key`, `configuration`,
    /// `credential`, `internals`, `api-description`.
    pub kind: String,
    /// The text, bounded; private where it is secret or somebody's own.
    pub excerpt: String,
}

impl Giveaway {
    /// Of a kind, with its text.
    pub fn new(kind: &str, text: &str) -> Self {
        let text = text.trim();
        let is_role = ROLES.contains(&text.to_lowercase().as_str());
        let excerpt = match kind {
            "key" | "credential" => private(kind, &visible_str(text, SECRET)),
            "ssid" => private(kind, &visible_str(text, EXCERPT)),
            "user-name" if !is_role => private(kind, &visible_str(text, EXCERPT)),
            _ => visible_str(text, EXCERPT),
        };
        Self { kind: kind.to_owned(), excerpt }
    }

    /// Of a kind, with what was read of the product's data: its text is private whatever it says.
    pub fn of_content(kind: &str, content: &str) -> Self {
        Self { kind: kind.to_owned(), excerpt: private("excerpt", &visible_str(content.trim(), EXCERPT)) }
    }

    /// Internals: the words that betray them, and what stands behind them as private.
    fn internals(mark: &str, line: &str) -> Self {
        let rest = visible_str(line.trim_end().strip_prefix(mark).unwrap_or_default(), EXCERPT);
        let rest = if rest.is_empty() { rest } else { private("excerpt", &rest) };
        Self { kind: "internals".to_owned(), excerpt: format!("{}{rest}", visible_str(mark, EXCERPT)) }
    }
}

/// Everything found in a text, each thing once.
pub fn in_text(text: &str, known: &Known) -> Vec<Giveaway> {
    let text = &text[..text.floor_char_boundary(MOST_TEXT)];
    let mut found = Vec::new();
    known_values(text, known, &mut found);
    for mac in hardware_addresses(text) {
        found.push(Giveaway::new("mac", mac));
    }
    for block in blocks(text, "-----BEGIN ", "-----END ").filter(|block| block.contains("PRIVATE KEY")) {
        found.push(Giveaway::new("key", block));
    }
    for mark in INTERNALS {
        if let Some(at) = text.find(mark) {
            let line = text[at..].lines().next().unwrap_or_default();
            found.push(Giveaway::internals(mark, line));
        }
    }
    match serde_json::from_str::<Value>(text.trim()) {
        Ok(value) => in_json(&value, 0, &mut found),
        // Pages hold scripts and forms full of such words without a value behind them.
        Err(_) if text.trim_start().starts_with('<') => in_elements(text, &mut found),
        Err(_) => in_lines(text, &mut found),
    }
    found.sort();
    found.dedup();
    // A value known to the operator is told once, under its name.
    found.truncate(MOST_FOUND);
    found
}

/// Words by which frameworks betray their insides.
const INTERNALS: &[&str] = &[
    "Traceback (most recent call last)",
    "Exception in thread ",
    "Stack trace:",
    "stack traceback:",
    "panicked at ",
    "Segmentation fault",
    "Fatal error: ",
    "java.lang.",
    "SQLITE_ERROR",
    "SQL syntax",
    "root:x:0:0:",
];

fn known_values(text: &str, known: &Known, found: &mut Vec<Giveaway>) {
    let lower = text.to_lowercase();
    let without_marks = |text: &str| text.replace([':', '-', '.', ' '], "");
    for (kind, value) in known {
        let wanted = value.trim().to_lowercase();
        let is_there = match kind.as_str() {
            "mac" => {
                let wanted = without_marks(&wanted);
                wanted.len() >= 6 && without_marks(&lower).contains(&wanted)
            }
            _ => wanted.len() >= 3 && lower.contains(&wanted),
        };
        if is_there {
            found.push(Giveaway::new(kind, value));
        }
    }
}

/// Six pairs of hexadecimal digits with the same mark between them.
fn hardware_addresses(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let mut found: Vec<&str> = Vec::new();
    let mut at = 0;
    while at + 17 <= bytes.len() {
        let mark = bytes[at + 2];
        let fits = matches!(mark, b':' | b'-')
            && bytes[at..at + 17].iter().enumerate().all(|(place, byte)| match place % 3 {
                2 => *byte == mark,
                _ => byte.is_ascii_hexdigit(),
            });
        let is_part = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_hexdigit() || *byte == mark);
        if fits && !is_part(at.checked_sub(1).and_then(|before| bytes.get(before))) && !is_part(bytes.get(at + 17))
        {
            let address = &text[at..at + 17];
            let is_empty = address.bytes().all(|byte| matches!(byte, b'0' | b':' | b'-'))
                || address.bytes().all(|byte| matches!(byte, b'f' | b'F' | b':' | b'-'));
            if !is_empty && !found.contains(&address) {
                found.push(address);
            }
            at += 17;
        } else {
            at += 1;
        }
    }
    found.truncate(MOST_FOUND);
    found
}

fn blocks<'a>(text: &'a str, begin: &'a str, end: &'a str) -> impl Iterator<Item = &'a str> {
    text.match_indices(begin).take(MOST_FOUND).filter_map(move |(at, _)| {
        let behind = &text[at..];
        behind.find(end).map(|length| &behind[..length])
    })
}

fn in_json(value: &Value, depth: usize, found: &mut Vec<Giveaway>) {
    if depth > 16 || found.len() > 200 {
        return;
    }
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(text) => named(name, text, found),
                    Value::Number(number) => named(name, &number.to_string(), found),
                    other => in_json(other, depth + 1, found),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| in_json(value, depth + 1, found)),
        _ => {}
    }
}

/// `<name>value</name>`, without children.
fn in_elements(text: &str, found: &mut Vec<Giveaway>) {
    for (at, _) in text.match_indices("</").take(5000) {
        let Some(name) = text[at + 2..].split('>').next().filter(|name| name.len() < 40) else { continue };
        let before = &text[..at];
        let Some(start) = before.rfind('<') else { continue };
        let opening = &before[start + 1..];
        if let Some((tag, value)) = opening.split_once('>')
            && tag.split_whitespace().next() == Some(name)
        {
            named(name, value, found);
        }
    }
}

/// `name = value` and `name: value`.
fn in_lines(text: &str, found: &mut Vec<Giveaway>) {
    for line in text.lines().take(5000) {
        let Some((name, value)) = line.split_once(['=', ':']) else { continue };
        let name = name.trim().trim_matches(['"', '\'']).rsplit([' ', '.', '/']).next().unwrap_or_default();
        named(name, value.trim().trim_matches(['"', '\'', ',', ';']), found);
    }
}

fn named(name: &str, value: &str, found: &mut Vec<Giveaway>) {
    let value = value.trim();
    let masked = value.chars().all(|character| matches!(character, '*' | '•' | 'x' | 'X' | '.'));
    if value.is_empty() || value.len() > 200 || masked || matches!(value, "null" | "none" | "true" | "false") {
        return;
    }
    let name: String = name.to_lowercase().chars().filter(|character| character.is_alphanumeric()).collect();
    if let Some(kind) = kind_of(&name) {
        found.push(Giveaway::new(kind, value));
    }
}

fn kind_of(name: &str) -> Option<&'static str> {
    let ends = |words: &[&str]| words.iter().any(|word| name.ends_with(word));
    Some(match name {
        _ if ends(&["password", "passwd", "passphrase", "psk", "wifikey", "wpakey", "adminpass", "pwd"]) => {
            "credential"
        }
        _ if ends(&["apikey", "secret", "privatekey", "accesstoken", "authtoken", "sharedkey"]) => "key",
        _ if ends(&["serial", "serialnumber", "serialno", "deviceid"]) || name == "sn" => "serial",
        _ if ends(&["macaddress", "mac", "hwaddr", "ethaddr"]) => "mac",
        _ if ends(&["ssid"]) => "ssid",
        _ if ends(&["username", "adminuser"]) => "user-name",
        _ if ends(&["modelname", "model", "modelnumber"]) => "model",
        _ if ends(&["manufacturer", "vendor"]) => "manufacturer",
        _ if ends(&["buildnumber", "buildno", "buildid", "builddate", "buildtime"])
            || matches!(name, "build" | "fwbuild" | "swbuild" | "firmwarebuild" | "softwarebuild") =>
        {
            "build"
        }
        _ if ends(&["firmware", "fwversion", "firmwareversion", "swversion", "softwareversion"])
            || matches!(name, "version" | "fw") =>
        {
            "version"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let known = Known::from([
            ("serial".to_owned(), "SN-0042".to_owned()),
            ("mac".to_owned(), "02:00:5e:00:53:07".to_owned()),
        ]);
        in_text(text, &known).into_iter().map(|one| format!("{} {}", one.kind, one.excerpt)).collect()
    }

    #[test]
    fn json_gives_away_what_its_names_say() {
        let text = r#"{"status":{"model":"Plug","fw_version":"1.2","wifi":{"ssid":"home","on":true}},"uptime":7}"#;
        assert_eq!(told(text), ["model Plug", &format!("ssid {}", private("ssid", "home")), "version 1.2"]);
    }

    #[test]
    fn what_is_secret_or_somebodys_own_is_private_and_a_role_is_not() {
        let text = "admin_password = hunter2\nwpa_psk=*****\nssid=home\nusername=anna\nadmin_user=admin\n";
        assert_eq!(
            told(text),
            [
                format!("credential {}", private("credential", "hunter2")),
                format!("ssid {}", private("ssid", "home")),
                "user-name admin".to_owned(),
                format!("user-name {}", private("user-name", "anna")),
            ]
        );
    }

    #[test]
    fn a_build_is_told_apart_from_a_version() {
        let text = "version = 1.4.2\nbuild_date = 2026-05-01\nfw.build: 4711\nrebuild = yes\n";
        assert_eq!(told(text), ["build 2026-05-01", "build 4711", "version 1.4.2"]);
        assert_eq!(told("{\"buildNumber\": 88}"), ["build 88"]);
    }

    #[test]
    fn known_values_are_found_in_any_spelling() {
        assert_eq!(told("unit sn-0042 at 02005E005307"), ["mac 02:00:5e:00:53:07", "serial SN-0042"]);
    }

    #[test]
    fn hardware_addresses_are_told_from_other_hexadecimal_text() {
        assert_eq!(told("a 02:00:5e:00:53:01, b 00:00:00:00:00:00"), ["mac 02:00:5e:00:53:01"]);
        assert!(told("fingerprint 02:00:5e:00:53:01:aa:bb").is_empty());
        assert!(told("2026-01-31 12:00:00").is_empty());
    }

    #[test]
    fn a_login_page_gives_nothing_away() {
        let page = "<html><form>Password: <input type=password name=password></form>\
                    <script>var password = document.x;</script></html>";
        assert_eq!(told(page), Vec::<String>::new());
    }

    #[test]
    fn a_device_description_and_a_private_key_are_seen() {
        let xml = "<root><device><modelName>Plug</modelName><serialNumber>77</serialNumber></device></root>";
        assert_eq!(told(xml), ["model Plug", "serial 77"]);
        let pem = "-----BEGIN EC PRIVATE KEY-----\nMHc\n-----END EC PRIVATE KEY-----";
        assert_eq!(model::pieces(&told(pem)[0]).len(), 2);
        assert!(model::in_clear(&told(pem)[0]).starts_with("key -----BEGIN EC PRIVATE KEY-----\\nMHc"));
    }

    #[test]
    fn a_stack_trace_is_internals() {
        let found = told("SQL syntax near 'anna'\n x");
        assert_eq!(found, [format!("internals SQL syntax{}", private("excerpt", " near 'anna'"))]);
        assert_eq!(model::in_clear(&found[0]), "internals SQL syntax near 'anna'");
    }

    #[test]
    fn no_text_makes_the_search_panic() {
        for text in
            ["", "<", "</", "é</é", "a=", "::::::::::::::::::::", "-----BEGIN PRIVATE KEY", "<a></", "é:é-é"]
        {
            told(text);
        }
    }
}
