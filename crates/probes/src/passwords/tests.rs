use md5::{Digest as _, Md5};

use super::*;

/// Numbers without a pattern, the same in every run.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn text(&mut self, alphabet: &str, length: usize) -> String {
        let all: Vec<char> = alphabet.chars().collect();
        (0..length).map(|_| all[(self.next() >> 33) as usize % all.len()]).collect()
    }
}

const READABLE: &str = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

fn unit(number: usize) -> (String, String) {
    (
        format!("LPC1-{:08}", 61_443_124 + number),
        format!("02:00:5e:{:02x}:{:02x}:{:02x}", number >> 16 & 255, number >> 8 & 255, number & 255),
    )
}

fn audited(rows: usize, value: impl Fn(usize, &str, &str) -> String) -> Audit {
    let mut text = "serial,mac,password\n".to_owned();
    for number in 0..rows {
        let (serial, mac) = unit(number * 7 + 3);
        text.push_str(&format!("{serial},{mac},{}\n", value(number, &serial, &mac)));
    }
    audit(&read(text.as_bytes(), None).unwrap(), &["pepper".to_owned()])
}

fn kinds(audit: &Audit) -> Vec<(&'static str, usize)> {
    audit.findings.iter().map(|finding| (finding.kind, finding.count)).collect()
}

fn random(length: usize) -> Vec<String> {
    let mut chance = Chance(88_172_645_463_325_252);
    (0..500).map(|_| chance.text(READABLE, length)).collect()
}

#[test]
fn random_values_show_nothing_long_or_short() {
    let values = random(12);
    let audit = audited(500, |number, _, _| values[number].clone());
    assert_eq!(audit.findings, []);
    assert!((55.0..=60.0).contains(&audit.bits_at_most) && audit.length == (12, 12) && audit.alphabet == 32);
    let mut chance = Chance(7);
    let pins: Vec<String> = (0..500).map(|_| chance.text("0123456789", 8)).collect();
    let kinds = kinds(&audited(500, |number, _, _| pins[number].clone()));
    assert_eq!(kinds, []);
}

#[test]
fn each_way_of_deriving_is_found_and_named() {
    let bare = |text: &str| text.replace([':', '-'], "");
    type Way<'w> = (&'w str, Box<dyn Fn(usize, &str, &str) -> String>);
    let ways: Vec<Way<'_>> = vec![
        ("a part of serial", Box::new(|_, serial, _| serial[5..].to_owned())),
        ("a value that holds", Box::new(move |_, _, mac| format!("Plug{}", &bare(mac)[6..].to_uppercase()))),
        ("reversed", Box::new(|_, serial, _| serial[5..].chars().rev().collect())),
        ("MD5 of mac, as hexadecimal", Box::new(|_, _, mac| hex::encode(Md5::digest(mac))[..10].to_uppercase())),
        (
            "MD5 of mac in capitals",
            Box::new(move |_, _, mac| hex::encode(Md5::digest(bare(mac).to_uppercase()))[3..13].to_owned()),
        ),
        (
            "SHA-256 of serial",
            Box::new(|_, serial, _| {
                let digest = <sha2::Sha256 as sha2::Digest>::digest(serial);
                wire::base64::encode_unpadded(&digest)[..12].to_owned()
            }),
        ),
        (
            "behind a given salt",
            Box::new(|_, serial, _| hex::encode(Md5::digest(format!("pepper{serial}")))[..8].to_owned()),
        ),
        (
            "serial and mac",
            Box::new(|_, serial, mac| hex::encode(Md5::digest(format!("{serial}{mac}")))[..12].to_owned()),
        ),
        ("CRC-32 of mac", Box::new(|_, _, mac| hex::encode(digests::FUNCTIONS[2].1(mac.as_bytes())))),
        (
            "plus a constant",
            Box::new(|_, serial, _| (serial[5..].parse::<u64>().unwrap() + 12_345_678).to_string()),
        ),
    ];
    for (expected, way) in ways {
        let audit = audited(100, way);
        let first = audit.findings.iter().find(|finding| finding.kind == "derivation");
        let first = first.unwrap_or_else(|| panic!("{expected}: {:?}", audit.findings));
        assert!(first.text.contains(expected), "{expected}: {}", first.text);
        assert!(first.count >= 95, "{expected}: {}", first.count);
    }
}

#[test]
fn a_derivation_in_a_tenth_of_the_rows_is_found() {
    let values = random(10);
    let audit = audited(500, |number, serial, _| match number % 10 {
        0 => hex::encode(Md5::digest(serial))[..10].to_owned(),
        _ => values[number].clone(),
    });
    assert_eq!(kinds(&audit), [("derivation", 50)]);
    assert_eq!(audit.findings[0].rows[..2], [1, 11]);
}

#[test]
fn duplicates_counters_words_and_bias_are_found() {
    let values = random(10);
    let twice = audited(500, |number, _, _| values[number % 490].clone());
    assert_eq!(kinds(&twice), [("duplicate", 10)]);
    assert_eq!(twice.findings[0].rows[0], 491);
    let counted = audited(500, |number, _, _| format!("{:08}", 10_007 + 3 * number));
    assert!(counted.findings.iter().any(|f| f.kind == "counter" && f.text.ends_with("plus 3")));
    let words =
        audited(500, |number, _, _| if number == 17 { "Passw0rd1".to_owned() } else { values[number].clone() });
    assert_eq!(kinds(&words), [("word", 1)]);
    assert_eq!(words.findings[0].rows, [18]);
    let alphabet: Vec<char> = "0123456789abcdefghijklmnopqrstuvwxyz".chars().collect();
    let mut chance = Chance(99);
    let biased: Vec<String> = (0..20_000)
        .map(|_| (0..10).map(|_| alphabet[(chance.next() >> 40) as usize % 256 % 36]).collect())
        .collect();
    let biased: Vec<&str> = biased.iter().map(String::as_str).collect();
    assert_eq!(shape::bias(&biased).unwrap().kind, "bias");
    let fair: Vec<String> = (0..20_000).map(|_| chance.text("0123456789abcdefghijklmnopqrstuvwxyz", 10)).collect();
    assert_eq!(shape::bias(&fair.iter().map(String::as_str).collect::<Vec<_>>()), None);
}

#[test]
fn no_value_and_no_identifier_is_in_what_is_told() {
    let audit = audited(200, |number, serial, _| format!("{}{number:03}", &serial[5..]));
    let told = format!("{audit:?} {}", serde_json::to_string(&audit).unwrap());
    for number in 0..200 {
        let (serial, mac) = unit(number * 7 + 3);
        assert!(!told.contains(&serial[5..]) && !told.contains(&mac), "row {number}");
    }
}

#[test]
fn tables_of_each_form_are_read_and_broken_ones_name_their_line() {
    let columns = |text: &str, value| read(text.as_bytes(), value).map(|b| (b.identifiers.clone(), b.rows.len()));
    let two = Ok((vec!["serial".to_owned()], 2));
    assert_eq!(columns("serial,Password\nA1,x\nA2,y\n", None), two);
    assert_eq!(columns("\u{feff}serial;pin\r\nA1;1\r\nA2;\"2;3\"\r\n", None), two);
    assert_eq!(columns("serial\tlabel\nA1\tx\nA2\ty\n", Some("label")), two);
    assert_eq!(columns("{\"serial\":\"A1\",\"value\":1}\n\n{\"value\":\"y\",\"serial\":\"A2\"}\n", None), two);
    let error = |text: &str| read(text.as_bytes(), None).unwrap_err().to_string();
    assert!(error("serial,password\nA1,x\nA2,y,z\n").contains("line 3 has 3 fields, and the first line 2"));
    assert!(error("serial,password\nA1,\n").contains("line 2 has no value"));
    assert!(error("serial,mac\nA1,x\n").contains("no column holds the value"));
    assert!(error("{\"value\":\"x\"}\n{\"value\":hunter2}\n").contains("line 2 is no JSON object"));
    assert!(!error("{\"value\":\"x\"}\n{\"value\":hunter2}\n").contains("hunter2"));
    assert!(error("password\n").contains("holds no unit") && error("").contains("no column"));
    assert!(matches!(read(b"password\n\xff", None), Err(BatchError::NotText(9))));
    assert!(error(&format!("password\n{}\n", "x".repeat(5000))).contains("more than 4096 bytes"));
}
